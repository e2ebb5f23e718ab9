import { Button } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Lineage, LineageGroups, paths, VersionState } from "@ziggurat/contracts";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { AppLink } from "../../ui/app-link.js";
import { ButtonLink } from "../../ui/button-link.js";
import { Fact, Facts } from "../../ui/facts.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { VersionLink } from "../../ui/ref-link.js";
import { VersionStateBadge } from "../../ui/state-badge.js";
import { TableFoot } from "../../ui/table-foot.js";
import type { Card } from "./family-graph.js";
import { type LineageQueryValues, memberQuery } from "./use-family.js";

interface CountedDetailProps {
  readonly version: string;
  readonly card: Card;
  readonly query: LineageQueryValues;
}
interface OpeningProps extends CountedDetailProps {
  readonly onToggle: (group: string) => void;
}
const PAGE = "50";

/** A counted group: its versions by state, and its models in pages. A withheld one says why it opens nothing. */
export function GroupDetail({ version, card, query, onToggle }: OpeningProps) {
  const { t } = useTranslation("lineage");
  const group = card.group ?? card.title;
  if (card.count?.versions == null) return <p>{t("withheldWhy", { minimum: card.count?.minimum })}</p>;
  const own = { ...query, ...memberQuery(group) };
  return (
    <div className="zg-stack">
      <StateFacts version={version} query={own} />
      <div>
        <Button variant="default" onClick={() => onToggle(group)}>
          {t(card.isOpen ? "closeGroup" : "openGroup")}
        </Button>
      </div>
      <GroupList version={version} query={{ ...own, by: "model" }} label={t("modelsOf")} />
    </div>
  );
}

/** A counted model: its versions below the focus, in pages. */
export function ModelDetail({ version, card, query }: CountedDetailProps) {
  const { t } = useTranslation("lineage");
  if (card.count?.versions == null) return <p>{t("withheldWhy", { minimum: card.count?.minimum })}</p>;
  return (
    <div className="zg-stack">
      <VersionList version={version} query={{ ...query, model: card.title }} />
      <div>
        <ButtonLink to={to.model(card.title)} variant="default">
          {t("openModel")}
        </ButtonLink>
      </div>
    </div>
  );
}

/** Groups that got no card: the whole list, in pages. */
export function RestDetail({ version, card, query }: CountedDetailProps) {
  const { t } = useTranslation("lineage");
  const isInside = card.group !== undefined;
  const own = isInside ? { ...query, ...memberQuery(card.group), by: "model" } : { ...query, by: "owner" };
  return <GroupList version={version} query={own} label={isInside ? t("modelsOf") : t("institutionsOf")} />;
}

function StateFacts({ version, query }: ListProps) {
  const { t } = useTranslation("lineage");
  const words = useWords();
  const formats = useFormats();
  const asked = { ...query, by: "state" };
  const read = useQuery({
    queryKey: [paths.lineageGroups(version), asked],
    queryFn: ({ signal }) => api.get(paths.lineageGroups(version), LineageGroups, { signal, query: asked }),
  });
  return (
    <ObjectPart read={read}>
      {({ groups, minimum }) => (
        <Facts>
          {groups.map(({ key, versions }) => {
            const state = VersionState.safeParse(key).data;
            return (
              <Fact key={key} term={state ? words.versionState(state) : key}>
                {versions === null ? t("withheld", { minimum }) : formats.number(versions)}
              </Fact>
            );
          })}
        </Facts>
      )}
    </ObjectPart>
  );
}

interface ListProps {
  readonly version: string;
  readonly query: LineageQueryValues;
}

function GroupList({ version, query, label }: ListProps & { readonly label: string }) {
  const { t } = useTranslation("lineage");
  const words = useWords();
  const formats = useFormats();
  const read = usePagesOf(version, query, (cursor, signal) =>
    api.get(paths.lineageGroups(version), LineageGroups, { signal, query: { ...query, limit: PAGE, cursor } }),
  );
  return (
    <PagedList read={read} label={label} rowsOf={({ groups }) => groups}>
      {({ key, name, tier, versions }, { minimum }) => (
        <li key={`${key} ${tier}`} className="zg-spread">
          {query.by === "model" ? (
            <AppLink to={to.model(key)} className="zg-clip">
              <bdi>{key}</bdi>
            </AppLink>
          ) : (
            <bdi className="zg-clip">{tier === "institution" || tier === null ? name : words.tierModels(tier)}</bdi>
          )}
          <span className="zg-number">{versions === null ? t("withheld", { minimum }) : formats.number(versions)}</span>
        </li>
      )}
    </PagedList>
  );
}

function VersionList({ version, query }: ListProps) {
  const { t } = useTranslation("lineage");
  const read = usePagesOf(version, query, (cursor, signal) =>
    api.get(paths.lineage(version), Lineage, { signal, query: { ...query, direction: "down", limit: PAGE, cursor } }),
  );
  return (
    <PagedList read={read} label={t("versionsOf")} rowsOf={({ nodes }) => nodes.filter(({ distance }) => distance > 0)}>
      {({ id, ref, state }) => (
        <li key={id} className="zg-stack zg-stack-tight">
          <VersionLink value={ref} />
          {state && <VersionStateBadge state={state} />}
        </li>
      )}
    </PagedList>
  );
}

interface Cursored {
  readonly nextCursor: string | null;
}

function usePagesOf<P extends Cursored>(
  version: string,
  query: LineageQueryValues,
  ask: (cursor: string | undefined, signal: AbortSignal) => Promise<P>,
) {
  return useInfiniteQuery({
    queryKey: [paths.lineage(version), "list", query],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => ask(pageParam || undefined, signal),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
}

interface PagedListProps<P extends Cursored, Row> {
  readonly read: ReturnType<typeof usePagesOf<P>>;
  readonly label: string;
  readonly rowsOf: (page: P) => readonly Row[];
  readonly children: (row: Row, page: P) => ReactNode;
}

function PagedList<P extends Cursored, Row>({ read, label, rowsOf, children }: PagedListProps<P, Row>) {
  return (
    <ObjectPart read={read}>
      {({ pages }) => (
        <div className="zg-stack">
          <ul className="zg-plain zg-detail-list" aria-label={label}>
            {pages.flatMap((page) => rowsOf(page).map((row) => children(row, page)))}
          </ul>
          <TableFoot
            shown={pages.reduce((sum, page) => sum + rowsOf(page).length, 0)}
            hasMore={read.hasNextPage}
            isLoadingMore={read.isFetchingNextPage}
            loadMore={() => void read.fetchNextPage()}
          />
        </div>
      )}
    </ObjectPart>
  );
}
