import type { ImportState, JobState, VersionState } from "@ziggurat/contracts";
import { useWords } from "../lib/words.js";
import { Glyph, type GlyphName } from "./glyph.js";

export type Tone = "quiet" | "active" | "good" | "warning" | "bad";
type Look = readonly [GlyphName, Tone];

const VERSION: Record<VersionState, Look> = {
  draft: ["draft", "quiet"],
  sealed: ["sealed", "active"],
  in_review: ["review", "warning"],
  released: ["checked", "good"],
  deprecated: ["warning", "warning"],
  retired: ["archive", "quiet"],
  quarantined: ["warning", "bad"],
  recalled: ["failed", "bad"],
};

const JOB: Record<JobState, Look> = {
  awaiting_approval: ["review", "warning"],
  queued: ["queue", "quiet"],
  scheduled: ["queue", "quiet"],
  starting: ["play", "active"],
  running: ["play", "active"],
  collecting: ["down", "active"],
  evaluating: ["review", "active"],
  succeeded: ["checked", "good"],
  failed: ["failed", "bad"],
  cancelled: ["stop", "quiet"],
  paused: ["pause", "warning"],
  no_signal: ["silent", "warning"],
};

const IMPORT: Record<ImportState, Look> = {
  resolving: ["review", "active"],
  transferring: ["down", "active"],
  done: ["checked", "good"],
  failed: ["failed", "bad"],
  cancelled: ["stop", "quiet"],
};

export function VersionStateBadge({ state }: { readonly state: VersionState }) {
  const [glyph, tone] = VERSION[state];
  return <StateBadge glyph={glyph} tone={tone} word={useWords().versionState(state)} />;
}

export function JobStateBadge({ state }: { readonly state: JobState }) {
  const [glyph, tone] = JOB[state];
  return <StateBadge glyph={glyph} tone={tone} word={useWords().t(`jobState.${state}`)} />;
}

export function ImportStateBadge({ state }: { readonly state: ImportState }) {
  const [glyph, tone] = IMPORT[state];
  return <StateBadge glyph={glyph} tone={tone} word={useWords().t(`importState.${state}`)} />;
}

/** A state by sign and word; the tone only repeats what the word says. */
export function StateBadge({ glyph, tone, word }: { readonly glyph: GlyphName; readonly tone: Tone; readonly word: string }) {
  return (
    <span className="zg-state" data-tone={tone}>
      <Glyph name={glyph} />
      <span>{word}</span>
    </span>
  );
}
