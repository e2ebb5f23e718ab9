import { useEffect, useMemo, useState } from "react";
import { changeDraft, type Draft, emptyDraft, keepDraft, keptDraft, requestOf } from "./draft.js";
import { fieldValue } from "./hyperparameter-fields.js";

export type ChangeDraft = (patch: Partial<Omit<Draft, "idempotencyKey">>) => void;

/** The draft of this tab: it outlives Back, reload and a change of language, and is forgotten once sent. */
export function useDraft(model: string) {
  const [draft, setDraft] = useState<Draft>(() => {
    const kept = keptDraft(sessionStorage);
    if (kept && (model === "" || kept.model === model)) return kept;
    return emptyDraft(model, crypto.randomUUID());
  });
  useEffect(() => keepDraft(sessionStorage, draft), [draft]);
  const request = useMemo(() => requestOf(draft, fieldValue), [draft]);
  const change: ChangeDraft = (patch) => setDraft((before) => changeDraft(before, patch, crypto.randomUUID()));
  return { draft, request, change, forget: () => keepDraft(sessionStorage, null) };
}
