import { Radio } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Model, pageOf, paths, TIERS } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../../lib/api-client.js";
import { ObjectPart } from "../../../ui/object-faces.js";
import { VersionName } from "../../../ui/ref-link.js";
import { VersionStateBadge } from "../../../ui/state-badge.js";
import { TierMark } from "../../../ui/tier-mark.js";
import { VersionPicker } from "../../../ui/version-picker.js";
import { useFieldError } from "./field-error.js";
import type { StepProps } from "./step-task.js";

/** The version the work starts from. Latest versions are offered; any exact one can be named. */
export function StepBase({ draft, change, violations }: StepProps) {
  const { t } = useTranslation("jobs");
  const errorAt = useFieldError(violations);
  const read = useQuery({
    queryKey: [paths.models(), "bases"],
    queryFn: ({ signal }) => api.get(paths.models(), pageOf(Model), { signal, query: { limit: 200 } }),
  });
  return (
    <ObjectPart read={read}>
      {({ data }) => {
        const offered = data
          .flatMap((model) =>
            model.latest && model.latestState ? [{ ref: model.latest, state: model.latestState, tier: model.tier, name: model.name }] : [],
          )
          .sort((a, b) => Number(b.state === "released") - Number(a.state === "released") || TIERS.indexOf(b.tier) - TIERS.indexOf(a.tier));
        return (
          <div className="zg-form">
            <Radio.Group label={t("wizard.base")} value={draft.parent} onChange={(parent) => change({ parent })} error={errorAt("/parent")}>
              <div className="zg-checklist">
                {draft.kind === "pretrain" && <Radio value="" label={t("wizard.noBase")} />}
                {offered.map((version) => (
                  <Radio
                    key={version.ref}
                    value={version.ref}
                    label={
                      <span className="zg-row">
                        <TierMark tier={version.tier} short />
                        <VersionName value={version.ref} />
                        <VersionStateBadge state={version.state} />
                        <bdi className="zg-quiet zg-clip">{version.name}</bdi>
                      </span>
                    }
                  />
                ))}
                {offered.length === 0 && <span className="zg-quiet">{t("wizard.noBaseYet")}</span>}
              </div>
            </Radio.Group>
            <VersionPicker label={t("wizard.exactBase")} value={draft.parent} onChange={(parent) => change({ parent })} />
          </div>
        );
      }}
    </ObjectPart>
  );
}
