import { Button } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Comparison, paths, VersionRef } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { api } from "../../lib/api-client.js";
import { useUrlState } from "../../lib/url-state.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { Page } from "../../ui/page.js";
import { UrlNotice } from "../../ui/url-notice.js";
import { VersionPicker } from "../../ui/version-picker.js";
import { ComparisonTable } from "./comparison-table.js";

const COLUMNS = ["a", "b", "c", "d", "e"] as const;
const UrlSchema = z.object({
  a: VersionRef.optional(),
  b: VersionRef.optional(),
  c: VersionRef.optional(),
  d: VersionRef.optional(),
  e: VersionRef.optional(),
});

/** Two to five versions side by side, differences first. The address holds them all, so that a comparison can be handed on. */
export function ComparePage() {
  const { t } = useTranslation("models");
  const { values, rejected, set } = useUrlState(UrlSchema);
  const refs = [...new Set(COLUMNS.flatMap((column) => values[column] ?? []))];
  // Two pickers always, one more for every version after them, and an empty one as long as there is room.
  const filled = COLUMNS.filter((column) => values[column] !== undefined).length;
  const shown = COLUMNS.slice(0, Math.min(COLUMNS.length, Math.max(2, filled + 1)));
  const read = useQuery({
    queryKey: ["compare", ...refs],
    enabled: refs.length >= 2,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.get(paths.comparison(refs), Comparison, { signal }),
  });
  return (
    <Page title={t("compare.title")} lead={t("compare.lead")}>
      <UrlNotice rejected={rejected} />
      <form className="zg-row zg-row-wide" onSubmit={(event) => event.preventDefault()}>
        {shown.map((column, index) => (
          <Picker
            key={column}
            label={t("compare.version", { number: index + 1 })}
            value={values[column]}
            onChange={(ref) => set({ [column]: ref })}
          />
        ))}
        {filled > 2 && (
          <Button variant="default" onClick={() => set({ c: undefined, d: undefined, e: undefined })}>
            {t("compare.two")}
          </Button>
        )}
      </form>
      {refs.length < 2 ? <p className="zg-face zg-quiet">{t("compare.choose")}</p> : null}
      {refs.length >= 2 && <ObjectPart read={read}>{(comparison) => <ComparisonTable comparison={comparison} />}</ObjectPart>}
    </Page>
  );
}

interface PickerProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (ref: string | undefined) => void;
}

/** Takes a version as soon as what is written names one. */
function Picker({ label, value, onChange }: PickerProps) {
  const [text, setText] = useState(value ?? "");
  return (
    <VersionPicker
      label={label}
      value={text}
      onChange={(next) => {
        setText(next);
        if (next === "") onChange(undefined);
        else if (VersionRef.safeParse(next).success) onChange(next);
      }}
    />
  );
}
