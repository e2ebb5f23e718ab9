import type { OpenAPIObject } from "@nestjs/swagger";
import { PROBLEMS, Problem, type ProblemCode } from "@ziggurat/contracts";
import { z } from "zod";

type Operation = NonNullable<OpenAPIObject["paths"][string]["get"]>;

const METHODS = ["get", "put", "post", "delete", "patch", "head"] as const;
/** Problems any operation may answer, and those of operations that change something. */
const ALWAYS: readonly ProblemCode[] = ["invalid", "unauthenticated", "denied", "hidden", "limited", "internal", "unavailable"];
const ON_CHANGE: readonly ProblemCode[] = ["csrf", "conflict", "rule", "too_large", "unsupported_media_type"];
const ON_GOVERNED: readonly ProblemCode[] = ["stale", "precondition_required"];

/** Adds what every operation has in common: how to authenticate, and the problems it may answer. */
export function completeDocument(document: OpenAPIObject): object {
  const { $schema: _, ...problem } = z.toJSONSchema(Problem, { target: "draft-2020-12" });
  const paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, item]) => {
      const operations = METHODS.flatMap((method) => {
        const operation = item[method];
        return operation === undefined ? [] : [[method, complete(operation, method)]];
      });
      return [path, { ...item, ...Object.fromEntries(operations) }];
    }),
  );
  const schemas = { ...document.components?.schemas, Problem: problem };
  return { ...document, paths, components: { ...document.components, schemas } };
}

function complete(operation: Operation, method: (typeof METHODS)[number]): Operation {
  const isChange = method !== "get" && method !== "head";
  const isGoverned = method === "put" || method === "patch" || method === "delete";
  const codes = [...ALWAYS, ...(isChange ? ON_CHANGE : []), ...(isGoverned ? ON_GOVERNED : [])];
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) byStatus.set(PROBLEMS[code].status, [...(byStatus.get(PROBLEMS[code].status) ?? []), code]);
  const problems = Object.fromEntries(
    [...byStatus].map(([status, of]) => [
      String(status),
      {
        description: of.map((code) => `${code}: ${PROBLEMS[code].title}`).join("; "),
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    ]),
  );
  return { ...operation, responses: { ...problems, ...operation.responses } };
}
