import { type JobEvent, paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aCluster, type HandRun, logLine, metric, takeInHand } from "../../../test/hand-run.js";
import { asSystem, type Client } from "../../../test/harness.js";
import { type JobsBench, jobsBench, pretraining, request, until } from "../../../test/jobs-bench.js";

let bench: JobsBench;
let model: string;
let data: string;

beforeAll(async () => {
  bench = await jobsBench({ role: "http" });
  await aCluster(bench.platform);
  model = await bench.line(bench.engineer, "foundation", "base");
  data = await bench.orders(bench.engineer, {});
});
afterAll(() => bench.close());

async function aRun(): Promise<{ id: string; run: HandRun }> {
  const job = await request(bench.engineer, pretraining(model, data));
  return { id: job.id, run: await takeInHand(bench.platform, job.id) };
}

/** A reader as a browser is one: remembers the last id, may hang up and come again. */
class Reader {
  readonly events: (Partial<JobEvent> & { id: number; event: string })[] = [];
  text = "";
  isEnded = false;
  private abort = new AbortController();

  constructor(
    private readonly id: string,
    private readonly client = bench.engineer,
  ) {}

  get lastId(): number {
    return this.events.at(-1)?.id ?? 0;
  }

  async open(headers: Record<string, string> = {}, query = ""): Promise<Response> {
    this.abort = new AbortController();
    const response = await fetch(`${this.client.url}${paths.jobEvents(this.id)}${query}`, {
      headers: { ...this.client.headers, ...headers },
      signal: this.abort.signal,
    });
    void this.read(response);
    return response;
  }

  hangUp(): void {
    this.abort.abort();
  }

  private async read(response: Response): Promise<void> {
    let rest = "";
    try {
      for await (const chunk of response.body ?? []) {
        const text = Buffer.from(chunk).toString();
        this.text += text;
        const frames = (rest + text).split("\n\n");
        rest = frames.pop() ?? "";
        for (const frame of frames) this.take(frame);
      }
      this.isEnded = true;
    } catch {
      // Hung up, by the test's own wish.
    }
  }

  private take(frame: string): void {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(frame)?.[1];
    const data = field("data");
    if (data !== undefined) this.events.push({ ...JSON.parse(data), id: Number(field("id")), event: field("event") ?? "" });
  }
}

const revokeTokens = async (_: string, { viewer }: Client) =>
  asSystem(bench.platform, "update tokens set revoked_at = now() where user_id = $1", [viewer.userId]);
const deactivate = (id: string) =>
  bench.platform.admin.patch(`/scim/v2/Users/${id}`, {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: [{ op: "replace", path: "active", value: false }],
  });
const many = (from: number, count: number) => Array.from({ length: count }, (_, index) => metric(from + index, from + index, index));
const seqs = (reader: Reader) => reader.events.filter(({ event }) => event !== "end").map(({ id }) => id);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe("the event stream", () => {
  it("replays what was, goes on with what comes, and ends with the job", async () => {
    const { id, run } = await aRun();
    await run.events(...many(1, 30));
    const reader = new Reader(id);
    const response = await reader.open();
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    await until(async () => reader.events.length >= 34, "the replay");
    await run.events(...many(31, 20), logLine(51, "hello"));
    await until(async () => reader.events.some(({ event }) => event === "log"), "the log line");
    await bench.engineer.post(paths.jobAction(id, "cancel"), {});
    await until(async () => reader.isEnded, "the end of the stream");
    expect(reader.text.startsWith("retry: 3000\n\n")).toBe(true);
    expect(reader.events.at(-1)).toMatchObject({ event: "end", state: "cancelled" });
    expect(seqs(reader)).toEqual(upTo(reader.events.length - 1));
    expect(reader.events.find(({ event }) => event === "log")).toMatchObject({ stream: "stdout", line: "hello", attempt: 1 });
  });

  it("has neither gap nor double for a reader that hangs up and comes again while events pour in", async () => {
    const { id, run } = await aRun();
    const reader = new Reader(id);
    let sent = 0;
    const pour = (async () => {
      for (; sent < 1500; sent += 100) await run.events(...many(sent + 1, 100));
    })();
    for (let visit = 0; visit < 5; visit += 1) {
      const before = reader.lastId;
      if (visit % 2 === 0) await reader.open({ "last-event-id": String(before) });
      else await reader.open({}, `?last_event_id=${before}`);
      await until(async () => reader.lastId > before || sent >= 1500, "news");
      reader.hangUp();
    }
    await pour;
    await reader.open({ "last-event-id": String(reader.lastId) });
    await until(async () => reader.lastId >= 1504, "the last event");
    reader.hangUp();
    expect(seqs(reader)).toEqual(upTo(1504));
  });

  it.each([
    ["token was revoked", (email: string, client: Client) => revokeTokens(email, client)],
    ["membership was ended", (_: string, { viewer }: Client) => bench.platform.admin.delete(paths.member("platform", viewer.userId))],
    [
      "role lost the right",
      (_: string, { viewer }: Client) => asSystem(bench.platform, "update users set roles = '{}' where id = $1", [viewer.userId]),
    ],
    ["directory made them inactive", (_: string, { viewer }: Client) => deactivate(viewer.userId)],
    ["directory deleted them", (_: string, { viewer }: Client) => bench.platform.admin.delete(`/scim/v2/Users/${viewer.userId}`)],
  ])("ends soon for whoever's %s, and tells nothing that comes after", async (what, take) => {
    const email = `${what.replaceAll(" ", "-")}@platform.example`;
    const leaver = await bench.platform.addPerson("platform", email, "platform_engineer");
    const { id, run } = await aRun();
    const [gone, stays] = [new Reader(id, leaver), new Reader(id)];
    await Promise.all([gone.open(), stays.open()]);
    await until(async () => gone.events.length > 0, "the first event");
    await take(email, leaver);
    const left = performance.now();
    await until(async () => gone.isEnded, "the end of the leaver's stream");
    expect(performance.now() - left).toBeLessThan(5_000);
    const seen = gone.events.length;
    await run.events(logLine(1, "after they left"));
    await until(async () => stays.events.some(({ event }) => event === "log"), "news for who stays");
    expect([gone.events.length, gone.text.includes("after they left")]).toEqual([seen, false]);
    expect([401, 403]).toContain((await gone.open()).status);
    stays.hangUp();
  });

  it("keeps no session alive: a tab that only listens ends with its session, and the stream with it", async () => {
    const person = await bench.platform.addPerson("platform", "listener@platform.example", "platform_engineer");
    const { cookie } = await bench.platform.signIn("listener@platform.example");
    const { id } = await aRun();
    const controller = new AbortController();
    const response = await fetch(`${bench.platform.url}${paths.jobEvents(id)}`, { headers: { cookie }, signal: controller.signal });
    expect(response.status).toBe(200);
    const mine = "user_id = $1 and secret_hash = encode(sha256($2::bytea), 'hex')";
    const values = [person.viewer.userId, cookie.split("=")[1]];
    // As long before the end as makes a use slide it, and short enough to be waited for.
    await asSystem(bench.platform, `update sessions set expires_at = now() + interval '7 seconds' where ${mine}`, values);
    let isEnded = false;
    const read = (async () => {
      for await (const _ of response.body ?? []);
      isEnded = true;
    })();
    await until(async () => isEnded, "the end of the stream", 20);
    await read;
    controller.abort();
    expect(await asSystem(bench.platform, `select 1 from sessions where ${mine} and expires_at > now()`, values)).toEqual([]);
  });

  it("of a job that has ended tells the rest and ends at once", async () => {
    const { id, run } = await aRun();
    await run.events(...many(1, 5));
    await bench.engineer.post(paths.jobAction(id, "cancel"), {});
    const reader = new Reader(id);
    await reader.open({ "last-event-id": "7" });
    await until(async () => reader.isEnded, "the end");
    expect(reader.events.map(({ event }) => event)).toEqual(["metric", "metric", "job", "end"]);
  });
});

describe("logs", () => {
  it("come by range, from the end, and by what is looked for", async () => {
    const { id, run } = await aRun();
    await run.events(...Array.from({ length: 120 }, (_, index) => logLine(index + 1, index === 77 ? "needle 100%_x" : `line ${index}`)));
    const get = async (query: string) => (await bench.engineer.get(`${paths.jobLogs(id)}?${query}`)).body;
    const first = await get("limit=50");
    expect([first.total, first.nextOffset, first.lines[0].line, first.lines[49].text]).toEqual([120, 50, 0, "line 49"]);
    const last = await get("offset=-5");
    expect([last.lines.length, last.lines[4].text, last.nextOffset]).toEqual([5, "line 119", null]);
    expect((await get("find=100%25_")).lines).toMatchObject([{ line: 77, stream: "stdout", attempt: 1 }]);
    expect((await get("find=100.")).lines).toEqual([]);
    expect((await get("attempt=2")).total).toBe(0);
  });
});

describe("metrics", () => {
  it("are thinned with their extremes kept, by key and range", async () => {
    const { id, run } = await aRun();
    const points = Array.from({ length: 900 }, (_, index) => metric(index + 1, index, index === 444 ? 99 : index === 555 ? -99 : 1));
    await run.events(...points, metric(901, 1, 3, "accuracy"));
    const get = async (query: string) => (await bench.engineer.get(`${paths.jobMetrics(id)}?${query}`)).body.series;
    expect((await get("")).map(({ key }: { key: string }) => key)).toEqual(["accuracy", "loss"]);
    const [loss] = await get("key=loss&points=40");
    expect([loss.count, loss.thinned, loss.points.length <= 40]).toEqual([900, true, true]);
    const values = loss.points.map(({ value }: { value: number }) => value);
    expect([Math.max(...values), Math.min(...values)]).toEqual([99, -99]);
    expect((await get("key=loss&from=440&to=449"))[0].points).toHaveLength(10);
  });
});
