import { request as httpRequest } from "node:http";
import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, startPlatform, type TestPlatform } from "../../../test/harness.js";
import {
  aPyramid,
  aSafetensors,
  dataset,
  draft,
  forceState,
  move,
  register,
  score,
  sealed,
  sha256,
  upload,
} from "../../../test/registry-fixtures.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
beforeAll(async () => {
  platform = await startPlatform({ env: { ZIGGURAT_MAX_FILE_BYTES: "3000000" } });
  people = await aPyramid(platform);
});
afterAll(() => platform.close());

const head = async (client: Client, digest: string) => {
  const response = await fetch(client.url + paths.blob(digest), { method: "HEAD", headers: client.headers });
  return [response.status, response.headers.get("upload-offset"), response.headers.get("upload-complete")];
};
const part = (client: Client, bytes: Buffer, first: number, last: number, digest = sha256(bytes)) =>
  client.put(paths.blob(digest), bytes.subarray(first, last + 1), { "content-range": `bytes ${first}-${last}/${bytes.length}` });

describe("an upload", () => {
  it("is known by its digest once every byte has arrived", async () => {
    const bytes = Buffer.from("all at once");
    const answer = await people.admin.put(paths.blob(sha256(bytes)), bytes);
    expect([answer.status, answer.headers.get("upload-complete"), answer.body]).toEqual([
      201,
      "?1",
      { sha256: sha256(bytes), sizeBytes: 11 },
    ]);
    expect(await head(people.admin, sha256(bytes))).toEqual([200, "11", "?1"]);
    expect((await people.admin.put(paths.blob(sha256(bytes)), bytes)).status).toBe(200);
  });

  it("goes on part by part at the offset that HEAD answers", async () => {
    const bytes = Buffer.alloc(100_000, "abc");
    expect(await head(people.admin, sha256(bytes))).toEqual([404, "0", "?0"]);
    expect((await part(people.admin, bytes, 0, 39_999)).status).toBe(204);
    expect(await head(people.admin, sha256(bytes))).toEqual([204, "40000", "?0"]);
    expect((await part(people.admin, bytes, 40_000, 99_999)).status).toBe(201);
    const got = await fetch(people.admin.url + paths.blob(sha256(bytes)), { headers: people.admin.headers });
    expect(sha256(Buffer.from(await got.arrayBuffer()))).toBe(sha256(bytes));
  });

  it("keeps what arrived when the connection breaks, and goes on from there", async () => {
    const bytes = Buffer.alloc(2_000_000, "broken connection ");
    await breakOff(people.admin, bytes, 1_200_000);
    await expect.poll(async () => Number((await head(people.admin, sha256(bytes)))[1])).toBeGreaterThan(0);
    const offset = await settledOffset(people.admin, sha256(bytes));
    expect(offset).toBeLessThanOrEqual(1_200_000);
    expect((await part(people.admin, bytes, offset, bytes.length - 1)).status).toBe(201);
  });

  it("is refused at a wrong offset, with the right one in the answer", async () => {
    const bytes = Buffer.from("0123456789");
    await part(people.admin, bytes, 0, 3);
    const answer = await part(people.admin, bytes, 6, 9);
    expect([answer.status, answer.body.code, answer.headers.get("upload-offset")]).toEqual([416, "range_mismatch", "4"]);
  });

  it("is refused and dropped when its bytes have another digest", async () => {
    const digest = sha256("what was promised");
    const answer = await people.admin.put(paths.blob(digest), Buffer.from("what was sent"));
    expect([answer.status, answer.body.code]).toEqual([422, "digest_mismatch"]);
    expect(await head(people.admin, digest)).toEqual([404, "0", "?0"]);
  });

  it("is refused when parts are whole but wrong together", async () => {
    const bytes = Buffer.from("first and second");
    const digest = sha256("something else");
    await part(people.admin, bytes, 0, 4, digest);
    expect((await part(people.admin, bytes, 5, bytes.length - 1, digest)).body.code).toBe("digest_mismatch");
    expect(await head(people.admin, digest)).toEqual([404, "0", "?0"]);
  });

  it("is refused before its first byte when the whole would be too large", async () => {
    const answer = await people.admin.put(paths.blob(sha256("large")), Buffer.from("a"), { "content-range": "bytes 0-0/3000001" });
    expect([answer.status, answer.body.code]).toEqual([413, "too_large"]);
  });

  it.each(["bytes 5-4/10", "bytes 0-10/10", "bytes */10", "0-1/2", "bytes 0-3/9"])("is refused with the range %s", async (range) => {
    const answer = await people.admin.put(paths.blob(sha256("x")), Buffer.from("abc"), { "content-range": range });
    expect([answer.status, answer.body.code]).toEqual([400, "invalid"]);
  });

  it("may be empty", async () => {
    expect(await upload(people.admin, "")).toBe(sha256(""));
    expect((await people.admin.get(paths.blob(sha256("")))).text).toBe("");
  });
});

describe("a download", () => {
  it("gives one range, resumes only the same bytes, and refuses what lies outside", async () => {
    const digest = await upload(people.admin, "0123456789");
    const get = (headers: Record<string, string>) => people.admin.get(paths.blob(digest), headers);
    const middle = await get({ range: "bytes=2-4" });
    expect([middle.status, middle.text, middle.headers.get("content-range")]).toEqual([206, "234", "bytes 2-4/10"]);
    expect((await get({ range: "bytes=-3" })).text).toBe("789");
    expect((await get({ range: "bytes=7-" })).text).toBe("789");
    expect((await get({ range: "bytes=7-", "if-range": '"other"' })).text).toBe("0123456789");
    expect((await get({ range: "bytes=10-" })).status).toBe(416);
    expect((await get({ "if-none-match": `"${digest}"` })).status).toBe(304);
  });
});

describe("a digest known from elsewhere", () => {
  it("reveals nothing: another institution sees the same as for bytes that nobody has", async () => {
    const digest = await upload(people.admin, "northbank's own weights");
    const nobody = sha256("bytes that nobody has");
    const strip = ({ status, body }: { status: number; body: { requestId: string; instance: string } }) => ({
      status,
      ...body,
      requestId: "",
      instance: "",
    });
    for (const client of [people.stranger, people.engineer]) {
      expect(await head(client, digest)).toEqual(await head(client, nobody));
      expect(strip(await client.get(paths.blob(digest)))).toEqual(strip(await client.get(paths.blob(nobody))));
    }
  });

  it("does not shorten another's upload: the bytes have to be sent all the same", async () => {
    const bytes = Buffer.from("the same bytes at two institutions");
    await upload(people.admin, bytes);
    expect((await part(people.stranger, bytes, 0, 9)).status).toBe(204);
    expect((await people.stranger.get(paths.blob(sha256(bytes)))).status).toBe(404);
    expect((await part(people.stranger, bytes, 10, bytes.length - 1)).status).toBe(201);
    expect((await people.stranger.get(paths.blob(sha256(bytes)))).text).toBe(bytes.toString());
  });

  it("does not show how far another's upload is", async () => {
    const bytes = Buffer.from("half of this is here");
    await part(people.admin, bytes, 0, 9);
    expect(await head(people.stranger, sha256(bytes))).toEqual([404, "0", "?0"]);
  });

  it("does not make a version of bytes that were never sent", async () => {
    const digest = await upload(people.admin, aSafetensors(4, "secret"));
    const answer = await people.engineer.post(paths.versions("foundation/base"), {
      files: [{ path: "model.safetensors", sha256: digest }],
    });
    expect([answer.status, answer.body.errors[0].code]).toEqual([422, "blob_unknown"]);
  });
});

it("opens the files of released shared versions to every institution while their gates hold, and closes them when the version is withdrawn", async () => {
  const weights = aSafetensors(4, "shared");
  const ref = await sealed(people.engineer, "foundation/base", { files: { "model.safetensors": weights } });
  const status = async () => (await people.stranger.get(paths.blob(sha256(weights)))).status;
  expect(await status()).toBe(404);
  await forceState(platform, ref, "released");
  expect(await status()).toBe(404);
  const heldOut = await dataset(people.engineer, "foundation/held-out", '{"text":"held out"}\n');
  await score(platform, ref, heldOut, { perplexity: 9 });
  expect(await status()).toBe(200);
  // What HEAD calls complete need not be sent again to stand in a version of one's own.
  expect((await head(people.stranger, sha256(weights)))[0]).toBe(200);
  await register(people.stranger, { tier: "institution", slug: "reuse" });
  const files = [{ path: "model.safetensors", sha256: sha256(weights) }];
  expect((await people.stranger.post(paths.versions("southbank/reuse"), { files })).status).toBe(201);
  expect((await move(people.engineer, ref, "quarantined")).status).toBe(200);
  expect(await status()).toBe(404);
});

it("refuses an upload without the right to write", async () => {
  const reader = await platform.as("member@north.example", ["models:read"]);
  expect((await reader.put(paths.blob(sha256("x")), Buffer.from("x"))).body.code).toBe("insufficient_scope");
  expect((await draft(people.member, "northbank/cards", {})).status).toBe(201);
});

/** Announces the whole file, sends the first bytes, and hangs up. */
function breakOff(client: Client, bytes: Buffer, sent: number): Promise<void> {
  return new Promise((resolve) => {
    const request = httpRequest(client.url + paths.blob(sha256(bytes)), {
      method: "PUT",
      headers: { ...client.headers, "content-type": "application/octet-stream", "content-length": bytes.length },
    });
    request.on("error", () => undefined);
    request.on("close", () => resolve());
    request.write(bytes.subarray(0, sent), () => request.destroy());
  });
}

/** The offset once the server has noticed that nobody sends any more. */
async function settledOffset(client: Client, digest: string): Promise<number> {
  let before = -1;
  await expect
    .poll(
      async () => {
        const now = Number((await head(client, digest))[1]);
        const settled = now === before;
        before = now;
        return settled;
      },
      { interval: 200, timeout: 10_000 },
    )
    .toBe(true);
  return before;
}
