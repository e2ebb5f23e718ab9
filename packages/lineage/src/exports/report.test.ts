import { Card } from "@ziggurat/contracts";
import type { Nodes, Table } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmTable } from "micromark-extension-gfm-table";
import { describe, expect, it } from "vitest";
import type { ExportedVersion, Provenance } from "./provenance.js";
import { readableReport } from "./report.js";

const aVersion = (ref: string, over: Partial<ExportedVersion> = {}): ExportedVersion => ({
  ref,
  model: ref.split("@")[0] ?? "",
  number: 1,
  name: "Cards",
  tier: "finance",
  owner: "platform",
  ownerName: "Platform",
  state: "released",
  artifactKind: "full",
  rootDigest: "a".repeat(64),
  sizeBytes: 3,
  parameters: 12,
  licence: "Apache-2.0",
  scenario: null,
  card: Card.parse({ purpose: "alerts" }),
  terms: { commercialUse: false, redistribution: true, regions: [] },
  files: [],
  job: null,
  method: null,
  sealedAt: "2026-11-24T12:00:00.000Z",
  releasedAt: null,
  ...over,
});
const base = aVersion("foundation/base@1", { tier: "foundation" });
const aProvenance = (over: Partial<ExportedVersion> = {}): Provenance => ({
  authority: "models.example",
  release: "1.0.0",
  focus: "finance/ledger@1",
  versions: [base, aVersion("finance/ledger@1", over)],
  derivations: [
    {
      child: "finance/ledger@1",
      parent: base.ref,
      relation: "pretrained_from",
      seal: "declared",
      job: null,
      parentDigest: base.rootDigest,
    },
  ],
  uses: [],
  datasets: [],
  jobs: [],
  evaluations: [],
});
/** The report as any Markdown program reads it, without its front matter. */
const parsed = (report: string) =>
  fromMarkdown(report.slice(report.indexOf("\n---\n") + 5), { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] });
const textOf = (node: Nodes): string =>
  "value" in node
    ? node.value
    : "children" in node
      ? node.children.map(textOf).join("")
      : "type" in node && node.type === "break"
        ? "\n"
        : "";
const tables = (report: string) =>
  parsed(report)
    .children.filter((node): node is Table => node.type === "table")
    .map(({ children }) => children.map((row) => row.children.map(textOf)));

describe("a report to read", () => {
  it("says what a version is, what it stands on and what is not known, and never leaves a section out", () => {
    const report = readableReport(aProvenance(), "en");
    expect(tables(report)).toEqual([
      [
        ["Version", "Tier", "State", "Derived from", "Relation", "Recorded", "SHA-256"],
        ["finance/ledger@1", "finance model", "released", base.ref, "pre-trained from", "as declared", "a".repeat(64)],
        [base.ref, "foundation model", "released", "none", "", "", "a".repeat(64)],
      ],
    ]);
    const sections = parsed(report).children.filter((node) => node.type === "heading");
    expect(sections.map(textOf)).toEqual([
      "finance/ledger@1 and what it stands on",
      ...["Card", "Terms", "Ancestry", "Data", "Scores", "Jobs", "Files"],
    ]);
    expect(textOf(parsed(report))).toContain("Commercial use: not allowed");
    expect(textOf(parsed(report))).toContain("Limits: not stated");
  });

  it("is written in Chinese without an English word of its own", () => {
    const words = textOf(parsed(readableReport(aProvenance({ name: "", ownerName: "平台" }), "zh")));
    expect(words).toContain("商业使用: 不允许");
    const own = words.replaceAll(/finance\/ledger@1|foundation\/base@1|a{64}|Apache-2.0|SHA-256|platform|alerts|[TZ]/g, "");
    expect(own.match(/[a-z]{2,}/i)).toBeNull();
  });

  it.each([
    "a | b",
    "<img src=x onerror=alert(1)>",
    "[here](javascript:alert(1))",
    "![x](http://evil.example/x.png)",
    "# big\n\n- list",
    "`code` **bold**",
    "\\| \\",
    "---\nlicense: mit\n---",
    "💼 \u202Eright",
  ])("keeps a hostile text as the text it is: %j", (hostile) => {
    const report = readableReport(
      aProvenance({
        name: hostile,
        licence: hostile,
        card: Card.parse({ purpose: hostile }),
        files: [{ path: hostile, sha256: "b".repeat(64), sizeBytes: 1, kind: "other" }],
      }),
      "en",
    );
    const kinds = new Set<string>();
    const visit = (node: Nodes): void => {
      kinds.add(node.type);
      if ("children" in node) for (const child of node.children) visit(child);
    };
    visit(parsed(report));
    const known = ["root", "heading", "text", "paragraph", "list", "listItem", "strong", "table", "tableRow", "tableCell", "break"];
    expect([...kinds].filter((kind) => !known.includes(kind))).toEqual([]);
    expect(parsed(report).children.filter(({ type }) => type === "heading")).toHaveLength(8);
    expect(tables(report).at(-1)?.at(-1)?.length).toBe(3);
    const folded = (said: string) => said.replaceAll(/\s+/g, "");
    expect(folded(tables(report).at(-1)?.at(-1)?.[0] ?? "")).toBe(folded(hostile));
  });
});
