import { createHash } from "node:crypto";
import { paths } from "@ziggurat/contracts";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, asSystem, startPlatform, type TestPlatform } from "../../../test/harness.js";
import {
  aPyramid,
  aSafetensors,
  draft,
  forceState,
  move,
  register,
  released,
  sealed,
  sha256,
  upload,
  versionId,
} from "../../../test/registry-fixtures.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
});
afterAll(() => platform.close());

const codes = (answer: Answer) => answer.body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`);
const adapterOf = (version: string) => ({ artifactKind: "adapter", parents: [{ version, relation: "adapter_of" }] });

describe("a draft", () => {
  it("counts up, holds files by digest and knows their kinds", async () => {
    const one = await draft(people.engineer, "foundation/base", {
      files: { "model.safetensors": aSafetensors(8), "tokenizer.json": "{}", "README.md": "# card" },
    });
    const two = await draft(people.engineer, "foundation/base");
    expect(two.body.number).toBe(one.body.number + 1);
    const files = (await people.engineer.get(paths.versionFiles(one.body.ref))).body.data;
    expect(files.map(({ path, kind }: { path: string; kind: string }) => [path, kind])).toEqual([
      ["README.md", "card"],
      ["model.safetensors", "weights"],
      ["tokenizer.json", "tokenizer"],
    ]);
  });

  it("refuses a path that escapes or is listed twice, as malformed", async () => {
    const bytes = await upload(people.engineer, "{}");
    const post = (...names: string[]) =>
      people.engineer.post(paths.versions("foundation/base"), { files: names.map((path) => ({ path, sha256: bytes })) });
    for (const path of ["../up.json", "/abs.json", "a/../b.json", "a\\b.json", "a//b.json", "./a.json", ""]) {
      const answer = await post("ok.json", path);
      expect([path, answer.status, answer.body.errors[0].pointer]).toEqual([path, 400, "/files/1/path"]);
    }
    const twice = await post("a.json", "b.json", "a.json", "b.json/c.json");
    expect([twice.status, codes(twice)]).toEqual([400, ["duplicate_path /files/2/path", "path_conflict /files/3/path"]]);
  });

  it("refuses pickles by name and by content, and broken safetensors, all at once", async () => {
    const pickle = Buffer.from([0x80, 0x04, 0x95, 1, 2, 3]);
    const torch = Buffer.concat([Buffer.from("PK\u0003\u0004"), Buffer.alloc(26), Buffer.from("archive/data.pkl")]);
    const truncated = aSafetensors(100).subarray(0, 200);
    const answer = await draft(people.engineer, "foundation/base", {
      files: {
        "pytorch_model.bin": "x",
        "model.safetensors": pickle,
        "other.safetensors": truncated,
        "weights.dat": torch,
        "config.json": "{}",
      },
    });
    expect(answer.status).toBe(422);
    expect(codes(answer)).toEqual([
      "executable_serialisation /files/0/path",
      "executable_serialisation /files/1/path",
      "safetensors_invalid /files/2/path",
      "executable_serialisation /files/3/path",
    ]);
    expect(answer.body.errors[2].detail).toContain("other.safetensors");
  });

  it("refuses parents of the wrong tier, unreleased, withdrawn or unknown, each at its place", async () => {
    const unreleased = await sealed(people.engineer, "finance/ledger", {
      parents: [{ version: people.foundation, relation: "pretrained_from" }],
    });
    const recalled = await released(platform, people.engineer, "finance/ledger", {
      parents: [{ version: people.foundation, relation: "pretrained_from" }],
    });
    await move(people.engineer, recalled, "recalled");
    const parents = [people.foundation, unreleased, recalled, "finance/ledger@999"].map((version) => ({ version, relation: "adapter_of" }));
    const answer = await draft(people.admin, "northbank/cards", { artifactKind: "adapter", parents });
    expect([answer.status, codes(answer)]).toEqual([
      422,
      ["parent_tier /parents/0", "parent_unknown /parents/1", "parent_withdrawn /parents/2", "parent_unknown /parents/3"],
    ]);
    const seenByPlatform = await draft(people.engineer, "finance/ledger", {
      parents: [{ version: unreleased, relation: "finetuned_from" }],
    });
    expect(codes(seenByPlatform)).toEqual(["parent_not_released /parents/0"]);
  });

  it("replaces and adds files until it is sealed", async () => {
    const { body } = await draft(people.admin, "northbank/cards", adapterOf(people.finance));
    const put = async (path: string, bytes: string) =>
      people.admin.put(paths.versionFiles(body.ref), { files: [{ path, sha256: await upload(people.admin, bytes) }] });
    expect((await put("README.md", "# one")).body.fileCount).toBe(3);
    expect((await put("README.md", "# two")).body.fileCount).toBe(3);
    expect((await put("README.md/inside", "x")).status).toBe(400);
    await move(people.admin, body.ref, "sealed");
    const late = await put("late.json", "{}");
    expect([late.status, late.body.errors[0].code]).toEqual([409, "sealed"]);
    expect((await people.admin.get(paths.version(body.ref))).body.fileCount).toBe(3);
  });
});

describe("sealing", () => {
  it("writes the model-signing root digest and counts parameters from the weights' headers", async () => {
    const files = { "model.safetensors": aSafetensors(123), "config.json": "{}", ".gitattributes": "* text" };
    const made = await draft(people.engineer, "foundation/base", { files });
    const answer = await move(people.engineer, made.body.ref, "sealed");
    const raw = ["config.json", "model.safetensors"].map((path) =>
      Buffer.from(sha256(files[path === "config.json" ? path : "model.safetensors"]), "hex"),
    );
    expect(answer.body.rootDigest).toBe(createHash("sha256").update(Buffer.concat(raw)).digest("hex"));
    expect([answer.body.state, answer.body.parameters]).toEqual(["sealed", 123]);
  });

  it("refuses a version without weights, and one of an upper tier without a parent", async () => {
    const empty = await draft(people.engineer, "foundation/base", { files: {} });
    expect(codes(await move(people.engineer, empty.body.ref, "sealed"))).toEqual(["files_required /files"]);
    const orphan = await draft(people.admin, "northbank/cards", { files: { "config.json": "{}" } });
    expect(codes(await move(people.admin, orphan.body.ref, "sealed"))).toEqual(["artifact_incomplete /files", "parent_required /parents"]);
    expect((await people.admin.get(paths.version(orphan.body.ref))).body.state).toBe("draft");
  });

  it("pins declared parents to their digests and narrows the terms", async () => {
    await register(people.engineer, { tier: "foundation", slug: "narrow", terms: { redistribution: false, regions: ["hk", "sg"] } });
    const base = await released(platform, people.engineer, "foundation/narrow");
    const ref = await sealed(people.engineer, "finance/ledger", { parents: [{ version: base, relation: "pretrained_from" }] });
    const { body } = await people.engineer.get(paths.version(ref));
    const digest = (await people.engineer.get(paths.version(base))).body.rootDigest;
    expect(body.parents).toEqual([{ version: base, relation: "pretrained_from", seal: "declared", rootDigest: digest }]);
    expect(body.effectiveTerms).toEqual({ commercialUse: true, redistribution: false, regions: ["hk", "sg"] });
  });

  it("fixes everything but the state, whoever writes: through SQL as the application's own login too", async () => {
    const id = await versionId(platform, people.finance);
    const client = new pg.Client({ connectionString: platform.database.appUrl });
    await client.connect();
    const attempt = async (sql: string) => {
      await client.query("begin");
      await client.query(
        "select set_config('app.institution', 'ins_00000000000000000000000000000000', true), set_config('app.reach', 'system', true)",
      );
      const code = await client.query(sql).then(
        () => "done",
        (error: { code: string }) => error.code,
      );
      await client.query("rollback");
      return code;
    };
    const files = `version_files where version_id = '${id}'`;
    expect(await attempt(`update versions set root_digest = '00' where id = '${id}'`)).toBe("ZG001");
    expect(await attempt(`update versions set state = 'draft' where id = '${id}'`)).toBe("ZG001");
    expect(await attempt(`delete from versions where id = '${id}'`)).toBe("ZG001");
    expect(await attempt(`delete from ${files}`)).toBe("ZG001");
    expect(await attempt(`update version_files set path = 'other' where version_id = '${id}'`)).toBe("ZG001");
    expect(await attempt(`delete from edges where child_id = '${id}'`)).toBe("ZG002");
    expect(await attempt(`alter table versions disable trigger all`)).toBe("42501");
    await client.end();
  });
});

describe("moving through the states", () => {
  it("answers an illegal step with a conflict that names the allowed ones", async () => {
    const made = await draft(people.engineer, "foundation/base");
    const answer = await move(people.releaser, made.body.ref, "released");
    expect([answer.status, answer.body.errors[0].detail]).toEqual([409, "from draft a version moves to sealed, not to released"]);
  });

  it("shows the moves open to the viewer, and makes exactly those", async () => {
    const ref = await sealed(people.admin, "northbank/cards", adapterOf(people.finance));
    await move(people.member, ref, "in_review");
    const moves = (await people.member.get(paths.version(ref))).body.moves;
    expect(moves.filter((m: { allowed: boolean }) => m.allowed).map((m: { to: string }) => m.to)).toEqual(["sealed"]);
    const denied = await move(people.member, ref, "released");
    expect([denied.status, denied.body.code]).toEqual([403, "denied"]);
    expect((await move(people.member, ref, "sealed")).status).toBe(200);
  });

  it("asks why a version is withdrawn", async () => {
    const ref = await sealed(people.admin, "northbank/cards", adapterOf(people.finance));
    expect(codes(await move(people.engineer, ref, "quarantined", " "))).toEqual(["reason_required /reason"]);
    expect((await move(people.engineer, ref, "quarantined", "faulty")).body.state).toBe("quarantined");
  });

  it("lets one of several racing moves win and audits exactly that one", async () => {
    const ref = await sealed(people.engineer, "foundation/base");
    const answers = await Promise.all([1, 2, 3, 4].map(() => move(people.engineer, ref, "in_review")));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    const rows = await asSystem(platform, "select 1 from audit_entries where action = 'version.submit' and object = $1", [ref]);
    expect(rows).toHaveLength(1);
  });
});

describe("files of a version", () => {
  it("are handed to their owner from the draft on, and to others once released", async () => {
    const weights = aSafetensors(4, "handed");
    const ref = await sealed(people.engineer, "finance/ledger", {
      files: { "a b/model.safetensors": weights },
      parents: [{ version: people.foundation, relation: "pretrained_from" }],
    });
    const get = (client: typeof people.admin, headers = {}) => client.get(paths.versionFile(ref, "a b/model.safetensors"), headers);
    expect((await get(people.engineer)).status).toBe(200);
    expect((await get(people.admin)).status).toBe(404);
    await forceState(platform, ref, "released");
    const open = await get(people.admin);
    expect([open.status, open.body.code]).toEqual([422, "rule"]);
    expect((await get(people.engineer, { range: "bytes=0-7" })).status).toBe(206);
    expect((await people.engineer.get(paths.versionFile(ref, "none"))).status).toBe(404);
  });

  it("are not handed out once withdrawn, and the attempt is audited", async () => {
    const ref = await sealed(people.admin, "northbank/cards", adapterOf(people.finance));
    await move(people.admin, ref, "recalled");
    const answer = await people.admin.get(paths.versionFile(ref, "adapter_model.safetensors"));
    expect([answer.status, answer.body.errors[0].code]).toEqual([422, "withdrawn"]);
    expect(
      await asSystem(platform, "select 1 from audit_entries where action = 'file.refused' and object like $1", [`${ref}/%`]),
    ).toHaveLength(1);
  });

  it("of an institution stay closed to the platform's people, who see that they exist", async () => {
    const ref = await sealed(people.admin, "northbank/cards", adapterOf(people.finance));
    expect((await people.engineer.get(paths.versionFiles(ref))).body.data).toHaveLength(2);
    const answer = await people.engineer.get(paths.versionFile(ref, "adapter_model.safetensors"));
    expect([answer.status, answer.body.code]).toEqual([403, "denied"]);
  });
});

it("shows a shared version to institutions from its release on, also once withdrawn, and never one that was withdrawn before", async () => {
  const ref = await sealed(people.engineer, "foundation/base");
  const seen = async (version: string) => (await people.admin.get(paths.version(version))).status;
  expect(await seen(ref)).toBe(404);
  await move(people.engineer, ref, "quarantined");
  expect(await seen(ref)).toBe(404);
  const known = await released(platform, people.engineer, "foundation/base");
  await move(people.engineer, known, "recalled");
  expect(await seen(known)).toBe(200);
});

it("shows an institution's versions to nobody else, whatever is asked", async () => {
  const ref = await sealed(people.admin, "northbank/cards", adapterOf(people.finance));
  const path = paths.version(ref);
  for (const url of [
    path,
    paths.versionFiles(ref),
    paths.versionFile(ref, "config.json"),
    paths.versions("northbank/cards"),
    paths.aliases("northbank/cards"),
  ]) {
    expect([url, (await people.stranger.get(url)).status]).toEqual([url, 404]);
  }
  expect((await move(people.stranger, ref, "in_review")).status).toBe(404);
  expect((await draft(people.stranger, "northbank/cards")).status).toBe(404);
});
