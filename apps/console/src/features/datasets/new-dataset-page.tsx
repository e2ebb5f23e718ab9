import { Button, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import {
  CreateDataset,
  DATA_FORMATS,
  type DataFormat,
  Dataset,
  LEGAL_BASES,
  type LegalBasis,
  paths,
  SENSITIVITIES,
  type Sensitivity,
  type Violation,
} from "@ziggurat/contracts";
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

interface DatasetForm extends Record<string, unknown> {
  readonly namespace: string;
  readonly slug: string;
  readonly name: string;
  readonly format: DataFormat;
  readonly licence: string;
  readonly legalBasis: LegalBasis;
  readonly sensitivity: Sensitivity;
  readonly languages: string;
  readonly description: string;
}

function requestOf(form: DatasetForm): CreateDataset {
  return { ...form, slug: form.slug.trim(), languages: form.languages.split(/[\s,\u3001\uff0c]+/).filter((part) => part !== "") };
}

/** Registers a dataset; its rows come with its versions. */
export function NewDatasetPage() {
  const { t } = useTranslation("datasets");
  const words = useWords();
  const me = useMe();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const namespaces = me.institution.slug === "platform" ? ["foundation", "finance"] : [me.institution.slug];
  const [elsewhere, setElsewhere] = useState<readonly Violation[]>([]);
  const start: DatasetForm = {
    namespace: namespaces[0] ?? "",
    slug: "",
    name: "",
    format: "chat",
    licence: "",
    legalBasis: "own_generation",
    sensitivity: "internal",
    languages: "",
    description: "",
  };
  const { form, refuse } = useContractForm<DatasetForm>(CreateDataset, start, requestOf);
  const create = useMutation({
    mutationFn: (values: DatasetForm) => api.send("POST", paths.datasets(), requestOf(values), Dataset),
    onSuccess: async (dataset) => {
      await queryClient.invalidateQueries({ queryKey: [paths.datasets()] });
      await navigate({ to: to.newDatasetVersion(dataset.ref) });
    },
    onError: (error) => {
      setElsewhere(refuse(violationsOf(error)));
      focusFirstError();
    },
  });
  return (
    <Page title={t("new.title")} lead={t("new.lead")}>
      <form className="zg-form" onSubmit={form.onSubmit((values) => create.mutate(values), focusFirstError)}>
        <ViolationList violations={elsewhere} />
        {create.error && violationsOf(create.error).length === 0 ? <ProblemPanel error={create.error} /> : null}
        <NativeSelect label={t("field.namespace")} data={namespaces} {...form.getInputProps("namespace")} />
        <TextInput label={t("field.slug")} description={t("new.slugRule")} required {...form.getInputProps("slug")} />
        <TextInput label={t("field.name")} required {...form.getInputProps("name")} />
        <NativeSelect
          label={t("field.format")}
          description={t("new.formatRule")}
          data={DATA_FORMATS.map((value) => ({ value, label: words.t(`dataFormat.${value}`) }))}
          {...form.getInputProps("format")}
        />
        <TextInput label={t("field.licence")} required {...form.getInputProps("licence")} />
        <NativeSelect
          label={t("field.legalBasis")}
          data={LEGAL_BASES.map((value) => ({ value, label: words.t(`legalBasis.${value}`) }))}
          {...form.getInputProps("legalBasis")}
        />
        <NativeSelect
          label={t("field.sensitivity")}
          data={SENSITIVITIES.map((value) => ({ value, label: words.t(`sensitivity.${value}`) }))}
          {...form.getInputProps("sensitivity")}
        />
        <TextInput label={t("field.languages")} description={t("new.languagesRule")} {...form.getInputProps("languages")} />
        <Textarea label={t("field.description")} autosize minRows={2} {...form.getInputProps("description")} />
        <div>
          <Button type="submit" loading={create.isPending}>
            {t("register")}
          </Button>
        </div>
      </form>
    </Page>
  );
}
