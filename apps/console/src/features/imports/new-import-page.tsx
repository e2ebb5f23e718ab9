import { Button, Checkbox, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ARTIFACT_KINDS, ArtifactKind, Import, Model, paths, RELATIONS, Relation, VersionRef } from "@ziggurat/contracts";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { violationsOf } from "../../lib/api-problem.js";
import { to } from "../../lib/console-paths.js";
import { useRefParam } from "../../lib/route-param.js";
import { useWords } from "../../lib/words.js";
import { ButtonLink } from "../../ui/button-link.js";
import { ObjectPage } from "../../ui/object-faces.js";
import { Page } from "../../ui/page.js";
import { Panel } from "../../ui/panel.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { focusFirstError } from "../../ui/use-contract-form.js";
import { VersionPicker } from "../../ui/version-picker.js";
import { ViewSwitch } from "../../ui/view-switch.js";
import { ViolationList } from "../../ui/violation-list.js";
import { type fieldNames, importRequest, SOURCE_KINDS } from "./import-form.js";
import { useImportForm } from "./use-import-form.js";

/** Brings files from outside into a draft version of this model. */
export function NewImportPage() {
  const ref = useRefParam();
  const read = useQuery({ queryKey: [paths.model(ref)], queryFn: ({ signal }) => api.get(paths.model(ref), Model, { signal }) });
  return <ObjectPage read={read}>{(model) => <NewImportForm model={model} />}</ObjectPage>;
}

function NewImportForm({ model }: { readonly model: Model }) {
  const { t } = useTranslation("imports");
  const words = useWords();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { form, refuse } = useImportForm(model.ref);
  const [elsewhere, setElsewhere] = useState<ReturnType<typeof violationsOf>>([]);
  const create = useMutation({
    mutationFn: () => api.send("POST", paths.imports(), importRequest(form.values, model.ref), Import),
    onSuccess: async (made) => {
      await queryClient.invalidateQueries({ queryKey: [paths.imports()] });
      await navigate({ to: to.import(made.id) });
    },
    onError: (error) => {
      setElsewhere(refuse(violationsOf(error)));
      focusFirstError();
    },
  });
  const { kind } = form.values;
  const field = (name: (typeof fieldNames)[number], rule: ReactNode = undefined) => ({
    label: t(`field.${name}`),
    description: rule,
    ...form.getInputProps(name),
  });
  return (
    <Page
      title={t("new.title", { ref: model.ref })}
      lead={t("new.lead")}
      actions={
        <ButtonLink to={to.newVersion(model.ref)} variant="default">
          {t("new.upload")}
        </ButtonLink>
      }
    >
      <form
        className="zg-stack"
        onSubmit={(event) => {
          event.preventDefault();
          setElsewhere([]);
          if (create.isPending) return;
          if (form.validate().hasErrors) focusFirstError();
          else create.mutate();
        }}
      >
        <ViolationList violations={elsewhere} />
        {create.error && violationsOf(create.error).length === 0 ? <ProblemPanel error={create.error} /> : null}
        <Panel
          title={t("source.title")}
          actions={
            <ViewSwitch
              label={t("source.kind")}
              value={kind}
              onChange={(value) => form.setFieldValue("kind", value)}
              options={SOURCE_KINDS.map((value) => ({ value, label: t(`source.${value}`) }))}
            />
          }
        >
          <div className="zg-form">
            {kind === "huggingface" && (
              <>
                <TextInput {...field("repo", t("rule.repo"))} />
                <TextInput {...field("revision", t("rule.revision"))} />
                <TextInput {...field("endpoint", t("rule.endpoint"))} />
              </>
            )}
            {kind === "s3" && (
              <>
                <TextInput {...field("bucket", t("rule.bucket"))} />
                <TextInput {...field("prefix")} />
                <TextInput {...field("endpoint", t("rule.s3Endpoint"))} />
                <TextInput {...field("region")} />
              </>
            )}
            {kind === "directory" && <TextInput {...field("path", t("rule.path"))} />}
            <Textarea {...field("exclude", t("rule.exclude"))} autosize minRows={2} classNames={{ input: "zg-mono" }} />
          </div>
        </Panel>
        <div className="zg-form">
          <NativeSelect
            label={t("field.artifactKind")}
            data={ARTIFACT_KINDS.map((value) => ({ value, label: words.t(`artifactKind.${value}`) }))}
            value={form.values.artifactKind}
            onChange={(event) => form.setFieldValue("artifactKind", ArtifactKind.parse(event.currentTarget.value))}
          />
          <VersionPicker
            label={t("field.parent")}
            description={t("rule.parent")}
            value={form.values.parent}
            onChange={(parent) => form.setFieldValue("parent", parent)}
          />
          {VersionRef.safeParse(form.values.parent).success && (
            <NativeSelect
              label={t("field.relation")}
              data={RELATIONS.map((value) => ({ value, label: words.t(`relation.${value}`) }))}
              value={form.values.relation}
              onChange={(event) => form.setFieldValue("relation", Relation.parse(event.currentTarget.value))}
            />
          )}
          <Textarea {...field("notes")} autosize minRows={2} />
          <Checkbox label={t("field.seal")} description={t("rule.seal")} {...form.getInputProps("seal", { type: "checkbox" })} />
        </div>
        <div className="zg-row">
          <Button type="submit" loading={create.isPending}>
            {t("new.begin")}
          </Button>
        </div>
      </form>
    </Page>
  );
}
