/** Somebody else has the work now, or it was called off. */
export class LeaseLost extends Error {}

/** Work that is one worker's own for some seconds, renewed while it goes on: one file of a hundred GiB takes longer than a lease lasts. */
export class ExportLease {
  private renewedAt = Date.now();

  /** @param renew answers whether the lease still holds */
  constructor(
    readonly id: string,
    readonly seconds: number,
    private readonly renew: () => Promise<boolean>,
  ) {}

  /**
   * Renews it when a third of its time is over.
   * @throws LeaseLost
   */
  async keep(): Promise<void> {
    if (Date.now() - this.renewedAt < (this.seconds * 1000) / 3) return;
    this.held(await this.renew());
  }

  /** What a statement that asks for the lease found. @throws LeaseLost */
  held(isHeld: boolean): void {
    if (!isHeld) throw new LeaseLost("The work is somebody else's now, or was called off.");
    this.renewedAt = Date.now();
  }

  /** What comes from the source, while the lease is kept. */
  async *while<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const each of source) {
      await this.keep();
      yield each;
    }
  }
}
