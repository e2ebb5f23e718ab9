import { screen, within } from "@testing-library/react";
import { type Inspection, paths, type Version } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, expect, it } from "vitest";
import { chooseLanguage } from "../lib/i18n.js";
import { anInspection, aVersion } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { problem, server } from "../test/server.js";

afterEach(() => chooseLanguage("en"));

/** The overview of a version in which this was found; answers the section about it. */
async function show(inspection: Inspection | null, version: Partial<Version> = {}, title = "What is inside") {
  server.use(
    http.get(paths.version("finance/ledger@1"), () => HttpResponse.json(aVersion(version))),
    http.get(paths.versionInspection("finance/ledger@1"), () => HttpResponse.json({ version: "finance/ledger@1", inspection })),
  );
  renderRoute("/models/finance/ledger/v/1");
  return within(await screen.findByRole("region", { name: title }));
}

it("shows family, exact and short parameters, types, tokenizer and chat template", async () => {
  const section = await show(anInspection());
  expect(await section.findByText("Qwen3")).toBeTruthy();
  expect(section.getByText("2,012,345")).toBeTruthy();
  expect(section.getByText(/^\(2m\)$/i)).toBeTruthy();
  expect(section.getByText("2,012,345 numbers in 40 tensors")).toBeTruthy();
  expect(section.getByText("tokenizer_config.json")).toBeTruthy();
  expect(section.getByText("Nothing worth noting was found.")).toBeTruthy();
});

it("shows an adapter with its base, what brings code and what was found", async () => {
  const section = await show(
    anInspection({
      family: { name: "xuanyuan", standsOn: "llama", modelType: "llama", architectures: [] },
      adapter: {
        baseModel: "acme/base",
        method: "LORA",
        rank: 8,
        alpha: 16,
        targetModules: ["q_proj", "v_proj"],
        adaptedModules: 8,
        checkedAgainst: "finance/ledger@3",
      },
      remoteCode: [{ path: "modeling_x.py", detail: "modeling_x.py is code that a loader may import" }],
      findings: [{ code: "total_size", detail: "the index says 15 bytes", path: "model.safetensors.index.json" }],
    }),
  );
  expect(await section.findByText("XuanYuan, on Llama")).toBeTruthy();
  for (const text of ["q_proj, v_proj", "acme/base", "finance/ledger@3", "modeling_x.py"]) expect(section.getByText(text)).toBeTruthy();
  expect(section.getByText(/brings code, blocks release/)).toBeTruthy();
  expect(section.getByText(/the index says 15 bytes/)).toBeTruthy();
  expect(section.queryByText("Nothing worth noting was found.")).toBeNull();
});

it("says so when a version was sealed before there were inspections, and when it is a draft", async () => {
  expect(await (await show(null)).findByText("This version was sealed before files were looked into.")).toBeTruthy();
});

it("says of a draft that sealing looks into its files", async () => {
  const section = await show(null, { state: "draft", sealedAt: null, rootDigest: null });
  expect(await section.findByText("The files are looked into when the version is sealed.")).toBeTruthy();
});

it("speaks Chinese, findings too", async () => {
  await chooseLanguage("zh");
  const found = { code: "total_size", detail: "the index says 15 bytes", path: null };
  const section = await show(anInspection({ findings: [found] }), {}, "\u6587\u4ef6\u68c0\u67e5");
  expect(await section.findByText(/\u7d22\u5f15\u6240\u5217\u5927\u5c0f/)).toBeTruthy();
  expect(section.queryByText(/the index says/)).toBeNull();
});

it("shows a failed look as a problem of this section only", async () => {
  server.use(
    http.get(paths.version("finance/ledger@1"), () => HttpResponse.json(aVersion())),
    http.get(paths.versionInspection("finance/ledger@1"), () => problem("internal")),
  );
  renderRoute("/models/finance/ledger/v/1");
  const section = within(await screen.findByRole("region", { name: "What is inside" }));
  expect(await section.findByRole("button", { name: /try again|retry/i }, { timeout: 10_000 })).toBeTruthy();
});
