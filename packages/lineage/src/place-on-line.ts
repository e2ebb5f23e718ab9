/** A parent's place on its line. `line` is an id; `seq` counts from 1. */
export interface LinePlace {
  readonly line: string;
  readonly seq: number;
}
export interface ParentPlace extends LinePlace {
  /** Last place of the parent's line. */
  readonly tip: number;
  readonly sameModel: boolean;
}

/** `append`: the next place of a parent's line. `start`: a new line, because no parent is the tip of a line of this model. */
export type Placement = { readonly kind: "append"; readonly line: string; readonly seq: number } | { readonly kind: "start" };

/**
 * A line is a run of versions each derived from the one before, inside one model, so that a line has one owner.
 * A version derived from anything but a tip forks off and starts a line of its own; so does the first of every model.
 */
export function placeOnLine(parents: readonly ParentPlace[]): Placement {
  const tip = parents.find(({ sameModel, seq, tip }) => sameModel && seq === tip);
  return tip === undefined ? { kind: "start" } : { kind: "append", line: tip.line, seq: tip.seq + 1 };
}
