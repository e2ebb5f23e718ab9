import { Injectable, Logger } from "@nestjs/common";
import type { JobEvent, Scope } from "@ziggurat/contracts";
import { isFinal } from "@ziggurat/scheduling";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Authentication } from "../../identity/authentication.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { Refusal } from "../../platform/errors/refusal.js";
import { PgListener } from "../../platform/listen/pg-listener.js";
import { JobsService } from "../jobs.service.js";
import { JOBS_CHANNEL } from "../jobs-channel.js";
import { JobRecords } from "./job-records.service.js";

/** Live readers get news at most this often, in one piece. */
const BATCH_MS = 150;
const HEARTBEAT_MS = 15_000;
const PAGE = 1000;
/** Whoever was removed, or whose token was revoked, reads no longer than this. */
const ASK_AGAIN_MS = 3_000;
const ASKED: Scope = "jobs:read";

/**
 * Event streams of jobs. The table is the truth and `seq` the place in it: a stream reads what it has not sent, whether a
 * notification, a reconnect or a heartbeat made it look, so nothing is sent twice and nothing is left out.
 */
@Injectable()
export class JobStreams {
  private readonly logger = new Logger(JobStreams.name);

  constructor(
    private readonly jobs: JobsService,
    private readonly records: JobRecords,
    private readonly listener: PgListener,
    private readonly authentication: Authentication,
  ) {}

  /**
   * Answers and keeps the connection until the job has ended, the reader has gone or may no longer read, or the process drains.
   * @throws Refusal `hidden`
   */
  async open(asked: Viewer, jobId: string, after: number, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await this.records.open(asked, jobId);
    let viewer = asked;
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      ...Object.fromEntries(Object.entries(reply.getHeaders()).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
      connection: "keep-alive",
    });
    raw.write("retry: 3000\n\n");
    let sent = after;
    let isWoken = true;
    let wake = (): void => undefined;
    const poke = (): void => {
      isWoken = true;
      wake();
    };
    let isOver = false;
    const end = (): void => {
      isOver = true;
      wake();
    };
    request.raw.on("close", end);
    const news = this.listener.on(JOBS_CHANNEL).subscribe({
      next: (id) => {
        if (id === jobId || id === "") poke();
      },
      complete: end,
    });
    const heartbeat = setInterval(() => {
      raw.write(": still here\n\n");
      // Also looks, should a notification ever be lost.
      poke();
    }, HEARTBEAT_MS);
    // The right to read was proven when the stream was opened, and may be taken away while it is.
    const guard = setInterval(() => {
      this.authentication.again(request).then(
        ({ viewer: now }) => {
          if (now.scopes.includes(ASKED)) viewer = now;
          else end();
        },
        (error: unknown) => {
          // A database that does not answer is no refusal: the reading itself runs into it.
          if (error instanceof Refusal) end();
        },
      );
    }, ASK_AGAIN_MS);
    try {
      while (!isOver) {
        if (!isWoken) await new Promise<void>((resolve) => (wake = resolve));
        isWoken = false;
        if (isOver) break;
        const state = (await this.jobs.get(viewer, jobId)).state;
        sent = await this.send(viewer, jobId, sent, raw, () => isOver);
        if (isFinal(state)) {
          raw.write(`event: end\nid: ${sent}\ndata: ${JSON.stringify({ seq: sent, state })}\n\n`);
          break;
        }
        await new Promise((resolve) => setTimeout(resolve, BATCH_MS));
      }
    } catch (error) {
      // The reader comes again with its last event id; the stream says nothing about what went wrong here.
      this.logger.warn(error instanceof Error ? error.message : String(error));
    } finally {
      clearInterval(heartbeat);
      clearInterval(guard);
      news.unsubscribe();
      raw.end();
    }
  }

  /** Sends everything after `after`, page by page at the reader's pace; returns the last number sent. */
  private async send(viewer: Viewer, jobId: string, after: number, raw: FastifyReply["raw"], isOver: () => boolean): Promise<number> {
    let sent = after;
    while (!isOver()) {
      const page = await this.records.events(viewer, jobId, sent, PAGE);
      const last = page.at(-1);
      if (last === undefined) return sent;
      if (!raw.write(page.map(framed).join(""))) await drained(raw);
      sent = last.seq;
      if (page.length < PAGE) return sent;
    }
    return sent;
  }
}

function framed(event: JobEvent): string {
  return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function drained(raw: FastifyReply["raw"]): Promise<void> {
  return new Promise((resolve) => {
    raw.once("drain", resolve);
    raw.once("close", resolve);
  });
}
