import type { Exit, InstitutionExit, InstitutionExport } from "@ziggurat/contracts";

export const STEP_NAMES = ["started", "exported", "approved", "waiting", "erasing", "erased"] as const;
export type StepName = (typeof STEP_NAMES)[number];

interface Leaving {
  readonly state: InstitutionExit["state"];
  readonly exit: Pick<Exit, "approvedAt"> | null;
  readonly exports: readonly Pick<InstitutionExport, "isCurrent">[];
}

/** The steps of the way out, each behind, under way, or ahead: the first that is not behind is under way once the exit has begun. */
export function stepsOf({ state, exit, exports }: Leaving): { readonly name: StepName; readonly is: "done" | "now" | "ahead" }[] {
  const hasBegun = state !== "active";
  const isApproved = hasBegun && exit?.approvedAt != null;
  const done: Record<StepName, boolean> = {
    started: hasBegun,
    exported: isApproved || exports.some((each) => each.isCurrent),
    approved: isApproved,
    waiting: state === "erasing" || state === "erased",
    erasing: state === "erased",
    erased: state === "erased",
  };
  const now = hasBegun ? STEP_NAMES.find((name) => !done[name]) : undefined;
  return STEP_NAMES.map((name) => ({ name, is: done[name] ? "done" : name === now ? "now" : "ahead" }));
}
