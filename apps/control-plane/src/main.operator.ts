import "reflect-metadata";
import { userInfo } from "node:os";
import { parseArgs } from "node:util";
import { DataSource } from "typeorm";
import { resetPassword, resetSecondFactor } from "./identity/operator-resets.js";
import { readConfig } from "./platform/config.js";
import { migrate } from "./platform/database/migrate.js";
import { UnitOfWork } from "./platform/database/unit-of-work.js";
import { openDatabase } from "./platform/embedded-postgres/open-database.js";
import { StartRefusal } from "./platform/start-refusal.js";

/**
 * Commands of whoever runs the machine: `reset-password` and `reset-second-factor`, each with `--email`. They work on the data directory, beside
 * a platform that runs or while it is stopped, and stand in the audit log as the operator's.
 */
const COMMANDS = { "reset-password": resetPassword, "reset-second-factor": resetSecondFactor } as const;

async function main(words: readonly string[]): Promise<void> {
  const { values, positionals } = wishOf(words);
  const [name] = positionals;
  const command = Object.entries(COMMANDS).find(([each]) => each === name)?.[1];
  if (command === undefined || values.email === undefined || positionals.length !== 1) throw usage();
  const place = values["data-dir"] === undefined ? [] : ["--data-dir", values["data-dir"]];
  const config = readConfig(process.env, place, process.cwd());
  const log = { info: () => undefined, warn: (message: string) => process.stderr.write(`${message}\n`) };
  const database = await openDatabase({ ...config, role: "operator" }, log);
  try {
    await migrate(database.ownerUrl);
    const dataSource = await new DataSource({ type: "postgres", url: database.appUrl, extra: { pipeline: true } }).initialize();
    try {
      const whose = { email: values.email, institution: values.institution ?? null, operator: userInfo().username };
      process.stdout.write(`${await command(new UnitOfWork(dataSource), whose)}\n`);
    } finally {
      await dataSource.destroy();
    }
  } finally {
    await database.release();
  }
}

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
  return new StartRefusal(`usage: npm run ${Object.keys(COMMANDS).join("|")} -- --email ADDRESS [--institution SLUG] [--data-dir DIR]`);
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof StartRefusal ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(error instanceof StartRefusal ? error.exitCode : 1);
});
