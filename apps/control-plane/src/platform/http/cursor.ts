import { createHmac, timingSafeEqual } from "node:crypto";
import { Injectable } from "@nestjs/common";
import type { Page } from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../database/viewer.js";
import { Refusal } from "../errors/refusal.js";
import { PlatformKeys } from "../keys/platform-keys.js";

const Key = z.array(z.union([z.string(), z.number()]));

declare const isBound: unique symbol;
/** What must be the same on the next page. */
export type Binding = string & { readonly [isBound]: true };

/**
 * Binds a cursor to its list and to the institution that turns its pages: a place in one institution's list says nothing in another's.
 * @param list whatever else must be the same on the next page, e.g. `models?tier=finance`
 */
export function boundTo({ institutionId }: Pick<Viewer, "institutionId">, list: string): Binding {
  return `${list}\n${institutionId}` as Binding;
}

/** Opaque, signed places in a list. A cursor is bound to the list, filters and sort it was made for, and to whom, so it fits nowhere else. */
@Injectable()
export class Cursors {
  constructor(private readonly keys: PlatformKeys) {}

  /**
   * @param key values of the sort columns of the last row answered
   */
  encode(key: readonly (string | number)[], binding: Binding): string {
    const text = Buffer.from(JSON.stringify(key)).toString("base64url");
    return `${text}.${this.sign(text, binding).toString("base64url")}`;
  }

  /**
   * The key that was encoded, or null on the first page.
   * @throws Refusal `invalid` (400) when forged, damaged, or made for another list or filter
   */
  decode(cursor: string | undefined, binding: Binding): (string | number)[] | null {
    if (cursor === undefined) return null;
    const [text = "", signature = ""] = cursor.split(".");
    const given = Buffer.from(signature, "base64url");
    const expected = this.sign(text, binding);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new Refusal("invalid", "The cursor was not made for this list and these filters.", [
        { code: "cursor", detail: "cursor: start again without it" },
      ]);
    }
    return Key.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
  }

  /**
   * One page out of rows read with one more than asked for.
   * @param rows at most `limit + 1`
   * @param keyOf sort columns of a row
   */
  page<T>(rows: readonly T[], limit: number, binding: Binding, keyOf: (row: T) => readonly (string | number)[]): Page<T> {
    const data = rows.slice(0, limit);
    const last = data.at(-1);
    return { data, nextCursor: rows.length > limit && last !== undefined ? this.encode(keyOf(last), binding) : null };
  }

  private sign(text: string, binding: Binding): Buffer {
    return createHmac("sha256", this.keys.cursorKey).update(`${text}\n${binding}`).digest().subarray(0, 18);
  }
}
