import { type CanActivate, type ExecutionContext, Injectable } from "@nestjs/common";
import type { FastifyReply, FastifyRequest } from "fastify";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { Refusal } from "../platform/errors/refusal.js";
import { SCIM_TYPE } from "../platform/errors/scim-refusal.js";
import { authenticatedOf } from "../platform/http/current-viewer.js";
import { ScimUsesRepository } from "./scim-uses.repository.js";

/** Stands before the directory's routes: it comes with a token, never with a person's session; and that it came is noted. */
@Injectable()
export class ScimDoorGuard implements CanActivate {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly uses: ScimUsesRepository,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const { viewer, credential } = authenticatedOf(http.getRequest<FastifyRequest>());
    if (credential.kind !== "token") throw new Refusal("unauthenticated", "Send a token as Authorization: Bearer zig_….");
    await this.unitOfWork.note(viewer, (tx) => this.uses.note(tx, credential.id));
    void http.getResponse<FastifyReply>().type(SCIM_TYPE);
    return true;
  }
}
