import type { Manifest, Violation } from "@ziggurat/contracts";
import type { JobRow } from "../job-row.js";

/** Whether a manifest is a whole and fitting answer to its job: everything that can be told without looking at the bytes. */
export function checkManifest(job: Pick<JobRow, "kind">, { files, result }: Manifest): Violation[] {
  const broken: Violation[] = [];
  if (result.command !== job.kind) {
    broken.push({
      code: "result_command",
      detail: `the result is of ${result.command}, the job is ${job.kind}`,
      pointer: "/result/command",
    });
  }
  if (JSON.stringify(files) !== JSON.stringify(result.files)) {
    broken.push({ code: "result_files", detail: "the manifest and the result name different files", pointer: "/files" });
  }
  const wanted = job.kind === "evaluate" ? "evaluation/" : "artifact/";
  if (!files.some(({ path }) => path.startsWith(wanted))) {
    broken.push({ code: "result_empty", detail: `there is no file under ${wanted}`, pointer: "/files" });
  }
  const seen = new Set<string>();
  for (const [index, { path }] of files.entries()) {
    const pointer = `/files/${index}/path`;
    if (!path.startsWith("artifact/") && !path.startsWith("evaluation/")) {
      broken.push({ code: "file_place", detail: `${path} lies neither under artifact/ nor under evaluation/`, pointer });
    }
    if (seen.has(path)) broken.push({ code: "file_duplicate", detail: `${path} is named twice`, pointer });
    seen.add(path);
  }
  return broken;
}

/** Where an evaluation's item file lies among the files. */
export function itemsPath(items: string): string {
  return `evaluation/${items}`;
}
