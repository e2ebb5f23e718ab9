import type { Job } from "@ziggurat/contracts";
import { WEEKDAYS } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../lib/use-formats.js";
import { Fact } from "../../ui/facts.js";

/** What the job takes, when and for how long, and where it was placed and why. */
export function JobResourceFacts({ job }: { readonly job: Job }) {
  const { t } = useTranslation("jobs");
  const formats = useFormats();
  const limits = [
    ...(job.maxSeconds === null ? [] : [t("limits.seconds", { time: formats.duration(job.maxSeconds) })]),
    ...(job.maxCost === null ? [] : [t("limits.cost", { cost: formats.number(job.maxCost) })]),
  ];
  return (
    <>
      <Fact term={t("facts.priority")}>{t(`priority.${job.priority}`)}</Fact>
      <Fact term={t("facts.takes")}>{useTaken(job.resources)}</Fact>
      <Fact term={t("facts.window")}>{useWindow(job.window)}</Fact>
      <Fact term={t("facts.limits")}>{limits.length > 0 ? limits.join(", ") : null}</Fact>
      <Fact term={t("facts.placement")}>{job.placement === null ? null : <Placed placement={job.placement} />}</Fact>
      <Fact term={t("facts.preemptions")}>{job.preemptions > 0 ? formats.number(job.preemptions) : null}</Fact>
    </>
  );
}

function useTaken({ nodes, gpusPerNode, gpuType }: Job["resources"]): string {
  const { t } = useTranslation("jobs");
  if (gpusPerNode === 0) return nodes === 1 ? t("takes.place") : t("takes.places", { nodes });
  const gpus = t("takes.gpus", { count: gpusPerNode });
  const typed = gpuType === null ? gpus : t("takes.type", { amount: gpus, type: gpuType });
  return nodes === 1 ? typed : t("takes.nodes", { nodes, amount: typed });
}

function useWindow(window: Job["window"]): string | null {
  const { t } = useTranslation("jobs");
  const formats = useFormats();
  if (window === null) return null;
  const isDaily = WEEKDAYS.every((day) => window.days.includes(day));
  const days = isDaily
    ? t("everyDay")
    : new Intl.ListFormat(formats.language, { type: "unit" }).format(window.days.map((day) => t(`day.${day}`)));
  return t("windowText", { days, from: window.from, until: window.until, offset: window.utcOffset });
}

function Placed({ placement }: { readonly placement: NonNullable<Job["placement"]> }) {
  const { t } = useTranslation("jobs");
  return (
    <>
      <div>
        <bdi>{placement.cluster}</bdi> <span className="zg-quiet">({t(`ground.${placement.chosenBecause}`)})</span>
      </div>
      {placement.rejected.map(({ cluster, code }) => (
        <div key={cluster} className="zg-quiet">
          <bdi>{cluster}</bdi>: {t(`rejection.${code}`)}
        </div>
      ))}
    </>
  );
}
