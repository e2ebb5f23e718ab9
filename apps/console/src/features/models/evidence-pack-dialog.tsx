import { TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { EVIDENCE_ALIAS, type EvidenceQuery, evidenceFileName, type Me, type Model, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { saveFile } from "../../lib/save-file.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { FilterTime } from "../../ui/filter-time.js";

interface EvidencePackDialogProps {
  readonly model: string;
  /** What is asked about at first: an alias, or a version's number. */
  readonly about?: string;
  readonly onClose: () => void;
}

/** A pack holds its owner's audit log: for who may read that, at the owner or at the platform. */
export function mayTakeEvidence(me: Me, model: Pick<Model, "owner">): boolean {
  return me.scopes.includes("audit:read") && (me.institution.slug === model.owner || me.institution.slug === "platform");
}

/** Asks for an instant and a version, and saves what stood behind the task then. */
export function EvidencePackDialog({ model, about = EVIDENCE_ALIAS, onClose }: EvidencePackDialogProps) {
  const { t } = useTranslation("models");
  const [at, setAt] = useState<string | undefined>(thisMinute);
  const [subject, setSubject] = useState<string>(about);
  const take = useMutation({ mutationFn: (query: EvidenceQuery) => save(model, query), onSuccess: onClose });
  return (
    <ActDialog
      title={t("evidence.title")}
      confirm={t("evidence.take")}
      isReady={at !== undefined}
      isBusy={take.isPending}
      error={take.error}
      onSubmit={() => at !== undefined && take.mutate({ at, ...subjectOf(subject.trim()) })}
      onClose={onClose}
    >
      <p>{t("evidence.lead", { model })}</p>
      <FilterTime label={t("evidence.at")} value={at} onChange={setAt} />
      <TextInput
        label={t("evidence.subject")}
        description={t("evidence.subjectHint")}
        value={subject}
        required
        onChange={(event) => setSubject(event.currentTarget.value)}
      />
    </ActDialog>
  );
}

/** The minute that has just begun: it has passed, and its log is sealed or will be in a second. */
function thisMinute(): string {
  return new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString();
}

/** A bare number is a version; anything else is the name of an alias. */
function subjectOf(text: string): Pick<EvidenceQuery, "alias" | "version"> {
  return /^[0-9]+$/.test(text) ? { version: Number(text) } : { alias: text };
}

/** Fetched before it is saved, so that a refusal is read here and not found in a file. */
async function save(model: string, query: EvidenceQuery): Promise<void> {
  const given = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
  const answer = await api.raw(`${paths.evidencePack(model)}?${new URLSearchParams(given)}`, { method: "GET" });
  const address = URL.createObjectURL(await answer.blob());
  saveFile(address, evidenceFileName(model, query));
  URL.revokeObjectURL(address);
}
