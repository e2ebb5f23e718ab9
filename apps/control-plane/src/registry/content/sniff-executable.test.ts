import { expect, it } from "vitest";
import { sniffExecutable } from "./sniff-executable.js";

it("sees what would run code by what it is, not by its name", () => {
  expect(sniffExecutable(Buffer.from([0x80, 0x02, 0x7d]))).toBe("a pickle");
  expect(sniffExecutable(Buffer.from("PK\u0003\u0004........model/data.pkl"))).toBe("an archive with a pickle inside");
  expect(sniffExecutable(Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a]))).toBe("an HDF5 file");
  expect(sniffExecutable(Buffer.from("PK\u0003\u0004........notes.txt"))).toBeNull();
  expect(sniffExecutable(new Uint8Array())).toBeNull();
  expect(sniffExecutable(Buffer.from('{"a":1}'))).toBeNull();
});
