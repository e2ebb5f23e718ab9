import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { aCluster } from "../../test/hand-run.js";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid } from "../../test/registry-fixtures.js";
import { newId } from "../platform/database/ids.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  await aCluster(platform, 4);
});
afterAll(() => platform?.close());

/** A job of northbank's that holds a place. */
async function aRun(): Promise<void> {
  const job = newId("job");
  await asSystem(
    platform,
    `insert into jobs (id, institution_id, model_id, kind, method, tier, hyperparameters, seed, state, requested_by, requested_by_name, due_at)
     select $1, institution_id, id, 'tune', 'lora', tier, '{}', 1, 'running', $2, 'test', null from models where namespace = 'northbank'`,
    [job, people.member.viewer.userId],
  );
  await asSystem(
    platform,
    `insert into attempts (id, institution_id, job_id, number, key, cluster_id, state, token_hash, token_expires_at)
     select $1, j.institution_id, j.id, 1, $1, c.id, 'running', $1, now() from jobs j, clusters c where j.id = $2`,
    [newId("attempt"), job],
  );
}

it("a cluster is as full as its viewer may see: of one's own jobs, and of all for the platform's people", async () => {
  await aRun();
  const used = async (client: Client) => (await client.get(paths.clusters())).body.data.map(({ used }: { used: number }) => used);
  expect([await used(people.member), await used(people.stranger), await used(people.engineer)]).toEqual([[1], [0], [1]]);
});
