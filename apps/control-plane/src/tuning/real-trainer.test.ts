import { type Evaluation, paths, Version } from "@ziggurat/contracts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { pretraining, reaches, request, stopRuns, until } from "../../test/jobs-bench.js";
import { dataset, forceState, register } from "../../test/registry-fixtures.js";

let platform: TestPlatform;
let engineer: Client;

/** The trainer itself, in the environment that the set-up makes: tests come after it, so it is there. */
beforeAll(async () => {
  platform = await startPlatform({ role: "all", env: { ZIGGURAT_LOCAL_SLOTS: "1", ZIGGURAT_JOB_THREADS: "1" } });
  engineer = await platform.addPerson("platform", "engineer@platform.example", "platform_engineer");
});
afterAll(async () => {
  stopRuns(platform.dataDir);
  await platform.close();
});

const sentences = Array.from({ length: 60 }, (_, index) => `The bank pays ${index % 7} percent on account ${index % 11} every year.`);
const lines = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const texts = (from: number, to: number) => lines(sentences.slice(from, to).map((text) => ({ text })));
const chats = (count: number, salt: string) =>
  lines(
    Array.from({ length: count }, (_, index) => ({
      messages: [
        { role: "user", content: `${salt} ${index} pays` },
        { role: "assistant", content: index % 2 === 0 ? "yes" : "no" },
      ],
    })),
  );
const small = { batchSize: 4, sequenceLength: 32, logEverySteps: 1, checkpointEverySteps: 4 };

it("a pyramid of three tiers is truly trained, sealed and scored by the real trainer", async () => {
  await until(async () => (await engineer.get(paths.clusters())).body.data[0]?.healthy, "a healthy cluster", 120);
  await register(engineer, { tier: "foundation", slug: "base" });
  await register(engineer, { tier: "finance", slug: "ledger" });
  const train = await dataset(engineer, "foundation/train", texts(0, 50));
  const heldOut = await dataset(engineer, "foundation/held-out", texts(50, 60));
  const first = pretraining("foundation/base", train, { evaluateOn: [heldOut] });
  const pretrained = await reaches(
    engineer,
    (await request(engineer, { ...first, hyperparameters: { ...first.hyperparameters, ...small } })).id,
    "succeeded",
  );
  expect(pretrained).toMatchObject({ evaluationFailed: false, tokens: expect.any(Number) });
  const base = pretrained.version ?? "";
  const [score]: Evaluation[] = (await engineer.get(`${paths.evaluations()}?filter[version]=${encodeURIComponent(base)}`)).body.data;
  expect(score?.perplexity).toBeGreaterThan(1);
  const { series } = (await engineer.get(paths.jobMetrics(pretrained.id))).body;
  expect(series.map(({ key }: { key: string }) => key)).toContain("loss");
  await forceState(platform, base, "released");

  const continued = await request(engineer, {
    kind: "pretrain",
    method: "continued",
    model: "finance/ledger",
    parent: base,
    datasets: [await dataset(engineer, "finance/corpus", texts(10, 40))],
    hyperparameters: { ...small },
  });
  const finance = (await reaches(engineer, continued.id, "succeeded")).version ?? "";
  await forceState(platform, finance, "released");

  await platform.addInstitution("northbank");
  const admin = await platform.addPerson("northbank", "admin@north.example", "institution_admin");
  const member = await platform.addPerson("northbank", "member@north.example", "institution_member");
  await register(admin, { tier: "institution", slug: "cards" });
  const tune = await request(member, {
    kind: "tune",
    method: "lora",
    model: "northbank/cards",
    parent: finance,
    datasets: [await dataset(member, "northbank/rows", chats(12, "account"), "chat")],
    evaluateOn: [await dataset(member, "northbank/rows-held-out", chats(4, "deposit"), "chat")],
    hyperparameters: { ...small, rank: 2, alpha: 4 },
  });
  await admin.post(paths.jobAction(tune.id, "approve"), {});
  const tuned = await reaches(member, tune.id, "succeeded");
  expect(tuned).toMatchObject({ evaluationFailed: false, evaluationJobs: [expect.any(String), expect.any(String)] });
  const version = Version.parse((await member.get(paths.version(tuned.version ?? ""))).body);
  expect(version).toMatchObject({ artifactKind: "adapter", parents: [{ version: finance, relation: "adapter_of", seal: "sealed" }] });
  const merged = await request(member, { kind: "merge", model: "northbank/cards", parent: version.ref });
  expect((await reaches(member, merged.id, "succeeded")).version).toBe("northbank/cards@2");
}, 300_000);
