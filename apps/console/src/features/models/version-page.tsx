import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { paths, Version } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { polling } from "../../lib/query-client.js";
import { useVersionParam } from "../../lib/route-param.js";
import { useMe } from "../../lib/session.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { ButtonLink } from "../../ui/button-link.js";
import { Digest } from "../../ui/digest.js";
import { ExportMenu } from "../../ui/export-menu.js";
import { HeldBadge, HoldAction } from "../../ui/hold-action.js";
import { ObjectPage } from "../../ui/object-faces.js";
import { Page } from "../../ui/page.js";
import { PageTabs } from "../../ui/page-tabs.js";
import { PurgeAction, PurgedNote } from "../../ui/purge-action.js";
import { VersionName } from "../../ui/ref-link.js";
import { Spine } from "../../ui/spine.js";
import { VersionStateBadge } from "../../ui/state-badge.js";
import { TierMark } from "../../ui/tier-mark.js";
import { EvidencePackDialog, mayTakeEvidence } from "./evidence-pack-dialog.js";
import { GatesSummary } from "./gates-summary.js";
import { VersionActivity } from "./version-activity.js";
import { VersionEvaluations } from "./version-evaluations.js";
import { VersionFiles } from "./version-files.js";
import { VersionLineage } from "./version-lineage.js";
import { VersionMoves } from "./version-moves.js";
import { VersionOverview } from "./version-overview.js";
import { SupportNote } from "./version-standing.js";

/** One exact version of a model. */
export function VersionPage() {
  const ref = useVersionParam();
  const read = useQuery({
    queryKey: [paths.version(ref)],
    queryFn: ({ signal }) => api.get(paths.version(ref), Version, { signal }),
    ...polling,
  });
  return <ObjectPage read={read}>{(version) => <VersionView key={version.id} version={version} />}</ObjectPage>;
}

function VersionView({ version }: { readonly version: Version }) {
  const { t } = useTranslation("models");
  const words = useWords();
  const formats = useFormats();
  const me = useMe();
  const [isTaking, setTaking] = useState(false);
  return (
    <Page
      title={`${version.model} ${t("versionNumber", { number: version.number })}`}
      heading={<VersionName value={version.ref} />}
      above={<Spine version={version.ref} />}
      beside={
        <>
          <TierMark tier={version.tier} />
          <VersionStateBadge state={version.state} />
          <GatesSummary gates={version.gates} />
          <HeldBadge isHeld={version.isHeld} />
        </>
      }
      lead={
        <span className="zg-row zg-row-wide">
          {version.rootDigest && (
            <span className="zg-row">
              {t("rootDigest")} <Digest value={version.rootDigest} />
            </span>
          )}
          <span>{words.t(`artifactKind.${version.artifactKind}`)}</span>
          <span>{formats.bytes(version.sizeBytes)}</span>
          {version.parameters !== null && <span>{t("parameters", { value: formats.compact(version.parameters) })}</span>}
          {version.aliases.map((alias) => (
            <bdi key={alias} className="zg-alias">
              {alias}
            </bdi>
          ))}
        </span>
      }
      actions={
        <>
          <VersionMoves version={version} />
          <HoldAction subject={{ kind: "version", ref: version.ref }} owner={version.owner} />
          <PurgeAction subject={{ version: version.ref }} owner={version.owner} purged={version.purged} />
          {version.state !== "draft" && mayTakeEvidence(me, version) && (
            <Button variant="default" onClick={() => setTaking(true)}>
              {t("evidence.title")}
            </Button>
          )}
          <ExportMenu version={version.ref} state={version.state} />
          <ButtonLink to={to.compare(version.ref, ...comparedWith(version))} variant="default">
            {t("compare.open")}
          </ButtonLink>
          <ButtonLink to={to.lineage(version.ref)} variant="default">
            {t("openLineage")}
          </ButtonLink>
        </>
      }
    >
      {isTaking && <EvidencePackDialog model={version.model} about={String(version.number)} onClose={() => setTaking(false)} />}
      <PurgedNote purged={version.purged} />
      <SupportNote version={version} />
      <PageTabs
        tabs={[
          { name: "overview", label: t("tab.overview"), body: () => <VersionOverview version={version} /> },
          { name: "lineage", label: t("tab.lineage"), body: () => <VersionLineage version={version} /> },
          { name: "files", label: t("tab.files"), body: () => <VersionFiles version={version} /> },
          { name: "activity", label: t("tab.activity"), body: () => <VersionActivity version={version} /> },
          { name: "evaluations", label: t("tab.evaluations"), body: () => <VersionEvaluations version={version} /> },
        ]}
      />
    </Page>
  );
}

/** What a version is first compared with: the one before it in its model, else what it was derived from. */
function comparedWith({ model, number, parents }: Version): string[] {
  return number > 1 ? [`${model}@${number - 1}`] : parents.slice(0, 1).map(({ version }) => version);
}
