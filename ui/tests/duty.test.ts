// The Duty screen under the hands of its user: keys, buttons, clocks, and a list that holds still.
import { fireEvent } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { at, left, NOW, page, paged, quiet, shadow, storm, taken, watched } from "../src/host/pretend-views";
import { cardOf, cardsInOrder, click, open, press, said, settle, show } from "./open";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse(NOW), toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

const ACK = { do: "acknowledge", page: "Q1SSO", triggered_at: at("09:45:18") };
const second = page({ id: "Q3", title: "Container registry refuses pushes", triggered_at: at("09:33:01") });
const third = page({ id: "Q4", title: "Search is slow", triggered_at: at("09:32:00") });

function listOf(id: string): HTMLElement {
  const list = cardOf(id).closest("ul");
  if (list === null) throw new Error(`${id} is in no list`);
  return list;
}

describe("taking a page", () => {
  test("A acknowledges, and the card says so until PagerDuty has answered", async () => {
    const window_ = await open(paged([page()]));
    await press("a");
    expect(window_.host.commands).toEqual([ACK]);
    expect(cardOf("Q1SSO").textContent).toContain("waiting for PagerDuty's answer");
    expect(window_.queryByRole("button", { name: "Acknowledge" })).toBeNull();
    await press("a");
    expect(window_.host.commands, "once is enough").toEqual([ACK]);
  });

  test("the button does the same without asking back", async () => {
    const window_ = await open(paged([page()]));
    await click(window_.getByRole("button", { name: "Acknowledge" }));
    expect(window_.host.commands).toEqual([ACK]);
  });

  test("a refusal is shown on its card, as it was worded", async () => {
    const message = "This page has changed since: it was taken, closed or triggered anew. Look again.";
    const window_ = await open(paged([page()]), { refuse: { acknowledge: { code: "over", message } } });
    await press("a");
    expect(cardOf("Q1SSO").querySelector("[role=alert]")?.textContent).toBe(message);
    expect(window_.getByRole("button", { name: "Acknowledge" })).toBeTruthy();
  });

  test("the answer that was lost is read back", async () => {
    await open(paged([page({ acting: "reading_back" })]));
    expect(cardOf("Q1SSO").textContent).toContain("Reading the page back…");
  });

  test("a held key takes one page only", async () => {
    const { host } = await open(paged([page(), second]));
    await press("a", { repeat: true });
    expect(host.commands).toEqual([]);
  });

  test("letters go by their place on a keyboard of another script", async () => {
    const { host } = await open(paged([page()]));
    await press("ф", { code: "KeyA" });
    expect(host.commands).toEqual([ACK]);
  });

  test("O opens the link in the browser, and only http links are links", async () => {
    const window_ = await open(paged([page()]));
    expect(window_.getByRole("button", { name: "Open" }).title).toBe("quillbrook.eu.pagerduty.com");
    await press("o");
    expect(window_.host.asked).toEqual([
      { what: "browse", url: "https://quillbrook.eu.pagerduty.com/incidents/Q1SSO" },
    ]);
    await show(window_, paged([page({ url: "javascript:alert(1)" })]));
    expect(window_.queryByRole("button", { name: "Open" })).toBeNull();
  });

  test("Q makes quiet, shows until when, and ends it", async () => {
    const window_ = await open(paged([page()]));
    await press("q");
    expect(cardOf("Q1SSO").textContent).toContain("Quiet until 09:52:32");
    await press("q");
    expect(window_.host.commands.map((command) => command.do)).toEqual(["quiet", "unquiet"]);
    expect(window_.getByRole("button", { name: "Quiet 5 min" })).toBeTruthy();
  });

  test("quiet that is not open to me is absent", async () => {
    const window_ = await open(paged([page({ may: { ...page().may, quiet: false } })]));
    expect(window_.queryByRole("button", { name: /Quiet/ })).toBeNull();
    await press("q");
    expect(window_.host.commands).toEqual([]);
  });

  test("where Herald cannot tell, it says why and writes nothing until I say that I answer", async () => {
    const window_ = await open(
      paged([
        page({
          standing: { kind: "unknown", why: "direct" },
          may: { acknowledge: false, close: false, answer_here: true, quiet: true },
        }),
      ]),
    );
    expect(cardOf("Q1SSO").textContent).toContain("assigned to you directly");
    expect(window_.queryByRole("button", { name: "Acknowledge" })).toBeNull();
    await press("a");
    expect(window_.host.commands).toEqual([]);
    await press("i");
    expect(window_.host.commands).toEqual([{ ...ACK, do: "answer_here" }]);
    expect(window_.getByRole("button", { name: "Acknowledge" })).toBeTruthy();
  });
});

describe("clocks", () => {
  test("they count by themselves, and say what they count from", async () => {
    await open(paged([page()]));
    const timer = () => cardOf("Q1SSO").querySelector(".clock [role=timer]")?.textContent;
    expect(timer()).toBe("12:46");
    expect(said(cardOf("Q1SSO"))).toContain("by 10:00:18, 15 min after 09:45:18 UTC");
    await vi.advanceTimersByTimeAsync(1000);
    expect(timer()).toBe("12:45");
    await vi.advanceTimersByTimeAsync(765_000);
    expect(timer()).toBe("+00:00");
    expect(cardOf("Q1SSO").textContent).toContain("over the target");
  });

  test("no timer runs while nobody looks, and the time is right at once afterwards", async () => {
    await open(paged([page()]));
    const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    await fireEvent(document, new Event("visibilitychange"));
    expect(vi.getTimerCount()).toBe(0);
    vi.setSystemTime(Date.parse(NOW) + 60_000);
    hidden.mockReturnValue(false);
    await fireEvent(document, new Event("visibilitychange"));
    expect(cardOf("Q1SSO").querySelector(".clock [role=timer]")?.textContent).toBe("11:46");
    hidden.mockRestore();
  });

  test("the second is not read aloud", async () => {
    const { container } = await open(paged([page(), taken()]));
    for (const timer of container.querySelectorAll("[role=timer]")) {
      expect(timer.getAttribute("aria-live")).toBe("off");
      expect(timer.closest("[role=alert], [role=status]"), timer.textContent ?? "").toBeNull();
    }
  });
});

describe("closing a page", () => {
  const closing = async () => {
    const window_ = await open(paged([taken()]));
    const button = window_.getByRole("button", { name: "Close page…" });
    await click(button);
    return { ...window_, button };
  };

  test("asks first, in the words of the handbook", async () => {
    const { getByRole, host } = await closing();
    const words = getByRole("dialog", { name: "Close this page?" }).textContent ?? "";
    expect(words).toContain("saw none of what closing it tells everybody");
    expect(document.querySelector("[data-testid=says] svg"), "nothing is ticked that nobody saw").toBeNull();
    for (const said of [
      "Slack channel and call",
      "created the status-page incident",
      "notified stakeholders",
      "labelled the issue",
      "does not mean that the incident is over",
    ]) {
      expect(words).toContain(said);
    }
    expect(document.body.textContent).not.toMatch(/resolved/i);
    expect(host.commands).toEqual([]);
    await click(getByRole("button", { name: "Close page" }));
    expect(host.commands).toEqual([{ do: "close_page", page: "Q2TAKEN", triggered_at: at("09:31:04"), note: null }]);
    expect(document.querySelector("[role=dialog]")).toBeNull();
    expect(cardOf("Q2TAKEN").textContent).toContain("Closing the page…");
  });

  test("Esc leaves, and the focus goes back to where it was", async () => {
    const { button, host } = await closing();
    await press("Escape");
    expect(document.querySelector("[role=dialog]")).toBeNull();
    expect(document.activeElement).toBe(button);
    expect(host.commands).toEqual([]);
  });

  test("the sheet keeps the focus, what is behind is inert, and keys do nothing there", async () => {
    const { getByRole, host } = await closing();
    const [note, close] = [
      getByRole("textbox", { name: "Note for PagerDuty, if any" }),
      getByRole("button", { name: "Close page" }),
    ];
    expect(document.activeElement?.textContent, "the harmless answer").toContain("Keep it open");
    close.focus();
    await press("Tab");
    expect(document.activeElement).toBe(note);
    await press("Tab", { shiftKey: true });
    expect(document.activeElement).toBe(close);
    expect(document.getElementById("app")?.hasAttribute("inert")).toBe(true);
    await press("o");
    expect(host.asked).toEqual([]);
    await press("Escape");
    expect(document.getElementById("app")?.hasAttribute("inert")).toBe(false);
  });

  test("a held Enter does not close", async () => {
    await closing();
    expect(await press("Enter", { repeat: true }), "the press is swallowed").toBe(false);
    expect(await press("Enter")).toBe(true);
  });

  test("C opens the sheet, and the tray may ask for it too", async () => {
    const window_ = await open(paged([taken()]), { screen: "settings" });
    window_.host.goTo({ page: "Q2TAKEN", close: true, incident: null, compose: false });
    await settle();
    expect(window_.getByRole("dialog", { name: "Close this page?" })).toBeTruthy();
    await press("Escape");
    expect(document.activeElement).toBe(cardOf("Q2TAKEN"));
    await press("c");
    expect(window_.getByRole("dialog")).toBeTruthy();
  });

  test("a page that is gone takes its sheet with it", async () => {
    const window_ = await open(paged([taken()]));
    await press("c");
    await show(window_, quiet());
    expect(document.querySelector("[role=dialog]")).toBeNull();
  });
});

describe("shadow", () => {
  test("has no button that writes, and no key", async () => {
    const window_ = await open(
      shadow([
        watched(),
        taken({ standing: { kind: "shadow", why: "schedule" }, may: { ...taken().may, close: false } }),
      ]),
    );
    for (const name of [/Acknowledge/, /Close page/, /I answer/])
      expect(window_.queryByRole("button", { name })).toBeNull();
    for (const key of ["a", "i", "c", "Enter"]) await press(key);
    expect(window_.host.commands).toEqual([]);
    expect(window_.getByTestId("mode-shadow").textContent).toContain("Shadow: you watch, Dana Okafor answers");
    expect(window_.getByTestId("headline").textContent).toBe("Not on call, shadowing");
    expect(cardOf("Q1SSO").textContent).toContain("left for Dana Okafor to acknowledge");
  });

  test("and practice can both hold", async () => {
    const window_ = await open(shadow([watched()], { mode: { kind: "practice", scenario: "A storm" } }));
    expect(window_.getByTestId("mode-practice").textContent).toContain("Practice: nothing here is real");
    expect(window_.getByTestId("mode-shadow").textContent).toContain("Herald takes and closes no page in this mode.");
  });
});

describe("several pages", () => {
  test("the newest is open, the others are lines, and arrows move between them", async () => {
    const { host } = await open(paged([page(), second, third]));
    expect(cardsInOrder()).toEqual(["Q1SSO", "Q3", "Q4"]);
    expect(cardOf("Q3").tagName).toBe("BUTTON");
    await press("ArrowDown");
    expect(document.activeElement).toBe(cardOf("Q3"));
    expect([cardOf("Q1SSO").tagName, cardOf("Q3").tagName]).toEqual(["BUTTON", "ARTICLE"]);
    await press("a");
    expect(host.commands).toEqual([{ do: "acknowledge", page: "Q3", triggered_at: second.triggered_at }]);
  });

  test("a page that was taken by mouse gives way to the next that calls, once the pointer has left", async () => {
    const window_ = await open(paged([page(), second]));
    const list = listOf("Q3");
    await fireEvent.pointerEnter(list, { screenX: 5, screenY: 5 });
    await click(window_.getByRole("button", { name: "Acknowledge" }));
    const acked = taken({ ...page(), status: "acknowledged", taken_by_me: true, alarm: null, may: taken().may });
    await show(window_, paged([acked, second]));
    expect(cardsInOrder()).toEqual(["Q1SSO", "Q3"]);
    await fireEvent.pointerLeave(list);
    await settle();
    expect(cardsInOrder()).toEqual(["Q3", "Q1SSO"]);
    expect(cardOf("Q3").tagName).toBe("ARTICLE");
  });

  test("the keys are printed only where they act", async () => {
    await open(paged([page(), taken()]));
    expect(cardOf("Q1SSO").querySelectorAll("kbd").length).toBe(3);
    expect(cardOf("Q2TAKEN").querySelectorAll("kbd").length).toBe(0);
    await press("ArrowDown");
    expect(cardOf("Q1SSO").querySelectorAll("kbd").length, "the line shows none").toBe(0);
    expect(cardOf("Q2TAKEN").querySelectorAll("kbd").length).toBe(2);
  });

  test("a new page stands on top, unless somebody points at the list", async () => {
    const window_ = await open(paged([second]));
    await show(window_, paged([page(), second]));
    expect(cardsInOrder()).toEqual(["Q1SSO", "Q3"]);
    const list = listOf("Q3");
    await fireEvent.pointerEnter(list, { screenX: 5, screenY: 5 });
    const young = page({ id: "Q9", triggered_at: at("09:47:30"), title: "Mail is late" });
    await show(window_, paged([young, page(), second]));
    expect(cardsInOrder(), "nothing moves").toEqual(["Q1SSO", "Q3"]);
    expect(window_.getByTestId("waiting").textContent).toContain("1 new page above");
    await fireEvent.pointerLeave(list);
    await settle();
    expect(cardsInOrder()).toEqual(["Q9", "Q1SSO", "Q3"]);
    expect(window_.queryByTestId("waiting")).toBeNull();
  });

  test("N shows what waits above, and looks at it", async () => {
    const window_ = await open(paged([second]));
    await press("ArrowDown");
    await show(window_, paged([page(), second]));
    expect(cardsInOrder()).toEqual(["Q3"]);
    await press("n");
    expect(cardsInOrder()).toEqual(["Q1SSO", "Q3"]);
    expect(document.activeElement).toBe(cardOf("Q1SSO"));
  });

  test("a focus that was left behind in the list keeps no page waiting for long", async () => {
    const window_ = await open(paged([second]));
    await press("ArrowDown");
    await show(window_, paged([page(), second]));
    await vi.advanceTimersByTimeAsync(14_000);
    await press("Shift");
    await vi.advanceTimersByTimeAsync(14_000);
    expect(cardsInOrder(), "somebody is there").toEqual(["Q3"]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(cardsInOrder()).toEqual(["Q1SSO", "Q3"]);
    expect(cardOf("Q1SSO").tagName, "the new page is the one that matters").toBe("ARTICLE");
  });

  test("what is taken or gone keeps its place under the pointer", async () => {
    const window_ = await open(paged([page(), second, third]));
    await fireEvent.pointerEnter(listOf("Q3"), { screenX: 5, screenY: 5 });
    const acked = taken({ ...page(), status: "acknowledged", taken_by_me: true, alarm: null, may: taken().may });
    await show(
      window_,
      paged([acked, third], { left: [left({ id: "Q3", why: { kind: "moved_on", to: ["Priya Nair"] } })] }),
    );
    const rows = [...document.querySelectorAll('section[aria-label="Pages"] > ul > li')].map(
      (row) => row.textContent?.replace(/\s+/g, " ") ?? "",
    );
    expect(rows.length).toBe(3);
    expect(rows[0]).toContain("You acknowledged");
    expect(rows[1]).toContain("Moved on to Priya Nair");
    expect(cardOf("Q4").tagName, "nothing opens by itself under the pointer").toBe("BUTTON");
  });

  test("A does nothing in the moment in which it comes to mean another page", async () => {
    const window_ = await open(paged([second]));
    await show(window_, paged([page(), second]));
    await press("a");
    expect(window_.host.commands).toEqual([]);
    await vi.advanceTimersByTimeAsync(600);
    await press("a");
    expect(window_.host.commands).toEqual([ACK]);
  });

  test("a page triggered again is another one: commands name the trigger that was seen", async () => {
    const window_ = await open(paged([page()]));
    const again = page({ triggered_at: at("09:47:20") });
    await show(window_, paged([again]));
    await vi.advanceTimersByTimeAsync(600);
    await press("a");
    expect(window_.host.commands).toEqual([{ ...ACK, triggered_at: again.triggered_at }]);
  });

  test("a hundred pages and the number beyond them", async () => {
    const { container } = await open(storm());
    expect(cardsInOrder().length).toBe(100);
    expect(container.textContent).toContain("and 9900 more in PagerDuty");
    expect(container.querySelectorAll("article.page").length, "one is drawn in full").toBe(1);
  });

  test("a wish from outside opens its page wherever one is", async () => {
    const window_ = await open(paged([page(), second]), { screen: "settings" });
    window_.host.goTo({ page: "Q3", close: false, incident: null, compose: false });
    await settle();
    expect(document.activeElement).toBe(cardOf("Q3"));
    expect(cardOf("Q3").tagName).toBe("ARTICLE");
  });
});
