import type { RunningWork } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { shortId } from "../../lib/format.js";
import { AppLink } from "../../ui/app-link.js";
import { ImportStateBadge, JobStateBadge } from "../../ui/state-badge.js";
import { pageOfWork } from "./running-work.js";

/** An import or a job by kind, line and number. */
export function useWorkName(): (work: RunningWork) => string {
  const { t } = useTranslation("institutions");
  return ({ kind, model, id }) => `${t(`work.kind.${kind}`)} ${model} #${shortId(id)}`;
}

/** The same, with its page behind it. */
export function WorkName({ work }: { readonly work: RunningWork }) {
  const nameOf = useWorkName();
  return (
    <AppLink to={pageOfWork(work)}>
      <bdi>{nameOf(work)}</bdi>
    </AppLink>
  );
}

export function WorkState({ work }: { readonly work: RunningWork }) {
  return work.kind === "import" ? <ImportStateBadge state={work.state} /> : <JobStateBadge state={work.state} />;
}
