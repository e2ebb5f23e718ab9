import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { CreateImport, type Import, paths } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { aModel, anImport, IMPORT_ID } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, problem, server } from "../test/server.js";

const base = aModel({ ref: "foundation/base", namespace: "foundation", slug: "base", tier: "foundation" });

/** A platform with one import, which tests move on. */
function platform(found: Import) {
  const state = { found, acts: [] as string[] };
  server.use(
    http.get(paths.import(IMPORT_ID), () => HttpResponse.json(state.found)),
    http.post(paths.importAction(IMPORT_ID, ":action"), ({ params }) => {
      state.acts.push(String(params.action));
      state.found = { ...state.found, state: params.action === "cancel" ? "cancelled" : "transferring", moves: [] };
      return HttpResponse.json(state.found);
    }),
  );
  return state;
}

describe("the page of an import", () => {
  it("shows bytes, files, speed and remaining time, and follows them without being asked", async () => {
    const state = platform(anImport());
    renderRoute(`/imports/${IMPORT_ID}`);
    expect(await screen.findByText("250 MB of 1 GB")).toBeTruthy();
    for (const text of ["25%", "1 of 4 files", "50 MB a second", /about 15.*left/, "transferring", "c".repeat(40)]) {
      expect(screen.getByText(text)).toBeTruthy();
    }
    state.found = anImport({
      state: "done",
      version: "foundation/base@3",
      bytes: { done: 1_000_000_000, total: 1_000_000_000 },
      files: { done: 4, total: 4 },
      bytesPerSecond: null,
      secondsLeft: null,
      moves: [],
    });
    expect(await screen.findByRole("link", { name: "Open version" }, { timeout: 4000 })).toHaveProperty(
      "pathname",
      "/models/foundation/base/v/3",
    );
    expect(screen.queryByText(/a second/)).toBeNull();
  });

  it("says in the reader's words why it failed, shows the source's own, and retries", async () => {
    const state = platform(
      anImport({
        state: "failed",
        failure: { code: "unauthorised", detail: "http://hub answers 401 for org/model: Access is restricted.", violations: [] },
        moves: [
          { action: "cancel", allowed: true, reason: null },
          { action: "retry", allowed: true, reason: null },
        ],
      }),
    );
    renderRoute(`/imports/${IMPORT_ID}`);
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("The source does not let us in");
    expect(alert.textContent).toContain("401 for org/model: Access is restricted.");
    await userEvent.click(screen.getByRole("button", { name: "Retry" }));
    await waitFor(() => expect(state.acts).toEqual(["retry"]));
    expect(await screen.findByText("transferring")).toBeTruthy();
  });

  it("cancels only after the effect was read and its name typed", async () => {
    const state = platform(anImport());
    renderRoute(`/imports/${IMPORT_ID}`);
    await userEvent.click(await screen.findByRole("button", { name: "Cancel import" }));
    expect(await screen.findByText(/what has arrived is dropped/)).toBeTruthy();
    const [, confirm] = screen.getAllByRole("button", { name: "Cancel import", hidden: true });
    if (confirm === undefined) throw new Error("no way to confirm");
    expect(confirm).toHaveProperty("disabled", true);
    await userEvent.type(screen.getByRole("textbox"), IMPORT_ID.slice(-8));
    await userEvent.click(confirm);
    await waitFor(() => expect(state.acts).toEqual(["cancel"]));
  });

  it("offers only what the API allows", async () => {
    platform(anImport({ moves: [{ action: "cancel", allowed: false, reason: "needs a role" }] }));
    renderRoute(`/imports/${IMPORT_ID}`);
    await screen.findByText("transferring");
    expect(screen.queryByRole("button", { name: "Cancel import" })).toBeNull();
  });
});

describe("asking for an import", () => {
  const open = async () => {
    const sent: unknown[] = [];
    server.use(
      http.get(paths.model("foundation/base"), () => HttpResponse.json(base)),
      http.get(paths.import(IMPORT_ID), () => HttpResponse.json(anImport())),
      http.post(paths.imports(), async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json(anImport(), { status: 201 });
      }),
    );
    const route = renderRoute("/models/foundation/base/v/import");
    await screen.findByRole("heading", { name: "Import into foundation/base" });
    return { sent, ...route };
  };
  const begin = () => userEvent.click(screen.getByRole("button", { name: "Begin import" }));

  it("sends what the form says, in the contract's own shape, and goes to the import", async () => {
    const { sent, address } = await open();
    await userEvent.type(screen.getByLabelText("Repository"), "org/model");
    await userEvent.type(screen.getByLabelText("Leave out"), "*.bin");
    await userEvent.click(screen.getByLabelText("Seal when done"));
    await begin();
    await waitFor(() => expect(address()).toBe(`/imports/${IMPORT_ID}`));
    expect(sent.map((body) => CreateImport.parse(body))).toMatchObject([
      { model: "foundation/base", source: { kind: "huggingface", repo: "org/model", revision: "main" }, exclude: ["*.bin"], seal: true },
    ]);
  });

  it("asks for what each kind of source needs, and forgets nothing on the way", async () => {
    const { sent } = await open();
    await userEvent.click(screen.getByRole("radio", { name: "Object store" }));
    await userEvent.type(screen.getByLabelText("Bucket"), "models");
    await userEvent.click(screen.getByRole("radio", { name: "Folder" }));
    await userEvent.type(screen.getByRole("textbox", { name: "Folder" }), "/srv/models/one");
    await userEvent.click(screen.getByRole("radio", { name: "Object store" }));
    await userEvent.type(screen.getByLabelText("Prefix"), "llama/");
    await begin();
    await waitFor(() => expect(sent).toMatchObject([{ source: { kind: "s3", bucket: "models", prefix: "llama/" } }]));
  });

  it("names what is wrong at its field before anything is sent", async () => {
    const { sent } = await open();
    await begin();
    expect(await screen.findByText("Required")).toBeTruthy();
    await userEvent.type(screen.getByLabelText("Repository"), "a/b/c");
    await begin();
    expect(await screen.findByText("Not the name of a repository")).toBeTruthy();
    expect(sent).toEqual([]);
  });

  it("puts the server's refusal at its field", async () => {
    await open();
    server.use(
      http.post(paths.imports(), () =>
        problem("rule", [{ code: "source_closed", detail: "http://other is not open to imports", pointer: "/source/endpoint" }]),
      ),
    );
    await userEvent.type(screen.getByLabelText("Repository"), "org/model");
    await userEvent.type(screen.getByLabelText("Address"), "http://other");
    await begin();
    expect(await screen.findByText("http://other is not open to imports")).toBeTruthy();
    await waitFor(() => expect(screen.getByLabelText("Address").getAttribute("aria-invalid")).toBe("true"));
  });
});

it("is reached from the model, and from the list of its imports", async () => {
  server.use(
    http.get(paths.model("foundation/base"), () => HttpResponse.json(base)),
    http.get(paths.versions("foundation/base"), () => page([])),
    http.get(paths.imports(), () => page([anImport()])),
  );
  const { router } = renderRoute("/models/foundation/base");
  const link = await screen.findByRole("link", { name: "Import" });
  expect(link).toHaveProperty("pathname", "/models/foundation/base/v/import");
  await userEvent.click(screen.getByRole("link", { name: "Imports of this model" }));
  expect(await screen.findByText("org/model@main")).toBeTruthy();
  expect(router.state.location.search).toEqual({ model: "foundation/base" });
});
