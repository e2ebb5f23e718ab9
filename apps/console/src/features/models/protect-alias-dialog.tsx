import { Button, Checkbox } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { AliasProposal, AliasProtection, type Model, paths, type Role } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { useWords } from "../../lib/words.js";
import { Dialog } from "../../ui/dialog.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { ReasonField } from "../../ui/reason-field.js";
import { GuardNote } from "./guard-note.js";
import { useProtection } from "./use-protection.js";

interface ProtectAliasDialogProps {
  readonly model: Model;
  readonly name: string;
  readonly onClose: () => void;
}

/** Says who may move a name, and whether one person is enough. */
export function ProtectAliasDialog({ model, name, onClose }: ProtectAliasDialogProps) {
  const { t } = useTranslation("models");
  const read = useProtection(model.ref, name);
  return (
    <Dialog title={t("alias.protectTitle", { name })} onClose={onClose}>
      <ObjectPart read={read}>{(guard) => <GuardForm model={model.ref} guard={guard} onClose={onClose} />}</ObjectPart>
    </Dialog>
  );
}

function GuardForm({ model, guard, onClose }: { readonly model: string; readonly guard: AliasProtection; readonly onClose: () => void }) {
  const { t } = useTranslation(["models", "common"]);
  const words = useWords();
  const queryClient = useQueryClient();
  const [roles, setRoles] = useState<readonly Role[]>(guard.roles);
  const [secondPerson, setSecondPerson] = useState(guard.secondPerson);
  const [reason, setReason] = useState("");
  const isProposed = guard.secondPerson;
  const protect = useMutation({
    mutationFn: async (): Promise<void> => {
      if (isProposed) {
        const change = { kind: "protect", roles, secondPerson };
        await api.send("POST", paths.aliasProposals(model, guard.name), { change, reason }, AliasProposal);
      } else await api.send("PUT", paths.aliasProtection(model, guard.name), { roles, secondPerson, reason }, AliasProtection);
    },
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries();
    },
  });
  const isReady = roles.length > 0 && reason.trim() !== "";
  return (
    <form
      className="zg-stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady && !protect.isPending) protect.mutate();
      }}
    >
      <GuardNote guard={guard} />
      <Checkbox.Group
        label={t("models:alias.roles")}
        error={roles.length === 0 ? t("models:alias.rolesNone") : undefined}
        value={[...roles]}
        onChange={(chosen) => setRoles(guard.choices.filter((role) => chosen.includes(role)))}
      >
        <div className="zg-stack zg-stack-tight">
          {guard.choices.map((role) => (
            <Checkbox key={role} value={role} label={words.t(`role.${role}`)} />
          ))}
        </div>
      </Checkbox.Group>
      <Checkbox
        label={t("models:alias.secondPerson")}
        checked={secondPerson}
        onChange={(event) => setSecondPerson(event.currentTarget.checked)}
      />
      <ReasonField value={reason} onChange={setReason} />
      {protect.error ? <ProblemPanel error={protect.error} /> : null}
      <div className="zg-row">
        <Button type="submit" loading={protect.isPending} disabled={!isReady}>
          {isProposed ? t("models:alias.propose") : t("models:alias.protect")}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t("common:cancel")}
        </Button>
      </div>
    </form>
  );
}
