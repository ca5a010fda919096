// Past updates as examples while writing: found by words, taken with one key, never a surprise in the editor.
import { fireEvent, within } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BODY, going, incident, ISSUE, PAST } from "../src/host/pretend-incidents";
import { NOW } from "../src/host/pretend-views";
import type { PastUpdate } from "../src/gen/types";
import { click, open, press, settle, type Opened } from "./open";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse(NOW), toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

const area = () => document.querySelector<HTMLTextAreaElement>("textarea")!;
const field = (window_: Opened) => window_.getByLabelText("Find a past update") as HTMLInputElement;
const lines = (window_: Opened) => within(window_.getByTestId("past-updates")).queryAllByRole("button");
const queries = ({ host }: Opened) => host.asked.flatMap((it) => (it.what === "searchUpdates" ? [it.query] : []));

/** The composer with the sheet open. */
async function look(past: PastUpdate[] = PAST): Promise<Opened> {
  const window_ = await open(going([incident()]), { place: { incident: 2, compose: true } });
  window_.host.past = past;
  await press("p", { ctrlKey: true });
  await settle();
  return window_;
}
async function find(window_: Opened, query: string, wait = 150) {
  await fireEvent.input(field(window_), { target: { value: query } });
  await vi.advanceTimersByTimeAsync(wait);
  await settle();
}

test("Ctrl P opens it on the newest, with the field empty and in focus", async () => {
  const window_ = await look();
  expect(document.activeElement).toBe(field(window_));
  expect(field(window_).value).toBe("");
  expect(lines(window_).map((line) => line.textContent.replace(/\s+/g, " ").slice(0, 70))).toEqual([
    `InvestigatingPipelines wait long before starting09:35, you We see that `.slice(0, 70),
    `ResolvedMail is late28 Apr, 16:02, somebody else The incident is resolved`.slice(0, 70),
    `IdentifiedContainer registry refuses pushes14 May 2025, 09:47, you Pushe`.slice(0, 70),
  ]);
});

test("the row opens it too", async () => {
  const window_ = await open(going([incident()]), { place: { incident: 2, compose: true } });
  await click(window_.getByRole("button", { name: "Past updates" }));
  expect(window_.getByRole("dialog", { name: "Past updates" })).toBeTruthy();
});

test("a burst of keys is one search", async () => {
  const window_ = await look();
  await find(window_, "cert", 100);
  await find(window_, "certificate", 149);
  expect(queries(window_)).toEqual([""]);
  await find(window_, "certificate registry");
  expect(queries(window_)).toEqual(["", "certificate registry"]);
  expect(lines(window_).length).toBe(1);
});

test("Enter puts the first into the editor, saves it and gives the focus to it", async () => {
  const window_ = await look();
  await find(window_, "mail");
  await press("Enter");
  await settle();
  expect(window_.queryByRole("dialog")).toBeNull();
  expect(area().value).toBe(PAST[1]!.text);
  expect(document.activeElement).toBe(area());
  expect(window_.host.wishes).toMatchObject([{ wish: "write", incident: 2, text: { body: PAST[1]!.text } }]);
});

test("a click takes that one, as if it had been typed", async () => {
  const typed: string[] = [];
  // The editor must hold the focus by then: this is what its undo records.
  document.execCommand = (_, __, put) => {
    typed.push(`${document.activeElement?.tagName} ${area().closest("[inert]") === null} ${put}`);
    return false;
  };
  const window_ = await look();
  await click(lines(window_)[2]!);
  await settle();
  expect(area().value).toBe(PAST[2]!.text);
  expect(typed.length).toBe(1);
  expect(typed[0]).toMatch(/^TEXTAREA true /);
  Reflect.deleteProperty(document, "execCommand");
});

test("Enter before the answer to what is typed takes nothing", async () => {
  const window_ = await look();
  await find(window_, "mail", 0);
  await press("Enter");
  expect(area().value).toBe(`${BODY} ${ISSUE}`);
  expect(queries(window_)).toEqual(["", "mail"]);
  await press("Enter");
  await settle();
  expect(area().value).toBe(PAST[1]!.text);
});

test("an older answer never replaces a newer one", async () => {
  const window_ = await look();
  const answers: ((found: PastUpdate[]) => void)[] = [];
  window_.host.searchUpdates = () => new Promise((answer) => answers.push(answer));
  await find(window_, "mail");
  await find(window_, "registry");
  answers[1]!([PAST[2]!]);
  await settle();
  answers[0]!([PAST[1]!]);
  await settle();
  expect(lines(window_).map((line) => line.textContent)).toEqual([expect.stringContaining("certificate")]);
});

test("arrows go through the list and back to the field", async () => {
  const window_ = await look();
  await press("ArrowDown");
  await press("ArrowDown");
  expect(document.activeElement).toBe(lines(window_)[1]);
  await press("ArrowUp");
  await press("ArrowUp");
  expect(document.activeElement).toBe(field(window_));
});

test("Esc closes it and leaves the text alone; Ctrl P never prints", async () => {
  const window_ = await look();
  expect(await press("p", { ctrlKey: true })).toBe(false);
  await press("Escape");
  expect(window_.queryByRole("dialog")).toBeNull();
  expect(area().value).toBe(`${BODY} ${ISSUE}`);
  expect(document.activeElement).toBe(area());
  expect(window_.host.wishes).toEqual([]);
});

test("nothing published, nothing found and nothing readable are three things", async () => {
  const window_ = await look([]);
  expect(window_.getByTestId("no-past-updates").textContent).toBe("Nothing published yet through Herald");
  await find(window_, "mail");
  expect(window_.getByTestId("no-past-updates").textContent).toBe("No past update has all these words.");
  window_.host.refuse = { searchUpdates: { code: "failed", message: "Past updates cannot be read." } };
  await find(window_, "mails");
  expect(within(window_.getByRole("dialog")).getByRole("alert").textContent).toBe("Past updates cannot be read.");
  expect(window_.queryByTestId("past-updates")).toBeNull();
});
