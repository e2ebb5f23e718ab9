import { FilePath, type Violation } from "@ziggurat/contracts";
import { checkFormats, checkPaths } from "./check-files.js";

export interface ListedFile {
  readonly path: string;
  readonly sizeBytes: number;
}

export interface ListingLimits {
  readonly maxFiles: number;
  readonly maxFileBytes: number;
}

/** What stands against a source's listing, all at once and before a byte is moved. */
export function checkListing(files: readonly ListedFile[], { maxFiles, maxFileBytes }: ListingLimits): Violation[] {
  if (files.length === 0) return [{ code: "files_required", detail: "the source has no file to import" }];
  if (files.length > maxFiles) return [{ code: "too_many_files", detail: `the source has more than ${maxFiles} files` }];
  const named = files.flatMap(({ path }) => {
    const parsed = FilePath.safeParse(path);
    return parsed.success ? [] : [{ code: "path_escapes", detail: `${JSON.stringify(path)} is no path inside a version` }];
  });
  const large = files.flatMap(({ path, sizeBytes }) =>
    sizeBytes > maxFileBytes
      ? [{ code: "too_large", detail: `${path} has ${sizeBytes} bytes; one file may have ${maxFileBytes} bytes` }]
      : [],
  );
  return [...named, ...large, ...[...checkPaths(files), ...checkFormats(files)].map(({ code, detail }) => ({ code, detail }))];
}

/** Whether a path fits one of the patterns: `*` is any text, `/` included, `?` any one character. Takes time linear in path × pattern. */
export function isExcluded(path: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => fits(path, pattern));
}

/** The classic walk with one way back, to the last `*`: no pattern can make it explode. */
function fits(text: string, pattern: string): boolean {
  let [at, place, star, resume] = [0, 0, -1, 0];
  while (at < text.length) {
    if (pattern[place] === "*") {
      star = place;
      resume = at;
      place += 1;
    } else if (place < pattern.length && (pattern[place] === "?" || pattern[place] === text[at])) {
      at += 1;
      place += 1;
    } else if (star >= 0) {
      resume += 1;
      at = resume;
      place = star + 1;
    } else {
      return false;
    }
  }
  while (pattern[place] === "*") place += 1;
  return place === pattern.length;
}
