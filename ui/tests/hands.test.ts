// Nothing takes the screen from under the hands of somebody who types, and no letter of a sentence becomes a command.
import { fireEvent } from "@testing-library/svelte";
import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { IncidentCard, View } from "../src/gen/types";
import type { GoTo } from "../src/host";
import { maintenance, keeping } from "../src/host/pretend-ledger";
import { going, incident, overdue } from "../src/host/pretend-incidents";
import { at, disconnected, NOW, page, paged, quiet } from "../src/host/pretend-views";
import { SETTLE_MS } from "../src/lib/settle.svelte";
import { click, open, type Opened, press, settle, show } from "./open";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse(NOW), toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

const to = (change: Partial<GoTo>): GoTo => ({
  page: null,
  close: false,
  incident: null,
  compose: false,
  automatic: true,
  ...change,
});
const alarm = async ({ host }: Opened, change: Partial<GoTo>) => {
  host.goTo(to(change));
  await settle();
};
const wait = async (ms: number) => {
  await vi.advanceTimersByTimeAsync(ms);
  await settle();
};
const area = () => document.querySelector<HTMLTextAreaElement>("textarea[name=body]")!;
const write = async (value: string) => {
  await fireEvent.input(area(), { target: { value } });
  await settle();
};
const calls = page({ id: "QX", title: "Sign-in fails" });
const withPage = (view: View): View => ({ ...view, pages: [calls] });
const both = () => withPage(going([incident(), overdue()]));
const composing = (view = both()) => open(view, { place: { incident: 2, compose: true } });
const over = (id = 2): View => ({
  ...going([overdue()]),
  ended: [
    {
      id,
      title: "Pipelines wait long before starting",
      ended_at: at("09:47:00"),
      phase: "resolved",
      leftover: [],
      live: null,
      left_to_do: 0,
      unsent: false,
    },
  ],
});

describe("an alarm", () => {
  test.each<[string, Partial<GoTo>, string, View]>([
    ["a page", { page: "QX" }, "A page callsSign-in fails", both()],
    [
      "an update of another incident",
      { incident: 1, compose: true },
      "An update is overdueGit pushes over SSH time out",
      both(),
    ],
    [
      "a maintenance",
      { maintenance: 1 },
      "A maintenance needs you",
      {
        ...both(),
        ledger: keeping({
          maintenances: [maintenance({ id: 1 } as never, { id: 1, reminder: at("09:47:00") as never })],
        }).ledger,
      },
    ],
  ])("for %s leaves the composer alone and says so above it", async (_, wanted, said, view) => {
    const window_ = await composing(view);
    await write("Half a sente");
    await alarm(window_, wanted);
    expect(document.activeElement).toBe(area());
    expect(area().value).toBe("Half a sente");
    expect(window_.getByTestId("called").textContent).toContain(said);
    vi.useRealTimers();
    expect(
      (await axe.run(document.body, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } }))
        .violations,
    ).toEqual([]);
  });

  test("is gone to with Ctrl 1, by the button, or put off", async () => {
    const window_ = await composing();
    await alarm(window_, { page: "QX" });
    await click(window_.getByRole("button", { name: "Later" }));
    expect(window_.queryByTestId("called")).toBeNull();
    expect(window_.getByRole("main", { name: "Write update" })).toBeTruthy();
    await alarm(window_, { page: "QX" });
    area().focus();
    await press("1", { ctrlKey: true });
    expect(window_.getByRole("main", { name: "Duty" })).toBeTruthy();
    expect([window_.queryByTestId("called"), document.activeElement?.getAttribute("data-page")]).toEqual([null, "QX"]);
    await press("a");
    expect(window_.host.commands, "asked for, so its keys count at once").toEqual([
      { do: "acknowledge", page: "QX", triggered_at: calls.triggered_at },
    ]);
  });

  test("moves to the draft of another incident only on request, and no text mixes", async () => {
    const window_ = await composing();
    await write("for two");
    await alarm(window_, { incident: 1, compose: true });
    await write("for two, whole");
    await click(window_.getByRole("button", { name: "Show" }));
    expect(area().value).toBe("");
    await wait(200);
    expect(window_.host.wishes.flatMap((it) => (it.wish === "write" ? [[it.incident, it.text.body]] : []))).toEqual([
      [2, "for two, whole"],
    ]);
  });

  test("for a page goes before one for an update, and ends with what it is about", async () => {
    const window_ = await composing();
    await alarm(window_, { page: "QX" });
    await alarm(window_, { incident: 1, compose: true });
    expect(window_.getByTestId("called").textContent).toContain("A page calls");
    await show(window_, going([incident(), overdue()]));
    expect(window_.queryByTestId("called")).toBeNull();
  });

  test("is told over an open sheet, which stays", async () => {
    const window_ = await open(both());
    await press("n");
    const title = document.querySelector<HTMLInputElement>("[data-sheet] [name=title]")!;
    await fireEvent.input(title, { target: { value: "Half a ti" } });
    await alarm(window_, { incident: 1, compose: true });
    expect(document.querySelector("[data-sheet]")).not.toBeNull();
    expect(window_.getByTestId("called").closest("[inert]")).toBeNull();
    await press("1", { ctrlKey: true });
    expect(document.querySelector("[data-sheet]")).toBeNull();
    expect(window_.getByRole("main", { name: "Write update" })).toBeTruthy();
  });

  test("opens what it is about while nobody types", async () => {
    const window_ = await open(both(), { screen: "settings" });
    await alarm(window_, { page: "QX" });
    expect(window_.getByRole("main", { name: "Duty" })).toBeTruthy();
  });

  test("what the user asked for goes, typing or not", async () => {
    const window_ = await composing();
    await alarm(window_, { page: "QX", automatic: false });
    expect(window_.getByRole("main", { name: "Duty" })).toBeTruthy();
  });

  test("setting up is not taken away from a field either", async () => {
    const setting = disconnected().settings;
    const window_ = await open(quiet({ settings: { ...setting, onboarding: "services" } }));
    const field = document.querySelector<HTMLInputElement>("main input");
    expect(field).not.toBeNull();
    field!.focus();
    await show(window_, quiet({ settings: { ...setting, onboarding: "services" }, pages: [calls] }));
    expect(document.activeElement).toBe(field);
    await press("1", { ctrlKey: true });
    expect(window_.getByRole("main", { name: "Duty" })).toBeTruthy();
  });
});

describe("single keys", () => {
  const settingsWithPage = () => open(withPage(quiet()), { screen: "settings" });

  test("do nothing after the screen changed by itself, until no key was pressed for a second", async () => {
    const window_ = await settingsWithPage();
    await alarm(window_, { page: "QX" });
    for (const key of ["i", " ", "a", "q", "Enter", "n", "u"]) {
      await wait(SETTLE_MS - 200);
      await press(key);
    }
    expect([window_.host.commands, document.querySelector("[data-sheet]")]).toEqual([[], null]);
    expect(window_.getByTestId("keys-rest").textContent).toContain("Pause for a second");
    await wait(SETTLE_MS);
    expect(window_.queryByTestId("keys-rest")).toBeNull();
    await press("a");
    expect(window_.host.commands.map((it) => it.do)).toEqual(["acknowledge"]);
  });

  test("count at once after the user's own click or key", async () => {
    const window_ = await settingsWithPage();
    await alarm(window_, { page: "QX" });
    await fireEvent.pointerDown(document.body);
    await press("a");
    expect(window_.host.commands.map((it) => it.do)).toEqual(["acknowledge"]);
    const other = await settingsWithPage();
    await alarm(other, { page: "QX" });
    await press("5", { ctrlKey: true });
    await press("1", { ctrlKey: true });
    await press("a");
    expect(other.host.commands.map((it) => it.do)).toEqual(["acknowledge"]);
  });

  test("a first page that comes to a quiet screen is not taken by a key that was on its way", async () => {
    const window_ = await open(quiet());
    await show(window_, paged([calls]));
    await press("a");
    expect(window_.host.commands).toEqual([]);
    await wait(500);
    await press("a");
    expect(window_.host.commands.map((it) => it.do)).toEqual(["acknowledge"]);
  });
});

describe("an incident that ends while its update is written", () => {
  const card = (change: Partial<IncidentCard> = {}) => incident({ ended_at: at("09:47:00"), clock: null, ...change });

  test("keeps the composer, its text and the caret, and says what can be done", async () => {
    const window_ = await composing();
    await write("Half a sente");
    await show(window_, over());
    expect([document.activeElement, area().value]).toEqual([area(), "Half a sente"]);
    expect(window_.getByTestId("incident-over").textContent).toContain("This incident is over since 09:47:00 UTC.");
    await write("Half a sentence");
    await wait(200);
    expect(window_.host.wishes.at(-1)).toMatchObject({ wish: "write", incident: 2, text: { body: "Half a sentence" } });
    await show(window_, {
      ...over(),
      wrapping: [card({ compose: { ...card().compose, text: { ...card().compose.text, body: "Half a sentence" } } })],
    });
    expect([document.activeElement, area().value]).toEqual([area(), "Half a sentence"]);
    await press("Enter", { ctrlKey: true });
    expect(document.querySelector("[data-sheet]"), "nothing leaves").toBeNull();
    await click(window_.getByRole("button", { name: "Copy the text" }));
    expect(window_.host.asked.at(-1)).toEqual({ what: "copy", text: "Half a sentence" });
    await click(window_.getByRole("button", { name: "Take up again" }));
    expect(window_.host.wishes.at(-1)).toEqual({ wish: "end", incident: 2, yes: false });
  });

  test("loses no letter when saving is refused, and when the card is gone altogether", async () => {
    const window_ = await composing();
    window_.host.refuse = { write: { code: "failed", message: "This incident is not open here." } };
    await show(window_, going([overdue()]));
    await write("Half a sentence");
    await wait(20_000);
    await show(window_, { ...going([overdue()]), notices: ["x"] });
    expect(area().value).toBe("Half a sentence");
    expect(window_.getByTestId("incident-over").textContent).toContain("not here any more");
    expect(window_.getByTestId("saved").textContent).toContain("Not saved");
    await click(window_.getByRole("button", { name: "Copy the text" }));
    expect(window_.host.asked).toContainEqual({ what: "copy", text: "Half a sentence" });
  });

  test("is left with Esc, and its text is found where ended ones are listed", async () => {
    const window_ = await composing();
    await write("Half a sentence");
    const ended = {
      ...over(),
      wrapping: [card({ compose: { ...card().compose, text: { ...card().compose.text, body: "Half a sentence" } } })],
    };
    ended.ended = [{ ...ended.ended[0]!, unsent: true }];
    await show(window_, ended);
    await press("Escape");
    expect(window_.getByRole("main", { name: "Duty" })).toBeTruthy();
    await click(window_.getByRole("button", { name: /open the text that was not sent$/ }));
    expect(area().value).toBe("Half a sentence");
  });

  test("the incident screen goes to the list, where the rest of a sentence does nothing", async () => {
    const window_ = await open(both(), { place: { incident: 2, compose: false } });
    await show(window_, withPage(over()));
    expect(window_.getByRole("main", { name: "Duty" })).toBeTruthy();
    for (const key of ["u", "n", "a", "i"]) await press(key);
    expect([
      window_.host.commands,
      document.querySelector("[data-sheet]"),
      window_.queryByRole("main", { name: "Write update" }),
    ]).toEqual([[], null, null]);
  });

  test("the incident screen stays while a sheet of it is open", async () => {
    const window_ = await open(both(), { place: { incident: 2, compose: false } });
    await press("e");
    await show(window_, withPage(over()));
    expect(document.querySelector("[data-sheet]")).not.toBeNull();
    expect(window_.getByTestId("over").textContent).toContain("Over since 09:47:00");
  });
});
