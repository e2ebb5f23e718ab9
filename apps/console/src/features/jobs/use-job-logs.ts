import { Logs, paths } from "@ziggurat/contracts";
import { useCallback, useEffect, useRef, useState } from "react";
import { api } from "../../lib/api-client.js";
import { EMPTY_WINDOW, type LogWindow, windowEnd, withRange } from "./log-window.js";

const PAGE_LINES = 1000;
const CATCH_UP_LINES = 5000;

/** A job's log by range: starts at the end, reads on when the stream tells of new lines, reads older ranges when asked. */
export function useJobLogs(jobId: string, attempt: number | undefined, logEvents: number) {
  const [held, setHeld] = useState<LogWindow>(EMPTY_WINDOW);
  const [error, setError] = useState<unknown>(null);
  const [isLoaded, setLoaded] = useState(false);
  const current = useRef(held);
  const isBusy = useRef(false);
  const isWanted = useRef(false);

  const read = useCallback(
    async (offset: number, limit: number): Promise<LogWindow | null> => {
      try {
        const answer = await api.get(paths.jobLogs(jobId), Logs, { query: { offset, limit, attempt } });
        current.current = withRange(current.current, offset, answer);
        setHeld(current.current);
        setError(null);
        setLoaded(true);
        return current.current;
      } catch (problem) {
        setError(problem);
        return null;
      }
    },
    [jobId, attempt],
  );

  const catchUp = useCallback(async () => {
    if (isBusy.current) {
      isWanted.current = true;
      return;
    }
    isBusy.current = true;
    do {
      isWanted.current = false;
      let from = -1;
      while (from !== windowEnd(current.current)) {
        from = windowEnd(current.current);
        const now = await read(from, CATCH_UP_LINES);
        if (!now || windowEnd(now) >= now.total) break;
      }
    } while (isWanted.current);
    isBusy.current = false;
  }, [read]);

  useEffect(() => {
    current.current = EMPTY_WINDOW;
    setHeld(EMPTY_WINDOW);
    setLoaded(false);
    void read(-PAGE_LINES, PAGE_LINES);
  }, [read]);
  useEffect(() => {
    if (logEvents > 0) void catchUp();
  }, [logEvents, catchUp]);

  return {
    held,
    error,
    isLoaded,
    retry: () => void read(-PAGE_LINES, PAGE_LINES),
    older: () => {
      const from = Math.max(0, current.current.offset - PAGE_LINES);
      return read(from, Math.max(1, current.current.offset - from));
    },
    around: (line: number) => read(Math.max(0, line - PAGE_LINES / 2), PAGE_LINES),
    toEnd: () => read(-PAGE_LINES, PAGE_LINES),
  };
}
