import { NativeSelect } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ClosePreview, MonthStatement, paths, SPLIT_RULES, SplitRule } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { DangerDialog } from "../../ui/danger-dialog.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { ReasonField } from "../../ui/reason-field.js";
import { StateBadge } from "../../ui/state-badge.js";
import { SumsTable } from "./sums-table.js";

/** Closes a month for good, by a rule whose outcome was looked at. */
export function CloseMonthDialog({ month, onClose }: { readonly month: string; readonly onClose: () => void }) {
  const { t } = useTranslation("statements");
  const queryClient = useQueryClient();
  const [rule, setRule] = useState<SplitRule>("equal");
  const [reason, setReason] = useState("");
  const preview = useQuery({
    queryKey: [paths.statementPreview(month), rule],
    queryFn: ({ signal }) => api.send("POST", paths.statementPreview(month), { rule }, ClosePreview, { signal }),
    placeholderData: (before) => before,
    staleTime: 0,
  });
  const close = useMutation({
    mutationFn: () => api.send("POST", paths.statementClose(month), { rule, digest: preview.data?.digest ?? "", reason }, MonthStatement),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith(paths.statements()) });
    },
    onError: () => void preview.refetch(),
  });
  return (
    <DangerDialog
      title={t("closeTitle", { month })}
      effect={
        <div className="zg-stack">
          <p>{t("closeEffect", { month })}</p>
          <NativeSelect
            label={t("rule")}
            description={t(`ruleHelp.${rule}`)}
            value={rule}
            data={SPLIT_RULES.map((one) => ({ value: one, label: t(`rules.${one}`) }))}
            onChange={(event) => setRule(SplitRule.parse(event.currentTarget.value))}
          />
          <ObjectPart read={preview}>
            {({ warnings, sums, currency }) => (
              <div className={preview.isFetching ? "zg-stack zg-dimmed" : "zg-stack"} aria-busy={preview.isFetching}>
                {warnings.map((warning) => (
                  <StateBadge key={warning} glyph="warning" tone="warning" word={t(`warning.${warning}`)} />
                ))}
                <SumsTable sums={sums} currency={currency} />
              </div>
            )}
          </ObjectPart>
          <ReasonField value={reason} onChange={setReason} />
        </div>
      }
      name={month}
      confirm={t("closeNow")}
      isReady={preview.data !== undefined && !preview.isFetching && reason.trim() !== ""}
      isBusy={close.isPending}
      error={close.error}
      onConfirm={() => close.mutate()}
      onClose={onClose}
    />
  );
}
