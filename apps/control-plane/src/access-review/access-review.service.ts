import { Inject, Injectable } from "@nestjs/common";
import {
  type AccessReviewQuery,
  AccountId,
  DEEDS,
  type ExportAccessReview,
  idOf,
  type Page,
  type PersonAccess,
  ROLES,
  type Scope,
  TIERS,
} from "@ziggurat/contracts";
import { PLATFORM, rolesFor, SCOPES_OF_DEED, worksAt } from "@ziggurat/pyramid";
import Papa from "papaparse";
import { type Rights, rolesGiving, scopesOf, scopesWithin } from "../identity/rights.js";
import { tiersOf } from "../identity/users.repository.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { hasRole, type Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { PYRAMID, type Pyramid } from "../registry/pyramid.js";
import { AccessReviewRepository, type Asked, type PersonRow, type SessionsRow, type TokenRow } from "./access-review.repository.js";

const TokenId = idOf("token");
/** People in one statement of an export. */
const BATCH = 200;

/** Who can do what, and why: worked out from the same tables that decide it, so that it can never say anything else. */
@Injectable()
export class AccessReview {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly review: AccessReviewRepository,
    private readonly cursors: Cursors,
    @Inject(PYRAMID) private readonly pyramid: Pyramid,
  ) {}

  list(viewer: Viewer, query: AccessReviewQuery): Promise<Page<PersonAccess>> {
    const slug = query.institution ?? viewer.institutionSlug;
    const asked = askedBy(query);
    const binding = boundTo(viewer, `access review of ${slug}?${asked.all ? "all" : asked.roles.join(",")}&${asked.scope ?? ""}`);
    const after = this.cursors.decode(query.cursor, binding)?.[0] ?? "";
    return this.unitOfWork.run(viewer, async (tx) => {
      const institutionId = await this.institution(tx, slug);
      const rows = await this.review.people(tx, institutionId, asked, String(after), query.limit + 1);
      const page = this.cursors.page(rows, query.limit, binding, ({ id }) => [id]);
      const total = query.include === "total" ? { total: await this.review.count(tx, institutionId, asked) } : {};
      return { ...page, ...total, data: await this.views(tx, slug, institutionId, page.data) };
    });
  }

  /** Everybody, one line per person and right, as reviewers file it. Cells that a spreadsheet would take for a formula are defused. */
  async export(viewer: Viewer, query: ExportAccessReview): Promise<string> {
    const slug = query.institution ?? viewer.institutionSlug;
    const people = await this.unitOfWork.snapshot(viewer, async (tx) => {
      const institutionId = await this.institution(tx, slug);
      const all: PersonAccess[] = [];
      for (let after = ""; ; ) {
        const rows = await this.review.people(tx, institutionId, askedBy(query), after, BATCH);
        all.push(...(await this.views(tx, slug, institutionId, rows)));
        const last = rows.at(-1);
        if (last === undefined || rows.length < BATCH) return all;
        after = last.id;
      }
    });
    return `${Papa.unparse({ fields: [...COLUMNS], data: people.flatMap(linesOf) }, { escapeFormulae: true })}\r\n`;
  }

  /** Ends a member's token at once: every request looks it up anew. */
  async revokeToken(viewer: Viewer, slug: string, userId: string, id: string): Promise<void> {
    await this.unitOfWork.run(viewer, async (tx) => {
      const institutionId = await this.institution(tx, slug);
      // Tokens are their institution's own business; the platform's people take a member out instead.
      if (institutionId !== viewer.institutionId) throw hidden();
      if (!hasRole(viewer, "institution_admin", "platform_admin")) {
        throw new Refusal("denied", "A member's tokens are revoked by administrators.");
      }
      const token = await this.review.revoke(tx, institutionId, userId, id);
      if (token === null) throw hidden();
      const { name, scopes } = token;
      await tx.audit({ institutionId, action: "token.revoke", object: id, before: { owner: userId, name, scopes } });
    });
  }

  /** The id of an institution that the viewer may look into. @throws Refusal `hidden` */
  async institution(tx: Tx, slug: string): Promise<string> {
    const isForeign = tx.viewer.reach === "tenant" && slug !== tx.viewer.institutionSlug;
    const found = isForeign ? null : await this.review.institution(tx, slug);
    if (found === null) throw hidden();
    return found.id;
  }

  private async views(tx: Tx, slug: string, institutionId: string, rows: readonly PersonRow[]): Promise<PersonAccess[]> {
    const ids = rows.map(({ id }) => id);
    const isHome = institutionId === tx.viewer.institutionId;
    const [tokens, sessions] = isHome ? await Promise.all([this.review.tokens(tx, ids), this.review.sessions(tx, ids)]) : [[], []];
    return rows.map((row) => ({
      user: AccountId.parse(row.id),
      name: row.name,
      email: row.email,
      institution: slug,
      roles: row.roles,
      customRoles: row.custom_roles.map(({ name }) => name),
      tiers: tiersOf(row),
      service: serviceOf(row),
      since: row.created_at.toISOString(),
      granted: row.granted_by === null || row.granted_at === null ? null : { by: row.granted_by, at: row.granted_at.toISOString() },
      scopes: scopesOf(rightsOf(row)).map((scope) => ({
        scope,
        because: [...rolesGiving(scope, row.roles), ...customGiving([scope], row)],
      })),
      deeds: this.deeds(row, slug),
      credentials: isHome ? credentialsOf(row, tokens, sessions) : null,
    }));
  }

  private deeds(row: PersonRow, slug: string): PersonAccess["deeds"] {
    const facts = { roles: row.roles, institution: slug, ...(row.tiers === null ? {} : { tiers: row.tiers }) };
    return TIERS.filter((tier) => worksAt({ tier }, facts)).flatMap((tier) => {
      // Everything but withdrawing is done at home, and a role of the institution's own carries no deed beyond it.
      const isHome = (slug === PLATFORM) === (tier !== "institution");
      return DEEDS.map((deed) => {
        const reaches = isHome || (slug === PLATFORM && deed === "withdraw");
        const builtIn = reaches ? rolesFor(this.pyramid[tier], deed).filter((role) => row.roles.includes(role)) : [];
        return { tier, deed, because: [...builtIn, ...(isHome ? customGiving(SCOPES_OF_DEED[deed], row) : [])] };
      }).filter(({ because }) => because.length > 0);
    });
  }
}

function askedBy(query: ExportAccessReview): Asked {
  const scope = query["filter[scope]"];
  const role = query["filter[role]"];
  return {
    all: scope === undefined && role === undefined,
    roles: ROLES.filter((one) => (role === undefined || one === role) && (scope === undefined || rolesGiving(scope, [one]).length > 0)),
    scope: role === undefined ? (scope ?? null) : null,
  };
}

function rightsOf({ roles, custom_roles: custom }: PersonRow): Rights {
  return { roles, customScopes: custom.flatMap(({ scopes }) => scopes) };
}

/** Names of the institution's own roles that give any of these to somebody. */
function customGiving(scopes: readonly Scope[], { custom_roles: custom }: PersonRow): string[] {
  return custom.filter((role) => role.scopes.some((scope) => scopes.includes(scope))).map(({ name }) => name);
}

function serviceOf({ purpose, responsible, is_active: isActive }: PersonRow): PersonAccess["service"] {
  return purpose === null ? null : { purpose, responsible: responsible ?? "", isActive: isActive === true };
}

function credentialsOf(row: PersonRow, tokens: readonly TokenRow[], sessions: readonly SessionsRow[]): PersonAccess["credentials"] {
  const mine = tokens.filter(({ user_id }) => user_id === row.id);
  const open = sessions.find(({ user_id }) => user_id === row.id);
  const seen = [open?.last_seen_at, ...mine.map(({ last_used_at }) => last_used_at)].flatMap((at) => at ?? []);
  const last = seen.sort((a, b) => b.getTime() - a.getTime())[0];
  return {
    hasSecondFactor: row.has_app || row.passkeys > 0,
    passkeys: row.passkeys,
    sessions: open?.sessions ?? 0,
    lastSeenAt: last?.toISOString() ?? null,
    tokens: mine.map((token) => ({
      id: TokenId.parse(token.id),
      name: token.name,
      scopes: [...scopesWithin(token.scopes, rightsOf(row))],
      createdAt: token.created_at.toISOString(),
      expiresAt: token.expires_at.toISOString(),
      lastUsedAt: token.last_used_at?.toISOString() ?? null,
    })),
  };
}

const COLUMNS = [
  "institution",
  "name",
  "email",
  "roles",
  "granted by",
  "granted at",
  "kind",
  "right",
  "because",
  "last used",
  "ends",
] as const;

/** A person's rights as lines: what they may ask for, what they may do at each tier, and what acts for them. */
function linesOf(person: PersonAccess): string[][] {
  const { institution, name, email, roles, customRoles, granted, scopes, deeds, credentials } = person;
  const who = [institution, name, email, [...roles, ...customRoles].join(" "), granted?.by ?? "", granted?.at ?? ""];
  return [
    ...scopes.map(({ scope, because }) => [...who, "scope", scope, because.join(" "), "", ""]),
    ...deeds.map(({ tier, deed, because }) => [...who, "deed", `${deed} ${tier}`, because.join(" "), "", ""]),
    ...(credentials?.tokens ?? []).map((token) => [
      ...who,
      "token",
      token.name,
      token.scopes.join(" "),
      token.lastUsedAt ?? "",
      token.expiresAt,
    ]),
  ];
}
