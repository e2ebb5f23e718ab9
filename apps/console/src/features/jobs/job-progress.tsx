import type { Job } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../lib/use-formats.js";

/** How far a run is, how fast, and how long it will take. */
export function JobProgress({ job, progress }: { readonly job: Job; readonly progress: Job["progress"] }) {
  const { t } = useTranslation("jobs");
  const formats = useFormats();
  if (!progress || progress.steps === 0) return null;
  const share = progress.step / progress.steps;
  const isOver = job.finishedAt !== null;
  return (
    <div className="zg-progress">
      <progress className="zg-meter" value={share} max={1} aria-label={t("progress.label")} />
      <div className="zg-row zg-row-wide zg-number">
        <strong>{formats.share(share)}</strong>
        <span>{t("progress.step", { step: formats.number(progress.step), steps: formats.number(progress.steps) })}</span>
        {progress.tokensPerSecond !== null && <span>{t("progress.speed", { speed: formats.number(progress.tokensPerSecond, 0) })}</span>}
        {!isOver && progress.etaSeconds !== null && (
          <span>{t("progress.eta", { range: formats.durationRange(progress.etaSeconds * 0.9, progress.etaSeconds * 1.25) })}</span>
        )}
      </div>
    </div>
  );
}
