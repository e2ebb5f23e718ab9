import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { demoData } from "./text/demo-data.js";
import { toJsonl } from "./text/jsonl.js";

/** `node demo/dist/write-data.js --out DIR [--seed N]`: writes the demo's texts and dialogues as JSONL files to look at. */
const { values } = parseArgs({ options: { out: { type: "string" }, seed: { type: "string", default: "20" } } });
if (values.out === undefined) {
  process.stderr.write("--out DIR is needed: the folder to write the JSONL files to\n");
  process.exit(2);
}
await mkdir(values.out, { recursive: true });
for (const [name, rows] of Object.entries(demoData(Number(values.seed)))) {
  const file = `${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.jsonl`;
  const text = toJsonl(rows);
  await writeFile(join(values.out, file), text);
  process.stdout.write(`${file.padEnd(28)} ${String(rows.length).padStart(7)} rows ${String(Buffer.byteLength(text)).padStart(9)} bytes\n`);
}
