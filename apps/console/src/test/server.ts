import { PROBLEMS, type Problem, type ProblemCode, paths, type VersionStanding, type Violation } from "@ziggurat/contracts";
import { HttpResponse, http, type JsonBodyType } from "msw";
import { setupServer } from "msw/node";
import { aLineage, aMe, aProtection, aPyramid, aQuota } from "./builders.js";

/** A page as the API answers lists. */
export function page<T extends JsonBodyType>(data: readonly T[], nextCursor: string | null = null) {
  return HttpResponse.json({ data, nextCursor });
}

/** A refusal as the API words it. */
export function problem(code: ProblemCode, errors: readonly Violation[] = []) {
  const { status, title } = PROBLEMS[code];
  const body: Problem = {
    type: `/docs/errors#${code}`,
    title,
    status,
    detail: title,
    instance: "/",
    code,
    requestId: "req_42",
    errors: [...errors],
  };
  return HttpResponse.json(body, { status, headers: { "content-type": "application/problem+json" } });
}

/** The network of the tests. By default somebody is signed in and every list is empty. */
export const server = setupServer(
  http.get(paths.me(), () => HttpResponse.json(aMe())),
  ...[paths.pyramid(), paths.lineageOverview()].map((path) => http.get(path, () => HttpResponse.json(aPyramid()))),
  ...[
    paths.models(),
    paths.imports(),
    paths.jobs(),
    paths.datasets(),
    paths.institutions(),
    paths.clusters(),
    paths.audit(),
    paths.tokens(),
    paths.ownSessions(),
    paths.notices(),
    paths.prices(),
    paths.statements(),
    paths.runningWork(),
  ].map((path) => http.get(path, () => page([]))),
  http.get("/api/v1/auth/providers", () => HttpResponse.json({ providers: [] })),
  http.get(paths.identities(), () => HttpResponse.json({ data: [] })),
  http.get("/api/v1/institutions/:slug/identity-providers", () => page([])),
  http.get(paths.search(), () => HttpResponse.json({ data: [], nextCursor: null, counts: [], parts: [] })),
  http.get("/api/v1/institutions/:slug/quota", ({ params }) => HttpResponse.json(aQuota({ institution: String(params.slug) }))),
  http.get("/api/v1/institutions/:slug/scim", () =>
    HttpResponse.json({ baseUrl: "https://z.example/scim/v2", lastUsedAt: null, lastToken: null, people: 0, groups: 0 }),
  ),
  ...["roles", "service-accounts", "members", "entitlements", "scim/groups", "quota/proposals"].map((list) =>
    http.get(`/api/v1/institutions/:slug/${list}`, () => page([])),
  ),
  http.get(paths.evaluations(), () => page([])),
  http.get("/api/v1/models/:ns/:slug/alias-proposals", () => page([])),
  http.get("/api/v1/models/:ns/:slug/aliases/:name/protection", ({ params }) =>
    HttpResponse.json(aProtection({ name: String(params.name) })),
  ),
  http.get("/api/v1/models/:ns/:slug/versions/:n/verifications", () => page([])),
  http.get("/api/v1/models/:ns/:slug/versions/:n/standing", ({ params }) => {
    const standing: VersionStanding = {
      version: `${String(params.ns)}/${String(params.slug)}@${String(params.n)}`,
      effectiveTerms: { commercialUse: true, redistribution: true, regions: [] },
      causes: [],
      support: null,
      deprecation: null,
    };
    return HttpResponse.json(standing);
  }),
  http.get("/api/v1/models/:ns/:slug/versions/:n/inspection", ({ params }) =>
    HttpResponse.json({ version: `${String(params.ns)}/${String(params.slug)}@${String(params.n)}`, inspection: null }),
  ),
  http.get("/api/v1/lineage/:ns/:slug/:n", ({ params }) =>
    HttpResponse.json(aLineage(`${String(params.ns)}/${String(params.slug)}@${String(params.n)}`)),
  ),
);
