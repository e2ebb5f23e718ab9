import type { Config } from "../src/platform/config.js";
import { startPlatform } from "../src/start-platform.js";

/** The whole application in a process of its own: `node platform-process.mjs CONFIG DATABASE_URL`. Says where it listens. */
const [configText = "", databaseUrl = ""] = process.argv.slice(2);
const config: Config = JSON.parse(configText);
const platform = await startPlatform(config, { appUrl: databaseUrl, queueUrl: databaseUrl }, { announce: () => undefined });
process.once("SIGTERM", () => void platform.close().then(() => process.exit(0)));
process.stdout.write(`${JSON.stringify({ url: platform.url })}\n`);
