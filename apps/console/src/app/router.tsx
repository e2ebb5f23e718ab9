import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, type RouterHistory } from "@tanstack/react-router";
import { parseSearch, stringifySearch } from "../lib/url-state.js";
import { Skeleton } from "../ui/skeleton.js";
import { NotFoundPage } from "./not-found-page.js";
import { Shell } from "./shell.js";

const root = createRootRoute({ component: Outlet });
const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell, notFoundComponent: NotFoundPage });

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  component: lazyRouteComponent(() => import("../features/login/login-page.js"), "LoginPage"),
});

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  component: lazyRouteComponent(() => import("../features/home/home-page.js"), "HomePage"),
});
const pyramid = createRoute({
  getParentRoute: () => shell,
  path: "/pyramid",
  component: lazyRouteComponent(() => import("../features/pyramid/pyramid-page.js"), "PyramidPage"),
});

const models = createRoute({
  getParentRoute: () => shell,
  path: "/models",
  component: lazyRouteComponent(() => import("../features/models/models-page.js"), "ModelsPage"),
});
const newModel = createRoute({
  getParentRoute: () => shell,
  path: "/models/new",
  component: lazyRouteComponent(() => import("../features/models/new-model-page.js"), "NewModelPage"),
});
const registerMany = createRoute({
  getParentRoute: () => shell,
  path: "/models/register-many",
  component: lazyRouteComponent(() => import("../features/models/register-many-page.js"), "RegisterManyPage"),
});
const model = createRoute({
  getParentRoute: () => shell,
  path: "/models/$ns/$slug",
  component: lazyRouteComponent(() => import("../features/models/model-page.js"), "ModelPage"),
});
const newVersion = createRoute({
  getParentRoute: () => shell,
  path: "/models/$ns/$slug/v/new",
  component: lazyRouteComponent(() => import("../features/models/new-version-page.js"), "NewVersionPage"),
});
const newImport = createRoute({
  getParentRoute: () => shell,
  path: "/models/$ns/$slug/v/import",
  component: lazyRouteComponent(() => import("../features/imports/new-import-page.js"), "NewImportPage"),
});
const imports = createRoute({
  getParentRoute: () => shell,
  path: "/imports",
  component: lazyRouteComponent(() => import("../features/imports/imports-page.js"), "ImportsPage"),
});
const importRoute = createRoute({
  getParentRoute: () => shell,
  path: "/imports/$id",
  component: lazyRouteComponent(() => import("../features/imports/import-page.js"), "ImportPage"),
});
const version = createRoute({
  getParentRoute: () => shell,
  path: "/models/$ns/$slug/v/$n",
  component: lazyRouteComponent(() => import("../features/models/version-page.js"), "VersionPage"),
});

const holds = createRoute({
  getParentRoute: () => shell,
  path: "/holds",
  component: lazyRouteComponent(() => import("../features/holds/holds-page.js"), "HoldsPage"),
});
const cleanUps = createRoute({
  getParentRoute: () => shell,
  path: "/clean-ups",
  component: lazyRouteComponent(() => import("../features/clean-ups/clean-ups-page.js"), "CleanUpsPage"),
});
const compare = createRoute({
  getParentRoute: () => shell,
  path: "/compare",
  component: lazyRouteComponent(() => import("../features/models/compare-page.js"), "ComparePage"),
});

const lineage = createRoute({
  getParentRoute: () => shell,
  path: "/lineage/$ns/$slug/$n",
  component: lazyRouteComponent(() => import("../features/lineage/lineage-page.js"), "LineagePage"),
});

const lineagePath = createRoute({
  getParentRoute: () => shell,
  path: "/lineage/path",
  component: lazyRouteComponent(() => import("../features/lineage/path-page.js"), "PathPage"),
});

const datasets = createRoute({
  getParentRoute: () => shell,
  path: "/datasets",
  component: lazyRouteComponent(() => import("../features/datasets/datasets-page.js"), "DatasetsPage"),
});
const newDataset = createRoute({
  getParentRoute: () => shell,
  path: "/datasets/new",
  component: lazyRouteComponent(() => import("../features/datasets/new-dataset-page.js"), "NewDatasetPage"),
});
const dataset = createRoute({
  getParentRoute: () => shell,
  path: "/datasets/$ns/$slug",
  component: lazyRouteComponent(() => import("../features/datasets/dataset-page.js"), "DatasetPage"),
});
const newDatasetVersion = createRoute({
  getParentRoute: () => shell,
  path: "/datasets/$ns/$slug/v/new",
  component: lazyRouteComponent(() => import("../features/datasets/new-dataset-version-page.js"), "NewDatasetVersionPage"),
});
const datasetVersion = createRoute({
  getParentRoute: () => shell,
  path: "/datasets/$ns/$slug/v/$n",
  component: lazyRouteComponent(() => import("../features/datasets/dataset-version-page.js"), "DatasetVersionPage"),
});

const jobs = createRoute({
  getParentRoute: () => shell,
  path: "/jobs",
  component: lazyRouteComponent(() => import("../features/jobs/jobs-page.js"), "JobsPage"),
});
const newJob = createRoute({
  getParentRoute: () => shell,
  path: "/jobs/new",
  component: lazyRouteComponent(() => import("../features/jobs/wizard/new-job-page.js"), "NewJobPage"),
});
const job = createRoute({
  getParentRoute: () => shell,
  path: "/jobs/$id",
  component: lazyRouteComponent(() => import("../features/jobs/job-page.js"), "JobPage"),
});

const audit = createRoute({
  getParentRoute: () => shell,
  path: "/audit",
  component: lazyRouteComponent(() => import("../features/audit/audit-page.js"), "AuditPage"),
});
const accessReview = createRoute({
  getParentRoute: () => shell,
  path: "/access-review",
  component: lazyRouteComponent(() => import("../features/institutions/access-review-page.js"), "AccessReviewPage"),
});
const statements = createRoute({
  getParentRoute: () => shell,
  path: "/statements",
  component: lazyRouteComponent(() => import("../features/statements/statements-page.js"), "StatementsPage"),
});
const prices = createRoute({
  getParentRoute: () => shell,
  path: "/prices",
  component: lazyRouteComponent(() => import("../features/prices/prices-page.js"), "PricesPage"),
});
const institutions = createRoute({
  getParentRoute: () => shell,
  path: "/institutions",
  component: lazyRouteComponent(() => import("../features/institutions/institutions-page.js"), "InstitutionsPage"),
});
const institution = createRoute({
  getParentRoute: () => shell,
  path: "/institutions/$slug",
  component: lazyRouteComponent(() => import("./institution-route.js"), "InstitutionRoute"),
});
const exit = createRoute({
  getParentRoute: () => shell,
  path: "/institutions/$slug/exit",
  component: lazyRouteComponent(() => import("../features/exit/exit-redirect.js"), "ExitRedirect"),
});
const clusters = createRoute({
  getParentRoute: () => shell,
  path: "/clusters",
  component: lazyRouteComponent(() => import("../features/clusters/clusters-page.js"), "ClustersPage"),
});
const inbox = createRoute({
  getParentRoute: () => shell,
  path: "/inbox",
  component: lazyRouteComponent(() => import("../features/notices/inbox-page.js"), "InboxPage"),
});
const recalls = createRoute({
  getParentRoute: () => shell,
  path: "/recalls",
  component: lazyRouteComponent(() => import("../features/recalls/recalls-page.js"), "RecallsPage"),
});
const recall = createRoute({
  getParentRoute: () => shell,
  path: "/recalls/$id",
  component: lazyRouteComponent(() => import("../features/recalls/recall-page.js"), "RecallPage"),
});
const recalledVersions = createRoute({
  getParentRoute: () => shell,
  path: "/recalls/$id/versions",
  component: lazyRouteComponent(() => import("../features/recalls/recalled-versions-page.js"), "RecalledVersionsPage"),
});
const search = createRoute({
  getParentRoute: () => shell,
  path: "/search",
  component: lazyRouteComponent(() => import("../features/search/search-page.js"), "SearchPage"),
});
const settings = createRoute({
  getParentRoute: () => shell,
  path: "/settings",
  component: lazyRouteComponent(() => import("../features/settings/settings-page.js"), "SettingsPage"),
});

const device = createRoute({
  getParentRoute: () => shell,
  path: "/device",
  component: lazyRouteComponent(() => import("../features/device/device-page.js"), "DevicePage"),
});

const unknown = createRoute({ getParentRoute: () => shell, path: "/$", component: NotFoundPage });

const inShell = [
  ...[
    home,
    pyramid,
    models,
    newModel,
    registerMany,
    model,
    newVersion,
    newImport,
    imports,
    importRoute,
    version,
    compare,
    holds,
    cleanUps,
    lineage,
    lineagePath,
  ],
  ...[datasets, newDataset, dataset, newDatasetVersion, datasetVersion, jobs, newJob, job],
  ...[
    inbox,
    recalls,
    recall,
    recalledVersions,
    audit,
    accessReview,
    statements,
    prices,
    institutions,
    institution,
    exit,
    clusters,
    search,
    settings,
    device,
    unknown,
  ],
];
const routeTree = root.addChildren([login, shell.addChildren(inShell)]);

/** The console's routes; `history` is for tests. */
export function createConsoleRouter(history?: RouterHistory) {
  return createRouter({
    routeTree,
    history,
    parseSearch,
    stringifySearch,
    scrollRestoration: true,
    defaultPendingComponent: Skeleton,
    defaultPendingMs: 0,
    // The router would keep the skeleton for half a second once it is there.
    defaultPendingMinMs: 0,
  });
}
