import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aSource } from "./builders.js";
import { termsOfLicence } from "./licence-terms.js";
import { MAX_FRONT_MATTER_BYTES, parseCard, readCard } from "./model-card.js";

const card = (text: string | Uint8Array) => {
  const source = aSource({ "README.md": text });
  const [file] = source.files;
  if (file === undefined) throw new Error("a card is one file");
  return readCard(source, file);
};
const matter = (yaml: string) => card(`---\n${yaml}\n---\n# Title\n`);
const problem = async (text: string) => {
  const reading = await matter(text);
  return reading.ok ? null : reading.problem;
};

describe("front matter", () => {
  it("says what a model stands on, its licence, languages, tags and data", async () => {
    const yaml =
      "license: apache-2.0\nbase_model: [Qwen/Qwen3-8B, acme/other]\nbase_model_relation: merge\nlanguage:\n- zh\n- no\ntags:\n- finance\ndatasets: acme/rows";
    expect(await matter(yaml)).toEqual({
      ok: true,
      value: {
        baseModels: ["Qwen/Qwen3-8B", "acme/other"],
        relation: "merge",
        licence: "apache-2.0",
        languages: ["zh", "no"],
        tags: ["finance"],
        datasets: ["acme/rows"],
      },
    });
  });

  it("keeps every value a text: neither numbers, truths nor dates", async () => {
    const reading = await matter("license: 1.10\nlanguage: [no, yes, 2020-01-01, null]");
    expect(reading).toMatchObject({ ok: true, value: { licence: "1.10", languages: ["no", "yes", "2020-01-01", "null"] } });
  });

  it("takes the own name of a licence that the hub does not list", async () => {
    expect(await matter("license: other\nlicense_name: qianwen")).toMatchObject({ value: { licence: "qianwen" } });
  });

  it("is absent from a card that has none, or only rules across the page", async () => {
    for (const text of ["# Title", "", "---\nno end", "text\n---\nlicense: mit\n---\n"])
      expect(await card(text)).toEqual({ ok: true, value: null });
    expect(await card("---\r\nlicense: mit\r\n---\r\n")).toMatchObject({ value: { licence: "mit" } });
    expect(await card("---\n---\n")).toMatchObject({ ok: true });
  });

  it.each([
    [
      "aliases that multiply",
      "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\ntags: *c",
    ],
    ["an alias of itself", "tags: &a [*a]"],
    ["a key twice", "license: mit\nlicense: apache-2.0"],
    ["broken brackets", "tags: [a"],
    ["brackets without end", `tags: ${"[".repeat(5000)}`],
    ["maps in maps in one line", "- ".repeat(5000)],
    ["a list at the top", "- a\n- b"],
    ["a text at the top", "just words"],
  ])("is refused when it has %s", async (_, yaml) => {
    expect(await problem(yaml)).toMatch(/^has front matter /);
  });

  it("has no types that would make something else of a text", async () => {
    const reading = await matter('license: !!js/function "function(){}"\ntags: [!!binary aGk=]');
    if (reading.ok) expect(reading.value).toMatchObject({ licence: "function(){}", tags: ["aGk="] });
    else expect(reading.problem).toMatch(/^has front matter /);
  });

  it("of ten megabytes is refused after its first part", async () => {
    const bytes = new Uint8Array(10_000_000).fill(0x61);
    bytes.set([0x2d, 0x2d, 0x2d, 0x0a]);
    for (let at = 100; at < bytes.length; at += 100) bytes[at] = 0x0a;
    const source = aSource({ "README.md": bytes });
    const reading = await readCard(source, { path: "README.md", sizeBytes: bytes.length });
    expect(reading).toMatchObject({ ok: false, problem: expect.stringContaining("does not end within") });
    expect(source.bytesRead()).toBe(MAX_FRONT_MATTER_BYTES);
  });

  it("is read though the page after it is long and cut within a character", async () => {
    const page = `---\nlicense: mit\n---\n${"轩辕\n".repeat(60_000)}`;
    expect(await card(page)).toMatchObject({ ok: true, value: { licence: "mit" } });
  });

  it("is refused when it is no text", async () => {
    expect(await card(Uint8Array.from([0x2d, 0xff, 0xfe, 0x0a]))).toEqual({ ok: false, problem: "is not text in UTF-8" });
  });
});

describe("whatever a card holds", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "---\n",
      "license: ",
      "tags:\n",
      "- ",
      "[",
      "]",
      "{",
      "}",
      "&a ",
      "*a",
      "!!str ",
      "|\n",
      ">-\n",
      "? ",
      ": ",
      "'",
      '"',
      "#",
      "\t",
      "\n",
      "  ",
      "%YAML 1.1\n",
      "<<: ",
    ),
    fc.string({ maxLength: 6 }),
  );
  const text = fc.array(piece, { maxLength: 60 }).map((parts) => parts.join(""));

  it("is judged, never thrown over, and yields short texts only", () => {
    fc.assert(
      fc.property(text, (yaml) => {
        const reading = parseCard(yaml);
        if (!reading.ok) {
          expect(reading.problem).toMatch(/^has front matter /);
          return;
        }
        const { licence, relation, ...lists } = reading.value;
        for (const value of [...Object.values(lists).flat(), licence ?? "", relation ?? ""]) {
          expect(typeof value).toBe("string");
          expect(value.length).toBeLessThanOrEqual(120);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("is judged, never thrown over: bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect(await card(Uint8Array.from([0x2d, 0x2d, 0x2d, 0x0a, ...bytes]))).toHaveProperty("ok");
      }),
    );
  });

  it("costs little even at its longest", () => {
    const started = performance.now();
    const long = (part: string) => part.repeat(Math.floor((MAX_FRONT_MATTER_BYTES - 100) / part.length));
    for (const yaml of [
      long("- a\n"),
      long("a"),
      `tags: [${long("a,")}]`,
      long("'"),
      long("&a "),
      long("? "),
      long(": "),
      long("!"),
      long("#\n"),
      long("\t"),
      long("\n"),
      long(">\n"),
      long("a: b: "),
      long("{a: "),
    ])
      parseCard(yaml);
    parseCard(Array.from({ length: 20_000 }, (_, n) => `k${n}: v`).join("\n"));
    parseCard(Array.from({ length: 190 }, (_, n) => `${" ".repeat(n)}a:`).join("\n"));
    expect(performance.now() - started).toBeLessThan(30_000);
  });
});

it("a licence's name tells whether it forbids use in business", () => {
  expect(termsOfLicence("apache-2.0")).toEqual({ commercialUse: true, redistribution: true, regions: [] });
  expect(termsOfLicence(null).commercialUse).toBe(true);
  for (const name of ["cc-by-nc-4.0", "CC-BY-NC-SA-4.0", "qwen-research", "llama"])
    expect([name, termsOfLicence(name).commercialUse]).toEqual([name, false]);
  for (const name of ["llama2", "llama3.1", "mit", "cc-by-4.0", "gemma"])
    expect([name, termsOfLicence(name).commercialUse]).toEqual([name, true]);
});
