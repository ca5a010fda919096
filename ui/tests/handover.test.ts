// The Handover screen: edited, saved as typed, handed over in every way; and the shift on Duty.
import { fireEvent } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { View } from "../src/gen/types";
import { date, nextAt, wanted, when } from "../src/handover/words";
import { HANDOVERS } from "../src/host/gallery-handover";
import { handover, leaving, NOTHING, over, shift } from "../src/host/pretend-shifts";
import { at, NOW, quiet } from "../src/host/pretend-views";
import { click, open, type Opened, press, settle, show } from "./open";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse(NOW), toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

const screen = (...shifts: View["shifts"]) => open(quiet({ shifts }), { screen: "handover" });
const wishes = ({ host }: Opened) => host.commands.flatMap((command) => (command.do === "shift" ? [command.wish] : []));
const words = (element: Element | null) => element?.textContent?.replace(/\s+/g, " ") ?? "";

async function type(field: HTMLElement, value: string) {
  await fireEvent.input(field, { target: { value } });
  await vi.advanceTimersByTimeAsync(200);
  await settle();
}

describe("words", () => {
  test("dates and times are those of the handover", () => {
    expect(date(Date.parse("2026-11-09T23:59:00Z"))).toBe("09-11-2026");
    expect(when(shift())).toBe("06-05-2026, 07:00 to 15:00 UTC");
    expect(when(shift({ ends_at: "2026-05-07T06:00:00Z" }))).toBe("06-05-2026, 07:00 to 07-05-2026 06:00 UTC");
    expect(when(shift({ ends_at: null }))).toBe("06-05-2026, since 07:00 UTC");
    expect(nextAt("15:00", Date.parse(NOW))).toBe("2026-05-06T15:00:00.000Z");
    expect(nextAt("06:00", Date.parse(NOW))).toBe("2026-05-07T06:00:00.000Z");
    expect(wanted([shift({ id: 2 }), over()])?.id).toBe(1);
    expect(wanted([shift({ id: 2 }), shift()])?.id).toBe(2);
    expect(wanted([])).toBeNull();
  });
});

describe("the screen", () => {
  test("opens with Ctrl 3 and says what the next person gets", async () => {
    const window_ = await open(quiet({ shifts: [shift()] }));
    await press("3", { ctrlKey: true });
    const main = window_.getByRole("main", { name: "Handover" });
    for (const part of [
      "Still running, 1",
      "Git pushes over SSH time out",
      "Next due 10:01:10, as promised",
      "#18342",
      "For the next person, 2",
      "Registry maintenance",
      "3 of 3 pages",
    ]) {
      expect(words(main)).toContain(part);
    }
    expect(words(main)).toContain("Confidential");
  });

  test("without a shift it says how one begins, and begins one", async () => {
    const window_ = await screen();
    await click(window_.getByRole("button", { name: "Start a shift…" }));
    await fireEvent.input(window_.getByLabelText(/^Until/), { target: { value: "15" } });
    await click(window_.getByRole("radio", { name: "Shadowing" }));
    await click(window_.getByRole("button", { name: "Start the shift" }));
    expect(wishes(window_)).toEqual([{ wish: "start", role: "shadow", ends_at: "2026-05-06T15:00:00.000Z" }]);
    expect(window_.queryByTestId("no-shift")).toBeNull();
  });

  test("a time that is none begins nothing", async () => {
    const window_ = await screen();
    await click(window_.getByRole("button", { name: "Start a shift…" }));
    await fireEvent.input(window_.getByLabelText(/^Until/), { target: { value: "soon" } });
    await click(window_.getByRole("button", { name: "Start the shift" }));
    expect(wishes(window_)).toEqual([]);
    expect(window_.getByText("A time of day such as 15:00")).toBeTruthy();
  });

  test("notes are saved as typed, and an older echo does not undo them", async () => {
    const window_ = await screen(shift());
    const field = window_.getByLabelText("Notes for the next person") as HTMLTextAreaElement;
    await type(field, "Watch");
    expect(wishes(window_)).toEqual([{ wish: "note", shift: 1, notes: "Watch" }]);
    await fireEvent.input(field, { target: { value: "Watch the registry" } });
    await show(window_, quiet({ shifts: [shift({ handover: handover({ notes: "Watch" }) })] }));
    expect(field.value).toBe("Watch the registry");
    await vi.advanceTimersByTimeAsync(200);
    expect(wishes(window_).at(-1)).toEqual({ wish: "note", shift: 1, notes: "Watch the registry" });
  });

  test("what cannot be saved stays, and is tried again", async () => {
    const window_ = await screen(shift());
    window_.host.refuse = { note: { code: "failed", message: "Herald gave no answer." } };
    const field = window_.getByLabelText("Notes for the next person") as HTMLTextAreaElement;
    await type(field, "Watch");
    expect(window_.getByText("Herald gave no answer.")).toBeTruthy();
    expect(field.value).toBe("Watch");
    window_.host.refuse = {};
    await vi.advanceTimersByTimeAsync(6_000);
    expect(wishes(window_).at(-1)).toEqual({ wish: "note", shift: 1, notes: "Watch" });
    expect(window_.queryByText("Herald gave no answer.")).toBeNull();
  });

  test("E edits the text, Esc leaves it saved", async () => {
    const window_ = await screen(shift());
    await press("e");
    const field = window_.getByLabelText("Handover, as Markdown") as HTMLTextAreaElement;
    expect([document.activeElement, field.value]).toEqual([field, handover().text]);
    await fireEvent.input(field, { target: { value: "My own words" } });
    await press("Escape");
    await settle();
    expect(wishes(window_)).toEqual([{ wish: "write", shift: 1, text: "My own words" }]);
    expect(window_.queryByLabelText("Handover, as Markdown")).toBeNull();
    expect(words(window_.getByRole("main"))).toContain("My own words");
    await click(window_.getByRole("button", { name: "Write anew" }));
    await click(window_.getByRole("button", { name: "Take it back" }));
    expect(
      wishes(window_)
        .slice(1)
        .map((it) => it.wish),
    ).toEqual(["anew", "undo"]);
  });

  test("what changed since is pointed out until it is noted", async () => {
    const state = HANDOVERS["handover-edited"]!;
    const window_ = await open(state.view(), state);
    expect(words(window_.getByTestId("news"))).toContain("We know why.");
    await click(window_.getByRole("button", { name: "Noted" }));
    expect(window_.queryByTestId("news")).toBeNull();
  });

  test("copied and saved count as handed over", async () => {
    const window_ = await screen(shift());
    await click(window_.getByRole("button", { name: "Copy" }));
    expect(window_.host.asked.find((it) => it.what === "copy")).toEqual({
      what: "copy",
      text: leaving(handover().text).markdown,
    });
    expect(wishes(window_)).toEqual([{ wish: "done", shift: 1, how: "copied" }]);
    expect(words(window_.getByTestId("done"))).toContain("Handed over 09:47 UTC, copied");
    await click(window_.getByRole("button", { name: "Not yet" }));
    await click(window_.getByRole("button", { name: "Save…" }));
    expect(words(window_.getByTestId("done"))).toContain("saved to a file");
  });

  describe("what is typed and cannot be saved", () => {
    const FAILED = { code: "failed", message: "The disk is full." };
    const edited = () =>
      screen(shift({ handover: handover({ edited: true, text: "Saved.", news: ["Something else"] }) }));

    test.each(["Copy", "Save…", "Create confidential issue…", "Noted", "Write anew"])(
      "stops %s, says so, and stays",
      async (name) => {
        const window_ = await edited();
        window_.host.refuse = { write: FAILED };
        await press("e");
        const field = window_.getByLabelText("Handover, as Markdown") as HTMLTextAreaElement;
        await fireEvent.input(field, { target: { value: "Typed since." } });
        await click(window_.getByRole("button", { name }));
        await vi.advanceTimersByTimeAsync(100);
        await settle();
        expect([
          wishes(window_).filter((it) => it.wish !== "write"),
          window_.host.asked.filter((it) => it.what !== "command"),
          window_.queryByRole("dialog"),
        ]).toEqual([[], [], null]);
        expect(window_.getByText("Not done: what you typed is not saved yet. The disk is full.")).toBeTruthy();
        expect(field.value).toBe("Typed since.");
        window_.host.refuse = {};
        await vi.advanceTimersByTimeAsync(6_000);
        expect(wishes(window_).at(-1)).toEqual({ wish: "write", shift: 1, text: "Typed since." });
      },
    );

    test("is not given up when the wish behind it fails, nor by a click on Noted", async () => {
      const window_ = await edited();
      window_.host.refuse = { anew: FAILED };
      await press("e");
      const field = window_.getByLabelText("Handover, as Markdown") as HTMLTextAreaElement;
      await click(window_.getByRole("button", { name: "Write anew" }));
      await fireEvent.input(field, { target: { value: "Typed since." } });
      const { host } = window_;
      const command = host.command.bind(host);
      host.command = async (it) => (await new Promise((on) => setTimeout(on, 50)), command(it));
      await click(window_.getByRole("button", { name: "Noted" }));
      await vi.advanceTimersByTimeAsync(70);
      await fireEvent.input(field, { target: { value: "Typed since, and more." } });
      await vi.advanceTimersByTimeAsync(600);
      await settle();
      expect(field.value).toBe("Typed since, and more.");
      expect(
        wishes(window_)
          .filter((it) => it.wish === "write")
          .at(-1),
      ).toEqual({ wish: "write", shift: 1, text: "Typed since, and more." });
    });

    test("is copied as it stands on the screen, however late the view is", async () => {
      const window_ = await edited();
      const { host } = window_;
      const shown = host.show.bind(host);
      host.show = (view) => ((host.view = view), void setTimeout(() => shown(host.view), 400));
      await press("e");
      await fireEvent.input(window_.getByLabelText("Handover, as Markdown"), { target: { value: "Typed since." } });
      await click(window_.getByRole("button", { name: "Copy" }));
      await vi.advanceTimersByTimeAsync(1_000);
      await settle();
      expect(host.asked.filter((it) => it.what === "copy")).toEqual([
        { what: "copy", text: leaving("Typed since.").markdown },
      ]);
    });
  });

  test("N says that there is nothing, only when there is nothing", async () => {
    const busy = await screen(shift());
    await press("n");
    expect(wishes(busy)).toEqual([]);
    busy.unmount();
    const calm = await screen(over(NOTHING));
    await press("n");
    await settle();
    expect(wishes(calm)).toEqual([{ wish: "done", shift: 1, how: "nothing" }]);
  });

  test("what is still open in the ledger goes with the shift, if the user says so", async () => {
    const state = HANDOVERS["handover-still-yours"]!;
    const window_ = await open(state.view(), state);
    await click(window_.getByRole("button", { name: "Hand them over, too" }));
    expect(wishes(window_)).toEqual([{ wish: "pass_on", shift: 1 }]);
    expect(window_.queryByTestId("still-yours")).toBeNull();
  });

  test("nothing is filed without a last look, and exactly what was seen is", async () => {
    const window_ = await screen(shift());
    await click(window_.getByRole("button", { name: "Create confidential issue…" }));
    const sheet = window_.getByRole("dialog");
    for (const part of ["quillbrook/support/comms-handover", "Confidential", "Handover 06-05-2026"])
      expect(words(sheet)).toContain(part);
    expect(wishes(window_)).toEqual([]);
    await show(window_, quiet({ shifts: [shift({ handover: handover({ text: "something newer" }) })] }));
    await click(window_.getByRole("button", { name: "Create confidential issue" }));
    expect(wishes(window_)).toEqual([
      { wish: "file", shift: 1, title: handover().title, text: leaving(handover().text).markdown },
    ]);
    expect(window_.queryByRole("dialog")).toBeNull();
    expect(words(window_.getByRole("main"))).toContain("is being created…");
  });

  test("where it may not be filed the button is absent, with the reason", async () => {
    const shadow = await open(HANDOVERS["handover-shadow"]!.view(), HANDOVERS["handover-shadow"]);
    expect(shadow.queryByRole("button", { name: "Create confidential issue…" })).toBeNull();
    shadow.unmount();
    const none = await open(HANDOVERS["handover-no-tracker"]!.view(), HANDOVERS["handover-no-tracker"]);
    expect(none.queryByRole("button", { name: "Create confidential issue…" })).toBeNull();
    expect(none.getByText(/Connect it in Settings/)).toBeTruthy();
    await click(none.getByRole("button", { name: "Connect" }));
    expect(none.getByRole("main", { name: "Settings" })).toBeTruthy();
  });

  test.each([
    ["handover-waits", "to-be-filed", "It sends nothing late by itself."],
    ["handover-waits-now", "to-be-filed", "The tracker answers again. File it now?"],
    ["handover-reading-back", "reading-back", "before anything else is sent"],
    ["handover-filed", "filed", "Filed, confidential, 09:33 UTC"],
    ["handover-public", "public", "everybody can read"],
    ["handover-missing", "missing", "the shift ended 09:30 UTC"],
  ])("%s", async (name, id, said) => {
    const state = HANDOVERS[name]!;
    const window_ = await open(state.view(), state);
    expect(words(window_.getByTestId(id))).toContain(said);
  });

  test("one that is public is opened and put right", async () => {
    const state = HANDOVERS["handover-public"]!;
    const window_ = await open(state.view(), state);
    await click(window_.getByRole("button", { name: "It is confidential now" }));
    expect(wishes(window_)).toEqual([{ wish: "made_confidential", shift: 1 }]);
    expect(window_.queryByTestId("public")).toBeNull();
  });

  test("what the shift before left is read and put away", async () => {
    const state = HANDOVERS["handover-taken-over"]!;
    const window_ = await open(state.view(), state);
    expect(words(window_.getByTestId("taken-over"))).toContain("Watch the registry.");
    await click(window_.getByRole("button", { name: "Dealt with" }));
    expect(window_.queryByTestId("taken-over")).toBeNull();
    await click(window_.getByRole("button", { name: "Take one over…" }));
    expect(window_.host.asked.at(-1)).toEqual({ what: "importHandover" });
  });
});

describe("Duty", () => {
  test("a shift is tested, ended and handed over from its card", async () => {
    const window_ = await open(quiet({ shifts: [shift({ test_due: true })] }));
    expect(window_.getByRole("button", { name: "Test the alarm first" })).toBeTruthy();
    await click(window_.getByRole("button", { name: "End shift" }));
    expect(wishes(window_)).toEqual([{ wish: "end" }]);
    expect(words(window_.getByTestId("handover-asks"))).toContain("Handover missing");
    await click(window_.getAllByRole("button", { name: "Handover" })[0]!);
    expect(window_.getByRole("main", { name: "Handover" })).toBeTruthy();
  });

  test("three hours on one incident are said once, calmly", async () => {
    const long = [{ incident: 1, title: "Git pushes time out", since: at("06:31:00") }];
    const window_ = await open(quiet({ shifts: [shift({ long })] }));
    expect(words(window_.getByTestId("long"))).toContain("3 h on one incident, since 06:31 UTC");
    await click(window_.getByRole("button", { name: "Noted" }));
    expect(wishes(window_)).toEqual([{ wish: "hinted", shift: 1, incident: 1 }]);
    expect(window_.queryByTestId("long")).toBeNull();
  });

  test("a notification about the handover leads there", async () => {
    const window_ = await open(quiet({ shifts: [over()] }));
    window_.host.goTo({ page: null, close: false, incident: null, compose: false, handover: true });
    await settle();
    expect(window_.getByTestId("missing")).toBeTruthy();
  });
});

test("while an incident goes on, a briefing can be called; without one there is nothing to brief about", async () => {
  const window_ = await screen(shift());
  expect(words(window_.getByTestId("briefing"))).toContain("/zoom meeting CMOC Handover Briefing");
  await click(window_.getByRole("button", { name: "Copy what calls a briefing" }));
  expect(window_.host.asked.filter((asked) => asked.what === "copy")).toEqual([
    { what: "copy", text: "/zoom meeting CMOC Handover Briefing" },
  ]);
  await show(window_, quiet({ shifts: [shift({ handover: handover(NOTHING) })] }));
  expect(window_.queryByTestId("briefing")).toBeNull();
});
