import { ID_PREFIXES, type IdKind } from "@ziggurat/contracts";
import { v7 } from "uuid";

/** The reserved institution that owns the shared tiers. Row-level security policies name it, so it is a constant. */
export const PLATFORM_ID = `ins_${"0".repeat(32)}`;
export const PLATFORM_SLUG = "platform";

/** A new id such as `job_0199…`; uuidv7, so ids sort by time of making. */
export function newId(kind: IdKind): string {
  return `${ID_PREFIXES[kind]}_${v7().replaceAll("-", "")}`;
}

/** The smallest id that a thing made at this moment could have: a bound in time that the primary key serves. */
export function firstIdAt(kind: IdKind, milliseconds: number): string {
  return `${ID_PREFIXES[kind]}_${Math.max(0, Math.floor(milliseconds)).toString(16).padStart(12, "0")}${"0".repeat(20)}`;
}
