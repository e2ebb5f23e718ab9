import { type InstitutionExit, type InstitutionExport, paths } from "@ziggurat/contracts";
import { newId } from "../src/platform/database/ids.js";
import { rowsOfEveryKind } from "./exit-rows.js";
import { type Answer, asSystem, type Client, type TestPlatform } from "./harness.js";
import { until } from "./jobs-bench.js";
import { aPyramid, dataset, register, released, score, sealed, upload, versionId } from "./registry-fixtures.js";

/** Words that stand in texts, rows and names of northbank and nowhere else. */
export const WORD = "kestrel";

/** A pyramid in which northbank has something of most kinds, and southbank something of its own beside it. */
export async function aLeaver(platform: TestPlatform) {
  const people = await aPyramid(platform);
  const { admin, stranger, finance } = people;
  const reviewer = await platform.addPerson("northbank", `${WORD}@north.example`, "compliance_reviewer");
  const adapter = { artifactKind: "adapter", parents: [{ version: finance, relation: "adapter_of" }] };
  await change(admin, "northbank/cards", { card: { purpose: `purpose of ${WORD}` }, tags: [WORD] });
  const first = await released(platform, admin, "northbank/cards", adapter);
  const second = await sealed(admin, "northbank/cards", adapter);
  const data = await dataset(admin, "northbank/calls", `{"text":"a row of ${WORD}"}\n`);
  await score(platform, first, data, { exactMatch: 0.5 });
  await asSystem(
    platform,
    `insert into aliases (model_id, name, institution_id, version_id, moved_by, reason)
     select model_id, 'live', institution_id, id, $2, 'moved' from versions where id = $1`,
    [await versionId(platform, first), WORD],
  );
  await asSystem(
    platform,
    `insert into job_events (job_id, seq, institution_id, at, type, data, log_line)
     select id, 1, institution_id, now(), 'log', $1, 1 from jobs where institution_id = $2`,
    [JSON.stringify({ line: `a log of ${WORD}` }), admin.viewer.institutionId],
  );
  await asSystem(platform, "update jobs set finished_at = now() where finished_at is null");
  const { body: hold } = await reviewer.post(paths.holds(), { version: second, reason: `case of ${WORD}` });
  await reviewer.post(paths.holdLift(hold.id), { reason: "closed" });
  await admin.post(paths.holdLiftConfirm(hold.id), {});
  await asSystem(
    platform,
    "insert into notices (id, institution_id, kind, subject, reason, versions) values ($1, $2, 'support_end', $3, $4, 1)",
    [newId("notice"), admin.viewer.institutionId, finance, `notice to ${WORD}`],
  );
  await asSystem(
    platform,
    "insert into entitlements (id, institution_id, model_id, subject, tier, rights, starts_at, reason, granted_by) select $1, $2, id, 'finance/ledger', tier, '{see}', now(), $3, 'us' from models where namespace = 'finance'",
    [newId("entitlement"), admin.viewer.institutionId, `contract with ${WORD}`],
  );
  const loose = await upload(admin, `loose bytes of ${WORD}`);
  // Both have the very same bytes: they stay for whoever is left.
  const common = await upload(admin, "bytes that both have");
  await upload(stranger, "bytes that both have");
  await register(stranger, { tier: "institution", slug: "loans" });
  const theirs = await released(platform, stranger, "southbank/loans", adapter);
  await rowsOfEveryKind(platform, { admin, member: people.member, stranger, word: WORD });
  return { ...people, reviewer, first, second, data, loose, common, theirs };
}

/** Changes a model, as who just read it. */
export async function change(client: Client, model: string, body: object): Promise<Answer> {
  const etag = (await client.get(paths.model(model))).headers.get("etag") ?? "";
  return client.patch(paths.model(model), body, { "if-match": etag });
}

export const state = async (client: Client, slug = "northbank"): Promise<InstitutionExit> => (await client.get(paths.exit(slug))).body;

export const codes = (answer: Answer): string[] => (answer.body.errors ?? []).map(({ code }: { code: string }) => code);

/** Begins an exit with what the preview says now. */
export async function start(client: Client, slug = "northbank", more: object = {}): Promise<Answer> {
  const { mark = "0".repeat(64) } = (await client.post(paths.exitAct(slug, "preview"))).body;
  return client.post(paths.exitAct(slug, "start"), { confirm: slug, mark, reason: "the contract ends", ...more });
}

/** Asks for an export and waits until it is there. */
export async function exported(client: Client, slug = "northbank"): Promise<InstitutionExport> {
  const asked = await client.post(paths.exitExports(slug));
  if (asked.status !== 202) throw new Error(asked.text);
  return until(async () => {
    const { body } = await client.get(paths.exitExport(slug, asked.body.id));
    if (body.state === "failed") throw new Error(body.detail);
    return body.state === "done" && body;
  }, "the export");
}

export async function download(client: Client, id: string, slug = "northbank"): Promise<Buffer> {
  const answer = await fetch(client.url + paths.exitExportArchive(slug, id), { headers: client.headers });
  if (answer.status !== 200) throw new Error(await answer.text());
  return Buffer.from(await answer.arrayBuffer());
}
