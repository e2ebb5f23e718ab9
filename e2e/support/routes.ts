import { parseVersionRef } from "@ziggurat/contracts";
import type { Person } from "./people.js";
import type { Seed } from "./seed.js";

export interface Route {
  readonly name: string;
  readonly path: string;
  readonly person: Person;
}

const INSTITUTION_TABS = ["overview", "members", "roles", "services", "sign-in", "entitlements", "models", "statements", "exit"] as const;

/** Every page of the console, on what the seed holds, as somebody who may see it. */
export function allRoutes(seed: Seed): Route[] {
  const engineer = (name: string, path: string): Route => ({ name, path, person: "engineer" });
  const member = (name: string, path: string): Route => ({ name, path, person: "northbankMember" });
  const bank = (name: string, path: string): Route => ({ name, path, person: "northbankAdmin" });
  const admin = (name: string, path: string): Route => ({ name, path, person: "admin" });
  return [
    engineer("home of an engineer", "/"),
    member("home of a member", "/"),
    admin("home of an administrator", "/"),
    engineer("pyramid", "/pyramid"),
    engineer("pyramid as a table", "/pyramid?view=table"),
    engineer("models", "/models"),
    engineer("register a model", "/models/new"),
    engineer("register many models", "/models/register-many"),
    engineer("model", `/models/${modelOf(seed.finance)}`),
    engineer("new version", `/models/${modelOf(seed.finance)}/v/new`),
    engineer("new import", `/models/${modelOf(seed.finance)}/v/import`),
    engineer("imports", "/imports"),
    ...["overview", "lineage", "files", "activity", "evaluations"].map((tab) =>
      engineer(`version, ${tab}`, `${versionPage(seed.finance)}?tab=${tab}`),
    ),
    engineer("lineage explorer", lineagePage(seed.finance)),
    engineer("lineage as a table", `${lineagePage(seed.foundation)}?view=table`),
    engineer("lineage in numbers", `${lineagePage(seed.foundation)}?view=reach`),
    engineer("compare", `/compare?a=${encodeURIComponent(seed.finance)}&b=${encodeURIComponent(seed.foundation)}`),
    engineer("path", `/lineage/path?from=${encodeURIComponent(seed.finance)}&to=${encodeURIComponent(seed.foundation)}`),
    engineer("search", "/search?q=ledger"),
    admin("recalls", "/recalls"),
    admin("clean-ups", "/clean-ups"),
    admin("holds", "/holds"),
    member("inbox", "/inbox"),
    engineer("datasets", "/datasets"),
    engineer("register a dataset", "/datasets/new"),
    member("dataset", `/datasets/${modelOf(seed.intents)}`),
    member("upload a dataset version", `/datasets/${modelOf(seed.intents)}/v/new`),
    member("dataset version", datasetPage(seed.intents)),
    member("jobs", "/jobs"),
    member("new job", "/jobs/new"),
    member("job", `/jobs/${seed.taskJob}`),
    admin("institutions", "/institutions"),
    ...INSTITUTION_TABS.map((tab) => bank(`institution, ${tab}`, `/institutions/northbank?tab=${tab}`)),
    admin("institution", "/institutions/northbank"),
    admin("institution, statements", "/institutions/northbank?tab=statements"),
    admin("the platform", "/institutions/platform"),
    admin("prices", "/prices"),
    member("prices for a bank", "/prices"),
    admin("statements", "/statements"),
    admin("access review", "/access-review?inst=northbank"),
    engineer("clusters", "/clusters"),
    admin("audit", "/audit"),
    member("settings", "/settings"),
    member("device", "/device"),
  ];
}

export const modelOf = (ref: string) => ref.split("@", 1)[0] ?? ref;
export function versionPage(ref: string): string {
  const { namespace, slug, number } = parseVersionRef(ref);
  return `/models/${namespace}/${slug}/v/${number}`;
}
export function datasetPage(ref: string): string {
  return versionPage(ref).replace("/models/", "/datasets/");
}
export function lineagePage(ref: string): string {
  const { namespace, slug, number } = parseVersionRef(ref);
  return `/lineage/${namespace}/${slug}/${number}`;
}
