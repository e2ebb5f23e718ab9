import { Button } from "@mantine/core";
import { CleanUp, CleanUpRule, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { polling } from "../../lib/query-client.js";
import { useMe } from "../../lib/session.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { DataTable } from "../../ui/data-table.js";
import { ListFaces } from "../../ui/list-faces.js";
import { Page } from "../../ui/page.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";
import { CarryOutDialog } from "./carry-out-dialog.js";
import { GarbagePanel } from "./garbage-panel.js";
import { RuleDialog } from "./rule-dialog.js";

/** Rules of what is cleaned up when, and what became of carrying them out. */
export function CleanUpsPage() {
  const { t } = useTranslation("retention");
  const mayRule = useMe().roles.includes("platform_admin");
  const [edited, setEdited] = useState<CleanUpRule | "new" | null>(null);
  const [carried, setCarried] = useState<CleanUpRule | null>(null);
  const begin = mayRule ? <Button onClick={() => setEdited("new")}>{t("rule.new")}</Button> : null;
  return (
    <Page title={t("cleanUps.title")} lead={t("cleanUps.lead")} actions={begin}>
      {edited !== null && <RuleDialog rule={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
      {carried !== null && <CarryOutDialog rule={carried} onClose={() => setCarried(null)} />}
      <div className="zg-stack">
        <h2>{t("rule.title")}</h2>
        <Rules mayRule={mayRule} onEdit={setEdited} onCarryOut={setCarried} />
        <h2>{t("cleanUps.carriedOut")}</h2>
        <CleanUps />
        {mayRule && <GarbagePanel />}
      </div>
    </Page>
  );
}

interface RulesProps {
  readonly mayRule: boolean;
  readonly onEdit: (rule: CleanUpRule) => void;
  readonly onCarryOut: (rule: CleanUpRule) => void;
}

function Rules({ mayRule, onEdit, onCarryOut }: RulesProps) {
  const { t } = useTranslation("retention");
  const words = useWords();
  const rules = usePages({ path: paths.cleanUpRules(), item: CleanUpRule });
  return (
    <ListFaces read={rules} empty={t("rule.empty")}>
      {(rows) => (
        <>
          <DataTable<CleanUpRule>
            label={t("rule.title")}
            rows={rows}
            rowKey={(rule) => rule.name}
            columns={[
              { id: "name", header: t("rule.name"), cell: (rule) => <bdi>{rule.name}</bdi> },
              { id: "tier", header: t("rule.tier"), cell: (rule) => words.tierModels(rule.tier) },
              { id: "states", header: t("rule.states"), cell: (rule) => rule.states.map((state) => words.versionState(state)).join(" · ") },
              { id: "age", header: t("rule.age"), align: "end", cell: (rule) => t("rule.days", { count: rule.ageDays }) },
              { id: "on", header: t("rule.enabled"), cell: (rule) => t(rule.isEnabled ? "rule.on" : "rule.off") },
              { id: "revision", header: t("rule.revision"), align: "end", cell: (rule) => rule.revision },
              {
                id: "reason",
                header: t("rule.reason"),
                cell: (rule) => (
                  <span className="zg-break" dir="auto">
                    {rule.reason}
                  </span>
                ),
              },
              { id: "at", header: t("rule.setAt"), nowrap: true, cell: (rule) => <Time at={rule.setAt} /> },
              ...(mayRule
                ? [
                    {
                      id: "actions",
                      header: t("rule.actions"),
                      nowrap: true,
                      cell: (rule: CleanUpRule) => (
                        <span className="zg-row">
                          <Button
                            size="xs"
                            variant="default"
                            aria-label={t("rule.changeOf", { name: rule.name })}
                            onClick={() => onEdit(rule)}
                          >
                            {t("rule.change")}
                          </Button>
                          <Button
                            size="xs"
                            variant="default"
                            aria-label={t("rule.previewOf", { name: rule.name })}
                            onClick={() => onCarryOut(rule)}
                          >
                            {t("rule.preview")}
                          </Button>
                        </span>
                      ),
                    },
                  ]
                : []),
            ]}
          />
          <TableFoot shown={rows.length} {...rules} />
        </>
      )}
    </ListFaces>
  );
}

function CleanUps() {
  const { t } = useTranslation("retention");
  const formats = useFormats();
  const cleanUps = usePages({ path: paths.cleanUps(), item: CleanUp, ...polling });
  return (
    <ListFaces read={cleanUps} empty={t("cleanUps.empty")}>
      {(rows) => (
        <>
          <DataTable<CleanUp>
            label={t("cleanUps.carriedOut")}
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              {
                id: "rule",
                header: t("rule.name"),
                cell: (row) => <bdi>{t("cleanUps.rule", { name: row.rule, revision: row.revision })}</bdi>,
              },
              { id: "state", header: t("cleanUps.state"), cell: (row) => t(`cleanUps.stateWord.${row.state}`) },
              {
                id: "purged",
                header: t("cleanUps.purged"),
                align: "end",
                cell: (row) => t("cleanUps.of", { done: formats.number(row.purged), all: formats.number(row.expected) }),
              },
              { id: "kept", header: t("cleanUps.kept"), align: "end", cell: (row) => formats.number(row.kept) },
              { id: "size", header: t("cleanUps.size"), align: "end", cell: (row) => formats.bytes(row.sizeBytes) },
              { id: "by", header: t("cleanUps.by"), cell: (row) => <bdi>{row.requestedBy}</bdi> },
              {
                id: "reason",
                header: t("rule.reason"),
                cell: (row) => (
                  <span className="zg-break" dir="auto">
                    {row.reason}
                  </span>
                ),
              },
              { id: "at", header: t("cleanUps.at"), nowrap: true, cell: (row) => <Time at={row.createdAt} /> },
            ]}
          />
          <TableFoot shown={rows.length} {...cleanUps} />
        </>
      )}
    </ListFaces>
  );
}
