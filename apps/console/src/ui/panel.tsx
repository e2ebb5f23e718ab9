import { type ReactNode, useId } from "react";

interface PanelProps {
  readonly title: ReactNode;
  readonly actions?: ReactNode;
  readonly flush?: boolean;
  readonly children: ReactNode;
}

/** A bordered section with its heading. */
export function Panel({ title, actions, flush = false, children }: PanelProps) {
  const id = useId();
  return (
    <section className="zg-panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {actions}
      </header>
      <div className="zg-panel-body" data-flush={flush || undefined}>
        {children}
      </div>
    </section>
  );
}
