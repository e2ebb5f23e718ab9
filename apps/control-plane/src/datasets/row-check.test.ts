import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkRows, MOST_FAULTS } from "./check-rows.js";
import { linesOf } from "./lines.js";
import { MAX_LINE_BYTES } from "./row-check.js";

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const chat = (...roles: readonly string[]) => JSON.stringify({ messages: roles.map((role) => ({ role, content: `${role} speaks` })) });
const faults = async (format: "text" | "chat", ...lines: readonly (string | Uint8Array)[]) => {
  const bytes = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from("\n")]));
  const { violations } = await checkRows(format, inChunks(bytes, 7));
  return violations.map(({ code, detail }) => `${code} ${detail.split(":")[0]}`);
};

describe("rows of a dataset", () => {
  it("are counted with the characters of their texts, a character outside the basic plane as one", async () => {
    const bytes = Buffer.from('{"text":"ab"}\r\n{"text":"金融\u{1F600}","more":1}');
    expect(await checkRows("text", inChunks(bytes, 3))).toEqual({ rows: 2, characters: 5, violations: [] });
  });

  it("answer every broken line with its number", async () => {
    const invalid = Buffer.concat([Buffer.from('{"text":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    expect(
      await faults("text", '{"text":"ok"}', '{"text":', invalid, "", '{"words":"x"}', '{"text":"  "}', "[1]", '{"text":"ok"}'),
    ).toEqual([
      "line_json line 2",
      "line_utf8 line 3",
      "line_blank line 4",
      "row_shape line 5",
      "content_empty line 6",
      "line_json line 7",
    ]);
  });

  it("speak in turn: perhaps system, then user and assistant, and the assistant last", async () => {
    expect(
      await faults("chat", chat("user", "assistant"), chat("system", "user", "assistant"), chat("user", "assistant", "user", "assistant")),
    ).toEqual([]);
    expect(
      await faults(
        "chat",
        chat("assistant", "user"),
        chat("user", "user"),
        chat("user", "system"),
        chat("system", "user"),
        chat("system", "assistant"),
        chat("user", "tool"),
        '{"messages":[]}',
      ),
    ).toEqual([
      "role_order line 1",
      "role_order line 2",
      "role_order line 3",
      "role_order line 4",
      "role_order line 5",
      "row_shape line 6",
      "row_shape line 7",
    ]);
    expect(await faults("chat", '{"messages":[{"role":"user","content":""},{"role":"assistant","content":"x"}]}')).toEqual([
      "content_empty line 1",
    ]);
  });

  it("are at least one", async () => {
    expect(await checkRows("text", inChunks(new Uint8Array(), 1))).toMatchObject({ violations: [{ code: "dataset_empty" }] });
  });

  it("are not too long, and a line that is does not fill the memory or hide the next", async () => {
    const long = `{"text":"${"x".repeat(MAX_LINE_BYTES)}"}`;
    const bytes = Buffer.from(`${long}\n{"text":"ok"}\nbroken\n`);
    const { rows, violations } = await checkRows("text", inChunks(bytes, 64 * 1024));
    expect([rows, violations.map(({ code }) => code)]).toEqual([3, ["line_too_long", "line_json"]]);
  });

  it("stop being read when everything is wrong", async () => {
    expect(await faults("text", ...Array.from({ length: 500 }, () => "x"))).toHaveLength(MOST_FAULTS);
  });
});

it("splits lines the same wherever the chunks fall", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: fc.constantFrom("a", "金", "\n") }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 9 }),
      async (parts, size) => {
        const text = parts.join("");
        const lines: string[] = [];
        for await (const { number, bytes } of linesOf(inChunks(Buffer.from(text), size), 1000)) {
          lines.push(Buffer.from(bytes ?? []).toString());
          expect(number).toBe(lines.length);
        }
        const expected = text.split("\n");
        expect(lines).toEqual(expected.at(-1) === "" ? expected.slice(0, -1) : expected);
      },
    ),
  );
});
