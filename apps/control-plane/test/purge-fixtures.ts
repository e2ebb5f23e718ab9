import { type CreateHold, paths } from "@ziggurat/contracts";
import { newId } from "../src/platform/database/ids.js";
import { type Answer, asSystem, type Client, type TestPlatform } from "./harness.js";
import { type aPyramid, forceState, released, type sealed, versionId } from "./registry-fixtures.js";

interface Bench {
  readonly platform: TestPlatform;
  readonly people: Awaited<ReturnType<typeof aPyramid>>;
  /** Compliance reviewer of northbank. */
  readonly reviewer: Client;
}

/** Asking for purges, and what keeps things from them. @param bench asked when a helper is called, since it is set up before the tests */
export function purgeHelpers(bench: () => Bench) {
  async function retired(client: Client, of: string, options: Parameters<typeof sealed>[2]): Promise<string> {
    const ref = await released(bench().platform, client, of, options);
    await forceState(bench().platform, ref, "retired");
    return ref;
  }

  const preview = (client: Client, subject: object): Promise<Answer> => client.post(paths.purgePreview(), subject);
  const blockers = async (client: Client, subject: object): Promise<string[]> => {
    const answer = await preview(client, subject);
    if (answer.status !== 200) throw new Error(answer.text);
    return answer.body.blockers.map(({ code }: { code: string }) => code);
  };
  const purge = async (client: Client, subject: object, more: object = {}): Promise<Answer> => {
    const { graph = "0".repeat(64) } = (await preview(client, subject)).body;
    return client.post(paths.purges(), { ...subject, graph, reason: "kept long enough", ...more });
  };
  const codes = (answer: Answer): string[] => (answer.body.errors ?? []).map(({ code }: { code: string }) => code);
  const view = async (ref: string, client = bench().people.admin) => (await client.get(paths.version(ref))).body;
  const tombstones = async (ref: string) =>
    (await asSystem(bench().platform, "select 1 from tombstones where version_id = $1", [await versionId(bench().platform, ref)])).length;
  const storedFiles = async (ref: string) =>
    (await asSystem(bench().platform, "select 1 from version_files where version_id = $1", [await versionId(bench().platform, ref)]))
      .length;
  const hold = async (client: Client, subject: Partial<CreateHold>) => {
    const answer = await client.post(paths.holds(), { ...subject, reason: "case 12" });
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.body;
  };
  async function lift(id: string, first = bench().reviewer, second = bench().people.admin) {
    await first.post(paths.holdLift(id), { reason: "closed" });
    await second.post(paths.holdLiftConfirm(id), {});
  }
  /** Points a name at a version past the service, as an alias of a version that was released once. */
  const point = async (name: string, ref: string) =>
    asSystem(
      bench().platform,
      `insert into aliases (model_id, name, institution_id, version_id, moved_by)
       select model_id, $1, institution_id, id, 'test' from versions where id = $2
       on conflict (model_id, name) do update set version_id = excluded.version_id`,
      [name, await versionId(bench().platform, ref)],
    );
  async function aJob(onVersion: string, state: string): Promise<string> {
    const id = newId("job");
    await asSystem(
      bench().platform,
      `insert into jobs (id, institution_id, model_id, kind, method, tier, parent_version_id, hyperparameters, seed, state, requested_by, requested_by_name, due_at)
       select $1, v.institution_id, v.model_id, 'evaluate', 'evaluate', v.tier, v.id, '{}', 1, $3, 'usr_${"0".repeat(32)}', 'test', null
       from versions v where v.id = $2`,
      [id, await versionId(bench().platform, onVersion), state],
    );
    return id;
  }
  return { retired, preview, blockers, purge, codes, view, tombstones, storedFiles, hold, lift, point, aJob };
}
