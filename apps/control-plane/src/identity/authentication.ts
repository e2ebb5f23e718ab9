import { Injectable } from "@nestjs/common";
import { InjectDataSource } from "@nestjs/typeorm";
import { Role, Scope, SharedTier } from "@ziggurat/contracts";
import type { FastifyRequest } from "fastify";
import { DataSource } from "typeorm";
import { PLATFORM_ID } from "../platform/database/ids.js";
import type { Viewer } from "../platform/database/viewer.js";
import { Refusal } from "../platform/errors/refusal.js";
import type { Authenticated } from "../platform/http/current-viewer.js";
import { type Rights, scopesOf, scopesWithin } from "./rights.js";
import { hashOf, tokenTextIn } from "./secrets.js";
import { SessionCookie } from "./session-cookie.js";

interface OwnerRow {
  readonly user_id: string;
  readonly name: string;
  readonly roles: string[];
  readonly institution_id: string;
  readonly slug: string;
  readonly tiers: string[] | null;
  readonly custom_scopes: string[];
}
interface SessionRow extends OwnerRow {
  readonly session_id: string;
  readonly csrf_token: string;
  readonly must_change_password: boolean;
}
interface TokenRow extends OwnerRow {
  readonly token_id: string;
  readonly scopes: string[];
  readonly expired: boolean;
  readonly behind: string[];
}

/** Addresses of tokens that are remembered, so that only a change of address is written. */
const REMEMBERED = 10_000;

type Query = <Row>(sql: string, parameters: readonly unknown[]) => Promise<Row[]>;

/** Finds out who asks: by bearer token where one is sent, else by the login cookie. One statement, and what it says is not kept. */
@Injectable()
export class Authentication {
  private readonly lastAddress = new Map<string, string>();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly cookie: SessionCookie,
  ) {}

  /** @throws Refusal `unauthenticated` or `token_expired`; which part was wrong is not said */
  async of(request: FastifyRequest): Promise<Authenticated> {
    const authenticated = await this.identify(request, (sql, parameters) => this.dataSource.query(sql, [...parameters]));
    if (authenticated.credential.kind === "token") await this.noteAddress(authenticated.credential.id, request.ip);
    return authenticated;
  }

  /**
   * The same, asked again about a request that is still being answered: it counts as no use. A session whose tab only listens ends when
   * nobody has used it for long enough.
   */
  async again(request: FastifyRequest): Promise<Authenticated> {
    const runner = this.dataSource.createQueryRunner();
    await runner.startTransaction();
    try {
      return await this.identify(request, (sql, parameters) => runner.query(sql, [...parameters]));
    } finally {
      await runner.rollbackTransaction().finally(() => runner.release());
    }
  }

  private async identify(request: FastifyRequest, query: Query): Promise<Authenticated> {
    const header = request.headers.authorization;
    if (header !== undefined) return this.byToken(bearer(header), request.id, query);
    const secret = this.cookie.read(request);
    if (secret !== undefined) return this.bySession(secret, request.id, query);
    throw new Refusal("unauthenticated", "Sign in, or send a token as Authorization: Bearer zig_….");
  }

  private async byToken(text: string | null, requestId: string, query: Query): Promise<Authenticated> {
    const token = text === null ? null : tokenTextIn(text);
    const [row] = token === null ? [] : await query<TokenRow>("select * from authenticate_token($1)", [hashOf(token)]);
    if (row === undefined) {
      throw new Refusal("unauthenticated", "This token is not valid.", [], { "www-authenticate": 'Bearer error="invalid_token"' });
    }
    if (row.expired) throw new Refusal("token_expired", "Make a new token; this one has reached its end.");
    const rights = rightsOf(row);
    const viewer = viewerOf(row, scopesWithin(row.scopes, rights), requestId);
    return {
      viewer: row.behind.length === 0 ? viewer : { ...viewer, behind: row.behind },
      credential: { kind: "token", id: row.token_id },
    };
  }

  private async bySession(secret: string, requestId: string, query: Query): Promise<Authenticated> {
    const [row] = await query<SessionRow>("select * from authenticate_session($1)", [hashOf(secret)]);
    if (row === undefined) throw new Refusal("unauthenticated", "The session has ended; sign in again.");
    return {
      viewer: viewerOf(row, scopesOf(rightsOf(row)), requestId),
      credential: { kind: "session", id: row.session_id, csrfToken: row.csrf_token, mustChangePassword: row.must_change_password },
    };
  }

  private async noteAddress(tokenId: string, address: string): Promise<void> {
    if (this.lastAddress.get(tokenId) === address) return;
    this.lastAddress.delete(tokenId);
    this.lastAddress.set(tokenId, address);
    const oldest = this.lastAddress.keys().next();
    if (this.lastAddress.size > REMEMBERED && oldest.done !== true) this.lastAddress.delete(oldest.value);
    await this.dataSource.query("select note_token_address($1, $2)", [tokenId, address]);
  }
}

function bearer(header: string): string | null {
  return /^Bearer +(\S+)$/i.exec(header)?.[1] ?? null;
}

function rolesOf(row: OwnerRow): readonly Role[] {
  return row.roles.map((role) => Role.parse(role));
}

function rightsOf(row: OwnerRow): Rights {
  return { roles: rolesOf(row), customScopes: row.custom_scopes.map((scope) => Scope.parse(scope)) };
}

function viewerOf(row: OwnerRow, scopes: Viewer["scopes"], requestId: string): Viewer {
  const { roles, customScopes } = rightsOf(row);
  return {
    userId: row.user_id,
    name: row.name,
    institutionId: row.institution_id,
    institutionSlug: row.slug,
    roles,
    scopes,
    reach: row.institution_id === PLATFORM_ID ? "platform" : "tenant",
    requestId,
    customScopes: customScopes.filter((scope) => scopes.includes(scope)),
    ...(row.tiers === null ? {} : { tiers: row.tiers.map((tier) => SharedTier.parse(tier)) }),
  };
}
