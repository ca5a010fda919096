// The stages of an incident: what is ticked, left out, locked, looked up, and what a page still lacks before it is closed.
import { fireEvent, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { TaskView } from "../src/gen/types";
import { STATES } from "../src/host/gallery";
import type { Pretend } from "../src/host/pretend";
import { GUIDE } from "../src/host/pretend-stages";
import { at, NOW } from "../src/host/pretend-views";
import { aside, found, steps, why } from "../src/stage/stages";
import { click, open, press, said, settle } from "./open";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse(NOW), toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

const now = Date.parse(NOW);
const shown = (name: string) => open(STATES[name]!.view(), STATES[name]);
const box = (name: string | RegExp) => within(document.querySelector("main")!).getByRole("checkbox", { name });
const wishes = (host: Pretend) => host.commands.filter((it) => it.do !== "ledger" || it.wish.wish !== "keep");

describe("words", () => {
  const task = (mark: object) => ({ id: "t", stage: "engage", copies: [], links: [], ...mark }) as unknown as TaskView;
  test.each([
    [{ mark: "open", now: false, until: null }, "", ""],
    [{ mark: "open", now: true, until: at("09:59:48") }, "until 09:59", ""],
    [{ mark: "done", at: at("09:20:00"), by: "me", saw: "" }, "you, 09:20", ""],
    [
      { mark: "done", at: at("09:20:00"), by: "herald", saw: "Issue #7 is closed" },
      "Herald, 09:20",
      "Issue #7 is closed",
    ],
    [{ mark: "skipped", at: at("09:20:00"), reason: "No need" }, "left out, 09:20", "No need"],
    [{ mark: "not_needed", why: "no page" }, "not needed", "no page"],
    [{ mark: "locked", needs: ["A"], opens_at: at("09:59:32") }, "in 12 min", "Opens at 09:59:32, after “A”"],
    [{ mark: "locked", needs: ["A", "B"], opens_at: null }, "", "After “A” and “B”"],
    [{ mark: "locked", needs: ["A", "B", "C"], opens_at: null }, "", "After “A” and 2 more"],
  ])("%j", (mark, end, below) => expect([aside(task(mark), now), why(task(mark), now)]).toEqual([end, below]));

  test("the way says what lies behind, and what was left there", () => {
    const places = (name: string) =>
      steps(GUIDE.stages, STATES[name]!.view().incidents[0]!).map(({ place, open }) => [place, open]);
    expect(places("stage-monitor")).toEqual([
      ["done", 0],
      ["done", 0],
      ["now", 2],
      ["ahead", 5],
    ]);
    expect(places("stage-behind").slice(0, 2)).toEqual([
      ["behind", 4],
      ["now", 3],
    ]);
  });

  test("texts are found by title, words and what they say", () => {
    const ids = (query: string) => found(GUIDE.reference, query).map(({ id }) => id);
    expect([ids(""), ids("CALL"), ids("pagerduty"), ids("repeat words"), ids("nothing of it")]).toEqual([
      ["page-meanings", "voice", "severity"],
      ["voice"],
      ["page-meanings"],
      ["voice"],
      [],
    ]);
  });
});

describe("tasks", () => {
  test("each box says who ticked it, and the one to do now shows what can be done", async () => {
    const { getByRole } = await shown("stage-engage");
    expect(box("Acknowledge the page, done by Herald").getAttribute("aria-checked")).toBe("true");
    expect(box("Join the call, done by you")).toBeTruthy();
    expect(box("Close the page, locked").getAttribute("aria-disabled")).toBe("true");
    expect(getByRole("button", { name: "Copy Slack command: /incident post-statuspage" })).toBeTruthy();
  });

  test("Space ticks the one to do now, and takes back what is focused", async () => {
    const { host } = await shown("stage-engage");
    await press(" ");
    expect(wishes(host)).toEqual([{ do: "incident", wish: { wish: "tick", incident: 2, task: "create-post" } }]);
    await click(box("Join the call, done by you"));
    expect(wishes(host).at(-1)).toEqual({ do: "incident", wish: { wish: "untick", incident: 2, task: "join-call" } });
    await click(box(/^Close the page/));
    expect(wishes(host)).toHaveLength(2);
  });

  test("arrows go from box to box", async () => {
    await shown("stage-engage");
    await press("ArrowDown");
    expect(document.activeElement).toBe(box(/^Publish the first update/));
    await press("ArrowDown");
    expect(document.activeElement).toBe(box(/^See it on/));
    await press("ArrowUp");
    await press("ArrowUp");
    expect(document.activeElement).toBe(box(/^Ask whether/));
  });

  test("S leaves out, but not without a reason", async () => {
    const { host, getByRole, getByText } = await shown("stage-engage");
    await press("s");
    const dialog = getByRole("dialog", { name: "Leave it out?" });
    await click(within(dialog).getByRole("button", { name: "Leave out" }));
    expect(getByText("Say in a few words why.")).toBeTruthy();
    await fireEvent.input(within(dialog).getByRole("textbox", { name: "Why" }), {
      target: { value: " The IM said so " },
    });
    await click(within(dialog).getByRole("button", { name: "Leave out" }));
    await settle();
    expect(wishes(host)).toEqual([
      { do: "incident", wish: { wish: "skip", incident: 2, task: "create-post", reason: "The IM said so" } },
    ]);
    expect(document.querySelector("[role=dialog]")).toBeNull();
    expect(box("Publish the first update, left out")).toBeTruthy();
  });

  test("a refusal is told", async () => {
    const state = STATES["stage-engage"]!;
    const { getAllByRole } = await open(state.view(), {
      ...state,
      refuse: { tick: { code: "task_locked", message: "Something comes before this." } },
    });
    await press(" ");
    expect(
      getAllByRole("alert")
        .map((it) => it.textContent)
        .join(),
    ).toContain("Something comes before this.");
  });

  test("another stage can be looked at, and what came back is said", async () => {
    const { host, getByRole, getByTestId } = await shown("stage-monitor");
    await click(getByRole("button", { name: "It came back" }));
    expect(wishes(host)).toEqual([{ do: "incident", wish: { wish: "recurred", incident: 3, yes: true } }]);
    expect(said(getByTestId("came-back"))).toContain("The public still reads Monitoring");
    await click(getByRole("button", { name: /^Resolve/ }));
    expect(getByTestId("tasks-done").textContent).toBe("0 of 5 done");
  });

  test("the label is set from its warning", async () => {
    const { host, getByTestId } = await shown("stage-label");
    await click(within(getByTestId("label-missing")).getByRole("button", { name: "Set it" }));
    expect(wishes(host)).toEqual([{ do: "incident", wish: { wish: "label", incident: 2 } }]);
    expect(
      within(getByTestId("label-missing")).getByRole("button", { name: "Setting it…" }).getAttribute("aria-disabled"),
    ).toBe("true");
  });

  test("what a resolved incident leaves to do is still there", async () => {
    const { host, getByRole } = await shown("stage-resolve");
    expect(document.querySelector("header, main")?.textContent).not.toContain("Update U");
    await press(" ");
    expect(wishes(host)).toEqual([{ do: "incident", wish: { wish: "tick", incident: 3, task: "verify-resolved" } }]);
    await press("Escape");
    expect(getByRole("button", { name: /left to do$/ })).toBeTruthy();
  });
});

describe("looking up", () => {
  test("/ finds a text by its words", async () => {
    const { getByText, getByPlaceholderText } = await shown("stage-engage");
    await press("/");
    const search = getByPlaceholderText("Find: severity, call, page…");
    expect(document.activeElement).toBe(search);
    await fireEvent.input(search, { target: { value: "heard" } });
    await settle();
    expect(getByText(/Repeat every request back/)).toBeTruthy();
    await fireEvent.input(search, { target: { value: "qqq" } });
    await settle();
    expect(getByText(/Try fewer/)).toBeTruthy();
  });
});

describe("closing a page", () => {
  test("says first what Engage still lacks, and closes with the reason", async () => {
    const { host, getByRole, getByTestId } = await shown("page-lacks");
    await click(getByRole("button", { name: "Close page…" }));
    expect(getByTestId("lacks").textContent).toContain("Label the issue");
    const facts = getByTestId("facts").textContent;
    for (const fact of [
      "PagerDuty shows page #4711 acknowledged by Elena Marsh, 09:19",
      "Join the callyou, 09:19",
      "left out, 09:20: They are in the call",
    ])
      expect(facts).toContain(fact);
    expect(document.activeElement).toBe(getByRole("button", { name: "Keep it open" }));
    await fireEvent.input(getByRole("textbox", { name: "Why it is closed all the same" }), {
      target: { value: "Handed to Priya " },
    });
    await click(getByRole("button", { name: "Close it anyway" }));
    expect(wishes(host)).toEqual([
      { do: "close_page", page: "Q2TAKEN", triggered_at: at("09:31:04"), note: "Handed to Priya" },
    ]);
  });
});
