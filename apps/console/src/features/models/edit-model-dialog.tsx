import { TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Model, PatchModel, paths, type Violation } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { violationsOf } from "../../lib/api-problem.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { focusFirstError, useContractForm } from "../../ui/use-contract-form.js";
import { ViolationList } from "../../ui/violation-list.js";
import { cardOf, cardTexts } from "./card-fields.js";
import { CardInputs } from "./card-inputs.js";
import { type ModelTexts, tagsOf } from "./model-form.js";

interface EditModelDialogProps {
  readonly model: Model;
  readonly onClose: () => void;
}

/** Changes what people say about a model; refused when somebody else changed it since this dialog was opened. */
export function EditModelDialog({ model, onClose }: EditModelDialogProps) {
  const { t } = useTranslation("models");
  const queryClient = useQueryClient();
  const [elsewhere, setElsewhere] = useState<readonly Violation[]>([]);
  const [seen] = useState(() => api.etagOf(paths.model(model.ref)));
  const { form, refuse } = useContractForm<ModelTexts>(PatchModel, textsOf(model), patchOf);
  const save = useMutation({
    mutationFn: (values: ModelTexts) =>
      api.send("PATCH", paths.model(model.ref), patchOf(values), Model, seen === undefined ? {} : { ifMatch: seen }),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries();
    },
    onError: (error) => {
      setElsewhere(refuse(violationsOf(error)));
      focusFirstError();
    },
  });
  const isRefused = violationsOf(save.error).length > 0;
  return (
    <ActDialog
      title={t("edit.title", { ref: model.ref })}
      confirm={t("edit.save")}
      isBusy={save.isPending}
      error={isRefused ? null : save.error}
      onSubmit={form.onSubmit((values) => save.mutate(values), focusFirstError)}
      onClose={onClose}
    >
      <ViolationList violations={elsewhere} />
      <TextInput label={t("new.name")} required data-autofocus {...form.getInputProps("name")} />
      <TextInput label={t("licence")} description={t("new.licenceRule")} {...form.getInputProps("licence")} />
      <CardInputs tier={model.tier} inputProps={(field) => form.getInputProps(field)} />
      <TextInput label={t("tags")} description={t("new.tagsRule")} {...form.getInputProps("tags")} />
    </ActDialog>
  );
}

function textsOf({ name, licence, card, tags }: Model): ModelTexts {
  return { name, licence: licence ?? "", tags: tags.join(", "), ...cardTexts(card) };
}

function patchOf(texts: ModelTexts): PatchModel {
  return { name: texts.name.trim(), licence: texts.licence.trim() || null, card: cardOf(texts), tags: [...new Set(tagsOf(texts.tags))] };
}
