import { cleanup, configure } from "@testing-library/react";
import { afterAll, afterEach, beforeAll } from "vitest";
import { api } from "../lib/api-client.js";
import { startI18n } from "../lib/i18n.js";
import { server } from "./server.js";

// jsdom has no layout; what the kit and the pages ask of it gets the plainest answer.
Object.defineProperty(window, "matchMedia", {
  configurable: true,
  value: (query: string) => ({
    matches: false,
    media: query,
    onchange: null,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    addListener: () => undefined,
    removeListener: () => undefined,
    dispatchEvent: () => false,
  }),
});
Object.defineProperty(document, "fonts", { configurable: true, value: new EventTarget() });
class NoResizeObserver implements ResizeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
window.ResizeObserver = NoResizeObserver;
window.scrollTo = () => undefined;
HTMLElement.prototype.scrollIntoView = () => undefined;
HTMLCanvasElement.prototype.getContext = () => null;
HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true;
};
HTMLDialogElement.prototype.close = function close() {
  this.open = false;
};

// The first visit of a route loads its module, which on a busy machine takes longer than a second.
configure({ asyncUtilTimeout: 10_000 });

beforeAll(async () => {
  server.listen({ onUnhandledRequest: "error" });
  await startI18n("en");
});
afterEach(() => {
  cleanup();
  server.resetHandlers();
  api.forget();
  sessionStorage.clear();
  localStorage.clear();
});
afterAll(() => server.close());
