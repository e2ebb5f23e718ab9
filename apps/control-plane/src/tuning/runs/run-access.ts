import { Injectable } from "@nestjs/common";
import type { FastifyRequest } from "fastify";
import { PLATFORM_ID, PLATFORM_SLUG } from "../../platform/database/ids.js";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import { systemViewer, type Viewer } from "../../platform/database/viewer.js";
import { Refusal } from "../../platform/errors/refusal.js";
import { RequestLimits } from "../../platform/limits/request-limits.js";
import { type AttemptRow, SELECT_ATTEMPT } from "./attempt-row.js";
import { RunTokens } from "./run-tokens.js";

/** A runner that proved which attempt it is: everything it does, it does for the attempt's institution and for nobody else. */
export interface RunningAttempt {
  readonly attempt: AttemptRow;
  readonly viewer: Viewer;
}

@Injectable()
export class RunAccess {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly tokens: RunTokens,
    private readonly limits: RequestLimits,
  ) {}

  /**
   * A run may ask as often as it has something to say; whoever is refused is counted by address.
   * @throws Refusal `unauthenticated`, the same for an absent attempt, a wrong, a foreign and an expired token
   */
  async of(request: FastifyRequest, attemptId: string): Promise<RunningAttempt> {
    const running = await this.find(request, attemptId);
    if (running !== null) return running;
    this.limits.takeUnknown(request.ip);
    throw refused();
  }

  private async find(request: FastifyRequest, attemptId: string): Promise<RunningAttempt | null> {
    const token = /^Bearer (zigrun_[A-Za-z0-9_-]{43})$/.exec(request.headers.authorization ?? "")?.[1];
    if (token === undefined) return null;
    const [attempt] = await this.unitOfWork.run(systemViewer(PLATFORM_ID, PLATFORM_SLUG, "runner"), (tx) =>
      tx.query<AttemptRow>(`${SELECT_ATTEMPT} where a.id = $1`, [attemptId]),
    );
    if (attempt === undefined || !this.tokens.matches(token, attempt.token_hash) || attempt.token_expires_at.getTime() <= Date.now()) {
      return null;
    }
    return { attempt, viewer: { ...systemViewer(attempt.institution_id, attempt.owner, "runner"), requestId: request.id } };
  }
}

function refused(): Refusal {
  return new Refusal("unauthenticated", "This token opens no run here.", [], { "www-authenticate": "Bearer" });
}
