import type { LineageNode } from "@ziggurat/contracts";
import type { KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { Glyph } from "../../ui/glyph.js";
import { StateBadge, VersionStateBadge } from "../../ui/state-badge.js";
import { TierMark } from "../../ui/tier-mark.js";
import type { Card } from "./family-graph.js";

interface CardFaceProps {
  readonly card: Card;
  readonly isSelected: boolean;
  readonly onSelect: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** One card of the explorer: a real button that says what it stands for. */
export function CardFace({ card, isSelected, onSelect, onKeyDown }: CardFaceProps) {
  return (
    <button
      type="button"
      className="zg-card nodrag nopan"
      data-card={card.id}
      data-lane={card.lane}
      data-focus={card.isFocus || undefined}
      data-selected={isSelected || undefined}
      data-member={(card.kind !== "group" && card.group !== undefined) || undefined}
      aria-pressed={isSelected}
      onClick={onSelect}
      onKeyDown={onKeyDown}
    >
      <span className="zg-card-title">
        {card.lane === "datasets" ? <Glyph name="queue" /> : <TierMark tier={card.lane} short />}
        <CardTitle card={card} />
      </span>
      <span className="zg-card-line">
        <CardLine card={card} />
      </span>
    </button>
  );
}

function CardTitle({ card }: { readonly card: Card }) {
  const { t } = useTranslation("lineage");
  const words = useWords();
  const formats = useFormats();
  if (card.kind === "rest") {
    const total = formats.number(card.models);
    const text = card.group === undefined ? t("restGroups", { count: card.models, total }) : t("restModels", { count: card.models, total });
    return <span className="zg-clip">{text}</span>;
  }
  if (card.kind === "group" && card.lane !== "institution" && card.lane !== "datasets")
    return <span className="zg-clip">{words.tierModels(card.lane)}</span>;
  if (card.kind === "group")
    return (
      <bdi className="zg-clip" title={card.title}>
        {card.title}
      </bdi>
    );
  const numbers = card.versions.map((node) => Number(node.ref.split("@")[1]));
  const name = card.title.split("@")[0] ?? card.title;
  return (
    <>
      <bdi className="zg-clip" title={name}>
        {name}
      </bdi>
      <span className="zg-card-number">{numbers.map((number) => t("versionNumber", { number })).join(" ")}</span>
    </>
  );
}

function CardLine({ card }: { readonly card: Card }) {
  const { t } = useTranslation("lineage");
  const formats = useFormats();
  const newest = card.versions.at(-1);
  const isOpen = card.isOpen && <span className="zg-quiet">{t("groupOpen")}</span>;
  if (card.kind === "rest") return <span className="zg-quiet">{t("restHint")}</span>;
  if (card.count) {
    const { versions, minimum } = card.count;
    return (
      <>
        <span className="zg-number">
          {versions === null ? t("withheld", { minimum }) : t("countedVersions", { count: versions, total: formats.number(versions) })}
        </span>
        {isOpen}
      </>
    );
  }
  if (card.kind === "group")
    return (
      <>
        <span>{t("groupContents", { models: card.models, count: card.versions.length })}</span>
        {isOpen}
      </>
    );
  if (card.kind === "dataset") return <span className="zg-quiet">{t("dataset")}</span>;
  return (
    <>
      {newest?.state && <VersionStateBadge state={newest.state} />}
      {newest && <GateMark node={newest} />}
    </>
  );
}

function GateMark({ node }: { readonly node: LineageNode }) {
  const { t } = useTranslation("lineage");
  if (node.gates === "passed") return <StateBadge glyph="check" tone="good" word={t("gates.passed")} />;
  if (node.gates === "failed") return <StateBadge glyph="cross" tone="bad" word={t("gates.failed")} />;
  if (node.gates === "open") return <StateBadge glyph="review" tone="warning" word={t("gates.open")} />;
  return null;
}
