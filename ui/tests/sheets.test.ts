// What is typed into a sheet survives whatever closes the sheet, until it is saved where it belongs or discarded.
import { fireEvent, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { View } from "../src/gen/types";
import { STATES } from "../src/host/gallery";
import { going, incident, overdue } from "../src/host/pretend-incidents";
import { keeping } from "../src/host/pretend-ledger";
import { at, NOW, paged, taken } from "../src/host/pretend-views";
import { click, open, type Opened, press, settle, show } from "./open";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse(NOW), toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

const sheet = () => document.querySelector<HTMLElement>("[data-sheet]");
const field = (name: string) => sheet()!.querySelector<HTMLInputElement>(`[name=${name}]`)!;
const type = async (name: string, value: string) => {
  await fireEvent.input(field(name), { target: { value } });
  await settle();
};
const wait = async (ms: number) => {
  await vi.advanceTimersByTimeAsync(ms);
  await settle();
};

type Place = {
  name: string;
  view: () => View;
  place?: { incident: number; compose: boolean };
  key: string;
  field: string;
  submit: RegExp;
  sheet: string;
};
const PLACES: Place[] = [
  {
    name: "an incident that is entered",
    view: () => going([overdue()]),
    key: "n",
    field: "title",
    submit: /^Enter incident/,
    sheet: "own/new",
  },
  {
    name: "an incident that is corrected",
    view: () => going([incident()]),
    place: { incident: 2, compose: false },
    key: "e",
    field: "channel",
    submit: /^Save/,
    sheet: "own/2",
  },
  {
    name: "why a task is left out",
    view: STATES["stage-engage"]!.view,
    place: { incident: 2, compose: false },
    key: "s",
    field: "reason",
    submit: /^Leave out/,
    sheet: "skip/2/create-post",
  },
  {
    name: "the note of a page that is closed",
    view: () => paged([taken()]),
    key: "c",
    field: "note",
    submit: /^Close page/,
    sheet: "close/Q2TAKEN",
  },
];

describe.each(PLACES)("$name", (it) => {
  const arrive = async (): Promise<Opened> => {
    const window_ = await open(it.view(), { place: it.place ?? null });
    await press(it.key);
    await type(it.field, "half a sente");
    return window_;
  };
  const LEAVES: [string, (window_: Opened) => Promise<unknown>][] = [
    ["Esc", () => press("Escape")],
    ["a click beside it", () => click(sheet()!.querySelector<HTMLElement>(".scrim")!)],
    ["the hotkey", async ({ host }) => (host.goTo({ page: null, close: false, incident: 1, compose: true }), settle())],
  ];

  test.each(LEAVES)("survives %s", async (_, leave) => {
    const window_ = await arrive();
    await leave(window_);
    await wait(200);
    expect(JSON.stringify(window_.host.view.ledger.kept[it.sheet])).toContain("half a sente");
    if (sheet() !== null) await press("Escape");
    window_.host.goTo({ page: null, close: false, incident: it.place?.incident ?? null, compose: false });
    await settle();
    await press(it.key);
    expect(field(it.field).value).toBe("half a sente");
  });

  test("is kept no longer once it is saved", async () => {
    const window_ = await arrive();
    await click(within(sheet()!).getByRole("button", { name: it.submit }));
    await wait(300);
    expect([sheet(), window_.host.view.ledger.kept]).toEqual([null, {}]);
  });

  test("says that it is not kept, and holds on to it", async () => {
    const window_ = await open(it.view(), {
      place: it.place ?? null,
      refuse: { keep: { code: "failed", message: "This is more than Herald keeps. Shorten it." } },
    });
    await press(it.key);
    await type(it.field, "half a sente");
    await wait(200);
    expect(within(sheet()!).getByRole("alert").textContent).toBe(
      "Not kept: This is more than Herald keeps. Shorten it.",
    );
    await press("Escape");
    await press(it.key);
    expect(field(it.field).value, "in this window").toBe("half a sente");
    window_.host.refuse = {};
    await type(it.field, "half");
    await wait(200);
    expect(within(sheet()!).queryByRole("alert")).toBeNull();
  });
});

test("a ledger sheet says that it is not kept, too", async () => {
  await open(keeping({}), {
    screen: "ledger",
    refuse: { keep: { code: "failed", message: "This is more than Herald keeps. Shorten it." } },
  });
  await press("n");
  await type("what", "x");
  await wait(200);
  expect(within(sheet()!).getByRole("alert").textContent).toContain("more than Herald keeps");
});

test("a page that is triggered anew while its closing is asked about closes nothing and keeps sheet and note", async () => {
  const window_ = await open(paged([taken()]));
  await press("c");
  await type("note", "half a sente");
  await show(window_, paged([taken({ triggered_at: at("09:47:10") })]));
  expect([field("note").value, document.activeElement?.closest("[data-sheet]")]).toEqual(["half a sente", sheet()]);
  expect(sheet()!.querySelector("[data-testid=gone]")?.textContent).toContain("changed meanwhile");
  await fireEvent.submit(sheet()!.querySelector("form")!);
  await wait(300);
  expect(window_.host.commands.filter((it) => it.do === "close_page")).toEqual([]);
  expect(JSON.stringify(window_.host.view.ledger.kept)).toContain("half a sente");
});

test("a correction that is taken up again changes only what was typed", async () => {
  const window_ = await open(going([incident()]), { place: { incident: 2, compose: false } });
  await press("e");
  await type("channel", "#inc-9");
  await press("Escape");
  await show(window_, going([incident({ im: "Priya Nair" })], { ledger: window_.host.view.ledger }));
  await press("e");
  expect([field("channel").value, field("im").value]).toEqual(["#inc-9", "Priya Nair"]);
  await fireEvent.submit(sheet()!.querySelector("form")!);
  await settle();
  expect(window_.host.wishes).toEqual([
    { wish: "correct", incident: 2, own: { ...incident().own, channel: "#inc-9" } },
  ]);
});
