import type { Lineage, LineageEdge, LineageNode } from "@ziggurat/contracts";

/** Nodes and edges of several answers as one graph, each thing once. */
export function mergeLineage(answers: readonly Lineage[]): { nodes: LineageNode[]; edges: LineageEdge[] } {
  const nodes = new Map(answers.flatMap((answer) => answer.nodes.map((node) => [node.id, node] as const)));
  const edges = new Map(
    answers.flatMap((answer) => answer.edges.map((edge) => [`${edge.child} ${edge.parent} ${edge.relation}`, edge] as const)),
  );
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

/**
 * Lines of the pyramid as a tree: foundation at the root, what was derived below it, with the datasets each was trained on.
 * A version with several parents stands under each of them.
 */
export function lineageTree(nodes: readonly LineageNode[], edges: readonly LineageEdge[]): string[] {
  const versions = nodes.filter((node) => node.kind === "version");
  const known = new Set(versions.map((node) => node.id));
  const derivations = edges.filter((edge) => edge.relation !== "trained_on" && known.has(edge.parent) && known.has(edge.child));
  const children = (id: string) =>
    derivations
      .filter((edge) => edge.parent === id)
      .flatMap((edge) => versions.filter((node) => node.id === edge.child).map((node) => ({ node, edge })));
  const datasetsOf = (id: string) =>
    edges
      .filter((edge) => edge.child === id && edge.relation === "trained_on")
      .map((edge) => nodes.find((node) => node.id === edge.parent)?.ref ?? edge.parent);

  const describe = (node: LineageNode, edge: LineageEdge | null) => {
    const facts = [edge === null ? null : edge.relation.replaceAll("_", " "), node.artifactKind, node.state];
    return `${node.ref}  ${facts.filter((fact) => fact !== null).join(" · ")}`;
  };
  const below = (id: string, indent: string): string[] => {
    const derived = children(id);
    const data = datasetsOf(id).map((ref) => `${indent}${derived.length > 0 ? "│ " : "  "}  trained on ${ref}`);
    const branches = derived.flatMap(({ node, edge }, index) => {
      const last = index === derived.length - 1;
      return [`${indent}${last ? "└─ " : "├─ "}${describe(node, edge)}`, ...below(node.id, `${indent}${last ? "   " : "│  "}`)];
    });
    return [...data, ...branches];
  };
  const roots = versions.filter((node) => !derivations.some((edge) => edge.child === node.id));
  return roots.flatMap((root) => [describe(root, null), ...below(root.id, "")]);
}
