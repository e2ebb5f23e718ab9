import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { JOB_KINDS, JobKind, Model, pageOf, paths, type Violation } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../../lib/api-client.js";
import { to } from "../../../lib/console-paths.js";
import { useMe } from "../../../lib/session.js";
import { useWords } from "../../../lib/words.js";
import { AppLink } from "../../../ui/app-link.js";
import { ObjectPart } from "../../../ui/object-faces.js";
import type { Draft } from "./draft.js";
import { useFieldError } from "./field-error.js";
import type { ChangeDraft } from "./use-draft.js";

export interface StepProps {
  readonly draft: Draft;
  readonly change: ChangeDraft;
  readonly violations: readonly Violation[];
}

/** What kind of work, and for which model's line. */
export function StepTask({ draft, change, violations }: StepProps) {
  const { t } = useTranslation("jobs");
  const words = useWords();
  const errorAt = useFieldError(violations);
  const me = useMe();
  const isPlatform = me.institution.slug === "platform";
  const read = useQuery({
    queryKey: [paths.models(), "targets"],
    queryFn: ({ signal }) => api.get(paths.models(), pageOf(Model), { signal, query: { limit: 200 } }),
  });
  return (
    <ObjectPart read={read}>
      {({ data }) => {
        const own = data.filter((model) => (isPlatform ? model.tier !== "institution" : model.namespace === me.institution.slug));
        const isUnknown = draft.model !== "" && !own.some((model) => model.ref === draft.model);
        return (
          <div className="zg-form">
            <NativeSelect
              label={t("wizard.kind")}
              value={draft.kind}
              data={JOB_KINDS.map((kind) => ({ value: kind, label: words.t(`jobKindLong.${kind}`) }))}
              error={errorAt("/kind")}
              onChange={(event) => change({ kind: JobKind.parse(event.currentTarget.value) })}
            />
            <NativeSelect
              label={t("wizard.model")}
              description={t("wizard.modelRule")}
              value={draft.model}
              data={[
                { value: "", label: t("wizard.choose") },
                ...own.map((model) => ({ value: model.ref, label: `${model.ref} · ${model.name}` })),
                ...(isUnknown ? [{ value: draft.model, label: draft.model }] : []),
              ]}
              error={errorAt("/model")}
              onChange={(event) => change({ model: event.currentTarget.value })}
            />
            {own.length === 0 && <p>{t("wizard.noModel")}</p>}
            <p>
              <AppLink to={to.newModel()}>{t("wizard.registerModel")}</AppLink>
            </p>
          </div>
        );
      }}
    </ObjectPart>
  );
}
