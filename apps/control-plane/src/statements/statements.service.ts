import { createHash } from "node:crypto";
import { Inject, Injectable } from "@nestjs/common";
import {
  type CloseMonth,
  type ClosePreview,
  type ListStatements,
  type MonthStatement,
  type MonthSummary,
  type MonthSums,
  type Page,
  type SplitRule,
  type Statement,
  type StatementQuery,
} from "@ziggurat/contracts";
import { drawStatements, endOfMonth, type MonthFacts, ownLines, sumsOf } from "@ziggurat/scheduling";
import { PricesRepository } from "../metering/prices.repository.js";
import { CONFIG, type Config } from "../platform/config.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { hasRole, type Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { statementCsv } from "./statement-csv.js";
import { type ClosedMonth, type KeptStatement, StatementsRepository } from "./statements.repository.js";

/** Months: what each institution pays for, and closing them for good. An institution sees its own statement and no sum over others. */
@Injectable()
export class Statements {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly statements: StatementsRepository,
    private readonly prices: PricesRepository,
    private readonly cursors: Cursors,
    @Inject(CONFIG) private readonly config: Pick<Config, "rules">,
  ) {}

  list(viewer: Viewer, query: ListStatements): Promise<Page<MonthSummary>> {
    const binding = boundTo(viewer, `statements?institution=${query["filter[institution]"] ?? ""}`);
    const before = this.cursors.decode(query.cursor, binding)?.[0];
    return this.unitOfWork.snapshot(viewer, async (tx) => {
      const of = await this.asked(tx, query);
      const months = await this.statements.months(tx, of?.id ?? null, before === undefined ? null : String(before), query.limit + 1);
      const page = this.cursors.page(months, query.limit, binding, (month) => [month]);
      const total = query.include === "total" ? { total: await this.statements.countMonths(tx, of?.id ?? null) } : {};
      const data: MonthSummary[] = [];
      for (const month of page.data) data.push(await this.summary(tx, month, of));
      return { ...page, ...total, data };
    });
  }

  get(viewer: Viewer, month: string, query: StatementQuery): Promise<MonthStatement> {
    return this.unitOfWork.snapshot(viewer, async (tx) => {
      const of = await this.asked(tx, query);
      const currency = await this.prices.currency(tx);
      const statement = of === null ? null : await this.statement(tx, month, of, currency);
      if (viewer.reach === "tenant")
        return { month, isClosed: statement?.isClosed ?? false, currency: statement?.currency ?? currency, statement, sums: null };
      const closed = await this.statements.closed(tx, month);
      return {
        month,
        isClosed: closed !== null,
        currency: closed?.currency ?? currency,
        statement,
        sums: await this.sums(tx, month, closed),
      };
    });
  }

  /** One line of a file for each line of the statement; the platform's, without an institution, one for each line of everybody's. */
  export(viewer: Viewer, month: string, query: StatementQuery): Promise<string> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const of = await this.asked(tx, query);
      const currency = await this.prices.currency(tx);
      const statements = of === null ? await this.everybody(tx, month, currency) : [await this.statement(tx, month, of, currency)];
      await tx.audit({ institutionId: of?.id ?? PLATFORM_ID, action: "statement.export", object: month });
      return statementCsv(statements);
    });
  }

  /** What closing the month by this rule would come to. Writes nothing. */
  preview(viewer: Viewer, month: string, rule: SplitRule): Promise<ClosePreview> {
    refuseOthers(viewer);
    return this.unitOfWork.snapshot(viewer, async (tx) => {
      refuseClosed(await this.statements.closed(tx, month), month);
      await this.refuseEarly(tx, month);
      const facts = await this.statements.facts(tx, month);
      return { month, ...(await this.drawn(tx, facts, rule)), warnings: this.warningsOf(facts, rule) };
    });
  }

  /**
   * Closes a month for good. Whoever is being charged in it comes before or into the next. The same again answers the same.
   * @throws Refusal `denied`, `conflict` when it is closed otherwise or not over, `stale` when it is no longer what was looked at
   */
  close(viewer: Viewer, month: string, { rule, digest, reason }: CloseMonth): Promise<MonthStatement> {
    refuseOthers(viewer);
    return this.unitOfWork.run(viewer, async (tx) => {
      await this.statements.lockMonth(tx, month);
      const before = await this.statements.closed(tx, month);
      if (before !== null && before.digest === digest && before.rule === rule) return this.closedView(tx, month, before);
      refuseClosed(before, month);
      await this.refuseEarly(tx, month);
      const facts = await this.statements.facts(tx, month);
      const now = await this.drawn(tx, facts, rule);
      if (now.digest !== digest) {
        const detail = `${month} is no longer what was looked at; look again`;
        throw new Refusal("stale", detail, [{ code: "statement_changed", detail, pointer: "/digest" }]);
      }
      const { metered, pool } = now.sums;
      await this.statements.close(tx, { month, rule, currency: now.currency, metered, pool, digest, reason }, drawStatements(facts, rule));
      await tx.audit({ institutionId: PLATFORM_ID, action: "statement.close", object: month, reason, after: { rule, digest, metered } });
      const closed = await this.statements.closed(tx, month);
      if (closed === null) throw new Error(`${month} cannot be read back.`);
      return this.closedView(tx, month, closed);
    });
  }

  private async drawn(tx: Tx, facts: MonthFacts, rule: SplitRule): Promise<Pick<ClosePreview, "currency" | "sums" | "digest">> {
    const currency = await this.prices.currency(tx);
    const drawn = drawStatements(facts, rule);
    const digest = createHash("sha256")
      .update(JSON.stringify([facts.month, rule, currency, drawn]))
      .digest("hex");
    return { currency, sums: { ...sumsOf(facts, rule), closedBy: null }, digest };
  }

  /** By their use, few could work out one another's: each knows its own part and its own use. */
  private warningsOf({ payers }: MonthFacts, rule: SplitRule): ClosePreview["warnings"] {
    return rule !== "equal" && payers.length < this.config.rules.minCrossTenantCount ? ["few_institutions"] : [];
  }

  private async refuseEarly(tx: Tx, month: string): Promise<void> {
    if (endOfMonth(month) > new Date()) {
      const detail = `${month} is not over`;
      throw new Refusal("conflict", detail, [{ code: "month_not_over", detail }]);
    }
    const open = await this.statements.openBefore(tx, month);
    if (open !== null) {
      const detail = `${open} is to be closed first`;
      throw new Refusal("conflict", detail, [{ code: "month_order", detail }]);
    }
  }

  private async closedView(tx: Tx, month: string, closed: ClosedMonth): Promise<MonthStatement> {
    return { month, isClosed: true, currency: closed.currency, statement: null, sums: await this.sums(tx, month, closed) };
  }

  private async sums(tx: Tx, month: string, closed: ClosedMonth | null): Promise<MonthSums> {
    if (closed === null) return { ...sumsOf(await this.statements.facts(tx, month), null), closedBy: null };
    const kept = await this.statements.kept(tx, month, null);
    return {
      metered: closed.metered,
      pool: closed.pool,
      rule: closed.rule,
      closedBy: closed.closed_by,
      institutions: kept.map(({ institution, own, shared, total }) => ({ institution, own, shared, total })),
    };
  }

  private async statement(tx: Tx, month: string, of: Asked, currency: string): Promise<Statement> {
    const [kept] = await this.statements.kept(tx, month, of.id);
    if (kept !== undefined) return keptView(month, kept);
    const lines = ownLines(
      { charged: await this.statements.charged(tx, month, of.id), stored: await this.statements.stored(tx, month, of.id) },
      of.slug,
    );
    const total = lines.reduce((sum, { amount }) => sum + amount, 0);
    // The platform itself has none where all of its cost was split.
    const isClosed = (await this.statements.closed(tx, month)) !== null;
    return { institution: of.slug, month, currency, isClosed, lines, total, closedAt: null };
  }

  private async everybody(tx: Tx, month: string, currency: string): Promise<Statement[]> {
    if ((await this.statements.closed(tx, month)) !== null)
      return (await this.statements.kept(tx, month, null)).map((kept) => keptView(month, kept));
    return drawStatements(await this.statements.facts(tx, month), null).map(({ institution, lines, total }) => ({
      ...{ institution, month, currency, total },
      lines: [...lines],
      isClosed: false,
      closedAt: null,
    }));
  }

  private async summary(tx: Tx, month: string, of: Asked | null): Promise<MonthSummary> {
    const currency = await this.prices.currency(tx);
    if (of !== null) {
      const { isClosed, total, currency: own } = await this.statement(tx, month, of, currency);
      return { month, isClosed, currency: own, total };
    }
    const closed = await this.statements.closed(tx, month);
    if (closed !== null) return { month, isClosed: true, currency: closed.currency, total: closed.metered };
    const [charged, stored] = [await this.statements.charged(tx, month, null), await this.statements.stored(tx, month, null)];
    return { month, isClosed: false, currency, total: [...charged, ...stored].reduce((sum, { cost }) => sum + cost, 0) };
  }

  /** Whose statement is asked for; null where the platform asks for all. @throws Refusal `hidden` */
  private async asked(tx: Tx, query: StatementQuery): Promise<Asked | null> {
    const { viewer } = tx;
    const slug = query["filter[institution]"] ?? (viewer.reach === "tenant" ? viewer.institutionSlug : null);
    if (slug === null) return null;
    const isForeign = viewer.reach === "tenant" && slug !== viewer.institutionSlug;
    const found = isForeign ? null : await this.statements.institution(tx, slug);
    if (found === null) throw hidden();
    return { id: found.id, slug };
  }
}

interface Asked {
  readonly id: string;
  readonly slug: string;
}

function keptView(month: string, { institution, currency, lines, total, closed_at }: KeptStatement): Statement {
  return { institution, month, currency, isClosed: true, lines, total, closedAt: closed_at.toISOString() };
}

function refuseClosed(closed: ClosedMonth | null, month: string): void {
  if (closed === null) return;
  const detail = `${month} is closed already, by the rule ${closed.rule}`;
  throw new Refusal("conflict", detail, [{ code: "month_closed", detail }]);
}

function refuseOthers(viewer: Viewer): void {
  if (hasRole(viewer, "platform_admin")) return;
  const detail = `needs the role platform_admin at ${PLATFORM_SLUG}`;
  throw new Refusal("denied", `Months are closed by platform administrators: ${detail}.`, [{ code: "role", detail }]);
}
