import { SEAL_FORMAT, type SealDifference, type SealRecord } from "@ziggurat/contracts";

/** The record of these facts: parents and data in a fixed order, whoever lists them. */
export function sealRecord(facts: Omit<SealRecord, "format">): SealRecord {
  return { ...facts, format: SEAL_FORMAT, parents: inOrder(facts.parents), datasets: inOrder(facts.datasets) };
}

/**
 * What is not as it was sealed, member by member: `parents[0].ref: was northbank/base@1, is northbank/base@2`. Of lists, what is equal
 * is left out first, so that a row that was taken out is told as one row and not as a shift of all.
 * The state is left out: it moves on after the sealing.
 */
export function sealDifferences(sealed: SealRecord, found: SealRecord): SealDifference[] {
  const { parents: _parents, datasets: _datasets, ...wasFacts } = sealed;
  const { parents, datasets, ...isFacts } = { ...found, state: sealed.state };
  return [...members("", wasFacts, isFacts), ...items("parents", sealed.parents, parents), ...items("datasets", sealed.datasets, datasets)];
}

function members(prefix: string, was: object, is: object): SealDifference[] {
  const [before, after] = [new Map(Object.entries(was)), new Map(Object.entries(is))];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => {
    const [left, right] = [before.get(key) ?? null, after.get(key) ?? null];
    if (isRecord(left) && isRecord(right)) return members(`${prefix}${key}.`, left, right);
    const [leftText, rightText] = [textOf(left), textOf(right)];
    return leftText === rightText ? [] : [{ field: prefix + key, was: leftText, is: rightText }];
  });
}

/** Rows that differ are told by their place in the sealed list; what came in besides is counted on. */
function items(field: string, was: readonly object[], is: readonly object[]): SealDifference[] {
  const added = [...is];
  const gone: { readonly place: number; readonly row: object }[] = [];
  for (const [place, row] of was.entries()) {
    const same = added.findIndex((other) => members("", row, other).length === 0);
    if (same < 0) gone.push({ place, row });
    else added.splice(same, 1);
  }
  const changed = gone.flatMap(({ place, row }, index) => {
    const other = added[index];
    const at = `${field}[${place}]`;
    return other === undefined ? [{ field: at, was: textOf(row), is: null }] : members(`${at}.`, row, other);
  });
  const more = added.slice(gone.length).map((row, index) => ({ field: `${field}[${was.length + index}]`, was: null, is: textOf(row) }));
  return [...changed, ...more];
}

const inOrder = <Row extends object>(rows: readonly Row[]): Row[] =>
  rows
    .map((row) => ({ row, key: textOf(row) ?? "" }))
    .sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
    .map(({ row }) => row);

/** A value in words; of an object its members in the order of their names, so that equal ones read equal. */
function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (!isRecord(value)) return typeof value === "string" ? value : JSON.stringify(value);
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, member]) => (member === null ? [] : [`${key} ${textOf(member)}`]))
    .join(", ");
}

function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
