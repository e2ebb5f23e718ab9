import type { LoggerService } from "@nestjs/common";
import { destination, type Logger, pino } from "pino";
import { StartRefusal } from "../start-refusal.js";

/** Paths that never enter a log, whatever object they arrive in. */
const SECRETS = ["authorization", "cookie", "password", "currentPassword", "newPassword", "secret", "token"];

/** Structured logs on stderr; stdout belongs to what a person must read. */
export function createLogger(level: "debug" | "info" | "warn" | "error" = "warn"): PinoLogger {
  const redact = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return new PinoLogger(
    pino({ level, base: undefined, redact, timestamp: pino.stdTimeFunctions.isoTime }, destination({ dest: 2, sync: true })),
  );
}

/** Nest's logger on pino: the last string argument is the context, an object is merged into the line. */
export class PinoLogger implements LoggerService {
  constructor(private readonly pino: Logger) {}

  log(message: unknown, ...rest: readonly unknown[]): void {
    this.write("info", message, rest);
  }
  error(message: unknown, ...rest: readonly unknown[]): void {
    this.write("error", message, rest);
  }
  warn(message: unknown, ...rest: readonly unknown[]): void {
    this.write("warn", message, rest);
  }
  debug(message: unknown, ...rest: readonly unknown[]): void {
    this.write("debug", message, rest);
  }
  verbose(message: unknown, ...rest: readonly unknown[]): void {
    this.write("debug", message, rest);
  }
  fatal(message: unknown, ...rest: readonly unknown[]): void {
    this.write("fatal", message, rest);
  }

  private write(level: "debug" | "info" | "warn" | "error" | "fatal", message: unknown, rest: readonly unknown[]): void {
    // Whoever starts us says it in words, once; Nest would log it as a crash of ours beside them.
    if (message instanceof StartRefusal) return;
    const texts = rest.filter((part) => typeof part === "string");
    const context = texts.at(-1);
    const stack = texts.length > 1 ? texts[0] : undefined;
    if (message instanceof Error) this.pino[level]({ context, err: message }, message.message);
    else if (typeof message === "object" && message !== null) this.pino[level]({ context, ...message });
    else this.pino[level]({ context, stack }, String(message));
  }
}
