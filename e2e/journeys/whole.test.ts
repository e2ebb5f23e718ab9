import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Api, ensureModel, releaseVersion } from "@ziggurat/client";
import {
  AuditEntry,
  AuditVerification,
  EXPORT_FORMATS,
  Import,
  Job,
  pageOf,
  paths,
  Recall,
  Verification,
  Version,
  VersionFile,
} from "@ziggurat/contracts";
import { beforeAll, describe, expect, it } from "vitest";
import { openAs, useBrowser } from "../support/browser.js";
import { asIntruder } from "../support/database.js";
import { inject } from "../support/here.js";
import { versionPage } from "../support/routes.js";
import { finished, signIn, TUNE, train } from "../support/seed.js";

useBrowser();

const [base, industry, task, adapter] = ["foundation/taken-in@1", "finance/on-it@1", "northbank/on-it@1", "northbank/adapter@1"] as const;
let engineer: Api;
let admin: Api;
let reviewer: Api;
let bank: Api;
let member: Api;
beforeAll(async () => {
  engineer = await signIn(inject("url"), "engineer");
  admin = await signIn(inject("url"), "admin");
  reviewer = await signIn(inject("url"), "reviewer");
  bank = await signIn(inject("url"), "northbankAdmin");
  member = await signIn(inject("url"), "northbankMember");
});

it("imports a checkpoint, derives the industry's and an institution's model from it, and takes an adapter in beside them", async () => {
  const seed = inject("seed");
  await ensureModel(engineer, { namespace: "foundation", slug: "taken-in", tier: "foundation", name: "Taken in", licence: "Apache-2.0" });
  const folder = await saveTo("base", engineer, seed.foundation);
  const page = await openAs("engineer", "/models/foundation/taken-in/v/import");
  await page.getByRole("radio", { name: "Folder" }).check({ force: true });
  await page.getByRole("textbox", { name: "Folder" }).fill(folder);
  await page.getByLabel("Seal when done").check();
  await page.getByRole("button", { name: "Begin import" }).click();
  await page.getByRole("link", { name: "Open version" }).waitFor();
  expect(await stateOf(engineer, base)).toBe("sealed");
  expect(await digestOf(engineer, base)).toBe(await digestOf(engineer, seed.foundation));

  const held = ["foundation/general-held@1", "finance/finance-held@1"];
  await evaluated(engineer, base, held);
  await releaseVersion(engineer, reviewer, base, "measured");
  await ensureModel(engineer, { namespace: "finance", slug: "on-it", tier: "finance", name: "On it" });
  const learnt = { epochs: 2, batchSize: 16, sequenceLength: 64, learningRate: 0.003 };
  const datasets = ["finance/finance-text@1", seed.generalText];
  await train(engineer, {
    kind: "pretrain",
    model: "finance/on-it",
    parent: base,
    method: "continued",
    datasets,
    evaluateOn: held,
    hyperparameters: learnt,
  });
  await releaseVersion(engineer, reviewer, industry, "better on finance");

  await ensureModel(bank, { namespace: "northbank", slug: "on-it", tier: "institution", name: "On it", scenario: "customer_service" });
  const tune = {
    kind: "tune" as const,
    model: "northbank/on-it",
    parent: industry,
    datasets: [seed.intents],
    evaluateOn: [seed.heldIntents],
  };
  await train(member, { ...tune, method: "lora", hyperparameters: { ...TUNE, rank: 8, alpha: 16 } }, bank);
  await releaseVersion(member, bank, task, "better than its base");

  await ensureModel(bank, { namespace: "northbank", slug: "adapter", tier: "institution", name: "Adapter", scenario: "risk" });
  await imported(bank, {
    model: "northbank/adapter",
    source: { kind: "directory", path: await saveTo("northbank/adapter", bank, task) },
    artifactKind: "adapter",
    parents: [{ version: industry, relation: "adapter_of" }],
    seal: true,
  });
  expect((await bank.get(Version, paths.version(adapter))).parents).toMatchObject([{ version: industry, seal: "declared" }]);
  for (const format of Object.keys(EXPORT_FORMATS)) {
    const answer = await bank.send({ method: "GET", path: paths.lineageExport(adapter, format).split("?")[0] ?? "", query: { format } });
    const text = await answer.text();
    // Envelopes of in-toto hold their statements in base64.
    const said =
      format === "intoto"
        ? text
            .split("\n")
            .map((line) => line && atob(JSON.parse(line).payload))
            .join()
        : text;
    expect([format, said.includes("foundation/taken-in"), said.includes("finance/on-it")]).toEqual([format, true, true]);
  }
}, 240_000);

it("recalls the foundation with everything that stands on it, and lifts that again", async () => {
  const page = await openAs("engineer", versionPage(base));
  await page.getByRole("button", { name: "Move on" }).click();
  await page.getByRole("menuitem", { name: /^Recall/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(`Recalling ${base} takes 4 versions out of use.`).waitFor();
  await dialog.getByLabel(`Type ${base} to confirm`).fill(base);
  await dialog.getByLabel(/^Reason/).fill("its licence was not the maker's to give");
  await dialog.getByRole("button", { name: "Recall" }).click();
  await page.getByText("in force", { exact: true }).waitFor({ timeout: 15_000 });
  expect(await states()).toEqual(["recalled", "recalled", "recalled", "recalled"]);
  expect(await stateOf(engineer, inject("seed").foundation)).toBe("released");
  const refused = await bank.send({ method: "GET", path: paths.versionFile(task, "adapter_config.json") }).catch((error) => error);
  expect(refused).toMatchObject({ problem: { code: "rule" } });

  const { data } = await engineer.get(pageOf(Recall), paths.recalls());
  const recall = data.find(({ subject }) => subject.ref === base);
  await reviewer.post(Recall, paths.recallLift(recall?.id ?? ""), { reason: "the maker confirmed it" });
  await expect.poll(states, { timeout: 15_000 }).toEqual(["released", "released", "released", "sealed"]);
}, 60_000);

describe("verification names what was altered behind the platform's back:", () => {
  it("a byte of a stored file", async () => {
    const [file] = (await bank.get(pageOf(VersionFile), paths.versionFiles(adapter))).data.filter(({ kind }) => kind === "adapter");
    const { path: name, sha256 } = file ?? { path: "", sha256: "" };
    const stored = join(inject("dataDir"), "blobs", sha256.slice(0, 2), sha256.slice(2, 4), sha256);
    const bytes = readFileSync(stored);
    const flipped = Buffer.from(bytes);
    flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
    writeFileSync(stored, flipped);
    try {
      expect(await verified(bank, adapter)).toMatchObject({ state: "damaged", firstBad: { path: name, problem: "digest" } });
      // The released adapter has the very same bytes.
      expect([await stateOf(bank, adapter), await stateOf(bank, task)]).toEqual(["quarantined", "quarantined"]);
    } finally {
      writeFileSync(stored, bytes);
    }
    for (const [ref, to] of [
      [adapter, "sealed"],
      [task, "released"],
    ] as const) {
      expect((await verified(bank, ref)).state).toBe("intact");
      await bank.post(Version, paths.transitions(ref), { to, reason: "the bytes are back" });
    }
  });

  it("a row of the lineage", async () => {
    const move = (from: string, onto: string) =>
      asIntruder(
        inject("dataDir"),
        `update edges set parent_id = ${idOf("$1")} where child_id = ${idOf("$3")} and parent_id = ${idOf("$2")} returning child_id`,
        [onto, from, adapter],
      );
    expect(await move(industry, inject("seed").finance)).toHaveLength(1);
    try {
      const { state, altered } = await verified(bank, adapter);
      expect(state).toBe("damaged");
      expect(JSON.stringify(altered)).toContain(industry);
    } finally {
      await move(inject("seed").finance, industry);
    }
    expect((await verified(bank, adapter)).state).toBe("intact");
  });

  it("an entry of the audit log", async () => {
    const alter = (from: string, into: string) =>
      asIntruder(
        inject("dataDir"),
        "update audit_entries set reason = $2 where object = $3 and reason = $1 and action = 'version.release' returning id",
        [from, into, task],
      );
    const verdict = () => admin.get(AuditVerification, paths.auditVerify());
    await expect.poll(async () => (await verdict()).ok, { timeout: 15_000 }).toBe(true);
    const { data } = await bank.get(pageOf(AuditEntry), paths.audit(), { "filter[object]": task });
    const sequence = data.find(({ action }) => action === "version.release")?.sequence;
    expect(await alter("better than its base", "better than anything")).toHaveLength(1);
    try {
      const { chains } = await verdict();
      expect(chains.filter(({ ok }) => !ok)).toMatchObject([{ chain: "northbank", firstBad: { sequence, problem: "altered" } }]);
    } finally {
      await alter("better than anything", "better than its base");
    }
    expect((await verdict()).ok).toBe(true);
  });
});

const idOf = (ref: string) => `(select v.id from versions v join models m on m.id = v.model_id
  where m.namespace || '/' || m.slug || '@' || v.number = ${ref})`;
const stateOf = async (api: Api, ref: string) => (await api.get(Version, paths.version(ref))).state;
const digestOf = async (api: Api, ref: string) => (await api.get(Version, paths.version(ref))).rootDigest;
const states = () => Promise.all([stateOf(engineer, base), stateOf(engineer, industry), stateOf(bank, task), stateOf(bank, adapter)]);

/** A version's files as a folder below one that the platform may read. */
async function saveTo(name: string, api: Api, ref: string): Promise<string> {
  const folder = join(inject("importRoot"), name);
  for await (const { path } of api.all(pageOf(VersionFile), paths.versionFiles(ref))) {
    const answer = await api.send({ method: "GET", path: paths.versionFile(ref, path) });
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), Buffer.from(await answer.arrayBuffer()));
  }
  return folder;
}

async function imported(api: Api, request: object): Promise<void> {
  const { id } = await api.post(Import, paths.imports(), request);
  await expect.poll(async () => (await api.get(Import, paths.import(id))).state, { timeout: 30_000 }).toBe("done");
}

async function evaluated(api: Api, parent: string, datasets: readonly string[]): Promise<void> {
  const job = await api.post(Job, paths.jobs(), { kind: "evaluate", model: parent.split("@")[0], parent, datasets });
  await finished(api, job.id);
}

/** Asks for a verification and waits for its end. */
async function verified(api: Api, ref: string): Promise<Verification> {
  const { id } = await api.post(Verification, paths.verifications(ref), {});
  for (;;) {
    const { data } = await api.get(pageOf(Verification), paths.verifications(ref));
    const found = data.find((one) => one.id === id);
    if (found !== undefined && !["queued", "running"].includes(found.state)) return found;
    await delay(100);
  }
}
