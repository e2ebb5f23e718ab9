import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type Institution, paths, QUOTA_DIMENSIONS, Quota, QuotaProposal } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { polling } from "../../lib/query-client.js";
import { useWords } from "../../lib/words.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { usePages } from "../../ui/use-pages.js";
import { ProposeQuotaDialog } from "./propose-quota-dialog.js";
import { QuotaBars, useAmounts } from "./quota-bars.js";
import { QuotaProposals } from "./quota-proposals.js";

/** What an institution may use and what it uses, with the changes that were asked for. */
export function InstitutionQuota({ institution }: { readonly institution: Institution }) {
  const { t } = useTranslation("institutions");
  const [isProposing, setProposing] = useState(false);
  const path = paths.quota(institution.slug);
  const read = useQuery({ queryKey: [path], queryFn: ({ signal }) => api.get(path, Quota, { signal }), ...polling });
  const proposals = usePages({ path: paths.quotaProposals(institution.slug), item: QuotaProposal });
  const quota = read.data;
  const isPending = proposals.data?.some(({ state }) => state === "pending") === true;
  return (
    <section className="zg-stack zg-stack-wide" aria-label={t("quota.title")}>
      <div className="zg-spread">
        <h2>{t("quota.title")}</h2>
        {quota?.mayPropose &&
          (isPending ? (
            <span className="zg-quiet zg-small">{t("quota.onePending")}</span>
          ) : (
            <Button onClick={() => setProposing(true)}>{t("quota.propose")}</Button>
          ))}
      </div>
      {read.error && quota !== undefined ? <ProblemPanel error={read.error} onRetry={() => void read.refetch()} /> : null}
      <ObjectPart read={read}>
        {(shown) => (
          <>
            {shown.limits === null && <p className="zg-quiet">{t("quota.none")}</p>}
            <QuotaBars label={t("quota.title")} uses={shown.uses} currency={shown.currency} />
            <Exceeded quota={shown} />
            {shown.limits?.mayBorrow && <p className="zg-quiet">{t("quota.mayBorrow")}</p>}
            <QuotaProposals institution={institution} currency={shown.currency} read={proposals} />
          </>
        )}
      </ObjectPart>
      {isProposing && quota && <ProposeQuotaDialog institution={institution} quota={quota} onClose={() => setProposing(false)} />}
    </section>
  );
}

/** What is at its limit: by how much, and who can raise it. */
function Exceeded({ quota }: { readonly quota: Quota }) {
  const { t, i18n } = useTranslation("institutions");
  const words = useWords();
  const write = useAmounts(quota.currency);
  const full = quota.uses.filter(({ state }) => state === "full");
  if (full.length === 0) return null;
  const roles = (names: readonly string[]) =>
    new Intl.ListFormat(i18n.language, { type: "disjunction" }).format(names.map((role) => words.t(`role.${role}` as "role.auditor")));
  return (
    <div className="zg-problem" role="status">
      <ul>
        {QUOTA_DIMENSIONS.flatMap((dimension) => full.filter((use) => use.dimension === dimension)).map((use) => (
          <li key={use.dimension}>
            {t("quota.overBy", {
              name: t(`quota.dimension.${use.dimension}`),
              over: write(use.dimension, Math.max(0, use.used + use.reserved - (use.limit?.stop ?? 0))),
            })}
          </li>
        ))}
      </ul>
      <p>{t("quota.whoCanRaise", { propose: roles(quota.whoCanRaise.propose), decide: roles(quota.whoCanRaise.decide) })}</p>
    </div>
  );
}
