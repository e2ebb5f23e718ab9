import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { type ExportFormat, type Job, paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { asSystem, type Client, send } from "../../../test/harness.js";
import { type JobsBench, jobsBench, lineOf, pretraining, reaches, request, stubOrders } from "../../../test/jobs-bench.js";
import { reference, verifyProvenance } from "../../../test/reference.js";
import { draft, forceState, register, score, versionId } from "../../../test/registry-fixtures.js";

// A pyramid is truly made by jobs, in real processes.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 240_000 });

const FORMATS: readonly ExportFormat[] = ["openlineage", "cyclonedx", "prov", "report", "intoto"];
let bench: JobsBench;
let admin: Client;
let member: Client;
let stranger: Client;
let foundation: string;
let finance: string;
let adapter: string;
let merged: string;
let heldOut: string;
let keyFile: string;

const released = async (job: Job): Promise<string> => {
  const { version } = await reaches(bench.engineer, job.id, "succeeded");
  await forceState(bench.platform, version ?? "", "released");
  return version ?? "";
};

beforeAll(async () => {
  bench = await jobsBench({ slots: 2 });
  const { platform, engineer } = bench;
  await platform.addInstitution("northbank", "Northbank");
  await platform.addInstitution("southbank", "Southbank");
  admin = await platform.addPerson("northbank", "admin@north.example", "institution_admin");
  member = await platform.addPerson("northbank", "member@north.example", "institution_member");
  stranger = await platform.addPerson("southbank", "admin@south.example", "institution_admin");
  const [base, ledger] = [await lineOf(engineer, "foundation", "base"), await lineOf(engineer, "finance", "ledger")];
  foundation = await released(await request(engineer, pretraining(base, await stubOrders(engineer, {}))));
  const corpus = await stubOrders(engineer, {});
  finance = await released(
    await request(engineer, { kind: "pretrain", method: "continued", model: ledger, parent: foundation, datasets: [corpus] }),
  );
  await lineOf(admin, "institution", "cards");
  heldOut = await stubOrders(member, {}, "chat");
  const dialogues = await stubOrders(member, {}, "chat");
  const order = { kind: "tune" as const, method: "lora" as const, model: "northbank/cards", parent: finance, reason: "tune for cards" };
  const job = await request(member, { ...order, datasets: [dialogues], evaluateOn: [heldOut] });
  await admin.post(paths.jobAction(job.id, "approve"), {});
  adapter = (await reaches(member, job.id, "succeeded")).version ?? "";
  const merge = await request(member, { kind: "merge", model: "northbank/cards", parent: adapter });
  merged = (await reaches(member, merge.id, "succeeded")).version ?? "";

  await register(stranger, { tier: "institution", slug: "secret-calls" });
  const theirData = await stubOrders(stranger, {}, "chat");
  const task = await draft(stranger, "southbank/secret-calls", {
    artifactKind: "adapter",
    parents: [{ version: finance, relation: "adapter_of" }],
  });
  await score(platform, finance, theirData, { exactMatch: 0.424242 }, task.body.ref);

  keyFile = join(mkdtempSync(join(tmpdir(), "ziggurat-key-")), "key.pem");
  writeFileSync(keyFile, (await send(platform.url, "GET", paths.signingKey())).text);
});
afterAll(async () => {
  rmSync(join(keyFile, ".."), { recursive: true, force: true });
  await bench.close();
});

const exported = async (client: Client, ref: string, format: ExportFormat) => {
  const answer = await client.get(paths.lineageExport(ref, format));
  if (answer.status !== 200) throw new Error(answer.text);
  return answer;
};

describe("an export", () => {
  it.each(FORMATS)("as %s is the same bytes twice, with a media type and a name to save it under", async (format) => {
    const [one, two] = [await exported(member, merged, format), await exported(member, merged, format)];
    expect(two.text).toBe(one.text);
    expect(one.text.length).toBeGreaterThan(1000);
    expect(one.headers.get("content-disposition")).toMatch(/^attachment; filename="northbank-cards-2\.(?:[a-z.]+jsonl?|report\.md)"$/);
    expect([format, one.headers.get("content-type")]).toEqual([
      format,
      {
        openlineage: "application/json",
        cyclonedx: "application/vnd.cyclonedx+json; version=1.7",
        prov: "application/provenance+json",
        intoto: "application/vnd.in-toto.bundle",
        report: "text/markdown; charset=utf-8; variant=GFM",
      }[format],
    ]);
  });

  it.each(FORMATS.filter((format) => format !== "report"))(
    "as %s has its keys in order, so that other programs can compare it",
    async (format) => {
      const { text } = await exported(member, merged, format);
      for (const line of text.trimEnd().split("\n")) expect(JSON.stringify(JSON.parse(line, inOrder))).toBe(line);
    },
  );

  it("stands in the reader's log once for a quarter of an hour, by its format, and not when it was refused", async () => {
    const noted = () =>
      asSystem<{ object: string; institution_id: string }>(
        bench.platform,
        "select object, institution_id from audit_entries where action = 'lineage.export' and actor_id = $1 and object like $2 order by id",
        [bench.engineer.viewer.userId, `${finance} as %`],
      );
    await bench.engineer.get(paths.lineageExport("northbank/none@1", "prov"));
    for (const format of ["prov", "prov", "report"] as const) await exported(bench.engineer, finance, format);
    const { institutionId } = bench.engineer.viewer;
    expect(await noted()).toEqual(
      ["prov", "report"].map((format) => ({ object: `${finance} as ${format}`, institution_id: institutionId })),
    );
  });

  it("is hidden where the version is, refused for a draft, and known in five formats only", async () => {
    for (const format of FORMATS) {
      expect((await stranger.get(paths.lineageExport(merged, format))).status).toBe(404);
      expect((await stranger.get(paths.lineageExport("northbank/cards@99", format))).status).toBe(404);
    }
    const made = await draft(member, "northbank/cards", {
      artifactKind: "adapter",
      parents: [{ version: finance, relation: "adapter_of" }],
    });
    const refused = await member.get(paths.lineageExport(made.body.ref, "prov"));
    expect([refused.status, refused.body.errors[0].code]).toEqual([422, "not_sealed"]);
    expect((await member.get(paths.lineageExport(merged, "spdx"))).status).toBe(400);
    expect((await member.get(`${paths.lineage(merged)}/export`)).status).toBe(400);
    expect((await member.get(paths.lineageExport(merged, "prov", "zh"))).status).toBe(400);
    expect((await member.get(paths.lineageExport(merged, "report", "fr"))).status).toBe(400);
    expect((await send(bench.platform.url, "GET", paths.lineageExport(merged, "prov"))).status).toBe(401);
  });

  it("tells an institution nothing of another's evaluations, and nothing of the platform's jobs but their names", async () => {
    const jobs = await asSystem<{ id: string; requested_by: string }>(
      bench.platform,
      "select id, requested_by from jobs where tier <> 'institution'",
    );
    const requesters = new Set(jobs.map(({ requested_by }) => requested_by).filter((id) => id.startsWith("usr_")));
    expect(requesters.size).toBe(1);
    for (const format of FORMATS) {
      for (const [client, ref] of [
        [member, merged],
        [stranger, finance],
        [bench.engineer, finance],
        [bench.engineer, merged],
      ] as const) {
        const text = plain((await exported(client, ref, format)).text);
        if (client !== stranger) expect(text).not.toContain("southbank");
        expect(text).not.toContain("0.424242");
        if (client === stranger) expect(text).not.toContain("northbank");
      }
      const text = plain((await exported(member, merged, format)).text);
      for (const requester of requesters) expect(text).not.toContain(requester);
      expect(text).not.toContain("vocabSize");
      expect(plain((await exported(bench.engineer, finance, format)).text)).not.toContain("northbank");
    }
    expect(plain((await exported(bench.engineer, merged, "intoto")).text)).toContain("vocabSize");
  });
});

describe("OpenLineage", () => {
  it("is rebuilt by the reference client's classes without a difference, and taken by our own receiving end from that client", async () => {
    const { text } = await exported(member, merged, "openlineage");
    const events = JSON.parse(text);
    expect(
      events.map(({ eventType, outputs }: { eventType: string; outputs: { name: string }[] }) => [eventType, outputs[0]?.name ?? ""]),
    ).toEqual(
      [foundation, finance, adapter, merged].flatMap((ref) => [
        ["START", ""],
        ["COMPLETE", ref],
      ]),
    );
    const sent = await reference("open_lineage.py", text, [], {
      OPENLINEAGE_URL: bench.platform.url,
      OPENLINEAGE_API_KEY: `${admin.headers.authorization}`.slice("Bearer ".length),
    });
    expect(sent).toMatchObject({ events: 8, differences: [] });
    const { external } = (await member.get(paths.lineage(merged))).body;
    expect(external).toHaveLength(2);
    expect(external.map(({ runId }: { runId: string }) => sent.runs.includes(runId))).toEqual([true, true]);
  });
});

describe("CycloneDX", () => {
  it("validates strictly against the schema 1.7 that the reference library ships, and nests every ancestor", async () => {
    const { text } = await exported(member, merged, "cyclonedx");
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot7);
    expect(await validator.validate(text)).toBeNull();
    expect(await validator.validate(text.replace('"machine-learning-model"', '"machine-learnt-model"'))).not.toBeNull();
    const { metadata, components, dependencies } = JSON.parse(text);
    const chain: string[] = [];
    for (let at = metadata.component; at !== undefined; at = at.pedigree?.ancestors[0]) chain.push(`${at.group}/${at.name}@${at.version}`);
    expect(chain).toEqual([merged, adapter, finance, foundation]);
    expect(components.filter(({ type }: { type: string }) => type === "machine-learning-model")).toHaveLength(3);
    expect(dependencies.find(({ ref }: { ref: string }) => ref.endsWith(`/${adapter}`)).dependsOn).toContain(`hf://localhost/${finance}`);
    const scored = components.find(({ name, version }: { name: string; version: string }) => `northbank/${name}@${version}` === adapter);
    expect(scored.modelCard.quantitativeAnalysis.performanceMetrics).toEqual([{ type: "exact_match", value: "0.5", slice: heldOut }]);
  });
});

describe("in-toto", () => {
  it("holds one signed statement per job, each dependency the subject of another, by the reference implementations", async () => {
    const { text } = await exported(bench.engineer, merged, "intoto");
    const statements = await reference("in_toto.py", text, [keyFile]);
    expect(statements.map(({ predicateType }: { predicateType: string }) => predicateType)).toEqual(
      Array(4).fill("https://slsa.dev/provenance/v1"),
    );
    const digests = new Map(statements.map(({ subject }: { subject: Record<string, string> }) => Object.entries(subject)[0]));
    for (const [child, parent] of [
      [finance, foundation],
      [adapter, finance],
      [merged, adapter],
    ] as const) {
      const statement = statements.find(({ subject }: { subject: Record<string, string> }) => child in subject);
      expect(statement.dependencies[parent]).toBe(digests.get(parent));
      expect(digests.get(parent)).toBe((await bench.engineer.get(paths.version(parent))).body.rootDigest);
    }
    const tuned = statements.find(({ subject }: { subject: Record<string, string> }) => adapter in subject);
    expect(tuned).toMatchObject({
      job: (await member.get(paths.version(adapter))).body.job,
      parameters: { method: "lora", model: "northbank/cards" },
      byproducts: 1,
    });
  });

  it("verifies offline by our command, and not with one byte altered", async () => {
    const { text } = await exported(member, merged, "intoto");
    const file = join(keyFile, "..", "provenance.jsonl");
    writeFileSync(file, text);
    const ran = await verifyProvenance(file, "--key", keyFile);
    expect([ran.code, ran.out]).toEqual([0, expect.stringContaining(`  from ${adapter}, made in this chain`)]);
    expect(ran.out).toContain("VERIFIED: 4 statements");
    const otherKey = join(keyFile, "..", "other.pem");
    writeFileSync(otherKey, generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ type: "spki", format: "pem" }));
    expect(await verifyProvenance(file, "--key", otherKey)).toMatchObject({ code: 1, err: expect.stringContaining("wrong key") });
    const [first = "", ...rest] = text.split("\n");
    const envelope = JSON.parse(first);
    envelope.payload = Buffer.from(Buffer.from(envelope.payload, "base64").toString("utf8").replace("foundation", "f0undation")).toString(
      "base64",
    );
    writeFileSync(file, [JSON.stringify(envelope), ...rest].join("\n"));
    expect(await verifyProvenance(file, "--key", keyFile)).toMatchObject({
      code: 1,
      err: expect.stringContaining("line 1: wrong key or altered"),
    });
  });
});

describe("PROV", () => {
  it("is read by the prov package and comes out of it as it went in", async () => {
    const { text } = await exported(member, merged, "prov");
    const said = await reference("prov_json.py", text);
    expect(said.same).toBe(true);
    expect(said.derivations).toEqual(
      [
        [finance, foundation],
        [adapter, finance],
        [merged, adapter],
      ]
        .map((pair) => pair.map((ref) => `zig:${ref}`))
        .sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)),
    );
    const people = await asSystem<{ id: string }>(bench.platform, "select id from users where email like '%@north.example'");
    expect(said.ProvAgent).toEqual(expect.arrayContaining(people.map(({ id }) => `zig:${id}`)));
    expect(said.ProvEntity).toEqual(expect.arrayContaining([`zig:${merged}`, `zig:datasets/${heldOut}`]));
  });
});

it("to read is a card that the hub's own client understands, in either language", async () => {
  const { text } = await exported(member, merged, "report");
  const { data, title } = await reference("hub_card.py", text);
  expect(title).toBe(`# ${merged} and what it stands on`);
  expect(data).toMatchObject({ base_model: [expect.stringMatching(/^northbank\/cards@1$/)], base_model_relation: "merge" });
  const chinese = await reference("hub_card.py", (await member.get(paths.lineageExport(merged, "report", "zh"))).text);
  expect([chinese.title, chinese.data]).toEqual([`# ${merged} 及其全部来源`, data]);
});

it("of a hand-made chain names no job and has no statement, and still tells the declared derivation", async () => {
  const made = await draft(bench.engineer, "finance/ledger", { parents: [{ version: foundation, relation: "finetuned_from" }] });
  await bench.engineer.post(paths.transitions(made.body.ref), { to: "sealed" });
  const lines = (await exported(bench.engineer, made.body.ref, "intoto")).text.trimEnd().split("\n");
  expect(lines).toHaveLength(1);
  const bom = JSON.parse((await exported(bench.engineer, made.body.ref, "cyclonedx")).text);
  expect(bom.metadata.component.pedigree.notes).toBe(`finetuned_from ${foundation}, declared`);
  expect(await versionId(bench.platform, made.body.ref)).toMatch(/^ver_/);
});

/** The text with the payloads of envelopes laid open. */
function plain(text: string): string {
  return text.replace(/"payload":"([^"]+)"/g, (_, payload: string) => Buffer.from(payload, "base64").toString("utf8"));
}

function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
