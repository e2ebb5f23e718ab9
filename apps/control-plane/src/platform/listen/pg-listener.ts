import { Inject, Injectable, Logger, type OnModuleDestroy } from "@nestjs/common";
import pg from "pg";
import { finalize, Observable, Subject } from "rxjs";
import { RUNTIME, type Runtime } from "../runtime.js";

const RETRY_MS = 250;

/**
 * One dedicated LISTEN connection per process. Notifications sent while it is away are lost, so after a reconnect every
 * channel emits `""`: readers then read again from where they stand.
 */
@Injectable()
export class PgListener implements OnModuleDestroy {
  private readonly logger = new Logger(PgListener.name);
  private readonly channels = new Map<string, { readonly subject: Subject<string>; readers: number }>();
  private client: pg.Client | null = null;
  private connecting: Promise<void> | null = null;
  private retry: NodeJS.Timeout | null = null;
  private closed = false;

  constructor(@Inject(RUNTIME) private readonly runtime: Pick<Runtime, "databaseUrl">) {}

  /**
   * Payloads notified on a channel from now on; completes when the process drains. The first subscriber listens, the last one
   * to leave stops listening. Channel names are our own constants: letters, digits and `_`.
   */
  on(channel: string): Observable<string> {
    if (!/^[a-z_][a-z0-9_]*$/.test(channel)) throw new Error(`Not a channel name: ${channel}`);
    return new Observable<string>((observer) => {
      if (this.closed) return observer.complete();
      const entry = this.channels.get(channel) ?? { subject: new Subject<string>(), readers: 0 };
      entry.readers += 1;
      this.channels.set(channel, entry);
      const subscription = entry.subject.pipe(finalize(() => this.leave(channel))).subscribe(observer);
      if (entry.readers === 1) void this.listen(channel);
      return subscription;
    });
  }

  async onModuleDestroy(): Promise<void> {
    this.closed = true;
    if (this.retry !== null) clearTimeout(this.retry);
    for (const { subject } of this.channels.values()) subject.complete();
    await this.connecting;
    await this.client?.end();
  }

  private leave(channel: string): void {
    const entry = this.channels.get(channel);
    if (entry === undefined) return;
    entry.readers -= 1;
    if (entry.readers > 0) return;
    this.channels.delete(channel);
    this.client?.query(`unlisten ${channel}`).catch((error: Error) => this.logger.debug(error.message));
  }

  private async listen(channel: string): Promise<void> {
    if (this.client === null) return this.connect();
    await this.client.query(`listen ${channel}`).catch((error: Error) => this.lost(error));
  }

  private connect(): Promise<void> {
    this.connecting ??= this.open().finally(() => {
      this.connecting = null;
    });
    return this.connecting;
  }

  private async open(): Promise<void> {
    const client = new pg.Client({ connectionString: this.runtime.databaseUrl, application_name: "ziggurat-listen", keepAlive: true });
    client.on("notification", ({ channel, payload }) => this.channels.get(channel)?.subject.next(payload ?? ""));
    client.on("error", (error) => this.lost(error));
    client.on("end", () => this.lost(new Error("connection ended")));
    try {
      await client.connect();
      this.client = client;
      for (const channel of this.channels.keys()) await client.query(`listen ${channel}`);
      for (const { subject } of this.channels.values()) subject.next("");
    } catch (error) {
      this.client = client;
      this.lost(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private lost(error: Error): void {
    if (this.closed || this.client === null) return;
    this.logger.warn(`listening was interrupted: ${error.message}`);
    const gone = this.client;
    this.client = null;
    gone.removeAllListeners();
    gone.on("error", () => undefined);
    gone.end().catch(() => undefined);
    this.retry = setTimeout(() => void this.connect(), RETRY_MS);
    this.retry.unref();
  }
}
