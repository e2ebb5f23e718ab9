import type { MantineColorScheme, MantineColorSchemeManager } from "@mantine/core";
import { keepChoice, readChoice } from "./stored-choice.js";

/** Follows the system until the reader chooses; `public/boot.js` reads the same key before the first paint. */
export const themeChoice: MantineColorSchemeManager = {
  get: () => themeOf(readChoice("theme")),
  set: (value) => keepChoice("theme", value),
  subscribe: () => undefined,
  unsubscribe: () => undefined,
  clear: () => keepChoice("theme", "auto"),
};

function themeOf(text: string | null): MantineColorScheme {
  return text === "light" || text === "dark" ? text : "auto";
}
