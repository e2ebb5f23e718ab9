const SHAPES = {
  dot: "M8 5.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 0 0 0-5z",
  draft: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11z",
  sealed: "M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
  review: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11zM8 5v3l2 2",
  check: "M3 8.5l3.5 3.5L13 4.5",
  checked: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11zM5.5 8.200l1.800 1.800l3.300-3.800",
  cross: "M4 4l8 8M12 4l-8 8",
  failed: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11zM6 6l4 4M10 6l-4 4",
  warning: "M8 2.5l6 11H2zM8 6.5v3.5M8 12v.1",
  archive: "M2.5 3.5h11v3h-11zM3.5 6.5v7h9v-7M6.5 9.5h3",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3l8 5l-8 5z",
  down: "M8 3v9M4 8.5L8 12.5l4-4",
  stop: "M4 4h8v8H4z",
  queue: "M3 4.5h10M3 8h10M3 11.5h6",
  silent: "M3 3l10 10M8 13v.1M5 9.5a4 4 0 0 1 2-1M2.5 6.5a8 8 0 0 1 2.5-1.5M8.5 4.300a8 8 0 0 1 5 2.200",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  search: "M7 3a4 4 0 1 0 0 8a4 4 0 0 0 0-8zM10 10l3.5 3.5",
  theme: "M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  mail: "M2.5 4h11v8h-11zM2.5 4.500l5.500 4.500l5.500-4.500",
  person: "M8 2.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 0 0 0-5zM3 13.5c.5-3 2.5-4.5 5-4.5s4.5 1.5 5 4.5",
} as const;
export type GlyphName = keyof typeof SHAPES;

/** A small drawn sign; always beside a word or inside a named button. */
export function Glyph({ name }: { readonly name: GlyphName }) {
  return (
    <svg className="zg-glyph" viewBox="0 0 16 16" aria-hidden="true">
      <path d={SHAPES[name]} />
    </svg>
  );
}
