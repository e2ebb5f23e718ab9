import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import "./menu.css";

export interface MenuItem {
  readonly key: string;
  readonly label: string;
  /** Why the item is closed; one with a note cannot be chosen. */
  readonly closed?: string;
  readonly onChoose: () => void;
}
interface MenuProps {
  /** Name of the button, where its content does not say it. */
  readonly label?: string;
  readonly face: ReactNode;
  readonly className: string;
  readonly head?: ReactNode;
  readonly items: readonly MenuItem[];
}

/** A button that opens a list of actions: arrows move, Enter chooses, Esc closes and gives the focus back. */
export function Menu({ label, face, className, head, items }: MenuProps) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    focusItem(root.current, 0);
    const leave = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", leave);
    return () => document.removeEventListener("pointerdown", leave);
  }, [isOpen]);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = itemsIn(root.current).findIndex((item) => item.matches(":focus"));
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown") focusItem(root.current, at + 1);
    else if (event.key === "ArrowUp") focusItem(root.current, at - 1);
    else if (event.key === "Home") focusItem(root.current, 0);
    else if (event.key === "End") focusItem(root.current, -1);
    else if (event.key === "Tab") setOpen(false);
    else return;
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div ref={root} className="zg-menu">
      <button
        ref={button}
        type="button"
        className={className}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        {face}
      </button>
      {isOpen && (
        <div className="zg-menu-list">
          {head && <div className="zg-menu-head">{head}</div>}
          <div id={id} role="menu" aria-label={label} tabIndex={-1} onKeyDown={onKeyDown}>
            {items.map((item) => (
              <button
                key={item.key}
                type="button"
                role="menuitem"
                tabIndex={-1}
                className="zg-menu-item"
                aria-disabled={item.closed !== undefined || undefined}
                onClick={() => {
                  if (item.closed !== undefined) return;
                  close();
                  item.onChoose();
                }}
              >
                {item.label}
                {item.closed && <span className="zg-menu-note">{item.closed}</span>}
              </button>
            ))}
          </div>
        </div>
      )}
    </div>
  );
}

function itemsIn(root: HTMLElement | null): HTMLElement[] {
  return [...(root?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
}

function focusItem(root: HTMLElement | null, at: number): void {
  const items = itemsIn(root);
  items[(at + items.length) % Math.max(1, items.length)]?.focus();
}
