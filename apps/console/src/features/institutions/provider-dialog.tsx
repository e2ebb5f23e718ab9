import { Checkbox, NativeSelect, PasswordInput, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import {
  AddIdentityProvider,
  IdentityProvider,
  type Institution,
  PROVIDER_KINDS,
  paths,
  UpdateIdentityProvider,
} from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { schemaErrors } from "../../lib/schema-errors.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { OurAddresses } from "./our-addresses.js";
import { fieldsOf, type ProviderFields, requestOf, type TextField } from "./provider-form.js";

interface ProviderDialogProps {
  readonly institution: Institution;
  /** Null: a new one. */
  readonly provider: IdentityProvider | null;
  readonly onClose: () => void;
}

/** Sets a provider up or changes it. A secret is typed again to be replaced; nobody reads it here. */
export function ProviderDialog({ institution, provider, onClose }: ProviderDialogProps) {
  const { t } = useTranslation(["institutions", "login"]);
  const queryClient = useQueryClient();
  const [fields, setFields] = useState(() => fieldsOf(provider));
  /** Fields that were left: what is still being typed is not wrong yet. */
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const set = (patch: Partial<ProviderFields>) => setFields({ ...fields, ...patch });
  const request = requestOf(fields, provider);
  const schema = provider === null ? AddIdentityProvider : UpdateIdentityProvider;
  const errors = schemaErrors(schema, request);
  const text = (name: TextField) => ({
    error: left.has(name) && fields[name].trim() !== "" ? errors[name] : undefined,
    onBlur: () => setLeft(new Set([...left, name])),
    label: t(`institutions:providers.field.${name}`),
    value: fields[name],
    onChange: (event: { readonly currentTarget: { readonly value: string } }) => set({ [name]: event.currentTarget.value }),
  });
  const list = paths.identityProviders(institution.slug);
  const save = useMutation({
    mutationFn: () =>
      provider === null
        ? api.send("POST", list, request, IdentityProvider)
        : api.send("PATCH", paths.identityProvider(institution.slug, provider.id), request, IdentityProvider),
    onSuccess: async (saved) => {
      await queryClient.invalidateQueries({ queryKey: [list] });
      // What the provider has to know is shown where it is new.
      if (provider !== null && saved.ours.encryptionCertificate === provider.ours.encryptionCertificate) onClose();
      else setMade(saved);
    },
  });
  const [made, setMade] = useState<IdentityProvider | null>(null);
  if (made !== null) return <OurAddresses provider={made} onClose={onClose} />;
  return (
    <ActDialog
      title={provider === null ? t("institutions:providers.addTitle") : t("institutions:providers.actOf.edit", { name: provider.name })}
      confirm={t("institutions:providers.save")}
      isReady={schema.safeParse(request).success}
      isBusy={save.isPending}
      error={save.error}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      {provider === null && (
        <NativeSelect
          label={t("institutions:providers.field.kind")}
          value={fields.kind}
          data={PROVIDER_KINDS.map((value) => ({ value, label: t(`institutions:providers.kind.${value}`) }))}
          onChange={(event) => set({ kind: event.currentTarget.value === "saml" ? "saml" : "oidc" })}
        />
      )}
      <TextInput {...text("name")} description={t("institutions:providers.rule.name")} data-autofocus />
      <TextInput {...text("issuer")} description={t(`institutions:providers.rule.issuer.${fields.kind}`)} />
      {fields.kind === "oidc" ? (
        <>
          <TextInput {...text("clientId")} />
          <PasswordInput
            {...text("clientSecret")}
            autoComplete="off"
            description={provider === null ? undefined : t("institutions:providers.rule.clientSecret")}
            visibilityToggleButtonProps={{ "aria-label": t("login:showPassword") }}
          />
          <TextInput {...text("scopes")} description={t("institutions:providers.rule.scopes")} />
        </>
      ) : (
        <>
          <TextInput {...text("signInUrl")} />
          <Textarea {...text("certificate")} description={t("institutions:providers.rule.certificate")} rows={5} spellCheck={false} />
          <Checkbox
            label={t("institutions:providers.field.isEncryptionRequired")}
            description={t("institutions:providers.rule.isEncryptionRequired")}
            checked={fields.isEncryptionRequired}
            onChange={(event) => set({ isEncryptionRequired: event.currentTarget.checked })}
          />
          {provider?.ours.encryptionCertificate && (
            <Checkbox
              label={t("institutions:providers.field.renewsEncryptionKey")}
              description={t("institutions:providers.rule.renewsEncryptionKey")}
              checked={fields.renewsEncryptionKey}
              onChange={(event) => set({ renewsEncryptionKey: event.currentTarget.checked })}
            />
          )}
        </>
      )}
      <TextInput {...text("groupsClaim")} description={t(`institutions:providers.rule.groupsClaim.${fields.kind}`)} />
    </ActDialog>
  );
}
