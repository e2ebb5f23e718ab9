import type { SearchMatch } from "@ziggurat/contracts";

/** A text with the parts that were searched for marked. The server says where they are; what stands there is only ever text. */
export function Marked({ text, ranges }: Pick<SearchMatch, "text" | "ranges">) {
  const ends = [0, ...ranges.map(([, end]) => end)];
  return (
    <bdi>
      {ranges.map(([start, end], index) => (
        <span key={start}>
          {text.slice(ends[index], start)}
          <mark>{text.slice(start, end)}</mark>
        </span>
      ))}
      {text.slice(ends.at(-1))}
    </bdi>
  );
}

/** A hit's own field: marked where it matched, plain where it did not. */
export function MarkedField({ of, field, text }: { readonly of: readonly SearchMatch[]; readonly field: string; readonly text: string }) {
  const match = of.find((one) => one.field === field && one.text === text);
  return <Marked text={text} ranges={match?.ranges ?? []} />;
}
