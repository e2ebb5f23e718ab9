import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IdentityProvider, type Institution, paths, UpdateIdentityProvider } from "@ziggurat/contracts";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { type HeldRoles, HeldRolesFields, heldRequest } from "./held-roles.js";

interface GroupsDialogProps {
  readonly institution: Institution;
  readonly provider: IdentityProvider;
  readonly onClose: () => void;
}

/** A line of the mapping as it is typed. */
interface Line extends HeldRoles {
  readonly group: string;
}
const EMPTY: Line = { group: "", roles: [], customRoles: [], tiers: [] };

/** Of tiers nothing is sent where none is ticked: the server says where some must be, and what it kept from before stays. */
function entryOf({ group, ...held }: Line) {
  const { tiers = [], ...roles } = heldRequest(held);
  return { group, ...roles, ...(tiers.length === 0 ? {} : { tiers }) };
}

/** Which groups of the provider give what. Whoever is in none of them is let in and may do nothing. */
export function GroupsDialog({ institution, provider, onClose }: GroupsDialogProps) {
  const { t } = useTranslation("institutions");
  const queryClient = useQueryClient();
  const key = useId();
  const [rows, setRows] = useState<readonly Line[]>(
    provider.mapping.length > 0 ? provider.mapping.map((entry) => ({ ...EMPTY, ...entry })) : [EMPTY],
  );
  const change = (at: number, patch: Partial<Line>) => setRows(rows.map((row, index) => (index === at ? { ...row, ...patch } : row)));
  // A line that was not begun is no line.
  const mapping = rows.filter(({ group, roles, customRoles }) => group.trim() !== "" || roles.length + customRoles.length > 0).map(entryOf);
  const save = useMutation({
    mutationFn: () => api.send("PATCH", paths.identityProvider(institution.slug, provider.id), { mapping }, IdentityProvider),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries({ queryKey: [paths.identityProviders(institution.slug)] });
    },
  });
  return (
    <ActDialog
      title={t("providers.actOf.groups", { name: provider.name })}
      confirm={t("providers.save")}
      isReady={UpdateIdentityProvider.safeParse({ mapping }).success}
      isBusy={save.isPending}
      error={save.error}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <p>{t("providers.groupsEffect", { claim: provider.groupsClaim })}</p>
      {rows.map((row, at) => (
        // Lines have no name of their own; they are only added at the end and taken out one by one.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <fieldset key={`${key}${at}`} className="zg-stack zg-stack-tight">
          <legend className="zg-visually-hidden">{t("providers.groupLine", { number: at + 1 })}</legend>
          <TextInput
            label={t("providers.group")}
            value={row.group}
            onChange={(event) => change(at, { group: event.currentTarget.value })}
            data-autofocus={at === 0 || undefined}
          />
          <HeldRolesFields institution={institution.slug} value={row} onChange={(held) => change(at, held)} />
          <div>
            <button type="button" className="zg-link-button" onClick={() => setRows(rows.filter((_, index) => index !== at))}>
              {t("providers.groupRemove", { group: row.group.trim() || t("providers.groupLine", { number: at + 1 }) })}
            </button>
          </div>
        </fieldset>
      ))}
      <div>
        <Button variant="default" onClick={() => setRows([...rows, EMPTY])}>
          {t("providers.groupAdd")}
        </Button>
      </div>
    </ActDialog>
  );
}
