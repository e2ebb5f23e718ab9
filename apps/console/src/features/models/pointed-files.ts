import { FileEntry } from "@ziggurat/contracts";
import type { z } from "zod";

/** Lines of `sha256 path`, as `sha256sum` prints them, as file entries; the numbers of lines that are none. */
export function readPointedFiles(text: string): { readonly files: z.infer<typeof FileEntry>[]; readonly badLines: number[] } {
  const files: z.infer<typeof FileEntry>[] = [];
  const badLines: number[] = [];
  text.split("\n").forEach((line, index) => {
    if (line.trim() === "") return;
    const [, sha256, path] = /^\s*(\S+)\s+\*?(.+?)\s*$/.exec(line) ?? [];
    const entry = FileEntry.safeParse({ sha256, path });
    if (entry.success) files.push(entry.data);
    else badLines.push(index + 1);
  });
  return { files, badLines };
}
