import { readFileSync } from "node:fs";
import fastify from "fastify";
import pg from "pg";
import { idMaker } from "./ids.js";
import { freshValues, type Trace } from "./trace.js";

/**
 * The peer: bare Fastify and pg, doing in one transaction exactly the statements that the platform did for the same request, each
 * prepared once as it is there.
 */
const [connectionString = "", tracesFile = ""] = process.argv.slice(2);
const traces: Readonly<Record<string, Trace>> = JSON.parse(readFileSync(tracesFile, "utf8"));
const pool = new pg.Pool({ connectionString, max: 10 });
const newId = idMaker();
const app = fastify();

app.post<{ Params: { name: string } }>("/:name", async (request, reply) => {
  const trace = traces[request.params.name];
  if (trace === undefined) return reply.code(404).send();
  const client = await pool.connect();
  try {
    await client.query("begin");
    const valuesOf = freshValues(trace, newId);
    let handedOut: number | null = null;
    for (const [place, statement] of trace.statements.entries()) {
      const { rows }: pg.QueryResult<{ readonly number?: number }> = await client.query({
        name: `${request.params.name}-${place}`,
        text: statement.sql,
        values: valuesOf(statement, handedOut),
      });
      if (/returning next_version/.test(statement.sql)) handedOut = Number(rows[0]?.number);
    }
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
  return reply.code(201).send({ done: true, body: request.body });
});

console.log(`ready at ${await app.listen({ port: 0, host: "127.0.0.1" })}`);
process.once("SIGTERM", async () => {
  await app.close();
  await pool.end();
});
