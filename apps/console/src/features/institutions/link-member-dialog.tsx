import { NativeSelect, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { IdentityProvider, LinkedIdentities, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { usePages } from "../../ui/use-pages.js";
import type { MemberActProps } from "./member-sign-in-dialog.js";

/** Connects a member with an account at a provider, whose name there the administrator knows. */
export function LinkMemberDialog({ institution, member, onDone, onClose }: MemberActProps) {
  const { t } = useTranslation("institutions");
  const [chosen, setChosen] = useState<string | null>(null);
  const [subject, setSubject] = useState("");
  const read = usePages({ path: paths.identityProviders(institution.slug), item: IdentityProvider, limit: 200 });
  const providers = read.data ?? [];
  const provider = providers.find(({ id }) => id === chosen) ?? providers[0];
  const link = useMutation({
    mutationFn: () => {
      const request = { providerId: provider?.id, subject: subject.trim() };
      return api.send("POST", paths.memberIdentities(institution.slug, member.id), request, LinkedIdentities);
    },
    onSuccess: async () => {
      await onDone();
      onClose();
    },
  });
  const hasNone = read.data !== undefined && providers.length === 0;
  return (
    <ActDialog
      title={t("signIn.linkOf", { name: member.name })}
      confirm={t("signIn.link")}
      isReady={provider !== undefined && subject.trim() !== ""}
      isBusy={link.isPending}
      error={link.error}
      onSubmit={() => link.mutate()}
      onClose={onClose}
    >
      <p>{hasNone ? t("signIn.noProvider") : t("signIn.linkEffect", { name: member.name })}</p>
      {read.error ? <ProblemPanel error={read.error} onRetry={() => void read.refetch()} /> : null}
      {provider && (
        <>
          <NativeSelect
            label={t("providers.name")}
            value={provider.id}
            data={providers.map(({ id, name, isEnabled }) => ({ value: id, label: isEnabled ? name : t("signIn.disabled", { name }) }))}
            onChange={(event) => setChosen(event.currentTarget.value)}
          />
          <TextInput
            label={t("signIn.subject")}
            description={t(`signIn.subjectRule.${provider.kind}`)}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={1000}
            value={subject}
            onChange={(event) => setSubject(event.currentTarget.value)}
          />
        </>
      )}
    </ActDialog>
  );
}
