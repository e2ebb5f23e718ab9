import { Logger } from "@nestjs/common";

/**
 * Repeats one piece of work: every `everyMs` and at once when woken, never twice at a time. A failure is logged and tried
 * again with the next turn, since the rows it works on still say what is due.
 */
export class Loop {
  private readonly logger: Logger;
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private wokenMeanwhile = false;
  private stopped = false;

  /** @param everyMs milliseconds from the end of one turn to the start of the next */
  constructor(
    name: string,
    private readonly everyMs: number,
    private readonly turn: () => Promise<unknown>,
  ) {
    this.logger = new Logger(`Loop ${name}`);
    this.wake();
  }

  /** Starts a turn now, or right after the one under way. */
  wake(): void {
    if (this.stopped) return;
    if (this.running !== null) {
      this.wokenMeanwhile = true;
      return;
    }
    if (this.timer !== null) clearTimeout(this.timer);
    this.running = this.once().finally(() => {
      this.running = null;
      this.next();
    });
  }

  /** No further turn; resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.running;
  }

  private async once(): Promise<void> {
    try {
      await this.turn();
    } catch (error) {
      if (!this.stopped) this.logger.warn(error instanceof Error ? error.message : String(error));
    }
  }

  private next(): void {
    if (this.stopped) return;
    if (this.wokenMeanwhile) {
      this.wokenMeanwhile = false;
      this.wake();
      return;
    }
    this.timer = setTimeout(() => this.wake(), this.everyMs);
    this.timer.unref();
  }
}
