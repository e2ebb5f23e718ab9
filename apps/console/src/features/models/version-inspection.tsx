import { useQuery } from "@tanstack/react-query";
import { type Inspection, paths, type Version, VersionInspection } from "@ziggurat/contracts";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { violationText } from "../../lib/problem-text.js";
import { useFormats } from "../../lib/use-formats.js";
import { Fact, Facts } from "../../ui/facts.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { Panel } from "../../ui/panel.js";
import { StateBadge } from "../../ui/state-badge.js";

/** What a look at the version's files found when it was sealed. */
export function VersionInspectionPanel({ version }: { readonly version: Version }) {
  const { t } = useTranslation("models");
  const path = paths.versionInspection(version.ref);
  const read = useQuery({
    // A draft has none yet; sealing makes one.
    queryKey: [path, version.sealedAt],
    queryFn: ({ signal }) => api.get(path, VersionInspection, { signal }),
  });
  return (
    <Panel title={t("inspection.title")}>
      <ObjectPart read={read}>
        {({ inspection }) =>
          inspection === null ? (
            <p className="zg-quiet">{version.state === "draft" ? t("inspection.draft") : t("inspection.none")}</p>
          ) : (
            <div className="zg-stack">
              <ModelFacts inspection={inspection} />
              <AdapterFacts adapter={inspection.adapter} />
              <Remarks inspection={inspection} />
            </div>
          )
        }
      </ObjectPart>
    </Panel>
  );
}

function ModelFacts({ inspection }: { readonly inspection: Inspection }) {
  const { t } = useTranslation("models");
  const formats = useFormats();
  const { family, architecture, weights, tokenizer, card } = inspection;
  const sizes = (["hiddenSize", "layers", "heads", "kvHeads", "vocabulary", "maxPositions", "experts"] as const).flatMap((name) => {
    const value = architecture[name];
    return value === null ? [] : [`${t(`inspection.${name}`)} ${formats.number(value)}`];
  });
  const familyWord = (name: Inspection["family"]["name"]) => t(`inspection.families.${name}`);
  return (
    <Facts>
      <Fact term={t("inspection.family")}>
        {family.standsOn === null
          ? familyWord(family.name)
          : t("inspection.standsOn", { family: familyWord(family.name), base: familyWord(family.standsOn) })}
        {family.modelType && <span className="zg-quiet zg-small"> {family.modelType}</span>}
      </Fact>
      <Fact term={t("inspection.architecture")}>{sizes.length > 0 ? sizes.join(" · ") : null}</Fact>
      <Fact term={t("inspection.parameters")}>
        {weights && (
          <>
            {formats.number(weights.parameters, 0)} <span className="zg-quiet">({formats.compact(weights.parameters)})</span>
          </>
        )}
      </Fact>
      <Fact term={t("inspection.dtypes")}>
        {weights?.dtypes.map(({ dtype, tensors, numbers }) => (
          <div key={dtype}>
            <bdi>{dtype}</bdi>{" "}
            <span className="zg-quiet">{t("inspection.dtypeCount", { numbers: formats.number(numbers, 0), count: tensors })}</span>
          </div>
        ))}
      </Fact>
      <Fact term={t("inspection.weights")}>
        {weights && t("inspection.shards", { bytes: formats.bytes(weights.bytes), count: weights.shards })}
      </Fact>
      <Fact term={t("inspection.tiedEmbeddings")}>{yesOrNo(architecture.tiedEmbeddings, t("inspection.yes"), t("inspection.no"))}</Fact>
      <Fact term={t("inspection.tokenizer")}>{yesOrNo(tokenizer.present, t("inspection.present"), t("inspection.absent"))}</Fact>
      <Fact term={t("inspection.chatTemplate")}>
        {tokenizer.chatTemplate === null ? t("inspection.absent") : <bdi>{tokenizer.chatTemplate}</bdi>}
      </Fact>
      <Fact term={t("inspection.cardLicence")}>{card?.licence && <bdi>{card.licence}</bdi>}</Fact>
      <Fact term={t("inspection.cardBase")}>{card && card.baseModels.length > 0 && <bdi>{card.baseModels.join(", ")}</bdi>}</Fact>
    </Facts>
  );
}

function AdapterFacts({ adapter }: { readonly adapter: Inspection["adapter"] }) {
  const { t } = useTranslation("models");
  const formats = useFormats();
  if (adapter === null) return null;
  return (
    <Facts>
      <Fact term={t("inspection.adapter")}>
        <bdi>{adapter.method}</bdi>
      </Fact>
      <Fact term={t("inspection.rank")}>{adapter.rank !== null && formats.number(adapter.rank)}</Fact>
      <Fact term={t("inspection.alpha")}>{adapter.alpha !== null && formats.number(adapter.alpha)}</Fact>
      <Fact term={t("inspection.targetModules")}>
        {adapter.targetModules.length > 0 && <bdi className="zg-break">{adapter.targetModules.join(", ")}</bdi>}
      </Fact>
      <Fact term={t("inspection.adaptedModules")}>{formats.number(adapter.adaptedModules)}</Fact>
      <Fact term={t("inspection.statedBase")}>{adapter.baseModel && <bdi>{adapter.baseModel}</bdi>}</Fact>
      <Fact term={t("inspection.checkedAgainst")}>
        {adapter.checkedAgainst === null ? t("inspection.notChecked") : <bdi>{adapter.checkedAgainst}</bdi>}
      </Fact>
    </Facts>
  );
}

/** Code that blocks a release first, then what is merely worth reading. */
function Remarks({ inspection: { remoteCode, findings } }: { readonly inspection: Inspection }) {
  const { t, i18n } = useTranslation("models");
  const remark = (key: string, badge: ReactNode, text: string, path: string | null) => (
    <li key={key} className="zg-break">
      {badge} {text} {path !== null && <code className="zg-quiet">{path}</code>}
    </li>
  );
  return (
    <section aria-label={t("inspection.findings")} className="zg-stack zg-stack-tight">
      <strong>{t("inspection.findings")}</strong>
      {remoteCode.length + findings.length === 0 ? (
        <p className="zg-quiet">{t("inspection.noFinding")}</p>
      ) : (
        <ul>
          {remoteCode.map(({ path, detail }) =>
            remark(
              `${path} ${detail}`,
              <StateBadge glyph="failed" tone="bad" word={t("inspection.remoteCode")} />,
              i18n.language === "en" ? detail : "",
              path,
            ),
          )}
          {findings.map((finding) =>
            remark(
              `${finding.code} ${finding.detail}`,
              null,
              violationText({ code: finding.code, detail: finding.detail }, i18n.language),
              finding.path,
            ),
          )}
        </ul>
      )}
    </section>
  );
}

function yesOrNo(value: boolean | null, yes: string, no: string): string | null {
  return value === null ? null : value ? yes : no;
}
