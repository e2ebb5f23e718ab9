import { RequestMethod, type Type } from "@nestjs/common";
import { METHOD_METADATA } from "@nestjs/common/constants.js";
import { DiscoveryService, MetadataScanner, Reflector } from "@nestjs/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startPlatform, type TestPlatform } from "../../../test/harness.js";
import { QueueModule } from "../queue/queue.module.js";
import { ACCESS, type Access } from "./access.js";
import { routeParameters } from "./route-parameters.js";

interface Route {
  readonly name: string;
  readonly method: string;
  readonly access: Access | undefined;
  readonly schemaless: readonly string[];
}

let platform: TestPlatform;
let routes: readonly Route[] = [];
beforeAll(async () => {
  platform = await startPlatform();
  routes = readRoutes();
});
afterAll(() => platform?.close());

function readRoutes(): readonly Route[] {
  const app = platform.app.select(QueueModule);
  const discovery = app.get(DiscoveryService, { strict: false });
  const scanner = new MetadataScanner();
  const reflector = new Reflector();
  return discovery.getControllers().flatMap(({ metatype }: { metatype: unknown }) => {
    if (!isClass(metatype)) return [];
    return scanner.getAllMethodNames(metatype.prototype).flatMap((key) => {
      const handler: unknown = Reflect.get(metatype.prototype, key);
      if (typeof handler !== "function") return [];
      const method: unknown = Reflect.getMetadata(METHOD_METADATA, handler);
      if (typeof method !== "number") return [];
      const parameters = routeParameters(metatype, key).filter(({ place, hasSchema }) => place !== "other" && !hasSchema);
      return [
        {
          name: `${metatype.name}.${key}`,
          method: RequestMethod[method] ?? "?",
          access: Reflect.getMetadata(ACCESS, handler) ?? reflector.get<Access | undefined>(ACCESS, metatype),
          schemaless: parameters.map(({ place }) => place),
        },
      ];
    });
  });
}

function isClass(value: unknown): value is Type {
  return typeof value === "function";
}

it("finds the routes at all", () => {
  expect(routes.map(({ name }) => name)).toEqual(expect.arrayContaining(["SessionController.login", "AuditController.verify"]));
});

it("has a schema on every body, query and path parameter", () => {
  expect(routes.filter(({ schemaless }) => schemaless.length > 0)).toEqual([]);
});

it("says of every route who may call it", () => {
  expect(routes.filter(({ access }) => access === undefined).map(({ name }) => name)).toEqual([]);
});

it("lets nobody change anything without signing in, but by signing in, by what a provider signed, or with a job's own token", () => {
  const open = routes.filter(({ access, method }) => access?.kind === "public" && method !== "GET" && method !== "HEAD");
  expect(
    open
      .filter(({ name }) => !name.startsWith("Run"))
      .map(({ name }) => name)
      .sort(),
  ).toEqual([
    "DevicesController.ask",
    "DevicesController.request",
    "OidcController.backChannelLogout",
    "SamlController.receive",
    "SessionController.login",
    "SessionController.passkey",
    "SessionController.passkeyOptions",
  ]);
});
