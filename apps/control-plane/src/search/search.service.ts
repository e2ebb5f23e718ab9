import { Injectable } from "@nestjs/common";
import {
  MOST_SEARCH_RESULTS,
  type ParsedSearch,
  parseSearch,
  type Scope,
  SEARCH_KINDS,
  type SearchAnswer,
  type SearchCount,
  type SearchHit,
  type SearchKind,
  type SearchQuery,
} from "@ziggurat/contracts";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { refuseIfAny } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { type FoundRow, SearchRepository } from "./search.repository.js";
import { hitOf } from "./search-hit.js";

/** What a session or token needs to be shown a kind, as at the list of its own. */
const SCOPE_OF: Readonly<Record<SearchKind, Scope>> = {
  model: "models:read",
  version: "models:read",
  dataset: "datasets:read",
  institution: "institutions:read",
  person: "institutions:read",
};

/** One box over all that the viewer may see. */
@Injectable()
export class Search {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly found: SearchRepository,
    private readonly cursors: Cursors,
  ) {}

  async search(viewer: Viewer, { q, kind, limit, cursor }: SearchQuery): Promise<SearchAnswer> {
    const query = parseSearch(q);
    refuseIfAny(query.violations, "invalid");
    const binding = boundTo(viewer, `search?${JSON.stringify([q, kind])}`);
    const after = this.cursors.decode(cursor, binding);
    const counts: SearchCount[] = [];
    const data: SearchHit[] = [];
    let nextCursor: string | null = null;
    await this.unitOfWork.snapshot(viewer, async (tx) => {
      for (const one of SEARCH_KINDS.filter((known) => viewer.scopes.includes(SCOPE_OF[known]))) {
        const isShown = kind === undefined || kind === one;
        const { total, rows } = await this.found.find(tx, one, query, kind === one ? after : null, isShown ? limit + (kind ? 1 : 0) : 0);
        counts.push({ kind: one, count: Math.min(total, MOST_SEARCH_RESULTS), isMore: total > MOST_SEARCH_RESULTS });
        if (!isShown) continue;
        const page = this.cursors.page(rows, limit, binding, placeOf);
        data.push(...page.data.map((row) => hitOf(one, row, query.words)));
        nextCursor = page.nextCursor;
      }
    });
    return { data, nextCursor, counts, parts: partsOf(query) };
  }
}

const placeOf = ({ rank, standing, key, number }: FoundRow) => [rank, standing, key, number];

const partsOf = ({ parts }: ParsedSearch): SearchAnswer["parts"] => parts.map((part) => ({ ...part }));
