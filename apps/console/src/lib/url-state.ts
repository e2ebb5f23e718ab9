import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { z } from "zod";

type SearchRecord = Readonly<Record<string, unknown>>;

/** Reads what the page owns of the URL. A value that is not allowed counts as absent and its name is in `rejected`. Every field must be optional. */
export function readUrl<S extends z.ZodObject>(schema: S, search: SearchRecord): { values: z.infer<S>; rejected: readonly string[] } {
  const parsed = schema.safeParse(search);
  if (parsed.success) return { values: parsed.data, rejected: [] };
  const rejected = [...new Set(parsed.error.issues.map((issue) => String(issue.path[0])))];
  const kept = Object.fromEntries(Object.entries(search).filter(([name]) => !rejected.includes(name)));
  return { values: schema.parse(kept), rejected };
}

/** Query text to a flat record; a repeated name keeps its last value. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

/** The opposite of {@link parseSearch}; empty values are left out. */
export function stringifySearch(search: SearchRecord): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) if (typeof value === "string" && value !== "") params.set(name, value);
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

/**
 * The part of the URL a page owns. Setting replaces the history entry (filters, selection) unless `push` is asked for (tab, focus);
 * names the page does not own stay.
 */
export function useUrlState<S extends z.ZodObject>(schema: S) {
  const search = useRouterState({ select: (state): SearchRecord => state.location.search });
  const navigate = useNavigate();
  const { values, rejected } = useMemo(() => readUrl(schema, search), [schema, search]);
  const set = useCallback(
    (patch: Readonly<Record<string, string | undefined>>, how: "replace" | "push" = "replace") => {
      void navigate({
        to: ".",
        search: (before: SearchRecord) => ({ ...before, ...patch }),
        replace: how === "replace",
        resetScroll: false,
      });
    },
    [navigate],
  );
  return { values, rejected, set };
}
