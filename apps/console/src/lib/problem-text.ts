import type { Violation } from "@ziggurat/contracts";
import i18next from "i18next";
import { useTranslation } from "react-i18next";
import type { ApiProblem } from "./api-problem.js";

/** Text under `problems` for a code the server made; the server's own words where the page knows none. */
function textOf(path: string, fallback: string): string {
  const text: unknown = i18next.getResource(i18next.language, "problems", path);
  return typeof text === "string" ? text : fallback;
}

/**
 * One broken rule in the reader's language. English readers get the server's detail, which names the values; where another
 * language would lose the number of a line, it is kept.
 */
export function violationText(violation: Violation, language: string): string {
  const text = textOf(`violation.${violation.code}`, "");
  if (language.startsWith("en")) return violation.detail || text || violation.code;
  const line = /^line (\d+)\b/.exec(violation.detail)?.[1];
  if (text && line) return i18next.getFixedT(null, "problems")("atLine", { line, text });
  return text || violation.detail || violation.code;
}

/** Title and remedy of a failed call. */
export function useProblemText() {
  const { t, i18n } = useTranslation("problems");
  return {
    title: (problem: ApiProblem) => textOf(`title.${problem.code}`, problem.title || t("title.unexpected")),
    remedy: (problem: ApiProblem) => textOf(`remedy.${problem.code}`, t("remedy.unexpected")),
    violation: (violation: Violation) => violationText(violation, i18n.language),
    failure: (failure: string, fallback: string) => textOf(`failure.${failure}`, fallback),
  };
}
