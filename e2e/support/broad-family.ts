import { ensureModel, releaseVersion } from "@ziggurat/client";
import { Job, pageOf, paths, Version, VersionFile } from "@ziggurat/contracts";
import type { Person } from "./people.js";
import { finished, type Seed, sealed, signIn } from "./seed.js";

/** More models than stand alone in the explorer, and more versions than get a line each on the map. */
export const BROAD = { northbank: { name: "North Bank", models: 16 }, eastcap: { name: "East Capital", models: 10 } } as const;
const ADMINS: Readonly<Record<keyof typeof BROAD, Person>> = { northbank: "northbankAdmin", eastcap: "eastcapAdmin" };

/** Two sealed versions of each model of two institutions on one finance version, which is a release of its own: others count what stands on the seed's. */
export async function broadFamily(url: string, seed: Seed): Promise<string> {
  const engineer = await signIn(url, "engineer");
  await ensureModel(engineer, { namespace: "finance", slug: "broad", tier: "finance", name: "Broad" });
  // The bytes of the seed's model, so that nothing has to be trained; they are scored again, as this version.
  const { data } = await engineer.get(pageOf(VersionFile), paths.versionFiles(seed.finance));
  const { ref } = await engineer.post(Version, paths.versions("finance/broad"), {
    artifactKind: "full",
    parents: [{ version: seed.foundation, relation: "pretrained_from" }],
    files: data.map(({ path, sha256 }) => ({ path, sha256 })),
  });
  await engineer.post(Version, paths.transitions(ref), { to: "sealed", reason: "" });
  const datasets = ["foundation/general-held@1", "finance/finance-held@1"];
  const job = await engineer.post(Job, paths.jobs(), { kind: "evaluate", model: "finance/broad", parent: ref, datasets });
  await finished(engineer, job.id);
  await releaseVersion(engineer, await signIn(url, "reviewer"), ref, "measured");
  for (const bank of ["northbank", "eastcap"] as const) {
    const api = await signIn(url, ADMINS[bank]);
    for (let n = 1; n <= BROAD[bank].models; n += 1) {
      const model = await ensureModel(api, {
        namespace: bank,
        slug: `broad-${n}`,
        tier: "institution",
        name: `Broad ${n}`,
        scenario: "risk",
      });
      for (let at = 0; at < 2; at += 1) await sealed(api, model, ref);
    }
  }
  return ref;
}
