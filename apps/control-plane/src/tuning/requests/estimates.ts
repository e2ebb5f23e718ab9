import { Injectable } from "@nestjs/common";
import { Architecture, type Estimate, type JobKind, type Method } from "@ziggurat/contracts";
import { estimateRun, parametersOf, type RunFacts } from "@ziggurat/scheduling";
import { PLATFORM_ID, PLATFORM_SLUG } from "../../platform/database/ids.js";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import { systemViewer } from "../../platform/database/viewer.js";

export interface Estimated {
  readonly kind: JobKind;
  readonly method: Method;
  /** With defaults filled in. */
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  readonly parentParameters: number | null;
  readonly datasets: readonly { readonly characters: number; readonly rows: number }[];
}

/** Work rates of recent runs. */
export type Rates = RunFacts["recent"];

const RECENT = 20;
/** Milliseconds for which rates are taken as they were read. */
const FRESH_MS = 30_000;

/** Reads the rates of recent runs, whoever asked for those: a rate names nobody. */
@Injectable()
export class RecentRates {
  private readonly known = new Map<boolean, { readonly at: number; readonly rates: Rates }>();

  constructor(private readonly unitOfWork: UnitOfWork) {}

  async of(kind: JobKind): Promise<Rates> {
    const isScoring = kind === "evaluate";
    const known = this.known.get(isScoring);
    if (known !== undefined && Date.now() - known.at < FRESH_MS) return known.rates;
    const rates = await this.read(isScoring);
    this.known.set(isScoring, { at: Date.now(), rates });
    return rates;
  }

  private read(isScoring: boolean): Promise<Rates> {
    return this.unitOfWork.run(systemViewer(PLATFORM_ID, PLATFORM_SLUG, "estimates"), async (tx) => {
      const rows = await tx.query<{ rate: number; parameters: string }>(
        `select j.tokens_per_second as rate, coalesce(v.parameters, p.parameters) as parameters
         from jobs j left join versions v on v.id = j.version_id and j.method <> 'lora' left join versions p on p.id = j.parent_version_id
         where j.state = 'succeeded' and (j.kind = 'evaluate') = $1 and j.tokens_per_second > 0 and coalesce(v.parameters, p.parameters) > 0
         order by j.finished_at desc limit ${RECENT}`,
        [isScoring],
      );
      return rows.map((row) => ({ tokensPerSecond: row.rate, parameters: Number(row.parameters) }));
    });
  }
}

/** What a request will cost, by its own figures and the rates of recent runs. */
export function estimateOf({ kind, method, hyperparameters, parentParameters, datasets }: Estimated, recent: Rates): Estimate {
  const number = (name: string, otherwise: number): number => {
    const value = hyperparameters[name];
    return typeof value === "number" ? value : otherwise;
  };
  const { maxSteps } = hyperparameters;
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
    recent,
  });
}

function parametersOfShape(hyperparameters: Readonly<Record<string, unknown>>): number | null {
  const shape = Architecture.safeParse(hyperparameters.architecture);
  const vocabSize = hyperparameters.vocabSize;
  return shape.success && typeof vocabSize === "number" ? parametersOf({ ...shape.data, vocabSize }) : null;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
