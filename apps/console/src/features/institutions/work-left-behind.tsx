import { useMutation, useQueryClient } from "@tanstack/react-query";
import { paths, RunningWork } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ActDialog } from "../../ui/act-dialog.js";
import { type Column, DataTable } from "../../ui/data-table.js";
import { ListFaces } from "../../ui/list-faces.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";
import { cancelWork } from "./running-work.js";
import { useWorkName, WorkName, WorkState } from "./work-name.js";

/** Imports and jobs that go on although their starter has left: a directory takes people out without asking what they have begun. */
export function WorkLeftBehind({ slug }: { readonly slug: string }) {
  const { t } = useTranslation("institutions");
  const queryClient = useQueryClient();
  const [ending, setEnding] = useState<RunningWork | null>(null);
  const read = usePages({ path: paths.runningWork(), item: RunningWork, query: { institution: slug, "filter[left]": "true" } });
  const cancel = useMutation({
    mutationFn: cancelWork,
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: [paths.runningWork()] });
      setEnding(null);
    },
  });
  const columns = useColumns(setEnding);
  const nameOf = useWorkName();
  const close = () => {
    setEnding(null);
    cancel.reset();
  };
  return (
    <section className="zg-stack" aria-label={t("work.left")}>
      <h2>{t("work.left")}</h2>
      <ListFaces read={read} empty={t("work.noneLeft")}>
        {(rows) => (
          <>
            <DataTable<RunningWork> label={t("work.left")} rows={rows} rowKey={({ id }) => id} columns={columns} />
            <TableFoot shown={rows.length} {...read} />
          </>
        )}
      </ListFaces>
      {ending && (
        <ActDialog
          title={t("work.cancelOf", { work: nameOf(ending) })}
          confirm={t("work.cancel")}
          isDangerous
          isBusy={cancel.isPending}
          error={cancel.error}
          onSubmit={() => cancel.mutate(ending)}
          onClose={close}
        >
          <p>{t(`work.cancelEffect.${ending.kind}`)}</p>
        </ActDialog>
      )}
    </section>
  );
}

function useColumns(onCancel: (work: RunningWork) => void): Column<RunningWork>[] {
  const { t } = useTranslation("institutions");
  const nameOf = useWorkName();
  return [
    { id: "work", header: t("work.what"), cell: (work) => <WorkName work={work} /> },
    { id: "state", header: t("models.state"), nowrap: true, cell: (work) => <WorkState work={work} /> },
    { id: "by", header: t("work.by"), cell: ({ begunBy }) => <bdi className="zg-clip">{begunBy.name}</bdi> },
    { id: "since", header: t("work.since"), nowrap: true, cell: ({ since }) => <Time at={since} /> },
    {
      id: "cancel",
      header: <span className="zg-visually-hidden">{t("members.actions")}</span>,
      align: "end",
      cell: (work) =>
        work.cancel.allowed ? (
          <button
            type="button"
            className="zg-link-button"
            onClick={() => onCancel(work)}
            aria-label={t("work.cancelOf", { work: nameOf(work) })}
          >
            {t("work.cancel")}
          </button>
        ) : null,
    },
  ];
}
