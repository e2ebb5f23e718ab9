import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type JobId, MonthStatement, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { polling } from "../../lib/query-client.js";
import { saveFile } from "../../lib/save-file.js";
import { hasRole, useMe } from "../../lib/session.js";
import { useFormats } from "../../lib/use-formats.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { StateBadge } from "../../ui/state-badge.js";
import { CloseMonthDialog } from "./close-month-dialog.js";
import { CorrectChargeDialog } from "./correct-charge-dialog.js";
import { StatementLines } from "./statement-lines.js";
import { SumsTable } from "./sums-table.js";

interface MonthViewProps {
  readonly month: string;
  /** Null: of all institutions. */
  readonly slug: string | null;
}

/** One month: the lines of an institution's statement, or what everybody pays. An open month is looked at anew, a closed one never changes. */
export function MonthView({ month, slug }: MonthViewProps) {
  const me = useMe();
  const isPlatform = me.institution.slug === "platform";
  const path = paths.statement(month);
  const query = isPlatform && slug !== null ? { "filter[institution]": slug } : {};
  const read = useQuery({
    queryKey: [path, query],
    queryFn: ({ signal }) => api.get(path, MonthStatement, { signal, query }),
    ...polling,
    refetchInterval: ({ state }) => (state.data?.isClosed === true ? false : polling.refetchInterval()),
  });
  return (
    <>
      {read.error && read.data !== undefined ? <ProblemPanel error={read.error} onRetry={() => void read.refetch()} /> : null}
      <ObjectPart read={read}>{(shown) => <Shown shown={shown} slug={slug} />}</ObjectPart>
    </>
  );
}

function Shown({ shown, slug }: { readonly shown: MonthStatement; readonly slug: string | null }) {
  const { t } = useTranslation("statements");
  const me = useMe();
  const formats = useFormats();
  const [isClosing, setClosing] = useState(false);
  const [correcting, setCorrecting] = useState<JobId | null>(null);
  const { month, statement, sums, currency, isClosed } = shown;
  const isAdmin = hasRole(me, "platform_admin");
  const isOver = month < new Date().toISOString().slice(0, 7);
  const exported = me.institution.slug === "platform" ? (slug ?? undefined) : undefined;
  return (
    <section className="zg-stack" aria-label={t("of", { month })}>
      <div className="zg-spread">
        <div className="zg-row">
          <h2>{t("of", { month })}</h2>
          <ClosedBadge isClosed={isClosed} />
        </div>
        <div className="zg-row">
          <Button variant="default" onClick={() => saveFile(paths.statementExport(month, exported))}>
            {t("export")}
          </Button>
          {isAdmin && !isClosed && isOver && slug === null && <Button onClick={() => setClosing(true)}>{t("close")}</Button>}
        </div>
      </div>
      {statement && slug !== null && (
        <>
          <p className="zg-quiet">{t(isClosed ? "staysClosed" : "stillOpen")}</p>
          <p>
            <strong>{t("totalOf", { amount: formats.money(statement.total, currency) })}</strong>
          </p>
          <StatementLines statement={statement} onCorrect={isAdmin ? setCorrecting : null} />
        </>
      )}
      {sums && slug === null && <SumsTable sums={sums} currency={currency} pathOf={(institution) => to.statements(institution, month)} />}
      {isClosing && <CloseMonthDialog month={month} onClose={() => setClosing(false)} />}
      {correcting && slug !== null && (
        <CorrectChargeDialog institution={slug} job={correcting} currency={currency} onClose={() => setCorrecting(null)} />
      )}
    </section>
  );
}

export function ClosedBadge({ isClosed }: { readonly isClosed: boolean }) {
  const { t } = useTranslation("statements");
  return <StateBadge glyph={isClosed ? "sealed" : "draft"} tone={isClosed ? "good" : "quiet"} word={t(isClosed ? "closed" : "open")} />;
}
