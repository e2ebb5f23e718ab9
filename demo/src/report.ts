import type { Evaluation, Job, LineageEdge, LineageNode, Version } from "@ziggurat/contracts";

/** `demo-report.json`: a fixed form that tests outside rely on. */
export interface DemoReport {
  readonly url: string;
  readonly seconds: number;
  readonly foundation: { readonly ref: string; readonly version: number; readonly parameters: number; readonly metrics: TextMetrics };
  readonly finance: { readonly ref: string; readonly version: number; readonly base: string; readonly metrics: TextMetrics };
  readonly tasks: readonly TaskReport[];
  readonly jobs: readonly {
    readonly id: string;
    readonly kind: string;
    readonly seconds: number;
    readonly tokensPerSecond: number | null;
  }[];
  readonly lineage: { readonly nodes: readonly LineageNode[]; readonly edges: readonly LineageEdge[] };
}

interface TextMetrics {
  readonly generalPerplexity: number;
  readonly financePerplexity: number;
}

interface TaskReport {
  readonly ref: string;
  readonly version: number;
  readonly base: string;
  readonly method: string;
  readonly evaluation: { readonly rows: number; readonly exactMatch: number; readonly parentExactMatch: number };
}

/** A sealed version, the jobs behind it and how it scored. */
export interface Built {
  readonly version: Version;
  readonly job: Job;
  readonly evaluations: readonly Evaluation[];
}

/** A task model beside the score of the parent on the same rows. */
export interface BuiltTask extends Built {
  readonly heldOut: string;
  readonly parentEvaluations: readonly Evaluation[];
  readonly parentJob: Job;
}

export interface ReportInput {
  readonly url: string;
  readonly seconds: number;
  readonly foundation: Built;
  readonly finance: Built;
  readonly tasks: readonly BuiltTask[];
  readonly jobs: readonly Job[];
  readonly generalHeldOut: string;
  readonly financeHeldOut: string;
  readonly lineage: { readonly nodes: readonly LineageNode[]; readonly edges: readonly LineageEdge[] };
}

/** The report from what the platform answered. Throws where a figure is missing: no number is ever filled in. */
export function demoReport(input: ReportInput): DemoReport {
  const textMetrics = (built: Built): TextMetrics => ({
    generalPerplexity: perplexityOn(built.evaluations, input.generalHeldOut),
    financePerplexity: perplexityOn(built.evaluations, input.financeHeldOut),
  });
  const { foundation, finance } = input;
  return {
    url: input.url,
    seconds: input.seconds,
    foundation: {
      ref: foundation.version.model,
      version: foundation.version.number,
      parameters: known(foundation.version.parameters, `parameters of ${foundation.version.ref}`),
      metrics: textMetrics(foundation),
    },
    finance: { ref: finance.version.model, version: finance.version.number, base: baseOf(finance.job), metrics: textMetrics(finance) },
    tasks: input.tasks.map((task) => {
      const own = evaluationOn(task.evaluations, task.heldOut);
      const parent = evaluationOn(task.parentEvaluations, task.heldOut);
      return {
        ref: task.version.model,
        version: task.version.number,
        base: baseOf(task.job),
        method: task.job.method,
        evaluation: {
          rows: own.rows,
          exactMatch: known(own.exactMatch, `exact match of ${own.version}`),
          parentExactMatch: known(parent.exactMatch, `exact match of ${parent.version}`),
        },
      };
    }),
    jobs: input.jobs.map((job) => ({ id: job.id, kind: job.kind, seconds: jobSeconds(job), tokensPerSecond: job.tokensPerSecond })),
    lineage: { nodes: input.lineage.nodes, edges: input.lineage.edges },
  };
}

/** Seconds a job trained or scored as its program measured them; for one that did not say, from start to finish. */
export function jobSeconds(job: Job): number {
  if (job.trainSeconds !== null) return job.trainSeconds;
  const [started, finished] = [known(job.startedAt, `start of ${job.id}`), known(job.finishedAt, `finish of ${job.id}`)];
  return (Date.parse(finished) - Date.parse(started)) / 1000;
}

/** Perplexity on one held-out dataset version. */
export function perplexityOn(evaluations: readonly Evaluation[], dataset: string): number {
  return known(evaluationOn(evaluations, dataset).perplexity, `perplexity on ${dataset}`);
}

/** The evaluation on one held-out dataset version. */
export function evaluationOn(evaluations: readonly Evaluation[], dataset: string): Evaluation {
  return known(evaluations.find((evaluation) => evaluation.dataset === dataset) ?? null, `evaluation on ${dataset}`);
}

function baseOf(job: Job): string {
  return known(job.parent, `parent of ${job.id}`);
}

function known<T>(value: T | null, what: string): T {
  if (value === null) throw new Error(`the platform did not answer the ${what}`);
  return value;
}
