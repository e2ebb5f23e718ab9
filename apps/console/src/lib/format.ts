/** Numbers, sizes and times in the reader's language. Pure but for the language and time zone handed in. */
export interface Formats {
  readonly language: string;
  /** IANA name; the browser's own when left out. */
  readonly timeZone?: string;
}

/** Making one takes longer than a hundred uses of it. */
const numberFormats = new Map<string, Intl.NumberFormat>();
const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** `1,234`, `0.713`: at most `digits` decimals. */
export function formatNumber({ language }: Formats, value: number, digits = 3): string {
  const key = `${language} ${digits}`;
  const known = numberFormats.get(key) ?? new Intl.NumberFormat(language, { maximumFractionDigits: digits });
  numberFormats.set(key, known);
  return known.format(value);
}

/** `3.2M`: short, in the words of the language. */
export function formatCompact({ language }: Formats, value: number): string {
  return new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

/** A share from 0 to 1 as `41 %`. */
export function formatShare({ language }: Formats, share: number, digits = 0): string {
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: digits }).format(share);
}

/** Bytes in steps of 1,000: `48 MB`. */
export function formatBytes({ language }: Formats, bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: UNITS[step] ?? "byte",
    unitDisplay: step === 0 ? "long" : "short",
    maximumFractionDigits: step === 0 ? 0 : 1,
  }).format(bytes / 1000 ** step);
}

/** Minor units of a currency as people write them: `¥31,200.00`. */
export function formatMoney({ language }: Formats, minor: number, currency: string): string {
  const format = new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay: "narrowSymbol" });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** Minor units in one of the currency's own units: 100 for most. */
export function minorUnits(currency: string): number {
  return 10 ** (new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2);
}

/** `901.5 GPU·h`. */
export function formatGpuHours(formats: Formats, hours: number): string {
  return `${formatNumber(formats, hours, hours < 1 ? 4 : 2)} GPU·h`;
}

/** Seconds as `2 h 10 min`, the two largest units. */
export function formatDuration({ language }: Formats, seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), "day"],
    [Math.floor((whole % 86_400) / 3600), "hour"],
    [Math.floor((whole % 3600) / 60), "minute"],
    [whole % 60, "second"],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  const shown = first < 0 ? parts.slice(3) : parts.slice(first, first + 2).filter(([amount], index) => index === 0 || amount > 0);
  return shown
    .map(([amount, unit]) => new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }).format(amount))
    .join(" ");
}

/** Two durations as a range; one where both read alike. */
export function formatDurationRange(formats: Formats, low: number, high: number): string {
  const [from, until] = [formatDuration(formats, low), formatDuration(formats, high)];
  return from === until ? from : `${from} – ${until}`;
}

/** `23 Nov 2026, 14:02:11`, `2026/11/23 14:02:11`. */
export function formatTime({ language, timeZone }: Formats, at: string | number): string {
  const month = language.startsWith("zh") ? "2-digit" : "short";
  const day = { year: "numeric", month, day: "2-digit" } as const;
  const time = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" } as const;
  return new Intl.DateTimeFormat(language, { ...day, ...time, timeZone }).format(new Date(at));
}

/** `14:02:11`. */
export function formatClock({ language, timeZone }: Formats, at: string | number): string {
  return new Intl.DateTimeFormat(language, { timeStyle: "medium", hourCycle: "h23", timeZone }).format(new Date(at));
}

/** `3 minutes ago`; `now` in milliseconds. */
export function formatAge({ language }: Formats, at: string | number, now: number): string {
  const seconds = Math.round((new Date(at).getTime() - now) / 1000);
  const size = Math.abs(seconds);
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  if (size < 60) return relative.format(seconds, "second");
  if (size < 3600) return relative.format(Math.round(seconds / 60), "minute");
  if (size < 86_400) return relative.format(Math.round(seconds / 3600), "hour");
  return relative.format(Math.round(seconds / 86_400), "day");
}

/** First and last digits of a digest, enough to compare by eye. */
export function shortDigest(digest: string): string {
  return digest.length <= 12 ? digest : `${digest.slice(0, 4)}…${digest.slice(-4)}`;
}

/** The number of an id that people read out: its last eight digits. */
export function shortId(id: string): string {
  return id.slice(-8);
}
