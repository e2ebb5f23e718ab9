import { JobEvent, MetricValue, Progress } from "@ziggurat/contracts";
import { z } from "zod";

const MetricEvent = z.object({ key: z.string(), step: z.number(), value: MetricValue });
export type LivePoint = z.infer<typeof MetricEvent>;

/** What the stream has told since the snapshot. */
export interface Live {
  /** Sequence of the last event applied; anything up to it that comes again is dropped. */
  readonly lastSeq: number;
  readonly progress: z.infer<typeof Progress> | null;
  readonly points: readonly LivePoint[];
  /** Log lines heard of: the log itself is read by range, so that no line is doubled or missing. */
  readonly logEvents: number;
  /** Events after which the snapshot must be read again. */
  readonly changes: number;
  readonly isEnded: boolean;
}

export function startLive(lastSeq: number): Live {
  return { lastSeq, progress: null, points: [], logEvents: 0, changes: 0, isEnded: false };
}

/** Event of one stream message; null for anything that is none. */
export function readJobEvent(data: string): JobEvent | null {
  try {
    const parsed = JobEvent.safeParse(JSON.parse(data));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Applies events in order; one already held is dropped by its sequence. */
export function reduceLive(live: Live, events: readonly JobEvent[]): Live {
  let { lastSeq, progress, logEvents, changes, isEnded } = live;
  const points: LivePoint[] = [];
  for (const event of events) {
    if (event.seq <= lastSeq && event.type !== "end") continue;
    lastSeq = Math.max(lastSeq, event.seq);
    switch (event.type) {
      case "progress":
        progress = Progress.strip().safeParse(event).data ?? progress;
        break;
      case "metric": {
        const point = MetricEvent.safeParse(event);
        if (point.success) points.push(point.data);
        break;
      }
      case "log":
        logEvents += 1;
        break;
      case "end":
        isEnded = true;
        changes += 1;
        break;
      default:
        changes += 1;
    }
  }
  return { lastSeq, progress, logEvents, changes, isEnded, points: points.length > 0 ? [...live.points, ...points] : live.points };
}
