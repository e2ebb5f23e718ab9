import { NewModelRow } from "@ziggurat/contracts";
import { describe, expect, it } from "vitest";
import { decodeSheet, readSheet, SHEET_COLUMNS, sheetTemplate } from "./read-sheet.js";

const read = (text: string) => readSheet(text, "northbank");

describe("a sheet of models", () => {
  it("becomes rows, with quoted commas, Chinese text, lists and limits of use", () => {
    const text =
      "\ufefftier,slug,name,scenario,tags,languages,purpose,redistribution\r\n" +
      'institution,cards,"Cards, and more",risk,"零售、 Retail","zh, en",答复客户,否\r\n\r\n' +
      "Foundation,base,Base,,,,,\r\n";
    expect(read(text)).toEqual({
      rows: [
        {
          tier: "institution",
          namespace: "northbank",
          slug: "cards",
          name: "Cards, and more",
          scenario: "risk",
          tags: ["零售", "retail"],
          card: { languages: ["zh", "en"], purpose: "答复客户" },
          terms: { commercialUse: true, redistribution: false },
        },
        {
          tier: "foundation",
          namespace: "foundation",
          slug: "base",
          name: "Base",
          tags: [],
          card: {},
          terms: { commercialUse: true, redistribution: true },
        },
      ],
    });
  });

  it("has a template whose every row the platform's contract takes", () => {
    const sheet = read(sheetTemplate("northbank"));
    if ("problem" in sheet) throw new Error("no rows");
    expect(sheet.rows.map((row) => NewModelRow.safeParse(row).success)).toEqual([true, true, true]);
    expect(sheetTemplate("northbank").split("\r\n")[0]).toBe(SHEET_COLUMNS.join(","));
  });

  it.each([
    ["tier,slug,name,colour\nfoundation,a,b,red", { kind: "unknown_columns", columns: ["colour"] }],
    ["tier,name\nfoundation,b", { kind: "missing_columns", columns: ["slug"] }],
    ["slug", { kind: "missing_columns", columns: ["tier", "name"] }],
    ['tier,slug,name\nfoundation,"a,b', expect.objectContaining({ kind: "unreadable", row: 1 })],
    ["tier,slug,name\nfoundation,a,b,c", expect.objectContaining({ kind: "unreadable", row: 1 })],
    ["tier,slug,name\n", { kind: "empty" }],
    ["", { kind: "missing_columns", columns: ["tier", "slug", "name"] }],
    ["[1]", expect.objectContaining({ kind: "unreadable", row: null })],
    ['{"rows": ', expect.objectContaining({ kind: "unreadable", row: null })],
    [JSON.stringify(Array.from({ length: 1001 }, () => ({}))), { kind: "too_many", rows: 1001, most: 1000 }],
  ])("is refused as a whole: %j", (text, problem) => {
    expect(read(text)).toEqual({ problem });
  });

  it("is read as UTF-8, and where it is not that, as Chinese spreadsheet programs write", () => {
    expect(decodeSheet(new TextEncoder().encode("\ufeff信贷").buffer)).toBe("信贷");
    expect(decodeSheet(Uint8Array.from([0xd0, 0xc5, 0xb4, 0xfb]).buffer)).toBe("信贷");
  });

  it("is taken as the API takes it when it is JSON", () => {
    const row = { model: "northbank/cards", version: { notes: "x" } };
    expect(read(JSON.stringify([row]))).toEqual({ rows: [row] });
    expect(read(JSON.stringify({ rows: [row] }))).toEqual({ rows: [row] });
  });
});
