import type { VerificationRun } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../lib/use-formats.js";
import { VerdictNote } from "./verdict-note.js";

/** A verification on its way, and then its verdict. */
export function VerificationPanel({ run }: { readonly run: VerificationRun }) {
  const { t } = useTranslation("audit");
  const formats = useFormats();
  if (run.result !== null) {
    return (
      <>
        <VerdictNote verification={run.result} />
        {!run.result.ok && <p>{t("verification.broken")}</p>}
      </>
    );
  }
  const share = run.total === 0 ? 0 : Math.min(1, run.done / run.total);
  return (
    <div className="zg-progress">
      <progress className="zg-meter" value={share} max={1} aria-label={t("verification.progress")} />
      <span className="zg-number">
        {run.state === "queued"
          ? t("verification.queued")
          : t("verification.running", { done: formats.number(run.done), total: formats.number(run.total) })}
      </span>
    </div>
  );
}
