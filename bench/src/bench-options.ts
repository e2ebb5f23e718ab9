/** What a benchmark may be told on the command line. */
export interface BenchOptions {
  /** Share of the full amount of data, above 0 and up to 1. */
  readonly scale: number;
  /** A folder that is kept and used again, so that what takes long to build is built once; null for one that is removed. */
  readonly keep: string | null;
}
