import { Injectable } from "@nestjs/common";
import { type CreateReservation, idOf, type ListReservations, type Page, ReservationView } from "@ziggurat/contracts";
import { checkReservation } from "@ziggurat/scheduling";
import { PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { hasRole, type Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { ClusterStates } from "./cluster-states.repository.js";
import { type ReservationRow, SchedulingRepository } from "./scheduling.repository.js";
import { notYours } from "./scheduling-policies.service.js";

const ReservationId = idOf("reservation");

/** Capacity that is held for dates. An institution sees what is held for it; platform administrators make and end reservations. */
@Injectable()
export class Reservations {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: SchedulingRepository,
    private readonly clusters: ClusterStates,
    private readonly cursors: Cursors,
  ) {}

  list(viewer: Viewer, { limit, cursor, include }: ListReservations): Promise<Page<ReservationView>> {
    const binding = boundTo(viewer, "reservations");
    const before = this.cursors.decode(cursor, binding)?.[0];
    return this.unitOfWork.run(viewer, async (tx) => {
      const rows = await this.repository.list(tx, before === undefined ? null : String(before), limit + 1);
      const page = this.cursors.page(rows, limit, binding, ({ id }) => [id]);
      const total = include === "total" ? { total: await this.repository.count(tx) } : {};
      return { ...page, ...total, data: page.data.map(viewOf) };
    });
  }

  /** @throws Refusal `denied`, `rule` when it names what is not there, `conflict` when there is no room beside what is held already */
  make(viewer: Viewer, request: CreateReservation): Promise<ReservationView> {
    if (!hasRole(viewer, "platform_admin")) throw notYours("reserved by platform administrators");
    return this.unitOfWork.run(viewer, async (tx) => {
      await this.repository.lock(tx);
      const { cluster, pool, units, tier, reason } = request;
      const institution = await this.holder(tx, request);
      const reservation = { institution, tier, cluster, pool, units, from: Date.parse(request.from), until: Date.parse(request.until) };
      const now = new Date();
      const clusters = await this.clusters.all(tx, now);
      const floors = (await this.repository.policy(tx))?.policy.floors ?? [];
      const found = checkReservation({ id: "new", ...reservation }, await this.repository.reservations(tx, now), clusters, floors);
      const isOnlyFull = found.length > 0 && found.every(({ code }) => code === "reservation_overlap");
      refuseIfAny(found, isOnlyFull ? "conflict" : "rule");
      const clusterId = clusters.find(({ name }) => name === cluster)?.id ?? "";
      const id = await this.repository.insert(tx, { clusterId, reservation, reason });
      const row = await this.read(tx, id);
      await tx.audit({ institutionId: row.institution_id, action: "reservation.make", object: id, reason, after: request });
      return viewOf(row);
    });
  }

  /** What it held is free again at once. @throws Refusal `denied`, `hidden`, `conflict` when it has ended */
  end(viewer: Viewer, id: string, reason: string): Promise<ReservationView> {
    if (!hasRole(viewer, "platform_admin")) throw notYours("reserved by platform administrators");
    return this.unitOfWork.run(viewer, async (tx) => {
      const before = await this.read(tx, id);
      if (!(await this.repository.end(tx, id, reason))) {
        const detail = "it has ended already";
        throw new Refusal("conflict", "The reservation has ended.", [{ code: "reservation_ended", detail }]);
      }
      await tx.audit({ institutionId: before.institution_id, action: "reservation.end", object: id, reason });
      return viewOf(await this.read(tx, id));
    });
  }

  private async holder(tx: Tx, { institution, tier }: CreateReservation): Promise<string | null> {
    if (institution === null) {
      const detail = "it is for nobody; name an institution, a tier, or both";
      refuseIfAny(tier === null ? [{ code: "reservation_holder", detail, pointer: "/institution" }] : []);
      return null;
    }
    const id = await this.repository.institutionId(tx, institution);
    const detail = `there is no institution ${institution}`;
    if (id === null) throw new Refusal("rule", detail, [{ code: "institution_unknown", detail, pointer: "/institution" }]);
    return id;
  }

  private async read(tx: Tx, id: string): Promise<ReservationRow> {
    const row = await this.repository.find(tx, id);
    if (row === null) throw hidden();
    return row;
  }
}

function viewOf(row: ReservationRow): ReservationView {
  return ReservationView.parse({
    id: ReservationId.parse(row.id),
    ...{ cluster: row.cluster, pool: row.pool, units: row.units, tier: row.tier, reason: row.reason, madeBy: row.made_by },
    institution: row.is_for_all ? null : (row.institution ?? PLATFORM_SLUG),
    from: row.starts_at.toISOString(),
    until: row.ends_at.toISOString(),
    madeAt: row.made_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
  });
}
