import { Injectable } from "@nestjs/common";
import type { ApprovalDoor, Contributor, Violation } from "@ziggurat/contracts";
import { type Actor, type Contribution, checkApprover, isSamePerson } from "@ziggurat/pyramid";
import type { Tx } from "../platform/database/unit-of-work.js";
import { type ContributionRow, ContributionsRepository, type NamedAccount, type WorkKind } from "./contributions.repository.js";

/** What was done towards one thing, and who asks now. */
export interface Work {
  readonly contributions: readonly Contribution[];
  readonly approver: Actor;
  readonly contributors: readonly Contributor[];
}

/** Everything that asks for a second person asks here who that may not be. */
@Injectable()
export class Separation {
  constructor(private readonly rows: ContributionsRepository) {}

  /** By thing. Every id has an answer; one without contributions still says who asks. */
  async of(tx: Tx, kind: WorkKind, ids: readonly string[]): Promise<ReadonlyMap<string, Work>> {
    const rows = await this.rows.of(tx, kind, ids);
    const mine = [tx.viewer.userId, ...(tx.viewer.behind ?? [])];
    const accounts = await this.rows.accounts(tx, [...mine, ...rows.flatMap(({ people }) => people)]);
    const approver = actorOf(mine, accounts);
    return new Map(
      ids.map((id) => {
        const own = rows.filter((row) => row.subject === id);
        const contributions = own.map(({ kind, people }) => ({ kind, by: actorOf(people, accounts) }));
        return [id, { contributions, approver, contributors: contributorsOf(own, accounts, approver) }];
      }),
    );
  }

  /** Why the viewer may not approve this. */
  async check(tx: Tx, door: ApprovalDoor, kind: WorkKind, id: string): Promise<Violation[]> {
    const work = (await this.of(tx, kind, [id])).get(id);
    return work === undefined ? [] : checkApprover(door, work.contributions, work.approver);
  }
}

function actorOf([own = "", ...behind]: readonly string[], accounts: ReadonlyMap<string, NamedAccount>): Actor {
  // An account that nobody knows is the platform itself, or a row of long ago: its id is all there is.
  const account = (id: string) => accounts.get(id) ?? { id, kind: "person" as const, keys: [] };
  return { account: account(own), behind: behind.map(account) };
}

/** By account, in the order of their names. */
function contributorsOf(rows: readonly ContributionRow[], accounts: ReadonlyMap<string, NamedAccount>, viewer: Actor): Contributor[] {
  const byAccount = new Map<string, Contributor>();
  for (const { kind, people } of rows) {
    const [account = ""] = people;
    const known = byAccount.get(account);
    byAccount.set(account, {
      name: accounts.get(account)?.name ?? account,
      contributions: [...new Set([...(known?.contributions ?? []), kind])],
      isViewer: known?.isViewer === true || isSamePerson(actorOf(people, accounts), viewer),
    });
  }
  return [...byAccount.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
