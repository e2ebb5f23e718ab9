import { JOB_STATES } from "@ziggurat/contracts";
import { describe, expect, it } from "vitest";
import { isFinal } from "./job-states.js";
import { type MoveFacts, movesFor } from "./moves-for.js";

const facts = (over: Partial<MoveFacts> = {}): MoveFacts => ({
  state: "queued",
  isOwn: true,
  isApprover: true,
  ownWork: [],
  needsApproval: true,
  isApproved: true,
  hasVersion: false,
  brokeGuard: false,
  hasLiveAttempt: false,
  ...over,
});
const open = (over: Partial<MoveFacts>) =>
  movesFor(facts(over))
    .filter((move) => move.allowed)
    .map((move) => move.action);

describe("moves", () => {
  it("lets an admin other than the requester approve", () => {
    expect(open({ state: "awaiting_approval", isApproved: false })).toEqual(["approve", "cancel"]);
    expect(open({ state: "awaiting_approval", isApproved: false, ownWork: [{ code: "own_request", detail: "you asked for it" }] })).toEqual(
      ["cancel"],
    );
    expect(open({ state: "awaiting_approval", isApproved: false, isApprover: false })).toEqual(["cancel"]);
  });

  it("offers cancel in every state that is not final, and in no other", () => {
    for (const state of JOB_STATES) expect(open({ state }).includes("cancel"), state).toBe(!isFinal(state));
  });

  it("offers nothing to strangers", () => {
    for (const state of JOB_STATES) expect(open({ state, isOwn: false, isApprover: false })).toEqual([]);
  });

  it("lets whoever approves and does no work themselves approve, and nothing else", () => {
    for (const state of JOB_STATES) expect(open({ state, isOwn: false })).toEqual(state === "awaiting_approval" ? ["approve"] : []);
  });

  it("says by code why one's own work is not approved, where one could otherwise", () => {
    const ownWork = [{ code: "own_data", detail: "you brought its rows" }];
    const approval = (over: Partial<MoveFacts>) => movesFor(facts({ ownWork, ...over })).find(({ action }) => action === "approve");
    expect(approval({ state: "awaiting_approval" })).toMatchObject({ allowed: false, codes: ["own_data"], reason: "you brought its rows" });
    expect(approval({ state: "awaiting_approval", isApprover: false })?.codes).toEqual([]);
    expect(approval({ state: "running" })?.codes).toEqual([]);
  });

  it("does not let a retry pass by an approval that was never given", () => {
    expect(open({ state: "cancelled", isApproved: false })).toEqual([]);
    expect(open({ state: "cancelled" })).toEqual(["retry"]);
    expect(open({ state: "failed", needsApproval: false, isApproved: false })).toEqual(["retry"]);
  });

  it("offers no second attempt where there is a result, or while the last one still runs", () => {
    expect(open({ state: "cancelled", hasVersion: true })).toEqual([]);
    expect(open({ state: "failed", hasLiveAttempt: true })).toEqual([]);
    expect(open({ state: "paused", hasLiveAttempt: true })).toEqual(["cancel"]);
    expect(open({ state: "failed", brokeGuard: true })).toEqual([]);
  });

  it("gives a reason with every refusal and none with an offer", () => {
    for (const state of JOB_STATES) for (const move of movesFor(facts({ state }))) expect(move.reason === null).toBe(move.allowed);
  });
});
