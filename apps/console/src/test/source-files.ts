/** Source texts of the console by path below `src`, tests and their support left out. */
export const SOURCES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(import.meta.glob<string>("../**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true }))
    .map(([path, text]): [string, string] => [path.replace("../", ""), text])
    .filter(([path]) => !/\.test\.tsx?$/.test(path) && !path.startsWith("test/")),
);
