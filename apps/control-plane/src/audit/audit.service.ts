import { Injectable } from "@nestjs/common";
import type { AuditEntry, AuditFilter, AuditVerification, ChainVerdict, ListAudit, Page } from "@ziggurat/contracts";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { AuditRepository } from "./audit.repository.js";
import { type AuditConditions, conditionsOf } from "./audit-conditions.js";
import { VerifyChain } from "./verify-chain.js";

/** Reading and verifying the viewer's part of the log. */
@Injectable()
export class AuditService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRepository,
    private readonly cursors: Cursors,
    private readonly verifyChain: VerifyChain,
  ) {}

  async list(viewer: Viewer, query: ListAudit): Promise<Page<AuditEntry>> {
    const { limit, cursor, include, ...filters } = query;
    const binding = boundTo(viewer, `audit?${JSON.stringify(filters, Object.keys(filters).sort())}`);
    const before = this.cursors.decode(cursor, binding)?.[0];
    return this.unitOfWork.run(viewer, async (tx) => {
      const conditions = await this.conditions(tx, filters);
      // A chain that the viewer cannot see has nothing in it.
      if (conditions === null) return { data: [], nextCursor: null, ...(include === "total" ? { total: 0 } : {}) };
      const rows = await this.audit.list(tx, conditions, limit + 1, before === undefined ? null : String(before));
      const total = include === "total" ? { total: await this.audit.count(tx, conditions) } : {};
      return { ...this.cursors.page(rows, limit, binding, ({ id }) => [id]), ...total };
    });
  }

  /** @throws Refusal `hidden` */
  async entry(viewer: Viewer, id: string): Promise<AuditEntry> {
    const entry = await this.unitOfWork.run(viewer, (tx) => this.audit.find(tx, id));
    if (entry === null) throw hidden();
    return entry;
  }

  /** Walks every chain the viewer may see, one after the other, and answers when the last is done. */
  async verify(viewer: Viewer): Promise<AuditVerification> {
    const visible = await this.unitOfWork.run(viewer, (tx) => this.audit.chains(tx));
    const chains: ChainVerdict[] = [];
    for (const chain of visible) chains.push(await this.verifyChain.walk(viewer, chain));
    return { ok: chains.every(({ ok }) => ok), verifiedAt: new Date().toISOString(), chains };
  }

  private async conditions(tx: Tx, filter: AuditFilter): Promise<AuditConditions | null> {
    const slug = filter["filter[chain]"];
    if (slug === undefined) return conditionsOf(tx.viewer, filter, null);
    const chain = (await this.audit.chains(tx, slug))[0];
    return chain === undefined ? null : conditionsOf(tx.viewer, filter, chain.id);
  }
}
