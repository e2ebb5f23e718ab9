import { type Job, Role, type WaitReason } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useNow } from "../../lib/use-delayed.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { Glyph } from "../../ui/glyph.js";
import { Panel } from "../../ui/panel.js";

/** Why a job waits, its place, when it may start, and who can change that. */
export function WaitingPanel({ job }: { readonly job: Job }) {
  const { t } = useTranslation("jobs");
  const formats = useFormats();
  const now = useNow(true, 15_000);
  const since = job.history.at(-1)?.at ?? job.createdAt;
  const minutes = (at: string) => Math.max(0, (new Date(at).getTime() - now) / 1000);
  return (
    <Panel title={t("waiting.title")}>
      <div className="zg-stack">
        <div className="zg-row zg-row-wide">
          <span>{t("waiting.since", { age: formats.duration((now - new Date(since).getTime()) / 1000) })}</span>
          <span>{job.position === null ? t("waiting.noPosition") : t("waiting.position", { position: formats.number(job.position) })}</span>
          <span>
            {job.startRange
              ? t("waiting.start", { range: formats.durationRange(minutes(job.startRange.earliest), minutes(job.startRange.latest)) })
              : t("waiting.noStart")}
          </span>
        </div>
        <ul className="zg-reasons">
          {job.waiting.map((reason) => (
            <ReasonRow key={`${reason.code} ${reason.detail}`} reason={reason} />
          ))}
          {job.waiting.length === 0 && <li className="zg-quiet">{t("waiting.noReason")}</li>}
        </ul>
        {job.approvals.length > 0 && (
          <span className="zg-row">
            <Glyph name="check" />
            {t("waiting.approvedBy", {
              names: new Intl.ListFormat(formats.language).format(job.approvals.map((approval) => approval.name)),
            })}
          </span>
        )}
      </div>
    </Panel>
  );
}

/** Somebody has to act before it can start. */
const WARNING: readonly WaitReason["code"][] = ["cluster_unhealthy", "no_cluster", "held"];
/** Reasons of which the detail says what no text of ours can: which cluster it is, and what its engine or operator says. */
const IN_OTHERS_WORDS: readonly WaitReason["code"][] = [
  "cluster_unhealthy",
  "engine",
  "tier",
  "data_class",
  "location",
  "gpu_type",
  "gpu_memory",
  "too_large",
];

function ReasonRow({ reason }: { readonly reason: WaitReason }) {
  const { t, i18n } = useTranslation("jobs");
  const words = useWords();
  const whoOf = (who: string) => {
    const role = Role.safeParse(who);
    return role.success ? words.t(`role.${role.data}`) : who;
  };
  const formats = useFormats();
  return (
    <li>
      <Glyph name={WARNING.includes(reason.code) ? "warning" : "review"} />
      <div className="zg-stack zg-stack-tight">
        <strong>{t(`waiting.reason.${reason.code}`)}</strong>
        {(reason.wanted !== null || reason.available !== null) && (
          <span>
            {t("waiting.figures", {
              wanted: reason.wanted === null ? "–" : formats.number(reason.wanted),
              available: reason.available === null ? "–" : formats.number(reason.available),
            })}
          </span>
        )}
        {reason.until && <span>{t("waiting.until", { time: formats.time(reason.until) })}</span>}
        {reason.who && <span dir="auto">{t("waiting.who", { who: whoOf(reason.who) })}</span>}
        {reason.detail && (i18n.language === "en" || IN_OTHERS_WORDS.includes(reason.code)) && (
          <span className="zg-quiet" dir="auto" lang="en">
            {reason.detail}
          </span>
        )}
      </div>
    </li>
  );
}
