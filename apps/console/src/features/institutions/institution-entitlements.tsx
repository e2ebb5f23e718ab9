import { Button } from "@mantine/core";
import { Entitlement, type EntitlementState, type Institution, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { to } from "../../lib/console-paths.js";
import { hasRole, useMe } from "../../lib/session.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { AppLink } from "../../ui/app-link.js";
import type { Column } from "../../ui/data-table.js";
import type { GlyphName } from "../../ui/glyph.js";
import { ListSection } from "../../ui/list-section.js";
import { StateBadge, type Tone } from "../../ui/state-badge.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";
import { EndEntitlementDialog } from "./end-entitlement-dialog.js";
import { GrantDialog } from "./grant-dialog.js";

const LOOK: Record<EntitlementState, readonly [GlyphName, Tone]> = {
  pending: ["queue", "quiet"],
  in_force: ["checked", "good"],
  suspended: ["warning", "warning"],
  ended: ["archive", "quiet"],
};

/** What an institution may do with shared lines that are not open to all. The platform's administrators grant and end it here. */
export function InstitutionEntitlements({ institution }: { readonly institution: Institution }) {
  const { t } = useTranslation("institutions");
  const me = useMe();
  const [isGranting, setGranting] = useState(false);
  const [ending, setEnding] = useState<Entitlement | null>(null);
  const read = usePages({ path: paths.entitlements(institution.slug), item: Entitlement });
  const mayChange = hasRole(me, "platform_admin");
  const grant = mayChange ? <Button onClick={() => setGranting(true)}>{t("entitlements.grant")}</Button> : null;
  const columns = useColumns(mayChange ? setEnding : null);
  return (
    <>
      <ListSection<Entitlement>
        title={t("entitlements.title")}
        read={read}
        empty={t("entitlements.empty")}
        begin={grant}
        columns={columns}
        rowKey={(row) => row.id}
      />
      {isGranting && <GrantDialog institution={institution} onClose={() => setGranting(false)} />}
      {ending && <EndEntitlementDialog institution={institution} entitlement={ending} onClose={() => setEnding(null)} />}
    </>
  );
}

function useColumns(onEnd: ((entitlement: Entitlement) => void) | null): Column<Entitlement>[] {
  const { t } = useTranslation("institutions");
  const words = useWords();
  const formats = useFormats();
  return [
    {
      id: "subject",
      header: t("entitlements.subject"),
      cell: ({ subject, reason, endReason }) => (
        <>
          <div>
            <AppLink to={subject.includes("@") ? to.version(subject) : to.model(subject)}>
              <bdi>{subject}</bdi>
            </AppLink>
          </div>
          <div className="zg-quiet zg-small zg-clip">
            <bdi title={endReason ?? reason}>{endReason ?? reason}</bdi>
          </div>
        </>
      ),
    },
    {
      id: "rights",
      header: t("entitlements.rights"),
      cell: ({ rights }) => rights.map((right) => t(`entitlements.right.${right}`)).join(" · "),
    },
    {
      id: "limits",
      header: t("entitlements.limits"),
      cell: ({ maxTaskModels, taskModels, scenarios }) => (
        <>
          <div>
            {maxTaskModels === null
              ? t("entitlements.used", { count: taskModels })
              : t("entitlements.usedOf", { used: formats.number(taskModels), most: formats.number(maxTaskModels) })}
          </div>
          {scenarios && <div className="zg-quiet zg-small">{scenarios.map((scenario) => words.t(`scenario.${scenario}`)).join(" · ")}</div>}
        </>
      ),
    },
    {
      id: "state",
      header: t("entitlements.state"),
      nowrap: true,
      cell: ({ state, suspendedBy }) => {
        const [glyph, tone] = LOOK[state];
        const badge = <StateBadge glyph={glyph} tone={tone} word={t(`entitlements.is.${state}`)} />;
        return suspendedBy === null ? badge : <AppLink to={to.recall(suspendedBy)}>{badge}</AppLink>;
      },
    },
    {
      id: "ends",
      header: t("entitlements.ends"),
      nowrap: true,
      cell: ({ endedAt, endsAt }) => {
        const end = endedAt ?? endsAt;
        return end === null ? t("entitlements.endless") : <Time at={end} />;
      },
    },
    {
      id: "end",
      header: <span className="zg-visually-hidden">{t("entitlements.actions")}</span>,
      align: "end",
      cell: (row) =>
        onEnd !== null && row.state !== "ended" ? (
          <button
            type="button"
            className="zg-link-button"
            onClick={() => onEnd(row)}
            aria-label={t("entitlements.endOf", { subject: row.subject })}
          >
            {t("entitlements.end")}
          </button>
        ) : null,
    },
  ];
}
