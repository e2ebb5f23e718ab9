import { STATEMENT_TYPE } from "./in-toto.js";

export const MODEL_SIGNATURE_PREDICATE = "https://model_signing/signature/v1.0";
/** What a verifier leaves out at the root of the folder, as the root digest does. */
export const IGNORED_PATHS = [".git", ".gitattributes", ".github", ".gitignore", "model.sig"] as const;

/**
 * The statement that an OpenSSF Model Signing 1.0 bundle signs: every file of a version by its digest, and the root digest over them.
 * @param name how the subject is called; verifiers show it and do not compare it
 * @param files in the order the root digest was made in
 */
export function modelSigningStatement(
  name: string,
  rootDigest: string,
  files: readonly { readonly path: string; readonly sha256: string }[],
): object {
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name, digest: { sha256: rootDigest } }],
    predicateType: MODEL_SIGNATURE_PREDICATE,
    predicate: {
      serialization: { method: "files", hash_type: "sha256", allow_symlinks: false, ignore_paths: [...IGNORED_PATHS] },
      resources: files.map(({ path, sha256 }) => ({ name: path, digest: sha256, algorithm: "sha256" })),
    },
  };
}
