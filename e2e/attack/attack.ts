import { setScene } from "./scene.js";

export interface AttackOptions {
  readonly say: (line: string) => void;
  /** A table whose row-level security is taken off first, to see the suite fail. */
  readonly dropPolicy: string | null;
  readonly withTimings: boolean;
}

export async function attack({ say }: AttackOptions): Promise<{ readonly probes: number; readonly leaks: readonly string[] }> {
  const scene = await setScene(say);
  try {
    say(JSON.stringify(scene.south.holdings, null, 1));
    return { probes: 0, leaks: [] };
  } finally {
    await scene.close();
  }
}
