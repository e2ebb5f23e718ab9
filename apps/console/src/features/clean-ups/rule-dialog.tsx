import { Checkbox, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CLEAN_UP_STATES, CleanUpRule, CleanUpRuleName, type CleanUpState, paths, TIERS, type Tier } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { useWords } from "../../lib/words.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { ReasonField } from "../../ui/reason-field.js";

interface RuleDialogProps {
  /** Null for a new one. */
  readonly rule: CleanUpRule | null;
  readonly onClose: () => void;
}

/** Sets a rule: what is sent becomes its next revision. */
export function RuleDialog({ rule, onClose }: RuleDialogProps) {
  const { t } = useTranslation("retention");
  const words = useWords();
  const queryClient = useQueryClient();
  const [name, setName] = useState(rule?.name ?? "");
  const [tier, setTier] = useState<Tier>(rule?.tier ?? "institution");
  const [states, setStates] = useState<readonly CleanUpState[]>(rule?.states ?? ["retired"]);
  const [ageDays, setAgeDays] = useState<number | string>(rule?.ageDays ?? 730);
  const [isEnabled, setEnabled] = useState(rule?.isEnabled ?? true);
  const [reason, setReason] = useState("");
  const isName = CleanUpRuleName.safeParse(name).success;
  const isReady = isName && states.length > 0 && typeof ageDays === "number" && reason.trim() !== "";
  const put = useMutation({
    mutationFn: () => api.send("PUT", paths.cleanUpRule(name), { tier, states, ageDays, isEnabled, reason }, CleanUpRule),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries({ queryKey: [paths.cleanUpRules()] });
    },
  });
  return (
    <ActDialog
      title={rule === null ? t("rule.new") : t("rule.changeOf", { name: rule.name })}
      confirm={t("rule.save")}
      isReady={isReady}
      isBusy={put.isPending}
      error={put.error}
      onSubmit={() => put.mutate()}
      onClose={onClose}
    >
      {rule === null && (
        <TextInput
          label={t("rule.name")}
          description={t("rule.nameRule")}
          value={name}
          error={name === "" || isName ? undefined : t("rule.nameRule")}
          onChange={(event) => setName(event.currentTarget.value.trim())}
          data-autofocus
        />
      )}
      <NativeSelect
        label={t("rule.tier")}
        value={tier}
        data={TIERS.map((value) => ({ value, label: words.tierModels(value) }))}
        onChange={(event) => setTier(TIERS.find((one) => one === event.currentTarget.value) ?? "institution")}
      />
      <fieldset className="zg-stack zg-stack-tight">
        <legend>{t("rule.states")}</legend>
        {CLEAN_UP_STATES.map((state) => (
          <Checkbox
            key={state}
            label={words.versionState(state)}
            checked={states.includes(state)}
            onChange={(event) => setStates(event.currentTarget.checked ? [...states, state] : states.filter((one) => one !== state))}
          />
        ))}
        {states.length === 0 && <p className="zg-note">{t("rule.statesRule")}</p>}
      </fieldset>
      <NumberInput label={t("rule.ageLabel")} value={ageDays} min={0} max={36_525} allowDecimal={false} onChange={setAgeDays} />
      <Checkbox
        label={t("rule.enabledLabel")}
        description={t("rule.enabledRule")}
        checked={isEnabled}
        onChange={(event) => setEnabled(event.currentTarget.checked)}
      />
      <ReasonField value={reason} onChange={setReason} isFirst={rule !== null} />
    </ActDialog>
  );
}
