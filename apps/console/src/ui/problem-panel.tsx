import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { asProblem } from "../lib/api-problem.js";
import { useProblemText } from "../lib/problem-text.js";
import { CopyButton } from "./copy-button.js";

/** What failed, what to do, Retry, and the request id to quote. The rest of the page keeps working. */
export function ProblemPanel({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const { t } = useTranslation();
  const text = useProblemText();
  const problem = asProblem(error);
  return (
    <div className="zg-problem" role="alert">
      <strong>{text.title(problem)}</strong>
      <span>{text.remedy(problem)}</span>
      {problem.detail && problem.detail !== problem.title && problem.violations.length === 0 && (
        <span className="zg-quiet" dir="auto">
          {problem.detail}
        </span>
      )}
      {problem.violations.length > 0 && (
        <ul>
          {problem.violations.map((violation) => (
            <li key={`${violation.code} ${violation.pointer ?? ""} ${violation.detail}`}>{text.violation(violation)}</li>
          ))}
        </ul>
      )}
      <div className="zg-row">
        {onRetry && (
          <Button variant="default" onClick={onRetry}>
            {t("retry")}
          </Button>
        )}
        {problem.requestId && (
          <span className="zg-row zg-quiet zg-small">
            {t("requestId")} <code>{problem.requestId}</code>
            <CopyButton text={problem.requestId} what={t("requestId")} />
          </span>
        )}
      </div>
    </div>
  );
}
