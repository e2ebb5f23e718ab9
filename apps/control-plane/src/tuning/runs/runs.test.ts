import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aCluster, aManifest, type HandRun, logLine, metric, state, takeInHand } from "../../../test/hand-run.js";
import { asSystem, send } from "../../../test/harness.js";
import { type JobsBench, jobOf, jobsBench, pretraining, request } from "../../../test/jobs-bench.js";
import { aSafetensors } from "../../../test/registry-fixtures.js";
import { JobAdvance } from "../advance/job-advance.service.js";

let bench: JobsBench;
let model: string;
let data: string;

beforeAll(async () => {
  bench = await jobsBench({ role: "http" });
  await aCluster(bench.platform);
  model = await bench.line(bench.engineer, "foundation", "base");
  data = await bench.orders(bench.engineer, {});
});
afterAll(() => bench.close());

async function aRun(more = {}): Promise<{ id: string; run: HandRun }> {
  const job = await request(bench.engineer, pretraining(model, data, more));
  return { id: job.id, run: await takeInHand(bench.platform, job.id) };
}

const stored = (id: string) =>
  asSystem<{ attempt_seq: string; type: string }>(
    bench.platform,
    "select attempt_seq, type from job_events where job_id = $1 and attempt_seq is not null order by seq",
    [id],
  );

describe("a runner's token", () => {
  it("opens its own attempt and is refused in one voice everywhere else", async () => {
    const { run } = await aRun();
    const other = await aRun();
    const path = (attempt: string) => `/api/v1/runs/${attempt}/spec`;
    const ask = (attempt: string, authorization?: string) =>
      send(bench.platform.url, "GET", path(attempt), undefined, authorization === undefined ? {} : { authorization });
    expect((await ask(run.attemptId, `Bearer ${run.token}`)).status).toBe(200);
    const refusals = [
      await ask(other.run.attemptId, `Bearer ${run.token}`),
      await ask(`att_${"0".repeat(32)}`, `Bearer ${run.token}`),
      await ask(run.attemptId, `Bearer ${run.token.slice(0, -1)}${run.token.endsWith("A") ? "B" : "A"}`),
      await ask(run.attemptId, bench.engineer.headers.authorization),
      await ask(run.attemptId),
    ];
    const bodies = refusals.map(({ status, body }) => [status, body.code, body.detail]);
    expect(new Set(bodies.map((body) => JSON.stringify(body)))).toEqual(new Set([JSON.stringify(bodies[0])]));
    expect(bodies[0]?.[0]).toBe(401);
  });

  it("opens nothing but runs", async () => {
    const { run } = await aRun();
    const answer = await send(bench.platform.url, "GET", paths.jobs(), undefined, { authorization: `Bearer ${run.token}` });
    expect(answer.status).toBe(401);
  });

  it("expires", async () => {
    const { run } = await aRun();
    await asSystem(bench.platform, "update attempts set token_expires_at = now() where id = $1", [run.attemptId]);
    expect((await run.call("GET", "/spec")).status).toBe(401);
  });
});

describe("the spec", () => {
  it("names the inputs by digest and hands out these and nothing else", async () => {
    const { run } = await aRun();
    const { body } = await run.call("GET", "/spec");
    expect(body).toMatchObject({ schema: "ziggurat.run/1", trainer: { command: "pretrain", seed: 1, threads: 1, base: null } });
    const [input] = body.inputs;
    expect((await run.call("GET", `/blobs/${input.sha256}`)).text).toHaveLength(input.sizeBytes);
    const part = await run.call("GET", `/blobs/${input.sha256}`, undefined, { range: "bytes=5-" });
    expect([part.status, part.text.length]).toEqual([206, input.sizeBytes - 5]);
    const foreign = await bench.platform.admin.put(paths.blob("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"), "abc");
    expect(foreign.status).toBe(201);
    expect((await run.call("GET", "/blobs/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")).status).toBe(404);
  });
});

describe("events", () => {
  it("are stored once, whatever is sent twice, and refused where a gap would be left", async () => {
    const { id, run } = await aRun();
    expect((await run.events(state(1, "starting"), metric(2, 1, 0.5))).body).toEqual({ acknowledged: 2, command: null });
    expect((await run.events(state(1, "starting"), metric(2, 1, 0.5), metric(3, 2, 0.4))).body.acknowledged).toBe(3);
    expect((await run.events(metric(2, 1, 0.5))).body.acknowledged).toBe(3);
    const gap = await run.events(metric(5, 4, 0.1));
    expect([gap.status, gap.body.code]).toEqual([409, "conflict"]);
    expect((await run.events(metric(4, 3, 0.3), metric(6, 4, 0.1))).status).toBe(409);
    expect((await run.events()).body.acknowledged).toBe(3);
    expect((await stored(id)).map(({ attempt_seq }) => Number(attempt_seq))).toEqual([1, 2, 3]);
  });

  it("sent by two copies of a runner at once are stored once", async () => {
    const { id, run } = await aRun();
    const batch = Array.from({ length: 50 }, (_, index) => metric(index + 1, index, index));
    const answers = await Promise.all(Array.from({ length: 6 }, () => run.events(...batch)));
    expect(answers.map(({ body }) => body.acknowledged)).toEqual([50, 50, 50, 50, 50, 50]);
    expect(await stored(id)).toHaveLength(50);
  });

  it("keep numbers that JSON has no word for, and text that the database has no bytes for", async () => {
    const { id, run } = await aRun();
    const answer = await run.events(metric(1, 1, "NaN"), metric(2, 2, "-Infinity"), logLine(3, "a\0b\ud800c"));
    expect(answer.status).toBe(200);
    const { body } = await bench.engineer.get(paths.jobMetrics(id));
    expect(body.series[0].points).toEqual([
      { step: 1, value: "NaN" },
      { step: 2, value: "-Infinity" },
    ]);
    expect((await bench.engineer.get(paths.jobLogs(id))).body.lines[0].text).toBe("a\uFFFDb\uFFFDc");
  });

  it("of a cancelled job are answered with cancel and change nothing", async () => {
    const { id, run } = await aRun();
    await run.events(metric(1, 1, 0.5));
    await bench.engineer.post(paths.jobAction(id, "cancel"), {});
    const late = await run.events(metric(2, 2, 0.4), state(3, "finished"));
    expect(late.body).toEqual({ acknowledged: 1, command: "cancel" });
    expect(await stored(id)).toHaveLength(1);
    expect((await jobOf(bench.engineer, id)).state).toBe("cancelled");
    expect((await run.call("GET", "/spec")).status).toBe(409);
    expect((await run.call("PUT", `/blobs/${"0".repeat(64)}`, "x")).status).toBe(409);
  });

  it("move the job as far as they prove, each state once", async () => {
    const { id, run } = await aRun();
    await run.events(metric(1, 1, 0.5));
    await run.events(state(2, "running"), state(3, "starting"), state(4, "uploading"));
    const job = await jobOf(bench.engineer, id);
    expect(job.history.map(({ state: name }) => name)).toEqual(["queued", "scheduled", "starting", "running", "collecting"]);
  });

  it("that do not fit the contract are refused whole", async () => {
    const { id, run } = await aRun();
    expect((await run.events({ ...metric(1, 1, 0.5), surprise: 1 })).status).toBe(400);
    expect((await run.events(metric(1, -1, 0.5))).status).toBe(400);
    expect(await stored(id)).toEqual([]);
  });

  it("take a batch of a thousand in little time", async () => {
    const { run } = await aRun();
    const batch = Array.from({ length: 1000 }, (_, index) => metric(index + 1, index, index));
    const started = performance.now();
    expect((await run.events(...batch)).body.acknowledged).toBe(1000);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe("the manifest", () => {
  const weights = (salt: string) => aSafetensors(4, salt);

  it("seals one version, however often and however much at once it is sent", async () => {
    const { id, run } = await aRun();
    const files = { "artifact/model.safetensors": weights(id), "artifact/config.json": Buffer.from("{}") };
    for (const bytes of Object.values(files)) await run.upload(bytes);
    const manifest = aManifest("pretrain", files);
    const answers = await Promise.all(Array.from({ length: 4 }, () => run.call("POST", "/manifest", manifest)));
    answers.push(await run.call("POST", "/manifest", manifest));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const versions = await asSystem(bench.platform, "select 1 from versions where job_id = $1", [id]);
    expect(versions).toHaveLength(1);
    expect((await jobOf(bench.engineer, id)).state).toBe("succeeded");
    expect((await run.events(metric(1, 1, 1))).body.command).toBeNull();
    expect(await stored(id)).toEqual([]);
  });

  it("that names bytes nobody uploaded seals nothing and says which", async () => {
    const { id, run } = await aRun();
    const files = { "artifact/model.safetensors": weights(id), "artifact/config.json": Buffer.from(`{"missing":"${id}"}`) };
    await run.upload(files["artifact/model.safetensors"]);
    const answer = await run.call("POST", "/manifest", aManifest("pretrain", files));
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([{ code: "blob_unknown", pointer: "/files/1/sha256" }]);
    expect((await jobOf(bench.engineer, id)).version).toBeNull();
  });

  it("of another command, with files astray or nothing to keep is refused with every reason", async () => {
    const { run } = await aRun();
    const answer = await run.call("POST", "/manifest", aManifest("tune", { "elsewhere/a": Buffer.from("a") }));
    expect(answer.body.errors.map(({ code }: { code: string }) => code).sort()).toEqual([
      "blob_unknown",
      "file_place",
      "result_command",
      "result_empty",
    ]);
  });

  it("of a cancelled job seals nothing", async () => {
    const { id, run } = await aRun();
    const files = { "artifact/model.safetensors": weights(id), "artifact/config.json": Buffer.from("{}") };
    for (const bytes of Object.values(files)) await run.upload(bytes);
    await bench.engineer.post(paths.jobAction(id, "cancel"), {});
    expect((await run.call("POST", "/manifest", aManifest("pretrain", files))).status).toBe(409);
    expect(await asSystem(bench.platform, "select 1 from versions where job_id = $1", [id])).toEqual([]);
  });

  it("with an upload whose digest differs finds nothing kept of it", async () => {
    const { run } = await aRun();
    const answer = await run.call("PUT", `/blobs/${"0".repeat(64)}`, "not these bytes");
    expect([answer.status, answer.body.code]).toEqual([422, "digest_mismatch"]);
    expect((await run.call("HEAD", `/blobs/${"0".repeat(64)}`)).status).toBe(404);
  });

  it("goes on with an upload where it broke off", async () => {
    const { run } = await aRun();
    const bytes = Buffer.from("0123456789");
    const digest = "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882";
    const first = await run.call("PUT", `/blobs/${digest}`, bytes.subarray(0, 4), { "content-range": "bytes 0-3/10" });
    expect(first.status).toBe(204);
    expect((await run.call("HEAD", `/blobs/${digest}`)).headers.get("upload-offset")).toBe("4");
    expect((await run.call("PUT", `/blobs/${digest}`, bytes.subarray(6), { "content-range": "bytes 6-9/10" })).status).toBe(416);
    expect((await run.call("PUT", `/blobs/${digest}`, bytes.subarray(4), { "content-range": "bytes 4-9/10" })).status).toBe(201);
  });
});

describe("an evaluation's manifest", () => {
  async function anEvaluation() {
    const { id, run } = await aRun();
    const files = { "artifact/model.safetensors": aSafetensors(4, id), "artifact/config.json": Buffer.from("{}") };
    for (const bytes of Object.values(files)) await run.upload(bytes);
    const sealed = (await run.call("POST", "/manifest", aManifest("pretrain", files))).body.version;
    const job = await request(bench.engineer, { kind: "evaluate", model, parent: sealed, datasets: [data] });
    return { id: job.id, sealed, run: await takeInHand(bench.platform, job.id) };
  }
  const items = (count: number, nll = 2) =>
    Buffer.from(Array.from({ length: count }, (_, index) => `${JSON.stringify({ format: "text", index, tokens: 4, nll })}\n`).join(""));
  const claim = { ref: "", format: "text", rows: 4, items: "items-0.jsonl", metrics: { perplexity: 1 } };

  it("counts what the items prove, not what the trainer says of them", async () => {
    const { id, run } = await anEvaluation();
    const files = { "evaluation/items-0.jsonl": items(4) };
    await run.upload(files["evaluation/items-0.jsonl"]);
    expect((await run.call("POST", "/manifest", aManifest("evaluate", files, [{ ...claim, ref: data }]))).status).toBe(200);
    const { body } = await bench.engineer.get(`${paths.evaluations()}?filter[job]=${id}`);
    expect(body.data[0].perplexity).toBeCloseTo(Math.exp(0.5), 12);
    expect((await jobOf(bench.engineer, id)).state).toBe("succeeded");
  });

  it("with fewer or more items than rows, renumbered items or none is refused", async () => {
    const { run } = await anEvaluation();
    for (const bytes of [
      items(3),
      items(5),
      Buffer.from(items(4).toString().replace('"index":2', '"index":1')),
      Buffer.from("no json\n"),
    ]) {
      await run.upload(bytes);
      const answer = await run.call(
        "POST",
        "/manifest",
        aManifest("evaluate", { "evaluation/items-0.jsonl": bytes }, [{ ...claim, ref: data }]),
      );
      expect([answer.status, answer.body.errors[0].code]).toEqual([422, "evaluation_items"]);
    }
    const bytes = items(4);
    await run.upload(bytes);
    const none = await run.call("POST", "/manifest", aManifest("evaluate", { "evaluation/items-0.jsonl": bytes }));
    expect(none.body.errors).toMatchObject([{ code: "evaluation_missing" }]);
  });
});

describe("a wake-up", () => {
  it("delivered twice, at once or for nothing changes nothing", async () => {
    const { id, run } = await aRun();
    await run.events(metric(1, 1, 1));
    await bench.engineer.post(paths.jobAction(id, "cancel"), {});
    await asSystem(bench.platform, "update attempts set state = 'cancelled' where id = $1", [run.attemptId]);
    const advance = bench.platform.app.get(JobAdvance);
    const before = await jobOf(bench.engineer, id);
    await Promise.all(Array.from({ length: 5 }, () => advance.advance({ jobId: before.id })));
    expect((await jobOf(bench.engineer, id)).history).toEqual(before.history);
  });
});
