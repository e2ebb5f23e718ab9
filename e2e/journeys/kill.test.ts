import { setTimeout as delay } from "node:timers/promises";
import { Api, ensureDatasetVersion, ensureMember, ensureModel, uploadBlob } from "@ziggurat/client";
import { AuditVerification, Job, Logs, Model, paths } from "@ziggurat/contracts";
import { expect, it } from "vitest";
import { people } from "../support/people.js";
import { makeDataDir, removeDataDir, startPlatform } from "../support/platform.js";
import { finished, signIn, TINY } from "../support/seed.js";
import { generalRows } from "../support/texts.js";

it("finishes a job once although the control plane is killed in the middle of it and started again", async () => {
  const dataDir = makeDataDir();
  const first = await startPlatform(dataDir);
  const port = Number(new URL(first.url).port);
  try {
    const admin = await signIn(first.url, "admin");
    await ensureMember(admin, "platform", people.engineer, "Pat Engineer", ["platform_engineer"]);
    const engineer = await signIn(first.url, "engineer");
    await ensureModel(engineer, { namespace: "foundation", slug: "phoenix", tier: "foundation", name: "Phoenix", licence: "Apache-2.0" });
    const sha256 = await uploadBlob(engineer, new TextEncoder().encode(generalRows(0, 600)), () => undefined);
    const dataset = {
      namespace: "foundation",
      slug: "text",
      name: "Text",
      format: "text",
      licence: "CC0-1.0",
      legalBasis: "own_generation",
      sensitivity: "public",
    } as const;
    const text = await ensureDatasetVersion(engineer, dataset, sha256, "");
    const job = await engineer.post(Job, paths.jobs(), {
      kind: "pretrain",
      model: "foundation/phoenix",
      method: "pretrain",
      datasets: [text],
      hyperparameters: { ...TINY, epochs: 40 },
    });
    await until(engineer, job.id, "running");
    await first.kill();
  } catch (error) {
    await first.stop();
    throw error;
  }

  const second = await startPlatform(dataDir, port);
  try {
    const engineer = await Api.signIn(second.url, people.engineer.email, people.engineer.password);
    const [job] = (await (await engineer.send({ method: "GET", path: paths.jobs() })).json()).data;
    const done = await finished(engineer, job.id);
    expect(done.attempts).toHaveLength(1);
    expect(done.version).toBe("foundation/phoenix@1");
    expect((await engineer.get(Model, paths.model("foundation/phoenix"))).versions).toBe(1);
    const { lines } = await engineer.get(Logs, paths.jobLogs(job.id), { limit: "5000" });
    expect(lines.map(({ line }) => line)).toEqual(lines.map((_, index) => index));
    const admin = await signIn(second.url, "admin");
    await expect.poll(async () => (await admin.get(AuditVerification, paths.auditVerify())).ok, { timeout: 5_000 }).toBe(true);
  } finally {
    await second.stop();
    removeDataDir(dataDir);
  }
}, 180_000);

async function until(api: Api, id: string, state: Job["state"]): Promise<void> {
  for (;;) {
    const job = await api.get(Job, paths.job(id));
    if (job.state === state) return;
    if (["succeeded", "failed", "cancelled"].includes(job.state)) throw new Error(`job ended as ${job.state} before it was ${state}`);
    await delay(100);
  }
}
