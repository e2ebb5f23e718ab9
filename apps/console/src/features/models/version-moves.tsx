import { Button, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Deprecation, Lineage, paths, type TransitionRequest, Version, type VersionState } from "@ziggurat/contracts";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { DangerDialog } from "../../ui/danger-dialog.js";
import { Dialog } from "../../ui/dialog.js";
import { FilterTime } from "../../ui/filter-time.js";
import { Menu } from "../../ui/menu.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { ProblemPanel } from "../../ui/problem-panel.js";

const RecallDialog = lazy(() => import("../../ui/recall-dialog.js"));

const DANGEROUS: readonly VersionState[] = ["retired", "quarantined"];

/** The moves the API offers for this viewer, and why the others are closed. */
export function VersionMoves({ version }: { readonly version: Version }) {
  const { t, i18n } = useTranslation("models");
  const words = useWords();
  const queryClient = useQueryClient();
  const [chosen, setChosen] = useState<VersionState | null>(null);
  const move = useMutation({
    mutationFn: (request: TransitionRequest) => api.send("POST", paths.transitions(version.ref), request, Version),
    onSuccess: async (moved) => {
      queryClient.setQueryData([paths.version(version.ref)], moved);
      setChosen(null);
      await queryClient.invalidateQueries();
    },
  });
  if (version.moves.length === 0) return null;
  const close = () => {
    setChosen(null);
    move.reset();
  };
  return (
    <>
      <Menu
        className="zg-button"
        face={t("move.menu")}
        items={version.moves.map(({ to: state, allowed, reasons }) => ({
          key: state,
          label: t(`move.to.${state}`),
          onChoose: () => setChosen(state),
          ...(allowed ? {} : { closed: i18n.language === "en" ? reasons.join(" · ") : t("move.closed") }),
        }))}
      />
      {chosen === "recalled" && (
        <Suspense fallback={null}>
          <RecallDialog subject={{ version: version.ref }} onClose={close} />
        </Suspense>
      )}
      {chosen &&
        chosen !== "recalled" &&
        (DANGEROUS.includes(chosen) ? (
          <DangerDialog
            title={t(`move.to.${chosen}`)}
            effect={<MoveEffect version={version} to={words.versionState(chosen)} />}
            name={version.ref}
            confirm={t(`move.to.${chosen}`)}
            isBusy={move.isPending}
            error={move.error}
            onConfirm={() => move.mutate({ to: chosen, reason: "" })}
            onClose={close}
          />
        ) : (
          <MoveDialog
            version={version}
            to={chosen}
            isBusy={move.isPending}
            error={move.error}
            onMove={(reason, deprecation) => move.mutate({ to: chosen, reason, ...(deprecation ? { deprecation } : {}) })}
            onClose={close}
          />
        ))}
    </>
  );
}

interface MoveDialogProps {
  readonly version: Version;
  readonly to: VersionState;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly onMove: (reason: string, deprecation: Deprecation | undefined) => void;
  readonly onClose: () => void;
}

function MoveDialog({ version, to, isBusy, error, onMove, onClose }: MoveDialogProps) {
  const { t } = useTranslation(["models", "common"]);
  const words = useWords();
  const [reason, setReason] = useState("");
  const [successor, setSuccessor] = useState("");
  const [endsAt, setEndsAt] = useState<string | undefined>();
  const deprecation =
    to === "deprecated" ? { ...(successor.trim() ? { successor: successor.trim() } : {}), ...(endsAt ? { endsAt } : {}) } : undefined;
  return (
    <Dialog title={t(`models:move.to.${to}`)} onClose={onClose}>
      <form
        className="zg-stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy) onMove(reason, deprecation);
        }}
      >
        <p className="zg-break">
          {t("models:move.effect", { ref: version.ref, from: words.versionState(version.state), to: words.versionState(to) })}
        </p>
        <Textarea
          label={t("models:move.reason")}
          value={reason}
          maxLength={2000}
          autosize
          minRows={2}
          data-autofocus
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {to === "deprecated" && (
          <>
            <TextInput
              label={t("models:deprecation.successor")}
              description={t("models:deprecation.successorRule")}
              value={successor}
              onChange={(event) => setSuccessor(event.currentTarget.value)}
            />
            <FilterTime label={t("models:deprecation.endsAt")} value={endsAt} onChange={setEndsAt} />
          </>
        )}
        {error ? <ProblemPanel error={error} /> : null}
        <div className="zg-row">
          <Button type="submit" loading={isBusy}>
            {t(`models:move.to.${to}`)}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t("common:cancel")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** What stands on a version: loaded before a dangerous move can be confirmed. */
function MoveEffect({ version, to }: { readonly version: Version; readonly to: string }) {
  const { t } = useTranslation("models");
  const formats = useFormats();
  const query = { direction: "down", limit: 1 } as const;
  const read = useQuery({
    queryKey: [paths.lineage(version.ref), query],
    queryFn: ({ signal }) => api.get(paths.lineage(version.ref), Lineage, { signal, query }),
  });
  return (
    <ObjectPart read={read}>
      {({ counts }) => (
        <p>
          {t("move.reach", {
            ref: version.ref,
            to,
            count: counts.descendants,
            descendants: formats.number(counts.descendants),
            institutions: formats.number(counts.institutions),
          })}
        </p>
      )}
    </ObjectPart>
  );
}
