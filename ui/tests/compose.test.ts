// Writing an update: saved as typed, never overwritten, and published only after a last look.
import { fireEvent, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Compose, LintView, Text } from "../src/gen/types";
import { difference } from "../src/draft/edit";
import { gate, postedAt } from "../src/draft/gate";
import { lintKey } from "../src/draft/lints";
import { nothingNew } from "../src/draft/templates";
import type { Refusals } from "../src/host/pretend";
import { ALONE_MS } from "../src/lib/keys";
import { BODY, compose, going, incident, ISSUE, overdue, text } from "../src/host/pretend-incidents";
import { at, NOW } from "../src/host/pretend-views";
import { click, hold, letGo, open, press, said, settle, show, type Opened } from "./open";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse(NOW), toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

const write = (change: Partial<Compose> = {}, refuse: Refusals = {}) =>
  open(going([incident({ compose: compose(change) }), overdue()]), { place: { incident: 2, compose: true }, refuse });
const area = () => document.querySelector<HTMLTextAreaElement>("textarea")!;

async function type(value: string) {
  await fireEvent.input(area(), { target: { value } });
  await settle();
}
async function wait(ms: number) {
  await vi.advanceTimersByTimeAsync(ms);
  await settle();
}
const bodies = ({ host }: Opened) => host.wishes.flatMap((it) => (it.wish === "write" ? [it.text.body] : []));
const confirmLint: LintView = { rule: "link_missing", weight: "confirm", says: "No link.", fix: null, fixed: null };
const blockLint: LintView = { ...confirmLint, rule: "impact_missing", weight: "block", says: "No status is chosen." };

describe("saving", () => {
  test("a burst of keys is one save, and the time of it is shown", async () => {
    const window_ = await write();
    await type("a");
    await wait(100);
    await type("ab");
    expect(bodies(window_)).toEqual([]);
    expect(window_.getByTestId("saved").textContent).toBe("Saving…");
    await wait(50);
    expect(bodies(window_)).toEqual(["ab"]);
    expect(window_.getByTestId("saved").textContent).toBe("Saved 09:47:32");
  });

  test("leaving the field, the screen or the window saves at once", async () => {
    const window_ = await write();
    await type("a");
    await fireEvent.blur(area());
    await settle();
    expect(bodies(window_)).toEqual(["a"]);
    await type("ab");
    await fireEvent(window, new Event("pagehide"));
    await settle();
    expect(bodies(window_)).toEqual(["a", "ab"]);
    await type("abc");
    await press("Escape");
    await settle();
    expect(bodies(window_)).toEqual(["a", "ab", "abc"]);
  });

  test("an older answer never replaces what is being typed", async () => {
    const window_ = await write();
    await type("new");
    await show(window_, going([incident({ compose: compose({ text: text({ body: "old" }) }) }), overdue()]));
    expect(area().value).toBe("new");
    await wait(150);
    await type("newer");
    await show(window_, going([incident({ compose: compose({ text: text({ body: "new" }) }) }), overdue()]));
    expect(area().value).toBe("newer");
  });

  test("what was changed elsewhere is taken over while nothing is typed", async () => {
    const window_ = await write();
    await show(window_, going([incident({ compose: compose({ text: text({ body: "from elsewhere" }) }) }), overdue()]));
    expect(area().value).toBe("from elsewhere");
  });

  test("a save that fails says why and is tried again", async () => {
    const window_ = await write({}, { write: { code: "cannot_save", message: "The disk is full." } });
    await type("kept");
    await wait(150);
    expect(window_.getByTestId("saved").textContent).toBe("Not saved: The disk is full.");
    expect(area().value).toBe("kept");
    window_.host.refuse = {};
    await wait(5_000);
    expect(bodies(window_)).toEqual(["kept", "kept"]);
    expect(window_.getByTestId("saved").textContent).toContain("Saved");
  });

  test("two drafts never mix", async () => {
    const window_ = await write();
    await type("for two");
    window_.host.goTo({ page: null, close: false, incident: 1, compose: true });
    await settle();
    expect(area().value).toBe("");
    await type("for one");
    await wait(200);
    expect(window_.host.wishes.map((it) => it.wish === "write" && [it.incident, it.text.body, it.text.title])).toEqual([
      [2, "for two", "Pipelines wait long before starting"],
      [1, "for one", "Git pushes over SSH time out"],
    ]);
  });

  test("a discarded draft can be taken back", async () => {
    const window_ = await write();
    await click(window_.getByRole("button", { name: "Discard draft" }));
    expect(area().value).toBe("");
    await click(within(window_.getByTestId("discarded")).getByRole("button", { name: "Undo" }));
    expect(area().value).toBe(`${BODY} ${ISSUE}`);
    expect(window_.host.wishes.map((it) => it.wish)).toEqual(["discard", "write"]);
  });
});

describe("the fields", () => {
  test("Alt 4 resolves, and takes the status with it", async () => {
    const window_ = await write();
    await press("4", { altKey: true, code: "Digit4" });
    await wait(150);
    expect(window_.host.wishes.at(-1)).toMatchObject({
      wish: "write",
      text: { phase: "resolved", impact: "operational" },
    });
    expect(window_.getByTestId("rules").textContent).toContain("The status of every component is Operational.");
  });

  test("components are chosen one by one, with a search and no all", async () => {
    const window_ = await write();
    await click(window_.getByRole("button", { name: /^Components:/ }));
    const sheet = window_.getByRole("dialog", { name: "Affected components" });
    expect(within(sheet).queryByText(/\ball\b/i)).toBeNull();
    await fireEvent.input(within(sheet).getByLabelText("Find a component"), { target: { value: "api" } });
    await settle();
    expect(within(sheet).getAllByRole("checkbox").length).toBe(1);
    await click(within(sheet).getByRole("checkbox"));
    await wait(150);
    expect(window_.host.wishes.at(-1)).toMatchObject({ text: { components: ["c-pipe", "c-api"] } });
  });

  test("a search that finds no component says so, beside no list", async () => {
    const window_ = await write();
    await click(window_.getByRole("button", { name: /^Components:/ }));
    const sheet = within(window_.getByRole("dialog", { name: "Affected components" }));
    await fireEvent.input(sheet.getByLabelText("Find a component"), { target: { value: "nowhere" } });
    await settle();
    expect(sheet.getByRole("status").textContent).toBe("No component has this name.");
    expect(sheet.queryByRole("list")).toBeNull();
  });

  test("Ctrl N goes through the family of nothing new", async () => {
    await write();
    await press("n", { ctrlKey: true });
    expect(area().value).toMatch(/^No material updates to report. We go on/);
    await press("n", { ctrlKey: true });
    expect(area().value).toMatch(/A first fix did not help/);
    expect(nothingNew([], "identified", "")).toBeUndefined();
  });

  test("Ctrl J applies the next fix, as whole text", async () => {
    const window_ = await write();
    await press("j", { ctrlKey: true });
    await settle();
    expect(area().value).not.toContain("already");
    expect(bodies(window_)).toEqual([`${BODY} ${ISSUE}`.replace("already ", "")]);
  });

  test("a fix made of an older text is not applied", async () => {
    await write();
    await type("something else");
    await press("j", { ctrlKey: true });
    expect(area().value).toBe("something else");
  });

  test("promise and channels are turned one by one", async () => {
    const window_ = await write();
    await click(window_.getByRole("switch", { name: "Let the clock count to the promise" }));
    await click(within(window_.getByTestId("broadcasts")).getByRole("button", { name: "SMS" }));
    await wait(150);
    expect(window_.host.wishes.at(-1)).toMatchObject({ text: { promise: false, muted: ["sms"] } });
  });

  test("a page with one switch for all subscribers offers it as one", async () => {
    const compose_ = compose();
    const channels = [{ channel: "email" as const, name: "all subscribers", tells: false }];
    const muted: Text["muted"] = ["email", "sms"];
    const window_ = await write({
      text: text({ muted }),
      outlet: { ...compose_.outlet, service: "Statuspage", channels },
    });
    expect(
      within(window_.getByTestId("broadcasts"))
        .getAllByRole("button")
        .map((it) => it.textContent),
    ).toEqual(["all subscribers"]);
    await press("Enter", { ctrlKey: true });
    expect(window_.getByTestId("publish").textContent).toContain("0 · without all subscribers");
  });

  test("Ctrl I copies once saved, says asked, and notes the answer", async () => {
    const window_ = await write();
    await type("New words.");
    await press("i", { ctrlKey: true });
    await settle();
    expect(window_.host.asked.map((it) => it.what)).toEqual(["command", "copy", "command"]);
    expect(window_.getByTestId("review").textContent).toContain("Asked 09:47");
    await type("Newer words.");
    expect(window_.getByTestId("review").textContent).toContain("the text has changed since");
    await click(window_.getByRole("button", { name: "They agreed" }));
    expect(window_.host.wishes).toContainEqual({ wish: "agreed", incident: 2 });
  });

  describe("with Slack connected", () => {
    const slack = { channel: "#incident", token: "keychain" as const };
    const writeTo = (change: Partial<Compose> = {}, refuse: Refusals = {}) =>
      open(
        { ...going([incident({ compose: compose(change) })]), slack },
        { place: { incident: 2, compose: true }, refuse },
      );

    test("Ctrl I sends once saved, and the host says asked", async () => {
      const window_ = await writeTo();
      await type("New words.");
      await press("i", { ctrlKey: true });
      await settle();
      expect(window_.host.asked.map((it) => it.what)).toEqual(["command", "intend"]);
      expect(window_.host.asked.at(-1)).toEqual({ what: "intend", incident: 2 });
      expect(window_.getByRole("button", { name: "Sent to #incident" })).toBeTruthy();
      expect(window_.getByTestId("review").textContent).toContain("Asked 09:47");
    });

    test("Copy stays a button", async () => {
      const window_ = await writeTo();
      await click(window_.getByRole("button", { name: "Copy" }));
      expect(window_.host.asked.map((it) => it.what)).toEqual(["copy", "command"]);
      expect(window_.getByRole("button", { name: "Copied" })).toBeTruthy();
    });

    test("what is not known is said, and nothing is sent again", async () => {
      const window_ = await writeTo(
        { review: null },
        { intend: { code: "unknown", message: "It may have arrived: look into #incident." } },
      );
      await click(window_.getByRole("button", { name: "Send to #incident" }));
      await wait(10_000);
      expect(window_.getByText("It may have arrived: look into #incident.")).toBeTruthy();
      expect(window_.host.asked).toEqual([{ what: "intend", incident: 2 }]);
      expect(window_.getByRole("button", { name: "Send to #incident" })).toBeTruthy();
    });

    test("a shadow can only copy", async () => {
      const window_ = await writeTo({
        outlet: { ...compose().outlet, refusal: "shadow_publish", why_not: "Shadow mode." },
      });
      expect(window_.queryByRole("button", { name: /^Send to/ })).toBeNull();
      await press("i", { ctrlKey: true });
      await settle();
      expect(window_.host.asked.map((it) => it.what)).toEqual(["copy", "command"]);
    });
  });

  test("differences keep pairs whole", () => {
    expect(difference("a already b", "a b")).toEqual({ from: 2, to: 10, put: "" });
    expect(difference("🔥", "🚒")).toEqual({ from: 0, to: 2, put: "🚒" });
  });
});

describe("publishing", () => {
  test("what the page does not take is named, ticked, and a step away on the dashboard; the sheet shows what goes out", async () => {
    const outlet = { ...compose().outlet, title: "As it is public", components: ["api"], sets: ["api"] };
    const notSent: LintView = { ...confirmLint, rule: "not_sent", says: "Not sent: the title." };
    const window_ = await write({ lints: [notSent], outlet });
    await press("Enter", { ctrlKey: true });
    const sheet = within(window_.getByTestId("publish"));
    expect(sheet.getByText("As it is public")).toBeTruthy();
    expect(sheet.getByRole("checkbox", { name: /Not sent: the title/ })).toBeTruthy();
    await click(sheet.getByRole("button", { name: "Open the dashboard" }));
    expect(window_.host.asked.at(-1)).toMatchObject({ what: "browse", url: outlet.dashboard });
  });

  test("what did not go out can be posted by hand", async () => {
    const window_ = await write({
      lints: [],
      unsent: { at: at("09:46:40"), why: "no answer in time", overtaken: null },
    });
    await press("Enter", { ctrlKey: true });
    await click(window_.getByRole("button", { name: "Post by hand…" }));
    await click(window_.getByRole("button", { name: "I posted it" }));
    expect(window_.host.wishes.map((it) => it.wish)).toEqual(["posted_by_hand"]);
  });

  const theirs = {
    at: at("09:46:20"),
    phase: "identified" as const,
    impact: null,
    text: "It is the identity provider.",
    mine: false,
  };
  const overtaken = {
    read_at: at("09:46:40"),
    headline: "somebody published an update",
    differs: ["Published at 09:46:20 UTC"],
    resolved: false,
    title: "Sign-in fails",
    components: [],
    update: theirs,
  };
  const unsent = { at: at("09:46:40"), why: "Herald looked first: somebody published an update", overtaken };

  test("what a colleague did is shown whole, and the safe answer is chosen", async () => {
    const window_ = await write({ lints: [], unsent });
    const sheet = window_.getByRole("dialog", { name: /^Not sent: somebody published an update/ });
    expect(sheet.textContent).toContain("It is the identity provider.");
    expect(sheet.textContent).toContain(BODY);
    expect(sheet.textContent).toContain("nothing went out");
    expect(document.activeElement).toBe(within(sheet).getByRole("radio", { name: /Leave it as it is/ }));
    await press("3");
    await wait(ALONE_MS);
    await press("Enter");
    expect(window_.queryByRole("dialog", { name: "Publish this update?" }), "never by Enter").toBeNull();
    await wait(ALONE_MS);
    await press("1");
    await wait(ALONE_MS);
    await press("Enter");
    expect(window_.queryByTestId("overtaken")).toBeNull();
    expect(window_.host.wishes, "nothing is written").toEqual([]);
  });

  test("publishing all the same leads to one more last look", async () => {
    const window_ = await write({ lints: [], unsent });
    await click(window_.getByRole("radio", { name: /Publish mine all the same/ }));
    await click(window_.getByRole("button", { name: "One more look…" }));
    expect(window_.getByRole("dialog", { name: "Publish this update?" }).textContent).toContain(BODY);
    expect(window_.host.wishes, "nothing went out yet").toEqual([]);
  });

  test("what is over is taken up by the user's own decision before it can be published", async () => {
    const over = incident({
      ended_at: at("09:46:20"),
      compose: compose({
        lints: [],
        unsent: { ...unsent, overtaken: { ...overtaken, resolved: true, headline: "somebody resolved it" } },
      }),
    });
    const window_ = await open(going([over]), { place: { incident: 2, compose: true } });
    expect(window_.getByTestId("overtaken").textContent).toContain("Reopens it for customers.");
    await click(window_.getByRole("radio", { name: /Publish mine all the same/ }));
    await click(window_.getByRole("button", { name: "One more look…" }));
    expect(window_.host.wishes).toEqual([{ wish: "end", incident: 2, yes: false }]);
  });

  test("writing on takes their state, title and components, and keeps my words", async () => {
    const window_ = await write({ lints: [], unsent });
    await press("2");
    await wait(ALONE_MS);
    await press("Enter");
    expect(window_.queryByTestId("overtaken")).toBeNull();
    await wait(400);
    expect(window_.host.wishes.at(-1)).toMatchObject({
      wish: "write",
      text: { phase: "identified", title: "Sign-in fails", body: text().body },
    });
  });

  test("a status that is as it was is said to stay", async () => {
    const outlet = { ...compose().outlet, components: ["api", "web"], sets: [] };
    const window_ = await write({ outlet });
    await press("Enter", { ctrlKey: true });
    expect(window_.getByTestId("publish").textContent).toContain("api, web, status unchanged");
  });

  const sheet = (window_: Opened) => window_.getByRole("dialog", { name: "Publish this update?" });

  test("a held Ctrl Enter does not publish, nor does Enter at once; Tab and Enter do, exactly what is shown", async () => {
    const window_ = await write({ lints: [] });
    await hold("Control", { code: "ControlLeft", ctrlKey: true });
    await hold("Enter", { ctrlKey: true, code: "Enter" });
    expect(sheet(window_).textContent).toContain(BODY);
    expect(await hold("Enter", { code: "Enter", repeat: true, ctrlKey: true })).toBe(false);
    expect(document.activeElement?.textContent, "the harmless answer has the focus").toContain("Back to text");
    expect(await hold("Enter", { code: "Enter", ctrlKey: true }), "nor does another Ctrl Enter press any button").toBe(
      false,
    );
    await letGo("Enter", { code: "Enter" });
    await letGo("Control", { code: "ControlLeft" });
    expect(window_.host.wishes).toEqual([]);
    await click(window_.getByRole("button", { name: "Publish now" }));
    expect(window_.host.wishes).toEqual([{ wish: "publish", incident: 2, text: text(), seen: "basis" }]);
    expect(window_.getByRole("main", { name: "Incident" }).textContent).toContain("sending…");
  });

  test("what the issue says suggests the next phase", async () => {
    const window_ = await open(
      going([incident({ state: "mitigated", compose: compose({ suggests: "monitoring" }) }), overdue()]),
      { place: { incident: 2, compose: true } },
    );
    expect(said(window_.getByTestId("suggests"))).toContain("The issue says mitigated: Monitoring?");
    await click(within(window_.getByTestId("suggests")).getByRole("button", { name: "Monitoring" }));
    expect(window_.queryByTestId("suggests")).toBeNull();
  });

  test("what must be confirmed must be ticked", async () => {
    const window_ = await write({ lints: [confirmLint] });
    await click(window_.getByRole("button", { name: "Publish…" }));
    await click(window_.getByRole("button", { name: "Publish now" }));
    expect(window_.host.wishes).toEqual([]);
    await click(within(sheet(window_)).getByRole("checkbox"));
    await click(window_.getByRole("button", { name: "Publish now" }));
    expect(window_.host.wishes.map((it) => it.wish)).toEqual(["publish"]);
  });

  test("what blocks has no tick, and says why", async () => {
    const window_ = await write({ lints: [blockLint] });
    await click(window_.getByRole("button", { name: "Publish…" }));
    expect(window_.getByTestId("stop").textContent).toBe("No status is chosen.");
    expect(within(sheet(window_)).queryByRole("checkbox")).toBeNull();
    await click(window_.getByRole("button", { name: "Publish now" }));
    expect(window_.host.wishes).toEqual([]);
  });

  test("the gate, case by case", () => {
    const none = new Set<string>();
    expect(gate(text({ body: " " }), [], none, true)).toBe("There is no text yet.");
    expect(gate(text(), [], none, false)).toContain("still checking");
    expect(gate(text(), [confirmLint, blockLint], none, true)).toBe(blockLint.says);
    expect(gate(text(), [confirmLint], none, true)).toContain("Tick the finding");
    expect(gate(text(), [confirmLint], new Set([lintKey(confirmLint)]), true)).toBeNull();
    expect(
      gate(text(), [{ ...confirmLint, says: "Other words." }], new Set([lintKey(confirmLint)]), true),
      "other words, other tick",
    ).not.toBeNull();
  });

  test("a refusal is shown, and the sheet stays", async () => {
    const window_ = await write(
      { lints: [] },
      { publish: { code: "under_way", message: "Another update is under way." } },
    );
    await click(window_.getByRole("button", { name: "Publish…" }));
    await click(window_.getByRole("button", { name: "Publish now" }));
    expect(within(sheet(window_)).getByRole("alert").textContent).toBe("Another update is under way.");
  });

  test("by hand: copy, open, and say when", async () => {
    const outlet = {
      ...compose().outlet,
      refusal: "no_status_page" as const,
      why_not: "Herald may not write to the status page.",
    };
    const window_ = await write({ outlet, lints: [] });
    await click(window_.getByRole("button", { name: "Post…" }));
    expect(window_.getByTestId("why-not").textContent).toBe("Herald may not write to the status page.");
    await click(window_.getByRole("button", { name: "Copy text" }));
    await click(window_.getByRole("button", { name: "Open the page" }));
    expect(window_.host.asked).toEqual([
      { what: "copy", text: `${BODY} ${ISSUE}` },
      { what: "browse", url: "https://status.quillbrook.example" },
    ]);
    await fireEvent.input(window_.getByLabelText("I posted it at"), { target: { value: "09:41" } });
    await settle();
    await click(window_.getByRole("button", { name: "I posted it" }));
    expect(window_.host.wishes).toEqual([
      { wish: "posted_by_hand", incident: 2, text: text(), at: "2026-05-06T09:41:00.000Z" },
    ]);
  });

  test("a time ahead was yesterday's", () => {
    const now = Date.parse(NOW);
    expect(new Date(postedAt("09:41", now)!).toISOString()).toBe("2026-05-06T09:41:00.000Z");
    expect(new Date(postedAt("23:50", now)!).toISOString()).toBe("2026-05-05T23:50:00.000Z");
    expect(postedAt("soon", now)).toBeNull();
    expect(at("09:47:32")).toBe(NOW);
  });
});
