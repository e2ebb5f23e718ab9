import { Button } from "@mantine/core";
import type { Job, JobAction } from "@ziggurat/contracts";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { violationText } from "../../lib/problem-text.js";

const JobActionDialog = lazy(() => import("./job-action-dialog.js"));

/** The actions the API offers this viewer; where approval is closed to them, why. */
export function JobActions({ job }: { readonly job: Job }) {
  const { t, i18n } = useTranslation("jobs");
  const [chosen, setChosen] = useState<JobAction | null>(null);
  const approval = job.moves.find((move) => move.action === "approve");
  return (
    <>
      {job.moves
        .filter((move) => move.allowed)
        .map(({ action }) => (
          <Button
            key={action}
            variant={action === "approve" ? "filled" : "default"}
            data-danger={action === "cancel" || undefined}
            onClick={() => setChosen(action)}
          >
            {t(`action.${action}`)}
          </Button>
        ))}
      {job.state === "awaiting_approval" && approval && !approval.allowed && (
        <span className="zg-quiet zg-small">
          {i18n.language === "en" && approval.reason
            ? approval.reason
            : approval.codes.map((code) => violationText({ code, detail: "" }, i18n.language)).join(" · ") || t("approveClosed")}
        </span>
      )}
      {chosen && (
        <Suspense>
          <JobActionDialog job={job} action={chosen} onClose={() => setChosen(null)} />
        </Suspense>
      )}
    </>
  );
}
