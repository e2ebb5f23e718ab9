/** One question's figures in milliseconds, and the peer's beside them. */
export interface Figure {
  readonly name: string;
  readonly goal: string;
  readonly mostRatio: number;
  readonly platform: Spread;
  readonly hand: Spread;
  /** Of the medians. */
  readonly ratio: number;
}
interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly rounds: number;
}

export interface HttpFigure {
  readonly name: string;
  readonly p50: number;
  readonly p99: number;
}
export interface ClosureFigure {
  readonly compared: number;
  readonly different: readonly string[];
  readonly seconds: number;
}

export function figureOf(name: string, goal: string, mostRatio: number, platformMs: readonly number[], handMs: readonly number[]): Figure {
  const [platform, hand] = [spread(platformMs), spread(handMs)];
  return { name, goal, mostRatio, platform, hand, ratio: platform.p50 / hand.p50 };
}

export function spread(ms: readonly number[]): Spread {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), rounds: sorted.length };
}

export function report(
  scale: number,
  descendants: number,
  figures: readonly Figure[],
  http: readonly HttpFigure[],
  closure: ClosureFigure,
): void {
  console.log(`\nlineage at scale ${scale}: ${descendants} descendants; milliseconds in process p50 / p99, beside the same by hand`);
  console.log(`${"".padEnd(34)}${"platform".padStart(18)}${"by hand".padStart(18)}${"ratio".padStart(8)}   goal`);
  const pair = ({ p50, p99 }: Spread): string => `${p50.toFixed(1)} / ${p99.toFixed(1)}`.padStart(18);
  for (const { name, platform, hand, ratio, goal, mostRatio } of figures) {
    console.log(`${name.padEnd(34)}${pair(platform)}${pair(hand)}${ratio.toFixed(2).padStart(8)}   ${goal}${goal && ", "}≤ ${mostRatio}×`);
  }
  for (const { name, p50, p99 } of http) console.log(`${`HTTP: ${name}`.padEnd(34)}${pair({ p50, p99, rounds: 0 })}`);
  console.log(
    `line closure against the recursive walk: ${closure.compared} versions compared in ${closure.seconds.toFixed(0)} s, ${closure.different.length} different`,
  );
}
