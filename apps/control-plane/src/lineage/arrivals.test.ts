import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, upload, versionId } from "../../test/registry-fixtures.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
});
afterAll(() => platform.close());

const within = <T>(work: (tx: Tx) => Promise<T>): Promise<T> =>
  platform.app.get(UnitOfWork).run(systemViewer(PLATFORM_ID, PLATFORM_SLUG), work);

let made = 0;
/** Inserts a version of the finance model as sealed, past the platform's own code. */
async function arrive(tx: Tx, sealedAt = "now()"): Promise<string> {
  made += 1;
  const id = `ver_${made.toString(16).padStart(32, "f")}`;
  await tx.query(
    `insert into versions (id, institution_id, model_id, number, tier, artifact_kind, effective_terms, root_digest, created_by, state, sealed_at)
     select $1, institution_id, model_id, ${1000 + made}, tier, artifact_kind, effective_terms, root_digest, 'test', 'sealed', ${sealedAt}
     from versions where id = $2`,
    [id, await versionId(platform, people.finance)],
  );
  return id;
}
const derive = (tx: Tx, child: string, parent: string, relation = "finetuned_from") =>
  tx.query(
    "insert into edges (child_id, parent_id, relation, institution_id, seal) select id, $2, $3, institution_id, 'sealed' from versions where id = $1",
    [child, parent, relation],
  );
const addFile = (tx: Tx, version: string, sha256: string) =>
  tx.query(
    "insert into version_files (version_id, institution_id, path, sha256, size_bytes, kind) values ($1, $2, 'late.txt', $3, 1, 'other')",
    [version, PLATFORM_ID, sha256],
  );
const code = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "done",
    (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
  );

describe("a version that arrives sealed", () => {
  it("takes its derivations and files in the transaction that inserts it", async () => {
    const [foundation, sha256] = [await versionId(platform, people.foundation), await upload(people.engineer, "a")];
    const work = within(async (tx) => {
      const id = await arrive(tx);
      await derive(tx, id, foundation);
      await addFile(tx, id, sha256);
    });
    expect(await code(work)).toBe("done");
  });

  it("takes none in a later one", async () => {
    const [foundation, sha256] = [await versionId(platform, people.foundation), await upload(people.engineer, "a")];
    const id = await within((tx) => arrive(tx));
    expect(await code(within((tx) => derive(tx, id, foundation)))).toBe("ZG003");
    expect(await code(within((tx) => addFile(tx, id, sha256)))).toBe("ZG001");
  });

  it("takes none because somebody touched it in this transaction, nor because its seal is dated now", async () => {
    const [foundation, sha256] = [await versionId(platform, people.foundation), await upload(people.engineer, "a")];
    const id = await within((tx) => arrive(tx, "now() - interval '1 day'"));
    const touch = (tx: Tx) => tx.query("update versions set updated_at = now() where id = $1", [id]);
    expect(await code(within(async (tx) => [await touch(tx), await derive(tx, id, foundation)]))).toBe("ZG003");
    expect(await code(within(async (tx) => [await touch(tx), await addFile(tx, id, sha256)]))).toBe("ZG001");
    const redate = within((tx) => tx.query("update versions set sealed_at = now() where id = $1", [id]));
    expect(await code(redate)).toBe("ZG001");
  });

  it("closes no cycle: not with itself, nor with another that arrives beside it", async () => {
    expect(await code(within(async (tx) => [await arrive(tx)].map((id) => derive(tx, id, id, "merged_from"))[0]))).toBe("ZG003");
    const both = within(async (tx) => {
      const [one, other] = [await arrive(tx), await arrive(tx)];
      await derive(tx, one, other, "merged_from");
      await derive(tx, other, one, "merged_from");
    });
    expect(await code(both)).toBe("ZG003");
  });

  it("derives from nothing that a draft may not derive from", async () => {
    const unreleased = await within((tx) => arrive(tx));
    expect(await code(within(async (tx) => derive(tx, await arrive(tx), unreleased)))).toBe("ZG003");
  });
});

it("leaves the version where it was when any part of it is refused", async () => {
  const before = await asSystem<{ n: number }>(platform, "select count(*)::int as n from versions");
  const unreleased = await within((tx) => arrive(tx));
  await code(within(async (tx) => derive(tx, await arrive(tx), unreleased)));
  const after = await asSystem<{ n: number }>(platform, "select count(*)::int as n from versions");
  expect((after[0]?.n ?? 0) - (before[0]?.n ?? 0)).toBe(1);
});
