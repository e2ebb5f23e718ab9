import { describe, expect, it } from "vitest";
import { admit, type Waiting } from "./admission.js";

const job = (id: string, queuedAt: number, priority = 1, seconds: number | null = 10): Waiting => ({
  id,
  queuedAt,
  priority,
  seconds: seconds === null ? null : { low: seconds, high: seconds * 2 },
});
const running = (seconds: number | null) => ({ remainingSeconds: seconds === null ? null : { low: seconds, high: seconds * 2 } });
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
});
