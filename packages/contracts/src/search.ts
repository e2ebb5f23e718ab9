import { z } from "zod";
import { Slug } from "./primitives.js";
import { Tier, VersionState } from "./vocabulary.js";

/** What can be found, in the order in which groups are shown. */
export const SEARCH_KINDS = ["model", "version", "dataset", "institution", "person"] as const;
export const SearchKind = z.enum(SEARCH_KINDS);
export type SearchKind = z.infer<typeof SearchKind>;

/** Results of one kind are counted and paged up to here; a wider question is asked more narrowly. */
export const MOST_SEARCH_RESULTS = 10_000;

/** `?q=…`: with a `kind` one page of it, without the first few of each. The language of `q` is read by `parseSearch`. */
export const SearchQuery = z.strictObject({
  q: z.string().trim().min(1).max(200),
  kind: SearchKind.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(2000).optional(),
});
export type SearchQuery = z.infer<typeof SearchQuery>;

/** Where a result has the words: part of a field's text, with the ranges that match, `[start, end)` in UTF-16 units. Never HTML. */
export const SearchMatch = z.strictObject({
  /** `ref`, `name`, `tags`, `licence`, `task`, `notes`, `description`, `email`, or a card's field such as `card.limits`. */
  field: z.string(),
  text: z.string(),
  ranges: z.array(z.tuple([z.number().int(), z.number().int()])),
});
export type SearchMatch = z.infer<typeof SearchMatch>;

export const SearchHit = z.strictObject({
  kind: SearchKind,
  /** `ns/slug`, `ns/slug@n`, an institution's slug, or a person's email address. */
  ref: z.string(),
  title: z.string(),
  /** Slug of the institution it belongs to. */
  owner: Slug,
  tier: Tier.nullable(),
  /** Of a version; of a model, that of its latest version. */
  state: VersionState.nullable(),
  matches: z.array(SearchMatch),
});
export type SearchHit = z.infer<typeof SearchHit>;

/** How many the viewer may see; `isMore` when there are more than are counted. */
export const SearchCount = z.strictObject({ kind: SearchKind, count: z.number().int(), isMore: z.boolean() });
export type SearchCount = z.infer<typeof SearchCount>;

export const SearchAnswer = z.strictObject({
  data: z.array(SearchHit),
  nextCursor: z.string().nullable(),
  /** Of every kind that the viewer may search, whatever `kind` was asked for. */
  counts: z.array(SearchCount),
  /** The query as it was understood: each part as it was written, for chips that can be taken away. */
  parts: z.array(z.strictObject({ text: z.string(), field: z.string().nullable() })),
});
export type SearchAnswer = z.infer<typeof SearchAnswer>;
