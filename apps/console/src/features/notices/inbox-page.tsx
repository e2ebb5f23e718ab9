import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Notice, paths } from "@ziggurat/contracts";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { useUrlState } from "../../lib/url-state.js";
import { useFormats } from "../../lib/use-formats.js";
import { AppLink } from "../../ui/app-link.js";
import { ButtonLink } from "../../ui/button-link.js";
import { DataTable } from "../../ui/data-table.js";
import { FilterSelect } from "../../ui/filter-select.js";
import { ListFaces } from "../../ui/list-faces.js";
import { Page } from "../../ui/page.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { UrlNotice } from "../../ui/url-notice.js";
import { usePages } from "../../ui/use-pages.js";

const UrlSchema = z.object({ open: z.enum(["true", "false"]).optional() });

/** What the viewer's institution must know. Opening the page counts as having seen what it shows. */
export function InboxPage() {
  const { t } = useTranslation("notices");
  const queryClient = useQueryClient();
  const { values, rejected, set } = useUrlState(UrlSchema);
  const notices = usePages({ path: paths.notices(), item: Notice, query: { "filter[open]": values.open } });
  const unseen = (notices.data ?? []).filter(({ seenAt }) => seenAt === null).map(({ id }) => id);
  const unseenKey = unseen.join(" ");
  useEffect(() => {
    for (const id of unseenKey.split(" ").filter(Boolean)) void api.sendOnly("POST", paths.noticeAction(id, "seen")).catch(() => undefined);
  }, [unseenKey]);
  const acknowledge = useMutation({
    mutationFn: (id: string) => api.send("POST", paths.noticeAction(id, "acknowledge"), undefined, Notice),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [paths.notices()] }),
  });
  return (
    <Page
      title={t("title")}
      actions={
        <ButtonLink to={to.recalls()} variant="default">
          {t("recalls")}
        </ButtonLink>
      }
    >
      <UrlNotice rejected={rejected} />
      <div className="zg-filters">
        <FilterSelect
          label={t("filter.open")}
          value={values.open}
          options={(["true", "false"] as const).map((value) => ({ value, label: t(`filter.openWord.${value}`) }))}
          onChange={(open) => set({ open })}
        />
      </div>
      {acknowledge.error ? <ProblemPanel error={acknowledge.error} /> : null}
      <ListFaces
        read={notices}
        filters={values.open ? [{ key: "open", label: t(`filter.openWord.${values.open}`), onRemove: () => set({ open: undefined }) }] : []}
        empty={t("empty")}
        noMatch={t("noMatch")}
      >
        {(rows) => (
          <>
            <DataTable<Notice>
              label={t("title")}
              rows={rows}
              rowKey={(row) => row.id}
              isDimmed={notices.isDimmed}
              columns={[
                { id: "what", header: t("column.what"), cell: (row) => <NoticeText notice={row} /> },
                {
                  id: "reason",
                  header: t("column.reason"),
                  cell: (row) => (
                    <span className="zg-break" dir="auto">
                      {row.reason}
                    </span>
                  ),
                },
                { id: "at", header: t("column.at"), nowrap: true, cell: (row) => <Time at={row.createdAt} /> },
                {
                  id: "by",
                  header: t("column.by"),
                  nowrap: true,
                  cell: (row) => (row.acknowledgeBy ? <Time at={row.acknowledgeBy} /> : "–"),
                },
                {
                  id: "word",
                  header: t("column.word"),
                  cell: (row) =>
                    row.acknowledgedAt ? (
                      <span className="zg-quiet">
                        <bdi>{t("confirmedBy", { name: row.acknowledgedBy })}</bdi> <Time at={row.acknowledgedAt} />
                      </span>
                    ) : row.mayAcknowledge ? (
                      <Button
                        size="xs"
                        loading={acknowledge.isPending && acknowledge.variables === row.id}
                        onClick={() => acknowledge.mutate(row.id)}
                      >
                        {t("confirm")}
                      </Button>
                    ) : (
                      t("needsAdmin")
                    ),
                },
              ]}
            />
            <TableFoot shown={rows.length} {...notices} />
          </>
        )}
      </ListFaces>
    </Page>
  );
}

/** A version, a line of models, or the institution whose quota or exit it is. */
function pathOf({ subject, kind }: Notice): string {
  if (kind.startsWith("exit_")) return to.exit(subject);
  if (subject.includes("@")) return to.version(subject);
  return subject.includes("/") ? to.model(subject) : to.institution(subject);
}

function NoticeText({ notice }: { readonly notice: Notice }) {
  const { t } = useTranslation("notices");
  const formats = useFormats();
  const words = { ref: notice.subject, about: notice.about ?? "", count: notice.versions, versions: formats.number(notice.versions) };
  const path = notice.recall === null ? pathOf(notice) : to.recallVersions(notice.recall);
  return (
    <AppLink to={path}>
      <span className="zg-break">{t(`kind.${notice.kind}`, words)}</span>
    </AppLink>
  );
}
