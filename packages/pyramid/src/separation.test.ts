import {
  ADMIN_ROLES,
  APPROVAL_DOORS,
  type ApprovalDoor,
  CONTRIBUTIONS,
  type ContributionKind,
  PLATFORM_ROLES,
  ROLES,
  type Role,
} from "@ziggurat/contracts";
import { describe, expect, it } from "vitest";
import { checkApproval } from "./alias-guard.js";
import { anActor, aViewer } from "./builders.js";
import { holdActionsFor } from "./holds.js";
import { checkMove, type MoveFacts } from "./moves.js";
import { type Account, type Actor, type Contribution, checkApprover, isSamePerson, SEPARATION_CODES } from "./separation.js";
import { testPolicy } from "./test-policy.js";

/** Ways in which one person may act. The same ways are tried for the work and for the word, each with each. */
const person = (name: string, id = name): Account => ({ id: `usr_${id}`, kind: "person", keys: [`address ${name}@bank.example`] });
const robot: Account = { id: "usr_robot", kind: "service", keys: [] };
const stranger = person("cyd");
const CHANNELS: Readonly<Record<string, (name: string) => Actor>> = {
  "their account": (name) => ({ account: person(name), behind: [] }),
  "a service account they answer for": (name) => ({ account: robot, behind: [person(name), stranger] }),
  "a token they made for a service account": (name) => ({ account: { ...robot, id: "usr_other" }, behind: [stranger, person(name)] }),
  "their account at another institution": (name) => ({ account: person(name, `${name}2`), behind: [] }),
  "an account of another address, held open in one browser": (name) => ({
    account: { id: `usr_${name}3`, kind: "person", keys: ["address private@home.example", `address ${name}@bank.example`] },
    behind: [],
  }),
  "a delegate of theirs": (name) => ({ account: person(`delegate of ${name}`), behind: [person(name)] }),
  "a group they belong to": (name) => ({ account: person(name), behind: [] }),
};

/** Every set of roles, the empty one too. */
const ROLE_SETS: readonly (readonly Role[])[] = Array.from({ length: 2 ** ROLES.length }, (_, bits) =>
  ROLES.filter((_role, index) => (bits & (1 << index)) !== 0),
);
const DOORS = Object.keys(APPROVAL_DOORS) as ApprovalDoor[];
const kept = (door: ApprovalDoor, kind: ContributionKind) => (APPROVAL_DOORS[door] as readonly ContributionKind[]).includes(kind);

/** Codes with which each door of this package answers somebody of these roles. */
const ASKS: Partial<Record<ApprovalDoor, (roles: readonly Role[], contributions: readonly Contribution[], approver: Actor) => string[]>> = {
  release: (roles, contributions, approver) =>
    codes(checkMove(testPolicy, aViewer({ roles }), moving("in_review", contributions, approver), "released")),
  restore: (roles, contributions, approver) =>
    codes(checkMove(testPolicy, aViewer({ roles }), moving("quarantined", contributions, approver), "released")),
  alias_change: (roles, contributions, approver) => {
    const facts = { state: "pending" as const, ownWork: checkApprover("alias_change", contributions, approver) };
    return codes(checkApproval(testPolicy, aViewer({ roles }), "northbank", null, facts));
  },
  hold_lift: (roles, contributions, approver) => {
    const hold = { state: "lift_asked" as const, setFor: "northbank", ownWork: checkApprover("hold_lift", contributions, approver) };
    return holdActionsFor(hold, aViewer({ roles })).includes("confirm_lift") ? [] : ["closed"];
  },
};

const codes = (broken: readonly { code: string }[]) => broken.map(({ code }) => code);
const moving = (state: MoveFacts["state"], contributions: readonly Contribution[], approver: Actor): MoveFacts => ({
  state,
  owner: "northbank",
  gates: [],
  approversGiven: 0,
  quarantine: state === "quarantined" ? { takenFrom: "released", isIntactSince: true } : null,
  isPurged: false,
  cardGaps: [],
  unserved: [],
  work: { contributions, approver },
});

describe.each(DOORS)("the door %s", (door) => {
  it("is closed to whoever did anything that counts, by whichever way they did it and whichever way they come", () => {
    for (const kind of CONTRIBUTIONS) {
      for (const worked of Object.values(CHANNELS)) {
        for (const comes of Object.values(CHANNELS)) {
          const own = codes(checkApprover(door, [{ kind, by: worked("ann") }], comes("ann"))).filter((code) => code !== "not_a_person");
          expect([kind, own.length]).toEqual([kind, kept(door, kind) ? 1 : 0]);
        }
      }
    }
  });

  it("is open to another person, whoever else did everything there is to do", () => {
    const everything = CONTRIBUTIONS.flatMap((kind) => Object.values(CHANNELS).map((way) => ({ kind, by: way("ann") })));
    expect(checkApprover(door, everything, anActor("ben"))).toEqual([]);
    expect(checkApprover(door, [], anActor("ann"))).toEqual([]);
  });

  it("is closed to every program, also to one that nobody behind it worked with", () => {
    expect(codes(checkApprover(door, [], { account: robot, behind: [anActor("ben").account] }))).toEqual(["not_a_person"]);
  });
});

describe.each(Object.entries(ASKS))("%s, asked with every set of roles", (name, asks) => {
  it("is never opened by a role to somebody who had a hand in it, an administrator's as little as any other", () => {
    for (const roles of ROLE_SETS) {
      for (const kind of CONTRIBUTIONS.filter((one) => kept(name as ApprovalDoor, one))) {
        for (const worked of Object.values(CHANNELS)) {
          for (const comes of Object.values(CHANNELS)) expect(asks(roles, [{ kind, by: worked("ann") }], comes("ann"))).not.toEqual([]);
        }
      }
    }
  });

  it("is opened to others by their roles alone", () => {
    const work = CONTRIBUTIONS.map((kind) => ({ kind, by: anActor("ann") }));
    const opened = ROLE_SETS.filter((roles) => asks(roles, work, anActor("ben")).length === 0);
    expect(opened).toEqual(ROLE_SETS.filter((roles) => asks(roles, [], anActor("ben")).length === 0));
    expect(opened.length).toBeGreaterThan(0);
    expect(opened.length).toBeLessThan(ROLE_SETS.length);
  });
});

/** Doors at which a version is approved: brought into use, the first time and again. */
const OF_VERSIONS = ["release", "restore"] as const;
const isAdministrator = (role: Role) => ADMIN_ROLES.includes(role);

describe.each(OF_VERSIONS)("%s, asked with every set of roles at every place", (name) => {
  const asks = (institution: string, roles: readonly Role[]) =>
    checkMove(
      { ...testPolicy, withdrawers: ["institution_admin", "platform_engineer", "platform_admin"] },
      aViewer({ institution, roles }),
      moving(name === "release" ? "in_review" : "quarantined", [], anActor("ben")),
      "released",
    ).length === 0;

  it.each(["northbank", "southbank", "platform"])("is opened to nobody of %s by being an administrator", (institution) => {
    for (const roles of ROLE_SETS) {
      const others = roles.filter((role) => !isAdministrator(role));
      expect([roles, asks(institution, roles)]).toEqual([roles, asks(institution, others)]);
    }
    expect(asks(institution, ADMIN_ROLES)).toBe(false);
  });

  it("is opened at home to a reviewer, whatever else they are", () => {
    for (const roles of ROLE_SETS)
      if (roles.includes("compliance_reviewer")) expect([roles, asks("northbank", roles)]).toEqual([roles, true]);
    for (const roles of ROLE_SETS)
      expect(
        asks(
          "southbank",
          roles.filter((role) => !PLATFORM_ROLES.includes(role)),
        ),
      ).toBe(false);
  });
});

it("two people who share nothing are two, and one is one however the question is put", () => {
  const ways = Object.values(CHANNELS);
  for (const one of ways) for (const other of ways) expect(isSamePerson(one("ann"), other("ann"))).toBe(true);
  const alone = [CHANNELS["their account"], CHANNELS["their account at another institution"], CHANNELS["a delegate of theirs"]];
  for (const one of alone) for (const other of alone) expect(one && other && isSamePerson(one("ann"), other("ben"))).toBe(false);
});

it("has a code of its own for every kind of contribution", () => {
  expect(new Set(SEPARATION_CODES).size).toBe(CONTRIBUTIONS.length + 1);
});
