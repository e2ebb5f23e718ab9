import { paths } from "@ziggurat/contracts";
import type { Database } from "../database.js";
import { administrator } from "../platform.js";
import { dataset, draft, sealed, wholeModel } from "./files.js";
import { addPerson, ask, type Person, signIn } from "./people.js";
import { until } from "./until.js";

/** The platform's own people and the tiers that everyone stands on. */
export interface Shared {
  readonly people: readonly Person[];
  readonly admin: Person;
  readonly engineer: Person;
}

export async function seedShared(url: string, database: Database): Promise<Shared> {
  const admin = await signIn(url, administrator.email, administrator.password);
  const engineer = await addPerson(admin, "platform", "engineer", "platform_engineer");
  const reviewer = await addPerson(admin, "platform", "reviewer", "compliance_reviewer");
  const auditor = await addPerson(admin, "platform", "auditor", "auditor");

  await ask(engineer, "POST", paths.models(), {
    namespace: "foundation",
    slug: "atlas",
    tier: "foundation",
    name: "Atlas",
    licence: "MIT",
  });
  await ask(engineer, "POST", paths.models(), { namespace: "finance", slug: "ledger", tier: "finance", name: "Ledger", licence: "MIT" });
  const atlas = await sealed(engineer, "foundation/atlas", wholeModel("atlas"), { artifactKind: "full" });
  await release(database, atlas);
  const ledger = await sealed(engineer, "finance/ledger", wholeModel("ledger"), {
    artifactKind: "full",
    parents: [{ version: atlas, relation: "pretrained_from" }],
  });
  await release(database, ledger);
  await draft(engineer, "finance/ledger", wholeModel("ledger draft"), { artifactKind: "full" });
  await dataset(engineer, "finance/reports", `${JSON.stringify({ text: "A report of the year." })}\n`, "text");
  await ask(engineer, "POST", paths.models(), { namespace: "finance", slug: "vault", tier: "finance", name: "Vault", licence: "MIT" });
  const vault = await sealed(engineer, "finance/vault", wholeModel("vault"), {
    artifactKind: "full",
    parents: [{ version: atlas, relation: "pretrained_from" }],
  });
  await release(database, vault);
  return { people: [admin, engineer, reviewer, auditor], admin, engineer };
}

/** A line of the finance tier that is closed to everybody but one institution, named after its word, a grant of the open one, and a reserved place. */
export async function entitle(database: Database, { admin, engineer }: Shared, slug: string, word: string): Promise<void> {
  const line = closedLineOf(word);
  const namespace = "finance";
  await ask(engineer, "POST", paths.models(), { namespace, slug: line.slice(8), tier: "finance", name: `Line of ${word}`, licence: "MIT" });
  const version = await sealed(engineer, line, wholeModel(`${word} line`), {
    artifactKind: "full",
    parents: [{ version: "foundation/atlas@1", relation: "pretrained_from" }],
  });
  await release(database, version);
  await ask(admin, "PUT", paths.lineAccess(line), { isOpen: false, reason: "seed" });
  const grant = (subject: string) =>
    ask(admin, "POST", paths.entitlements(slug), { subject, rights: ["derive"], maxTaskModels: 3, reason: `contract of ${word}` });
  await grant(line);
  const { id } = await grant("finance/ledger");
  await ask(admin, "POST", paths.entitlementEnd(slug, id), { reason: `${word} is open to all` });
  const held = {
    cluster: "local",
    pool: "places",
    units: 1,
    institution: slug,
    from: "2099-01-01T00:00:00Z",
    until: "2099-02-01T00:00:00Z",
  };
  await ask(admin, "POST", paths.reservations(), { ...held, reason: `held for ${word}` });
}

/** The line that {@link entitle} makes. */
export const closedLineOf = (word: string): string => `finance/${word}-line`;

/** What the platform does to both institutions at once: a recall that reaches both, a clean-up, a collection of garbage, the close of a month. */
export async function reachEveryone({ admin, engineer }: Shared): Promise<void> {
  const { graph } = await ask(engineer, "POST", paths.recallPreview(), { version: "finance/vault@1" });
  const { id } = await ask(engineer, "POST", paths.recalls(), { version: "finance/vault@1", graph, reason: "unsound" });
  await until(async () => (await ask(engineer, "GET", paths.recall(id))).state === "in_force");
  const rule = { tier: "institution", states: ["retired"], ageDays: 0, isEnabled: true, reason: "seed" };
  await ask(admin, "PUT", paths.cleanUpRule("retired-now"), rule);
  const preview = await ask(admin, "POST", paths.cleanUpPreview(), { rule: "retired-now" });
  const cleanUp = await ask(admin, "POST", paths.cleanUps(), { rule: "retired-now", graph: preview.graph, reason: "seed" });
  await until(async () => (await ask(admin, "GET", paths.cleanUp(cleanUp.id))).state === "done");
  const { until: moment } = await ask(admin, "GET", paths.garbage());
  await ask(admin, "POST", paths.garbageCollections(), { until: moment, reason: "seed" });
  await closeLastMonth(admin);
}

/** Splits what the platform spent last month over both, by what neither may learn of the other. */
async function closeLastMonth(admin: Person): Promise<void> {
  await ask(admin, "POST", paths.prices(), { subject: "storage", amount: 7, reason: "seed" });
  const now = new Date();
  const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1)).toISOString().slice(0, 7);
  const { digest } = await ask(admin, "POST", paths.statementPreview(month), { rule: "equal" });
  await ask(admin, "POST", paths.statementClose(month), { rule: "equal", digest, reason: "seed" });
}

/** Releases a version whatever its gates say: the suite is not about gates. */
export async function release(database: Database, ref: string, state = "released"): Promise<void> {
  await database.rows(
    `update versions v set state = $2, released_at = now() from models m
      where m.id = v.model_id and m.namespace || '/' || m.slug || '@' || v.number = $1`,
    [ref, state],
  );
}
