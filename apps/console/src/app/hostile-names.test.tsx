import { screen } from "@testing-library/react";
import { paths } from "@ziggurat/contracts";
import { http } from "msw";
import { expect, it } from "vitest";
import { aModel } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, server } from "../test/server.js";

const RIGHT_TO_LEFT = String.fromCharCode(0x202e);

it.each([
  "<img src=x onerror=alert(1)>",
  `${RIGHT_TO_LEFT}desrever`,
  "\u{1f4c8}\u{1f469}\u200d\u{1f4bb} growth",
  "w".repeat(200),
  "{{name}} $t(any)",
])("a name is shown as the text it is: %s", async (name) => {
  server.use(http.get(paths.models(), () => page([aModel({ name })])));
  renderRoute("/models");
  const cell = await screen.findByText((_, element) => element?.tagName === "BDI" && element.textContent === name);
  expect(cell.children).toHaveLength(0);
  expect(document.querySelector("main img")).toBeNull();
});
