import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { CreateModel, Model, paths, SCENARIOS, type Tier, type Violation } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { violationsOf } from "../../lib/api-problem.js";
import { to } from "../../lib/console-paths.js";
import { useMe } from "../../lib/session.js";
import { useWords } from "../../lib/words.js";
import { Page } from "../../ui/page.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { focusFirstError, useContractForm } from "../../ui/use-contract-form.js";
import { ViolationList } from "../../ui/violation-list.js";
import { CardInputs } from "./card-inputs.js";
import { emptyModelForm, type ModelForm, modelRequest } from "./model-form.js";
import { registrableTiers } from "./registrable-tiers.js";

/** Registers a model; the fields follow the tier. */
export function NewModelPage() {
  const { t } = useTranslation("models");
  const words = useWords();
  const me = useMe();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const tiers = registrableTiers(me);
  const [elsewhere, setElsewhere] = useState<readonly Violation[]>([]);
  const { form, refuse } = useContractForm<ModelForm>(CreateModel, emptyModelForm(tiers[0] ?? "institution"), (values) =>
    modelRequest(values, me.institution.slug),
  );
  const create = useMutation({
    mutationFn: (values: ModelForm) => api.send("POST", paths.models(), modelRequest(values, me.institution.slug), Model),
    onSuccess: async (model) => {
      await queryClient.invalidateQueries({ queryKey: [paths.models()] });
      await navigate({ to: to.model(model.ref) });
    },
    onError: (error) => {
      setElsewhere(refuse(violationsOf(error)));
      focusFirstError();
    },
  });
  const tier: Tier = form.values.tier;
  const isRefused = violationsOf(create.error).length > 0;
  return (
    <Page title={t("new.title")} lead={t("new.lead")}>
      <form className="zg-form" onSubmit={form.onSubmit((values) => create.mutate(values), focusFirstError)}>
        <ViolationList violations={elsewhere} />
        {create.error && !isRefused ? <ProblemPanel error={create.error} /> : null}
        <NativeSelect
          label={t("new.tier")}
          data={tiers.map((value) => ({ value, label: words.tierModels(value) }))}
          {...form.getInputProps("tier")}
        />
        <TextInput
          label={t("new.slug")}
          description={t("new.slugRule", { namespace: tier === "institution" ? me.institution.slug : tier })}
          required
          {...form.getInputProps("slug")}
        />
        <TextInput label={t("new.name")} required {...form.getInputProps("name")} />
        {tier === "institution" && (
          <NativeSelect
            label={t("new.scenario")}
            data={SCENARIOS.map((value) => ({ value, label: words.t(`scenario.${value}`) }))}
            {...form.getInputProps("scenario")}
          />
        )}
        {tier !== "institution" && (
          <TextInput label={t("new.licence")} description={t("new.licenceRule")} {...form.getInputProps("licence")} />
        )}
        <CardInputs tier={tier} inputProps={(field) => form.getInputProps(field)} />
        <TextInput label={t("tags")} description={t("new.tagsRule")} {...form.getInputProps("tags")} />
        <Checkbox label={t("terms.commercialUse")} {...form.getInputProps("commercialUse", { type: "checkbox" })} />
        <Checkbox label={t("terms.redistribution")} {...form.getInputProps("redistribution", { type: "checkbox" })} />
        <div>
          <Button type="submit" loading={create.isPending}>
            {t("register")}
          </Button>
        </div>
      </form>
    </Page>
  );
}
