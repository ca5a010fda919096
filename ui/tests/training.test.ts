// Practice, the training log and setting up: what is asked of Rust, and what the window says about it.
import { fireEvent, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { event, left, score, training } from "../src/host/pretend-training";
import { disconnected, NOW, page, paged, quiet } from "../src/host/pretend-views";
import { click, open, type Opened, press, settle, show } from "./open";

beforeEach(
  () =>
    void vi.useFakeTimers({
      now: Date.parse(NOW),
      toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"],
    }),
);
afterEach(() => void vi.useRealTimers());

const trained = (change = {}) => quiet({ training: training(change) });
const practising = () => quiet({ mode: { kind: "practice", scenario: "The incident manager is silent" } });
const wishes = ({ host }: Opened) =>
  host.commands.flatMap((command) => (command.do === "training" ? [command.wish] : []));

async function type(field: HTMLElement, value: string) {
  await fireEvent.input(field, { target: { value } });
  await settle();
}

async function pass(ms: number) {
  vi.advanceTimersByTime(ms);
  await settle();
}

describe("scenarios", () => {
  test("each says how hard it is, what it trains, and what it came to last; one press starts it", async () => {
    const window_ = await open(trained(), { screen: "practice" });
    const shy = within(window_.getByTestId("scenarios")).getAllByRole("listitem")[1]!;
    for (const words of [
      "The incident manager is silent",
      "Medium",
      "31 min",
      "Trains a silent incident manager",
      "last time 2 of 4 promises kept",
    ])
      expect(shy.textContent).toContain(words);
    await click(within(shy).getByRole("button", { name: /^Start:/ }));
    expect(window_.host.asked.at(-1)).toEqual({ what: "practise", scenario: "shy-im" });
  });

  test("arrows go from one to the next", async () => {
    const window_ = await open(trained(), { screen: "practice" });
    const starts = window_.getAllByRole("button", { name: /^Start:/ });
    starts[0]!.focus();
    await press("ArrowDown");
    expect(document.activeElement).toBe(starts[1]);
    await press("ArrowUp");
    expect(document.activeElement).toBe(starts[0]);
  });

  test("a scenario that does not start says so beside it, and a list that cannot be read is asked for again", async () => {
    const window_ = await open(trained(), {
      screen: "practice",
      refuse: { practise: { code: "failed", message: "It did not start." } },
    });
    await click(window_.getAllByRole("button", { name: /^Start:/ })[2]!);
    expect(window_.getByText("It did not start.").closest("li")?.textContent).toContain("The tools fail too");
    const failed = await open(trained(), {
      screen: "practice",
      refuse: { scenarios: { code: "failed", message: "Not there." } },
    });
    failed.host.refuse = {};
    await click(failed.getByRole("button", { name: "Look again" }));
    expect(failed.getAllByTestId("scenarios").length).toBeGreaterThan(0);
  });

  test("quiet Duty says whether the quarter has its event, and leads here; Esc leads back", async () => {
    const window_ = await open(trained({ in_quarter: 0 }));
    expect(window_.getByTestId("training").textContent).toContain("none yet in Q2 2026");
    await click(window_.getByRole("button", { name: "Practise" }));
    expect(window_.getByTestId("quarter").textContent).toContain("no training event yet");
    await press("Escape");
    expect(window_.getByRole("main", { name: "Duty" })).toBeTruthy();
  });
});

describe("the training log", () => {
  test("N adds an event at once, and what is typed is saved as it is typed", async () => {
    const window_ = await open(trained(), { screen: "practice" });
    await press("n");
    const title = window_.getByLabelText("About");
    expect(document.activeElement).toBe(title);
    await type(title, "Tabletop: a lost region");
    expect(wishes(window_).length, "a burst of keys is one save").toBe(1);
    await pass(300);
    await type(window_.getByLabelText("Learned"), "Say early what you do not know.");
    await press("Escape");
    expect(wishes(window_).at(-1)).toMatchObject({
      wish: "change",
      training: 3,
      entry: { title: "Tabletop: a lost region", notes: "Say early what you do not know." },
    });
    expect(window_.queryByTestId("training-entry")).toBeNull();
  });

  test("what could not be saved stays, with the reason", async () => {
    const window_ = await open(trained(), {
      screen: "practice",
      refuse: { change: { code: "failed", message: "Nothing can be saved." } },
    });
    await click(window_.getByRole("button", { name: /^Open: EMEA/ }));
    await type(window_.getByLabelText("Learned"), "x");
    await press("Escape");
    expect(window_.getByTestId("training-entry")).toBeTruthy();
    expect(window_.getByText("Nothing can be saved.")).toBeTruthy();
    window_.host.refuse = {};
    await press("Escape");
    expect(window_.queryByTestId("training-entry")).toBeNull();
  });

  test("what is removed can be brought back as it was", async () => {
    const window_ = await open(trained(), { screen: "practice" });
    const before = window_.host.view.training.log[0]!.training;
    await click(window_.getByRole("button", { name: /^Open: The incident/ }));
    await click(window_.getByRole("button", { name: "Remove" }));
    expect(window_.host.view.training.log.map((card) => card.id)).toEqual([1]);
    await click(window_.getByRole("button", { name: /^Bring back/ }));
    expect(wishes(window_)).toEqual([
      { wish: "remove", training: 2 },
      { wish: "add", entry: before },
    ]);
  });

  test("steps into the rotation are ticked off, and their links open", async () => {
    const window_ = await open(trained(), { screen: "practice" });
    await fireEvent.click(window_.getByLabelText("Agree on joining with your manager"));
    await settle();
    expect(wishes(window_)).toEqual([{ wish: "step", key: "manager", done: true }]);
    expect(window_.getByTestId("path").textContent).not.toContain("undefined");
    await click(window_.getByRole("button", { name: "Open: Work through the training module" }));
    expect(window_.host.asked.at(-1)).toEqual({ what: "browse", url: "https://learn.quillbrook.example" });
  });
});

describe("a practice event", () => {
  test("what the manager says is on Duty, and new words come by themselves", async () => {
    const window_ = await open(practising(), { event: event({ said: [] }) });
    expect(window_.getByTestId("conversation").textContent).toContain("Nobody has said anything yet");
    window_.host.event = event();
    await pass(1_600);
    expect(window_.getByTestId("conversation").textContent).toContain("It is Identified at most");
  });

  test("the real Herald knows of none", async () => {
    const window_ = await open(trained(), { event: event() });
    await pass(5_000);
    expect(window_.queryByTestId("conversation")).toBeNull();
  });

  test("E ends it: the result, what was expected when, and the way out", async () => {
    const window_ = await open(practising(), { screen: "practice", event: event() });
    await press("e");
    expect(window_.host.asked.at(-1)).toEqual({ what: "endPractice" });
    const told = (name: string) => window_.getByTestId(name).textContent;
    expect(told("kpi-acknowledged")).toContain("1 of 1 within 15 min, the longest wait was 1 min 14 s");
    expect(told("kpi-updates")).toContain("3 of 4 in time, the latest by 3 min 20 s");
    expect(told("kpi-updates")).toContain("missed");
    expect(told("kpi-stakeholders")).toContain("not counted");
    expect(told("moments")).toContain("expected by 09:25:20, 3 min 20 s late");
    expect(told("under-way")).toContain("on its way into your training log");
    await click(window_.getByRole("button", { name: "Close the practice world" }));
    expect(window_.host.asked.at(-1)).toEqual({ what: "leavePractice" });
  });

  test("what leaving without End comes to is said, and whether it can be kept", async () => {
    const window_ = await open(practising(), { screen: "practice", event: event() });
    const under = () => window_.getByTestId("under-way").textContent;
    expect(under()).toContain("in your training log as left early");
    window_.host.event = event({ unkept: "No space left on device" });
    await pass(1_600);
    expect(under()).toContain("cannot be kept at the moment (No space left on device)");
    window_.host.event = event({ saved: null });
    await pass(1_600);
    expect(under(), "it belongs to no log").not.toContain("left early");
  });

  test("an event that was left early says so in the log, and does not count", async () => {
    const window_ = await open(trained({ log: [left()], in_quarter: 0 }), { screen: "practice" });
    expect(window_.getByTestId("training-log").textContent).toContain("left early, 2 of 4 promises kept");
    expect(window_.getByTestId("quarter").textContent).toContain("no training event yet");
    await click(window_.getByRole("button", { name: "Open: The tools fail too" }));
    expect(window_.getByRole("dialog").textContent).toContain("not counted for the quarter");
  });

  test("a result that was not saved can be saved again", async () => {
    const refuse = { endPractice: { code: "failed", message: "The disk is full." } };
    const window_ = await open(practising(), {
      screen: "practice",
      event: event({ score: score(), saved: false }),
      refuse,
    });
    await click(window_.getByRole("button", { name: /Save it again/ }));
    expect(window_.getByText("The disk is full.")).toBeTruthy();
    window_.host.refuse = {};
    await press("e");
    expect(window_.getByTestId("under-way").textContent).toContain("on its way into your training log");
  });
});

describe("setting up", () => {
  const at = (step: "schedules" | "services" | "playbook" | "self_test", change = {}) =>
    quiet({ settings: { ...quiet().settings, onboarding: step, ...change } });

  test("schedules are ticked as the playbook says, and the user's own word is kept", async () => {
    const window_ = await open(at("schedules"));
    const [primary, shadow] = within(window_.getByTestId("schedules")).getAllByRole("checkbox") as HTMLInputElement[];
    expect([primary!.checked, shadow!.checked]).toEqual([false, true]);
    await fireEvent.click(primary!);
    await settle();
    expect(window_.host.commands).toEqual([
      { do: "set", patch: { set: "shadow_schedules", chosen: { PPRIMARY: true } } },
    ]);
  });

  test("a look-up that fails says so, and the way goes on", async () => {
    const window_ = await open(at("schedules"), {
      refuse: { schedules: { code: "failed", message: "No answer in time." } },
    });
    expect(window_.getByText("No answer in time.")).toBeTruthy();
    await click(window_.getByRole("button", { name: /^Next/ }));
    expect(window_.getByRole("heading", { name: "What else Herald watches" })).toBeTruthy();
  });

  test("keys lead through all steps, and the last one ends", async () => {
    const window_ = await open(at("schedules"));
    const heading = () => window_.getByRole("heading", { level: 1 }).textContent;
    const seen = [heading()];
    for (let step = 0; step < 3; step += 1) {
      await press("ArrowRight", { altKey: true });
      seen.push(heading());
    }
    expect(seen).toEqual(["Who only watches?", "What else Herald watches", "Your team's rules", "See it, hear it"]);
    await press("ArrowLeft", { altKey: true });
    expect(heading()).toBe("Your team's rules");
    await press("ArrowRight", { altKey: true });
    await click(window_.getByRole("button", { name: /^Done/ }));
    expect(window_.getByRole("main", { name: "Duty" })).toBeTruthy();
  });

  test("a page that calls goes before", async () => {
    const window_ = await open(at("services"));
    await show(window_, paged([page()], { settings: at("services").settings }));
    expect(window_.getByRole("main", { name: "Duty" })).toBeTruthy();
  });

  test("a playbook with a mistake is not taken, and its line is told", async () => {
    const message = "team.toml:2: page.target_min is 0; allowed is 1 to 240";
    const window_ = await open(at("playbook"), { refuse: { choosePlaybook: { code: "failed", message } } });
    await click(window_.getByRole("button", { name: "Choose a file…" }));
    expect(window_.getByText(message)).toBeTruthy();
    window_.host.refuse = {};
    await click(window_.getByRole("button", { name: "Choose a file…" }));
    expect(window_.getByTestId("playbook").textContent).toContain("Quillbrook CMOC");
  });

  test("Settings has every step, and the way through again", async () => {
    const window_ = await open(quiet(), { screen: "settings" });
    expect(window_.host.asked, "PagerDuty is asked only when that is wanted").toEqual([]);
    await click(within(window_.getByTestId("schedules")).getByRole("button", { name: "Choose…" }));
    expect(within(window_.getByTestId("schedules")).getAllByRole("checkbox").length).toBe(2);
    await click(window_.getByRole("button", { name: "Go through the set-up again" }));
    expect(window_.host.view.settings.onboarding).toBe("schedules");
    expect(window_.getByTestId("first-run")).toBeTruthy();
  });

  test("before anything is connected, scenarios can be chosen", async () => {
    const window_ = await open(disconnected());
    await click(window_.getByRole("button", { name: "Choose…" }));
    expect(window_.getByTestId("scenarios")).toBeTruthy();
  });
});
