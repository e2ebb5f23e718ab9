import { createHmac, hkdfSync } from "node:crypto";
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from "@nestjs/common";
import { Reflector } from "@nestjs/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import { catchError, concatMap, from, Observable, of, throwError } from "rxjs";
import { auditDigest, canonicalJson } from "../database/audit-record.js";
import { withEffectScope } from "../database/effect-scope.js";
import type { Viewer } from "../database/viewer.js";
import { Refusal } from "../errors/refusal.js";
import { PlatformKeys } from "../keys/platform-keys.js";
import { ANSWERED_ONCE } from "./answered-once.js";
import { findAuthenticated } from "./current-viewer.js";
import { IdempotencyRepository, type KeyState } from "./idempotency.repository.js";

/** Headers that belong to a stored answer. */
const KEPT_HEADERS = ["location", "etag"];

/** `Idempotency-Key` on POST, for every signed-in route: the same key and body are carried out once and answered alike. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  private readonly digestKey: Buffer;

  constructor(
    private readonly keys: IdempotencyRepository,
    private readonly reflector: Reflector,
    { cursorKey }: PlatformKeys,
  ) {
    this.digestKey = Buffer.from(hkdfSync("sha256", cursorKey, "", "ziggurat idempotency keys", 32));
  }

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const key = request.headers["idempotency-key"];
    const viewer = findAuthenticated(request)?.viewer;
    if (request.method !== "POST" || key === undefined || viewer === undefined) return next.handle();
    if (typeof key !== "string" || !/^[\x21-\x7e]{1,255}$/.test(key)) {
      throw new Refusal("invalid", "Idempotency-Key is 1 to 255 printable ASCII characters without spaces.");
    }
    const path = request.url.split("?")[0] ?? request.url;
    const sent = { url: request.url, body: request.body ?? null };
    const digest = this.digestOf(sent);
    const known = await this.keys.claim(viewer, path, key, digest);
    // A release that digested without a key left its rows for a day.
    if (known !== null) return of(replay(known, known.bodyDigest === digest || known.bodyDigest === auditDigest(sent), reply));

    const isStored = this.reflector.get<true | undefined>(ANSWERED_ONCE, context.getHandler()) !== true;
    const scope = { userId: viewer.userId, path, key };
    const handled = new Observable<unknown>((observer) => withEffectScope(scope, () => next.handle().subscribe(observer)));
    return handled.pipe(
      concatMap((body) => from(isStored ? this.store(viewer, path, key, reply, body) : Promise.resolve(body))),
      catchError((error: unknown) => from(this.keys.release(viewer, path, key)).pipe(concatMap(() => throwError(() => error)))),
    );
  }

  /** Keyed: some bodies hold a password, which whoever reads the table could else guess at the speed of a plain digest. */
  private digestOf(sent: unknown): string {
    return createHmac("sha256", this.digestKey).update(canonicalJson(sent)).digest("hex");
  }

  private async store(viewer: Viewer, path: string, key: string, reply: FastifyReply, body: unknown): Promise<unknown> {
    const headers = Object.fromEntries(
      KEPT_HEADERS.flatMap((name) => {
        const value = reply.getHeader(name);
        return value === undefined ? [] : [[name, String(value)]];
      }),
    );
    await this.keys.store(viewer, path, key, { status: reply.statusCode, headers, body });
    return body;
  }
}

function replay(known: KeyState, isSame: boolean, reply: FastifyReply): unknown {
  if (!isSame) throw new Refusal("idempotency_key_reused", "This key came with another request before; use a new one.");
  if (known.answer === null) {
    if (known.effect === null) throw new Refusal("idempotency_in_progress", "Ask again in a moment.", [], { "retry-after": "1" });
    throw new Refusal("conflict", `The first request with this key took effect on ${known.effect}; its answer is not kept.`, [
      { code: "already_done", detail: known.effect },
    ]);
  }
  void reply.status(known.answer.status).headers({ ...known.answer.headers, "idempotent-replayed": "true" });
  return known.answer.body ?? undefined;
}
