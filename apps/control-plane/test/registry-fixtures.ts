import { createHash } from "node:crypto";
import { type CreateModel, type CreateModelInput, parseVersionRef, paths } from "@ziggurat/contracts";
import { aSafetensorsFile } from "@ziggurat/foundation";
import { newId } from "../src/platform/database/ids.js";
import { type Answer, asSystem, type Client, type TestPlatform } from "./harness.js";

export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

/** A sound safetensors file with one tensor of `count` numbers. `salt` makes its bytes, and so its digest, different. */
export function aSafetensors(count = 4, salt = "x"): Buffer {
  const header = Buffer.from(
    JSON.stringify({ __metadata__: { salt }, weight: { dtype: "F32", shape: [count], data_offsets: [0, count * 4] } }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(count * 4, 1)]);
}

/** Files of a small whole model with one module, which {@link anAdapter} fits. Four numbers. */
export function aModelOf(salt = "x"): Record<string, Uint8Array | string> {
  return { "model.safetensors": aSafetensorsFile({ "proj.weight": { shape: [2, 2] } }, { salt }), "config.json": "{}" };
}

/** Files of a LoRA adapter for {@link aModelOf}. Four numbers. */
export function anAdapter(salt = "x", { fillB = 1, module = "proj", config = {} } = {}): Record<string, Uint8Array | string> {
  const at = `base_model.model.${module}`;
  const tensors = { [`${at}.lora_A.weight`]: { shape: [1, 2] }, [`${at}.lora_B.weight`]: { shape: [2, 1], fill: fillB } };
  return {
    "adapter_model.safetensors": aSafetensorsFile(tensors, { salt }),
    "adapter_config.json": JSON.stringify({ peft_type: "LORA", r: 1, lora_alpha: 2, target_modules: [module], ...config }),
  };
}

/** Uploads bytes and answers their digest. */
export async function upload(client: Client, bytes: Uint8Array | string): Promise<string> {
  const digest = sha256(bytes);
  const answer = await client.put(paths.blob(digest), Buffer.from(bytes));
  if (answer.status !== 201 && answer.status !== 200) throw new Error(`no upload: ${answer.status} ${answer.text}`);
  return digest;
}

export async function register(
  client: Client,
  model: Partial<CreateModelInput> & { tier: CreateModel["tier"]; slug: string },
): Promise<Answer> {
  const namespace = model.tier === "institution" ? client.viewer.institutionSlug : model.tier;
  const scenario = model.tier === "institution" ? { scenario: "customer_service" as const } : {};
  return client.post(paths.models(), { namespace, name: model.slug, licence: "Apache-2.0", ...scenario, ...model });
}

interface DraftOptions {
  readonly parents?: readonly { readonly version: string; readonly relation: string }[];
  readonly artifactKind?: string;
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
}

/** Drafts a version with weights of its own. */
export async function draft(
  client: Client,
  model: string,
  { parents = [], artifactKind = "full", files }: DraftOptions = {},
): Promise<Answer> {
  const contents = files ?? (artifactKind === "adapter" ? anAdapter : aModelOf)(newId("request"));
  const entries: { path: string; sha256: string }[] = [];
  for (const [path, bytes] of Object.entries(contents)) entries.push({ path, sha256: await upload(client, bytes) });
  return client.post(paths.versions(model), { artifactKind, parents, files: entries });
}

export const move = (client: Client, ref: string, to: string, reason = "test"): Promise<Answer> =>
  client.post(paths.transitions(ref), { to, reason });

/** Drafts and seals a version; answers its `ns/slug@n`. */
export async function sealed(client: Client, model: string, options: DraftOptions = {}): Promise<string> {
  const made = await draft(client, model, options);
  if (made.status !== 201) throw new Error(`no draft: ${made.text}`);
  const ref: string = made.body.ref;
  const answer = await move(client, ref, "sealed");
  if (answer.status !== 200) throw new Error(`not sealed: ${answer.text}`);
  return ref;
}

/** Moves a sealed version through review into the catalogue, whatever its gates would say: the state is written past the service. */
export async function forceState(platform: TestPlatform, ref: string, state: string): Promise<void> {
  await asSystem(platform, "update versions set state = $2, released_at = now() where id = $1", [await versionId(platform, ref), state]);
}

/** A released version, for tests that are not about gates. */
export async function released(platform: TestPlatform, client: Client, model: string, options: DraftOptions = {}): Promise<string> {
  const ref = await sealed(client, model, options);
  await forceState(platform, ref, "released");
  return ref;
}

export async function versionId(platform: TestPlatform, ref: string): Promise<string> {
  const { namespace, slug, number } = parseVersionRef(ref);
  const [row] = await asSystem<{ id: string }>(
    platform,
    "select v.id from versions v join models m on m.id = v.model_id where m.namespace = $1 and m.slug = $2 and v.number = $3",
    [namespace, slug, number],
  );
  if (row === undefined) throw new Error(`no version ${ref}`);
  return row.id;
}

/** Uploads rows as the next version of a dataset, which is made when it is not there; answers `ns/slug@n`. */
export async function dataset(client: Client, ref: string, rows: string, format: "text" | "chat" = "text"): Promise<string> {
  const [namespace = "", slug = ""] = ref.split("/");
  await client.post(paths.datasets(), {
    namespace,
    slug,
    name: slug,
    format,
    licence: "CC-BY-4.0",
    legalBasis: "own_generation",
    sensitivity: "internal",
  });
  const answer = await client.post(paths.datasetVersions(ref), { sha256: await upload(client, rows) });
  if (answer.status !== 201) throw new Error(`no dataset version: ${answer.text}`);
  return answer.body.ref;
}

/** Writes a score as the collect step of an evaluation job would. */
export async function score(
  platform: TestPlatform,
  ref: string,
  onDataset: string,
  metrics: { readonly exactMatch?: number; readonly perplexity?: number },
  onBehalfOf = ref,
): Promise<void> {
  const [version, line] = [await versionId(platform, ref), await versionId(platform, onBehalfOf)];
  const { namespace, slug, number } = parseVersionRef(onDataset);
  const job = newId("job");
  const items = sha256(job);
  await asSystem(platform, "insert into blobs (sha256, size_bytes) values ($1, 1)", [items]);
  await asSystem(
    platform,
    `insert into jobs (id, institution_id, model_id, kind, method, tier, parent_version_id, hyperparameters, seed, state, requested_by, requested_by_name)
     select $1, institution_id, model_id, 'evaluate', 'evaluate', tier, $3, '{}', 1, 'succeeded', 'test', 'test' from versions where id = $2`,
    [job, line, version],
  );
  await asSystem(
    platform,
    `insert into evaluations (id, institution_id, version_id, dataset_version_id, job_id, format, root_digest, rows, exact_match, perplexity, items_sha256)
     select $1, j.institution_id, v.id, dv.id, j.id, d.format, v.root_digest, 10, $3, $4, $5
     from versions v, jobs j, datasets d join dataset_versions dv on dv.dataset_id = d.id
     where v.id = $2 and j.id = $6 and d.namespace = $7 and d.slug = $8 and dv.number = $9`,
    [newId("evaluation"), version, metrics.exactMatch ?? null, metrics.perplexity ?? null, items, job, namespace, slug, number],
  );
}

/** A pyramid to stand on: platform people, two institutions, a released foundation and a released finance version. */
export async function aPyramid(platform: TestPlatform, shared: Partial<CreateModelInput> = {}) {
  await platform.addInstitution("northbank");
  await platform.addInstitution("southbank");
  const engineer = await platform.addPerson("platform", "engineer@platform.example", "platform_engineer");
  const admin = await platform.addPerson("northbank", "admin@north.example", "institution_admin");
  const member = await platform.addPerson("northbank", "member@north.example", "institution_member");
  // Nobody approves what they had a hand in: these two only ever approve.
  const releaser = await platform.addPerson("platform", "releaser@platform.example", "platform_engineer");
  const northReleaser = await platform.addPerson("northbank", "releaser@north.example", "institution_admin", "compliance_reviewer");
  const stranger = await platform.addPerson("southbank", "admin@south.example", "institution_admin");
  await register(engineer, { tier: "foundation", slug: "base", ...shared });
  await register(engineer, { tier: "finance", slug: "ledger", ...shared });
  const foundation = await released(platform, engineer, "foundation/base");
  const finance = await released(platform, engineer, "finance/ledger", { parents: [{ version: foundation, relation: "pretrained_from" }] });
  await register(admin, { tier: "institution", slug: "cards" });
  return { engineer, admin, member, stranger, releaser, northReleaser, foundation, finance };
}
