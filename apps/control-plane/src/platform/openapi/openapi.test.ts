import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { send, startPlatform, type TestPlatform } from "../../../test/harness.js";

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, unknown>>;
}
interface Document {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

let platform: TestPlatform;
let document: Document;
beforeAll(async () => {
  platform = await startPlatform();
  document = (await send(platform.url, "GET", "/openapi.json")).body;
});
afterAll(() => platform?.close());

const operations = (): readonly Operation[] => Object.values(document.paths).flatMap((item) => Object.values(item));

describe("the description of the API", () => {
  it("is OpenAPI 3.1 with the release of the package", () => {
    const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
    expect([document.openapi, document.info.version]).toEqual(["3.1.0", version]);
  });

  it("names each operation once, in camelCase", () => {
    const ids = operations().map(({ operationId }) => operationId);
    expect(ids).toContain("institutionsList");
    expect(ids.filter((id) => !/^[a-z][A-Za-z0-9]*$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("says how to authenticate and which scope opens an operation", () => {
    expect(document.paths["/api/v1/institutions"]?.get).toMatchObject({
      security: [{ token: [] }, { session: [] }],
      "x-any-scope-of": ["institutions:read"],
    });
    expect(document.paths["/api/v1/auth/login"]?.post).not.toHaveProperty("security");
  });

  it("lists the problems of every operation and none outside the native API", () => {
    expect(operations().filter(({ responses }) => !("400" in responses && "401" in responses && "500" in responses))).toEqual([]);
    expect(Object.keys(document.paths).filter((path) => !path.startsWith("/api/v1/"))).toEqual([]);
    expect(document.components.schemas).toHaveProperty("Problem.properties.requestId");
  });

  it("speaks JSON Schema: types as lists, no nullable, every reference leads somewhere", () => {
    const text = JSON.stringify(document);
    expect(text).not.toContain('"nullable"');
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
    expect(references.filter((name) => name === undefined || !(name in document.components.schemas))).toEqual([]);
  });
});
