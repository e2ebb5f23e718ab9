import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { Outgoing } from "../../platform/outgoing/outgoing.js";
import { Walls } from "../../platform/outgoing/walls.js";
import { follow } from "./follow.js";

const outgoing = new Outgoing({ openNetworks: [] });
afterAll(() => outgoing.onModuleDestroy());
const open: { close(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

/** A host that answers by path; remembers who asked with which token. */
async function aHost(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const tokens: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    tokens.push(request.headers.authorization);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push({ close: () => server.close() });
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`, tokens };
}
const sends = (response: ServerResponse, location: string) => response.writeHead(302, { location }).end();
const options = (elsewhere: boolean) => ({ token: "hf_secret", elsewhere, signal: new AbortController().signal });

describe("a redirect", () => {
  it("to another host is followed for bytes only, and never with the token", async () => {
    const other = await aHost((_, response) => response.end("bytes"));
    const home = await aHost((_, response) => sends(response, `${other.url}/x`));
    expect(await (await follow(outgoing, home.url, `${home.url}/file`, options(true))).response.text()).toBe("bytes");
    expect([home.tokens, other.tokens]).toEqual([["Bearer hf_secret"], [undefined]]);
    await expect(follow(outgoing, home.url, `${home.url}/api`, options(false))).rejects.toMatchObject({ code: "refused" });
    expect(other.tokens).toHaveLength(1);
  });

  it("within the host keeps the token, and does not go round for ever", async () => {
    const home = await aHost(({ url }, response) =>
      url === "/moved" ? response.end("here") : sends(response, url === "/old" ? "/moved" : "/round"),
    );
    expect(await (await follow(outgoing, home.url, `${home.url}/old`, options(false))).response.text()).toBe("here");
    expect(new Set(home.tokens)).toEqual(new Set(["Bearer hf_secret"]));
    await expect(follow(outgoing, home.url, `${home.url}/round`, options(true))).rejects.toMatchObject({
      code: "refused",
      detail: expect.stringContaining("without end"),
    });
  });

  it("away from http is refused", async () => {
    const home = await aHost((_, response) => sends(response, "file:///etc/passwd"));
    await expect(follow(outgoing, home.url, `${home.url}/file`, options(true))).rejects.toMatchObject({ code: "refused" });
  });
});

it("into our own network is refused where the hub is named, even though the name answers from there", async () => {
  const other = await aHost((_, response) => response.end("bytes"));
  const home = await aHost((_, response) => sends(response, `${other.url}/x`));
  const named = new Outgoing({ openNetworks: [] }, new Walls([], async () => [{ address: "127.0.0.1", family: 4 }]));
  const url = home.url.replace("127.0.0.1", "hub.example");
  await expect(follow(named, url, `${url}/file`, options(true))).rejects.toMatchObject({ code: "refused" });
  await named.onModuleDestroy();
  expect([home.tokens.length, other.tokens.length]).toEqual([1, 0]);
});
