import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { AliasProposal, type Model, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { ReasonField } from "../../ui/reason-field.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";
import { useRoleNames } from "./role-names.js";

type Deed = "approve" | "withdraw";

/** Changes of a model's names that wait for a second person; nothing while there is none. */
export function AliasProposals({ model }: { readonly model: Model }) {
  const { t } = useTranslation("models");
  const proposals = usePages({ path: paths.aliasProposalsOf(model.ref), item: AliasProposal });
  const [deciding, setDeciding] = useState<{ readonly proposal: AliasProposal; readonly deed: Deed } | null>(null);
  const pending = (proposals.data ?? []).filter(({ state }) => state === "pending");
  if (pending.length === 0) return null;
  return (
    <section className="zg-stack zg-stack-tight" aria-label={t("alias.pending")}>
      <h3>{t("alias.pending")}</h3>
      {pending.map((proposal) => (
        <PendingChange key={proposal.id} proposal={proposal} onDecide={(deed) => setDeciding({ proposal, deed })} />
      ))}
      {deciding && <DecideDialog {...deciding} onClose={() => setDeciding(null)} />}
    </section>
  );
}

function PendingChange({ proposal, onDecide }: { readonly proposal: AliasProposal; readonly onDecide: (deed: Deed) => void }) {
  const { t } = useTranslation("models");
  return (
    <div className="zg-note" data-tone="warning">
      <div className="zg-stack zg-stack-tight">
        <strong>
          <ChangeText proposal={proposal} />
        </strong>
        <span className="zg-break" dir="auto">
          {proposal.reason}
        </span>
        <span className="zg-row">
          {t("alias.by")} <bdi>{proposal.proposedBy}</bdi> <Time at={proposal.proposedAt} />
        </span>
        <span className="zg-row">
          {proposal.mayApprove && <Button onClick={() => onDecide("approve")}>{t("alias.approve")}</Button>}
          {proposal.mayWithdraw && (
            <Button variant="default" onClick={() => onDecide("withdraw")}>
              {t("alias.withdraw")}
            </Button>
          )}
        </span>
      </div>
    </div>
  );
}

function ChangeText({ proposal: { name, change } }: { readonly proposal: AliasProposal }) {
  const { t } = useTranslation("models");
  const roleNames = useRoleNames();
  if (change.kind === "move") return t("alias.toMove", { name, number: change.version });
  return t(change.secondPerson ? "alias.toProtectByTwo" : "alias.toProtect", { name, roles: roleNames(change.roles) });
}

interface DecideDialogProps {
  readonly proposal: AliasProposal;
  readonly deed: Deed;
  readonly onClose: () => void;
}

/** A word of the second person; taking a proposal back has to say why. */
function DecideDialog({ proposal, deed, onClose }: DecideDialogProps) {
  const { t } = useTranslation("models");
  const queryClient = useQueryClient();
  const [reason, setReason] = useState("");
  const decide = useMutation({
    mutationFn: () =>
      api.send("POST", paths.aliasProposalAction(proposal.model, proposal.name, proposal.id, deed), { reason }, AliasProposal),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries();
    },
  });
  const isReady = deed === "approve" || reason.trim() !== "";
  return (
    <ActDialog
      title={t(`alias.${deed}Title`, { name: proposal.name })}
      confirm={t(`alias.${deed}`)}
      isReady={isReady}
      isBusy={decide.isPending}
      error={decide.error}
      onSubmit={() => decide.mutate()}
      onClose={onClose}
    >
      <p className="zg-break">
        <ChangeText proposal={proposal} />
      </p>
      <ReasonField value={reason} onChange={setReason} required={deed === "withdraw"} isFirst />
    </ActDialog>
  );
}
