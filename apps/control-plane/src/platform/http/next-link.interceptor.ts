import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from "@nestjs/common";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Observable, tap } from "rxjs";

/** RFC 8288: a list that goes on says where, beside `nextCursor` in its body. */
@Injectable()
export class NextLinkInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (request.method !== "GET") return next.handle();
    return next.handle().pipe(
      tap((body: unknown) => {
        const cursor = nextCursor(body);
        if (cursor === null) return;
        const [path, query] = request.url.split("?");
        const parameters = new URLSearchParams(query);
        parameters.set("cursor", cursor);
        context.switchToHttp().getResponse<FastifyReply>().header("link", `<${path}?${parameters}>; rel="next"`);
      }),
    );
  }
}

function nextCursor(body: unknown): string | null {
  if (typeof body !== "object" || body === null || !("nextCursor" in body)) return null;
  return typeof body.nextCursor === "string" ? body.nextCursor : null;
}
