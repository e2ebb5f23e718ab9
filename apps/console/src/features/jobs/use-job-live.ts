import { type Job, type JobEvent, paths } from "@ziggurat/contracts";
import { useEffect, useReducer, useRef, useState } from "react";
import { api } from "../../lib/api-client.js";
import { followEvents } from "../../lib/event-stream.js";
import { type Live, readJobEvent, reduceLive, startLive } from "./job-live.js";
import { isFinished } from "./job-states.js";

const APPLY_MS = 250;
const HIDDEN_CLOSE_MS = 60_000;

export interface JobLive {
  readonly live: Live;
  /** When the stream broke, in milliseconds; null while it holds or none is needed. */
  readonly staleSince: number | null;
}

/** Follows a job's one event stream from where the snapshot stood. A finished job opens none, nor does one whose events are not the viewer's to read. */
export function useJobLive(job: Job, mayRead: boolean): JobLive {
  const [live, apply] = useReducer(reduceLive, job.lastEventSeq, startLive);
  const [staleSince, setStaleSince] = useState<number | null>(null);
  const lastSeq = useRef(live.lastSeq);
  lastSeq.current = live.lastSeq;
  const isHidden = useHiddenFor(HIDDEN_CLOSE_MS);
  const isOpen = mayRead && !isFinished(job.state) && !live.isEnded && !isHidden;
  useEffect(() => {
    if (!isOpen) {
      setStaleSince(null);
      return;
    }
    const stop = new AbortController();
    let held: JobEvent[] = [];
    const flush = () => {
      if (held.length === 0) return;
      apply(held);
      held = [];
    };
    const timer = setInterval(flush, APPLY_MS);
    void followEvents({
      lastEventId: String(lastSeq.current),
      signal: stop.signal,
      open: (lastEventId, signal) =>
        api.raw(paths.jobEvents(job.id), { method: "GET", signal, headers: { accept: "text/event-stream", "last-event-id": lastEventId } }),
      onConnected: (isConnected) => setStaleSince((since) => (isConnected ? null : (since ?? Date.now()))),
      onMessage: ({ data }) => {
        const event = readJobEvent(data);
        if (event) held.push(event);
      },
    }).finally(flush);
    return () => {
      stop.abort();
      clearInterval(timer);
      flush();
    };
  }, [isOpen, job.id]);
  return { live, staleSince };
}

/** True once the page has been behind another tab for the given time. */
function useHiddenFor(milliseconds: number): boolean {
  const [isHidden, setHidden] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const listen = () => {
      clearTimeout(timer);
      if (document.visibilityState === "hidden") timer = setTimeout(() => setHidden(true), milliseconds);
      else setHidden(false);
    };
    document.addEventListener("visibilitychange", listen);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", listen);
    };
  }, [milliseconds]);
  return isHidden;
}
