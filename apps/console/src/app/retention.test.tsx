import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import {
  CleanUp,
  CleanUpPreview,
  CleanUpRule,
  Garbage,
  GarbageCollection,
  type Me,
  PurgePreview,
  paths,
  Tombstone,
} from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, describe, expect, it } from "vitest";
import { chooseLanguage } from "../lib/i18n.js";
import { aMe, aModel, aVersion } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, problem, server } from "../test/server.js";

afterEach(() => chooseLanguage("en"));

const at = "2026-11-24T12:00:00.000Z";
const graphs = ["a".repeat(64), "b".repeat(64)];
const dialog = () => within(screen.getByRole("dialog"));
/** The dialog comes with its own part of the program. */
const openPurge = async () => {
  await userEvent.click(await screen.findByRole("button", { name: "Purge…" }));
  await screen.findByRole("dialog");
};
const as = (over: Partial<Me>) => server.use(http.get(paths.me(), () => HttpResponse.json(aMe(over))));

describe("purging a version", () => {
  const ref = "finance/ledger@1";
  const aPreview = (over: Partial<PurgePreview> = {}): PurgePreview =>
    PurgePreview.parse({
      subject: { kind: "version", ref },
      graph: graphs[0],
      files: 3,
      sizeBytes: 3000,
      ownBytes: 1000,
      blockers: [],
      ...over,
    });

  /** The version's page; previews come one after another, the last again and again. Answers what was sent to be purged. */
  function show(previews: readonly PurgePreview[], answer?: () => Response): unknown[] {
    as({ institution: { ...aMe().institution, slug: "platform" }, roles: ["platform_admin"] });
    const sent: unknown[] = [];
    const left = [...previews];
    server.use(
      http.get(paths.version(ref), () => HttpResponse.json(aVersion({ state: "retired" }))),
      http.get(paths.model("finance/ledger"), () => HttpResponse.json(aModel())),
      http.post(paths.purgePreview(), () => HttpResponse.json(left.length > 1 ? left.shift() : left[0])),
      http.post(paths.purges(), async ({ request }) => {
        sent.push(await request.json());
        const tombstone = {
          id: `tmb_${"1".padStart(32, "0")}`,
          at,
          by: "Wei Zhou",
          reason: "old",
          owner: "platform",
          files: 3,
          sizeBytes: 3000,
        };
        return answer?.() ?? HttpResponse.json(Tombstone.parse({ ...tombstone, subject: { kind: "version", ref } }), { status: 201 });
      }),
    );
    renderRoute("/models/finance/ledger/v/1");
    return sent;
  }

  it("shows what would go and sends the mark of what was shown, once a reason and the name are given", async () => {
    const sent = show([aPreview()]);
    await openPurge();
    await dialog().findByText(/drops 3 files \(3 kB\) for good; 1 kB of that return/);
    const confirm = dialog().getByRole("button", { name: "Purge" });
    await userEvent.type(dialog().getByLabelText(`Type ${ref} to confirm`), ref);
    expect(confirm).toHaveProperty("disabled", true);
    await userEvent.type(dialog().getByLabelText(/^Reason/), "old");
    await userEvent.click(confirm);
    await waitFor(() => expect(sent).toEqual([{ version: ref, graph: graphs[0], reason: "old" }]));
  });

  it("names what stands in the way, in the reader's language, and offers no way past it", async () => {
    const blockers = [{ code: "live_state", detail: "it is released", count: null, withheld: false, objects: [] }];
    show([
      aPreview({
        blockers: [...blockers, { code: "alias", detail: "a name points to it", count: 3, withheld: false, objects: ["champion"] }],
      }),
    ]);
    await openPurge();
    expect((await dialog().findByRole("alert")).textContent).toContain("it is released");
    expect(dialog().getByText("champion")).toBeTruthy();
    expect(dialog().getByText(/and 2 more/)).toBeTruthy();
    expect(dialog().queryByRole("textbox")).toBeNull();
    expect(dialog().queryByRole("button", { name: "Purge" })).toBeNull();
    await chooseLanguage("zh");
    await waitFor(() => expect(dialog().getByRole("alert").textContent).not.toContain("it is released"));
  });

  it("reads again when something changed meanwhile, and then sends the new mark", async () => {
    const refusals = [() => problem("conflict", [{ code: "graph_changed", detail: "it changed" }])];
    const sent = show([aPreview(), aPreview({ graph: graphs[1] ?? "", files: 4 })], () => refusals.pop()?.() as Response);
    await openPurge();
    await userEvent.type(await dialog().findByLabelText(/^Reason/), "old");
    await userEvent.type(dialog().getByLabelText(`Type ${ref} to confirm`), ref);
    await userEvent.click(dialog().getByRole("button", { name: "Purge" }));
    await dialog().findByText(/drops 4 files/);
    await userEvent.click(dialog().getByRole("button", { name: "Purge" }));
    await waitFor(() => expect(sent).toHaveLength(2));
    expect(sent[1]).toMatchObject({ graph: graphs[1] });
  });

  it("is offered to administrators of the owner alone, and says on the page what was purged", async () => {
    as({ roles: ["platform_engineer"], institution: { ...aMe().institution, slug: "platform" } });
    const purged = { at, by: "Wei Zhou", reason: "replaced in 2024" };
    server.use(http.get(paths.version(ref), () => HttpResponse.json(aVersion({ purged }))));
    renderRoute("/models/finance/ledger/v/1");
    expect(await screen.findByText("replaced in 2024")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Purge…" })).toBeNull();
  });
});

describe("clean-ups", () => {
  const rule = CleanUpRule.parse({
    name: "old-tasks",
    revision: 2,
    tier: "institution",
    states: ["retired", "recalled"],
    ageDays: 730,
    isEnabled: true,
    reason: "two years",
    setAt: at,
    setBy: "Wei Zhou",
  });
  const run = CleanUp.parse({
    id: `cln_${"1".padStart(32, "0")}`,
    rule: "old-tasks",
    revision: 2,
    state: "executing",
    reason: "yearly",
    requestedBy: "Wei Zhou",
    createdAt: at,
    finishedAt: null,
    expected: 12,
    purged: 5,
    kept: 1,
    sizeBytes: 5000,
  });
  const preview = CleanUpPreview.parse({
    rule,
    graph: graphs[0],
    versions: 12,
    files: 30,
    sizeBytes: 12_000,
    ownBytes: 9000,
    kept: [{ code: "held", versions: 2 }],
    hasMore: true,
    first: [{ ref: "northbank/cards@1", tier: "institution", owner: "northbank", state: "retired", since: at, sizeBytes: 1000 }],
  });
  const garbage = Garbage.parse({
    until: at,
    graceHours: 24,
    blobs: { count: 12, bytes: 48_000, oldest: at },
    uploads: { count: 1, bytes: 1000 },
    strays: { count: 0, bytes: 0 },
    first: [],
    openCollection: null,
  });
  const collection = GarbageCollection.parse({
    id: `gbc_${"1".padStart(32, "0")}`,
    state: "running",
    until: at,
    reason: "space",
    requestedBy: "Wei Zhou",
    createdAt: at,
    finishedAt: null,
    expected: { count: 12, bytes: 48_000 },
    removed: { count: 0, bytes: 0 },
    uploads: { count: 0, bytes: 0 },
    strays: { count: 0, bytes: 0 },
    cameBack: 0,
    detail: null,
  });
  function show(roles: Me["roles"], over: Partial<CleanUpPreview> = {}): unknown[] {
    as({ roles });
    const sent: unknown[] = [];
    server.use(
      http.get(paths.cleanUpRules(), () => page([rule])),
      http.get(paths.cleanUps(), () => page([run])),
      http.post(paths.cleanUpPreview(), () => HttpResponse.json({ ...preview, ...over })),
      http.post(paths.cleanUps(), async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json(run, { status: 201 });
      }),
      http.put(paths.cleanUpRule("old-tasks"), async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json({ ...rule, revision: 3 });
      }),
    );
    server.use(
      http.get(paths.garbage(), () => HttpResponse.json(garbage)),
      http.get(paths.garbageCollections(), () => page([])),
      http.post(paths.garbageCollections(), async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json(collection, { status: 202 });
      }),
    );
    renderRoute("/clean-ups");
    return sent;
  }

  it("show rules and how far each carrying out has come", async () => {
    show(["auditor"]);
    expect(await screen.findByText("retired · recalled")).toBeTruthy();
    expect(screen.getByText("730 days")).toBeTruthy();
    expect(await screen.findByText("5 of 12")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "New rule" })).toBeNull();
    expect(screen.queryByRole("button", { name: "Preview old-tasks" })).toBeNull();
    await chooseLanguage("zh");
    expect(await screen.findByText("已退役 · 已召回")).toBeTruthy();
  });

  it("are carried out as previewed, with the space that returns and what is kept before it", async () => {
    const sent = show(["platform_admin"]);
    await userEvent.click(await screen.findByRole("button", { name: "Preview old-tasks" }));
    await dialog().findByText(/12 versions would lose their files \(12 kB\); 9 kB of that return. Others wait/);
    expect(dialog().getByText(/^2 versions are kept: /)).toBeTruthy();
    expect(dialog().getByRole("link", { name: /northbank\/cards/ })).toBeTruthy();
    await userEvent.type(dialog().getByLabelText(/^Reason/), "yearly");
    await userEvent.type(dialog().getByLabelText("Type old-tasks to confirm"), "old-tasks");
    await userEvent.click(dialog().getByRole("button", { name: "Carry out" }));
    await waitFor(() => expect(sent).toEqual([{ rule: "old-tasks", graph: graphs[0], reason: "yearly" }]));
  });

  it("by a rule that is off are previewed only", async () => {
    show(["platform_admin"], { rule: { ...rule, isEnabled: false } });
    await userEvent.click(await screen.findByRole("button", { name: "Preview old-tasks" }));
    await dialog().findByText(/The rule is switched off/);
    expect(dialog().queryByRole("textbox")).toBeNull();
    expect(dialog().queryByRole("button", { name: "Carry out" })).toBeNull();
  });

  it("by a rule that takes nothing say so, and ask for nothing", async () => {
    show(["platform_admin"], { versions: 0, first: [], hasMore: false });
    await userEvent.click(await screen.findByRole("button", { name: "Preview old-tasks" }));
    await dialog().findByText("There is nothing that the rule would take now.");
    expect(dialog().getByText(/^2 versions are kept: /)).toBeTruthy();
    expect(dialog().queryByRole("button", { name: "Carry out" })).toBeNull();
  });

  it("follow a rule that is changed by its next revision, with a reason and at least one state", async () => {
    const sent = show(["platform_admin"]);
    await userEvent.click(await screen.findByRole("button", { name: "Change old-tasks" }));
    const save = dialog().getByRole("button", { name: "Save as next revision" });
    await userEvent.type(dialog().getByLabelText(/^Reason/), "drafts too");
    for (const state of ["retired", "recalled"]) await userEvent.click(dialog().getByLabelText(state));
    expect(save).toHaveProperty("disabled", true);
    await userEvent.click(dialog().getByLabelText("draft"));
    await userEvent.click(save);
    await waitFor(() =>
      expect(sent).toEqual([{ tier: "institution", states: ["draft"], ageDays: 730, isEnabled: true, reason: "drafts too" }]),
    );
  });

  it("leave garbage, which administrators of the platform have collected as they saw it, and others do not see", async () => {
    const sent = show(["platform_admin"]);
    expect(await screen.findByText("12 files that nothing refers to (48 kB)")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Collect garbage…" }));
    expect(dialog().getByText(/Up to 49 kB return/)).toBeTruthy();
    expect(dialog().getByRole("button", { name: "Collect" })).toHaveProperty("disabled", true);
    await userEvent.type(dialog().getByLabelText(/^Reason/), "space");
    await userEvent.click(dialog().getByRole("button", { name: "Collect" }));
    await waitFor(() => expect(sent).toEqual([{ until: at, reason: "space" }]));
    await chooseLanguage("zh");
    expect(await screen.findByText("12 个未被引用的文件（48 kB）")).toBeTruthy();
  });

  it("show no garbage to those who may not collect it", async () => {
    show(["auditor"]);
    await screen.findByText("730 days");
    expect(screen.queryByText("Garbage")).toBeNull();
  });
});
