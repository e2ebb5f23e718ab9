import { Checkbox, NumberInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Entitlement, GrantEntitlement, type Institution, paths, RIGHTS, type Right, SCENARIOS, type Scenario } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { useWords } from "../../lib/words.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { ReasonField } from "../../ui/reason-field.js";

const EXAMPLE = "finance/base";

/** Lets an institution use a shared line, or one version of it. */
export function GrantDialog({ institution, onClose }: { readonly institution: Institution; readonly onClose: () => void }) {
  const { t } = useTranslation("institutions");
  const words = useWords();
  const queryClient = useQueryClient();
  const [subject, setSubject] = useState("");
  const [rights, setRights] = useState<readonly Right[]>(["see", "derive", "serve"]);
  const [most, setMost] = useState<number | null>(null);
  const [scenarios, setScenarios] = useState<readonly Scenario[]>([]);
  const [end, setEnd] = useState("");
  const [reason, setReason] = useState("");
  const request = {
    subject: subject.trim(),
    rights,
    ...(most === null ? {} : { maxTaskModels: most }),
    ...(scenarios.length === 0 ? {} : { scenarios }),
    // The day itself is still covered.
    ...(end === "" ? {} : { endsAt: new Date(`${end}T23:59:59.999Z`).toISOString() }),
    reason,
  };
  const isNamed = GrantEntitlement.shape.subject.safeParse(request.subject).success;
  const grant = useMutation({
    mutationFn: () => api.send("POST", paths.entitlements(institution.slug), request, Entitlement),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries({ queryKey: [paths.entitlements(institution.slug)] });
    },
  });
  return (
    <ActDialog
      title={t("entitlements.grantTo", { name: institution.name })}
      confirm={t("entitlements.grantNow")}
      isReady={GrantEntitlement.safeParse(request).success}
      isBusy={grant.isPending}
      error={grant.error}
      onSubmit={() => grant.mutate()}
      onClose={onClose}
    >
      <p>{t("entitlements.grantEffect")}</p>
      <TextInput
        label={t("entitlements.subject")}
        description={t("entitlements.subjectRule", { example: EXAMPLE })}
        placeholder={EXAMPLE}
        value={subject}
        error={subject === "" || isNamed ? undefined : t("entitlements.subjectRule", { example: EXAMPLE })}
        onChange={(event) => setSubject(event.currentTarget.value)}
        data-autofocus
      />
      <Checkbox.Group
        label={t("entitlements.rights")}
        value={[...rights]}
        onChange={(chosen) => setRights(RIGHTS.filter((right) => right === "see" || chosen.includes(right)))}
      >
        <div className="zg-stack zg-stack-tight">
          {RIGHTS.map((right) => (
            <Checkbox key={right} value={right} label={t(`entitlements.rightRule.${right}`)} disabled={right === "see"} />
          ))}
        </div>
      </Checkbox.Group>
      <NumberInput
        label={t("entitlements.most")}
        description={t("entitlements.mostRule")}
        min={1}
        max={10_000}
        allowDecimal={false}
        value={most ?? ""}
        onChange={(value) => setMost(typeof value === "number" ? value : null)}
      />
      <Checkbox.Group
        label={t("entitlements.scenarios")}
        description={t("entitlements.scenariosRule")}
        value={[...scenarios]}
        onChange={(chosen) => setScenarios(SCENARIOS.filter((scenario) => chosen.includes(scenario)))}
      >
        <div className="zg-row">
          {SCENARIOS.map((scenario) => (
            <Checkbox key={scenario} value={scenario} label={words.t(`scenario.${scenario}`)} />
          ))}
        </div>
      </Checkbox.Group>
      <TextInput
        type="date"
        label={t("entitlements.lastDay")}
        description={t("entitlements.lastDayRule")}
        value={end}
        onChange={(event) => setEnd(event.currentTarget.value)}
      />
      <ReasonField value={reason} onChange={setReason} />
    </ActDialog>
  );
}
