import { describe, expect, it } from "vitest";
import { aHolding, aWaiting, started } from "../../test/builders.js";
import { placesOnly } from "../placement/cluster-state.js";
import { admit } from "./admit.js";
import { reasonsOf } from "./reasons.js";
import { aSituation, type Holding, type PlaceLimit, type Waiting } from "./situation.js";

const running = (seconds: number | null, institution = "north"): Omit<Holding, "id"> =>
  aHolding("", { institution, remainingSeconds: seconds === null ? null : { low: seconds, high: seconds * 2 } });
/** As many places as `slots`, on one cluster. */
const on = (
  slots: number,
  holding: readonly Omit<Holding, "id">[],
  waiting: readonly Waiting[],
  limits: ReadonlyMap<string, PlaceLimit> = new Map(),
) =>
  admit(
    aSituation({
      clusters: [placesOnly("local", slots)],
      holding: holding.map((run, index) => ({ ...run, id: `run-${index}` })),
      waiting,
      limits,
    }),
  );

describe("admission to places", () => {
  it("never admits more than there are free places", () => {
    const waiting = ["a", "b", "c", "d"].map((id, at) => aWaiting(id, at));
    for (let slots = 0; slots <= 5; slots += 1) {
      for (let taken = 0; taken <= 6; taken += 1) {
        const pass = on(
          slots,
          Array.from({ length: taken }, () => running(5)),
          waiting,
        );
        expect(started(pass).length).toBe(Math.min(4, Math.max(0, slots - taken)));
      }
    }
  });

  it("serves first come first within a class, the same for every order of reading", () => {
    const waiting = [aWaiting("late", 9), aWaiting("early", 1), aWaiting("urgent", 20, { priority: "ordered" }), aWaiting("twin", 1)];
    const order = ["urgent", "early", "twin", "late"];
    expect(started(on(4, [], waiting))).toEqual(order);
    expect(started(on(4, [], [...waiting].reverse()))).toEqual(order);
    expect(on(1, [], waiting).decisions.map(({ position }) => position)).toEqual([0, 1, 2, 3]);
  });

  it("tells the start range from what runs and what is ahead", () => {
    const [first, second] = on(1, [running(30)], [aWaiting("a", 1), aWaiting("b", 2)]).decisions;
    expect(first?.startsIn).toEqual({ low: 30, high: 60 });
    expect(second?.startsIn).toEqual({ low: 40, high: 80 });
  });

  it("promises no start where a run ahead has no estimate", () => {
    const [first] = on(1, [running(null)], [aWaiting("a", 1)]).decisions;
    expect(first?.startsIn).toBeNull();
    const [, second] = on(1, [], [aWaiting("a", 1, { seconds: null }), aWaiting("b", 2)]).decisions;
    expect(second?.startsIn).toBeNull();
  });

  it("says what each waits for, and nothing of who holds the places", () => {
    const { decisions } = on(1, [running(30, "south")], [aWaiting("a", 1)]);
    const [reason] = decisions.flatMap(reasonsOf);
    expect(reason).toEqual({
      ...{ code: "capacity", wanted: 1, available: 0, until: null, who: null },
      detail: "Waits for a free place on cluster local.",
    });
    const away = admit(
      aSituation({ clusters: [placesOnly("local", 1, { healthy: false, reason: "no Python" })], waiting: [aWaiting("a", 1)] }),
    );
    expect(away.decisions.flatMap(reasonsOf)).toMatchObject([
      { code: "cluster_unhealthy", who: "local", detail: expect.stringContaining("no Python") },
    ]);
    expect(away.decisions[0]?.startsIn).toBeNull();
  });

  describe("within limits", () => {
    const limit = (places: number, mayBorrow = false) => new Map([["north", { places, mayBorrow }]]);
    const north = (id: string, at: number) => aWaiting(id, at);
    const south = (id: string, at: number) => aWaiting(id, at, { institution: "south" });

    it("passes over who is at the limit, and does not hold up the others", () => {
      const { decisions } = on(4, [running(5)], [north("n1", 1), north("n2", 2), south("s1", 3), south("s2", 4)], limit(2));
      const waits = decisions.flatMap(({ job, block }) => (block === null ? [] : [[job.id, block.kind]]));
      expect(waits).toEqual([["n2", "quota"]]);
      expect(started({ decisions, yields: [] }).sort()).toEqual(["n1", "s1", "s2"]);
      expect(decisions.flatMap(reasonsOf)).toMatchObject([{ code: "quota", wanted: 1, available: 0, who: "institution_admin" }]);
    });

    it("lends a place only while nobody within theirs waits for it", () => {
      const queue = [north("n1", 1), north("n2", 2), south("s1", 3)];
      const lent = on(3, [], queue, limit(1, true)).decisions;
      expect(lent.filter(({ start }) => start?.isBorrowed === true).map(({ job }) => job.id)).toEqual(["n2"]);
      expect(started(on(2, [], queue, limit(1, true))).sort()).toEqual(["n1", "s1"]);
      expect(started(on(3, [], queue, limit(1))).sort()).toEqual(["n1", "s1"]);
    });

    it("never starts more than the limit without borrowing, nor more than there are places with it", () => {
      for (let slots = 0; slots <= 5; slots += 1) {
        for (let places = 0; places <= 4; places += 1) {
          for (let taken = 0; taken <= 5; taken += 1) {
            for (const mayBorrow of [false, true]) {
              const holding = Array.from({ length: taken }, () => running(5));
              const queue = [1, 2, 3, 4].map((n) => north(`n${n}`, n));
              const count = started(on(slots, holding, queue, limit(places, mayBorrow))).length;
              const free = Math.max(0, slots - taken);
              expect(count).toBe(Math.min(4, mayBorrow ? free : Math.min(free, Math.max(0, places - taken))));
            }
          }
        }
      }
    });

    it("tells the start from the limit as well as from the cluster", () => {
      const [first, second] = on(10, [running(30), running(50)], [north("n1", 1), north("n2", 2)], limit(2)).decisions;
      expect([first?.startsIn?.low, second?.startsIn?.low]).toEqual([30, 40]);
      const [over] = on(10, [running(30), running(50), running(70)], [north("n1", 1)], limit(2)).decisions;
      expect(over?.startsIn?.low).toBe(50);
      const [never] = on(10, [], [north("n1", 1)], limit(0)).decisions;
      expect(never?.startsIn).toBeNull();
      const free = on(1, [], [north("n1", 1), south("s1", 2)], limit(0)).decisions.find(({ job }) => job.id === "s1");
      expect(free?.startsIn?.low).toBe(0);
    });
  });
});
