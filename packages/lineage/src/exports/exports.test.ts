import { readFileSync } from "node:fs";
import { Card } from "@ziggurat/contracts";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, it } from "vitest";
import { cycloneDxBom } from "./cyclone-dx.js";
import { inTotoStatements } from "./in-toto.js";
import { modelSigningStatement } from "./model-signing.js";
import { openLineageEvents } from "./open-lineage.js";
import { provDocument } from "./prov.js";
import type { ExportedDerivation, ExportedVersion, Provenance } from "./provenance.js";

const at = "2026-05-03T08:00:00.000Z";
const digestOf = (ref: string) => Buffer.from(ref).toString("hex").padEnd(64, "0").slice(0, 64);

function aVersion(ref: string, over: Partial<ExportedVersion> = {}): ExportedVersion {
  const [model = "", number = "1"] = ref.split("@");
  return {
    ref,
    model,
    number: Number(number),
    name: model,
    tier: "finance",
    owner: "platform",
    ownerName: "Platform",
    state: "released",
    artifactKind: "full",
    rootDigest: digestOf(ref),
    sizeBytes: 3,
    parameters: null,
    licence: null,
    scenario: null,
    card: Card.parse({}),
    terms: { commercialUse: true, redistribution: true, regions: [] },
    files: [],
    job: null,
    method: null,
    sealedAt: at,
    releasedAt: null,
    ...over,
  };
}
const anEdge = (child: string, parent: string): ExportedDerivation => ({
  child,
  parent,
  relation: "merged_from",
  seal: "sealed",
  job: null,
  parentDigest: digestOf(parent),
});
function aProvenance(versions: readonly ExportedVersion[], derivations: readonly ExportedDerivation[] = []): Provenance {
  const focus = versions.at(-1)?.ref ?? "";
  return { authority: "models.example", release: "1.0.0", focus, versions, derivations, uses: [], datasets: [], jobs: [], evaluations: [] };
}

/** Twenty generations, each merged from both of the one before: a million ways up, forty versions. */
function aBush(): Provenance {
  const generations = 20;
  const refs = (n: number) => [`finance/a@${n}`, `finance/b@${n}`];
  const versions = Array.from({ length: generations }, (_, n) => refs(n + 1)).flat();
  const edges = versions.flatMap((child) => {
    const n = Number(child.split("@")[1]);
    return n === 1 ? [] : refs(n - 1).map((parent) => anEdge(child, parent));
  });
  const last = `finance/a@${generations + 1}`;
  const all = [...versions, last].map((ref) => aVersion(ref));
  return aProvenance(all, [...edges, ...refs(generations).map((parent) => anEdge(last, parent))]);
}

it("writes an ancestor that is met on many ways in full once, so that a bushy pedigree stays small", () => {
  const bush = aBush();
  const text = JSON.stringify(cycloneDxBom(bush));
  expect(text.length).toBeLessThan(200_000);
  expect(text.split('"ancestors"').length - 1).toBe(39);
  expect(JSON.stringify(provDocument(bush)).length).toBeLessThan(100_000);
});

it("says of a job that the viewer may not look into that it was, and when it ended, and no more", () => {
  const hidden = aProvenance([aVersion("finance/ledger@1", { job: "job_1", method: "continued" })]);
  const [start, complete] = openLineageEvents(hidden);
  expect([start?.eventTime, complete?.eventTime, complete?.outputs[0]?.name]).toEqual([at, at, "finance/ledger@1"]);
  expect(Object.keys(start?.run.facets ?? {}).sort()).toEqual(["processing_engine", "tags"]);
  const [statement] = inTotoStatements(hidden);
  expect(statement).toMatchObject({
    predicate: {
      buildDefinition: { externalParameters: { method: "continued" }, internalParameters: {} },
      runDetails: { metadata: { invocationId: "job_1", finishedOn: at } },
    },
  });
  expect(JSON.stringify(provDocument(hidden))).not.toContain("requester");
});

it("gives a run the same id whichever version is exported", () => {
  const made = aVersion("finance/ledger@1", { job: "job_1" });
  const [alone] = openLineageEvents(aProvenance([made]));
  const [above] = openLineageEvents(aProvenance([made, aVersion("northbank/cards@1")], [anEdge("northbank/cards@1", "finance/ledger@1")]));
  expect(above).toEqual(alone);
  expect(alone?.run.runId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

it("keeps its own facet to the schema it ships", () => {
  const schema = JSON.parse(readFileSync(new URL("../../schemas/ZigguratModelDatasetFacet-1-0-0.json", import.meta.url), "utf8"));
  const holds = new Ajv2020().compile(schema);
  const child = aVersion("northbank/cards@1", { job: "job_1" });
  const events = openLineageEvents(aProvenance([aVersion("finance/ledger@1"), child], [anEdge(child.ref, "finance/ledger@1")]));
  const facets = events.flatMap(({ inputs, outputs }) => [...inputs, ...outputs].map((dataset) => dataset.facets.ziggurat_model));
  expect(facets).toHaveLength(3);
  for (const facet of facets) expect([holds(facet), holds.errors]).toEqual([true, null]);
  expect(holds({ ...facets[0], rootDigest: "short" })).toBe(false);
});

it("names a licence by its SPDX id where it has one", () => {
  const licence = (text: string) => JSON.stringify(cycloneDxBom(aProvenance([aVersion("finance/ledger@1", { licence: text })])));
  expect(licence("apache-2.0")).toContain('{"license":{"id":"Apache-2.0"}}');
  expect(licence("our own terms")).toContain('{"license":{"name":"our own terms"}}');
});

it("lists what is signed in the order it is given", () => {
  const statement = modelSigningStatement("cards", digestOf("x"), [
    { path: "b", sha256: digestOf("b") },
    { path: "a", sha256: digestOf("a") },
  ]);
  expect(statement).toMatchObject({
    subject: [{ digest: { sha256: digestOf("x") } }],
    predicate: { resources: [{ name: "b" }, { name: "a" }] },
  });
});
