import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type INestApplicationContext, Injectable, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import {
  type CleanUpId,
  type ExitId,
  type GarbageCollectionId,
  type ImportId,
  type InstitutionExportId,
  JobId,
  type RecallId,
  type VerificationId,
} from "@ziggurat/contracts";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type FreshDatabase, freshDatabase } from "../../../test/fresh-database.js";
import { readConfig } from "../config.js";
import { newId, PLATFORM_ID, PLATFORM_SLUG } from "../database/ids.js";
import { UnitOfWork } from "../database/unit-of-work.js";
import { systemViewer } from "../database/viewer.js";
import { freePort } from "../embedded-postgres/server.js";
import { platformModule } from "../platform.module.js";
import { dispatchOutbox } from "./outbox-dispatcher.js";
import { openSender, openWorker, type QueueSender } from "./queue-engine.js";
import { QueueHandler } from "./queue-handler.js";
import { exactlyOneEach } from "./queue-handlers.js";

const handled: string[] = [];
let failuresLeft = 0;

@Injectable()
class Recorder {
  @QueueHandler("job.advance")
  async advance({ jobId }: { jobId: JobId }): Promise<void> {
    if (failuresLeft > 0) {
      failuresLeft -= 1;
      throw new Error("not yet");
    }
    handled.push(jobId);
  }

  /** Every kind of work has its handler; these have nothing to do here. */
  @QueueHandler("import.advance")
  async transfer(_: { importId: ImportId }): Promise<void> {}

  @QueueHandler("garbage.collect")
  async collect(_: { collectionId: GarbageCollectionId }): Promise<void> {}

  @QueueHandler("recall.advance")
  async recall(_: { recallId: RecallId }): Promise<void> {}

  @QueueHandler("clean-up.advance")
  async cleanUp(_: { cleanUpId: CleanUpId }): Promise<void> {}

  @QueueHandler("version.verify")
  async verify(_: { verificationId: VerificationId }): Promise<void> {}

  @QueueHandler("institution.export")
  async export(_: { exportId: InstitutionExportId }): Promise<void> {}

  @QueueHandler("institution.erase")
  async erase(_: { exitId: ExitId }): Promise<void> {}
}

@Module({ providers: [Recorder] })
class RecorderModule {}

@Module({})
class TestApp {}

let database: FreshDatabase;
let dataDir: string;
let app: INestApplicationContext;
let unitOfWork: UnitOfWork;
let sender: QueueSender;
let observer: pg.Client;
const viewer = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "test");
const aJob = (): JobId => JobId.parse(newId("job"));

beforeAll(async () => {
  database = await freshDatabase();
  dataDir = mkdtempSync(join(tmpdir(), "ziggurat-queue-"));
  const config = readConfig({ ZIGGURAT_DATA_DIR: dataDir, ZIGGURAT_ROLE: "worker" }, [], dataDir);
  const runtime = { role: "worker", databaseUrl: database.appUrl, queueUrl: database.appUrl } as const;
  const imports = [platformModule(config, runtime, () => undefined), RecorderModule];
  app = await NestFactory.createApplicationContext({ module: TestApp, imports }, { logger: false, abortOnError: false });
  unitOfWork = app.get(UnitOfWork);
  sender = openSender(database.appUrl, () => undefined);
  observer = new pg.Client({ connectionString: database.superuserUrl });
  await observer.connect();
});
afterAll(async () => {
  await observer?.end();
  await sender?.close();
  await app?.close();
  await database?.drop();
  rmSync(dataDir, { recursive: true, force: true });
});
beforeEach(() => handled.splice(0));

const enqueue = (jobId: JobId): Promise<void> => unitOfWork.run(viewer, (tx) => tx.enqueue("job.advance", { jobId }));
const arrived = (jobId: JobId) => expect.poll(() => handled.filter((id) => id === jobId).length, { timeout: 15_000, interval: 10 });

describe("a message", () => {
  it("reaches its handler after the commit, not before", async () => {
    const [early, marker] = [aJob(), aJob()];
    await unitOfWork.run(viewer, async (tx) => {
      await tx.enqueue("job.advance", { jobId: early });
      await enqueue(marker);
      await arrived(marker).toBe(1);
      expect(handled).not.toContain(early);
    });
    await arrived(early).toBe(1);
  });

  it("never leaves when its transaction rolls back", async () => {
    const [lost, marker] = [aJob(), aJob()];
    const rollback = unitOfWork.run(viewer, async (tx) => {
      await tx.enqueue("job.advance", { jobId: lost });
      throw new Error("changed my mind");
    });
    await expect(rollback).rejects.toThrow("changed my mind");
    await enqueue(marker);
    await arrived(marker).toBe(1);
    expect(handled).not.toContain(lost);
  });

  it("is done once although it was sent twice, because the process died between sending and noting it", async () => {
    const jobId = aJob();
    await observer.query("insert into outbox (id, name, payload, dispatched_at) values ($1, 'job.advance', $2, now())", [
      newId("request"),
      JSON.stringify({ jobId }),
    ]);
    const resend = () => observer.query("update outbox set dispatched_at = null where payload->>'jobId' = $1", [jobId]);
    const dying: QueueSender = {
      ...sender,
      async add(messages) {
        await sender.add(messages);
        throw new Error("killed");
      },
    };
    await resend();
    await dispatchOutbox(unitOfWork, dying).catch(() => undefined);
    await arrived(jobId).toBe(1);
    await resend();
    await dispatchOutbox(unitOfWork, sender);
    const marker = aJob();
    await enqueue(marker);
    await arrived(marker).toBe(1);
    expect(handled.filter((id) => id === jobId)).toHaveLength(1);
  });

  it("is tried again when its handler fails", async () => {
    failuresLeft = 1;
    const jobId = aJob();
    await enqueue(jobId);
    await arrived(jobId).toBe(1);
    expect(failuresLeft).toBe(0);
  });

  it("that the queue lost is replaced by the next one about the same row", async () => {
    const jobId = aJob();
    await enqueue(jobId);
    await arrived(jobId).toBe(1);
    await observer.query(
      `do $$ declare t record; begin
         for t in select tablename from pg_tables where schemaname = 'bullmq' and tablename like '%job%' loop
           execute format('truncate bullmq.%I cascade', t.tablename);
         end loop; end $$`,
    );
    await enqueue(jobId);
    await arrived(jobId).toBe(2);
  });
});

it("sends a backlog in order of writing, all of it", async () => {
  const jobs = Array.from({ length: 450 }, aJob);
  await unitOfWork.run(viewer, async (tx) => {
    for (const jobId of jobs) await tx.enqueue("job.advance", { jobId });
  });
  await expect.poll(() => new Set(handled).size, { timeout: 15_000, interval: 20 }).toBe(450);
  const { rows } = await observer.query("select 1 from outbox where dispatched_at is null");
  expect(rows).toEqual([]);
});

describe("the catalogue", () => {
  const handler = (name: string, where = "A.b") => ({ name, where, call: async () => undefined });

  it("refuses to start with a kind of work nobody does, or two do, or nobody knows", () => {
    expect(() => exactlyOneEach(["job.advance"], [])).toThrow("job.advance has no handler");
    expect(() => exactlyOneEach(["job.advance"], [handler("job.advance", "A.b"), handler("job.advance", "C.d")])).toThrow("A.b, C.d");
    expect(() => exactlyOneEach(["job.advance"], [handler("job.advance"), handler("job.retreat", "C.d")])).toThrow("C.d handles unknown");
  });

  it("refuses a payload that is not as described", async () => {
    const handlers = exactlyOneEach(["job.advance"], [handler("job.advance")]);
    await expect(handlers.get("job.advance")?.({ jobId: "7" })).rejects.toThrow("expected an id like job_");
    await expect(handlers.get("job.advance")?.({ jobId: aJob() })).resolves.toBeUndefined();
  });
});

describe("an engine that is away when we come", () => {
  it("is used as soon as it is there, and until then it is not asked in a tight loop", async () => {
    const port = await freePort();
    const away = new URL(database.appUrl);
    const doorway = createServer((socket) => {
      const inside = connect(Number(away.port), away.hostname);
      socket.pipe(inside).pipe(socket);
      for (const end of [socket, inside]) end.on("error", () => undefined).on("close", () => [socket, inside].map((it) => it.destroy()));
    });
    const complaints: Error[] = [];
    const url = Object.assign(new URL(away), { port: String(port) }).href;
    const worker = openWorker(
      url,
      async () => undefined,
      (error) => complaints.push(error),
    );
    const late = openSender(url, (error) => complaints.push(error));
    try {
      await expect.poll(() => complaints.length, { timeout: 5000 }).toBeGreaterThan(2);
      expect(complaints.length).toBeLessThan(20);
      await new Promise<void>((resolve) => doorway.listen(port, "127.0.0.1", resolve));
      await expect(Promise.all([worker.ping(), late.ping()])).resolves.toBeDefined();
    } finally {
      await Promise.all([worker.close(), late.close()]);
      doorway.close();
    }
  });

  it("does not hold up the end of a worker that never reached it", async () => {
    const url = Object.assign(new URL(database.appUrl), { port: String(await freePort()) }).href;
    const worker = openWorker(
      url,
      async () => undefined,
      () => undefined,
    );
    const began = performance.now();
    await worker.close();
    expect(performance.now() - began).toBeLessThan(5000);
  });
});
