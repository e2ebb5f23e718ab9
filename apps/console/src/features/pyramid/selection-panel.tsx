import { useQuery } from "@tanstack/react-query";
import { Lineage, type Pyramid, paths, TIERS, Tier } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { useFormats } from "../../lib/use-formats.js";
import { ButtonLink } from "../../ui/button-link.js";
import { Fact, Facts } from "../../ui/facts.js";
import { Glyph } from "../../ui/glyph.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { Panel } from "../../ui/panel.js";
import { VersionLink, VersionName } from "../../ui/ref-link.js";
import { VersionStateBadge } from "../../ui/state-badge.js";
import { TierMark } from "../../ui/tier-mark.js";

interface SelectionPanelProps {
  readonly pyramid: Pyramid;
  readonly index: number;
  readonly onClose: () => void;
}

/** The selected version: what it is, and how large its family is by the lineage API. */
export function SelectionPanel({ pyramid, index, onClose }: SelectionPanelProps) {
  const { t } = useTranslation(["pyramid", "common"]);
  const formats = useFormats();
  const ref = pyramid.ref[index] ?? "";
  const query = { limit: 1 } as const;
  const read = useQuery({
    queryKey: [paths.lineage(ref), query],
    queryFn: ({ signal }) => api.get(paths.lineage(ref), Lineage, { signal, query }),
  });
  const tier = Tier.safeParse(TIERS[pyramid.tier[index] ?? -1]).data;
  const state = pyramid.state[index];
  const institution = pyramid.institutions[pyramid.institution[index] ?? -1];
  const parent = pyramid.ref[pyramid.parent[index] ?? -1];
  return (
    <Panel
      title={<VersionName value={ref} />}
      actions={
        <button type="button" className="zg-icon-button" onClick={onClose} aria-label={t("common:close")}>
          <Glyph name="cross" />
        </button>
      }
    >
      <div className="zg-stack">
        <div className="zg-row">
          {tier && <TierMark tier={tier} />}
          {state && <VersionStateBadge state={state} />}
        </div>
        <Facts>
          <Fact term={t("pyramid:panel.institution")}>{institution ? <bdi>{institution.name}</bdi> : null}</Fact>
          <Fact term={t("pyramid:panel.parent")}>{parent ? <VersionLink value={parent} /> : t("pyramid:panel.noParent")}</Fact>
        </Facts>
        <ObjectPart read={read}>
          {({ counts }) => (
            <Facts>
              <Fact term={t("pyramid:panel.ancestors")}>{formats.number(counts.ancestors)}</Fact>
              <Fact term={t("pyramid:panel.descendants")}>{formats.number(counts.descendants)}</Fact>
              <Fact term={t("pyramid:panel.institutions")}>{formats.number(counts.institutions)}</Fact>
            </Facts>
          )}
        </ObjectPart>
        <div className="zg-row">
          <ButtonLink to={to.lineage(ref)}>{t("pyramid:panel.explorer")}</ButtonLink>
          <ButtonLink to={to.version(ref)} variant="default">
            {t("pyramid:panel.open")}
          </ButtonLink>
        </div>
      </div>
    </Panel>
  );
}
