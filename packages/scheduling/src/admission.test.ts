import { describe, expect, it } from "vitest";
import { admit, type Waiting } from "./admission.js";

const job = (id: string, queuedAt: number, priority = 1, seconds: number | null = 10, institution = "north"): Waiting => ({
  id,
  institution,
  queuedAt,
  priority,
  seconds: seconds === null ? null : { low: seconds, high: seconds * 2 },
});
const running = (seconds: number | null, institution = "north") => ({
  institution,
  remainingSeconds: seconds === null ? null : { low: seconds, high: seconds * 2 },
});
const admitted = (places: ReturnType<typeof admit>) => places.filter((place) => place.isAdmitted).map((place) => place.id);

describe("admission", () => {
  it("never admits more than there are free places", () => {
    const waiting = ["a", "b", "c", "d"].map((id, at) => job(id, at));
    for (let slots = 0; slots <= 5; slots += 1) {
      for (let taken = 0; taken <= 6; taken += 1) {
        const places = admit(
          slots,
          Array.from({ length: taken }, () => running(5)),
          waiting,
        );
        expect(admitted(places).length).toBe(Math.min(4, Math.max(0, slots - taken)));
      }
    }
  });

  it("serves first come first within a priority, the same for every order of reading", () => {
    const waiting = [job("late", 9), job("early", 1), job("urgent", 20, 0), job("twin", 1)];
    const order = ["urgent", "early", "twin", "late"];
    expect(admit(4, [], waiting).map((place) => place.id)).toEqual(order);
    expect(admit(4, [], [...waiting].reverse()).map((place) => place.id)).toEqual(order);
    expect(admit(4, [], waiting).map((place) => place.position)).toEqual([1, 2, 3, 4]);
  });

  it("tells the start range from what runs and what is ahead", () => {
    const [first, second] = admit(1, [running(30)], [job("a", 1), job("b", 2)]);
    expect(first?.startsIn).toEqual({ low: 30, high: 60 });
    expect(second?.startsIn).toEqual({ low: 40, high: 80 });
  });

  it("promises no start where a run ahead has no estimate", () => {
    const [first] = admit(1, [running(null)], [job("a", 1)]);
    expect(first?.startsIn).toBeNull();
    const [, second] = admit(1, [], [job("a", 1, 1, null), job("b", 2)]);
    expect(second?.startsIn).toBeNull();
  });

  describe("within limits", () => {
    const limit = (places: number, mayBorrow = false) => new Map([["north", { places, mayBorrow }]]);
    const north = (id: string, at: number) => job(id, at, 1, 10, "north");
    const south = (id: string, at: number) => job(id, at, 1, 10, "south");

    it("passes over who is at the limit, and does not hold up the others", () => {
      const places = admit(4, [running(5)], [north("n1", 1), north("n2", 2), south("s1", 3), south("s2", 4)], limit(2));
      expect(places.map(({ id, isAdmitted, waitsFor }) => [id, isAdmitted, waitsFor])).toEqual([
        ["n1", true, "nothing"],
        ["n2", false, "quota"],
        ["s1", true, "nothing"],
        ["s2", true, "nothing"],
      ]);
    });

    it("lends a place only while nobody within theirs waits for it", () => {
      const queue = [north("n1", 1), north("n2", 2), south("s1", 3)];
      const lent = admit(3, [], queue, limit(1, true));
      expect(lent.map(({ id, isBorrowed }) => [id, isBorrowed])).toEqual([
        ["n1", false],
        ["n2", true],
        ["s1", false],
      ]);
      expect(admitted(admit(2, [], queue, limit(1, true)))).toEqual(["n1", "s1"]);
      expect(admitted(admit(3, [], queue, limit(1)))).toEqual(["n1", "s1"]);
    });

    it("never starts more than the limit without borrowing, nor more than there are places with it", () => {
      for (let slots = 0; slots <= 5; slots += 1) {
        for (let places = 0; places <= 4; places += 1) {
          for (let taken = 0; taken <= 5; taken += 1) {
            for (const mayBorrow of [false, true]) {
              const holding = Array.from({ length: taken }, () => running(5));
              const queue = [1, 2, 3, 4].map((n) => north(`n${n}`, n));
              const started = admitted(admit(slots, holding, queue, limit(places, mayBorrow))).length;
              const free = Math.max(0, slots - taken);
              expect(started).toBe(Math.min(4, mayBorrow ? free : Math.min(free, Math.max(0, places - taken))));
            }
          }
        }
      }
    });

    it("tells the start from the limit as well as from the cluster", () => {
      const [first, second] = admit(10, [running(30), running(50)], [north("n1", 1), north("n2", 2)], limit(2));
      expect([first?.startsIn?.low, second?.startsIn?.low]).toEqual([30, 40]);
      const [over] = admit(10, [running(30), running(50), running(70)], [north("n1", 1)], limit(2));
      expect(over?.startsIn?.low).toBe(50);
      const [never] = admit(10, [], [north("n1", 1)], limit(0));
      expect(never?.startsIn).toBeNull();
      const [, free] = admit(1, [], [north("n1", 1), south("s1", 2)], limit(0));
      expect(free?.startsIn?.low).toBe(0);
    });
  });
});
