import { Checkbox } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Dataset, pageOf, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../../lib/api-client.js";
import { to } from "../../../lib/console-paths.js";
import { useWords } from "../../../lib/words.js";
import { AppLink } from "../../../ui/app-link.js";
import { ObjectPart } from "../../../ui/object-faces.js";
import { VersionName } from "../../../ui/ref-link.js";
import { useFieldError } from "./field-error.js";
import type { StepProps } from "./step-task.js";

/** The data learned from, and the data held back for scoring. */
export function StepData({ draft, change, violations }: StepProps) {
  const { t } = useTranslation("jobs");
  const errorAt = useFieldError(violations);
  const read = useQuery({
    queryKey: [paths.datasets(), "choices"],
    queryFn: ({ signal }) => api.get(paths.datasets(), pageOf(Dataset), { signal, query: { limit: 200 } }),
  });
  return (
    <ObjectPart read={read}>
      {({ data }) => (
        <div className="zg-form">
          <DatasetChecks
            label={draft.kind === "evaluate" ? t("wizard.scoreOn") : t("wizard.datasets")}
            datasets={data}
            chosen={draft.datasets}
            error={errorAt("/datasets")}
            onChange={(datasets) => change({ datasets })}
          />
          {(draft.kind === "tune" || draft.kind === "pretrain") && (
            <DatasetChecks
              label={t("wizard.evaluateOn")}
              description={t("wizard.evaluateOnRule")}
              datasets={data}
              chosen={draft.evaluateOn}
              error={errorAt("/evaluateOn")}
              onChange={(evaluateOn) => change({ evaluateOn })}
            />
          )}
          <p>
            <AppLink to={to.newDataset()}>{t("wizard.registerDataset")}</AppLink>
          </p>
        </div>
      )}
    </ObjectPart>
  );
}

interface DatasetChecksProps {
  readonly label: string;
  readonly description?: string;
  readonly datasets: readonly Dataset[];
  readonly chosen: readonly string[];
  readonly error: string | undefined;
  readonly onChange: (chosen: string[]) => void;
}

function DatasetChecks({ label, description, datasets, chosen, error, onChange }: DatasetChecksProps) {
  const { t } = useTranslation("jobs");
  const words = useWords();
  const latest = datasets.flatMap((dataset) => (dataset.latest ? [{ ref: dataset.latest, dataset }] : []));
  const others = chosen.filter((ref) => !latest.some((offer) => offer.ref === ref));
  return (
    <Checkbox.Group label={label} description={description} value={[...chosen]} onChange={onChange} error={error}>
      <div className="zg-checklist">
        {latest.map(({ ref, dataset }) => (
          <Checkbox
            key={ref}
            value={ref}
            label={
              <span className="zg-row">
                <VersionName value={ref} />
                <span className="zg-quiet">{words.t(`dataFormat.${dataset.format}`)}</span>
                <bdi className="zg-quiet zg-clip">{dataset.name}</bdi>
              </span>
            }
          />
        ))}
        {others.map((ref) => (
          <Checkbox key={ref} value={ref} label={<VersionName value={ref} />} />
        ))}
        {latest.length === 0 && <span className="zg-quiet">{t("wizard.noDataset")}</span>}
      </div>
    </Checkbox.Group>
  );
}
