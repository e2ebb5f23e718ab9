import { Api } from "@ziggurat/client";
import { Impact, Lineage, LineageGroups, paths } from "@ziggurat/contracts";
import { engineer, timed } from "./measure-reads.js";
import type { PlatformInside } from "./platform-inside.js";
import { type HttpFigure, spread } from "./report.js";

/** The same questions through the door, for what a person waits: parsing, names, gates and JSON included. */
export async function measureHttp(
  platform: PlatformInside,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<HttpFigure[]> {
  const api = await Api.signIn(platform.url, email, password);
  const [first, task] = await platform.run(engineer, async (tx) => {
    const ref = (tier: string): Promise<{ ref: string }[]> =>
      tx.query(
        `select m.namespace || '/' || m.slug || '@' || v.number as ref from versions v join models m on m.id = v.model_id
         where v.tier = $1 order by v.id limit 1`,
        [tier],
      );
    return [(await ref("foundation"))[0]?.ref ?? "", (await ref("institution"))[0]?.ref ?? ""];
  });
  const questions: readonly [string, number, () => Promise<unknown>][] = [
    ["ancestors", 100, () => api.get(Lineage, `${paths.lineage(task)}?direction=up`)],
    ["first page of 50, counts", 30, () => api.get(Lineage, `${paths.lineage(first)}?direction=down&limit=50`)],
    ["impact by institution", 30, () => api.get(Impact, paths.lineageImpact(first))],
    ["groups by tier", 30, () => api.get(LineageGroups, `${paths.lineageGroups(first)}?by=tier`)],
  ];
  const figures: HttpFigure[] = [];
  for (const [name, rounds, ask] of questions) {
    const ms: number[] = [];
    for (let round = -2; round < rounds; round += 1) {
      const one = await timed(ask);
      if (round >= 0) ms.push(one);
    }
    figures.push({ name, p50: spread(ms).p50, p99: spread(ms).p99 });
  }
  return figures;
}
