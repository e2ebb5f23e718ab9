import { TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Deprecation, Lineage, paths, type TransitionRequest, Version, type VersionState } from "@ziggurat/contracts";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { violationText } from "../../lib/problem-text.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { DangerDialog } from "../../ui/danger-dialog.js";
import { FilterTime } from "../../ui/filter-time.js";
import { Menu } from "../../ui/menu.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { ReasonField } from "../../ui/reason-field.js";

const RecallDialog = lazy(() => import("../../ui/recall-dialog.js"));

const DANGEROUS: readonly VersionState[] = ["retired", "quarantined"];

/** A move by what it means: back out of a quarantine is no release and no seal. */
function moveLabel({ state }: Pick<Version, "state">, to: VersionState) {
  return state === "quarantined" && to !== "recalled" ? ("move.lift" as const) : (`move.to.${to}` as const);
}

/** The moves the API offers for this viewer, and why the others are closed. */
export function VersionMoves({ version }: { readonly version: Version }) {
  const { t, i18n } = useTranslation("models");
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
        items={version.moves.map(({ to: state, allowed, reasons, codes }) => ({
          key: state,
          label: t(moveLabel(version, state)),
          onChoose: () => setChosen(state),
          ...(allowed ? {} : { closed: whyClosed(reasons, codes, i18n.language, t("move.closed")) }),
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
          <DangerousMoveDialog
            version={version}
            to={chosen}
            isBusy={move.isPending}
            error={move.error}
            onMove={(reason) => move.mutate({ to: chosen, reason })}
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

/** English readers get the server's words, others the texts of the codes they know. */
function whyClosed(reasons: readonly string[], codes: readonly string[], language: string, otherwise: string): string {
  if (language.startsWith("en")) return reasons.join(" · ");
  const texts = codes.map((code) => violationText({ code, detail: "" }, language)).filter((text, index) => text !== codes[index]);
  return texts.length === 0 ? otherwise : texts.join(" · ");
}

interface MoveDialogProps {
  readonly version: Version;
  readonly to: VersionState;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly onMove: (reason: string, deprecation: Deprecation | undefined) => void;
  readonly onClose: () => void;
}

/** What stands on the version is shown first; a quarantine also has to say why. */
function DangerousMoveDialog({ version, to, isBusy, error, onMove, onClose }: MoveDialogProps) {
  const { t } = useTranslation("models");
  const words = useWords();
  const [reason, setReason] = useState("");
  const isAsked = to === "quarantined";
  return (
    <DangerDialog
      title={t(`move.to.${to}`)}
      effect={
        <div className="zg-stack">
          <MoveEffect version={version} to={words.versionState(to)} />
          <ReasonField value={reason} onChange={setReason} required={isAsked} />
        </div>
      }
      name={version.ref}
      confirm={t(`move.to.${to}`)}
      isReady={!isAsked || reason.trim() !== ""}
      isBusy={isBusy}
      error={error}
      onConfirm={() => onMove(reason, undefined)}
      onClose={onClose}
    />
  );
}

function MoveDialog({ version, to, isBusy, error, onMove, onClose }: MoveDialogProps) {
  const { t } = useTranslation("models");
  const words = useWords();
  const label = t(`${moveLabel(version, to)}`);
  const [reason, setReason] = useState("");
  const [successor, setSuccessor] = useState("");
  const [endsAt, setEndsAt] = useState<string | undefined>();
  const lifts = version.state === "quarantined";
  const deprecation =
    to === "deprecated" && !lifts
      ? { ...(successor.trim() ? { successor: successor.trim() } : {}), ...(endsAt ? { endsAt } : {}) }
      : undefined;
  return (
    <ActDialog
      title={label}
      confirm={label}
      isReady={!lifts || reason.trim() !== ""}
      isBusy={isBusy}
      error={error}
      onSubmit={() => onMove(reason, deprecation)}
      onClose={onClose}
    >
      <p className="zg-break">
        {t("move.effect", { ref: version.ref, from: words.versionState(version.state), to: words.versionState(to) })}
      </p>
      <ReasonField value={reason} onChange={setReason} required={lifts} isFirst />
      {deprecation !== undefined && (
        <>
          <TextInput
            label={t("deprecation.successor")}
            description={t("deprecation.successorRule")}
            value={successor}
            onChange={(event) => setSuccessor(event.currentTarget.value)}
          />
          <FilterTime label={t("deprecation.endsAt")} value={endsAt} onChange={setEndsAt} />
        </>
      )}
    </ActDialog>
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
