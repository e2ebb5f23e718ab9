/** What lies in a pack, in the order in which an auditor asks. */
const CONTENTS: readonly (readonly [path: string, en: string, zh: string])[] = [
  ["subject.json", "which version it was, and what led to it", "当时是哪个版本，依据是什么"],
  ["ancestry.json", "what the version was made from, with its states at that instant", "该版本的全部来源及其当时的状态"],
  ["files.json", "every file with its digest", "每个文件及其摘要"],
  ["inspections.json", "what was found in the files when they were sealed", "封存时对文件的检查结果"],
  ["data.json", "the data: digests, licence, legal basis", "数据：摘要、许可、合法性依据"],
  ["evaluations.json", "scores, each with the digest of its item results", "评测得分及逐条结果的摘要"],
  ["approvals.json", "who asked, who approved, who moved the version on, and why", "谁申请、谁审批、谁变更状态及原因"],
  ["terms.json", "terms of use in force", "适用的使用条款"],
  ["recalls.json", "recalls, quarantines and deprecations known at that instant", "当时已知的召回、隔离与弃用"],
  ["seals/", "records of the sealings; the audit log holds their digests", "封存记录；审计日志中有其摘要"],
  ["signatures/", "signatures of releases (OpenSSF Model Signing)", "发布签名（OpenSSF Model Signing）"],
  ["audit/", "the institution's audit log up to that instant, with Merkle proofs", "截至该时刻的机构审计日志及默克尔证明"],
  ["keys/", "public keys", "公钥"],
  ["manifest.json, manifest.dsse", "SHA-256 of every entry, and the platform's signature over it", "每个条目的 SHA-256 及平台对其的签名"],
];

const COMMAND = "node verify-evidence.mjs PACK.tar --key key.pem";

/** The pack's own explanation, in English and Chinese, by path. */
export function evidenceReadMes({ version, at }: { readonly version: string; readonly at: string }): Readonly<Record<string, string>> {
  const table = (pick: (row: (typeof CONTENTS)[number]) => string) => CONTENTS.map((row) => `- \`${row[0]}\`: ${pick(row)}`).join("\n");
  return {
    "README.md": `# Evidence for ${version} as of ${at}

${table(([, en]) => en)}

Check it without the platform and without a network; Node 20 or newer is all it needs:

    ${COMMAND}

Take \`key.pem\` from the platform's operator by a way you trust (\`GET /api/v1/audit/key\`), not from this pack: whoever could change
both the pack and the key could make any pack verify. The entries of \`audit/\`, put together in order of their names, are an
audit export that \`verify-audit.mjs\` reads.
`,
    "README.zh-CN.md": `# ${version} 的证据包，时刻 ${at}

${table(([, , zh]) => zh)}

无需平台、无需网络即可校验，只需 Node 20 或更高版本：

    ${COMMAND}

请通过可信渠道向平台运营方索取 \`key.pem\`（\`GET /api/v1/audit/key\`），不要使用本包内的公钥：能同时改动证据包和公钥的人，
可以让任何证据包通过校验。将 \`audit/\` 中的条目按文件名顺序拼接，即为 \`verify-audit.mjs\` 可读取的审计导出。
`,
  };
}
