import { Inject, Injectable } from "@nestjs/common";
import type { FastifyReply, FastifyRequest } from "fastify";
import { CONFIG, type Config } from "../platform/config.js";

const MAX_AGE_SECONDS = 600;

/** Binds a sign-in on its way to the browser that it began in: nobody finishes it in another one. */
@Injectable()
export class BrowserCookie {
  private readonly isSecure: boolean;
  private readonly name: string;

  constructor(@Inject(CONFIG) config: Pick<Config, "http">) {
    this.isSecure = config.http.publicUrl?.startsWith("https:") ?? false;
    this.name = this.isSecure ? "__Host-zig_sign_in" : "zig_sign_in";
  }

  read(request: FastifyRequest): string {
    return request.cookies[this.name] ?? "";
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
