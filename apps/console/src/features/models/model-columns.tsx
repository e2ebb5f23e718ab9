import type { Model } from "@ziggurat/contracts";
import { parseVersionRef } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { to } from "../../lib/console-paths.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { AppLink } from "../../ui/app-link.js";
import type { Column } from "../../ui/data-table.js";
import { VersionStateBadge } from "../../ui/state-badge.js";
import { TierMark } from "../../ui/tier-mark.js";
import { Time } from "../../ui/time.js";

/** Columns of the list of models. */
export function useModelColumns(): readonly Column<Model>[] {
  const { t } = useTranslation("models");
  const words = useWords();
  const formats = useFormats();
  return [
    {
      id: "ref",
      header: t("column.model"),
      cell: (model) => (
        <AppLink to={to.model(model.ref)} className="zg-clip" title={model.ref}>
          <bdi>{model.ref}</bdi>
        </AppLink>
      ),
    },
    {
      id: "name",
      header: t("column.name"),
      cell: (model) => (
        <bdi className="zg-clip" title={model.name}>
          {model.name}
        </bdi>
      ),
    },
    { id: "tier", header: t("column.tier"), nowrap: true, cell: (model) => <TierMark tier={model.tier} /> },
    {
      id: "scenario",
      header: t("column.scenario"),
      nowrap: true,
      cell: (model) => (model.scenario ? words.t(`scenario.${model.scenario}`) : "–"),
    },
    {
      id: "latest",
      header: t("column.latest"),
      nowrap: true,
      cell: (model) =>
        model.latest ? (
          <span className="zg-row">
            <AppLink to={to.version(model.latest)}>{t("versionNumber", { number: parseVersionRef(model.latest).number })}</AppLink>
            {model.latestState && <VersionStateBadge state={model.latestState} />}
          </span>
        ) : (
          <span className="zg-quiet">{t("noVersionYet")}</span>
        ),
    },
    { id: "versions", header: t("column.versions"), align: "end", cell: (model) => formats.number(model.versions) },
    { id: "card", header: t("column.card"), align: "end", cell: (model) => formats.share(model.cardCompleteness) },
    { id: "updated", header: t("column.updated"), nowrap: true, cell: (model) => <Time at={model.updatedAt} /> },
  ];
}
