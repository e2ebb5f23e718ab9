import { Inject, Injectable } from "@nestjs/common";
import type { FastifyReply, FastifyRequest } from "fastify";
import { CONFIG, type Config } from "../platform/config.js";

/** By which a browser is known again between being asked to sign and answering; no page of another site sends it along. */
@Injectable()
export class PasskeyCookie {
  private readonly isSecure: boolean;
  private readonly name: string;

  constructor(@Inject(CONFIG) config: Pick<Config, "http">) {
    this.isSecure = config.http.publicUrl?.startsWith("https:") ?? false;
    this.name = this.isSecure ? "__Host-zig_passkey" : "zig_passkey";
  }

  read(request: FastifyRequest): string | undefined {
    return request.cookies[this.name];
  }

  write(reply: FastifyReply, secret: string): void {
    void reply.setCookie(this.name, secret, { path: "/", httpOnly: true, sameSite: "strict", secure: this.isSecure, maxAge: 300 });
  }
}
