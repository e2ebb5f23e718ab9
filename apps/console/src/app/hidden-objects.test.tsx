import { screen } from "@testing-library/react";
import { http } from "msw";
import { expect, it } from "vitest";
import { JOB_ID } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { problem, server } from "../test/server.js";

it.each([
  "/models/northbank/secret",
  "/models/northbank/secret/v/1",
  "/datasets/northbank/secret",
  `/jobs/${JOB_ID}`,
  "/institutions/secret",
  "/no/such/page",
])("a hidden object, a missing one and an unknown address look the same: %s", async (route) => {
  server.use(http.get("/api/v1/*", ({ request }) => (request.url.endsWith("/me") ? undefined : problem("hidden"))));
  renderRoute(route);
  expect(await screen.findByRole("heading", { name: "Not found, or not visible to you" })).toBeTruthy();
  expect(document.title).toBe("Not found, or not visible to you · Ziggurat");
  expect(document.querySelector("main")?.textContent).not.toContain("secret");
});
