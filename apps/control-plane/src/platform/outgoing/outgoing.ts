import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { OnModuleDestroy } from "@nestjs/common";
import { Agent, buildConnector, type RequestInit, type Response, fetch as undiciFetch } from "undici";
import type { Config } from "../config.js";
import { OutgoingRefused, type Reach, refused, Walls } from "./walls.js";

/**
 * The one way by which this process asks other servers for something. Every address is judged when it is connected to, and it is the judged
 * address that is connected to. Redirects are never followed here: whoever follows one asks again.
 */
export class Outgoing implements OnModuleDestroy {
  private readonly walls: Walls;
  private readonly agents: Readonly<Record<Reach, Agent>>;

  constructor(config: Pick<Config, "openNetworks">, walls = new Walls(config.openNetworks)) {
    this.walls = walls;
    this.agents = { outside: this.agentFor("outside"), listed: this.agentFor("listed") };
  }

  /**
   * @param reach `listed` for addresses that the operator named in a setting, `outside` for all that people, providers or redirects name
   * @throws OutgoingRefused
   */
  async fetch(url: string | URL, reach: Reach, init: Omit<RequestInit, "dispatcher" | "redirect"> = {}): Promise<Response> {
    const { protocol } = new URL(url);
    if (protocol !== "http:" && protocol !== "https:") throw new OutgoingRefused(`${protocol} is not asked; only http: and https: are`);
    return undiciFetch(url, { ...init, redirect: "manual", dispatcher: this.agents[reach] }).catch((error: unknown) => {
      throw error instanceof Error && error.cause instanceof OutgoingRefused ? error.cause : error;
    });
  }

  /** Agents for clients of their own that take Node's, such as an object store's. The host of an endpoint is checked here at once. */
  nodeAgents(reach: Reach, endpoint: string | null): { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent } {
    if (endpoint !== null) this.walls.checkHost(new URL(endpoint).hostname, reach);
    const options = { lookup: this.walls.lookup(reach), keepAlive: true, maxSockets: 50 };
    return { httpAgent: new HttpAgent(options), httpsAgent: new HttpsAgent(options) };
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(Object.values(this.agents).map((agent) => agent.destroy()));
  }

  private agentFor(reach: Reach): Agent {
    const connect = buildConnector({ lookup: this.walls.lookup(reach) });
    return new Agent({
      connect: (options, callback) => {
        try {
          this.walls.checkHost(options.hostname, reach);
        } catch (error) {
          callback(error instanceof Error ? error : new Error(String(error)), null);
          return;
        }
        connect(options, (...[error, socket]) => {
          if (error !== null) callback(error, null);
          // What is connected to in the end, whatever was looked up.
          else if (socket.remoteAddress !== undefined && this.walls.allows(socket.remoteAddress, reach)) callback(null, socket);
          else {
            socket.destroy();
            callback(refused(options.hostname), null);
          }
        });
      },
    });
  }
}
