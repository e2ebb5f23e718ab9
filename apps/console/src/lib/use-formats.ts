import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import * as format from "./format.js";
import { intlLanguage } from "./i18n.js";

/** The formats of `format.ts`, bound to the language of the page. */
export function useFormats() {
  const { i18n } = useTranslation();
  return useMemo(() => {
    const formats = { language: intlLanguage(i18n.language) };
    return {
      language: formats.language,
      number: (value: number, digits?: number) => format.formatNumber(formats, value, digits),
      compact: (value: number) => format.formatCompact(formats, value),
      share: (value: number, digits?: number) => format.formatShare(formats, value, digits),
      bytes: (value: number) => format.formatBytes(formats, value),
      money: (minor: number, currency: string) => format.formatMoney(formats, minor, currency),
      gpuHours: (hours: number) => format.formatGpuHours(formats, hours),
      duration: (seconds: number) => format.formatDuration(formats, seconds),
      durationRange: (low: number, high: number) => format.formatDurationRange(formats, low, high),
      time: (at: string | number) => format.formatTime(formats, at),
      clock: (at: string | number) => format.formatClock(formats, at),
      age: (at: string | number, now: number) => format.formatAge(formats, at, now),
    };
  }, [i18n.language]);
}
