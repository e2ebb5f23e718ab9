import type { Violation } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useProblemText } from "../lib/problem-text.js";

/** Every broken rule that has no field of its own, at once, above the form. */
export function ViolationList({ violations }: { readonly violations: readonly Violation[] }) {
  const { t } = useTranslation();
  const text = useProblemText();
  if (violations.length === 0) return null;
  return (
    <div className="zg-problem" role="alert">
      <strong>{t("refused", { count: violations.length })}</strong>
      <ul>
        {violations.map((violation) => (
          <li key={`${violation.code} ${violation.pointer ?? ""} ${violation.detail}`}>
            {text.violation(violation)}
            {violation.pointer ? <code className="zg-quiet"> {violation.pointer}</code> : null}
          </li>
        ))}
      </ul>
    </div>
  );
}
