import type { ReportLanguage } from "@ziggurat/contracts";
import type { Nodes, PhrasingContent, Root, RootContent, Table } from "mdast";
import { gfmTableToMarkdown } from "mdast-util-gfm-table";
import { toMarkdown } from "mdast-util-to-markdown";
import { stringify } from "yaml";
import { type ExportedVersion, focusOf, type Provenance, parentsOf, scoreOf } from "./provenance.js";
import { REPORT_WORDS, type ReportWords } from "./report-words.js";

/** Relations by which hub cards name how a model comes from its base; the others have no word there. */
const HUB_RELATIONS: Readonly<Record<string, string>> = {
  adapter_of: "adapter",
  merged_from: "merge",
  quantized_from: "quantized",
  finetuned_from: "finetune",
  pretrained_from: "finetune",
};

/**
 * A version's whole ancestry for people to read, in Markdown with the front matter of hub model cards: its card, terms, ancestors, data,
 * scores, jobs with approvers, and files. Names are text whatever is in them. `domain/features.md` 28.
 */
export function readableReport(provenance: Provenance, language: ReportLanguage): string {
  const words = REPORT_WORDS[language];
  const focus = focusOf(provenance);
  const root: Root = {
    type: "root",
    children: [
      heading(1, words.title(focus.ref)),
      ...(focus.name === "" ? [] : [paragraph(text(focus.name))]),
      facts([
        [words.facts.tier, words.tiers[focus.tier]],
        [words.facts.owner, `${focus.ownerName} (${focus.owner})`],
        [words.facts.state, words.states[focus.state]],
        [words.facts.licence, focus.licence ?? words.none],
        [words.facts.parameters, focus.parameters === null ? words.missing : String(focus.parameters)],
        [words.facts.digest, focus.rootDigest],
        [words.facts.sealed, focus.sealedAt],
        [words.facts.released, focus.releasedAt ?? words.none],
      ]),
      heading(2, words.sections.card),
      ...cardOf(focus, words),
      heading(2, words.sections.terms),
      facts([
        [words.terms.commercialUse, focus.terms.commercialUse ? words.terms.yes : words.terms.no],
        [words.terms.redistribution, focus.terms.redistribution ? words.terms.yes : words.terms.no],
        [words.terms.regions, focus.terms.regions.join(", ") || words.terms.anywhere],
      ]),
      heading(2, words.sections.ancestry),
      ancestry(provenance, words),
      heading(2, words.sections.data),
      data(provenance, words),
      heading(2, words.sections.scores),
      scores(provenance, words),
      heading(2, words.sections.jobs),
      jobs(provenance, words),
      heading(2, words.sections.files),
      table(
        [words.columns.path, words.columns.bytes, words.columns.digest],
        focus.files.map(({ path, sizeBytes, sha256 }) => [path, String(sizeBytes), sha256]),
        words,
      ),
    ],
  };
  const body = toMarkdown(root as Nodes, { extensions: [gfmTableToMarkdown()], bullet: "-" });
  return `---\n${frontMatter(provenance, focus)}---\n\n${body}`;
}

function frontMatter(provenance: Provenance, focus: ExportedVersion): string {
  const parents = parentsOf(provenance, focus.ref);
  const [relation] = parents.flatMap((parent) => HUB_RELATIONS[parent.relation] ?? []);
  const matter = {
    license: focus.licence ?? undefined,
    language: focus.card.languages.length > 0 ? focus.card.languages : undefined,
    base_model: parents.length > 0 ? parents.map(({ parent }) => parent) : undefined,
    base_model_relation: relation,
    datasets: provenance.uses.filter(({ version }) => version === focus.ref).map(({ dataset }) => dataset),
    tags: ["ziggurat", `tier:${focus.tier}`, ...(focus.scenario === null ? [] : [focus.scenario])],
  };
  return stringify(matter, { lineWidth: 0 });
}

function cardOf({ card, tier }: ExportedVersion, words: ReportWords): RootContent[] {
  const outside = ["supplier", "source", "filing"] as const;
  const asked = (["purpose", "limits", "trainingData", "contact", "languages", ...outside] as const).filter(
    (field) => tier === "foundation" || !outside.some((one) => one === field),
  );
  return [
    facts(asked.map((field) => [words.card[field], (field === "languages" ? card.languages.join(", ") : card[field]) || words.missing])),
  ];
}

function ancestry(provenance: Provenance, words: ReportWords): RootContent {
  const { columns } = words;
  const head = [columns.version, columns.tier, columns.state, columns.from, columns.relation, columns.seal, columns.digest];
  const rows = [...provenance.versions].reverse().flatMap((version) => {
    const own = [version.ref, words.tiers[version.tier], words.states[version.state]];
    const parents = parentsOf(provenance, version.ref);
    if (parents.length === 0) return [[...own, words.none, "", "", version.rootDigest]];
    return parents.map(({ parent, relation, seal, job }) => {
      const recorded = job === null ? words.seals[seal] : `${words.seals[seal]} ${job}`;
      return [...own, parent, words.relations[relation], recorded, version.rootDigest];
    });
  });
  return table(head, rows, words);
}

function data(provenance: Provenance, words: ReportWords): RootContent {
  const { columns } = words;
  const head = [columns.version, columns.dataset, columns.basis, columns.licence, columns.rows, columns.digest];
  const rows = provenance.uses.flatMap(({ version, dataset }) => {
    const found = provenance.datasets.find(({ ref }) => ref === dataset);
    if (found === undefined) return [[version, dataset, "", "", "", ""]];
    return [[version, dataset, found.legalBasis, found.licence, String(found.rows), found.sha256]];
  });
  return table(head, rows, words);
}

function scores(provenance: Provenance, words: ReportWords): RootContent {
  const { columns } = words;
  const rows = provenance.evaluations.flatMap((evaluation) => {
    const score = scoreOf(evaluation);
    if (score === null) return [];
    const name = words.scores[score.name === "exact_match" ? "exact_match" : "perplexity"];
    return [[evaluation.version, evaluation.dataset, name, String(score.value), String(evaluation.rows)]];
  });
  return table([columns.version, columns.dataset, "", columns.score, columns.rows], rows, words);
}

function jobs(provenance: Provenance, words: ReportWords): RootContent {
  const { columns } = words;
  const rows = provenance.jobs.map(({ id, method, requestedBy, approvals, finishedAt }) => [
    id,
    method,
    requestedBy.name,
    approvals.map(({ name }) => name).join(", ") || words.none,
    finishedAt ?? words.none,
  ]);
  return table([columns.job, columns.method, columns.requested, columns.approved, columns.finished], rows, words);
}

const text = (value: string): PhrasingContent => ({ type: "text", value });
const heading = (depth: 1 | 2, value: string): RootContent => ({ type: "heading", depth, children: [text(value)] });
const paragraph = (...children: PhrasingContent[]): RootContent => ({ type: "paragraph", children });

function facts(pairs: readonly (readonly [name: string, value: string])[]): RootContent {
  return {
    type: "list",
    spread: false,
    children: pairs.map(([name, value]) => ({
      type: "listItem",
      children: [{ type: "paragraph", children: [{ type: "strong", children: [text(name)] }, text(`: ${value}`)] }],
    })),
  };
}

function table(head: readonly string[], rows: readonly (readonly string[])[], words: ReportWords): Table | RootContent {
  if (rows.length === 0) return paragraph(text(words.none));
  return {
    type: "table",
    children: [head, ...rows].map((cells) => ({
      type: "tableRow",
      children: cells.map((cell) => ({ type: "tableCell", children: cell === "" ? [] : [text(cell)] })),
    })),
  };
}
