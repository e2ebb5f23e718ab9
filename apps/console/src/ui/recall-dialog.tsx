import { Select } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { paths, Recall, RecallPreview, type RecallSubject } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../lib/api-client.js";
import { violationsOf } from "../lib/api-problem.js";
import { to } from "../lib/console-paths.js";
import { DangerDialog } from "./danger-dialog.js";
import { ObjectPart } from "./object-faces.js";
import { ReachSummary } from "./reach-summary.js";
import { ReasonField } from "./reason-field.js";

const DEADLINE_HOURS = ["24", "72", "168"] as const;

interface RecallDialogProps {
  readonly subject: RecallSubject;
  readonly onClose: () => void;
}

/** What a recall would reach, read before anything can be confirmed. When the graph changes meanwhile, it is read again. */
export default function RecallDialog({ subject, onClose }: RecallDialogProps) {
  const { t } = useTranslation("recalls");
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [reason, setReason] = useState("");
  const [hours, setHours] = useState<string>("72");
  const name = subject.version ?? subject.dataset ?? "";
  const read = useQuery({
    queryKey: [paths.recallPreview(), subject],
    queryFn: ({ signal }) => api.send("POST", paths.recallPreview(), subject, RecallPreview, { signal }),
    staleTime: 0,
    gcTime: 0,
  });
  const execute = useMutation({
    mutationFn: (graph: string) =>
      api.send(
        "POST",
        paths.recalls(),
        { ...subject, graph, reason, acknowledgeBy: new Date(Date.now() + Number(hours) * 3_600_000).toISOString() },
        Recall,
      ),
    onSuccess: async (recall) => {
      queryClient.setQueryData([paths.recall(recall.id)], recall);
      await navigate({ to: to.recall(recall.id) });
      await queryClient.invalidateQueries();
    },
    onError: (error) => {
      if (violationsOf(error).some(({ code }) => code === "graph_changed")) void read.refetch();
    },
  });
  const preview = read.data;
  return (
    <DangerDialog
      title={t(subject.version === undefined ? "dialog.withdraw" : "dialog.recall")}
      effect={
        <div className="zg-stack">
          <ObjectPart read={read}>{(shown) => <ReachSummary preview={shown} />}</ObjectPart>
          <ReasonField value={reason} onChange={setReason} description={t("reasonRule")} />
          <Select
            label={t("deadline")}
            data={DEADLINE_HOURS.map((value) => ({ value, label: t(`deadlineIn.${value}`) }))}
            value={hours}
            allowDeselect={false}
            onChange={(value) => setHours(value ?? "72")}
          />
        </div>
      }
      name={name}
      confirm={t(subject.version === undefined ? "dialog.withdraw" : "dialog.recall")}
      isReady={preview !== undefined && !read.isFetching && reason.trim() !== ""}
      isBusy={execute.isPending}
      error={execute.error}
      onConfirm={() => {
        if (preview !== undefined) execute.mutate(preview.graph);
      }}
      onClose={onClose}
    />
  );
}
