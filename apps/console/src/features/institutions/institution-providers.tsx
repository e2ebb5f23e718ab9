import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IdentityProvider, type Institution, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { useFormats } from "../../lib/use-formats.js";
import type { Column } from "../../ui/data-table.js";
import { ListSection } from "../../ui/list-section.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { StateBadge } from "../../ui/state-badge.js";
import { usePages } from "../../ui/use-pages.js";
import { CheckProviderDialog } from "./check-provider-dialog.js";
import { DisableProviderDialog } from "./disable-provider-dialog.js";
import { GroupsDialog } from "./groups-dialog.js";
import { ProviderDialog } from "./provider-dialog.js";

const ACTS = ["edit", "groups", "test", "disable"] as const;
type Act = (typeof ACTS)[number];

/** Providers that the institution's people sign in through; its own administrators set them up. */
export function InstitutionProviders({ institution }: { readonly institution: Institution }) {
  const { t } = useTranslation("institutions");
  const queryClient = useQueryClient();
  const [isAdding, setAdding] = useState(false);
  const [open, setOpen] = useState<{ readonly act: Act; readonly provider: IdentityProvider } | null>(null);
  const path = paths.identityProviders(institution.slug);
  const read = usePages({ path, item: IdentityProvider });
  const enable = useMutation({
    mutationFn: ({ id }: IdentityProvider) =>
      api.send("PATCH", paths.identityProvider(institution.slug, id), { isEnabled: true }, IdentityProvider),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [path] }),
  });
  const add = <Button onClick={() => setAdding(true)}>{t("providers.add")}</Button>;
  const columns = useColumns((act, provider) =>
    act === "disable" && !provider.isEnabled ? enable.mutate(provider) : setOpen({ act, provider }),
  );
  const close = () => setOpen(null);
  return (
    <>
      <ListSection<IdentityProvider>
        title={t("providers.title")}
        read={read}
        empty={t("providers.empty")}
        begin={add}
        columns={columns}
        rowKey={(row) => row.id}
      >
        {enable.error ? <ProblemPanel error={enable.error} /> : null}
      </ListSection>
      {isAdding && <ProviderDialog institution={institution} provider={null} onClose={() => setAdding(false)} />}
      {open?.act === "edit" && <ProviderDialog institution={institution} provider={open.provider} onClose={close} />}
      {open?.act === "groups" && <GroupsDialog institution={institution} provider={open.provider} onClose={close} />}
      {open?.act === "test" && <CheckProviderDialog institution={institution} provider={open.provider} onClose={close} />}
      {open?.act === "disable" && <DisableProviderDialog institution={institution} provider={open.provider} onClose={close} />}
    </>
  );
}

function useColumns(onAct: (act: Act, provider: IdentityProvider) => void): Column<IdentityProvider>[] {
  const { t } = useTranslation("institutions");
  const formats = useFormats();
  return [
    {
      id: "name",
      header: t("providers.name"),
      cell: ({ name, issuer, kind }) => (
        <>
          <div>
            <bdi>{name}</bdi>
          </div>
          <div className="zg-quiet zg-small zg-clip">
            {t(`providers.kind.${kind}`)} · <bdi title={issuer}>{issuer}</bdi>
          </div>
        </>
      ),
    },
    {
      id: "groups",
      header: t("providers.groups"),
      cell: ({ mapping }) => (mapping.length === 0 ? t("providers.noGroups") : formats.number(mapping.length)),
    },
    { id: "people", header: t("providers.people"), align: "end", cell: ({ people }) => formats.number(people) },
    {
      id: "state",
      header: t("providers.state"),
      nowrap: true,
      cell: ({ isEnabled }) =>
        isEnabled ? (
          <StateBadge glyph="checked" tone="good" word={t("providers.on")} />
        ) : (
          <StateBadge glyph="archive" tone="quiet" word={t("providers.off")} />
        ),
    },
    {
      id: "acts",
      header: <span className="zg-visually-hidden">{t("providers.actions")}</span>,
      align: "end",
      cell: (provider) => (
        <span className="zg-row">
          {ACTS.filter((act) => !provider.isConfigured || act === "groups" || act === "test").map((act) => {
            const word = act === "disable" && !provider.isEnabled ? "enable" : act;
            return (
              <button
                key={act}
                type="button"
                className="zg-link-button"
                onClick={() => onAct(act, provider)}
                aria-label={t(`providers.actOf.${word}`, { name: provider.name })}
              >
                {t(`providers.act.${word}`)}
              </button>
            );
          })}
        </span>
      ),
    },
  ];
}
