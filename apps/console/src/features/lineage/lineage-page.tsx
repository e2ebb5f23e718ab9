import { Checkbox, NativeSelect } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Lineage, paths } from "@ziggurat/contracts";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { useKeys } from "../../lib/keys.js";
import { useVersionParam } from "../../lib/route-param.js";
import { useUrlState } from "../../lib/url-state.js";
import { ButtonLink } from "../../ui/button-link.js";
import { CopyButton } from "../../ui/copy-button.js";
import { ExportMenu } from "../../ui/export-menu.js";
import { ExternalRuns } from "../../ui/external-runs.js";
import { LineageTable } from "../../ui/lineage-table.js";
import { ObjectPage } from "../../ui/object-faces.js";
import { Page } from "../../ui/page.js";
import { VersionName } from "../../ui/ref-link.js";
import { Spine } from "../../ui/spine.js";
import { UrlNotice } from "../../ui/url-notice.js";
import { DetailPanel } from "./detail-panel.js";
import { FamilyCanvas } from "./family-canvas.js";
import { familyGraph, joinLineages } from "./family-graph.js";
import { layoutFamily } from "./family-layout.js";
import { FilterUrl, filterQuery, LineageFilters } from "./lineage-filters.js";
import { ReachView } from "./reach-view.js";
import "./lineage.css";
import { FamilyCounts } from "../../ui/family-counts.js";
import { ViewSwitch } from "../../ui/view-switch.js";

const DEPTHS = ["1", "2", "3", "100"] as const;
const UrlSchema = z.object({
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

/** One version's family: all it stands on, and what stands on it, grouped. */
export function LineagePage() {
  const ref = useVersionParam();
  const { values } = useUrlState(UrlSchema);
  const depth = Number(values.down ?? "2");
  const filter = filterQuery(values);
  const read = useQuery({
    queryKey: [paths.lineage(ref), "both", depth, filter],
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const [up, down] = await Promise.all([
        api.get(paths.lineage(ref), Lineage, { signal, query: { direction: "up", ...filter } }),
        api.get(paths.lineage(ref), Lineage, { signal, query: { direction: "down", depth, ...filter } }),
      ]);
      return joinLineages(up, down);
    },
  });
  return (
    <ObjectPage read={read}>
      {(lineage) => <LineageView key={ref} version={ref} lineage={lineage} isDimmed={read.isPlaceholderData} />}
    </ObjectPage>
  );
}

function LineageView({ version, lineage, isDimmed }: { readonly version: string; readonly lineage: Lineage; readonly isDimmed: boolean }) {
  const { t } = useTranslation(["lineage", "common"]);
  const { values, rejected, set } = useUrlState(UrlSchema);
  const view = values.view ?? "graph";
  const show = (next: "graph" | "table" | "reach") => set({ view: next === "graph" ? undefined : next });
  const navigate = useNavigate();
  const shown = useMemo(() => (values.dir ? directed(lineage, values.dir) : lineage), [lineage, values.dir]);
  const open = values.open ?? "";
  const graph = useMemo(
    () =>
      familyGraph(shown, {
        group: values.group ?? "institution",
        open: open.split(",").filter((slug) => slug !== ""),
        hasDatasets: values.data === "1",
      }),
    [shown, values.group, open, values.data],
  );
  const layout = useMemo(() => layoutFamily(graph), [graph]);
  const toggle = (owner: string) => {
    const owners = open.split(",").filter((slug) => slug !== "");
    set({ open: (owners.includes(owner) ? owners.filter((slug) => slug !== owner) : [...owners, owner]).join(",") || undefined });
  };
  const chosenCard = graph.cards.find((card) => card.id === values.sel);
  const chosenLink = graph.links.find((link) => link.id === values.sel);
  const { counts } = lineage;
  const focus = lineage.nodes.find(({ ref, kind }) => kind === "version" && ref === version);
  const only =
    chosenCard?.versions.length === 1 && chosenCard.kind === "version" && !chosenCard.isFocus ? chosenCard.versions[0] : undefined;
  useKeys({
    t: () => show(view === "graph" ? "table" : "graph"),
    p: () => void (only && navigate({ to: to.lineagePath(only.ref, version) })),
    escape: () => set({ sel: undefined }),
  });
  return (
    <Page
      title={t("lineage:title", { ref: version })}
      heading={
        <>
          {t("lineage:heading")} <VersionName value={version} />
        </>
      }
      above={<Spine version={version} />}
      actions={
        <>
          <ButtonLink to={to.version(version)} variant="default">
            {t("lineage:openVersion")}
          </ButtonLink>
          {focus?.state && <ExportMenu version={version} state={focus.state} />}
          <CopyLink at={values.at} />
        </>
      }
    >
      <UrlNotice rejected={rejected} />
      <div className="zg-filters">
        <NativeSelect
          label={t("lineage:direction")}
          value={values.dir ?? ""}
          data={[
            { value: "", label: t("lineage:directionWord.both") },
            { value: "up", label: t("lineage:directionWord.up") },
            { value: "down", label: t("lineage:directionWord.down") },
          ]}
          onChange={(event) => set({ dir: event.currentTarget.value || undefined })}
        />
        <NativeSelect
          label={t("lineage:depth")}
          value={values.down ?? "2"}
          data={DEPTHS.map((value) => ({
            value,
            label: value === "100" ? t("lineage:depthAll") : t("lineage:depthHops", { count: Number(value) }),
          }))}
          onChange={(event) => set({ down: event.currentTarget.value === "2" ? undefined : event.currentTarget.value })}
        />
        <NativeSelect
          label={t("lineage:group")}
          value={values.group ?? "institution"}
          data={[
            { value: "institution", label: t("lineage:groupWord.institution") },
            { value: "model", label: t("lineage:groupWord.model") },
          ]}
          onChange={(event) => set({ group: event.currentTarget.value === "model" ? "model" : undefined })}
        />
        <Checkbox
          className="zg-filter-check"
          label={t("lineage:datasets")}
          checked={values.data === "1"}
          onChange={(event) => set({ data: event.currentTarget.checked ? "1" : undefined })}
        />
        <LineageFilters values={values} onChange={set} />
        <span className="zg-filter-end">
          <ViewSwitch
            label={t("lineage:view")}
            value={view}
            onChange={show}
            options={[
              { value: "graph", label: t("lineage:graph") },
              { value: "table", label: t("lineage:table") },
              { value: "reach", label: t("lineage:reach.view") },
            ]}
          />
        </span>
      </div>
      <div className="zg-quiet" aria-live="polite">
        <FamilyCounts counts={counts} />
        {lineage.nextCursor !== null || graph.leftOff.length > 0 ? t("lineage:more") : null}
      </div>
      <div className={chosenCard || chosenLink ? "zg-lineage" : undefined}>
        {view === "reach" ? (
          <ReachView
            version={version}
            by={values.by ?? "owner"}
            query={filterQuery(values)}
            onGroup={(by) => set({ by: by === "owner" ? undefined : by })}
          />
        ) : view === "table" ? (
          <div className={isDimmed ? "zg-framed zg-dimmed" : "zg-framed"}>
            <LineageTable lineage={shown} />
          </div>
        ) : (
          <FamilyCanvas
            graph={graph}
            layout={layout}
            selected={values.sel ?? null}
            onSelect={(sel) => set({ sel: sel ?? undefined })}
            onToggle={toggle}
          />
        )}
        {(chosenCard || chosenLink) && (
          <DetailPanel version={version} card={chosenCard} link={chosenLink} onToggle={toggle} onClose={() => set({ sel: undefined })} />
        )}
      </div>
      <ExternalRuns runs={lineage.external} />
    </Page>
  );
}

/** A link to the graph as it is now, so that the reader sees the same one tomorrow. */
function CopyLink({ at }: { readonly at: string | undefined }) {
  const { t } = useTranslation("common");
  const url = new URL(window.location.href);
  url.searchParams.set("at", at ?? new Date().toISOString());
  return <CopyButton text={url.href} what={t("link")} />;
}

/** The half of a family in one direction, the focus included. */
function directed(lineage: Lineage, direction: "up" | "down"): Lineage {
  const nodes = lineage.nodes.filter((node) => (direction === "up" ? node.distance <= 0 : node.distance >= 0));
  const ids = new Set(nodes.map((node) => node.id));
  return { ...lineage, nodes, edges: lineage.edges.filter((edge) => ids.has(edge.child) && ids.has(edge.parent)) };
}
