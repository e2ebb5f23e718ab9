import "reflect-metadata";
import { userInfo } from "node:os";
import { parseArgs } from "node:util";
import { DataSource } from "typeorm";
import { resetPassword, resetSecondFactor } from "./identity/operator-resets.js";
import { type Config, readConfig } from "./platform/config.js";
import { migrate } from "./platform/database/migrate.js";
import { UnitOfWork } from "./platform/database/unit-of-work.js";
import { openDatabase } from "./platform/embedded-postgres/open-database.js";
import { StartRefusal } from "./platform/start-refusal.js";
import { rotateSecretKey } from "./secret-key/operator-rotation.js";

/**
 * Commands of whoever runs the machine: `reset-password` and `reset-second-factor`, each with `--email`, and `rotate-secret-key`. They work on the
 * data directory, beside a platform that runs or while it is stopped, and stand in the audit log.
 */
const RESETS = { "reset-password": resetPassword, "reset-second-factor": resetSecondFactor } as const;
const ROTATE = "rotate-secret-key";

async function main(words: readonly string[]): Promise<void> {
  const { values, positionals } = wishOf(words);
  const command = commandOf(values, positionals);
  const place = values["data-dir"] === undefined ? [] : ["--data-dir", values["data-dir"]];
  const config = readConfig(process.env, place, process.cwd());
  const log = { info: () => undefined, warn: (message: string) => process.stderr.write(`${message}\n`) };
  const database = await openDatabase({ ...config, role: "operator" }, log);
  try {
    await migrate(database.ownerUrl);
    const dataSource = await new DataSource({ type: "postgres", url: database.appUrl, extra: { pipeline: true } }).initialize();
    try {
      process.stdout.write(`${await command(dataSource, config)}\n`);
    } finally {
      await dataSource.destroy();
    }
  } finally {
    await database.release();
  }
}

type Command = (dataSource: DataSource, config: Config) => Promise<string>;

function commandOf({ email, institution }: Wish["values"], [name, ...more]: readonly string[]): Command {
  if (more.length > 0) throw usage();
  if (name === ROTATE && email === undefined && institution === undefined) return rotateSecretKey;
  const reset = Object.entries(RESETS).find(([each]) => each === name)?.[1];
  if (reset === undefined || email === undefined) throw usage();
  const whose = { email, institution: institution ?? null, operator: userInfo().username };
  return (dataSource) => reset(new UnitOfWork(dataSource), whose);
}

type Wish = ReturnType<typeof wishOf>;

function wishOf(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { email: { type: "string" }, institution: { type: "string" }, "data-dir": { type: "string" } },
    });
  } catch {
    throw usage();
  }
}

function usage(): StartRefusal {
  return new StartRefusal(
    `usage: npm run ${Object.keys(RESETS).join("|")} -- --email ADDRESS [--institution SLUG] [--data-dir DIR]
       npm run ${ROTATE} [-- --data-dir DIR]`,
  );
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof StartRefusal ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(error instanceof StartRefusal ? error.exitCode : 1);
});
