import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type PurgeBlocker, PurgePreview, type PurgeSubject, paths, Tombstone } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../lib/api-client.js";
import { violationsOf } from "../lib/api-problem.js";
import { violationText } from "../lib/problem-text.js";
import { useFormats } from "../lib/use-formats.js";
import { DangerDialog } from "./danger-dialog.js";
import { ObjectPart } from "./object-faces.js";
import { ReasonField } from "./reason-field.js";

interface PurgeDialogProps {
  readonly subject: PurgeSubject;
  readonly onClose: () => void;
}

/** What a purge would drop and everything that stands in its way, read before anything can be confirmed, and again when that changed. */
export default function PurgeDialog({ subject, onClose }: PurgeDialogProps) {
  const { t } = useTranslation("retention");
  const queryClient = useQueryClient();
  const [reason, setReason] = useState("");
  const read = useQuery({
    queryKey: [paths.purgePreview(), subject],
    queryFn: ({ signal }) => api.send("POST", paths.purgePreview(), subject, PurgePreview, { signal }),
    staleTime: 0,
    gcTime: 0,
  });
  const purge = useMutation({
    mutationFn: (graph: string) => api.send("POST", paths.purges(), { ...subject, graph, reason }, Tombstone),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries();
    },
    onError: (error) => {
      if (violationsOf(error).length > 0) void read.refetch();
    },
  });
  const preview = read.data;
  const isFree = preview !== undefined && preview.blockers.length === 0;
  return (
    <DangerDialog
      title={t("purge.title")}
      effect={
        <div className="zg-stack">
          <ObjectPart read={read}>{(shown) => <PurgeEffect preview={shown} />}</ObjectPart>
          {isFree && <ReasonField value={reason} onChange={setReason} description={t("purge.reasonRule")} />}
        </div>
      }
      name={subject.version ?? subject.dataset ?? ""}
      confirm={t("purge.confirm")}
      isPossible={preview === undefined || isFree}
      isReady={isFree && !read.isFetching && reason.trim() !== ""}
      isBusy={purge.isPending}
      error={purge.error}
      onConfirm={() => {
        if (preview !== undefined) purge.mutate(preview.graph);
      }}
      onClose={onClose}
    />
  );
}

function PurgeEffect({ preview }: { readonly preview: PurgePreview }) {
  const { t } = useTranslation("retention");
  const formats = useFormats();
  const { files, sizeBytes, ownBytes, blockers, subject } = preview;
  return (
    <>
      <p>
        {t(`purge.effect.${subject.kind}`, {
          count: files,
          ref: subject.ref,
          files: formats.number(files),
          size: formats.bytes(sizeBytes),
          own: formats.bytes(ownBytes),
        })}
      </p>
      {blockers.length === 0 ? (
        <p>{t("purge.stays")}</p>
      ) : (
        <div className="zg-note" data-tone="warning" role="alert">
          <p>{t("purge.kept")}</p>
          <ul>
            {blockers.map((blocker) => (
              <Blocker key={blocker.code} blocker={blocker} />
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function Blocker({ blocker: { code, detail, objects, count } }: { readonly blocker: PurgeBlocker }) {
  const { t, i18n } = useTranslation("retention");
  const text = violationText({ code, detail }, i18n.language);
  // The server's own words name them already.
  const unnamed = objects.filter((object) => !text.includes(object));
  const named = new Intl.ListFormat(i18n.language).format(unnamed);
  return (
    <li className="zg-break">
      {text}
      {unnamed.length > 0 && (
        <>
          {" "}
          <bdi className="zg-quiet">{named}</bdi>
        </>
      )}
      {count !== null && count > objects.length && <span className="zg-quiet"> {t("purge.more", { count: count - objects.length })}</span>}
    </li>
  );
}
