import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../../test/harness.js";
import { aPyramid, dataset, sealed } from "../../../test/registry-fixtures.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let task: string;
let data: string;
beforeAll(async () => {
  platform = await startPlatform({ env: { ZIGGURAT_PUBLIC_URL: "https://models.example" } });
  people = await aPyramid(platform);
  const row = '{"messages":[{"role":"user","content":"card lost"},{"role":"assistant","content":"block"}]}\n';
  data = await dataset(people.member, "northbank/calls", row, "chat");
  task = await sealed(people.admin, "northbank/cards", {
    artifactKind: "adapter",
    parents: [{ version: people.finance, relation: "adapter_of" }],
  });
});
afterAll(() => platform.close());

let runs = 0;
const runId = () => `00000000-0000-4000-8000-${String(++runs).padStart(12, "0")}`;
const anEvent = (over: Record<string, unknown> = {}) => ({
  eventType: "COMPLETE",
  eventTime: "2026-05-03T08:00:00.000+02:00",
  producer: "https://pipelines.north.example/airflow",
  schemaURL: "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
  run: { runId: runId() },
  job: { namespace: "airflow", name: "cards.prepare" },
  inputs: [{ namespace: "s3://calls", name: "2026/05" }],
  outputs: [{ namespace: "hf://models.example", name: `datasets/${data}` }],
  ...over,
});
const send = (body: unknown, client: Client = people.member) => client.post(paths.lineageEvents(), body);
const external = async (client: Client, ref: string) => (await client.get(paths.lineage(ref))).body.external;

describe("an event from outside", () => {
  it("is kept once and shown as external in the lineage of what it names, to its institution only", async () => {
    const serving = anEvent({
      inputs: [{ namespace: "hf://models.example", name: task }],
      outputs: [{ namespace: "kafka://north", name: "answers" }],
    });
    const first = await send(serving);
    expect([first.status, first.body]).toEqual([201, { id: expect.stringMatching(/^xev_/), known: false, names: [task] }]);
    const second = await send(serving);
    expect([second.status, second.body]).toEqual([200, { ...first.body, known: true }]);
    expect(await external(people.admin, task)).toEqual([
      {
        runId: serving.run.runId,
        job: serving.job,
        producer: serving.producer,
        eventType: "COMPLETE",
        eventTime: "2026-05-03T06:00:00.000Z",
        inputs: serving.inputs,
        outputs: serving.outputs,
        names: [task],
        receivedAt: expect.any(String),
        declaredBy: "member",
      },
    ]);
    expect(await external(people.engineer, task)).toEqual([]);
    const { edges } = (await people.admin.get(paths.lineage(task))).body;
    expect(JSON.stringify(edges)).not.toContain("kafka");
    const audited = await asSystem(platform, "select object from audit_entries where action = 'lineage.declare' and object = $1", [task]);
    expect(audited).toEqual([{ object: task }]);
  });

  it("of the same run at another time is another event of one run, shown together", async () => {
    const run = { runId: runId() };
    const start = anEvent({
      run,
      eventType: "START",
      eventTime: "2026-06-01T10:00:00Z",
      outputs: [],
      inputs: [{ namespace: "hf://models.example", name: task }],
    });
    const end = anEvent({ run, eventTime: "2026-06-01T11:00:00Z", outputs: [{ namespace: "file", name: "scores.csv" }], inputs: [] });
    expect([(await send(end)).status, (await send(start)).status]).toEqual([201, 201]);
    const shown = (await external(people.member, task)).filter((one: { runId: string }) => one.runId === run.runId);
    expect(shown).toMatchObject([{ eventType: "COMPLETE", inputs: start.inputs, outputs: end.outputs }]);
  });

  it("that arrives many times at once is stored once", async () => {
    const event = anEvent();
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(event)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });

  it("without a run id is refused, with the rule and the job it speaks of", async () => {
    for (const run of [undefined, {}, { runId: "" }, { runId: "last-night" }]) {
      const answer = await send(anEvent({ run }));
      expect([answer.status, answer.body.code]).toEqual([422, "rule"]);
      expect(answer.body.errors).toEqual([
        {
          code: "run_id_required",
          detail: "job airflow/cards.prepare: the event names no run; run.runId must be a UUID",
          pointer: "/run/runId",
        },
      ]);
    }
  });

  it("that does not fit the schema is refused with every fault", async () => {
    const answer = await send(
      anEvent({ eventTime: "yesterday", eventType: "DONE", inputs: [{ name: "x" }], job: { namespace: "a\u0000", name: "b" } }),
    );
    expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
      "/eventTime",
      "/eventType",
      "/inputs/0/namespace",
      "/job/namespace",
    ]);
    const nul = await send(
      anEvent({
        outputs: [{ namespace: "s3://a", name: "b", facets: { odd: { _producer: "p", _schemaURL: "s", text: "a\u0000\ud800" } } }],
      }),
    );
    expect([nul.status, nul.body.errors[0].code]).toEqual([422, "event_invalid"]);
    expect((await send("[]")).status).toBe(400);
    const nested = (levels: number) =>
      people.member.post(
        paths.lineageEvents(),
        Buffer.from(JSON.stringify(anEvent({ odd: 0 })).replace('"odd":0', `"odd":${"[".repeat(levels)}${"]".repeat(levels)}`)),
        { "content-type": "application/json" },
      );
    const deep = await nested(80);
    expect([deep.status, deep.body.errors[0].detail]).toEqual([422, "job airflow/cards.prepare: it is nested too deeply"]);
    // What nobody could mean is not read at all.
    const deepest = await nested(100_000);
    expect([deepest.status, deepest.body.code]).toEqual([400, "invalid"]);
  });

  it("that names what its sender has not got is refused by name; what others have is neither linked nor told", async () => {
    const unknown = await send(anEvent({ outputs: [{ namespace: "hf://models.example", name: "northbank/cards@77" }] }));
    expect([unknown.status, unknown.body.errors]).toEqual([
      422,
      [{ code: "object_unknown", detail: "there is no northbank/cards@77", pointer: "/outputs/0/name" }],
    ]);
    const answers = await Promise.all(
      [task, "northbank/cards@77"].map((name) => send(anEvent({ outputs: [{ namespace: "hf://models.example", name }] }), people.stranger)),
    );
    expect(answers.map(({ status, body }) => [status, body.names])).toEqual([
      [201, []],
      [201, []],
    ]);
    expect(JSON.stringify(await external(people.admin, task))).not.toContain(answers[0]?.body.id);
    expect(
      await asSystem(
        platform,
        "select 1 from external_event_names n join external_events e on e.id = n.event_id where e.institution_id <> n.institution_id",
      ),
    ).toEqual([]);
    const elsewhere = await send(anEvent({ outputs: [{ namespace: "hf://other.example", name: task }] }));
    expect(elsewhere.body.names).toEqual([]);
  });

  it("needs a token with the scope to write lineage", async () => {
    const reader = await platform.as("member@north.example", ["lineage:read"]);
    const answer = await send(anEvent(), reader);
    expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([403, expect.stringContaining('scope="lineage:write"')]);
  });
});

it("a batch keeps what holds and names what does not", async () => {
  const answer = await people.member.post(paths.lineageEventBatch(), [anEvent(), anEvent({ run: {} }), anEvent()]);
  expect([answer.status, answer.body]).toEqual([
    200,
    {
      status: "partial_success",
      summary: { received: 3, successful: 2, failed: 1, retriable: 0, non_retriable: 1 },
      failed_events: [{ index: 1, reason: expect.stringContaining("job airflow/cards.prepare"), retriable: false }],
    },
  ]);
  expect((await external(people.member, task)).every(({ names }: { names: string[] }) => names.includes(task))).toBe(true);
});
