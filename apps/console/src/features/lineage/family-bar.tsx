import { Checkbox, NativeSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { ViewSwitch } from "../../ui/view-switch.js";
import { FilterUrl, LineageFilters } from "./lineage-filters.js";

const DEPTHS = ["1", "2", "3", "100"] as const;

/** What the explorer keeps in the address. */
export const FamilyUrl = z.object({
  dir: z.enum(["up", "down"]).optional(),
  down: z.enum(DEPTHS).optional(),
  group: z.enum(["model"]).optional(),
  open: z.string().optional(),
  sel: z.string().optional(),
  data: z.enum(["1"]).optional(),
  view: z.enum(["table", "reach"]).optional(),
  by: z.enum(["tier", "model", "state"]).optional(),
  ...FilterUrl,
});
export type FamilyValues = z.infer<typeof FamilyUrl>;
export type FamilyView = "graph" | "table" | "reach";

/** Hops down that are drawn. */
export const depthOf = ({ down }: FamilyValues): number => Number(down ?? "2");

interface FamilyBarProps {
  readonly values: FamilyValues;
  /** Descendants are counted in groups over all hops, so that no depth can be asked for. */
  readonly isCounted: boolean;
  readonly onChange: (patch: Readonly<Record<string, string | undefined>>) => void;
  readonly onView: (view: FamilyView) => void;
}

/** Direction, depth, grouping, filters and the view of the explorer. */
export function FamilyBar({ values, isCounted, onChange, onView }: FamilyBarProps) {
  const { t } = useTranslation("lineage");
  return (
    <div className="zg-filters">
      <NativeSelect
        label={t("direction")}
        value={values.dir ?? ""}
        data={[
          { value: "", label: t("directionWord.both") },
          { value: "up", label: t("directionWord.up") },
          { value: "down", label: t("directionWord.down") },
        ]}
        onChange={(event) => onChange({ dir: event.currentTarget.value || undefined })}
      />
      <NativeSelect
        label={t("depth")}
        value={isCounted ? "100" : (values.down ?? "2")}
        disabled={isCounted}
        data={DEPTHS.map((value) => ({ value, label: value === "100" ? t("depthAll") : t("depthHops", { count: Number(value) }) }))}
        onChange={(event) => onChange({ down: event.currentTarget.value === "2" ? undefined : event.currentTarget.value })}
      />
      <NativeSelect
        label={t("group")}
        value={values.group ?? "institution"}
        data={[
          { value: "institution", label: t("groupWord.institution") },
          { value: "model", label: t("groupWord.model") },
        ]}
        onChange={(event) => onChange({ group: event.currentTarget.value === "model" ? "model" : undefined })}
      />
      <Checkbox
        className="zg-filter-check"
        label={t("datasets")}
        checked={values.data === "1"}
        onChange={(event) => onChange({ data: event.currentTarget.checked ? "1" : undefined })}
      />
      <LineageFilters values={values} onChange={onChange} />
      <span className="zg-filter-end">
        <ViewSwitch<FamilyView>
          label={t("view")}
          value={values.view ?? "graph"}
          onChange={onView}
          options={[
            { value: "graph", label: t("graph") },
            { value: "table", label: t("table") },
            { value: "reach", label: t("reach.view") },
          ]}
        />
      </span>
    </div>
  );
}
