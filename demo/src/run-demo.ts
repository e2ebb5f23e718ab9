import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Api } from "@ziggurat/client";
import { Job, Lineage, paths } from "@ziggurat/contracts";
import { assembleCast } from "./cast.js";
import { buildTask } from "./institution-tier.js";
import type { DemoOptions } from "./options.js";
import { loadPeople, savePeople } from "./people.js";
import { type Built, type BuiltTask, type DemoReport, demoReport } from "./report.js";
import { buildFinance, buildFoundation, publishSharedText } from "./shared-tiers.js";
import { figureLines } from "./show/figures.js";
import { lineageTree, mergeLineage } from "./show/lineage-tree.js";
import { progressBoard } from "./show/progress.js";
import { eastcapPlan, northbankPlan, readGivenRows } from "./task-plans.js";
import { demoData } from "./text/demo-data.js";

/** Name of the report in the data folder. */
export const REPORT_FILE = "demo-report.json";

/**
 * Builds a whole pyramid through the public API of a running platform, prints it and writes `demo-report.json`.
 * Given files are read and checked before anything is sent. Throws on the first job or gate that does not hold.
 */
export async function runDemo(options: DemoOptions, output: NodeJS.WriteStream): Promise<DemoReport> {
  const begun = Date.now();
  const given = options.realTask === null ? null : await readGivenRows(options.realTask);
  await mkdir(options.dataDir, { recursive: true });
  const people = await loadPeople(options.dataDir, { email: options.adminEmail, password: options.adminPassword });
  await savePeople(options.dataDir, people);
  const cast = await assembleCast(options.url, people);
  const data = demoData(options.seed);

  const board = progressBoard(output);
  let built: Pyramid;
  try {
    const text = await publishSharedText(cast.engineer, board, data, options.seed);
    const foundation = await buildFoundation(cast, board, text, options.seed);
    const finance = await buildFinance(cast, board, text, foundation.version.ref, options.seed);
    const tasks = await Promise.all([
      buildTask(cast.northbank, board, finance.version.ref, northbankPlan(data, options, given)),
      buildTask(cast.eastcap, board, finance.version.ref, eastcapPlan(data, options)),
    ]);
    built = { foundation, finance, tasks, generalHeldOut: text.generalHeldOut, financeHeldOut: text.financeHeldOut };
  } finally {
    board.stop();
  }

  const members = [cast.northbank.member, cast.eastcap.member];
  const lineage = mergeLineage(
    await Promise.all(
      built.tasks.flatMap((task, index) =>
        members.slice(index, index + 1).map((member) => member.get(Lineage, paths.lineage(task.version.ref), { direction: "up" })),
      ),
    ),
  );
  const report = demoReport({
    url: options.url,
    seconds: (Date.now() - begun) / 1000,
    ...built,
    jobs: await allJobs(cast.engineer, members, built),
    lineage,
  });
  await writeReport(options.dataDir, report);
  const lines = [
    "",
    ...lineageTree(lineage.nodes, lineage.edges),
    "",
    ...figureLines(report, { finance: built.finance.version.parameters, tasks: built.tasks }),
    "",
  ];
  output.write(`${lines.join("\n")}\nThe console is at ${options.url}\n`);
  return report;
}

interface Pyramid {
  readonly foundation: Built;
  readonly finance: Built;
  readonly tasks: readonly BuiltTask[];
  readonly generalHeldOut: string;
  readonly financeHeldOut: string;
}

async function allJobs(engineer: Api, members: readonly Api[], built: Pyramid): Promise<Job[]> {
  const withEvaluations = async (api: Api, { job }: Built) => [
    job,
    ...(await Promise.all(job.evaluationJobs.map((id) => api.get(Job, paths.job(id))))),
  ];
  const shared = await Promise.all([built.foundation, built.finance].map((tier) => withEvaluations(engineer, tier)));
  const tasks = await Promise.all(
    built.tasks.flatMap((task, index) =>
      members.slice(index, index + 1).map(async (member) => [...(await withEvaluations(member, task)), task.parentJob]),
    ),
  );
  return [...shared, ...tasks].flat();
}

async function writeReport(dataDir: string, report: DemoReport): Promise<void> {
  const file = join(dataDir, REPORT_FILE);
  await writeFile(`${file}.new`, `${JSON.stringify(report, null, 2)}\n`);
  await rename(`${file}.new`, file);
}
