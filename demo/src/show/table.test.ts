import { expect, it } from "vitest";
import { count, decimal, percent, tableLines } from "./table.js";

it("sets numbers to the right and words to the left", () => {
  const rows = [
    { name: "a", parameters: 2_012_345 },
    { name: "longer", parameters: 7 },
  ];
  expect(
    tableLines(
      [
        { title: "model", align: "left", value: (row: (typeof rows)[number]) => row.name },
        { title: "n", align: "right", value: (row) => count(row.parameters) },
      ],
      rows,
    ),
  ).toEqual(["model           n", "──────  ─────────", "a       2,012,345", "longer          7"]);
});

it("writes an unknown figure as a dash, never as zero", () => {
  expect([count(null), decimal(null, 2), percent(null)]).toEqual(["–", "–", "–"]);
  expect([count(0), decimal(0, 2), percent(0)]).toEqual(["0", "0.00", "0.0%"]);
});
