import { useEffect, useRef } from "react";
import { readChoice } from "./stored-choice.js";

/** Single keys are silent in fields, with a modifier held, and where the reader switched them off. */
export function isPlainKey(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || readChoice("keys") === "off") return false;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return true;
  return !target.isContentEditable && !["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

/** Runs the action of a plain key while the component is on the page; `escape` names the Esc key. */
export function useKeys(actions: Readonly<Record<string, () => void>>): void {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const action = latest.current[event.key === "Escape" ? "escape" : event.key];
      if (!action || !isPlainKey(event)) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}
