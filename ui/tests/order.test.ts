// The order of pages, and that it holds still while somebody points at it.
import { expect, test } from "vitest";
import { at, page, taken } from "../src/host/pretend-views";
import { arrange, keyOf } from "../src/page/order";

const [old, mid, young] = ["09:30:00", "09:40:00", "09:45:00"].map((time, n) =>
  page({ id: `P${n}`, triggered_at: at(time) }),
);
if (old === undefined || mid === undefined || young === undefined) throw new Error("three pages");
const keys = (...pages: { id: string; triggered_at: string }[]) => pages.map(keyOf);

test("calling pages stand above acknowledged ones", () => {
  const acked = taken({ triggered_at: at("09:46:00") });
  expect(arrange([], [acked, young, old], false)).toEqual({ shown: keys(young, old, acked), waiting: [] });
});

test("while held, an arrival waits and nothing moves", () => {
  expect(arrange(keys(mid, old), [young, mid, old], true)).toEqual({ shown: keys(mid, old), waiting: keys(young) });
});

test("while held, a page that was taken keeps its place", () => {
  const acked = { ...young, status: "acknowledged" as const };
  expect(arrange(keys(young, mid), [acked, mid], true).shown).toEqual(keys(young, mid));
  expect(arrange(keys(young, mid), [acked, mid], false).shown).toEqual(keys(mid, acked));
});

test("while held, a page that left keeps its place, and leaves when let go", () => {
  expect(arrange(keys(young, mid), [mid], true).shown).toEqual(keys(young, mid));
  expect(arrange(keys(young, mid), [mid], false).shown).toEqual(keys(mid));
});

test("the same page triggered again is a new one", () => {
  const again = page({ id: old.id, triggered_at: at("09:47:00") });
  expect(arrange(keys(old), [again], true)).toEqual({ shown: keys(old), waiting: keys(again) });
});

test("an empty list has nothing to hold", () => {
  expect(arrange([], [young], true)).toEqual({ shown: keys(young), waiting: [] });
});
