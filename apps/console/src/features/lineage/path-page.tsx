import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type Hop, LineagePath, paths, VersionRef } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { shortId } from "../../lib/format.js";
import { useUrlState } from "../../lib/url-state.js";
import { useWords } from "../../lib/words.js";
import { AppLink } from "../../ui/app-link.js";
import { Digest } from "../../ui/digest.js";
import { Fact, Facts } from "../../ui/facts.js";
import { ObjectPage } from "../../ui/object-faces.js";
import { Page } from "../../ui/page.js";
import { Panel } from "../../ui/panel.js";
import { DatasetVersionLink, VersionLink } from "../../ui/ref-link.js";
import { StateBadge, VersionStateBadge } from "../../ui/state-badge.js";
import { Time } from "../../ui/time.js";
import { UrlNotice } from "../../ui/url-notice.js";
import { VersionPicker } from "../../ui/version-picker.js";

const UrlSchema = z.object({ from: VersionRef.optional(), to: VersionRef.optional() });

/** Why one version stands above another: every hop, with job and evidence. */
export function PathPage() {
  const { t } = useTranslation("lineage");
  const { values, rejected, set } = useUrlState(UrlSchema);
  const { from, to: target } = values;
  const read = useQuery({
    queryKey: [paths.lineage(from ?? "none/none@1"), "path", target],
    queryFn: ({ signal }) => api.get(paths.lineageRoute(from ?? ""), LineagePath, { signal, query: { to: target } }),
    enabled: from !== undefined && target !== undefined,
  });
  const ask = <Ends key={`${from} ${target}`} from={from} target={target} onAsk={(ends) => set(ends, "push")} />;
  if (from === undefined || target === undefined) {
    return (
      <Page title={t("path.title")}>
        <UrlNotice rejected={rejected} />
        {ask}
        <p className="zg-face">{t("path.empty")}</p>
      </Page>
    );
  }
  return (
    <ObjectPage read={read}>
      {(path) => (
        <Page title={t("path.title")}>
          <UrlNotice rejected={rejected} />
          {ask}
          <p aria-live="polite">{t(`path.answer.${path.relation}`, { from: path.from, to: path.to, count: path.hops.length })}</p>
          {path.ways > 1 && <p className="zg-quiet">{t("path.ways", { count: path.ways })}</p>}
          <ol className="zg-plain zg-stack" aria-label={t("path.hops")}>
            {path.hops.map((hop, index) => (
              <li key={`${hop.parent.id} ${hop.child.id}`}>
                <HopPanel hop={hop} number={index + 1} />
              </li>
            ))}
          </ol>
        </Page>
      )}
    </ObjectPage>
  );
}

interface EndsProps {
  readonly from: string | undefined;
  readonly target: string | undefined;
  readonly onAsk: (ends: { readonly from: string; readonly to: string }) => void;
}

function Ends({ from = "", target = "", onAsk }: EndsProps) {
  const { t } = useTranslation("lineage");
  const [ends, setEnds] = useState({ from, to: target });
  const isWhole = VersionRef.safeParse(ends.from).success && VersionRef.safeParse(ends.to).success;
  return (
    <form
      className="zg-filters"
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole) onAsk(ends);
      }}
    >
      <VersionPicker label={t("path.from")} value={ends.from} onChange={(value) => setEnds({ ...ends, from: value })} />
      <VersionPicker label={t("path.to")} value={ends.to} onChange={(value) => setEnds({ ...ends, to: value })} />
      <Button type="submit" disabled={!isWhole}>
        {t("path.explain")}
      </Button>
    </form>
  );
}

function HopPanel({ hop, number }: { readonly hop: Hop; readonly number: number }) {
  const { t } = useTranslation("lineage");
  const words = useWords();
  const { job } = hop;
  return (
    <Panel title={t("path.hop", { number, relation: words.t(`relation.${hop.relation}`) })}>
      <Facts>
        <Fact term={t("edge.child")}>
          <span className="zg-row">
            <VersionLink value={hop.child.ref} />
            {hop.child.state && <VersionStateBadge state={hop.child.state} />}
          </span>
        </Fact>
        <Fact term={t("edge.parent")}>
          <span className="zg-row">
            <VersionLink value={hop.parent.ref} />
            {hop.parent.state && <VersionStateBadge state={hop.parent.state} />}
          </span>
        </Fact>
        <Fact term={t("edge.seal")}>{words.t(`seal.${hop.seal}`)}</Fact>
        <Fact term={t("edge.job")}>
          {job ? (
            <span className="zg-row">
              <AppLink to={to.job(job.id)}>#{shortId(job.id)}</AppLink>
              {job.method}
            </span>
          ) : (
            t("path.noJob")
          )}
        </Fact>
        <Fact term={t("edge.parentDigest")}>
          {hop.parentDigest && (
            <span className="zg-row">
              <Digest value={hop.parentDigest} />
              {hop.digestHolds !== null && (
                <StateBadge
                  glyph={hop.digestHolds ? "check" : "cross"}
                  tone={hop.digestHolds ? "good" : "bad"}
                  word={t(hop.digestHolds ? "path.digestHolds" : "path.digestDiffers")}
                />
              )}
            </span>
          )}
        </Fact>
        <Fact term={t("path.childDigest")}>{hop.child.rootDigest && <Digest value={hop.child.rootDigest} />}</Fact>
        <Fact term={t("path.data")}>
          {hop.datasets.length > 0 && (
            <ul className="zg-plain">
              {hop.datasets.map(({ ref, sha256 }) => (
                <li key={ref} className="zg-row">
                  <DatasetVersionLink value={ref} /> <Digest value={sha256} />
                </li>
              ))}
            </ul>
          )}
        </Fact>
        <Fact term={t("edge.at")}>
          <Time at={hop.createdAt} />
        </Fact>
      </Facts>
    </Panel>
  );
}
