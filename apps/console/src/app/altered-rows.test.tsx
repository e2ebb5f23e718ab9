import { screen } from "@testing-library/react";
import { paths, Verification } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, expect, it } from "vitest";
import { chooseLanguage } from "../lib/i18n.js";
import { aModel, aVersion } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, server } from "../test/server.js";

afterEach(() => chooseLanguage("en"));

it("says which rows are not what was sealed, as they were and as they are, in both languages", async () => {
  const ref = "finance/ledger@1";
  const verification = Verification.parse({
    id: `vfy_${"1".padStart(32, "0")}`,
    version: ref,
    state: "damaged",
    cause: "asked",
    requestedBy: "Wei Zhou",
    bytesDone: 1,
    bytesTotal: 1,
    firstBad: null,
    altered: [
      { field: "parents[0].ref", was: "foundation/base@1", is: "foundation/base@2" },
      { field: "datasets[0]", was: "finance/text@1", is: null },
    ],
    detail: null,
    createdAt: "2026-11-24T12:00:00.000Z",
    finishedAt: "2026-11-24T12:00:01.000Z",
  });
  server.use(
    http.get(paths.version(ref), () => HttpResponse.json(aVersion())),
    http.get(paths.model("finance/ledger"), () => HttpResponse.json(aModel())),
    http.get(paths.versionFiles(ref), () => page([])),
    http.get(paths.verifications(ref), () => page([verification])),
  );
  renderRoute("/models/finance/ledger/v/1?tab=files");
  expect(await screen.findByText(/2 rows of its record were altered/)).toBeTruthy();
  expect(screen.getByText("parents[0].ref").parentElement?.textContent).toBe("parents[0].ref: was foundation/base@1, is foundation/base@2");
  expect(screen.getByText("datasets[0]").parentElement?.textContent).toBe("datasets[0]: was finance/text@1, is nothing");
  await chooseLanguage("zh");
  expect(await screen.findByText(/封存后有 2 处记录被改动/)).toBeTruthy();
});
