import { z } from "zod";
import { CreateModel, CreateVersion } from "./models.js";
import { ModelRef, VersionRef } from "./primitives.js";
import { Violation } from "./problem.js";

/** A new model, with its first draft where one is given. */
export const NewModelRow = CreateModel.extend({ version: CreateVersion.optional() });
export type NewModelRow = z.infer<typeof NewModelRow>;
/** A draft of a model that is registered already. */
export const NewVersionRow = z.strictObject({ model: ModelRef, version: CreateVersion });
export type NewVersionRow = z.infer<typeof NewVersionRow>;

export const MOST_ROWS = 1_000;

/**
 * Many models and drafts at once. Rows are judged one by one, so a row of the wrong shape is reported like one against the rules: a row
 * with `model` is a {@link NewVersionRow}, any other a {@link NewModelRow}.
 */
export const Register = z.strictObject({
  rows: z.array(z.record(z.string(), z.unknown())).min(1).max(MOST_ROWS),
  /** Judges every row and writes nothing. */
  dryRun: z.boolean().default(false),
  /** Registers the good rows and leaves the bad ones; else one bad row stops all. */
  skipBadRows: z.boolean().default(false),
});
export type Register = z.infer<typeof Register>;
export type RegisterInput = z.input<typeof Register>;

export const ROW_OUTCOMES = ["good", "registered", "refused"] as const;
export const RegisteredRow = z.strictObject({
  /** Place in the request, from 0, as pointers count. */
  row: z.number().int(),
  /** `good`: would be registered. */
  outcome: z.enum(ROW_OUTCOMES),
  /** What the row names, as far as it can be read. */
  model: ModelRef.nullable(),
  /** The draft that was made. */
  version: VersionRef.nullable(),
  violations: z.array(Violation),
});
export type RegisteredRow = z.infer<typeof RegisteredRow>;

export const Registrations = z.strictObject({
  dryRun: z.boolean(),
  good: z.number().int(),
  refused: z.number().int(),
  rows: z.array(RegisteredRow),
});
export type Registrations = z.infer<typeof Registrations>;
