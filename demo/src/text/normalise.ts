/** Text with everything removed that does not change what it says: width, case, punctuation, spaces and digits' grouping. */
export function normaliseText(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}%]/gu, "");
}

/** FNV-1a over UTF-16 code units, followed by an avalanche step so that the low bits are usable. 32-bit, unsigned. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Sentences of a document in English or Chinese, as written. */
export function sentencesOf(text: string): string[] {
  return text.match(/[^.!?。！？]+(?:\.\d+[^.!?。！？]*)*[.!?。！？]+/gu)?.map((sentence) => sentence.trim()) ?? [];
}
