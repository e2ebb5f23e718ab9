import type { LookupAddress } from "node:dns";
import { createServer, get as httpGet } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Outgoing } from "./outgoing.js";
import { OutgoingRefused, type Reach, Walls } from "./walls.js";

/** A server on loopback, which is inside of our walls; it counts who came. */
let port = 0;
let visits = 0;
const server = createServer((request, response) => {
  visits += 1;
  if (request.url === "/away") response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data/" }).end();
  else response.end("inside");
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
});
beforeEach(() => {
  visits = 0;
});
const open: Outgoing[] = [];
afterAll(async () => {
  await Promise.all(open.map((outgoing) => outgoing.onModuleDestroy()));
  server.close();
});

/** Names that answer one list of addresses after the other, the last for ever. */
function withNames(names: Readonly<Record<string, readonly (readonly string[])[]>>, openNetworks: readonly string[] = []) {
  const asked = new Map<string, number>();
  const resolve = async (host: string): Promise<LookupAddress[]> => {
    const turns = names[host] ?? [];
    const turn = asked.get(host) ?? 0;
    asked.set(host, turn + 1);
    return (turns[Math.min(turn, turns.length - 1)] ?? []).map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  };
  const outgoing = new Outgoing({ openNetworks }, new Walls(openNetworks, resolve));
  open.push(outgoing);
  return { outgoing, asked };
}

const textOf = async (outgoing: Outgoing, host: string, reach: Reach, path = "/"): Promise<string> =>
  (await outgoing.fetch(`http://${host}:${port}${path}`, reach)).text();

describe("a request to the outside", () => {
  it.each(["127.0.0.1", "localhost.example", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254"])(
    "does not reach %s",
    async (host) => {
      const { outgoing } = withNames({ "localhost.example": [["127.0.0.1"]] });
      await expect(textOf(outgoing, host, "outside")).rejects.toThrow(OutgoingRefused);
      expect(visits).toBe(0);
    },
  );

  it.each(["2130706433", "0x7f000001", "017700000001", "127.1"])("does not reach loopback written as %s", async (host) => {
    const { outgoing } = withNames({});
    await expect(textOf(outgoing, host, "outside")).rejects.toThrow(OutgoingRefused);
    expect(visits).toBe(0);
  });

  it("looks a name up once for a connection and connects to the address that was judged, whatever the name means a moment later", async () => {
    // First an address of the open net, then one of ours: whoever asks twice, to judge and to connect, is sent inside.
    const { outgoing, asked } = withNames({ "rebinding.example": [["127.0.0.1"], ["169.254.169.254"]] }, ["127.0.0.0/8"]);
    expect(await textOf(outgoing, "rebinding.example", "outside")).toBe("inside");
    expect(asked.get("rebinding.example")).toBe(1);
    const closed = withNames({ "rebinding.example": [["192.0.0.9"], ["127.0.0.1"]] }, ["192.0.0.9/32"]);
    await expect(
      closed.outgoing
        .fetch(`http://rebinding.example:${port}/`, "outside", { signal: AbortSignal.timeout(500) })
        .then((answer) => answer.text()),
    ).rejects.not.toThrow("inside");
    // The next connection looks again, and the name is then refused.
    await expect(textOf(closed.outgoing, "rebinding.example", "outside")).rejects.toThrow(OutgoingRefused);
    expect(visits).toBe(1);
  });

  it("refuses a name as soon as one of its addresses is ours", async () => {
    const { outgoing } = withNames({ "both.example": [["8.8.8.8", "127.0.0.1"]] });
    await expect(textOf(outgoing, "both.example", "outside")).rejects.toThrow(OutgoingRefused);
    expect(visits).toBe(0);
  });

  it("follows nobody elsewhere, and asks nothing but http", async () => {
    const { outgoing } = withNames({ "open.example": [["127.0.0.1"]] }, ["127.0.0.0/8"]);
    const answer = await outgoing.fetch(`http://open.example:${port}/away`, "outside");
    await answer.body?.cancel();
    expect([answer.status, visits]).toEqual([302, 1]);
    for (const url of ["file:///etc/passwd", "data:text/plain,x", "ftp://open.example/"]) {
      await expect(outgoing.fetch(url, "outside")).rejects.toThrow(OutgoingRefused);
    }
  });

  it("reaches a network that the operator opened, and says nothing about addresses where it is refused", async () => {
    const { outgoing } = withNames({ "ours.example": [["127.0.0.1"]], "other.example": [["10.9.8.7"]] }, ["127.0.0.0/8"]);
    expect(await textOf(outgoing, "ours.example", "outside")).toBe("inside");
    const refusal = await textOf(outgoing, "other.example", "outside").catch((error: unknown) => String(error));
    expect(refusal).toContain("other.example");
    expect(refusal).not.toContain("10.9.8.7");
  });
});

describe("a request to what the operator listed", () => {
  it("reaches our own network, but never a metadata service", async () => {
    const { outgoing } = withNames({ "hub.internal": [["127.0.0.1"]], "evil.internal": [["169.254.169.254"]] });
    expect(await textOf(outgoing, "127.0.0.1", "listed")).toBe("inside");
    expect(await textOf(outgoing, "hub.internal", "listed")).toBe("inside");
    for (const host of ["evil.internal", "169.254.169.254", "[fd00:ec2::254]"]) {
      await expect(textOf(outgoing, host, "listed")).rejects.toThrow(OutgoingRefused);
    }
  });

  it("leaves no connection behind that a request to the outside could take", async () => {
    const { outgoing } = withNames({ "hub.internal": [["127.0.0.1"]] });
    expect(await textOf(outgoing, "hub.internal", "listed")).toBe("inside");
    await expect(textOf(outgoing, "hub.internal", "outside")).rejects.toThrow(OutgoingRefused);
    expect(visits).toBe(1);
  });
});

describe("an agent for another client", () => {
  const getWith = (outgoing: Outgoing, host: string, reach: Reach): Promise<number> => {
    const { httpAgent } = outgoing.nodeAgents(reach, `http://${host}:${port}`);
    return new Promise((resolve, reject) => {
      httpGet({ agent: httpAgent, host, port }, (response) => {
        response.resume();
        response.once("end", () => {
          httpAgent.destroy();
          resolve(response.statusCode ?? 0);
        });
      }).once("error", reject);
    });
  };

  it("is bound by the same walls", async () => {
    const { outgoing } = withNames({ "inside.example": [["127.0.0.1"]], "metadata.example": [["169.254.169.254"]] });
    expect(await getWith(outgoing, "inside.example", "listed")).toBe(200);
    await expect(getWith(outgoing, "inside.example", "outside")).rejects.toThrow(OutgoingRefused);
    await expect(getWith(outgoing, "metadata.example", "listed")).rejects.toThrow(OutgoingRefused);
    expect(() => outgoing.nodeAgents("listed", "http://169.254.169.254/")).toThrow(OutgoingRefused);
    expect(visits).toBe(1);
  });
});
