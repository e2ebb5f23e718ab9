import { z } from "zod";
import { VersionRef } from "./primitives.js";

/** `?versions=ns/slug@1,ns/slug@2`: two to five versions, each once, in the order of the columns. */
export const CompareQuery = z.strictObject({
  versions: z
    .string()
    .transform((text) => text.split(","))
    .pipe(
      z
        .array(VersionRef)
        .min(2, "name two versions at least, separated by commas")
        .max(5, "five versions at most")
        .refine((refs) => new Set(refs).size === refs.length, "each version once"),
    ),
});
export type CompareQuery = z.infer<typeof CompareQuery>;

export const COMPARISON_GROUPS = ["metrics", "gates", "recipe", "data", "origin", "terms", "size", "cost", "lifecycle"] as const;
export const ComparisonGroup = z.enum(COMPARISON_GROUPS);
export type ComparisonGroup = z.infer<typeof ComparisonGroup>;

/** Null: this version has none, or the viewer may not see it. */
export const ComparedValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]);
export type ComparedValue = z.infer<typeof ComparedValue>;

export const ComparisonRow = z.strictObject({
  group: ComparisonGroup,
  /** What is compared, such as `exactMatch` or `learningRate`. */
  field: z.string(),
  /** On what it was measured: a dataset version. */
  on: VersionRef.nullable(),
  /** In the order of the versions. */
  values: z.array(ComparedValue),
  differs: z.boolean(),
});
export type ComparisonRow = z.infer<typeof ComparisonRow>;

/** Versions side by side: the rows in which they differ, then those in which they agree. */
export const Comparison = z.strictObject({ versions: z.array(VersionRef), rows: z.array(ComparisonRow) });
export type Comparison = z.infer<typeof Comparison>;
