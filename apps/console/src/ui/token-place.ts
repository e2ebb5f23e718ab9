import type { Scope, Token } from "@ziggurat/contracts";
import { type ZodType, z } from "zod";

/** What is read of a token that was just made: all else stands in the list. */
export const MadeToken = z.object({ secret: z.string() });

/** Whose tokens they are: where they are kept, and what a new one may be given. */
export interface TokenPlace<T extends Token> {
  readonly item: ZodType<T>;
  readonly list: string;
  readonly one: (id: string) => string;
  readonly rotation: (id: string) => string;
  /** Paths of other lists that show or count them. */
  readonly beside: readonly string[];
  readonly offered: readonly Scope[];
}
