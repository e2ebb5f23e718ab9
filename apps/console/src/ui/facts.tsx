import type { ReactNode } from "react";

/** A description list in two columns. */
export function Facts({ children }: { readonly children: ReactNode }) {
  return <dl className="zg-facts">{children}</dl>;
}

/** A term and its value; one without a value is left out with its term. */
export function Fact({ term, children }: { readonly term: string; readonly children: ReactNode }) {
  if (children === null || children === undefined || children === "") return null;
  return (
    <>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </>
  );
}
