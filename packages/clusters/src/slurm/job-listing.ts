import type { SlurmJob } from "./slurm-transport.js";

/** Age in milliseconds up to which a listing answers for the present. */
const FRESH_MS = 2000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * One list of all jobs for everybody who asks: whatever is asked within two seconds is answered by one call. After a failure the next call
 * waits a second, then two, up to a minute, so that many watchers do not hold up a controller that comes back.
 */
export class JobListing {
  private running: Promise<readonly SlurmJob[]> | null = null;
  private next: Promise<readonly SlurmJob[]> | null = null;
  private known: { readonly jobs: readonly SlurmJob[]; readonly at: number } | null = null;
  private failure: { readonly error: unknown; readonly pause: number; readonly until: number } | null = null;

  constructor(
    private readonly load: () => Promise<readonly SlurmJob[]>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Jobs as they were at most two seconds ago. @throws the last failure, while it is too early to try again */
  async current(): Promise<readonly SlurmJob[]> {
    if (this.known !== null && this.now() - this.known.at < FRESH_MS) return this.known.jobs;
    if (this.running !== null) return this.running;
    if (this.failure !== null && this.now() < this.failure.until) throw this.failure.error;
    return this.start();
  }

  /** Jobs as they are now: the list is asked for after this call, whatever happened before. */
  fresh(): Promise<readonly SlurmJob[]> {
    this.next ??= (this.running ?? Promise.resolve()).then(nothing, nothing).then(() => {
      this.next = null;
      return this.start();
    });
    return this.next;
  }

  private start(): Promise<readonly SlurmJob[]> {
    const at = this.now();
    const running = this.load().then(
      (jobs) => {
        this.known = { jobs, at };
        this.failure = null;
        return jobs;
      },
      (error) => {
        const pause = Math.min((this.failure?.pause ?? FIRST_PAUSE_MS / 2) * 2, LONGEST_PAUSE_MS);
        this.failure = { error, pause, until: this.now() + pause * (0.75 + Math.random() / 2) };
        throw error;
      },
    );
    this.running = running;
    const done = () => {
      if (this.running === running) this.running = null;
    };
    running.then(done, done);
    return running;
  }
}

const nothing = () => undefined;
