import { createHash } from "node:crypto";
import { paths } from "@ziggurat/contracts";
import { ask, type Person } from "./people.js";

/** A safetensors file of zeros, as text: all its bytes are ASCII. */
export function tensors(shapes: Readonly<Record<string, readonly [number, number]>>, salt: string): string {
  let end = 0;
  const entries = Object.entries(shapes).map(([name, shape]) => {
    const from = end;
    end += shape[0] * shape[1] * 4;
    return [name, { dtype: "F32", shape, data_offsets: [from, end] }];
  });
  let header = JSON.stringify({ __metadata__: { salt }, ...Object.fromEntries(entries) });
  // A header of fewer than 128 bytes more than a multiple of 256 keeps its length in ASCII.
  while (header.length % 256 > 127) header += " ";
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return `${length.toString("latin1")}${header}${"\u0001".repeat(end)}`;
}

export const wholeModel = (salt: string) => ({
  "model.safetensors": tensors({ "proj.weight": [25, 40] }, salt),
  "config.json": `{"salt":"${salt}"}`,
});

export const adapter = (salt: string) => ({
  "adapter_model.safetensors": tensors(
    { "base_model.model.proj.lora_A.weight": [1, 40], "base_model.model.proj.lora_B.weight": [25, 1] },
    salt,
  ),
  "adapter_config.json": JSON.stringify({ peft_type: "LORA", r: 1, lora_alpha: 2, target_modules: ["proj"], salt }),
});

export const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

export async function upload(person: Person, text: string): Promise<string> {
  const sha256 = digestOf(text);
  await ask(person, "PUT", paths.blob(sha256), text);
  return sha256;
}

/** Drafts a version of these files; answers its reference. */
export async function draft(person: Person, model: string, files: Readonly<Record<string, string>>, more: object): Promise<string> {
  const entries = [];
  for (const [path, text] of Object.entries(files)) entries.push({ path, sha256: await upload(person, text) });
  return (await ask(person, "POST", paths.versions(model), { files: entries, ...more })).ref;
}

export async function sealed(person: Person, model: string, files: Readonly<Record<string, string>>, more: object): Promise<string> {
  const ref = await draft(person, model, files, more);
  await ask(person, "POST", paths.transitions(ref), { to: "sealed", reason: "seed" });
  return ref;
}

/** Registers a dataset where it is not there yet, and rows as its next version. */
export async function dataset(person: Person, ref: string, rows: string, format: "text" | "chat", isNew = true): Promise<string> {
  const [namespace = "", slug = ""] = ref.split("/");
  const more = { name: slug, format, licence: "own", legalBasis: "own_generation", sensitivity: "internal", description: `about ${slug}` };
  if (isNew) await ask(person, "POST", paths.datasets(), { namespace, slug, ...more });
  return (await ask(person, "POST", paths.datasetVersions(ref), { sha256: await upload(person, rows), notes: `notes of ${slug}` })).ref;
}
