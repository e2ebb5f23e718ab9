import { FATES } from "../table-fates.js";

/** One step of an erasure, done in batches until nothing is left of it. */
export type Step =
  | { readonly kind: "note_files" | "folders" | "versions" | "datasets" | "forget_files" | "remove_files" | "redact" }
  | { readonly kind: "delete"; readonly table: string; readonly order: string | null }
  | { readonly kind: "blank"; readonly table: string; readonly set: Readonly<Record<string, string>> };

const deletes: Step[] = Object.entries(FATES).flatMap(([table, { erased }]) =>
  erased.how === "delete" ? [{ kind: "delete", table, order: erased.order ?? null }] : [],
);
const blanks: Step[] = Object.entries(FATES).flatMap(([table, { erased }]) =>
  erased.how === "blank" ? [{ kind: "blank", table, set: erased.set }] : [],
);

/**
 * The steps, in order. What was held is noted before what refers to it goes; versions get their tombstones before they lose their words; bytes go
 * when no row refers to them; the log is last, since all before may still write to it.
 */
export const STEPS: readonly Step[] = [
  { kind: "note_files" },
  { kind: "folders" },
  ...deletes,
  { kind: "versions" },
  { kind: "datasets" },
  ...blanks,
  { kind: "forget_files" },
  { kind: "remove_files" },
  { kind: "redact" },
];
