import { Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type Job, Logs, paths } from "@ziggurat/contracts";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { useUrlState } from "../../lib/url-state.js";
import { useSettled } from "../../lib/use-delayed.js";
import { useFormats } from "../../lib/use-formats.js";
import { CopyButton } from "../../ui/copy-button.js";
import { Panel } from "../../ui/panel.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { plainText } from "./log-window.js";
import { useJobLogs } from "./use-job-logs.js";

const ROW_PX = 18;
const UrlSchema = z.object({ line: z.coerce.number().int().min(0).optional(), attempt: z.coerce.number().int().min(1).optional() });

interface JobLogsProps {
  readonly job: Job;
  readonly logEvents: number;
  readonly isLive: boolean;
}

/** The log of a job: lines by range, new ones as they come, found on the server. Text only. */
export function JobLogs({ job, logEvents, isLive }: JobLogsProps) {
  const { t } = useTranslation(["jobs", "common"]);
  const formats = useFormats();
  const { values, set } = useUrlState(UrlSchema);
  const logs = useJobLogs(job.id, values.attempt, logEvents);
  const [doesFollow, setFollow] = useState(values.line === undefined);
  const [doesWrap, setWrap] = useState(false);
  const scroller = useRef<HTMLDivElement>(null);
  const { held } = logs;
  const rows = useVirtualizer({
    count: held.lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 30,
    initialRect: { width: 800, height: 400 },
  });
  const show = (line: number) => {
    setFollow(false);
    set({ line: String(line) });
  };

  useEffect(() => {
    if (doesFollow && held.lines.length > 0) rows.scrollToIndex(held.lines.length - 1, { align: "end" });
  }, [doesFollow, held, rows]);
  const wanted = values.line;
  const isHeld = wanted !== undefined && wanted >= held.offset && wanted < held.offset + held.lines.length;
  const { around } = logs;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a newly wanted line moves the view, not lines that arrive
  useEffect(() => {
    if (wanted === undefined || !logs.isLoaded) return;
    if (isHeld) rows.scrollToIndex(wanted - held.offset, { align: "center" });
    else if (wanted < held.total) void around(wanted);
  }, [wanted, isHeld, logs.isLoaded]);

  return (
    <Panel
      title={t("jobs:logs.title")}
      flush
      actions={
        <div className="zg-row">
          {job.attempts.length > 1 && (
            <NativeSelect
              aria-label={t("jobs:logs.attempt")}
              value={values.attempt ?? ""}
              data={[
                { value: "", label: t("jobs:logs.allAttempts") },
                ...job.attempts.map(({ number }) => ({ value: String(number), label: t("jobs:logs.attemptNumber", { number }) })),
              ]}
              onChange={(event) => set({ attempt: event.currentTarget.value || undefined, line: undefined })}
            />
          )}
          <LogFinder jobId={job.id} attempt={values.attempt} logEvents={logEvents} onShow={show} />
        </div>
      }
    >
      {logs.error ? <ProblemPanel error={logs.error} onRetry={logs.retry} /> : null}
      {logs.isLoaded && held.lines.length === 0 && <p className="zg-face zg-quiet">{t("jobs:logs.empty")}</p>}
      <div
        ref={scroller}
        className="zg-log"
        role="log"
        aria-live="off"
        aria-label={t("jobs:logs.title")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
        tabIndex={0}
        data-wrap={doesWrap || undefined}
        onWheel={(event) => {
          if (event.deltaY < 0) setFollow(false);
        }}
        onScroll={(event) => {
          if (event.currentTarget.scrollTop < ROW_PX * 4 && held.offset > 0 && !doesFollow) void logs.older();
        }}
      >
        <div style={{ height: rows.getTotalSize(), position: "relative" }}>
          {rows.getVirtualItems().map((row) => {
            const line = held.lines[row.index];
            if (!line) return null;
            return (
              <div
                key={row.key}
                ref={rows.measureElement}
                data-index={row.index}
                className="zg-log-line"
                data-stream={line.stream}
                data-wanted={held.offset + row.index === wanted || undefined}
                style={{ transform: `translateY(${row.start}px)` }}
              >
                <span className="zg-log-number">{line.line + 1}</span>
                <span className="zg-log-time">{formats.clock(line.at)}</span>
                <span className="zg-log-text">{plainText(line.text)}</span>
              </div>
            );
          })}
        </div>
      </div>
      <div className="zg-table-foot">
        <div className="zg-row zg-row-wide">
          <Checkbox
            label={t("jobs:logs.follow")}
            checked={doesFollow}
            onChange={(event) => {
              setFollow(event.currentTarget.checked);
              if (event.currentTarget.checked) {
                set({ line: undefined });
                void logs.toEnd();
              }
            }}
          />
          <Checkbox label={t("jobs:logs.wrap")} checked={doesWrap} onChange={(event) => setWrap(event.currentTarget.checked)} />
        </div>
        <div className="zg-row">
          <span>{t("jobs:logs.lines", { count: held.total, total: formats.number(held.total) })}</span>
          <span>{isLive ? t("jobs:logs.live") : t("jobs:logs.notLive")}</span>
          {held.lines.length > 0 && (
            <CopyButton
              text={new URL(to.job(job.id, { line: String(wanted ?? held.offset + held.lines.length - 1) }), window.location.origin).href}
              what={t("common:link")}
            />
          )}
        </div>
      </div>
    </Panel>
  );
}

interface LogFinderProps {
  readonly jobId: string;
  readonly attempt: number | undefined;
  readonly logEvents: number;
  readonly onShow: (line: number) => void;
}

function LogFinder({ jobId, attempt, onShow }: LogFinderProps) {
  const { t } = useTranslation("jobs");
  const formats = useFormats();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const find = useSettled(text.trim(), 300);
  const { data: found } = useQuery({
    queryKey: [paths.jobLogs(jobId), "find", find, attempt],
    enabled: find !== "",
    queryFn: ({ signal }) => api.get(paths.jobLogs(jobId), Logs, { signal, query: { find, attempt, limit: 5000 } }),
  });
  const lines = find === "" ? [] : (found?.lines ?? []);
  const go = (step: number) => {
    if (lines.length === 0) return;
    const next = (at + step + lines.length) % lines.length;
    setAt(next);
    const line = lines[next];
    if (line) onShow(line.line);
  };
  return (
    <div className="zg-row">
      <TextInput
        aria-label={t("logs.find")}
        placeholder={t("logs.find")}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setAt(-1);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") go(event.shiftKey ? -1 : 1);
        }}
      />
      {find !== "" && (
        <span className="zg-quiet zg-small" role="status">
          {lines.length === 0 ? t("logs.notFound") : t("logs.found", { at: formats.number(Math.max(0, at) + 1), count: lines.length })}
        </span>
      )}
      <button type="button" className="zg-icon-button" disabled={lines.length === 0} onClick={() => go(-1)} aria-label={t("logs.previous")}>
        ↑
      </button>
      <button type="button" className="zg-icon-button" disabled={lines.length === 0} onClick={() => go(1)} aria-label={t("logs.next")}>
        ↓
      </button>
    </div>
  );
}
