import { parseSync } from "vite";

/** One import of a file, or one use of something that only a machine has. */
export interface Reference {
  readonly kind: "import" | "global";
  /** What is imported, as written; null where it is computed. For a global its name. */
  readonly name: string | null;
  /** True when nothing of it is left after type checking. */
  readonly isType: boolean;
}

/** Globals that a pure package must take as arguments. */
const machineGlobals = new Set([
  "process",
  "Buffer",
  "require",
  "fetch",
  "console",
  "window",
  "document",
  "performance",
  "setTimeout",
  "setInterval",
  "crypto",
]);

type Node = Readonly<Record<string, unknown>> & { readonly type: string };

/** Every import of a TypeScript or JavaScript text, in any spelling, and every use of a machine's globals. Throws when it cannot be parsed. */
export function readImports(file: string, text: string): readonly Reference[] {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const found: Reference[] = [];
  visit(program, null, (node, parent) => {
    const reference = importOf(node) ?? globalOf(node, parent);
    if (reference !== null) found.push(reference);
  });
  return found;
}

function importOf(node: Node): Reference | null {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
      return isNode(node.source) ? { kind: "import", name: literal(node.source), isType: isTypeOnly(node) } : null;
    case "ImportExpression":
      return { kind: "import", name: literal(node.source), isType: false };
    case "TSImportType":
      return { kind: "import", name: literal(node.source), isType: true };
    case "TSExternalModuleReference":
      return { kind: "import", name: literal(node.expression), isType: false };
    case "CallExpression":
      return isRequire(node.callee) ? { kind: "import", name: literal(argumentsOf(node)[0]), isType: false } : null;
    default:
      return null;
  }
}

/** `require(x)` and `something.resolve("package")`, which reaches a package without loading it. */
function isRequire(callee: unknown): boolean {
  if (!isNode(callee)) return false;
  if (callee.type === "Identifier") return callee.name === "require";
  return (
    callee.type === "MemberExpression" &&
    isNode(callee.object) &&
    callee.object.type === "CallExpression" &&
    nameOf(callee.object.callee) === "createRequire"
  );
}

function isTypeOnly(node: Node): boolean {
  if (node.importKind === "type" || node.exportKind === "type") return true;
  const { specifiers } = node;
  return (
    Array.isArray(specifiers) &&
    specifiers.length > 0 &&
    specifiers.every((entry) => isNode(entry) && (entry.importKind === "type" || entry.exportKind === "type"))
  );
}

function globalOf(node: Node, parent: Node | null): Reference | null {
  const name = machineUse(node) ?? (node.type === "Identifier" && !isPropertyName(node, parent) ? nameOf(node) : null);
  return name !== null && (machineGlobals.has(name) || name.includes("(") || name.includes("."))
    ? { kind: "global", name, isType: false }
    : null;
}

/** The clock and chance, which hide in harmless globals. */
function machineUse(node: Node): string | null {
  if (node.type === "NewExpression" && nameOf(node.callee) === "Date" && argumentsOf(node).length === 0) return "new Date()";
  if (node.type !== "MemberExpression") return null;
  const path = `${nameOf(node.object)}.${nameOf(node.property)}`;
  return path === "Date.now" || path === "Math.random" ? path : null;
}

/** `x.process`, `{ process: 1 }` and the `process` of a type are names, not uses. */
function isPropertyName(node: Node, parent: Node | null): boolean {
  if (parent === null) return false;
  if (parent.type === "MemberExpression") return parent.property === node && parent.computed !== true;
  return (
    parent.key === node ||
    parent.type.startsWith("TS") ||
    parent.type === "ImportSpecifier" ||
    parent.type === "ExportSpecifier" ||
    parent.id === node
  );
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
const literal = (value: unknown): string | null =>
  isNode(value) && value.type === "Literal" && typeof value.value === "string" ? value.value : null;
const nameOf = (value: unknown): string | null => (isNode(value) && typeof value.name === "string" ? value.name : null);
const argumentsOf = (node: Node): readonly unknown[] => (Array.isArray(node.arguments) ? node.arguments : []);

function visit(value: unknown, parent: Node | null, see: (node: Node, parent: Node | null) => void): void {
  if (Array.isArray(value)) {
    for (const entry of value) visit(entry, parent, see);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const node = isNode(value) ? value : null;
  if (node !== null) see(node, parent);
  for (const member of Object.values(value)) visit(member, node ?? parent, see);
}
