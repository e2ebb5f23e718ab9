/** What one workspace may import. */
export interface Rank {
  /** Workspaces below it that it may import, by folder name. */
  readonly may: readonly string[];
  /** Libraries from the registry: a list, or any that its manifest names. */
  readonly libraries: readonly string[] | "any";
  /** Pure: no Node, no globals of a machine, no clock, no randomness. */
  readonly isPure: boolean;
  /** Ships in no product: may use the root's development packages everywhere. */
  readonly isTool: boolean;
}

const rules = ["contracts", "compliance", "planner", "scheduling", "lineage", "pyramid"] as const;
const tiers = ["foundation", "finance", "institution"] as const;
const pure = (may: readonly string[], libraries: Rank["libraries"] = []): Rank => ({ may, libraries, isPure: true, isTool: false });
const open = (may: readonly string[]): Rank => ({ may, libraries: "any", isPure: false, isTool: false });
const tool = (may: readonly string[]): Rank => ({ ...open(may), isTool: true });

/** Who may import whom, by folder. Every arrow points at an earlier line, so a circle cannot be written. */
export const importTable: Readonly<Record<string, Rank>> = {
  contracts: pure([], ["zod"]),
  compliance: pure(["contracts"]),
  planner: pure(["contracts"]),
  scheduling: pure(["contracts"], ["tinyqueue"]),
  lineage: pure(["contracts"], "any"),
  pyramid: pure(["contracts", "compliance"]),
  foundation: pure(["contracts", "compliance", "pyramid"], ["yaml"]),
  finance: pure(["contracts", "compliance", "pyramid"]),
  institution: pure(["contracts", "compliance", "pyramid"]),
  clusters: open(["contracts"]),
  client: open(["contracts"]),
  "control-plane": open([...rules, ...tiers, "clusters"]),
  console: open(["contracts"]),
  demo: open(["contracts", "client"]),
  e2e: tool(["contracts", "client", "clusters"]),
  bench: open(["contracts", "client", "scheduling"]),
  tooling: tool(["contracts"]),
};

/** Libraries that another library loads by itself, so that no import of ours names them. */
export const loadedByOthers: Readonly<Record<string, readonly string[]>> = {
  console: ["@mantine/hooks"],
  "control-plane": ["ioredis", "@fastify/static", "@nestjs/platform-fastify"],
};
