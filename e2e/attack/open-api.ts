/** What the suite reads of a JSON Schema. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly pattern?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

export interface Parameter {
  readonly in: "path" | "query" | "header";
  readonly name: string;
  readonly required: boolean;
  readonly schema: Schema;
}

/** One route of the platform as its own description states it. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  /** Template such as `/api/v1/jobs/{id}`. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | null;
  /** Whether it answers without anybody being signed in. */
  readonly isPublic: boolean;
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

interface DocumentedOperation {
  readonly operationId: string;
  readonly parameters?: readonly (Omit<Parameter, "required"> & { readonly required?: boolean })[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly security?: readonly unknown[];
}

/** Every operation of the document, in its order, with references resolved. */
export function operationsOf(document: Document): Operation[] {
  const resolve = resolver(document);
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => {
      const parameters = (operation.parameters ?? []).map(({ in: place, name, required, schema }) => ({
        in: place,
        // The router's rest of a path is described as `{path}` and named `*`.
        name: name === "*" ? restOf(path) : name,
        required: required === true,
        schema: resolve(schema),
      }));
      const body = operation.requestBody?.content["application/json"]?.schema;
      return {
        id: operation.operationId,
        method: method.toUpperCase(),
        path,
        parameters,
        body: body === undefined ? null : resolve(body),
        isPublic: operation.security === undefined,
      };
    }),
  );
}

function restOf(path: string): string {
  return /\{([^}]*)\}$/.exec(path)?.[1] ?? "*";
}

/** A schema that stands within itself is any value where it comes again. */
function resolver(document: Document): (schema: Schema) => Schema {
  const schemas = document.components?.schemas ?? {};
  const resolve = (schema: Schema, open: readonly string[]): Schema => {
    const name = schema.$ref?.split("/").at(-1);
    if (name !== undefined) return open.includes(name) ? {} : resolve(schemas[name] ?? {}, [...open, name]);
    const all = (list: readonly Schema[] | undefined) => list?.map((one) => resolve(one, open));
    return {
      ...schema,
      ...(schema.properties && {
        properties: Object.fromEntries(Object.entries(schema.properties).map(([key, value]) => [key, resolve(value, open)])),
      }),
      ...(schema.items && { items: resolve(schema.items, open) }),
      ...(schema.anyOf && { anyOf: all(schema.anyOf) }),
      ...(schema.oneOf && { oneOf: all(schema.oneOf) }),
    };
  };
  return (schema) => resolve(schema, []);
}
