import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { pageOf, paths, Verification, type Version } from "@ziggurat/contracts";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { useMe } from "../../lib/session.js";
import { useFormats } from "../../lib/use-formats.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { Time } from "../../ui/time.js";

const WHILE_READING_MS = 1000;
const QUERY = { limit: 1 } as const;

/** What the last reading of the stored bytes found, and the way to ask for another. */
export function VersionIntegrity({ version }: { readonly version: Version }) {
  const { t } = useTranslation("models");
  const me = useMe();
  const queryClient = useQueryClient();
  const path = paths.verifications(version.ref);
  const read = useQuery({
    queryKey: [path, QUERY],
    queryFn: ({ signal }) => api.get(path, pageOf(Verification), { signal, query: QUERY }),
    refetchInterval: ({ state }) => (isOpen(state.data?.data[0]) ? WHILE_READING_MS : 15_000),
  });
  const last = read.data?.data[0];
  const ask = useMutation({
    mutationFn: () => api.send("POST", path, undefined, Verification),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [path] }),
  });
  const result = last?.state;
  useEffect(() => {
    if (result === "damaged") void queryClient.invalidateQueries({ queryKey: [paths.version(version.ref)] });
  }, [result, queryClient, version.ref]);
  const mayAsk = me.institution.slug === version.owner || me.institution.slug === "platform";
  return (
    <div className="zg-stack zg-stack-tight">
      <div className="zg-row zg-row-wide">
        <ObjectPart read={read}>{() => <LastReading last={last} />}</ObjectPart>
        {mayAsk && (
          <Button variant="default" loading={ask.isPending || isOpen(last)} onClick={() => ask.mutate()}>
            {t("integrity.ask")}
          </Button>
        )}
      </div>
      {ask.error ? <ProblemPanel error={ask.error} /> : null}
    </div>
  );
}

function LastReading({ last }: { readonly last: Verification | undefined }) {
  const { t } = useTranslation("models");
  const formats = useFormats();
  if (last === undefined) return <p className="zg-quiet">{t("integrity.never")}</p>;
  if (isOpen(last)) {
    return (
      <p className="zg-note" role="status">
        {t("integrity.reading", { done: formats.bytes(last.bytesDone), total: formats.bytes(last.bytesTotal) })}
      </p>
    );
  }
  return (
    <div className="zg-note" data-tone={last.state === "intact" ? undefined : "warning"} role="status">
      <p>
        {last.state !== "damaged" && t(`integrity.${last.state === "intact" ? "intact" : "failed"}`)}
        {last.firstBad && t("integrity.damaged", { path: last.firstBad.path, problem: t(`integrity.problem.${last.firstBad.problem}`) })}
        {last.altered.length > 0 && ` ${t("integrity.altered", { count: last.altered.length })}`}{" "}
        {last.finishedAt && <Time at={last.finishedAt} />}
      </p>
      {last.altered.length > 0 && (
        <ul>
          {last.altered.map(({ field, was, is }) => (
            <li key={field} className="zg-break">
              <code>{field}</code>: {t("integrity.was", { was: was ?? t("integrity.nothing"), is: is ?? t("integrity.nothing") })}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function isOpen(last: Verification | undefined): boolean {
  return last?.state === "queued" || last?.state === "running";
}
