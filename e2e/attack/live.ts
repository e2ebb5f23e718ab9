import { get } from "node:http";
import { paths } from "@ziggurat/contracts";
import type { Marks } from "./contents.js";
import type { Database } from "./database.js";
import type { Bank } from "./scene.js";
import { json } from "./seed/people.js";
import { until } from "./seed/until.js";
import { send } from "./send.js";

export interface Found {
  readonly probes: number;
  readonly leaks: readonly string[];
}

/** Events of each side while the streams are open. */
const EVENTS = 5;

/**
 * Streams that are open while things happen: everybody of one institution listens to their own job, and tries to listen to the neighbour's,
 * while events of both pour in. That events did arrive is seen at the streams of those whose they are.
 */
export async function attackLive(url: string, database: Database, own: Bank, theirs: Bank, marks: Marks): Promise<Found> {
  const leaks: string[] = [];
  const listeners = own.people.map(({ role, token }) => ({ role, stream: new Stream(url, own.firsts.job, token) }));
  const intruders = own.people.flatMap(({ role, token }) =>
    [theirs.firsts.job, nobodys(theirs.firsts.job)].map((job) => ({ role, job, stream: new Stream(url, job, token) })),
  );
  const owner = new Stream(url, theirs.firsts.job, theirs.people[0]?.token ?? "");
  const all = [...listeners.map(({ stream }) => stream), ...intruders.map(({ stream }) => stream), owner];
  try {
    await Promise.all(all.map((stream) => stream.opened));
    for (let n = 1; n <= EVENTS; n += 1) {
      await happens(url, database, theirs, `${theirs.word} live ${n}`);
      if (n < EVENTS) continue;
      await until(async () => owner.text.includes(`${theirs.word} live ${EVENTS}`));
      // Only then something of the listeners' own: what they were to be told by mistake has come before it.
      await happens(url, database, own, `${own.word} live ${EVENTS}`);
    }
    const open = listeners.filter(({ stream }) => stream.status === 200);
    if (open.length === 0) throw new Error(`nobody of ${own.slug} may listen to their own job`);
    await until(async () => open.every(({ stream }) => stream.text.includes(`${own.word} live ${EVENTS}`)));
    for (const { role, stream } of listeners) {
      const says = marks.find(stream.text) ?? (stream.text.includes(`${theirs.word} live`) ? `${theirs.word} live` : null);
      if (says !== null) leaks.push(`LEAK an open stream as ${role} is told of the neighbour while it happens: ${JSON.stringify(says)}`);
    }
    for (let at = 0; at < intruders.length; at += 2) {
      const [one, absent] = [intruders[at], intruders[at + 1]];
      if (one === undefined || absent === undefined) continue;
      const same = one.stream.status === absent.stream.status && plain(one.stream.text, one.job) === plain(absent.stream.text, absent.job);
      if (!same)
        leaks.push(
          `LEAK a stream of the neighbour's job as ${one.role}: ${one.stream.status} ${JSON.stringify(one.stream.text)}, absent: ${absent.stream.status} ${JSON.stringify(absent.stream.text)}`,
        );
    }
  } finally {
    for (const stream of all) stream.close();
  }
  return { probes: listeners.length + intruders.length / 2, leaks };
}

/** An id of the same shape that nothing has. */
const nobodys = (id: string) => `${id.slice(0, 4)}${id.slice(4).split("").toReversed().join("")}`;
const plain = (text: string, job: string) => text.replaceAll(job, "<job>").replace(/req_[0-9a-f]{32}/g, "<request>");

/** Something happens in the run that goes on, told as its runner tells it. */
async function happens(url: string, database: Database, { firsts, runToken }: Bank, line: string): Promise<void> {
  const [row] = await database.rows<{ id: string; seq: string }>(
    "select id, last_seq::text as seq from attempts where job_id = $1 and state = 'running' limit 1",
    [firsts.job],
  );
  const event = { seq: Number(row?.seq) + 1, at: new Date().toISOString(), type: "log", stream: "stdout", line };
  const answer = await send(url, json("POST", `${paths.run(row?.id ?? "")}/events`, { events: [event] }), runToken);
  if (answer.status !== 200) throw new Error(`the run of ${firsts.job} cannot tell anything: ${answer.status} ${answer.body}`);
}

/** An event stream that is read as it comes. */
class Stream {
  status = 0;
  text = "";
  readonly opened: Promise<void>;
  private readonly call: ReturnType<typeof get>;

  constructor(url: string, job: string, token: string) {
    let isOpen = (): void => undefined;
    this.opened = new Promise((resolve, reject) => {
      isOpen = resolve;
      setTimeout(() => reject(new Error("a stream did not open")), 20_000).unref();
    });
    this.call = get(url + paths.jobEvents(job), { headers: { authorization: `Bearer ${token}` }, agent: false }, (response) => {
      this.status = response.statusCode ?? 0;
      response.setEncoding("utf8").on("data", (chunk: string) => {
        this.text += chunk;
        isOpen();
      });
      response.on("error", () => undefined);
    });
    this.call.on("error", () => undefined);
  }

  close(): void {
    this.call.destroy();
  }
}
