import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { CreateInstitution, Institution, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { violationsOf } from "../../lib/api-problem.js";
import { to } from "../../lib/console-paths.js";
import { hasRole, useMe } from "../../lib/session.js";
import { useFormats } from "../../lib/use-formats.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { AppLink } from "../../ui/app-link.js";
import { ButtonLink } from "../../ui/button-link.js";
import { DataTable } from "../../ui/data-table.js";
import { InstitutionStateBadge } from "../../ui/institution-state-badge.js";
import { beginAtHead, ListFaces } from "../../ui/list-faces.js";
import { Page } from "../../ui/page.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { useContractForm } from "../../ui/use-contract-form.js";
import { usePages } from "../../ui/use-pages.js";

export function InstitutionsPage() {
  const { t } = useTranslation("institutions");
  const formats = useFormats();
  const [isOpen, setOpen] = useState(false);
  const institutions = usePages({ path: paths.institutions(), item: Institution });
  const me = useMe();
  const isPlatform = me.institution.slug === "platform";
  const begin = hasRole(me, "platform_admin") ? <Button onClick={() => setOpen(true)}>{t("create")}</Button> : null;
  return (
    <Page
      title={t("title")}
      actions={
        <>
          {beginAtHead(begin, institutions)}
          {isPlatform && (
            <ButtonLink to={to.allStatements()} variant="default">
              {t("statements")}
            </ButtonLink>
          )}
          {me.scopes.includes("clusters:read") && (
            <ButtonLink to={to.prices()} variant="default">
              {t("prices")}
            </ButtonLink>
          )}
        </>
      }
    >
      <ListFaces read={institutions} empty={t("empty")} begin={begin}>
        {(rows) => (
          <>
            <DataTable<Institution>
              label={t("title")}
              rows={rows}
              rowKey={(row) => row.id}
              columns={[
                {
                  id: "slug",
                  header: t("column.slug"),
                  cell: (row) => (
                    <AppLink to={to.institution(row.slug)}>
                      <bdi>{row.slug}</bdi>
                    </AppLink>
                  ),
                },
                { id: "name", header: t("column.name"), cell: (row) => <bdi className="zg-clip">{row.name}</bdi> },
                { id: "state", header: t("column.state"), nowrap: true, cell: (row) => <InstitutionStateBadge state={row.state} /> },
                { id: "region", header: t("column.region"), cell: (row) => <bdi>{row.region ?? "–"}</bdi> },
                { id: "members", header: t("column.members"), align: "end", cell: (row) => formats.number(row.members) },
                { id: "models", header: t("column.models"), align: "end", cell: (row) => formats.number(row.models) },
                { id: "created", header: t("column.created"), nowrap: true, cell: (row) => <Time at={row.createdAt} /> },
              ]}
            />
            <TableFoot shown={rows.length} {...institutions} />
          </>
        )}
      </ListFaces>
      {isOpen && <CreateDialog onClose={() => setOpen(false)} />}
    </Page>
  );
}

function CreateDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation("institutions");
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { form, refuse } = useContractForm(CreateInstitution, { slug: "", name: "", region: "" });
  const create = useMutation({
    mutationFn: ({ region, ...values }: typeof form.values) =>
      api.send("POST", paths.institutions(), { ...values, ...(region ? { region } : {}) }, Institution),
    onSuccess: async (institution) => {
      await queryClient.invalidateQueries({ queryKey: [paths.institutions()] });
      await navigate({ to: to.institution(institution.slug) });
    },
    onError: (error) => refuse(violationsOf(error)),
  });
  return (
    <ActDialog
      title={t("create")}
      confirm={t("create")}
      isBusy={create.isPending}
      error={create.error}
      onSubmit={form.onSubmit((values) => create.mutate(values))}
      onClose={onClose}
    >
      <TextInput label={t("column.slug")} description={t("slugRule")} required data-autofocus {...form.getInputProps("slug")} />
      <TextInput label={t("column.name")} required {...form.getInputProps("name")} />
      <TextInput label={t("column.region")} {...form.getInputProps("region")} />
    </ActDialog>
  );
}
