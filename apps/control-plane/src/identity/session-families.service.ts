import { Injectable } from "@nestjs/common";
import { idOf, type LoginRequest, type OwnSession, type Page, type PasskeySignIn } from "@ziggurat/contracts";
import { newId } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer, type Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal } from "../platform/errors/refusal.js";
import type { Credential } from "../platform/http/current-viewer.js";
import { hashOf, newSecret } from "./secrets.js";
import { type SessionRow, SessionsRepository } from "./sessions.repository.js";
import { BY_PASSKEY, beforeSignIn, type OpenedSession, type Opening, SignInService } from "./sign-in.service.js";
import { type Account, UsersRepository } from "./users.repository.js";

const SessionId = idOf("session");
/** A session lasts so long unused; from its end its last use is read. */
const IDLE_MS = 12 * 3600 * 1000;
type SessionCredential = Extract<Credential, { kind: "session" }>;
/** Whose session it is that another is opened beside. */
export interface Asker {
  readonly userId: string;
  readonly sessionId: string;
}

/**
 * Sessions of one person's accounts in several institutions, held open together by one browser. Each was opened with that account's own
 * proof: password and second factor, passkey, or provider. An address alone joins nothing, since any institution may give any address to an
 * account of its own.
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
   * Signs in to another institution beside this one, by password, and goes over to it.
   * @throws Refusal as a sign-in does; `conflict` where the browser holds that institution open already
   */
  async join(viewer: Viewer, credential: Credential, request: LoginRequest, address: string, browser?: string): Promise<OpenedSession> {
    const asker = askerOf(viewer, credential);
    return this.enterBeside(asker, await this.signIns.prove(request, address, browser), viewer.requestId);
  }

  /** The same by a passkey of the account there. */
  async joinByPasskey(viewer: Viewer, credential: Credential, request: PasskeySignIn, address: string, browser?: string) {
    const asker = askerOf(viewer, credential);
    return this.enterBeside(asker, await this.signIns.provePasskey(request, address, browser), viewer.requestId, BY_PASSKEY);
  }

  /**
   * Opens a session of somebody who has proven who they are beside that of whoever asked. The one left behind keeps its place, but not its
   * secret.
   * @throws Refusal `unauthenticated` where it has ended; `conflict` with `institution_open`
   */
  async enterBeside(asker: Asker, account: Account, requestId: string | null, opening: Opening = {}): Promise<OpenedSession> {
    const { userId, sessionId } = asker;
    return this.unitOfWork.run({ ...beforeSignIn, userId: account.id, name: account.name, requestId }, async (tx) => {
      const family = await this.sessions.familyOf(tx, sessionId, newId("request"));
      if (family === null) throw new Refusal("unauthenticated", "The session has ended; sign in again.");
      await this.refuseOpen(tx, asker, { id: account.institutionId, slug: account.institutionSlug });
      await this.users.joinAccounts(tx, [userId, account.id], newId("request"));
      await this.retire(tx, sessionId);
      return this.signIns.open(tx, account, { ...opening, family });
    });
  }

  /** Before a browser is sent somewhere to no purpose. @throws Refusal `conflict` where it holds that institution open already */
  async refuseHeld(asker: Asker, institution: { readonly id: string; readonly slug: string }): Promise<void> {
    await this.unitOfWork.run(beforeSignIn, (tx) => this.refuseOpen(tx, asker, institution));
  }

  private async refuseOpen(tx: Tx, { userId, sessionId }: Asker, there: { readonly id: string; readonly slug: string }): Promise<void> {
    const held = await this.sessions.held(tx, userId, sessionId);
    const family = held.find((row) => row.id === sessionId)?.family ?? null;
    const isHeld = ({ id, family: other }: SessionRow) => id === sessionId || (family !== null && other === family);
    if (!held.some((row) => isHeld(row) && row.institution_id === there.id)) return;
    const detail = `${there.slug} is open here already; sign out of it first`;
    throw new Refusal("conflict", detail, [{ code: "institution_open", detail, pointer: "/institution" }]);
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
  private async retire(tx: Tx, id: string): Promise<void> {
    await this.sessions.renew(tx, id, hashOf(newSecret()), newSecret());
  }
}

/** @throws Refusal for tokens, which are beside nothing */
export function askerOf({ userId }: Viewer, credential: Credential): Asker {
  return { userId, sessionId: ofSession(credential).id };
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
