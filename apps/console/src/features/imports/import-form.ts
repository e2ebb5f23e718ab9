import { type ArtifactKind, type CreateImportInput, type ImportSource, type Relation, VersionRef } from "@ziggurat/contracts";

export const SOURCE_KINDS = ["huggingface", "s3", "directory"] as const satisfies readonly ImportSource["kind"][];

/** Fields of the form that are plain text. */
export const fieldNames = ["repo", "revision", "endpoint", "bucket", "prefix", "region", "path", "exclude", "notes"] as const;

/** The form's own shape: flat, as text, every kind of source side by side so that switching forgets nothing. */
export interface ImportForm extends Record<string, unknown> {
  readonly kind: ImportSource["kind"];
  readonly repo: string;
  readonly revision: string;
  readonly endpoint: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly region: string;
  readonly path: string;
  /** One pattern a line. */
  readonly exclude: string;
  readonly artifactKind: ArtifactKind;
  readonly parent: string;
  readonly relation: Relation;
  readonly notes: string;
  readonly seal: boolean;
}

export function emptyImportForm(): ImportForm {
  return {
    kind: "huggingface",
    repo: "",
    revision: "main",
    endpoint: "",
    bucket: "",
    prefix: "",
    region: "",
    path: "",
    exclude: "",
    artifactKind: "full",
    parent: "",
    relation: "finetuned_from",
    notes: "",
    seal: false,
  };
}

/** The request a form stands for. */
export function importRequest(form: ImportForm, model: string): CreateImportInput {
  return {
    model,
    source: sourceOf(form),
    exclude: form.exclude
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== ""),
    artifactKind: form.artifactKind,
    parents: VersionRef.safeParse(form.parent).success ? [{ version: form.parent, relation: form.relation }] : [],
    notes: form.notes,
    seal: form.seal,
  };
}

function sourceOf(form: ImportForm): CreateImportInput["source"] {
  const endpoint = form.endpoint.trim() === "" ? {} : { endpoint: form.endpoint.trim() };
  switch (form.kind) {
    case "directory":
      return { kind: "directory", path: form.path.trim() };
    case "huggingface":
      return { kind: "huggingface", repo: form.repo.trim(), revision: form.revision.trim() || "main", ...endpoint };
    case "s3": {
      const region = form.region.trim() === "" ? {} : { region: form.region.trim() };
      return { kind: "s3", bucket: form.bucket.trim(), prefix: form.prefix.trim(), ...endpoint, ...region };
    }
  }
}

/** The form's field behind a path into the request: what lies below `source` stands in the form by its own name. */
export function fieldOf(path: readonly string[]): string {
  return (path[0] === "source" ? path[1] : path[0] === "parents" ? "parent" : path[0]) ?? "";
}
