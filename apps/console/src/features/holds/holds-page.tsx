import { Button } from "@mantine/core";
import { type HoldAction as Deed, Hold, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { useUrlState } from "../../lib/url-state.js";
import { DataTable } from "../../ui/data-table.js";
import { FilterSelect } from "../../ui/filter-select.js";
import { FilterText } from "../../ui/filter-text.js";
import { HoldAction } from "../../ui/hold-action.js";
import { HOLD_EXAMPLES } from "../../ui/hold-examples.js";
import { ListFaces } from "../../ui/list-faces.js";
import { Page } from "../../ui/page.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { UrlNotice } from "../../ui/url-notice.js";
import { usePages } from "../../ui/use-pages.js";
import { HeldSubject } from "./held-subject.js";
import { LiftDialog } from "./lift-dialog.js";

const UrlSchema = z.object({ open: z.enum(["true", "false"]).optional(), subject: z.string().max(140).optional() });

/** Legal holds that the viewer may know: what is held, by whom, and who has asked for its lift. */
export function HoldsPage() {
  const { t } = useTranslation("retention");
  const { values, rejected, set } = useUrlState(UrlSchema);
  const [chosen, setChosen] = useState<{ readonly hold: Hold; readonly deed: Deed } | null>(null);
  const holds = usePages({ path: paths.holds(), item: Hold, query: { "filter[open]": values.open, "filter[subject]": values.subject } });
  const filters = [
    ...(values.open ? [{ key: "open", label: t(`hold.openWord.${values.open}`), onRemove: () => set({ open: undefined }) }] : []),
    ...(values.subject ? [{ key: "subject", label: values.subject, onRemove: () => set({ subject: undefined }) }] : []),
  ];
  return (
    <Page title={t("hold.title")} lead={t("hold.lead")} actions={<HoldAction subject={null} owner={null} />}>
      {chosen !== null && <LiftDialog {...chosen} onClose={() => setChosen(null)} />}
      <UrlNotice rejected={rejected} />
      <div className="zg-filters">
        <FilterSelect
          label={t("hold.state")}
          value={values.open}
          options={(["true", "false"] as const).map((value) => ({ value, label: t(`hold.openWord.${value}`) }))}
          onChange={(open) => set({ open })}
        />
        <FilterText
          label={t("hold.subjectFilter")}
          value={values.subject}
          placeholder={HOLD_EXAMPLES.version}
          onChange={(subject) => set({ subject })}
        />
      </div>
      <ListFaces read={holds} filters={filters} empty={t("hold.empty")} noMatch={t("hold.noMatch")}>
        {(rows) => (
          <>
            <DataTable<Hold>
              label={t("hold.title")}
              rows={rows}
              rowKey={(hold) => hold.id}
              isDimmed={holds.isDimmed}
              columns={[
                { id: "subject", header: t("hold.subject"), cell: (hold) => <HeldSubject subject={hold.subject} /> },
                { id: "state", header: t("hold.state"), nowrap: true, cell: (hold) => t(`hold.stateWord.${hold.state}`) },
                {
                  id: "reason",
                  header: t("hold.reason"),
                  cell: (hold) => (
                    <span className="zg-stack zg-stack-tight">
                      <span className="zg-break" dir="auto">
                        {hold.reason}
                      </span>
                      {hold.reference !== null && <bdi className="zg-quiet zg-small">{hold.reference}</bdi>}
                    </span>
                  ),
                },
                {
                  id: "set",
                  header: t("hold.setBy"),
                  cell: (hold) => (
                    <span className="zg-stack zg-stack-tight">
                      <bdi>{hold.setBy}</bdi>
                      <span className="zg-quiet zg-small">
                        <bdi>{hold.setFor}</bdi> · <Time at={hold.setAt} />
                      </span>
                    </span>
                  ),
                },
                { id: "lift", header: t("hold.lift"), cell: (hold) => <Lift hold={hold} /> },
                {
                  id: "actions",
                  header: t("rule.actions"),
                  cell: (hold) => (
                    <span className="zg-row">
                      {hold.actions.map((deed) => (
                        <Button
                          key={deed}
                          size="xs"
                          variant={deed === "confirm_lift" ? "filled" : "default"}
                          aria-label={t(`hold.deedOf.${deed}`, { ref: hold.subject.ref })}
                          onClick={() => setChosen({ hold, deed })}
                        >
                          {t(`hold.deed.${deed}`)}
                        </Button>
                      ))}
                    </span>
                  ),
                },
              ]}
            />
            <TableFoot shown={rows.length} {...holds} />
          </>
        )}
      </ListFaces>
    </Page>
  );
}

/** Who asked for the lift and why, and who gave the second word. */
function Lift({ hold: { lift, liftedAt, liftedBy } }: { readonly hold: Hold }) {
  const { t } = useTranslation("retention");
  if (lift === null) return "–";
  return (
    <span className="zg-stack zg-stack-tight">
      <span className="zg-break" dir="auto">
        {lift.reason}
      </span>
      <span className="zg-quiet zg-small">
        {t("hold.askedBy")} <bdi>{lift.askedBy}</bdi> · <Time at={lift.askedAt} />
      </span>
      {liftedAt !== null && (
        <span className="zg-quiet zg-small">
          {t("hold.confirmedBy")} <bdi>{liftedBy}</bdi> · <Time at={liftedAt} />
        </span>
      )}
    </span>
  );
}
