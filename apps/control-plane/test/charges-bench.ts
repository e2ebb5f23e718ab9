import { type MonthStatement, paths, type SplitRule, type Statement } from "@ziggurat/contracts";
import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { Metering } from "../src/metering/metering.service.js";
import { newId, PLATFORM_ID, PLATFORM_SLUG } from "../src/platform/database/ids.js";
import { UnitOfWork } from "../src/platform/database/unit-of-work.js";
import { systemViewer } from "../src/platform/database/viewer.js";
import { aCluster } from "./hand-run.js";
import { type Answer, asSystem, type Client, startPlatform, type TestPlatform } from "./harness.js";
import { aPyramid, register, sealed } from "./registry-fixtures.js";

const system = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "test");

/** The first instant of a day. */
export const asDay = (text: string): Date => new Date(`${text}T00:00:00.000Z`);

/** A platform on which institutions have used something in the past. */
export class ChargesBench {
  /** Ids by slug. */
  readonly institutions = new Map<string, string>();
  /** Models that jobs belong to, by the slug of their owner. */
  readonly models = new Map<string, string[]>();

  private constructor(
    readonly platform: TestPlatform,
    readonly people: Awaited<ReturnType<typeof aPyramid>>,
  ) {}

  /** Three institutions, of which two stand on a finance model with three versions and with one, since 2023. */
  static async start(): Promise<ChargesBench> {
    const platform = await startPlatform();
    const bench = new ChargesBench(platform, await aPyramid(platform));
    await aCluster(platform);
    await platform.addInstitution("eastbank");
    const { admin, stranger, finance } = bench.people;
    await register(stranger, { tier: "institution", slug: "fraud", scenario: "risk" });
    for (const [client, model, versions] of [
      [admin, "northbank/cards", 3],
      [stranger, "southbank/fraud", 1],
    ] as const) {
      for (let n = 0; n < versions; n += 1)
        await sealed(client, model, { artifactKind: "adapter", parents: [{ version: finance, relation: "adapter_of" }] });
    }
    await backdate(platform);
    for (const { slug, id } of await asSystem<{ slug: string; id: string }>(platform, "select slug, id from institutions"))
      bench.institutions.set(slug, id);
    const models = "select i.slug, m.id from models m join institutions i on i.id = m.institution_id order by m.id";
    for (const { slug, id } of await asSystem<{ slug: string; id: string }>(platform, models))
      bench.models.set(slug, [...(bench.models.get(slug) ?? []), id]);
    return bench;
  }

  /** An attempt that ran in the past, as the platform would have written it, ended and charged. */
  async anAttempt(
    slug: string,
    startedAt: Date | null,
    endedAt: Date,
    more: { readonly model?: string; readonly state?: string; readonly heardAt?: Date } = {},
  ): Promise<string> {
    const [job, attempt] = [newId("job"), newId("attempt")];
    const model = more.model ?? this.models.get(slug)?.[0];
    await asSystem(
      this.platform,
      `insert into jobs (id, institution_id, model_id, kind, method, tier, hyperparameters, seed, state, requested_by, requested_by_name, finished_at, due_at)
       select $1, $2, m.id, 'tune', 'lora', m.tier, '{}', 1, 'failed', 'test', 'test', now(), null from models m where m.id = $3`,
      [job, this.institutions.get(slug), model],
    );
    await this.platform.app.get(UnitOfWork).run(system, async (tx) => {
      await tx.query(
        `insert into attempts (id, institution_id, job_id, number, key, cluster_id, state, token_hash, token_expires_at, created_at, started_at, ended_at, last_heard_at)
         select $1, $2, $3, 1, $1, c.id, $4, $1, now(), coalesce($5::timestamptz, $6), $5, $6, $7 from clusters c`,
        [attempt, this.institutions.get(slug), job, more.state ?? "failed", startedAt, endedAt, more.heardAt ?? null],
      );
      await this.platform.app.get(Metering).charge(tx, attempt);
    });
    return attempt;
  }

  /** A price that nobody could set today: it holds from a day that is past. */
  priceFrom(subject: string, amount: number, from: Date): Promise<unknown> {
    return asSystem(
      this.platform,
      "insert into prices (id, institution_id, subject, amount, currency, valid_from, set_by, reason) values ($1, $2, $3, $4, 'CNY', $5, 'test', 'test')",
      [newId("price"), PLATFORM_ID, subject, amount, from],
    );
  }

  /** What an institution stored on a day. */
  store(slug: string, day: string, bytes: bigint, price: number): Promise<unknown> {
    const insert = "insert into storage_days (institution_id, day, bytes, price) values ($1, $2, $3, $4)";
    return asSystem(this.platform, insert, [this.institutions.get(slug), day, bytes, price]);
  }

  preview(month: string, rule: SplitRule = "equal"): Promise<Answer> {
    return this.platform.admin.post(paths.statementPreview(month), { rule });
  }

  close(month: string, rule: SplitRule, digest: string): Promise<Answer> {
    return this.platform.admin.post(paths.statementClose(month), { rule, digest, reason: "month end" });
  }

  /** Looks at a month and closes it. */
  async closed(month: string, rule: SplitRule = "equal"): Promise<MonthStatement> {
    const looked = await this.preview(month, rule);
    if (looked.status !== 200) throw new Error(looked.text);
    const answer = await this.close(month, rule, looked.body.digest);
    if (answer.status !== 200) throw new Error(answer.text);
    return answer.body;
  }

  async statementOf(client: Client, month: string, slug?: string): Promise<Statement> {
    return (await client.get(`${paths.statement(month)}${slug === undefined ? "" : `?filter[institution]=${slug}`}`)).body.statement;
  }
}

/** Starts a bench for the tests of a file and closes it behind them. */
export function useChargesBench(): () => ChargesBench {
  let bench: ChargesBench | null = null;
  beforeAll(async () => {
    bench = await ChargesBench.start();
  });
  afterAll(() => bench?.platform.close());
  return () => {
    if (bench === null) throw new Error("The bench has not started.");
    return bench;
  };
}

/** Puts all that is there before the months that are looked at, past the triggers that keep sealed versions as they are. */
async function backdate(platform: TestPlatform): Promise<void> {
  const superuser = new pg.Client({ connectionString: platform.database.superuserUrl });
  await superuser.connect();
  await superuser.query("set session_replication_role = replica");
  await superuser.query("update versions set sealed_at = '2023-01-01'");
  await superuser.query("update institutions set created_at = '2023-01-01'");
  await superuser.end();
}
