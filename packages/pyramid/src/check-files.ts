import type { ArtifactKind, Violation } from "@ziggurat/contracts";
import { isExecutableFormat, kindOfFile } from "./file-kinds.js";

/** The shape of a list of files: each path once, and no path that is another's folder. Pointers lead below `/files`. */
export function checkPaths(files: readonly { readonly path: string }[]): Violation[] {
  const paths = new Set(files.map((file) => file.path));
  const seen = new Set<string>();
  return files.flatMap(({ path }, index) => {
    const pointer = `/files/${index}/path`;
    if (seen.has(path)) return [{ code: "duplicate_path", detail: `${path} is listed twice`, pointer }];
    seen.add(path);
    const folder = foldersOf(path).find((candidate) => paths.has(candidate));
    return folder === undefined ? [] : [{ code: "path_conflict", detail: `${folder} is a file, so ${path} cannot lie in it`, pointer }];
  });
}

/** Names that promise a format which can run code on loading. */
export function checkFormats(files: readonly { readonly path: string }[]): Violation[] {
  return files.flatMap(({ path }, index) =>
    isExecutableFormat(path)
      ? [
          {
            code: "executable_serialisation",
            detail: `${path}: this format can run code on loading; use safetensors`,
            pointer: `/files/${index}/path`,
          },
        ]
      : [],
  );
}

/** Whether a version has the files its kind of artifact cannot do without. */
export function checkArtifact(kind: ArtifactKind, files: readonly { readonly path: string }[]): Violation[] {
  const wanted = kind === "adapter" ? "adapter" : "weights";
  const has = files.some(({ path }) => kindOfFile(path) === wanted && path.endsWith(".safetensors"));
  const what = kind === "adapter" ? "adapter_model.safetensors" : "weights in safetensors";
  return has ? [] : [{ code: "artifact_incomplete", detail: `an artifact of kind ${kind} needs ${what}`, pointer: "/files" }];
}

function foldersOf(path: string): string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}
