// Correcting the last update by another one (H42): in one step, without losing what was being written.
import { fireEvent, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { IncidentCard, LintView } from "../src/gen/types";
import { compose, going, incident, text } from "../src/host/pretend-incidents";
import { at, NOW } from "../src/host/pretend-views";
import { click, open, type Opened, press, settle, show } from "./open";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse(NOW), toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

const LAST = incident().updates[0]!;
const area = () => document.querySelector<HTMLTextAreaElement>("textarea[name=body]")!;
const phase = () => document.querySelector("[role=radio][aria-checked=true]")?.textContent?.trim();
const wait = async (ms: number) => {
  await vi.advanceTimersByTimeAsync(ms);
  await settle();
};
const saved = ({ host }: Opened) =>
  host.wishes.flatMap((it) => (it.wish === "write" ? [[it.text.body, it.text.phase]] : [])).at(-1);
const drafting = (body: string, change: Partial<IncidentCard> = {}) =>
  incident({ compose: compose({ text: text({ body, phase: "identified" }), lints: [] }), ...change });
const SAME: LintView = {
  rule: "nothing_changed",
  weight: "confirm",
  says: "The text is the same as the last one.",
  fix: null,
  fixed: null,
};

describe("the last update", () => {
  test.each<[string, () => Promise<Opened>]>([
    [
      "C on the incident",
      async () => {
        const window_ = await open(going([drafting("")]), { place: { incident: 2, compose: false } });
        await press("c");
        return window_;
      },
    ],
    [
      "its button there",
      async () => {
        const window_ = await open(going([drafting("")]), { place: { incident: 2, compose: false } });
        await click(window_.getByRole("button", { name: "Correct it by another update" }));
        return window_;
      },
    ],
    [
      "Ctrl E while writing",
      async () => {
        const window_ = await open(going([drafting("")]), { place: { incident: 2, compose: true } });
        await press("e", { ctrlKey: true });
        return window_;
      },
    ],
  ])("is put into the composer by %s, with its state and the caret", async (_, begin) => {
    const window_ = await begin();
    expect([area().value, phase(), document.activeElement]).toEqual([LAST.text, "Investigating", area()]);
    await wait(200);
    expect(saved(window_)).toEqual([LAST.text, "investigating"]);
    await click(within(window_.getByTestId("correcting")).getByRole("button", { name: "Take back" }));
    expect([area().value, phase()]).toEqual(["", "Identified"]);
  });

  test("takes the place of a text only when asked, and both can be brought back", async () => {
    const window_ = await open(going([drafting("My own words")]), { place: { incident: 2, compose: false } });
    await press("c");
    expect(area().value).toBe("My own words");
    const sheet = within(window_.getByRole("dialog", { name: "Put the last update in place of your text?" }));
    await click(sheet.getByRole("button", { name: "Keep mine" }));
    expect(area().value).toBe("My own words");
    await press("e", { ctrlKey: true });
    expect(document.activeElement?.textContent).toContain("Keep mine");
    await click(window_.getByRole("dialog").querySelector<HTMLElement>(".primary")!);
    expect(area().value).toBe(LAST.text);
    await fireEvent.input(area(), { target: { value: "Corrected words" } });
    await click(window_.getByRole("button", { name: "Take back" }));
    expect([area().value, phase()]).toEqual(["My own words", "Identified"]);
    await click(window_.getByRole("button", { name: "Correct again" }));
    expect([area().value, phase()]).toEqual(["Corrected words", "Investigating"]);
    await wait(200);
    expect(saved(window_)).toEqual(["Corrected words", "investigating"]);
  });

  test("begins with the same words without a finding, which comes back in the last look if nothing was changed", async () => {
    const card = (change: Partial<ReturnType<typeof text>>) =>
      incident({
        compose: compose({ text: text({ body: LAST.text, phase: "investigating", ...change }), lints: [SAME] }),
      });
    const window_ = await open(going([card({})]), { place: { incident: 2, compose: true } });
    expect(window_.queryByText(SAME.says)).not.toBeNull();
    await press("e", { ctrlKey: true });
    expect(window_.queryByText(SAME.says)).toBeNull();
    await wait(200);
    await show(window_, going([card({})]));
    await press("Enter", { ctrlKey: true });
    expect(
      within(window_.getByRole("dialog")).queryByText(SAME.says, { exact: false }),
      "nothing is different",
    ).not.toBeNull();
    await press("Escape");
    await press("2", { altKey: true, code: "Digit2" });
    await wait(200);
    await show(window_, going([card({ phase: "identified" })]));
    await press("Enter", { ctrlKey: true });
    expect(
      within(window_.getByRole("dialog")).queryByText(SAME.says, { exact: false }),
      "the state is corrected",
    ).toBeNull();
  });

  test("of an incident that is over is not corrected, with the reason", async () => {
    const over = drafting("", { phase: "resolved", ended_at: at("09:46:00"), clock: null });
    const window_ = await open({ ...going([]), wrapping: [over] }, { place: { incident: 2, compose: false } });
    await press("c");
    expect(window_.getByRole("main", { name: "Incident" })).toBeTruthy();
    expect(window_.getByTestId("no-correction").textContent).toContain("Take the incident up again first");
  });

  test("is nothing to correct before there is one", async () => {
    const window_ = await open(going([drafting("", { updates: [] })]), { place: { incident: 2, compose: false } });
    await press("c");
    expect(window_.getByRole("main", { name: "Incident" })).toBeTruthy();
    await press("u");
    expect(window_.queryByRole("button", { name: "Correct the last update" })).toBeNull();
    expect(await press("e", { ctrlKey: true }), "the browser has the key").toBe(true);
  });
});
