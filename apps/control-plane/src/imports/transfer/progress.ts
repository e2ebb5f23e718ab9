import type { ProgressNow } from "../imports.repository.js";

/** Speed is what came over about this long. Milliseconds. */
const WINDOW_MS = 5000;

/** Counts bytes as they come. A file that begins anew gives back what it had. */
export class Progress {
  private readonly partial = new Map<number, number>();
  private readonly samples: { readonly at: number; readonly received: number }[] = [];
  private total = 0;

  constructor(
    private filesDone: number,
    private bytesDone: number,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.samples.push({ at: clock(), received: 0 });
  }

  /** Where the bytes of a file go on: what lies before was received earlier and is no speed of ours. */
  begins(n: number, offset: number): void {
    this.partial.set(n, offset);
  }

  receives(n: number, bytes: number): void {
    this.total += bytes;
    this.partial.set(n, (this.partial.get(n) ?? 0) + bytes);
  }

  finished(n: number, sizeBytes: number): void {
    this.partial.delete(n);
    this.filesDone += 1;
    this.bytesDone += sizeBytes;
  }

  now(): ProgressNow {
    const at = this.clock();
    this.samples.push({ at, received: this.total });
    while (this.samples.length > 2 && at - (this.samples[1]?.at ?? at) > WINDOW_MS) this.samples.shift();
    const [oldest] = this.samples;
    const elapsed = oldest === undefined ? 0 : at - oldest.at;
    const under = [...this.partial.values()].reduce((sum, bytes) => sum + bytes, 0);
    return {
      filesDone: this.filesDone,
      bytesDone: this.bytesDone + under,
      bytesPerSecond: elapsed < 100 ? null : ((this.total - (oldest?.received ?? 0)) / elapsed) * 1000,
    };
  }
}
