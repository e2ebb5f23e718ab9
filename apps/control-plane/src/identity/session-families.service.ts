import { Injectable } from "@nestjs/common";
import { idOf, type LoginRequest, type OwnSession, type Page } from "@ziggurat/contracts";
import { newId } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer, type Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal } from "../platform/errors/refusal.js";
import type { Credential } from "../platform/http/current-viewer.js";
import { hashOf, newSecret } from "./secrets.js";
import { type SessionRow, SessionsRepository } from "./sessions.repository.js";
import { beforeSignIn, type OpenedSession, SignInService } from "./sign-in.service.js";
import { UsersRepository } from "./users.repository.js";

const SessionId = idOf("session");
/** A session lasts so long unused; from its end its last use is read. */
const IDLE_MS = 12 * 3600 * 1000;
type SessionCredential = Extract<Credential, { kind: "session" }>;

/**
 * Sessions of one person's accounts in several institutions, held open together by one browser. Each was opened with that account's own
 * password and second factor; an address alone joins nothing, since any institution may give any address to an account of its own.
 */
@Injectable()
export class SessionFamilies {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly sessions: SessionsRepository,
    private readonly users: UsersRepository,
    private readonly signIns: SignInService,
  ) {}

  async list(viewer: Viewer, credential: Credential): Promise<Page<OwnSession>> {
    const { id } = ofSession(credential);
    const rows = await this.held(viewer, id);
    const family = rows.find((row) => row.id === id)?.family ?? null;
    return { data: rows.map((row) => viewOf(row, id, family)), nextCursor: null };
  }

  /**
   * Signs in to another institution beside this one, and goes over to it. The session left behind keeps its place, but not its secret.
   * @throws Refusal as a sign-in does; `conflict` where the browser holds that institution open already
   */
  async join(viewer: Viewer, credential: Credential, request: LoginRequest, address: string, browser?: string): Promise<OpenedSession> {
    const { id } = ofSession(credential);
    const account = await this.signIns.prove(request, address, browser);
    return this.unitOfWork.run({ ...beforeSignIn, userId: account.id, name: account.name, requestId: viewer.requestId }, async (tx) => {
      const family = await this.sessions.familyOf(tx, id, newId("request"));
      if (family === null) throw new Refusal("unauthenticated", "The session has ended; sign in again.");
      const held = await this.sessions.held(tx, viewer.userId, id);
      if (held.some((row) => row.family === family && row.institution_id === account.institutionId)) {
        const detail = `${account.institutionSlug} is open here already; sign out of it first`;
        throw new Refusal("conflict", detail, [{ code: "institution_open", detail, pointer: "/institution" }]);
      }
      await this.users.joinAccounts(tx, [viewer.userId, account.id], newId("request"));
      await this.retire(tx, id);
      return this.signIns.open(tx, account, { family });
    });
  }

  /** Hands the cookie a fresh secret of the session there; what the cookie was before opens nothing any more. */
  async goOver(viewer: Viewer, credential: Credential, slug: string): Promise<OpenedSession> {
    const { id } = ofSession(credential);
    return this.unitOfWork.run({ ...beforeSignIn, requestId: viewer.requestId }, async (tx) => {
      const held = await this.sessions.held(tx, viewer.userId, id);
      const family = held.find((row) => row.id === id)?.family ?? null;
      const there = held.find((row) => family !== null && row.family === family && row.slug === slug && row.id !== id);
      if (there === undefined) throw hidden();
      const [secret, csrfToken] = [newSecret(), newSecret()];
      if (!(await this.sessions.renew(tx, there.id, hashOf(secret), csrfToken))) throw hidden();
      await this.retire(tx, id);
      // Where one came from is nobody's business there.
      await tx.audit({ institutionId: there.institution_id, action: "session.switch", object: there.user_id });
      return { id: there.id, secret, csrfToken };
    });
  }

  /** Ends one of one's sessions. @returns whether it was the one that asked */
  async end(viewer: Viewer, credential: Credential, sessionId: string): Promise<boolean> {
    const { id } = ofSession(credential);
    const row = (await this.held(viewer, id)).find((session) => session.id === sessionId);
    if (row === undefined) throw hidden();
    await this.close([row], "session.end", viewer.requestId);
    return row.id === id;
  }

  /** Ends this session, and all that its browser holds open beside it. */
  async signOut(viewer: Viewer, credential: Credential): Promise<void> {
    if (credential.kind === "token") throw new Refusal("conflict", "There is no session to end; revoke the token instead.");
    const held = await this.held(viewer, credential.id);
    const family = held.find((row) => row.id === credential.id)?.family ?? null;
    const ending = held.filter((row) => row.id === credential.id || (family !== null && row.family === family));
    await this.close(ending, "session.close", viewer.requestId);
  }

  private held(viewer: Viewer, sessionId: string): Promise<SessionRow[]> {
    return this.unitOfWork.run(beforeSignIn, (tx) => this.sessions.held(tx, viewer.userId, sessionId));
  }

  private async close(rows: readonly SessionRow[], action: "session.close" | "session.end", requestId: string | null): Promise<void> {
    for (const { id, institution_id: institutionId, slug, user_id: userId, email } of rows) {
      const owner = { ...systemViewer(institutionId, slug, email), userId, requestId };
      await this.unitOfWork.run(owner, async (tx) => {
        await this.sessions.end(tx, id);
        await tx.audit({ institutionId, action, object: userId });
      });
    }
  }

  /** Takes its secret from a session that stays: a copy of the old cookie is worth nothing. */
  private async retire(tx: Parameters<SessionsRepository["renew"]>[0], id: string): Promise<void> {
    await this.sessions.renew(tx, id, hashOf(newSecret()), newSecret());
  }
}

function ofSession(credential: Credential): SessionCredential {
  if (credential.kind === "session") return credential;
  throw new Refusal("denied", "A token has no sessions; sign in.");
}

function viewOf(row: SessionRow, currentId: string, family: string | null): OwnSession {
  return {
    id: SessionId.parse(row.id),
    institution: { slug: row.slug, name: row.institution_name },
    email: row.email,
    isCurrent: row.id === currentId,
    isHeld: row.id === currentId || (family !== null && row.family === family),
    createdAt: row.created_at.toISOString(),
    lastSeenAt: new Date(Math.max(row.created_at.getTime(), row.expires_at.getTime() - IDLE_MS)).toISOString(),
    expiresAt: row.expires_at.toISOString(),
  };
}
