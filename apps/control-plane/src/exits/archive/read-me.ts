/** The first page of an export, for whoever opens it years from now without the platform. */
export function readMe(institution: string, asOf: string): string {
  return `# All that is ${institution}'s

Taken from Ziggurat as of ${asOf}.

| path | holds |
| --- | --- |
| \`tables/NAME/\` | every row of the institution, a JSON object a line, one folder per kind of thing: models with their cards, versions, aliases and their history, datasets, jobs with events, metrics and logs (\`job_events\`), evaluations, entitlements, members, notices, holds and so on |
| \`files/ab/abcd…\` | the bytes of everything that rows name by SHA-256: weights, rows of datasets (JSON lines), item results of evaluations |
| \`lineage/\` | what each version was made from, both ends by name and digest |
| \`audit/\` | the institution's audit log with Merkle proofs; \`cat audit/*.jsonl > audit.jsonl\` is an export that \`verify-audit.mjs\` checks by itself |
| \`keys/audit.pem\` | the platform's public key. A copy inside proves nothing: compare it with one that came by another way |
| \`entries.jsonl\` | path, size and SHA-256 of every entry before it |
| \`manifest.json\`, \`manifest.dsse\` | the digest of that list, rows of each table, what is left out and why, and the platform's signature over it |

A file of a version: look its \`version_id\` up in \`tables/version_files\`, which has path and \`sha256\`. Rows of a dataset version: \`stored_sha256\` of \`tables/dataset_versions\`. Items of an evaluation: \`items_sha256\` of
\`tables/evaluations\`.

Passwords, tokens and second factors are not in it, not even as hashes.

    node verify-export.mjs FILE.tar --key key.pem
`;
}
