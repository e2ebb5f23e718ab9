import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown, type OnModuleDestroy } from "@nestjs/common";
import type { Subscription } from "rxjs";
import { UnitOfWork } from "../database/unit-of-work.js";
import { PgListener } from "../listen/pg-listener.js";
import { Loop } from "../loop.js";
import { isWorker, RUNTIME, type Runtime } from "../runtime.js";
import { dispatchOutbox, sweepOutbox } from "./outbox-dispatcher.js";
import { openSender, openWorker, type QueueSender, type QueueWorker } from "./queue-engine.js";
import { QueueHandlers } from "./queue-handlers.js";

/** Wake-ups by notification; this often the outbox is read anyway. */
const POLL_MS = 2000;
const SWEEP_MS = 600_000;
const REPEAT_MS = 30_000;

/** In the worker role: moves the outbox into the queue and runs the handlers. In the HTTP role it does nothing. */
@Injectable()
export class QueueService implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  private readonly logger = new Logger("Queue");
  private sender: QueueSender | null = null;
  private worker: QueueWorker | null = null;
  private lastComplaint = { message: "", at: 0 };
  private wakeUps: Subscription | null = null;
  private readonly loops: Loop[] = [];

  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    private readonly unitOfWork: UnitOfWork,
    private readonly listener: PgListener,
    private readonly handlers: QueueHandlers,
  ) {}

  onApplicationBootstrap(): void {
    if (!isWorker(this.runtime)) return;
    const handlers = this.handlers.find();
    const onError = (error: Error): void => this.complain(error.message);
    const sender = openSender(this.runtime.queueUrl, onError);
    this.sender = sender;
    this.worker = openWorker(this.runtime.queueUrl, (name, payload) => run(handlers, name, payload), onError);
    const dispatch = new Loop("outbox", POLL_MS, () => dispatchOutbox(this.unitOfWork, sender));
    this.loops.push(dispatch, new Loop("outbox sweep", SWEEP_MS, () => sweepOutbox(this.unitOfWork)));
    this.wakeUps = this.listener.on("ziggurat_outbox").subscribe(() => dispatch.wake());
  }

  /** The same complaint is written once in a while, not with every attempt: an engine may be away for long. */
  private complain(message: string): void {
    const now = performance.now();
    if (message === this.lastComplaint.message && now - this.lastComplaint.at < REPEAT_MS) return;
    this.lastComplaint = { message, at: now };
    this.logger.warn(`queue: ${message}`);
  }

  /** Answers when the queue's engine does; in the HTTP role there is none to ask. */
  async ping(): Promise<void> {
    await Promise.all([this.sender?.ping(), this.worker?.ping()]);
  }

  async onModuleDestroy(): Promise<void> {
    this.wakeUps?.unsubscribe();
    await Promise.all(this.loops.map((loop) => loop.stop()));
    await this.worker?.close();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.sender?.close();
  }
}

async function run(handlers: ReturnType<QueueHandlers["find"]>, name: string, payload: unknown): Promise<void> {
  const handle = handlers.get(name);
  if (handle === undefined) throw new Error(`Nobody handles ${name}; it was queued by another release.`);
  await handle(payload);
}
