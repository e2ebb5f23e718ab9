import { TextInput } from "@mantine/core";
import { type Pyramid, TIERS, Tier, VERSION_STATES, VersionState } from "@ziggurat/contracts";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { useKeys } from "../../lib/keys.js";
import { useUrlState } from "../../lib/url-state.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { FilterSelect } from "../../ui/filter-select.js";
import { FilterText } from "../../ui/filter-text.js";
import { ListFaces } from "../../ui/list-faces.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { Page } from "../../ui/page.js";
import { UrlNotice } from "../../ui/url-notice.js";
import { filterPyramid } from "./filter-pyramid.js";
import "./pyramid.css";
import { ViewSwitch } from "../../ui/view-switch.js";
import { PyramidMap } from "./pyramid-map.js";
import { PyramidTable } from "./pyramid-table.js";
import { SelectionPanel } from "./selection-panel.js";
import { usePyramid } from "./use-pyramid.js";

const UrlSchema = z.object({
  q: z.string().optional(),
  tier: Tier.optional(),
  state: VersionState.optional(),
  inst: z.string().optional(),
  /** A day, which means its end. */
  at: z.iso.date().optional(),
  sel: z.string().optional(),
  view: z.enum(["table"]).optional(),
});

/** All versions the viewer may see, as a place: institution models on top, then finance, foundation at the bottom. */
export function PyramidPage() {
  const { t } = useTranslation("pyramid");
  const { values, rejected, set } = useUrlState(UrlSchema);
  const { at, ...filter } = values;
  const read = usePyramid({ ...filter, at: at && `${at}T23:59:59.999Z` });
  const isTable = values.view === "table";
  const show = (next: boolean) => set({ view: next ? "table" : undefined });
  useKeys({ t: () => show(!isTable), escape: () => set({ sel: undefined }) });
  return (
    <Page
      title={t("title")}
      actions={
        <ViewSwitch
          label={t("view")}
          value={isTable ? "table" : "map"}
          onChange={(next) => show(next === "table")}
          options={[
            { value: "map", label: t("map") },
            { value: "table", label: t("table") },
          ]}
        />
      }
    >
      <UrlNotice rejected={rejected} />
      <ObjectPart read={read}>
        {({ all, shown }) => <PyramidView all={all} pyramid={shown} isTable={isTable} values={values} set={set} />}
      </ObjectPart>
    </Page>
  );
}

interface PyramidViewProps {
  /** Before filters. */
  readonly all: Pyramid;
  readonly pyramid: Pyramid;
  readonly isTable: boolean;
  readonly values: z.infer<typeof UrlSchema>;
  readonly set: (patch: Readonly<Record<string, string | undefined>>) => void;
}

function PyramidView({ all, pyramid, isTable, values, set }: PyramidViewProps) {
  const { t } = useTranslation("pyramid");
  const words = useWords();
  const formats = useFormats();
  const { q, tier, state, inst, at } = values;
  const shown = useMemo(() => filterPyramid(pyramid, { q, tier, state, inst }), [pyramid, q, tier, state, inst]);
  const selected = values.sel === undefined ? -1 : pyramid.ref.indexOf(values.sel);
  const select = useCallback((index: number) => set({ sel: index < 0 ? undefined : pyramid.ref[index] }), [pyramid, set]);
  const setText = useCallback((text: string | undefined) => set({ q: text }), [set]);
  const filters = [
    ...(q ? [{ key: "q", label: t("filter.text", { q }), onRemove: () => set({ q: undefined }) }] : []),
    ...(tier ? [{ key: "tier", label: words.tier(tier), onRemove: () => set({ tier: undefined }) }] : []),
    ...(state ? [{ key: "state", label: words.versionState(state), onRemove: () => set({ state: undefined }) }] : []),
    ...(inst ? [{ key: "inst", label: inst, onRemove: () => set({ inst: undefined }) }] : []),
    ...(at ? [{ key: "at", label: at, onRemove: () => set({ at: undefined }) }] : []),
  ];
  return (
    <>
      <div className="zg-filters">
        <FilterText label={t("filter.search")} value={q} onChange={setText} />
        <FilterSelect
          label={t("filter.tier")}
          value={tier}
          options={TIERS.map((value) => ({ value, label: words.tier(value) }))}
          onChange={(next) => set({ tier: next })}
        />
        <FilterSelect
          label={t("filter.state")}
          value={state}
          options={VERSION_STATES.map((value) => ({ value, label: words.versionState(value) }))}
          onChange={(next) => set({ state: next })}
        />
        {all.institutions.length > 1 && (
          <FilterSelect
            label={t("filter.institution")}
            value={inst}
            options={all.institutions.map(({ slug, name }) => ({ value: slug, label: name }))}
            onChange={(next) => set({ inst: next })}
          />
        )}
        <TextInput
          type="date"
          label={t("filter.at")}
          value={at ?? ""}
          onChange={(event) => set({ at: event.currentTarget.value || undefined })}
        />
        <span className="zg-quiet zg-filter-note">
          {t("shown", { count: shown.length, shown: formats.number(shown.length), total: formats.number(totalOf(all)) })}
          {all.truncated ? ` · ${t("truncated")}` : ""}
        </span>
      </div>
      <div className={selected >= 0 ? "zg-pyramid" : undefined}>
        {isTable || shown.length === 0 ? (
          <ListFaces
            read={{ data: shown, error: null, refetch: () => undefined }}
            filters={filters}
            empty={t("empty")}
            noMatch={t("noMatch")}
          >
            {(rows) => <PyramidTable pyramid={pyramid} rows={rows} selected={selected} onSelect={select} />}
          </ListFaces>
        ) : (
          <PyramidMap pyramid={pyramid} shown={shown} selected={selected} onSelect={select} />
        )}
        {selected >= 0 && <SelectionPanel key={selected} pyramid={pyramid} index={selected} onClose={() => select(-1)} />}
      </div>
    </>
  );
}

const totalOf = ({ totals }: Pyramid) => totals.foundation + totals.finance + totals.institution;
