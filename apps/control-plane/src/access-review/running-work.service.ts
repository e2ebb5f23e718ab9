import { Inject, Injectable } from "@nestjs/common";
import { JOB_STATES, type Page, RunningWork, type RunningWorkQuery, type Tier } from "@ziggurat/contracts";
import { OPEN_IMPORT_STATES, whyNot } from "@ziggurat/pyramid";
import { isFinal } from "@ziggurat/scheduling";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { PYRAMID, type Pyramid, viewerFacts } from "../registry/pyramid.js";
import { AccessReview } from "./access-review.service.js";

interface Row {
  readonly kind: "import" | "job";
  readonly id: string;
  readonly model: string;
  readonly tier: Tier;
  readonly state: string;
  readonly requested_by: string;
  readonly requested_by_name: string;
  readonly has_left: boolean;
  readonly created_at: Date;
}

const OPEN_JOB_STATES = JOB_STATES.filter((state) => !isFinal(state));

/** What a job ordered goes with it, and is not told apart. */
const WORK = `select w.*, m.namespace || '/' || m.slug as model, m.tier, u.removed_at is not null as has_left
  from (
    select 'import' as kind, id, model_id, state, requested_by, requested_by_name, created_at
      from imports where institution_id = $1 and state = any($2)
    union all
    select 'job', j.id, j.model_id, j.state, j.requested_by, j.requested_by_name, j.created_at from jobs j
      where j.institution_id = $1 and j.state = any($3)
        and not exists (select from jobs o where o.id = j.ordered_by_job_id and o.state = any($3))
  ) w join models m on m.id = w.model_id left join users u on u.id = w.requested_by
  where ($4::text is null or w.requested_by = $4) and (not $5 or u.removed_at is not null)`;

/** Imports and jobs that are not over, by whose they are: what goes on although its starter may not begin anything any more. */
@Injectable()
export class RunningWorks {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly review: AccessReview,
    private readonly cursors: Cursors,
    @Inject(PYRAMID) private readonly pyramid: Pyramid,
  ) {}

  async list(viewer: Viewer, query: RunningWorkQuery): Promise<Page<RunningWork>> {
    const slug = query.institution ?? viewer.institutionSlug;
    const [user, left] = [query["filter[user]"] ?? null, query["filter[left]"] === "true"];
    const binding = boundTo(viewer, `running work of ${slug}?${user ?? ""}&${left}`);
    const after = this.cursors.decode(query.cursor, binding)?.[0] ?? "";
    return this.unitOfWork.run(viewer, async (tx) => {
      const of = [await this.review.institution(tx, slug), OPEN_IMPORT_STATES, OPEN_JOB_STATES, user, left];
      const rows = await tx.query<Row>(`${WORK} and w.id > $6 order by w.id limit $7`, [...of, String(after), query.limit + 1]);
      const page = this.cursors.page(rows, query.limit, binding, ({ id }) => [id]);
      const total = query.include === "total" ? { total: await this.count(tx, of) } : {};
      return { ...page, ...total, data: page.data.map((row) => this.view(viewer, slug, row)) };
    });
  }

  private async count(tx: Tx, of: readonly unknown[]): Promise<number> {
    const [row] = await tx.query<{ n: number }>(`select count(*)::int as n from (${WORK}) found`, of);
    return row?.n ?? 0;
  }

  private view(viewer: Viewer, slug: string, row: Row): RunningWork {
    // Whoever may do such work there may end it, and what is not over can always be ended.
    const reason = whyNot(this.pyramid[row.tier], viewerFacts(viewer), slug, "contribute");
    return RunningWork.parse({
      kind: row.kind,
      id: row.id,
      model: row.model,
      state: row.state,
      begunBy: { id: row.requested_by, name: row.requested_by_name, hasLeft: row.has_left },
      since: row.created_at.toISOString(),
      cancel: { allowed: reason === null, reason },
    });
  }
}
