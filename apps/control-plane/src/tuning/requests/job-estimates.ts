import { Injectable } from "@nestjs/common";
import { Architecture, type Estimate, type JobKind, type Method } from "@ziggurat/contracts";
import { estimateRun, parametersOf } from "@ziggurat/scheduling";
import { PLATFORM_ID, PLATFORM_SLUG } from "../../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import { systemViewer } from "../../platform/database/viewer.js";

export interface Estimated {
  readonly kind: JobKind;
  readonly method: Method;
  /** With defaults filled in. */
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  readonly parentParameters: number | null;
  readonly datasets: readonly { readonly characters: number; readonly rows: number }[];
}

const RECENT = 20;

/** Estimates from the request and from the rates of recent runs, whoever asked for those: a rate names nobody. */
@Injectable()
export class JobEstimates {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  of(request: Estimated): Promise<Estimate> {
    return this.unitOfWork.run(systemViewer(PLATFORM_ID, PLATFORM_SLUG, "estimates"), (tx) => this.within(tx, request));
  }

  /** The same inside a transaction that reaches all institutions. */
  async within(tx: Tx, { kind, method, hyperparameters, parentParameters, datasets }: Estimated): Promise<Estimate> {
    const number = (name: string, otherwise: number): number => {
      const value = hyperparameters[name];
      return typeof value === "number" ? value : otherwise;
    };
    const maxSteps = hyperparameters.maxSteps;
    return estimateRun({
      kind,
      method,
      parameters: method === "pretrain" ? parametersOfShape(hyperparameters) : parentParameters,
      characters: sum(datasets.map((dataset) => dataset.characters)),
      rows: sum(datasets.map((dataset) => dataset.rows)),
      epochs: number("epochs", 1),
      maxSteps: typeof maxSteps === "number" ? maxSteps : null,
      batchSize: number("batchSize", 32),
      sequenceLength: number("sequenceLength", 256),
      recent: await recentRates(tx, kind),
    });
  }
}

async function recentRates(tx: Tx, kind: JobKind) {
  const rows = await tx.query<{ rate: number; parameters: string }>(
    `select j.tokens_per_second as rate, coalesce(v.parameters, p.parameters) as parameters
     from jobs j left join versions v on v.id = j.version_id and j.method <> 'lora' left join versions p on p.id = j.parent_version_id
     where j.state = 'succeeded' and (j.kind = 'evaluate') = ($1 = 'evaluate') and j.tokens_per_second > 0
       and coalesce(v.parameters, p.parameters) > 0
     order by j.finished_at desc limit ${RECENT}`,
    [kind],
  );
  return rows.map((row) => ({ tokensPerSecond: row.rate, parameters: Number(row.parameters) }));
}

function parametersOfShape(hyperparameters: Readonly<Record<string, unknown>>): number | null {
  const shape = Architecture.safeParse(hyperparameters.architecture);
  const vocabSize = hyperparameters.vocabSize;
  return shape.success && typeof vocabSize === "number" ? parametersOf({ ...shape.data, vocabSize }) : null;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
