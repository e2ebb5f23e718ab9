import { Injectable } from "@nestjs/common";
import type { CreatedServiceToken, CreateToken, Page, PageQuery, RotateToken, Scope, ServiceToken } from "@ziggurat/contracts";
import { scopesOf } from "../identity/rights.js";
import { hashOf, newTokenText } from "../identity/secrets.js";
import { checkToken, endOf, rotated } from "../identity/token-life.js";
import { newId } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden, refuseIfAny } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { Grants } from "./grants.service.js";
import { RolesRepository } from "./roles.repository.js";
import { ServiceAccountsRepository } from "./service-accounts.repository.js";
import { ServiceTokensRepository } from "./service-tokens.repository.js";

/** Tokens that administrators make for their institution's programs: for at most what the program may do, and the maker too. */
@Injectable()
export class ServiceTokens {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly grants: Grants,
    private readonly roles: RolesRepository,
    private readonly accounts: ServiceAccountsRepository,
    private readonly tokens: ServiceTokensRepository,
    private readonly cursors: Cursors,
  ) {}

  list(viewer: Viewer, slug: string, accountId: string, { limit, cursor }: Omit<PageQuery, "include">): Promise<Page<ServiceToken>> {
    const binding = boundTo(viewer, `tokens of ${accountId}`);
    const before = this.cursors.decode(cursor, binding)?.[0];
    return this.unitOfWork.run(viewer, async (tx) => {
      await this.account(tx, slug, accountId);
      const rows = await this.tokens.list(tx, accountId, limit + 1, before === undefined ? null : String(before));
      return this.cursors.page(rows, limit, binding, ({ id }) => [id]);
    });
  }

  async create(viewer: Viewer, slug: string, accountId: string, request: CreateToken): Promise<CreatedServiceToken> {
    const now = Date.now();
    const [id, secret] = newToken();
    const token = await this.unitOfWork.run(viewer, async (tx) => {
      const { scopes } = await this.account(tx, slug, accountId);
      refuseIfAny(checkToken({ scopes: scopes.filter((scope) => viewer.scopes.includes(scope)) }, request, now));
      const { name } = request;
      const wanted = [...new Set(request.scopes)];
      await this.tokens.insert(tx, { id, accountId, name, scopes: wanted, secretHash: hashOf(secret), expiresAt: endOf(request, now) });
      const made = found(await this.tokens.find(tx, accountId, id));
      await tx.audit({ institutionId: viewer.institutionId, action: "token.create", object: id, after: { ...made, account: accountId } });
      return made;
    });
    return { ...token, secret };
  }

  /** As a personal token is rotated: a new one in its place at once, the old one until the overlap ends. */
  async rotate(viewer: Viewer, slug: string, accountId: string, id: string, { overlapHours }: RotateToken): Promise<CreatedServiceToken> {
    const [newTokenId, secret] = newToken();
    const token = await this.unitOfWork.run(viewer, async (tx) => {
      const account = await this.account(tx, slug, accountId);
      const old = found(await this.tokens.lock(tx, accountId, id));
      const scopes = old.scopes.filter((scope) => account.scopes.includes(scope) && viewer.scopes.includes(scope));
      if (scopes.length === 0) refuseIfAny([{ code: "scope", detail: "nothing may be done any more that this token was made for" }]);
      const { expiresAt, oldEndsAt } = rotated(old, overlapHours, Date.now());
      await this.tokens.insert(tx, { id: newTokenId, accountId, name: old.name, scopes, secretHash: hashOf(secret), expiresAt });
      await this.tokens.endAt(tx, id, oldEndsAt);
      const made = found(await this.tokens.find(tx, accountId, newTokenId));
      await tx.audit({
        institutionId: viewer.institutionId,
        action: "token.rotate",
        object: id,
        before: old,
        after: { ...made, oldEndsAt },
      });
      return made;
    });
    return { ...token, secret };
  }

  async revoke(viewer: Viewer, slug: string, accountId: string, id: string): Promise<void> {
    await this.unitOfWork.run(viewer, async (tx) => {
      await this.account(tx, slug, accountId);
      const before = found(await this.tokens.find(tx, accountId, id));
      if (!(await this.tokens.revoke(tx, accountId, id))) throw hidden();
      await tx.audit({ institutionId: viewer.institutionId, action: "token.revoke", object: id, before });
    });
  }

  /** The program, with what it may ask for now. */
  private async account(tx: Tx, slug: string, accountId: string): Promise<{ readonly scopes: readonly Scope[] }> {
    const institution = await this.grants.own(tx, slug);
    const account = await this.accounts.lock(tx, institution.id, accountId);
    if (account === null) throw hidden();
    const ids = account.customRoles.map(({ id }) => id);
    const custom = await this.roles.named(tx, institution.id, ids);
    return { scopes: scopesOf({ roles: account.roles, customScopes: custom.flatMap(({ scopes }) => scopes) }) };
  }
}

function newToken(): readonly [string, string] {
  const id = newId("token");
  return [id, newTokenText(id)];
}

function found(token: ServiceToken | null): ServiceToken {
  if (token === null) throw hidden();
  return token;
}
