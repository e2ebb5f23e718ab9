import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, dataset, sha256, upload } from "../../test/registry-fixtures.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
});
afterAll(() => platform.close());

const row = (text: string) =>
  JSON.stringify({
    messages: [
      { role: "user", content: text },
      { role: "assistant", content: "label" },
    ],
  });
const create = (client: typeof people.admin, namespace: string, slug: string) =>
  client.post(paths.datasets(), {
    namespace,
    slug,
    name: slug,
    format: "chat",
    licence: "internal",
    legalBasis: "contract",
    sensitivity: "personal",
  });

describe("a dataset version", () => {
  it("is made of checked rows, counted, and shown page by page to its owner", async () => {
    const rows = Array.from({ length: 30 }, (_, index) => row(`question ${index + 1}`)).join("\n");
    const ref = await dataset(people.member, "northbank/dialogues", rows, "chat");
    const version = (await people.member.get(paths.datasetVersion(ref))).body;
    expect(version).toMatchObject({ ref: "northbank/dialogues@1", rows: 30, sha256: sha256(rows), trained: [], owner: "northbank" });
    const page = (await people.member.get(`${paths.datasetRows(ref)}?offset=25&limit=10`)).body;
    expect([page.total, page.rows.length, page.rows[0].line, page.rows[0].value.messages[0].content]).toEqual([30, 5, 26, "question 26"]);
    expect((await people.member.get(paths.dataset("northbank/dialogues"))).body).toMatchObject({ versions: 1, latest: ref });
  });

  it("is refused with the numbers of its broken lines, and nothing is written", async () => {
    await create(people.member, "northbank", "broken");
    const sha = await upload(
      people.member,
      [
        row("ok"),
        "{broken",
        JSON.stringify({
          messages: [
            { role: "assistant", content: "a" },
            { role: "user", content: "b" },
          ],
        }),
      ].join("\n"),
    );
    const answer = await people.member.post(paths.datasetVersions("northbank/broken"), { sha256: sha });
    expect(answer.status).toBe(422);
    expect(answer.body.errors.map(({ code, detail }: { code: string; detail: string }) => [code, detail])).toEqual([
      ["line_json", "line 2: is not a JSON object"],
      ["role_order", "line 3: messages[0] must be user, not assistant"],
    ]);
    expect((await people.member.get(paths.dataset("northbank/broken"))).body.versions).toBe(0);
  });

  it("is refused when empty, and when its bytes were never uploaded", async () => {
    await create(people.member, "northbank", "empty");
    const post = (sha: string) => people.member.post(paths.datasetVersions("northbank/empty"), { sha256: sha });
    expect((await post(await upload(people.member, ""))).body.errors[0].code).toBe("dataset_empty");
    expect((await post(sha256("never uploaded"))).body.errors[0].code).toBe("blob_unknown");
    const theirs = await upload(people.stranger, row("southbank's own"));
    expect((await post(theirs)).body.errors[0].code).toBe("blob_unknown");
  });

  it("is refused when another version has the same bytes, naming it; also when both arrive at once", async () => {
    const rows = row("the same");
    await dataset(people.member, "northbank/twins", rows, "chat");
    const again = await people.member.post(paths.datasetVersions("northbank/twins"), { sha256: sha256(rows) });
    expect([again.status, again.body.errors]).toEqual([
      409,
      [{ code: "duplicate_version", detail: "northbank/twins@1 has these very bytes", pointer: "/sha256" }],
    ]);
    const other = await upload(people.member, row("both at once"));
    const answers = await Promise.all([1, 2, 3].map(() => people.member.post(paths.datasetVersions("northbank/twins"), { sha256: other })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect((await people.member.get(paths.dataset("northbank/twins"))).body.versions).toBe(2);
  });

  it("never changes, whoever writes", async () => {
    await expect(asSystem(platform, "update dataset_versions set rows = 1 where number = 1")).rejects.toThrow("append-only");
  });
});

describe("a dataset", () => {
  it("has one name, in the namespace of its owner", async () => {
    await create(people.member, "northbank", "named");
    expect((await create(people.member, "northbank", "named")).body.errors[0].code).toBe("duplicate_name");
    expect((await create(people.member, "southbank", "named")).body.errors[0].code).toBe("namespace");
    expect((await create(people.member, "finance", "named")).status).toBe(403);
    expect((await create(people.engineer, "northbank", "named")).status).toBe(403);
    expect((await create(people.engineer, "finance", "named")).status).toBe(201);
  });

  it("of an institution is seen by nobody else", async () => {
    const ref = await dataset(people.member, "northbank/secret", row("secret"), "chat");
    for (const url of [
      paths.dataset("northbank/secret"),
      paths.datasetVersions("northbank/secret"),
      paths.datasetVersion(ref),
      paths.datasetRows(ref),
    ]) {
      expect([url, (await people.stranger.get(url)).status]).toEqual([url, 404]);
    }
    const listed = (await people.stranger.get(`${paths.datasets()}?limit=200&include=total`)).body;
    expect(listed.data.filter(({ owner }: { owner: string }) => owner === "northbank")).toEqual([]);
    expect(listed.total).toBe(listed.data.length);
  });

  it("shows the platform's people that it exists, not what is in it", async () => {
    const ref = await dataset(people.member, "northbank/known", row("known"), "chat");
    expect((await people.engineer.get(paths.datasetVersion(ref))).body.rows).toBe(1);
    expect((await people.engineer.get(paths.datasetRows(ref))).status).toBe(403);
    expect((await people.engineer.get(paths.blob(sha256(row("known"))))).status).toBe(404);
  });
});
