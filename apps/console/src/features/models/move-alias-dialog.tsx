import { NativeSelect, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alias, AliasName, AliasProposal, type Model, pageOf, paths, Version } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { useSettled } from "../../lib/use-delayed.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { ReasonField } from "../../ui/reason-field.js";
import { GuardNote } from "./guard-note.js";
import { useProtection } from "./use-protection.js";

interface MoveAliasDialogProps {
  readonly model: Model;
  /** Null for a name that is still to be chosen. */
  readonly name: string | null;
  readonly onClose: () => void;
}

/** Points a name at a released version, or proposes it where the name needs a second person. */
export function MoveAliasDialog({ model, name: given, onClose }: MoveAliasDialogProps) {
  const { t } = useTranslation("models");
  const [name, setName] = useState(given ?? "champion");
  const [number, setNumber] = useState("");
  const [reason, setReason] = useState("");
  const isName = AliasName.safeParse(name).success;
  const settled = useSettled(name, 250);
  const protection = useProtection(model.ref, settled, AliasName.safeParse(settled).success);
  const guard = settled === name ? protection.data : undefined;
  const released = useReleased(model.ref);
  const seen = useSeen(model, name);
  const move = useMove(model.ref, onClose);
  const chosen = number || String(released.data?.[0] ?? "");
  const isReady = isName && chosen !== "" && reason.trim() !== "" && guard !== undefined && !seen.isPending;
  return (
    <ActDialog
      title={given === null ? t("alias.point") : t("alias.moveTitle", { name: given })}
      confirm={guard?.secondPerson === true ? t("alias.propose") : t("alias.move")}
      isReady={isReady}
      isBusy={move.isPending}
      error={move.error}
      onSubmit={() => move.mutate({ name, version: Number(chosen), reason, isProposed: guard?.secondPerson === true, ifMatch: seen.tag })}
      onClose={onClose}
    >
      {given === null && (
        <TextInput
          label={t("alias.name")}
          description={t("alias.nameRule")}
          value={name}
          error={name === "" || isName ? undefined : t("alias.nameRule")}
          onChange={(event) => setName(event.currentTarget.value.trim())}
          data-autofocus
        />
      )}
      {guard !== undefined && <GuardNote guard={guard} />}
      {released.data?.length === 0 ? (
        <p className="zg-note">{t("alias.noReleased")}</p>
      ) : (
        <NativeSelect
          label={t("alias.version")}
          value={chosen}
          data={(released.data ?? []).map((one) => ({ value: String(one), label: t("versionNumber", { number: one }) }))}
          onChange={(event) => setNumber(event.currentTarget.value)}
        />
      )}
      <ReasonField value={reason} onChange={setReason} isFirst={given !== null} />
    </ActDialog>
  );
}

interface Move {
  readonly name: string;
  readonly version: number;
  readonly reason: string;
  readonly isProposed: boolean;
  readonly ifMatch: string | undefined;
}

function useMove(model: string, onDone: () => void) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async ({ name, version, reason, isProposed, ifMatch }: Move): Promise<void> => {
      if (isProposed) {
        await api.send("POST", paths.aliasProposals(model, name), { change: { kind: "move", version }, reason }, AliasProposal);
        return;
      }
      const held = ifMatch === undefined ? { headers: { "if-none-match": "*" } } : { ifMatch };
      await api.send("PUT", paths.alias(model, name), { version, reason }, Alias, held);
    },
    onSuccess: async () => {
      onDone();
      await queryClient.invalidateQueries();
    },
  });
}

/** Numbers of the newest released versions. */
function useReleased(model: string) {
  return useQuery({
    queryKey: [paths.versions(model), "released"],
    queryFn: async ({ signal }) => {
      const { data } = await api.get(paths.versions(model), pageOf(Version), { signal, query: { limit: 200 } });
      return data.filter(({ state }) => state === "released").map(({ number }) => number);
    },
  });
}

/** The tag of the alias as the dialog shows it, so that a move made meanwhile is not overwritten; none for a name that is not there. */
function useSeen(model: Model, name: string): { readonly isPending: boolean; readonly tag: string | undefined } {
  const isThere = Object.hasOwn(model.aliases, name);
  const path = paths.alias(model.ref, name);
  const { data } = useQuery({
    queryKey: [path, "tag"],
    enabled: isThere,
    // What the dialog began with holds until it is closed.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    queryFn: async ({ signal }) => {
      await api.get(path, Alias, { signal });
      return api.etagOf(path) ?? null;
    },
  });
  return { isPending: isThere && data == null, tag: isThere ? (data ?? undefined) : undefined };
}
