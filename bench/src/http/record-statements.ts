import { appendFileSync } from "node:fs";
import pg from "pg";

/**
 * Preloaded into the platform for one short run: writes every statement with its values to a file, so that the bare server can do
 * the very same ones. It only listens; the driver's own method does the work.
 */
const file = process.env.BENCH_RECORD_TO;
const send = pg.Client.prototype.query;

if (file !== undefined) {
  Object.defineProperty(pg.Client.prototype, "query", {
    value(this: pg.Client, ...args: readonly unknown[]) {
      const [first, second] = args;
      const sql = typeof first === "string" ? first : Reflect.get(Object(first), "text");
      const values = Array.isArray(second) ? second : Reflect.get(Object(first), "values");
      if (typeof sql === "string") appendFileSync(file, `${JSON.stringify({ sql, values: Array.isArray(values) ? values : [] })}\n`);
      return Reflect.apply(send, this, args);
    },
  });
}
