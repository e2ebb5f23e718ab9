import { Button, Checkbox } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { paths, type RegisteredRow, type RegisterInput, Registrations } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { saveFile } from "../../lib/save-file.js";
import { useMe } from "../../lib/session.js";
import { useFormats } from "../../lib/use-formats.js";
import { ButtonLink } from "../../ui/button-link.js";
import { Page } from "../../ui/page.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { FilePicker } from "../../ui/upload-table.js";
import { decodeSheet, type Row, readSheet, type SheetProblem, sheetTemplate } from "./read-sheet.js";
import { RegisteredRows } from "./registered-rows.js";

/** Registers many models from a sheet: every row is judged before anything is written. */
export function RegisterManyPage() {
  const { t } = useTranslation("models");
  const me = useMe();
  const queryClient = useQueryClient();
  const [file, setFile] = useState<{ readonly name: string; readonly rows: readonly Row[] } | null>(null);
  const [problem, setProblem] = useState<SheetProblem | null>(null);
  const [isSkipping, setSkipping] = useState(false);
  const send = (request: RegisterInput) => api.send("POST", paths.registrations(), request, Registrations);
  const judge = useMutation({ mutationFn: (rows: readonly Row[]) => send({ rows: [...rows], dryRun: true }) });
  const register = useMutation({
    mutationFn: (rows: readonly Row[]) => send({ rows: [...rows], skipBadRows: isSkipping }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [paths.models()] }),
  });

  async function read(found: File | undefined): Promise<void> {
    if (found === undefined) return;
    judge.reset();
    register.reset();
    setSkipping(false);
    const sheet = readSheet(decodeSheet(await found.arrayBuffer()), me.institution.slug);
    setProblem("problem" in sheet ? sheet.problem : null);
    setFile("problem" in sheet ? null : { name: found.name, rows: sheet.rows });
    if ("rows" in sheet) judge.mutate(sheet.rows);
  }

  const rows: readonly RegisteredRow[] = (register.data ?? judge.data)?.rows ?? [];
  return (
    <Page title={t("many.title")} lead={t("many.lead")} actions={<TemplateButton institution={me.institution.slug} />}>
      <FilePicker multiple={false} accept=".csv,.json,text/csv,application/json" onFiles={([found]) => void read(found)} />
      {problem && <SheetRefused problem={problem} />}
      {judge.error && <ProblemPanel error={judge.error} onRetry={() => file && judge.mutate(file.rows)} />}
      {judge.isPending && <p role="status">{t("many.judging", { count: file?.rows.length ?? 0 })}</p>}
      {file && judge.data && (
        <section aria-labelledby="sheet" className="zg-stack">
          <h2 id="sheet">
            <bdi>{file.name}</bdi>
          </h2>
          {register.data ? (
            <p role="status">{t("many.registered", { count: register.data.good, refused: register.data.refused })}</p>
          ) : (
            <Decision
              judged={judge.data}
              isSkipping={isSkipping}
              onSkip={setSkipping}
              isPending={register.isPending}
              onRegister={() => register.mutate(file.rows)}
            />
          )}
          {register.error && (
            <ProblemPanel error={register.error} onRetry={() => judge.mutate(file.rows, { onSuccess: () => register.reset() })} />
          )}
          <RegisteredRows rows={rows} />
          {register.data && (
            <div>
              <ButtonLink to={to.models()}>{t("many.toModels")}</ButtonLink>
            </div>
          )}
        </section>
      )}
    </Page>
  );
}

interface DecisionProps {
  readonly judged: Registrations;
  readonly isSkipping: boolean;
  readonly onSkip: (isSkipping: boolean) => void;
  readonly isPending: boolean;
  readonly onRegister: () => void;
}

/** What registering would do, and the one choice there is. */
function Decision({ judged, isSkipping, onSkip, isPending, onRegister }: DecisionProps) {
  const { t } = useTranslation("models");
  const isStopped = judged.good === 0 || (judged.refused > 0 && !isSkipping);
  return (
    <>
      <p role="status">
        {judged.refused === 0
          ? t("many.allGood", { count: judged.good })
          : t("many.someBad", { count: judged.refused, total: judged.rows.length })}
      </p>
      {judged.refused > 0 && judged.good > 0 && (
        <Checkbox label={t("many.skip")} checked={isSkipping} onChange={(event) => onSkip(event.currentTarget.checked)} />
      )}
      <div>
        <Button onClick={onRegister} disabled={isStopped} loading={isPending}>
          {t("many.register", { count: judged.good })}
        </Button>
      </div>
    </>
  );
}

function SheetRefused({ problem }: { readonly problem: SheetProblem }) {
  const { t } = useTranslation("models");
  const names = new Intl.ListFormat(useFormats().language);
  const words = {
    unreadable: () =>
      problem.kind === "unreadable"
        ? problem.row === null
          ? t("many.problem.unreadable", { detail: problem.detail })
          : t("many.problem.unreadableAt", { row: problem.row, detail: problem.detail })
        : "",
    unknown_columns: () => ("columns" in problem ? t("many.problem.unknownColumns", { columns: names.format(problem.columns) }) : ""),
    missing_columns: () => ("columns" in problem ? t("many.problem.missingColumns", { columns: names.format(problem.columns) }) : ""),
    empty: () => t("many.problem.empty"),
    too_many: () => (problem.kind === "too_many" ? t("many.problem.tooMany", { rows: problem.rows, most: problem.most }) : ""),
  } as const;
  return (
    <p className="zg-problem" role="alert">
      {words[problem.kind]()}
    </p>
  );
}

/** Saves an example of a sheet. */
function TemplateButton({ institution }: { readonly institution: string }) {
  const { t } = useTranslation("models");
  return (
    <Button
      variant="default"
      onClick={() => {
        // With the mark by which spreadsheet programs know UTF-8.
        const href = URL.createObjectURL(new Blob(["\ufeff", sheetTemplate(institution)], { type: "text/csv" }));
        saveFile(href, "models.csv");
        URL.revokeObjectURL(href);
      }}
    >
      {t("many.template")}
    </Button>
  );
}
