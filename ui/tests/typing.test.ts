// What is typed is saved while it is typed, at every place that saves: no key puts off the save of the keys before it.
import { fireEvent } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { going, incident } from "../src/host/pretend-incidents";
import { keeping } from "../src/host/pretend-ledger";
import { shift } from "../src/host/pretend-shifts";
import { entry, training } from "../src/host/pretend-training";
import { NOW, quiet } from "../src/host/pretend-views";
import { RETRY_MS, SAVE_WITHIN_MS, Soon } from "../src/lib/soon";
import { click, open, type Opened, press, settle } from "./open";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse(NOW), toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

const UNSAVED = { code: "not_saved_yet", message: "The disk has not taken it." };

/** Every place: how to get there, the field, and what is saved of it. */
const PLACES: [string, () => Promise<Opened>, string, (it: Opened) => (string | undefined)[]][] = [
  [
    "the composer",
    () => open(going([incident()]), { place: { incident: 2, compose: true } }),
    "[name=body]",
    ({ host }) => host.wishes.flatMap((it) => (it.wish === "write" ? [it.text.body] : [])),
  ],
  [
    "the notes of a handover",
    () => open(quiet({ shifts: [shift()] }), { screen: "handover" }),
    ".notes",
    ({ host }) => host.commands.flatMap((it) => (it.do === "shift" && it.wish.wish === "note" ? [it.wish.notes] : [])),
  ],
  [
    "a sheet of the ledger",
    async () => {
      const opened = await open(keeping({}), { screen: "ledger" });
      await press("n");
      return opened;
    },
    "[data-sheet] [name=what]",
    ({ host }) =>
      host.commands.flatMap((it) =>
        it.do === "ledger" && it.wish.wish === "keep" ? [JSON.parse(it.wish.typed ?? "{}").what] : [],
      ),
  ],
  [
    "an entry of the training log",
    async () => {
      const opened = await open(quiet({ training: training({ log: [{ id: 1, training: entry() }] }) }), {
        screen: "practice",
      });
      await click(opened.getByRole("button", { name: /^Open: EMEA/ }));
      return opened;
    },
    "[data-sheet] [data-first]",
    ({ host }) =>
      host.commands.flatMap((it) => (it.do === "training" && it.wish.wish === "change" ? [it.wish.entry.title] : [])),
  ],
];

describe.each(PLACES)("%s", (_, arrive, selector, saved) => {
  test("is saved while keys follow each other without a pause", async () => {
    const opened = await arrive();
    let text = "";
    let keptBefore = 0;
    for (let at = 0; at < 2_000; at += 30) {
      text += "abcdefghij"[(at / 30) % 10];
      await fireEvent.input(document.querySelector(selector)!, { target: { value: text } });
      await vi.advanceTimersByTimeAsync(30);
      await settle();
      const kept = saved(opened).at(-1)?.length ?? 0;
      expect((text.length - kept) * 30, `of ${text.length} keys, ${kept} are saved`).toBeLessThanOrEqual(
        SAVE_WITHIN_MS + 30,
      );
      keptBefore = kept;
    }
    expect(keptBefore).toBeGreaterThan(0);
    await vi.advanceTimersByTimeAsync(SAVE_WITHIN_MS);
    expect(saved(opened).at(-1)).toBe(text);
    expect(saved(opened).length, "a burst of keys is one save").toBeLessThan(20);
  });

  test("is saved again until it is on disk", async () => {
    const opened = await arrive();
    opened.host.refuse = { incident: UNSAVED, shift: UNSAVED, ledger: UNSAVED, training: UNSAVED };
    const before = saved(opened).length;
    await fireEvent.input(document.querySelector(selector)!, { target: { value: "abc" } });
    await vi.advanceTimersByTimeAsync(SAVE_WITHIN_MS);
    await settle();
    expect(saved(opened).length).toBe(before + 1);
    expect(document.body.textContent, "it is not said to be saved").toContain(UNSAVED.message);
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    await settle();
    expect(saved(opened).length).toBe(before + 2);
    opened.host.refuse = {};
    await vi.advanceTimersByTimeAsync(RETRY_MS);
    await settle();
    expect(saved(opened).at(-1)).toBe("abc");
    expect(document.body.textContent).not.toContain(UNSAVED.message);
    await vi.advanceTimersByTimeAsync(2 * RETRY_MS);
    expect(saved(opened).length, "then it rests").toBe(before + 3);
  });
});

test("work is done at the earliest time that was asked for", async () => {
  const done: number[] = [];
  const soon = new Soon(() => done.push(Date.now() - began));
  const began = Date.now();
  soon.within(5_000);
  soon.within(150);
  await vi.advanceTimersByTimeAsync(100);
  soon.within(150);
  await vi.advanceTimersByTimeAsync(10_000);
  soon.within(10);
  soon.stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(done).toEqual([150]);
});
