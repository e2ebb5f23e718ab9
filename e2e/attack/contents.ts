/** Finds the neighbour's words in answers. Made once for thousands of them, so it looks for every mark in one pass. */
export class Marks {
  private readonly pattern: RegExp;

  /** @param marks texts that only the neighbour could have brought in */
  constructor(marks: Iterable<string>) {
    const all = [...new Set(marks)].filter((mark) => mark.length >= 6).toSorted((one, other) => other.length - one.length);
    this.pattern = new RegExp(all.map((mark) => mark.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|") || "(?!)");
  }

  /** The first mark in a text with what stands around it; null when there is none. */
  find(text: string): string | null {
    const found = this.pattern.exec(text);
    return found === null ? null : text.slice(Math.max(0, found.index - 40), found.index + found[0].length + 40);
  }
}
