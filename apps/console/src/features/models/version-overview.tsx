import type { GateResult, Version } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { to } from "../../lib/console-paths.js";
import { shortId } from "../../lib/format.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { AppLink } from "../../ui/app-link.js";
import { DataTable } from "../../ui/data-table.js";
import { Fact, Facts } from "../../ui/facts.js";
import { Panel } from "../../ui/panel.js";
import { DatasetVersionLink, VersionLink } from "../../ui/ref-link.js";
import { StateBadge } from "../../ui/state-badge.js";
import { Time } from "../../ui/time.js";
import { ContributorsPanel } from "./contributors-panel.js";
import { ModelCard } from "./model-card.js";
import { VersionInspectionPanel } from "./version-inspection.js";
import { EffectiveTerms } from "./version-standing.js";

export function VersionOverview({ version }: { readonly version: Version }) {
  const { t } = useTranslation("models");
  const words = useWords();
  return (
    <div className="zg-columns">
      <div className="zg-stack">
        <GatesPanel version={version} />
        <ContributorsPanel version={version} />
        <VersionInspectionPanel version={version} />
        {version.notes && (
          <Panel title={t("version.notes")}>
            <p className="zg-break" dir="auto">
              {version.notes}
            </p>
          </Panel>
        )}
      </div>
      <div className="zg-stack">
        <Panel title={t("origin")}>
          <Facts>
            <Fact term={t("column.parents")}>
              {version.parents.length > 0
                ? version.parents.map((parent) => (
                    <div key={parent.version} className="zg-stack zg-stack-tight">
                      <VersionLink value={parent.version} />
                      <span className="zg-quiet zg-small">
                        {words.t(`relation.${parent.relation}`)} · {words.t(`seal.${parent.seal}`)}
                      </span>
                    </div>
                  ))
                : t("noParent")}
            </Fact>
            <Fact term={t("trainedOn")}>
              {version.datasets.length > 0
                ? version.datasets.map((dataset) => (
                    <div key={dataset}>
                      <DatasetVersionLink value={dataset} />
                    </div>
                  ))
                : null}
            </Fact>
            <Fact term={t("job")}>{version.job ? <AppLink to={to.job(version.job)}>#{shortId(version.job)}</AppLink> : null}</Fact>
            <Fact term={t("method")}>{version.method ? words.known("method", version.method) : null}</Fact>
            <Fact term={t("createdBy")}>
              <bdi>{version.createdBy}</bdi>
            </Fact>
            <Fact term={t("column.created")}>
              <Time at={version.createdAt} />
            </Fact>
            <Fact term={t("sealedAt")}>{version.sealedAt ? <Time at={version.sealedAt} /> : null}</Fact>
            <Fact term={t("releasedAt")}>{version.releasedAt ? <Time at={version.releasedAt} /> : null}</Fact>
          </Facts>
        </Panel>
        <EffectiveTerms version={version} />
        <ModelCard model={version.model} />
      </div>
    </div>
  );
}

const VERDICTS = { passed: ["checked", "good"], failed: ["failed", "bad"], missing: ["review", "warning"] } as const;

function GatesPanel({ version }: { readonly version: Version }) {
  const { t, i18n } = useTranslation("models");
  const words = useWords();
  const formats = useFormats();
  const figure = (value: number | null) => (value === null ? "–" : formats.number(value, 4));
  const { required, given } = version.approvers;
  return (
    <Panel title={t("gates.title")} flush>
      {version.gates.length === 0 ? (
        <p className="zg-face zg-quiet">{t("gates.none")}</p>
      ) : (
        <DataTable<GateResult>
          label={t("gates.title")}
          rows={version.gates}
          rowKey={(gate) => gate.gate}
          columns={[
            { id: "gate", header: t("gates.gate"), cell: (gate) => words.known("gate", gate.gate) },
            {
              id: "verdict",
              header: t("gates.verdict"),
              nowrap: true,
              cell: (gate) => (
                <StateBadge
                  glyph={VERDICTS[gate.verdict][0]}
                  tone={VERDICTS[gate.verdict][1]}
                  word={t(`gates.verdictWord.${gate.verdict}`)}
                />
              ),
            },
            { id: "value", header: t("gates.value"), align: "end", cell: (gate) => figure(gate.value) },
            { id: "reference", header: t("gates.reference"), align: "end", cell: (gate) => figure(gate.reference) },
            { id: "limit", header: t("gates.limit"), align: "end", cell: (gate) => figure(gate.limit) },
            ...(i18n.language === "en" ? [{ id: "detail", header: t("gates.detail"), cell: (gate: GateResult) => gate.detail }] : []),
          ]}
        />
      )}
      <p className="zg-table-foot">{required === 0 ? t("approversNone") : t("approvers", { given, count: required })}</p>
    </Panel>
  );
}
