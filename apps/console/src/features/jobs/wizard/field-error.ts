import type { Violation } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { violationText } from "../../../lib/problem-text.js";
import { violationsAt } from "../../../lib/violations.js";

/** What is wrong with the field a JSON Pointer names; several reasons stand side by side. */
export function useFieldError(violations: readonly Violation[]): (pointer: string) => string | undefined {
  const { i18n } = useTranslation();
  return (pointer) => {
    const texts = violationsAt(violations, pointer).map((violation) => violationText(violation, i18n.language));
    return texts.length > 0 ? texts.join(" · ") : undefined;
  };
}
