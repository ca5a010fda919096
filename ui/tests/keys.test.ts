// The keyboard as a whole: every key passes through one place, no sentence acts, and keys go by meaning on every layout.
import { createEvent, fireEvent, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Command } from "../src/gen/types";
import { STATES } from "../src/host/gallery";
import { going, incident, overdue } from "../src/host/pretend-incidents";
import { NOW, page, paged, quiet, taken } from "../src/host/pretend-views";
import { ALONE_MS, chords } from "../src/lib/keys";
import { layout } from "../src/lib/layout";
import { cardsInOrder, click, hold, open, type Opened, press, settle, show, typeBlind } from "./open";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse(NOW), toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

const wait = async (ms: number) => {
  await vi.advanceTimersByTimeAsync(ms);
  await settle();
};
/** A key that went down some time before the window hears of it. */
async function heardLate(key: string, lateMs: number): Promise<void> {
  const event = createEvent.keyDown(document.body, { key });
  Object.defineProperty(event, "timeStamp", { value: performance.now() - lateMs });
  await fireEvent(document.body, event);
  await settle();
}
const sheet = () => document.querySelector<HTMLElement>("[data-sheet]");

/** What was done to the world or to what is kept: texts that are kept as they are typed are no act. */
function acts({ host }: Opened): unknown[] {
  const kept = (it: Command) =>
    (it.do === "ledger" && it.wish.wish === "keep") ||
    (it.do === "incident" && it.wish.wish === "write") ||
    (it.do === "shift" && ["note", "write"].includes(it.wish.wish)) ||
    (it.do === "training" && it.wish.wish === "change");
  // Asking for what is shown is no act, and every command is asked as well.
  return host.asked.flatMap((it): unknown[] => (it.what !== "command" ? [it] : kept(it.command) ? [] : [it.command]));
}

describe("every key handler", () => {
  const texts = import.meta.glob<string>("../src/**/*.{svelte,ts}", { query: "?raw", import: "default", eager: true });
  const files = Object.entries(texts).map(([path, text]) => [path.replace("../src/", ""), text] as const);

  test("is the one of the window", () => {
    expect(files.length).toBeGreaterThan(150);
    const found = files.flatMap(([file, text]) =>
      [...text.matchAll(/\bonkey(?!\()\w+|["'`]key(?:down|up|press)["'`]|accesskey/gi)].map(
        ([what]) => `${file}: ${what}`,
      ),
    );
    expect(found, "bind, within, recording and onKey of lib/keys give keys a meaning").toEqual([
      "App.svelte: onkeydowncapture",
    ]);
  });

  test("of a question leaves the focus on the harmless answer", () => {
    // Copying a text harms nobody, and is what one comes for.
    const harmless = ["draft/ByHand.svelte"];
    for (const [file, text] of files.filter(([it]) => it.endsWith(".svelte") && !harmless.includes(it))) {
      for (const [button] of text.matchAll(/<Button\b[^>]*\bdata-first\b[^\n]*?<\/Button>/g))
        expect(button, file).toContain('keys="Esc"');
      if (/keys="Tab Enter"/.test(text))
        expect(text, `${file} asks, so something harmless comes first`).toMatch(
          /keys="Esc"[^\n]*data-first|data-first[^\n]*keys="Esc"/,
        );
    }
  });
});

describe("a sentence that is typed blind", () => {
  const SENTENCE = "A customer cannot quit a job.\nAcknowledged, I join in, can someone open it? Space, e, r, s, d.\n";

  test.each([60, 120, 250, 450])("acknowledges and closes nothing on Duty, a key each %i ms", async (each) => {
    const window_ = await open(
      paged([
        page({ call_url: "https://calls.quillbrook.example/1" }),
        taken({ call_url: "https://calls.quillbrook.example/2" }),
      ]),
    );
    await typeBlind(`U${SENTENCE}`, each);
    await wait(3_000);
    expect(acts(window_)).toEqual([]);
    expect(JSON.stringify(window_.host.view.ledger.kept), "and is not lost").toContain(
      "A customer cannot quit a job.\\\\nAcknowledged",
    );
  });

  // In every state of the window, and after a letter that may have opened a sheet there: each in turn.
  const STARTS = ["", ..."acdeijmnoqrsu/?"];
  const cases = Object.keys(STATES)
    .filter((name) => STATES[name]!.refuse?.hello === undefined)
    .map((name, nth) => [name, STARTS[nth % STARTS.length]!]);
  test.each(cases)("acts nowhere: %s, after %j", async (name, start) => {
    const state = STATES[name!]!;
    const window_ = await open(state.view(), state);
    if (start !== "") await press(start!);
    const before = acts(window_).length;
    await typeBlind("Acknowledged, can someone quit it? I do join in c a space.", 90);
    await wait(2_000);
    expect(acts(window_).slice(before)).toEqual([]);
  });

  test("presses no button that has the focus", async () => {
    const window_ = await open(paged([page()]));
    window_.getByRole("button", { name: /^Acknowledge/ }).focus();
    await typeBlind("so it is\n", 100);
    expect(acts(window_)).toEqual([]);
    await wait(2_000);
    expect(await hold("Enter"), "alone it does").toBe(true);
  });

  test("answers no question, whatever opened it", async () => {
    const window_ = await open(paged([taken()]));
    await press("c");
    expect(document.activeElement?.textContent).toContain("Keep it open");
    await typeBlind("lose it now\n", 100);
    expect(acts(window_)).toEqual([]);
    within(sheet()!).getByRole("button", { name: "Close page" }).focus();
    await typeBlind("yes \n", 100);
    expect(acts(window_)).toEqual([]);
    expect(window_.getByTestId("keys-rest")).toBeTruthy();
    await wait(2_000);
    expect(await hold("Enter", { ctrlKey: true }), "nor does Ctrl Enter press what has the focus").toBe(false);
  });

  test("in the note of a page that is closed ends with Enter and closes nothing", async () => {
    const window_ = await open(paged([taken()]));
    await press("c");
    window_.getByRole("textbox", { name: /^Note/ }).focus();
    await typeBlind("All told", 100);
    expect(await hold("Enter"), "no form is sent").toBe(false);
    expect(acts(window_)).toEqual([]);
  });
});

describe("a letter", () => {
  test("acts once it stands alone, on what was marked when it was pressed", async () => {
    const [one, other] = [page({ id: "Q1" }), page({ id: "Q2", title: "Another" })];
    const window_ = await open(paged([one, other]));
    await hold("a");
    await wait(ALONE_MS - 50);
    expect(acts(window_)).toEqual([]);
    await show(window_, paged([other, one]));
    await wait(100);
    expect(acts(window_)).toEqual([{ do: "acknowledge", page: "Q1", triggered_at: one.triggered_at }]);
  });

  test("that is hammered is one press, and one that another follows is none", async () => {
    const window_ = await open(paged([page()]));
    for (const key of ["a", "a", "a"]) {
      await hold(key);
      await wait(150);
    }
    await wait(ALONE_MS);
    expect(acts(window_)).toHaveLength(1);
    await wait(2_000);
    await typeBlind("qo", 100);
    await wait(2_000);
    expect(acts(window_)).toHaveLength(1);
  });

  test("that a busy window hears of late stands alone when it was typed alone", async () => {
    const window_ = await open(paged([page()]));
    await heardLate("z", 1_000);
    await heardLate("a", 0);
    await wait(ALONE_MS);
    expect(acts(window_)).toHaveLength(1);
  });

  test("waits for what a window that stood still has yet to hear", async () => {
    const window_ = await open(paged([page()]));
    await hold("a");
    vi.setSystemTime(Date.now() + 2_000);
    await wait(ALONE_MS);
    expect(acts(window_), "two seconds of keys may be on their way").toEqual([]);
    await heardLate("n", 2_300);
    await wait(2_000);
    expect(acts(window_), "it was part of a word").toEqual([]);
    await hold("a");
    vi.setSystemTime(Date.now() + 2_000);
    await wait(2 * ALONE_MS);
    expect(acts(window_), "nothing followed").toHaveLength(1);
  });

  test("is done when the window is left, as nothing follows it there", async () => {
    const window_ = await open(paged([page()]));
    await hold("a");
    await fireEvent.blur(window);
    expect(acts(window_)).toHaveLength(1);
  });
});

test("the list of pages keeps its order while somebody types", async () => {
  const [one, other] = [page({ id: "Q1" }), page({ id: "Q2" })];
  const window_ = await open(paged([one, other]));
  await typeBlind("xy", 100);
  await show(window_, paged([other, one]));
  expect(cardsInOrder()).toEqual(["Q1", "Q2"]);
  await wait(ALONE_MS);
  await show(window_, paged([other, one], { notices: ["x"] }));
  expect(cardsInOrder()).toEqual(["Q2", "Q1"]);
});

describe("U without an incident", () => {
  const text = () => sheet()?.querySelector<HTMLTextAreaElement>("[name=body]")?.value;

  test.each(["duty", "ledger", "handover", "history", "settings"] as const)(
    "says what it needs on %s, takes what is typed next, and keeps it",
    async (screen) => {
      const window_ = await open(quiet(), { screen });
      await typeBlind("uGit pushes fail", 100);
      expect(window_.getByRole("dialog", { name: "No incident to write for yet" }).textContent).toContain(
        "An update belongs to an incident",
      );
      expect(text()).toBe("Git pushes fail");
      await press("Escape");
      await press("u");
      expect(text()).toBe("Git pushes fail");
    },
  );

  test("hands the text on to the incident that comes", async () => {
    const window_ = await open(quiet());
    await typeBlind("uGit pushes fail", 100);
    const { ledger } = window_.host.view;
    await wait(300);
    await show(window_, going([overdue()], { ledger: { ...ledger, kept: window_.host.view.ledger.kept } }));
    await click(window_.getByRole("button", { name: /Git pushes over SSH/ }));
    expect(document.querySelector<HTMLTextAreaElement>("textarea[name=body]")!.value).toContain("Git pushes fail");
    await wait(300);
    expect(window_.host.wishes.at(-1)).toMatchObject({ wish: "write", text: { body: "Git pushes fail" } });
    expect(window_.host.view.ledger.kept).toEqual({});
  });

  test("is offered in a composer that was opened another way, and goes nowhere by itself", async () => {
    const view = going([incident(), overdue()]);
    const window_ = await open(
      { ...view, ledger: { ...view.ledger, kept: { loose: JSON.stringify({ body: "Typed early" }) } } },
      { place: { incident: 1, compose: true } },
    );
    const offer = window_.getByTestId("loose-offer");
    expect(offer.textContent).toContain("Typed early");
    await click(window_.getByRole("button", { name: "Put it here" }));
    expect(document.querySelector<HTMLTextAreaElement>("textarea[name=body]")!.value).toContain("Typed early");
    await wait(300);
    expect(window_.queryByTestId("loose-offer")).toBeNull();
  });

  test("is opened by the hotkey, the tray and the command line as well", async () => {
    const window_ = await open(quiet());
    window_.host.goTo({ page: null, close: false, incident: null, compose: true });
    await settle();
    expect(sheet()?.textContent).toContain("No incident to write for yet");
  });
});

describe("keys by meaning", () => {
  const key = (key: string, code: string, with_: KeyboardEventInit = {}) =>
    new KeyboardEvent("keydown", { key, code, ...with_ });
  const means = (event: KeyboardEvent) => {
    layout.learn(event);
    return chords(event);
  };

  // What each key gives: xkeyboard-config, symbols/us, gb, de, fr, be, ch, cz, ru, gr, il, jp, us(dvorak), ara, tr.
  test.each<[string, [string, string, KeyboardEventInit?][], string]>([
    ["fr: Ctrl and the key of 1", [["&", "Digit1", { ctrlKey: true }]], "ctrl+1"],
    ["be: Ctrl and the key of 5", [["(", "Digit5", { ctrlKey: true }]], "ctrl+5"],
    ["cz: Ctrl and the key of 2", [["ě", "Digit2", { ctrlKey: true }]], "ctrl+2"],
    ["fr: Alt and the key of 4", [["'", "Digit4", { altKey: true }]], "alt+4"],
    ["fr: A where Q is elsewhere", [["a", "KeyQ"]], "a"],
    ["fr: M beside L", [["m", "Semicolon"]], "m"],
    ["ru: the key of A", [["ф", "KeyA"]], "a"],
    [
      "gr: the key of Q gives a sign",
      [
        ["α", "KeyA"],
        [";", "KeyQ"],
      ],
      "q",
    ],
    [
      "il: the key of Q gives a sign",
      [
        ["ש", "KeyA"],
        ["/", "KeyQ"],
      ],
      "q",
    ],
    [
      "gr after us",
      [
        ["a", "KeyA"],
        ["q", "KeyQ"],
        [";", "KeyQ"],
      ],
      "q",
    ],
    ["il: Ctrl L", [["ך", "KeyL", { ctrlKey: true }]], "ctrl+l"],
    ["gr: Ctrl J", [["ξ", "KeyJ", { ctrlKey: true }]], "ctrl+j"],
    ["dvorak: O", [["o", "KeyS"]], "o"],
    ["de: / by Shift", [["/", "Digit7", { shiftKey: true }]], "/"],
    ["fr: ? by Shift", [["?", "KeyM", { shiftKey: true }]], "?"],
    ["ara: its own question mark", [["؟", "Slash", { shiftKey: true }]], "?"],
    ["a method of input that keeps the sign to itself", [["Process", "KeyA"]], "a"],
    ["the digits to the right", [["3", "Numpad3", { ctrlKey: true }]], "ctrl+3"],
    ["AltGr makes a sign", [["@", "KeyQ", { ctrlKey: true, altKey: true, modifierAltGraph: true }]], "@"],
  ])("%s", (_, events, expected) => {
    const all = events.map(([sign, code, with_]) => means(key(sign, code, with_)));
    expect(all.at(-1)).toContain(expected);
  });

  test.each<[string, [string, string][], string]>([
    [
      "a comma is no M once the keyboard is known for AZERTY",
      [
        ["a", "KeyQ"],
        [",", "KeyM"],
      ],
      "m",
    ],
    [
      "a quote is no Q once the keyboard is known for Dvorak",
      [
        ["o", "KeyS"],
        ["'", "KeyQ"],
      ],
      "q",
    ],
    ["a Latin letter never stands for its place", [["q", "KeyA"]], "a"],
  ])("%s", (_, events, never) => {
    const all = events.map(([sign, code]) => means(key(sign, code)));
    expect(all.at(-1)).not.toContain(never);
  });

  test.each(["?", "F1"])("%s shows all keys, on its own sheet too", async (name) => {
    const window_ = await open(quiet());
    await press(name);
    expect(window_.getByRole("dialog", { name: "Keys" })).toBeTruthy();
  });

  test.each([
    ["history", "search-past"],
    ["settings", null],
  ] as const)("Ctrl F finds as / does: %s", async (screen, id) => {
    await open(quiet(), { screen });
    await press("ф", { ctrlKey: true, code: "KeyF" });
    expect(document.activeElement).toBe(
      id === null ? document.querySelector("[type=search]") : document.getElementById(id),
    );
  });
});
