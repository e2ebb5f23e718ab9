import { Inject, Injectable } from "@nestjs/common";
import type { FastifyReply, FastifyRequest } from "fastify";
import { CONFIG, type Config } from "../platform/config.js";

/** Days after which a browser forgets the cookie even where the session slides on. */
const MAX_AGE_SECONDS = 14 * 24 * 3600;

/** The login cookie: `__Host-` and Secure behind https, plain on http, where browsers would refuse those. */
@Injectable()
export class SessionCookie {
  private readonly isSecure: boolean;
  private readonly name: string;

  constructor(@Inject(CONFIG) config: Pick<Config, "http">) {
    this.isSecure = config.http.publicUrl?.startsWith("https:") ?? false;
    this.name = this.isSecure ? "__Host-zig_session" : "zig_session";
  }

  read(request: FastifyRequest): string | undefined {
    return request.cookies[this.name];
  }

  write(reply: FastifyReply, secret: string): void {
    void reply.setCookie(this.name, secret, { ...this.attributes(), maxAge: MAX_AGE_SECONDS });
  }

  clear(reply: FastifyReply): void {
    void reply.clearCookie(this.name, this.attributes());
  }

  private attributes() {
    return { path: "/", httpOnly: true, sameSite: "lax", secure: this.isSecure } as const;
  }
}
