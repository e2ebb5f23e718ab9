import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Answer, asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, dataset, draft, forceState, move, register, score, sealed, versionId } from "../../test/registry-fixtures.js";
import { RecallAdvance } from "../recalls/recall-advance.service.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
/** An administrator, and so one who could approve anything but their own. */
let ann: Client;
let held: string;
let taught: string;
let count = 0;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  ann = await platform.addPerson("northbank", "ann@north.example", "institution_admin", "institution_member", "compliance_reviewer");
  held = await dataset(people.member, "northbank/held", ROWS, "chat");
  taught = await dataset(people.member, "northbank/taught", ROWS.replace("lost", "stolen"), "chat");
});
afterAll(() => platform?.close());
beforeEach(() => {
  count += 1;
});

const ROWS = '{"messages":[{"role":"user","content":"lost"},{"role":"assistant","content":"block"}]}\n';
const cards = "northbank/cards";
const codes = ({ status, body }: Answer) => [status, ...(body?.errors ?? []).map(({ code }: { code: string }) => code)];

/** A version in review whose gates hold; made by the member unless somebody else is named. */
async function inReview({ by = people.member, submittedBy = people.member } = {}): Promise<string> {
  const parents = [{ version: people.finance, relation: "adapter_of" }];
  const made = await draft(by, cards, { artifactKind: "adapter", parents });
  await move(submittedBy, made.body.ref, "sealed");
  return ready(made.body.ref, submittedBy);
}

async function ready(ref: string, submittedBy = people.member): Promise<string> {
  await score(platform, ref, held, { exactMatch: 0.9 });
  await score(platform, people.finance, held, { exactMatch: 0.1 }, ref);
  expect((await move(submittedBy, ref, "in_review")).status).toBe(200);
  return ref;
}

const evaluation = (ref: string, on = held) => ({
  kind: "evaluate",
  model: cards,
  parent: ref,
  datasets: [on],
  hyperparameters: {},
  seed: 1,
  reason: "once more",
});

describe("a release", () => {
  it("is refused to whoever drafted, sealed, submitted or scored the version, and granted to another", async () => {
    const drafted = await inReview({ by: ann });
    expect(codes(await move(ann, drafted, "released"))).toEqual([403, "own_registration", "own_upload"]);
    const submitted = await inReview({ submittedBy: ann });
    expect(codes(await move(ann, submitted, "released"))).toEqual([403, "own_submission"]);
    const scored = await inReview();
    expect((await ann.post(paths.jobs(), evaluation(scored))).status).toBe(201);
    expect(codes(await move(ann, scored, "released"))).toEqual([403, "own_evaluation"]);
    for (const ref of [drafted, submitted, scored]) expect(codes(await move(people.northReleaser, ref, "released"))).toEqual([200]);
  });

  it("is no administrator's by being one, who deprecates and withdraws all the same; nor is the way back, or the lift of a recall", async () => {
    const administrator = await platform.addPerson("northbank", `admin-${count}@north.example`, "institution_admin");
    const ref = await inReview();
    expect(codes(await move(administrator, ref, "released"))).toEqual([403, "role"]);
    expect(codes(await move(people.northReleaser, ref, "released"))).toEqual([200]);
    expect(codes(await move(administrator, ref, "quarantined"))).toEqual([200]);
    expect(codes(await move(administrator, ref, "released"))).toContain("role");
    expect(codes(await move(platform.admin, ref, "released"))).toContain("role");
    expect(codes(await move(people.releaser, ref, "released"))).not.toContain("role");
    const { graph } = (await administrator.post(paths.recallPreview(), { version: ref })).body;
    const { id } = (await administrator.post(paths.recalls(), { version: ref, graph, reason: "faulty" })).body;
    await platform.app.get(RecallAdvance).advance({ recallId: id });
    const lift = (client: Client) => client.post(paths.recallLift(id), { reason: "cleared" });
    for (const one of [administrator, platform.admin]) {
      expect((await lift(one)).status).toBe(403);
      expect((await one.get(paths.recall(id))).body.mayLift).toBe(false);
    }
    const reviewer = await platform.addPerson("northbank", `reviewer-${count}@north.example`, "compliance_reviewer");
    expect((await reviewer.get(paths.recall(id))).body.mayLift).toBe(true);
    expect((await lift(reviewer)).status).toBe(200);
  });

  it("is refused to whoever brought a file to another's draft", async () => {
    const made = await draft(people.member, cards, {
      artifactKind: "adapter",
      parents: [{ version: people.finance, relation: "adapter_of" }],
    });
    const { data } = (await ann.get(paths.versionFiles(made.body.ref))).body;
    const put = await ann.post(paths.versionFiles(made.body.ref), {
      files: data.map(({ path, sha256 }: { path: string; sha256: string }) => ({ path, sha256 })),
    });
    expect([200, 201]).toContain(put.status);
    await move(people.member, made.body.ref, "sealed");
    const ref = await ready(made.body.ref);
    expect(codes(await move(ann, ref, "released"))).toEqual([403, "own_upload"]);
    expect(codes(await move(people.northReleaser, ref, "released"))).toEqual([200]);
  });

  it("is refused to whoever brought rows that taught or scored it", async () => {
    const rows = await dataset(ann, `northbank/rows-${count}`, ROWS.replace("lost", `lost ${count}`), "chat");
    const ref = await inReview();
    await asSystem(
      platform,
      `insert into dataset_uses (version_id, dataset_version_id, institution_id) select v.id, d.id, v.institution_id
         from versions v, dataset_versions d join datasets s on s.id = d.dataset_id where v.id = $1 and s.namespace || '/' || s.slug || '@' || d.number = $2`,
      [await versionId(platform, ref), rows],
    );
    expect(codes(await move(ann, ref, "released"))).toContain("own_data");
    const scored = await inReview();
    expect((await people.member.post(paths.jobs(), evaluation(scored, rows))).status).toBe(201);
    expect(codes(await move(ann, scored, "released"))).toEqual([403, "own_data"]);
  });

  it("counts what was done to the version that was merged, as long as nobody else released that", async () => {
    const adapter = await sealed(ann, cards, { artifactKind: "adapter", parents: [{ version: people.finance, relation: "adapter_of" }] });
    const parents = [{ version: adapter, relation: "merged_from" }];
    const made = await draft(people.member, cards, { artifactKind: "merged", parents });
    expect(made.status).toBe(201);
    await move(people.member, made.body.ref, "sealed");
    const ref = await ready(made.body.ref);
    expect(codes(await move(ann, ref, "released"))).toEqual([403, "own_registration", "own_submission", "own_upload"]);
    await forceState(platform, adapter, "released");
    const refused = codes(await move(ann, ref, "released"));
    expect(refused).not.toContain("own_upload");
  });

  it("says on the version who may not, and why, to the owner's people alone", async () => {
    const ref = await inReview({ by: ann });
    const seen = (await ann.get(paths.version(ref))).body;
    expect(seen.contributors).toEqual([
      { name: "ann", contributions: ["registered", "uploaded"], isViewer: true },
      { name: "member", contributions: ["submitted"], isViewer: false },
    ]);
    const release = ({ body }: Answer) => body.moves.find(({ to }: { to: string }) => to === "released");
    expect(release(await ann.get(paths.version(ref)))).toMatchObject({ allowed: false, codes: ["own_registration", "own_upload"] });
    expect(release(await people.northReleaser.get(paths.version(ref)))).toMatchObject({ allowed: true, codes: [] });
    expect((await people.engineer.get(paths.version(ref))).body.contributors).toEqual([]);
    expect((await ann.get(paths.version(people.finance))).body.contributors).toEqual([]);
  });

  it("knows a person again who has another account, here or at another institution", async () => {
    // The same address at the platform; what they do there is theirs still.
    const there = await platform.addPerson("platform", "ann-there@north.example", "platform_admin");
    const again = await sealed(ann, cards, { artifactKind: "adapter", parents: [{ version: people.finance, relation: "adapter_of" }] });
    await forceState(platform, again, "released");
    await move(people.northReleaser, again, "quarantined");
    expect(codes(await move(there, again, "released"))).not.toContain("own_registration");
    await asSystem(platform, "update users set email = 'ann@north.example' where id = $1", [there.viewer.userId]);
    expect(codes(await move(there, again, "released"))).toContain("own_registration");
    expect(codes(await move(platform.admin, again, "released"))).not.toContain("own_registration");
  });
});

describe("a job", () => {
  const tune = (rows: string, on = held) => ({
    kind: "tune",
    method: "lora",
    model: cards,
    parent: people.finance,
    datasets: [rows],
    evaluateOn: [on],
    hyperparameters: {},
    seed: 1,
    reason: "try",
  });
  const approve = (client: Client, id: string) => client.post(paths.jobAction(id, "approve"), { reason: "fine" });

  it("is approved neither by who asked for it nor by who brought its rows, whatever else they are", async () => {
    const rows = await dataset(ann, `northbank/rows-${count}`, ROWS.replace("lost", `lost ${count}`), "chat");
    const asked = (await ann.post(paths.jobs(), tune(taught))).body;
    expect(asked).toMatchObject({ state: "awaiting_approval" });
    expect(codes(await approve(ann, asked.id))).toEqual([403, "cannot_approve", "own_request"]);
    const supplied = (await people.member.post(paths.jobs(), tune(rows))).body;
    expect(codes(await approve(ann, supplied.id))).toEqual([403, "cannot_approve", "own_data"]);
    const seen = (await ann.get(paths.job(supplied.id))).body.moves.find(({ action }: { action: string }) => action === "approve");
    expect(seen).toMatchObject({ allowed: false, codes: ["own_data"] });
    for (const { id } of [asked, supplied]) expect((await approve(people.northReleaser, id)).status).toBe(200);
  });

  it("that was taken up again makes whoever did so one of its authors", async () => {
    const { id } = (await people.member.post(paths.jobs(), tune(taught))).body;
    await approve(people.northReleaser, id);
    expect((await people.member.post(paths.jobAction(id, "pause"), { reason: "wait" })).status).toBe(200);
    expect((await ann.post(paths.jobAction(id, "resume"), { reason: "go on" })).status).toBe(200);
    const ref = await inReview();
    await asSystem(platform, "update jobs set version_id = $2 where id = $1", [id, await versionId(platform, ref)]);
    expect(codes(await move(ann, ref, "released"))).toEqual([403, "own_training"]);
  });
});

describe("the second word of two", () => {
  it("for the end of a hold is not given by another account of who gave the first", async () => {
    const ref = await inReview();
    const hold = (await ann.post(paths.holds(), { version: ref, reason: "case" })).body;
    expect((await ann.post(paths.holdLift(hold.id), { reason: "closed" })).status).toBe(200);
    expect(codes(await ann.post(paths.holdLiftConfirm(hold.id), {}))).toEqual([403, "same_person"]);
    const twin = await platform.addPerson("northbank", "ann-private@home.example", "compliance_reviewer");
    await asSystem(platform, "update users set person = 'one' where id = any($1)", [[ann.viewer.userId, twin.viewer.userId]]);
    expect((await twin.get(paths.hold(hold.id))).body.actions).toEqual(["withdraw_lift"]);
    expect(codes(await twin.post(paths.holdLiftConfirm(hold.id), {}))).toEqual([403, "same_person"]);
    expect((await people.northReleaser.post(paths.holdLiftConfirm(hold.id), {})).status).toBe(200);
  });
});

it("notes what anybody contributed whoever writes it, and changes none of it", async () => {
  await register(people.admin, { tier: "institution", slug: `line-${count}` });
  const ref = await sealed(people.member, `northbank/line-${count}`, {
    parents: [{ version: people.finance, relation: "finetuned_from" }],
  });
  const id = await versionId(platform, ref);
  const noted = await asSystem<{ kind: string; account: string }>(
    platform,
    "select kind, account from contributions where object_id = $1 order by 1",
    [id],
  );
  expect(noted).toEqual(["registered", "submitted", "uploaded"].map((kind) => ({ kind, account: people.member.viewer.userId })));
  await expect(asSystem(platform, "delete from contributions where object_id = $1", [id])).rejects.toThrow("append-only");
});
