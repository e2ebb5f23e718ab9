import { Injectable } from "@nestjs/common";
import type { CreatedToken, CreateToken, Page, PageQuery, RotateToken, Token } from "@ziggurat/contracts";
import { newId } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden, refuseIfAny } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { hashOf, newTokenText } from "./secrets.js";
import { checkToken, endOf, rotated } from "./token-life.js";
import { TokensRepository } from "./tokens.repository.js";

/** Personal tokens: made by their owner, for at most what the owner may do. */
@Injectable()
export class TokensService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly tokens: TokensRepository,
    private readonly cursors: Cursors,
  ) {}

  async create(viewer: Viewer, request: CreateToken): Promise<CreatedToken> {
    const now = Date.now();
    refuseIfAny(checkToken(viewer, request, now));
    const id = newId("token");
    const secret = newTokenText(id);
    const expiresAt = endOf(request, now);
    const scopes = [...new Set(request.scopes)];
    const token = await this.unitOfWork.run(viewer, async (tx) => {
      const made = await this.tokens.insert(tx, { id, name: request.name, scopes, secretHash: hashOf(secret), expiresAt });
      await tx.audit({ institutionId: viewer.institutionId, action: "token.create", object: id, after: made });
      return made;
    });
    return { ...token, secret };
  }

  /**
   * A new token of the same name, scopes and length of life; the old one ends after the overlap, or at its own end if that is sooner.
   * What its owner may no longer do is not handed on.
   */
  async rotate(viewer: Viewer, id: string, { overlapHours }: RotateToken): Promise<CreatedToken> {
    const newTokenId = newId("token");
    const secret = newTokenText(newTokenId);
    const token = await this.unitOfWork.run(viewer, async (tx) => {
      const old = await this.tokens.lock(tx, id);
      if (old === null) throw hidden();
      const scopes = old.scopes.filter((scope) => viewer.scopes.includes(scope));
      if (scopes.length === 0) refuseIfAny([{ code: "scope", detail: "you may do nothing any more that this token was made for" }]);
      const { expiresAt, oldEndsAt } = rotated(old, overlapHours, Date.now());
      const made = await this.tokens.insert(tx, { id: newTokenId, name: old.name, scopes, secretHash: hashOf(secret), expiresAt });
      await this.tokens.endAt(tx, id, oldEndsAt);
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

  async list(viewer: Viewer, { limit, cursor, include }: PageQuery): Promise<Page<Token>> {
    const binding = boundTo(viewer, `tokens?user=${viewer.userId}`);
    const before = this.cursors.decode(cursor, binding)?.[0];
    return this.unitOfWork.run(viewer, async (tx) => {
      const data = await this.tokens.list(tx, limit + 1, before === undefined ? null : String(before));
      const total = include === "total" ? { total: await this.tokens.count(tx) } : {};
      return { ...this.cursors.page(data, limit, binding, ({ id }) => [id]), ...total };
    });
  }

  async revoke(viewer: Viewer, id: string): Promise<void> {
    await this.unitOfWork.run(viewer, async (tx) => {
      const token = await this.tokens.revoke(tx, id);
      if (token === null) throw hidden();
      await tx.audit({ institutionId: viewer.institutionId, action: "token.revoke", object: id, before: token });
    });
  }
}
