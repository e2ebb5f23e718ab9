import { useNavigate } from "@tanstack/react-router";
import type { LineageNode } from "@ziggurat/contracts";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { to } from "../../lib/console-paths.js";
import { useKeys } from "../../lib/keys.js";
import { useVersionParam } from "../../lib/route-param.js";
import { useUrlState } from "../../lib/url-state.js";
import { ButtonLink } from "../../ui/button-link.js";
import { CopyButton } from "../../ui/copy-button.js";
import { ExportMenu } from "../../ui/export-menu.js";
import { ExternalRuns } from "../../ui/external-runs.js";
import { FamilyCounts } from "../../ui/family-counts.js";
import { LineageTable } from "../../ui/lineage-table.js";
import { ObjectPage } from "../../ui/object-faces.js";
import { Page } from "../../ui/page.js";
import { VersionName } from "../../ui/ref-link.js";
import { Spine } from "../../ui/spine.js";
import { TableFoot } from "../../ui/table-foot.js";
import { UrlNotice } from "../../ui/url-notice.js";
import { countedFamily } from "./counted-family.js";
import { DetailPanel } from "./detail-panel.js";
import { depthOf, FamilyBar, FamilyUrl, type FamilyValues, type FamilyView } from "./family-bar.js";
import { FamilyCanvas } from "./family-canvas.js";
import { type Card, type FamilyGraph, familyGraph, partOf } from "./family-graph.js";
import { layoutFamily } from "./family-layout.js";
import { filterQuery } from "./lineage-filters.js";
import { ReachView } from "./reach-view.js";
import { type FamilyRead, useFamily } from "./use-family.js";
import "./lineage.css";

/** Names of the groups that the address holds open. */
const opened = (open: string | undefined): string[] => (open ?? "").split(",").filter((name) => name !== "");

/** One version's family: all it stands on, and what stands on it, grouped. */
export function LineagePage() {
  const ref = useVersionParam();
  const { values } = useUrlState(FamilyUrl);
  const read = useFamily(ref, filterQuery(values), { group: values.group ?? "institution", open: opened(values.open) });
  return (
    <ObjectPage read={read}>
      {(family) => <FamilyPage key={ref} version={ref} family={family} pages={read} isDimmed={read.isDimmed} />}
    </ObjectPage>
  );
}

interface FamilyPageProps {
  readonly version: string;
  readonly family: FamilyRead;
  readonly pages: Pick<ReturnType<typeof useFamily>, "hasMore" | "isLoadingMore" | "loadMore">;
  readonly isDimmed: boolean;
}

function FamilyPage({ version, family, pages, isDimmed }: FamilyPageProps) {
  const { t } = useTranslation(["lineage", "common"]);
  const { values, rejected, set } = useUrlState(FamilyUrl);
  const { first, counted } = family;
  const view = values.view ?? "graph";
  const show = (next: FamilyView) => set({ view: next === "graph" ? undefined : next });
  const graph = useGraph(family, values);
  const layout = useMemo(() => layoutFamily(graph), [graph]);
  const toggle = (group: string) => {
    const groups = opened(values.open);
    set({ open: (groups.includes(group) ? groups.filter((name) => name !== group) : [...groups, group]).join(",") || undefined });
  };
  const chosenCard = graph.cards.find((card) => card.id === values.sel);
  const chosenLink = graph.links.find((link) => link.id === values.sel);
  const focus = first.nodes.find(({ ref, kind }) => kind === "version" && ref === version);
  useFamilyKeys(version, view, onlyVersion(chosenCard), show);
  const close = () => set({ sel: undefined });
  const isFiltered = Object.values(filterQuery(values)).some((value) => value !== undefined);
  return (
    <Page
      title={t("lineage:title", { ref: version })}
      heading={
        <>
          {t("lineage:heading")} <VersionName value={version} />
        </>
      }
      above={<Spine version={version} lineage={isFiltered ? undefined : first} />}
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
      <FamilyBar values={values} isCounted={counted !== null && view === "graph"} onChange={set} onView={show} />
      <div className="zg-quiet zg-row zg-row-wide" aria-live="polite">
        <FamilyCounts counts={first.counts} />
        {view === "graph" && <Undrawn family={family} values={values} graph={graph} />}
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
          <FamilyTable family={family} values={values} pages={pages} isDimmed={isDimmed} />
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
          <DetailPanel
            version={version}
            card={chosenCard}
            link={chosenLink}
            query={filterQuery(values)}
            onToggle={toggle}
            onClose={close}
          />
        )}
      </div>
      <ExternalRuns runs={first.external} />
    </Page>
  );
}

function useGraph({ first, counted }: FamilyRead, values: FamilyValues): FamilyGraph {
  const { dir, group, data, open } = values;
  const depth = depthOf(values);
  return useMemo(() => {
    const wish = { group: group ?? "institution", open: opened(open), hasDatasets: data === "1" } as const;
    if (counted === null) return familyGraph(partOf(first, dir ?? "both", depth), wish);
    const reach = dir === "up" ? { ...counted.reach, groups: [], total: { groups: 0, versions: 0, withheld: false } } : counted.reach;
    return countedFamily(partOf(first, dir ?? "both", 0), reach, counted.members, wish);
  }, [first, counted, dir, group, data, open, depth]);
}

function useFamilyKeys(version: string, view: FamilyView, only: LineageNode | undefined, show: (view: FamilyView) => void): void {
  const navigate = useNavigate();
  const { set } = useUrlState(FamilyUrl);
  useKeys({
    t: () => show(view === "graph" ? "table" : "graph"),
    f: () => void (only && navigate({ to: to.lineage(only.ref) })),
    p: () => void (only && navigate({ to: to.lineagePath(only.ref, version) })),
    escape: () => set({ sel: undefined }),
  });
}

/** The version of a card that holds one other than the focus. */
function onlyVersion(card: Card | undefined): LineageNode | undefined {
  return card?.kind === "version" && !card.isFocus && card.versions.length === 1 ? card.versions[0] : undefined;
}

/** What of the family no card shows, and why. */
function Undrawn({ family: { first, counted }, values, graph }: { family: FamilyRead; values: FamilyValues; graph: FamilyGraph }) {
  const { t } = useTranslation("lineage");
  if (counted) return <span>{t("counted")}</span>;
  const beyond = first.nodes.filter(({ distance }) => distance > depthOf(values)).length;
  return (
    <>
      {beyond > 0 && values.dir !== "up" && <span>{t("beyondDepth", { count: beyond })}</span>}
      {graph.leftOff.length > 0 && <span>{t("leftOff", { count: graph.leftOff.length })}</span>}
    </>
  );
}

/** The same family as rows, page by page. */
function FamilyTable({
  family,
  values,
  pages,
  isDimmed,
}: { values: FamilyValues } & Pick<FamilyPageProps, "family" | "pages" | "isDimmed">) {
  const shown = partOf(family.table, values.dir ?? "both", depthOf(values));
  return (
    <div className={isDimmed ? "zg-framed zg-dimmed" : "zg-framed"}>
      <LineageTable lineage={shown} />
      {values.dir !== "up" && <TableFoot shown={shown.edges.length} {...pages} />}
    </div>
  );
}

/** A link to the graph as it is now, so that the reader sees the same one tomorrow. */
function CopyLink({ at }: { readonly at: string | undefined }) {
  const { t } = useTranslation("common");
  const url = new URL(window.location.href);
  url.searchParams.set("at", at ?? new Date().toISOString());
  return <CopyButton text={url.href} what={t("link")} />;
}
