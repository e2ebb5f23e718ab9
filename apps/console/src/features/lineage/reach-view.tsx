import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { GROUPINGS, LineageGroups, paths, TIERS, VERSION_STATES } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { DataTable } from "../../ui/data-table.js";
import { ObjectPart } from "../../ui/object-faces.js";

type By = LineageGroups["by"];
interface ReachViewProps {
  readonly version: string;
  readonly by: By;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly onGroup: (by: By) => void;
}

/** How far a version reaches, in numbers: by institution it is the impact that a recall would have. */
export function ReachView({ version, by, query, onGroup }: ReachViewProps) {
  const { t } = useTranslation("lineage");
  const words = useWords();
  const formats = useFormats();
  const read = useQuery({
    queryKey: [paths.lineageGroups(version), by, query],
    queryFn: ({ signal }) => api.get(paths.lineageGroups(version), LineageGroups, { signal, query: { ...query, by } }),
  });
  const nameOf = ({ key, name, tier: place }: LineageGroups["groups"][number]) => {
    const [tier, state] = [TIERS.find((word) => word === key), VERSION_STATES.find((word) => word === key)];
    if (by === "tier" && tier) return words.t(`tier.${tier}`);
    if (by === "state" && state) return words.t(`versionState.${state}`);
    // The platform has a group in each shared tier.
    if (by === "owner" && place && place !== "institution") return words.tierModels(place);
    return by === "model" ? key : name;
  };
  return (
    <div className="zg-stack">
      <div>
        <NativeSelect
          label={t("reach.by")}
          value={by}
          data={GROUPINGS.map((value) => ({ value, label: t(`reach.byWord.${value}`) }))}
          onChange={(event) => onGroup(GROUPINGS.find((value) => value === event.currentTarget.value) ?? "owner")}
        />
      </div>
      <ObjectPart read={read}>
        {({ groups, total, minimum }) => {
          const number = (versions: number | null) => (versions === null ? t("withheld", { minimum }) : formats.number(versions));
          return groups.length === 0 ? (
            <p className="zg-face">{t("reach.none")}</p>
          ) : (
            <>
              <p className="zg-quiet" aria-live="polite">
                {t(total.versions === null ? "reach.totalWithheld" : "reach.total", {
                  groups: formats.number(total.groups),
                  versions: formats.number(total.versions ?? 0),
                  shown: formats.number(groups.length),
                })}
              </p>
              <div className="zg-framed">
                <DataTable
                  label={t("reach.table")}
                  rows={groups}
                  rowKey={({ key, tier }) => `${key} ${tier}`}
                  columns={[
                    { id: "name", header: t(`reach.byWord.${by}`), cell: (group) => <bdi>{nameOf(group)}</bdi> },
                    { id: "versions", header: t("reach.versions"), align: "end", cell: (group) => number(group.versions) },
                  ]}
                />
              </div>
            </>
          );
        }}
      </ObjectPart>
    </div>
  );
}
