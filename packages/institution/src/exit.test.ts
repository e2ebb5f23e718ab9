import { EXIT_SIDES, INSTITUTION_STATES, ROLES, type Role } from "@ziggurat/contracts";
import { describe, expect, it } from "vitest";
import {
  checkExitAct,
  EXIT_MOVES,
  type ExitPerson,
  erasesAt,
  exitActions,
  exitBlockers,
  exitSide,
  isCurrentExport,
  unwaived,
} from "./exit.js";

const person = (home: string, ...roles: Role[]): ExitPerson => ({ roles, home });
const theirs = person("northbank", "institution_admin");
const ours = person("platform", "platform_admin");
const nothing = { holds: [], jobs: [], imports: [], recalls: [], proposals: [], export: { asOf: new Date(2), changesSince: 0 } };
const opened = (startedSide: (typeof EXIT_SIDES)[number], isApproved = false) => ({
  startedSide,
  notSecond: [],
  isApproved,
});
const codes = (violations: readonly { code: string }[]) => violations.map(({ code }) => code);

describe("the moves", () => {
  it("reach every state, come back from leaving alone, and end in erased", () => {
    const reached = new Set(Object.values(EXIT_MOVES).flat());
    expect(INSTITUTION_STATES.filter((state) => !reached.has(state))).toEqual([]);
    expect(INSTITUTION_STATES.filter((state) => EXIT_MOVES[state].includes("active"))).toEqual(["leaving"]);
    expect(EXIT_MOVES.erased).toEqual([]);
  });
});

describe("what blocks", () => {
  it("is nothing when all is settled and an export is current", () => {
    expect(exitBlockers(nothing)).toEqual([]);
  });

  it("is told all at once, with a few by name", () => {
    const many = ["a", "b", "c", "d", "e", "f"];
    const found = exitBlockers({
      holds: many,
      jobs: ["j"],
      imports: ["i"],
      recalls: ["r"],
      proposals: ["p"],
      export: { asOf: null, changesSince: 0 },
    });
    expect(codes(found)).toEqual(["held", "jobs_running", "imports_running", "recall_in_progress", "proposal_open", "export_missing"]);
    expect(found[0]).toEqual({ code: "held", count: 6, named: ["a", "b", "c", "d", "e"] });
  });

  it("a waiver gets past a missing or old export, and past nothing else", () => {
    const stale = exitBlockers({ ...nothing, holds: ["h"], export: { asOf: new Date(1), changesSince: 1 } });
    expect(codes(stale)).toEqual(["held", "export_stale"]);
    expect(codes(unwaived(stale, true))).toEqual(["held"]);
    expect(codes(unwaived(stale, false))).toEqual(["held", "export_stale"]);
  });

  it("no export is current before it was made", () => {
    expect(isCurrentExport({ asOf: new Date(1), changesSince: 0 })).toBe(true);
    expect(isCurrentExport({ asOf: new Date(1), changesSince: 1 })).toBe(false);
    expect(isCurrentExport({ asOf: null, changesSince: 0 })).toBe(false);
  });
});

describe("who may", () => {
  it("only administrators speak, each for their own side", () => {
    for (const role of ROLES) {
      expect(exitSide(person("northbank", role), "northbank")).toBe(role === "institution_admin" ? "institution" : null);
      expect(exitSide(person("southbank", role), "northbank")).toBeNull();
      expect(exitSide(person("platform", role), "northbank")).toBe(role === "platform_admin" ? "platform" : null);
    }
  });

  it("the side that asked does not approve, whoever of it comes", () => {
    for (const side of EXIT_SIDES) {
      const [same, other] =
        side === "institution"
          ? [person("northbank", "institution_admin", "auditor"), ours]
          : [person("platform", "platform_admin", "auditor"), theirs];
      expect(codes(checkExitAct("approve", same, "northbank", "leaving", opened(side)))).toEqual(["exit_side"]);
      expect(checkExitAct("approve", other, "northbank", "leaving", opened(side))).toEqual([]);
      expect(codes(checkExitAct("approve", other, "northbank", "leaving", opened(side, true)))).toEqual(["exit_state"]);
      const oneself = { ...opened(side), notSecond: [{ code: "same_person", detail: "you proposed it yourself" }] };
      expect(codes(checkExitAct("approve", other, "northbank", "leaving", oneself))).toEqual(["same_person"]);
      expect(exitActions(other, "northbank", "leaving", oneself)).not.toContain("approve");
    }
  });

  it("either side cancels until the erasure begins, and nobody after", () => {
    for (const each of [theirs, ours]) {
      expect(checkExitAct("cancel", each, "northbank", "leaving", opened("institution", true))).toEqual([]);
      expect(codes(checkExitAct("cancel", each, "northbank", "erasing", opened("institution", true)))).toEqual(["exit_state"]);
    }
  });

  it("the platform takes no export along and never leaves", () => {
    expect(codes(checkExitAct("export", ours, "northbank", "active", null))).toEqual(["exit_role"]);
    expect(checkExitAct("export", theirs, "northbank", "leaving", opened("platform"))).toEqual([]);
    expect(codes(checkExitAct("start", ours, "platform", "active", null))).toEqual(["exit_home"]);
    expect(exitActions(ours, "platform", "active", null)).toEqual([]);
  });

  it("nothing begins twice", () => {
    expect(codes(checkExitAct("start", theirs, "northbank", "leaving", opened("platform")))).toEqual(["exit_state"]);
  });
});

it("the cooling-off time is counted from the approval", () => {
  expect(erasesAt(new Date("2026-01-01T00:00:00Z"), 30).toISOString()).toBe("2026-01-31T00:00:00.000Z");
  expect(erasesAt(new Date(5), 0)).toEqual(new Date(5));
});
