/** As xsd:dateTime has it, with a zone or without. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(Z|[+-]\d{2}:\d{2})?$/;

/** An instant (RFC 7643, section 2.3.5) in the form of the database; null for what is none. One without a zone is in UTC. */
export function instantOf(value: unknown): string | null {
  const [whole, zone] = typeof value === "string" ? (INSTANT.exec(value) ?? []) : [];
  if (whole === undefined) return null;
  const at = Date.parse(zone === undefined ? `${whole}Z` : whole);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}
