import { type RefObject, useEffect, useState } from "react";

/** Whether an element's content is wider than the element. */
export function useOverflows(element: RefObject<HTMLElement | null>): boolean {
  const [doesOverflow, setOverflow] = useState(false);
  useEffect(() => {
    const watched = element.current;
    if (!watched) return;
    const measure = () => setOverflow(watched.scrollWidth > watched.clientWidth + 1);
    const observer = new ResizeObserver(measure);
    observer.observe(watched);
    for (const child of watched.children) observer.observe(child);
    return () => observer.disconnect();
  }, [element]);
  return doesOverflow;
}
