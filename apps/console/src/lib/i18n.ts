import i18next, { type i18n } from "i18next";
import { initReactI18next } from "react-i18next";
import type en from "../locales/en/index.js";
import { keepChoice, readChoice } from "./stored-choice.js";

declare module "i18next" {
  interface CustomTypeOptions {
    readonly defaultNS: "common";
    readonly resources: typeof en;
    readonly strictKeyChecks: true;
  }
}

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

const HTML_LANG: Record<Language, string> = { en: "en", zh: "zh-CN" };

async function textsOf(language: Language): Promise<Record<string, object>> {
  return language === "zh" ? (await import("../locales/zh/index.js")).default : (await import("../locales/en/index.js")).default;
}

/** The language chosen before, or the browser's. */
export function preferredLanguage(): Language {
  const chosen = readChoice("language");
  if (chosen === "en" || chosen === "zh") return chosen;
  return navigator.language.startsWith("zh") ? "zh" : "en";
}

/** Starts with one language loaded; the other is fetched when it is chosen. */
export async function startI18n(language: Language): Promise<i18n> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    defaultNS: "common",
    resources: { [language]: await textsOf(language) },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = HTML_LANG[language];
  return i18next;
}

/** Changes the language in place; typed text and open dialogs stay. */
export async function chooseLanguage(language: Language): Promise<void> {
  for (const [feature, texts] of Object.entries(await textsOf(language))) i18next.addResourceBundle(language, feature, texts, true, true);
  await i18next.changeLanguage(language);
  keepChoice("language", language);
  document.documentElement.lang = HTML_LANG[language];
}

/** Language code for Intl. */
export function intlLanguage(language: string): string {
  return language.startsWith("zh") ? HTML_LANG.zh : "en-GB";
}
