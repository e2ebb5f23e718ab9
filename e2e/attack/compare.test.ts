import { describe, expect, it } from "vitest";
import { difference, masked, unasked } from "./compare.js";
import type { Answer } from "./send.js";

const answer = (body: string, more: readonly (readonly [string, string])[] = [], status = 404): Answer => ({
  status,
  headers: [["date", "now"], ["x-request-id", "req_1"], ...more],
  body,
  milliseconds: 1,
});
const compare = (theirs: Answer, absent: Answer, isChange = false) =>
  difference(
    masked(theirs, "/models/south/cards", ["south/cards"], isChange),
    masked(absent, "/models/south/dbset", ["south/dbset"], isChange),
  );

describe("two answers", () => {
  it("are alike when they differ in request id, date and what was asked only", () => {
    const absent: Answer = {
      ...answer("no /models/south/dbset, req_2"),
      headers: [
        ["date", "later"],
        ["x-request-id", "req_2"],
      ],
    };
    expect(compare(answer("no /models/south/cards, req_1"), absent)).toBeNull();
  });

  it("differ by one byte of the body, one header, or the status", () => {
    expect(compare(answer("none."), answer("none"))).toContain("body");
    expect(compare(answer("none", [["x-count", "1"]]), answer("none"))).toContain("headers");
    expect(compare(answer("none"), answer("none", [], 403))).toBe("status 404 for theirs, 403 for absent");
  });

  it("differ when theirs is named once more than was asked for", () => {
    expect(compare(answer("no south/cards; see south/cards"), answer("no south/dbset"))).not.toBeNull();
  });

  it("differ by an entity tag unless the body repeats the request", () => {
    expect(compare(answer("[]", [["etag", '"a"']], 200), answer("[]", [["etag", '"b"']], 200))).not.toBeNull();
    expect(compare(answer("south/cards", [["etag", '"a"']], 200), answer("south/dbset", [["etag", '"b"']], 200))).toBeNull();
  });

  it("to a change are alike when what was made has an id and a time of its own, and to a reading they are not", () => {
    const made = (digit: string) => answer(`{"id":"job_${digit.repeat(32)}","at":"2026-01-0${digit}T00:00:00Z"}`, [], 201);
    expect(compare(made("1"), made("2"), true)).toBeNull();
    expect(compare(made("1"), made("2"))).not.toBeNull();
  });

  it("are looked through for what the request did not say itself, alike or not", () => {
    const request = {
      method: "POST",
      path: "/models/south/cards?q=quokka%20x",
      headers: { "if-match": "abc" },
      body: JSON.stringify({ model: "south/cards", list: [{ note: 'said "so"' }] }),
    };
    const text = '/models/south/cards quokka x south/cards south/cards@2 {"note":"said \\"so\\"","etag":"abc"}';
    expect(unasked(answer(text), request)).not.toMatch(/south|cards|quokka|said|abc/);
    expect(unasked(answer(`${text} quokka-limits`), request)).toContain("quokka-limits");
    expect(unasked(answer("none", [["x-owner", "ins_9"]]), request)).toContain("ins_9");
    expect(unasked(answer("made of bytes"), { ...request, body: "bytes" })).toContain("made of <asked>");
    // Of what is masked in the answers to a change, ids are still found.
    const made = (id: string) => answer(`{"id":"${id}"}`, [], 201);
    expect(compare(made(`usr_${"1".repeat(32)}`), made(`usr_${"2".repeat(32)}`), true)).toBeNull();
    expect(unasked(made(`usr_${"1".repeat(32)}`), request)).toContain(`usr_${"1".repeat(32)}`);
  });

  it("to what is in a shared tier keep the tier's name, which stands in many answers whatever was asked for", () => {
    const counts = (named: string) => masked(answer('{"finance":0}', [["etag", '"a"']], 200), "/x", [named], false);
    expect(counts("finance/ledger")).toEqual(counts("nowhere/ledger"));
  });
});
