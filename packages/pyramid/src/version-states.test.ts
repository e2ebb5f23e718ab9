import { type Role, VERSION_STATES, type VersionState } from "@ziggurat/contracts";
import { describe, expect, it } from "vitest";
import { anActor, aViewer, gateFacts } from "./builders.js";
import { ancestryStands } from "./gates.js";
import { checkMove, movesFor } from "./moves.js";
import { testPolicy } from "./test-policy.js";
import { LIVE_STATES, VERSION_MOVES } from "./version-states.js";

describe("the table of version states", () => {
  it("reaches every state from draft", () => {
    const reached = new Set<VersionState>(["draft"]);
    for (const state of reached) for (const next of VERSION_MOVES[state]) reached.add(next);
    expect([...reached].sort()).toEqual([...VERSION_STATES].sort());
  });

  it("never leads back to draft, so that what was sealed stays sealed", () => {
    expect(Object.values(VERSION_MOVES).flat()).not.toContain("draft");
  });

  it("lets every live version be quarantined and recalled", () => {
    for (const state of LIVE_STATES) expect(VERSION_MOVES[state]).toEqual(expect.arrayContaining(["quarantined", "recalled"]));
  });
});

describe("moves", () => {
  const passed = ancestryStands.check(gateFacts());
  const open = { ...passed, verdict: "missing" as const };
  const work = { contributions: [], approver: anActor("ann") };
  const reviewer = aViewer({ roles: ["compliance_reviewer"] });
  const version = {
    owner: "northbank",
    gates: [passed],
    approversGiven: 0,
    quarantine: null,
    isPurged: false,
    cardGaps: [],
    unserved: [],
    work,
  };

  it("names the moves that are open when an illegal one is asked for", () => {
    const [violation] = checkMove(testPolicy, aViewer(), { ...version, state: "draft" }, "released");
    expect(violation).toMatchObject({ code: "state", detail: "from draft a version moves to sealed, not to released" });
  });

  it("opens the release only when every gate has passed", () => {
    const inReview = { ...version, state: "in_review" as const };
    expect(checkMove(testPolicy, reviewer, inReview, "released")).toEqual([]);
    expect(checkMove(testPolicy, reviewer, { ...inReview, gates: [passed, open] }, "released")).toMatchObject([{ code: "gate_missing" }]);
  });

  it("releases nothing that stands on a line which may not be served", () => {
    const unserved = ["finance/base@3"];
    expect(checkMove(testPolicy, reviewer, { ...version, state: "in_review", unserved }, "released")).toMatchObject([
      { code: "not_entitled", detail: expect.stringContaining("finance/base@3") },
    ]);
    expect(checkMove(testPolicy, aViewer(), { ...version, state: "released", unserved }, "deprecated")).toEqual([]);
  });

  it("asks for the approvers the policy wants", () => {
    const strict = { ...testPolicy, approvers: 2 };
    expect(checkMove(strict, reviewer, { ...version, state: "in_review", approversGiven: 1 }, "released")).toMatchObject([
      { code: "approvers" },
    ]);
  });

  it("tells a member which role a release needs", () => {
    const moves = movesFor(testPolicy, aViewer({ roles: ["institution_member"] }), { ...version, state: "in_review" });
    expect(moves.filter(({ allowed }) => allowed).map(({ to }) => to)).toEqual(["sealed"]);
    expect(moves.find(({ to }) => to === "released")?.reasons).toEqual(["needs one of the roles compliance_reviewer at northbank"]);
  });

  it("tells an administrator that being one releases nothing, and opens the release to one who is a reviewer as well", () => {
    const inReview = { ...version, state: "in_review" as const };
    expect(checkMove(testPolicy, aViewer(), inReview, "released")).toMatchObject([{ code: "role" }]);
    expect(checkMove(testPolicy, aViewer({ roles: ["institution_admin", "compliance_reviewer"] }), inReview, "released")).toEqual([]);
    const elsewhere = aViewer({ institution: "platform", roles: ["platform_admin", "compliance_reviewer"] });
    expect(checkMove(testPolicy, elsewhere, inReview, "released")).toMatchObject([{ code: "role" }]);
    for (const to of ["deprecated", "quarantined"] as const)
      expect(checkMove(testPolicy, aViewer(), { ...version, state: "released" }, to)).toEqual([]);
  });

  it("submits nothing whose card has gaps, and does not ask for a card afterwards", () => {
    const gaps = { ...version, cardGaps: ["limits" as const, "contact" as const] };
    expect(checkMove(testPolicy, aViewer(), { ...gaps, state: "sealed" }, "in_review").map(({ code, pointer }) => [code, pointer])).toEqual(
      [
        ["card_incomplete", "/card/limits"],
        ["card_incomplete", "/card/contact"],
      ],
    );
    expect(checkMove({ ...testPolicy, requiresCard: false }, aViewer(), { ...gaps, state: "sealed" }, "in_review")).toEqual([]);
    expect(checkMove(testPolicy, reviewer, { ...gaps, state: "in_review" }, "released")).toEqual([]);
    const back = { ...gaps, state: "quarantined" as const, quarantine: { takenFrom: "in_review" as const, isIntactSince: true } };
    expect(checkMove(testPolicy, aViewer(), back, "in_review")).toEqual([]);
  });

  it("lets the platform withdraw an institution's version but not release it", () => {
    const platform = aViewer({ institution: "platform", roles: ["platform_admin"] });
    const allowed = movesFor(testPolicy, platform, { ...version, state: "in_review" }).filter((move) => move.allowed);
    expect(allowed.map(({ to }) => to)).toEqual(["quarantined", "recalled"]);
  });

  it("lets nobody of another institution move anything", () => {
    const stranger = aViewer({ institution: "southbank", roles: ["institution_admin", "institution_member"] });
    for (const state of VERSION_STATES)
      expect(movesFor(testPolicy, stranger, { ...version, state }).every((move) => !move.allowed)).toBe(true);
  });

  it("leads what was purged nowhere but under a recall", () => {
    for (const state of VERSION_STATES) {
      const open = movesFor(testPolicy, aViewer(), { ...version, state, isPurged: true }).map(({ to }) => to);
      expect(open.filter((to) => to !== "recalled")).toEqual([]);
    }
  });

  describe("out of a quarantine", () => {
    const quarantine = { takenFrom: "released" as const, isIntactSince: true };
    const held = { ...version, state: "quarantined" as const, quarantine };

    it("lead back to where the version was taken from and nowhere else", () => {
      expect(movesFor(testPolicy, aViewer(), held).map(({ to }) => to)).toEqual(["released", "recalled"]);
      expect(checkMove(testPolicy, aViewer(), held, "sealed")).toMatchObject([{ code: "state" }]);
      expect(checkMove(testPolicy, reviewer, held, "released")).toEqual([]);
    });

    it("wait until the stored bytes have been read and are sound", () => {
      const unread = { ...held, quarantine: { ...quarantine, isIntactSince: false } };
      expect(checkMove(testPolicy, reviewer, unread, "released")).toMatchObject([{ code: "not_verified" }]);
      expect(checkMove(testPolicy, aViewer(), unread, "recalled")).toEqual([]);
    });

    it("are for those who may withdraw, not for those who may only contribute", () => {
      const member = aViewer({ roles: ["institution_member"] });
      const sealed = { ...held, quarantine: { ...quarantine, takenFrom: "sealed" as const } };
      expect(checkMove(testPolicy, member, sealed, "sealed")).toMatchObject([{ code: "role" }]);
      // What was in no use goes back by whoever withdraws; nothing is approved by it.
      expect(checkMove(testPolicy, aViewer(), sealed, "sealed")).toEqual([]);
      expect(
        checkMove(testPolicy, aViewer(), { ...held, quarantine: { ...quarantine, takenFrom: "in_review" as const } }, "in_review"),
      ).toEqual([]);
    });

    it("back into use are an approval: a reviewer's at home or an engineer's, and never an administrator's by being one", () => {
      const policy = { ...testPolicy, withdrawers: ["institution_admin", "platform_engineer", "platform_admin"] as const };
      const asks = (institution: string, ...roles: Role[]) =>
        checkMove(policy, aViewer({ institution, roles }), held, "released").map(({ code }) => code);
      expect(asks("northbank", "institution_admin")).toEqual(["role"]);
      expect(asks("platform", "platform_admin")).toEqual(["role"]);
      expect(asks("platform", "compliance_reviewer")).toEqual(["role"]);
      expect(asks("northbank", "compliance_reviewer")).toEqual([]);
      expect(asks("platform", "platform_engineer")).toEqual([]);
      expect(asks("platform", "platform_admin", "platform_engineer")).toEqual([]);
      const deprecated = { ...held, quarantine: { ...quarantine, takenFrom: "deprecated" as const } };
      expect(checkMove(policy, aViewer(), deprecated, "deprecated")).toMatchObject([{ code: "role" }]);
    });
  });
});
