import type { ImportFailure } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useProblemText } from "../../lib/problem-text.js";

/** Why an import failed: in the reader's language what kind of thing it is and what to do, and the source's own words below. */
export function ImportFailureNote({ failure }: { readonly failure: ImportFailure }) {
  const { t } = useTranslation("imports");
  const text = useProblemText();
  return (
    <div className="zg-problem" role="alert">
      <strong>{t(`failure.title.${failure.code}`)}</strong>
      <span>{t(`failure.remedy.${failure.code}`)}</span>
      {failure.violations.length > 0 && (
        <ul>
          {failure.violations.map((violation) => (
            <li key={`${violation.code} ${violation.detail}`}>{text.violation(violation)}</li>
          ))}
        </ul>
      )}
      <p className="zg-mono zg-break" dir="auto">
        {failure.detail}
      </p>
    </div>
  );
}
