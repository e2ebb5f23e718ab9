const USES_BEFORE_PREPARED = 5;
/** Each prepared statement keeps its plan in each connection's memory. */
const MOST_PREPARED = 128;
const MOST_COUNTED = 2_000;

/**
 * Which statements have a name, under which each connection prepares them once: those that come again and again. Planning costs a small
 * statement many times what running it does. Texts that differ every time never earn a name. The server goes on choosing between
 * a plan for these values and one for all, by its own estimate.
 */
export class StatementNames {
  private readonly uses = new Map<string, number>();
  private readonly names = new Map<string, string>();

  /** @returns the name, from the fifth use on; undefined for a statement that is sent as it is */
  of(text: string): string | undefined {
    const known = this.names.get(text);
    if (known !== undefined || this.names.size >= MOST_PREPARED) return known;
    const uses = (this.uses.get(text) ?? 0) + 1;
    if (uses < USES_BEFORE_PREPARED) {
      if (this.uses.size >= MOST_COUNTED) this.uses.clear();
      this.uses.set(text, uses);
      return undefined;
    }
    this.uses.delete(text);
    const name = `ziggurat_${this.names.size + 1}`;
    this.names.set(text, name);
    return name;
  }
}
