import { useMutation, useQueryClient } from "@tanstack/react-query";
import { OwnSession, paths } from "@ziggurat/contracts";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { DataTable } from "../../ui/data-table.js";
import { ListFaces } from "../../ui/list-faces.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";

/** Where one is signed in: in every browser with this account, and in this one with others beside it. */
export function SessionsPanel() {
  const { t } = useTranslation("settings");
  const queryClient = useQueryClient();
  const heading = useRef<HTMLHeadingElement>(null);
  const read = usePages({ path: paths.ownSessions(), item: OwnSession, limit: null });
  const end = useMutation({
    mutationFn: (session: OwnSession) => api.sendOnly("DELETE", paths.ownSession(session.id)),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: [paths.ownSessions()] });
      // The button has gone with its row.
      heading.current?.focus();
    },
  });
  return (
    <section className="zg-stack" aria-label={t("session.title")}>
      <h2 ref={heading} tabIndex={-1}>
        {t("session.title")}
      </h2>
      {end.error ? <ProblemPanel error={end.error} /> : null}
      <ListFaces read={read} empty={t("session.empty")}>
        {(rows) => (
          <DataTable<OwnSession>
            label={t("session.title")}
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              {
                id: "institution",
                header: t("institution"),
                cell: ({ institution, email }) => (
                  <>
                    <bdi className="zg-clip">{institution.name}</bdi>
                    <div className="zg-quiet zg-small">
                      <bdi>{email}</bdi>
                    </div>
                  </>
                ),
              },
              {
                id: "where",
                header: t("session.where"),
                cell: ({ isCurrent, isHeld }) => t(isCurrent ? "session.this" : isHeld ? "session.beside" : "session.elsewhere"),
              },
              { id: "since", header: t("session.since"), nowrap: true, cell: (row) => <Time at={row.createdAt} /> },
              { id: "seen", header: t("session.seen"), nowrap: true, cell: (row) => <Time at={row.lastSeenAt} /> },
              {
                id: "end",
                header: <span className="zg-visually-hidden">{t("token.actions")}</span>,
                align: "end",
                cell: (row) =>
                  row.isCurrent ? null : (
                    <button
                      type="button"
                      className="zg-link-button"
                      onClick={() => end.mutate(row)}
                      aria-label={t("session.endOf", { name: row.institution.name })}
                    >
                      {t("session.end")}
                    </button>
                  ),
              },
            ]}
          />
        )}
      </ListFaces>
    </section>
  );
}
