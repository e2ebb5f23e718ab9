import { QUEUE, QUEUE_JOBS, type QueueJobName } from "@ziggurat/contracts";
import { createPostgresBackend, type JobsOptions, Queue, Worker } from "bullmq";
import { defer, firstValueFrom, type Observable, retry, Subject, takeUntil, timer } from "rxjs";

/** A message on its way from the outbox to the queue. */
export interface Message {
  /** Id of the outbox row: added twice, it is one job. */
  readonly id: string;
  readonly name: QueueJobName;
  readonly payload: unknown;
}

/** The sending side of the queue, whatever engine keeps it. */
export interface QueueSender {
  add(messages: readonly Message[]): Promise<void>;
  /** Rejects when the engine does not answer within seconds. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface QueueWorker {
  /** Rejects when work is not being taken within seconds. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

type OnError = (error: Error) => void;

/** Postgres schema of the queue's own tables. */
const SCHEMA = "bullmq";
/** A killed worker's work is taken up again after this long; handlers are short, training never lives in them. */
const LOCK_MS = 10_000;
/** An engine that is away lets calls wait for ever; after this many milliseconds we go on without its answer. */
const PATIENCE_MS = 5000;
/** After a lost or refused connection we wait this many milliseconds before the next. */
const RETRY_MS = 500;
/** Work under way may take this long to end when we drain. */
const LAST_WORK_MS = 15_000;
/** By age, never by count: retention by count deadlocks on Postgres under concurrency. */
const KEEP_DONE_SECONDS = 3600;
const KEEP_FAILED_SECONDS = 7 * 24 * 3600;

const postgres = (url: string) => ({ connectionString: url, schema: SCHEMA, migrate: true, max: 3 });
const redis = (url: string) => ({ url, maxRetriesPerRequest: null });
const isPostgres = (url: string): boolean => /^postgres(ql)?:$/.test(new URL(url).protocol);

/** Opens the sending side in the background; until the engine answers, `add` and `ping` reject after some patience. */
export function openSender(url: string, onError: OnError): QueueSender {
  const queue = openUntilReady(
    () =>
      isPostgres(url)
        ? new Queue(QUEUE, { connection: postgres(url) }, createPostgresBackend)
        : new Queue(QUEUE, { connection: redis(url) }),
    onError,
  );
  return {
    async add(messages) {
      const jobs = messages.map(({ id, name, payload }) => ({ name, data: payload, opts: { jobId: id, ...optionsOf(name) } }));
      await within(
        PATIENCE_MS,
        queue.ready.then((ready) => ready.addBulk(jobs)),
        "take messages",
      );
    },
    async ping() {
      await within(
        PATIENCE_MS,
        queue.ready.then((ready) => ready.getJobCounts("waiting")),
        "answer",
      );
    },
    close: () => within(PATIENCE_MS, queue.close(), "close").catch(onError),
  };
}

/** Takes work from the queue, several pieces at once, until closed; closing waits for what is under way. */
export function openWorker(url: string, work: (name: string, payload: unknown) => Promise<void>, onError: OnError): QueueWorker {
  const processor = async (job: { readonly name: string; readonly data: unknown }): Promise<void> => work(job.name, job.data);
  const options = { concurrency: 8, lockDuration: LOCK_MS, stalledInterval: LOCK_MS, runRetryDelay: RETRY_MS, autorun: false };
  const worker = openUntilReady(
    () =>
      isPostgres(url)
        ? new Worker(QUEUE, processor, { connection: postgres(url), ...options }, createPostgresBackend)
        : new Worker(QUEUE, processor, { connection: redis(url), ...options }),
    onError,
  );
  worker.ready.then(
    (ready) => ready.run().catch(onError),
    () => undefined,
  );
  return {
    async ping() {
      await within(PATIENCE_MS, worker.ready, "take work");
    },
    close: () => within(LAST_WORK_MS, worker.close(), "close").catch(onError),
  };
}

interface Engine {
  on(event: "error", listener: OnError): unknown;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}

interface Opening<E> {
  readonly ready: Promise<E>;
  close(): Promise<void>;
}

/**
 * BullMQ remembers a failed first connection for ever, and a worker that has one spins without a pause
 * (`waitUntilReady` keeps its rejection). So what fails to become ready is thrown away and opened anew.
 */
function openUntilReady<E extends Engine>(open: () => E, onError: OnError): Opening<E> {
  const leaving = new Subject<void>();
  let engine: E;
  const attempt = async (): Promise<E> => {
    engine = open();
    engine.on("error", onError);
    try {
      await engine.waitUntilReady();
      return engine;
    } catch (error) {
      await engine.close().catch(onError);
      throw error;
    }
  };
  const failed = (error: Error): Observable<number> => {
    onError(error);
    return timer(RETRY_MS);
  };
  const ready = firstValueFrom(defer(attempt).pipe(retry({ delay: failed }), takeUntil(leaving)));
  // Closed before it was ever ready: whoever waits is told, and nobody has to.
  ready.catch(() => undefined);
  return {
    ready,
    close: async () => {
      leaving.next();
      await engine.close();
    },
  };
}

async function within<T>(milliseconds: number, work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the queue's engine does not ${what}`)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function optionsOf(name: QueueJobName): JobsOptions {
  const { attempts, backoffMs } = QUEUE_JOBS[name];
  return {
    attempts,
    backoff: { type: "exponential", delay: backoffMs },
    removeOnComplete: { age: KEEP_DONE_SECONDS },
    removeOnFail: { age: KEEP_FAILED_SECONDS },
  };
}
