import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { to } from "../../lib/console-paths.js";
import { shortId } from "../../lib/format.js";
import { useWords } from "../../lib/words.js";
import { AppLink } from "../../ui/app-link.js";
import { ButtonLink } from "../../ui/button-link.js";
import { Digest } from "../../ui/digest.js";
import { Fact, Facts } from "../../ui/facts.js";
import { Glyph } from "../../ui/glyph.js";
import { Panel } from "../../ui/panel.js";
import { DatasetVersionLink, VersionLink } from "../../ui/ref-link.js";
import { VersionStateBadge } from "../../ui/state-badge.js";
import { Time } from "../../ui/time.js";
import { GroupDetail, ModelDetail, RestDetail } from "./counted-detail.js";
import type { Card, CardLink } from "./family-graph.js";
import type { LineageQueryValues } from "./use-family.js";

interface DetailPanelProps {
  /** The version in the middle of the picture. */
  readonly version: string;
  readonly card: Card | undefined;
  readonly link: CardLink | undefined;
  /** The filter of the page, by which counted groups are listed too. */
  readonly query: LineageQueryValues;
  readonly onToggle: (group: string) => void;
  readonly onClose: () => void;
}

/** The selected card or line in full. */
export function DetailPanel({ version, card, link, query, onToggle, onClose }: DetailPanelProps) {
  const { t } = useTranslation(["lineage", "common"]);
  const title = card
    ? card.kind === "group" && card.lane === "institution"
      ? card.title
      : t(`lineage:kind.${card.kind}`)
    : t("lineage:kind.edge");
  return (
    <Panel
      title={title}
      actions={
        <button type="button" className="zg-icon-button" onClick={onClose} aria-label={t("common:close")}>
          <Glyph name="cross" />
        </button>
      }
    >
      {card && <CardDetail version={version} card={card} query={query} onToggle={onToggle} />}
      {link && <LinkDetail link={link} />}
    </Panel>
  );
}

function CardDetail({
  version,
  card,
  query,
  onToggle,
}: Pick<DetailPanelProps, "version" | "query" | "onToggle"> & { readonly card: Card }) {
  const { t } = useTranslation("lineage");
  const [only] = card.versions;
  if (card.kind === "rest") return <RestDetail version={version} card={card} query={query} />;
  if (card.count) {
    const Detail = card.kind === "group" ? GroupDetail : ModelDetail;
    return <Detail version={version} card={card} query={query} onToggle={onToggle} />;
  }
  return (
    <div className="zg-stack">
      {card.kind === "group" && (
        <div>
          <Button variant="default" onClick={() => onToggle(card.title)}>
            {t(card.isOpen ? "closeGroup" : "openGroup")}
          </Button>
        </div>
      )}
      <ul className="zg-plain zg-detail-list">
        {card.versions.map((node) => (
          <li key={node.id} className="zg-stack zg-stack-tight">
            {node.kind === "dataset" ? <DatasetVersionLink value={node.ref} /> : <VersionLink value={node.ref} />}
            <span className="zg-row">
              {node.state && <VersionStateBadge state={node.state} />}
              {node.rootDigest && <Digest value={node.rootDigest} />}
            </span>
          </li>
        ))}
      </ul>
      {only && card.versions.length === 1 && only.kind === "version" && !card.isFocus && (
        <div>
          <ButtonLink to={to.lineage(only.ref)} variant="default">
            {t("focusHere")}
          </ButtonLink>{" "}
          <ButtonLink to={to.lineagePath(only.ref, version)} variant="default">
            {t("path.explain")}
          </ButtonLink>
        </div>
      )}
    </div>
  );
}

function LinkDetail({ link }: { readonly link: CardLink }) {
  const { t } = useTranslation("lineage");
  const words = useWords();
  return (
    <ul className="zg-plain zg-detail-list">
      {link.edges.map((edge) => (
        <li key={`${edge.child} ${edge.relation} ${edge.parent}`}>
          <Facts>
            <Fact term={t("edge.child")}>
              <RefLink id={edge.child} />
            </Fact>
            <Fact term={t("edge.relation")}>{words.t(`relation.${edge.relation}`)}</Fact>
            <Fact term={t("edge.parent")}>
              <RefLink id={edge.parent} />
            </Fact>
            <Fact term={t("edge.seal")}>{words.t(`seal.${edge.seal}`)}</Fact>
            <Fact term={t("edge.job")}>{edge.job ? <AppLink to={to.job(edge.job)}>#{shortId(edge.job)}</AppLink> : null}</Fact>
            <Fact term={t("edge.parentDigest")}>{edge.parentDigest ? <Digest value={edge.parentDigest} /> : null}</Fact>
            <Fact term={t("edge.at")}>
              <Time at={edge.createdAt} />
            </Fact>
          </Facts>
        </li>
      ))}
    </ul>
  );
}

function RefLink({ id }: { readonly id: string }) {
  return id.startsWith("datasets/") ? <DatasetVersionLink value={id.slice("datasets/".length)} /> : <VersionLink value={id} />;
}
