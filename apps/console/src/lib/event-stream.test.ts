import { describe, expect, it } from "vitest";
import { ApiProblem } from "./api-problem.js";
import { BACK_OFF_SECONDS, followEvents, type StreamMessage } from "./event-stream.js";

const stream = (text: string) => new Response(text);
const refused = (status: number) => new ApiProblem("x", status, "", "", null, []);

/** Follows a stream that answers from a list, and tells what was asked, received and waited. */
async function follow(answers: readonly (Response | Error)[]) {
  const asked: string[] = [];
  const messages: StreamMessage[] = [];
  const waits: number[] = [];
  const connections: boolean[] = [];
  const stop = new AbortController();
  await followEvents({
    lastEventId: "10",
    signal: stop.signal,
    jitter: () => 0.5,
    open: (lastEventId) => {
      const answer = answers[asked.length];
      asked.push(lastEventId);
      if (answer === undefined) {
        stop.abort();
        return Promise.reject(new Error("over"));
      }
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    onMessage: (message) => messages.push(message),
    onConnected: (isConnected) => connections.push(isConnected),
    wait: (seconds) => {
      waits.push(seconds);
      return Promise.resolve();
    },
  });
  return { asked, messages, waits, connections };
}

describe("following a stream", () => {
  it("goes on after the last event it saw when the stream breaks", async () => {
    const { asked, messages } = await follow([stream("id: 11\nevent: log\ndata: a\n\n"), stream("id: 12\nevent: log\ndata: b\n\n")]);
    expect(asked).toEqual(["10", "11", "12"]);
    expect(messages.map(({ data }) => data)).toEqual(["a", "b"]);
  });

  it("waits longer and longer while nothing answers, and starts over once something did", async () => {
    const dead = new Error("network");
    const { waits } = await follow([dead, dead, dead, dead, dead, dead, stream("id: 11\ndata: a\n\n"), dead]);
    expect(waits.slice(0, 6)).toEqual([...BACK_OFF_SECONDS, 30]);
    expect(waits[6]).toBe(BACK_OFF_SECONDS[0]);
  });

  it("asks no more after an end event", async () => {
    const { asked, messages } = await follow([stream("id: 11\nevent: end\ndata: {}\n\n"), stream("")]);
    expect(asked).toEqual(["10"]);
    expect(messages).toHaveLength(1);
  });

  it("asks no more after a refusal that no repeat can change, but does after too many requests", async () => {
    expect((await follow([refused(404), stream("")])).asked).toHaveLength(1);
    expect((await follow([refused(429), refused(503)])).asked).toHaveLength(3);
  });

  it("says when the connection stands and when it broke", async () => {
    const { connections } = await follow([stream(": ping\n\n"), new Error("network")]);
    expect(connections.slice(0, 3)).toEqual([true, false, false]);
  });
});
