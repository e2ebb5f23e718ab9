import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Acknowledgement, paths, Recall, RecalledVersion } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { shortId } from "../../lib/format.js";
import { useRouteParam } from "../../lib/route-param.js";
import { useFormats } from "../../lib/use-formats.js";
import { AppLink } from "../../ui/app-link.js";
import { DangerDialog } from "../../ui/danger-dialog.js";
import { DataTable } from "../../ui/data-table.js";
import { Fact, Facts } from "../../ui/facts.js";
import { ListFaces } from "../../ui/list-faces.js";
import { ObjectPage } from "../../ui/object-faces.js";
import { Page } from "../../ui/page.js";
import { Panel } from "../../ui/panel.js";
import { ReasonField } from "../../ui/reason-field.js";
import { VersionLink } from "../../ui/ref-link.js";
import { VersionStateBadge } from "../../ui/state-badge.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";
import { RecallStateBadge } from "./recall-state.js";

/** How often a recall under way is read again. */
const WHILE_WORKING_MS = 1000;

/** One recall: how far it has come, what it holds, and which institution has confirmed. */
export function RecallPage() {
  const id = useRouteParam("id");
  const read = useQuery({
    queryKey: [paths.recall(id)],
    queryFn: ({ signal }) => api.get(paths.recall(id), Recall, { signal }),
    refetchInterval: ({ state }) => (state.data && isWorking(state.data) ? WHILE_WORKING_MS : 15_000),
  });
  return <ObjectPage read={read}>{(recall) => <RecallView key={recall.id} recall={recall} />}</ObjectPage>;
}

const isWorking = ({ state }: Recall) => state === "executing" || state === "lifting";

function RecallView({ recall }: { readonly recall: Recall }) {
  const { t } = useTranslation("recalls");
  const formats = useFormats();
  const [isLifting, setLifting] = useState(false);
  const { kind, ref } = recall.subject;
  return (
    <Page
      title={t("pageTitle", { id: shortId(recall.id), ref })}
      heading={
        <>
          {t("one")}{" "}
          {kind === "version" ? (
            <VersionLink value={ref} />
          ) : (
            <AppLink to={to.datasetVersion(ref)}>
              <bdi>{ref}</bdi>
            </AppLink>
          )}
        </>
      }
      beside={
        <span aria-live="polite">
          <RecallStateBadge state={recall.state} />
        </span>
      }
      lead={<span dir="auto">{recall.reason}</span>}
      actions={
        recall.mayLift ? (
          <Button variant="default" onClick={() => setLifting(true)}>
            {t("lift")}
          </Button>
        ) : null
      }
    >
      {isWorking(recall) && (
        <p className="zg-note" role="status">
          {t(recall.state === "executing" ? "working.executing" : "working.lifting", {
            done: formats.number(recall.state === "executing" ? recall.blocked : recall.restored),
            all: formats.number(recall.state === "executing" ? recall.expected : recall.blocked),
          })}
        </p>
      )}
      <div className="zg-halves">
        <Panel title={t("about")}>
          <Facts>
            <Fact term={t("fact.blocked")}>{formats.number(recall.blocked)}</Fact>
            <Fact term={t("fact.restored")}>{recall.restored > 0 ? formats.number(recall.restored) : null}</Fact>
            <Fact term={t("fact.jobsCancelled")}>{formats.number(recall.jobsCancelled)}</Fact>
            <Fact term={t("fact.jobsFlagged")}>{formats.number(recall.jobsFlagged)}</Fact>
            <Fact term={t("fact.by")}>
              <bdi>{recall.createdBy}</bdi>
            </Fact>
            <Fact term={t("fact.at")}>
              <Time at={recall.createdAt} />
            </Fact>
            <Fact term={t("deadline")}>
              <Time at={recall.acknowledgeBy} />
            </Fact>
            <Fact term={t("fact.liftedBy")}>{recall.liftedBy && <bdi>{recall.liftedBy}</bdi>}</Fact>
            <Fact term={t("fact.liftedAt")}>{recall.liftedAt && <Time at={recall.liftedAt} />}</Fact>
            <Fact term={t("fact.liftReason")}>{recall.liftReason && <span dir="auto">{recall.liftReason}</span>}</Fact>
          </Facts>
        </Panel>
        <Acknowledgements rows={recall.acknowledgements} />
      </div>
      <HeldVersions recall={recall} />
      {isLifting && <LiftDialog recall={recall} onClose={() => setLifting(false)} />}
    </Page>
  );
}

function Acknowledgements({ rows }: { readonly rows: readonly Acknowledgement[] }) {
  const { t } = useTranslation("recalls");
  const formats = useFormats();
  const done = rows.filter(({ acknowledgedAt }) => acknowledgedAt !== null).length;
  return (
    <Panel title={t("acknowledged", { done: formats.number(done), all: formats.number(rows.length) })} flush>
      {rows.length === 0 ? (
        <p className="zg-face">{t("nobodyElse")}</p>
      ) : (
        <DataTable<Acknowledgement>
          label={t("acknowledgements")}
          rows={rows}
          rowKey={(row) => row.institution}
          columns={[
            { id: "institution", header: t("column.institution"), cell: (row) => <bdi>{row.institution}</bdi> },
            { id: "versions", header: t("column.versions"), align: "end", cell: (row) => formats.number(row.versions) },
            { id: "seen", header: t("column.seen"), nowrap: true, cell: (row) => (row.seenAt ? <Time at={row.seenAt} /> : "–") },
            {
              id: "acknowledged",
              header: t("column.acknowledged"),
              cell: (row) =>
                row.acknowledgedAt ? (
                  <span className="zg-row">
                    <Time at={row.acknowledgedAt} /> <bdi>{row.acknowledgedBy}</bdi>
                  </span>
                ) : row.escalations > 0 ? (
                  t("overdue", { count: row.escalations })
                ) : (
                  t("awaited")
                ),
            },
          ]}
        />
      )}
    </Panel>
  );
}

function HeldVersions({ recall }: { readonly recall: Recall }) {
  const { t } = useTranslation("recalls");
  const versions = usePages({ path: paths.recallVersions(recall.id), item: RecalledVersion });
  return (
    <div className="zg-stack">
      <h2>{t("held")}</h2>
      <ListFaces read={versions} empty={t("heldNone")}>
        {(rows) => (
          <>
            <DataTable<RecalledVersion>
              label={t("held")}
              rows={rows}
              rowKey={(row) => row.ref}
              columns={[
                { id: "version", header: t("column.version"), cell: (row) => <VersionLink value={row.ref} /> },
                { id: "owner", header: t("column.institution"), cell: (row) => <bdi>{row.owner}</bdi> },
                { id: "state", header: t("column.state"), cell: (row) => <VersionStateBadge state={row.state} /> },
              ]}
            />
            <TableFoot shown={rows.length} {...versions} />
          </>
        )}
      </ListFaces>
    </div>
  );
}

function LiftDialog({ recall, onClose }: { readonly recall: Recall; readonly onClose: () => void }) {
  const { t } = useTranslation("recalls");
  const formats = useFormats();
  const queryClient = useQueryClient();
  const [reason, setReason] = useState("");
  const lift = useMutation({
    mutationFn: () => api.send("POST", paths.recallLift(recall.id), { reason }, Recall),
    onSuccess: async (lifted) => {
      queryClient.setQueryData([paths.recall(recall.id)], lifted);
      onClose();
      await queryClient.invalidateQueries();
    },
  });
  return (
    <DangerDialog
      title={t("lift")}
      effect={
        <div className="zg-stack">
          <p>{t("liftEffect", { count: recall.blocked, versions: formats.number(recall.blocked) })}</p>
          <ReasonField value={reason} onChange={setReason} />
        </div>
      }
      name={recall.subject.ref}
      confirm={t("lift")}
      isReady={reason.trim() !== ""}
      isBusy={lift.isPending}
      error={lift.error}
      onConfirm={() => lift.mutate()}
      onClose={onClose}
    />
  );
}
