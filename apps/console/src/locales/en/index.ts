import audit from "./audit.json" with { type: "json" };
import clusters from "./clusters.json" with { type: "json" };
import common from "./common.json" with { type: "json" };
import datasets from "./datasets.json" with { type: "json" };
import device from "./device.json" with { type: "json" };
import exit from "./exit.json" with { type: "json" };
import home from "./home.json" with { type: "json" };
import imports from "./imports.json" with { type: "json" };
import institutions from "./institutions.json" with { type: "json" };
import jobs from "./jobs.json" with { type: "json" };
import lineage from "./lineage.json" with { type: "json" };
import login from "./login.json" with { type: "json" };
import models from "./models.json" with { type: "json" };
import notices from "./notices.json" with { type: "json" };
import prices from "./prices.json" with { type: "json" };
import problems from "./problems.json" with { type: "json" };
import pyramid from "./pyramid.json" with { type: "json" };
import recalls from "./recalls.json" with { type: "json" };
import retention from "./retention.json" with { type: "json" };
import search from "./search.json" with { type: "json" };
import settings from "./settings.json" with { type: "json" };
import shell from "./shell.json" with { type: "json" };
import statements from "./statements.json" with { type: "json" };
import words from "./words.json" with { type: "json" };

/** Every text of this language, by feature. */
export default {
  audit,
  clusters,
  common,
  datasets,
  device,
  exit,
  home,
  imports,
  institutions,
  jobs,
  lineage,
  login,
  models,
  notices,
  prices,
  problems,
  pyramid,
  recalls,
  retention,
  search,
  settings,
  shell,
  statements,
  words,
};
