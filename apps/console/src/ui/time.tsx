import { useFormats } from "../lib/use-formats.js";

/** A moment in the reader's zone, UTC on hover. */
export function Time({ at }: { readonly at: string }) {
  const formats = useFormats();
  return (
    <time dateTime={at} title={at}>
      {formats.time(at)}
    </time>
  );
}
