/** Names in Slurm's short form, `n[01-03,7],login1`, one by one. */
export function expandHosts(text: string | null): string[] {
  if (text === null || text === "" || text === "(null)") return [];
  // Commas part names, but not within brackets.
  return text.split(/,(?![^[]*\])/).flatMap(expandOne);
}

function expandOne(text: string): string[] {
  const match = /^([^[]*)\[([^\]]*)\](.*)$/.exec(text);
  if (match === null) return text === "" ? [] : [text];
  const [, before = "", ranges = "", after = ""] = match;
  const tails = expandOne(after);
  return ranges
    .split(",")
    .flatMap((range) => numbersOf(range).flatMap((number) => (tails.length > 0 ? tails : [""]).map((tail) => before + number + tail)));
}

function numbersOf(range: string): string[] {
  const [first = "", last = first] = range.split("-", 2);
  const count = Number(last) - Number(first) + 1;
  if (!(count >= 1 && count <= 100_000)) return [range];
  return Array.from({ length: count }, (_, at) => String(Number(first) + at).padStart(first.length, "0"));
}
