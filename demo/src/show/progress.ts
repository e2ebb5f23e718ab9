import { MultiBar, type SingleBar } from "cli-progress";

/** One thing under way: a bar on a terminal, plain lines elsewhere. */
export interface ProgressTask {
  /** @param fraction 0 to 1. */
  update(fraction: number, note: string): void;
  done(note: string): void;
}

export interface ProgressBoard {
  task(label: string): ProgressTask;
  /** A line above the bars. */
  say(line: string): void;
  stop(): void;
}

const LABEL_WIDTH = 34;
const PLAIN_STEP = 0.25;

/** Bars where the output is a terminal; otherwise one line whenever another quarter is done, so that logs stay short. */
export function progressBoard(output: NodeJS.WriteStream): ProgressBoard {
  return output.isTTY ? barBoard(output) : plainBoard((line) => output.write(`${line}\n`));
}

function barBoard(output: NodeJS.WriteStream): ProgressBoard {
  const bars = new MultiBar({
    stream: output,
    format: "{label} [{bar}] {percentage}% {note}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 28,
    hideCursor: true,
    clearOnComplete: false,
    forceRedraw: true,
    emptyOnZero: true,
  });
  return {
    task(label) {
      const bar: SingleBar = bars.create(100, 0, { label: label.padEnd(LABEL_WIDTH), note: "" });
      return {
        update: (fraction, note) => bar.update(Math.round(fraction * 100), { note }),
        done(note) {
          bar.update(100, { note });
          bar.stop();
        },
      };
    },
    say: (line) => bars.log(`${line}\n`),
    stop: () => bars.stop(),
  };
}

/** The same board as lines of text, given one at a time to `write`. */
export function plainBoard(write: (line: string) => void): ProgressBoard {
  return {
    task(label) {
      let next = 0;
      return {
        update(fraction, note) {
          if (fraction < next || fraction >= 1) return;
          next = (Math.floor(fraction / PLAIN_STEP) + 1) * PLAIN_STEP;
          write(`${label.padEnd(LABEL_WIDTH)} ${String(Math.floor(fraction * 100)).padStart(3)}% ${note}`.trimEnd());
        },
        done: (note) => write(`${label.padEnd(LABEL_WIDTH)} 100% ${note}`.trimEnd()),
      };
    },
    say: write,
    stop: () => undefined,
  };
}
