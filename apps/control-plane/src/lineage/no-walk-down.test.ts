import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const source = join(import.meta.dirname, "..");

/** Every recursive query of the application: what it joins a found row with. */
function recursions(): { readonly file: string; readonly step: string }[] {
  return readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.includes("migrations"))
    .flatMap((file) =>
      [...readFileSync(join(source, file), "utf8").matchAll(/with recursive[\s\S]*?`/g)].map(([text]) => ({ file, step: text })),
    );
}

/** A step upwards looks a found row up as a child; one downwards would look it up as a parent. */
const walksUp = (step: string): boolean => {
  const name = /with recursive (\w+)/.exec(step)?.[1] ?? "";
  const alias = new RegExp(`from ${name} (\\w)\\b`).exec(step)?.[1] ?? name;
  return new RegExp(`\\be\\.child_id = ${alias}\\.id\\b`).test(step) && !new RegExp(`parent_id = ${alias}\\.`).test(step);
};

it("walks upwards only: no request recurses from a version to what descends from it", () => {
  const found = recursions();
  expect(found.length).toBeGreaterThanOrEqual(3);
  expect(found.filter(({ step }) => !walksUp(step)).map(({ file }) => file)).toEqual([]);
});

it("would see a walk downwards", () => {
  const down =
    "with recursive down (id) as (select child_id from edges union select e.child_id from down join edges e on e.parent_id = down.id)`";
  expect(walksUp(down)).toBe(false);
});
