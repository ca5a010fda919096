// Incidents on Duty and on their own screen: clocks, keys, questions, and what is entered by hand.
import { fireEvent, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { compose, going, incident, ISSUE, monitoring, overdue, text, undecided } from "../src/host/pretend-incidents";
import { at, NOW, page } from "../src/host/pretend-views";
import { wrong, withField } from "../src/incident/own";
import { counted, due, mostUrgent, NO_OWN, number, publishing, severity } from "../src/incident/words";
import { click, open, press, settle, show } from "./open";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse(NOW), toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

const now = Date.parse(NOW);

function card(id: number): HTMLElement {
  const found = document.querySelector<HTMLElement>(`[data-incident="${id}"]`);
  if (found === null) throw new Error(`there is no card of ${id}`);
  return found;
}
const words = (element: Element | null) => element?.textContent?.replace(/\s+/g, " ") ?? "";

describe("words", () => {
  test.each([
    [at("09:50:44"), "Due in", "03:12"],
    [at("09:47:33"), "Due in", "00:01"],
    [at("09:47:32"), "Overdue", "+00:00"],
    [at("09:46:25"), "Overdue", "+01:07"],
    [at("12:00:00"), "Due in", "2:12:28"],
  ])("%s is %s %s", (due_at, word, text) => expect(due({ due_at }, now)).toMatchObject({ word, text }));

  test("every clock says what it counts from", () => {
    const it = incident();
    const clock = it.clock!;
    expect(counted(it, clock, now)).toBe("15 min after 09:35:44");
    expect(counted(it, { ...clock, counts: "decision" }, now)).toBe("15 min after the decision of 09:35:44");
    expect(
      counted(
        { promise: { made_at: at("09:31:00"), due_at: at("10:01:00"), made_by: null, confirmed_at: null } },
        { ...clock, counts: "promise" },
        now,
      ),
    ).toBe("promised at 09:31:00");
  });

  test("the rest", () => {
    expect([severity("s1"), severity(null), number(incident()), number({ issue: null })]).toEqual([
      "S1",
      "S?",
      "#18342",
      "",
    ]);
    expect(publishing({ kind: "not_seen_yet", accepted_at: at("09:02:05") }, now)).toBe(
      "accepted 09:02:05, not seen on the page yet",
    );
    expect(publishing({ kind: "sending" }, now)).toBe("sending…");
    expect(mostUrgent([undecided(), incident(), overdue()])?.id).toBe(1);
    expect([wrong("call_url", "javascript:x"), wrong("issue_url", ISSUE), wrong("monitoring_min", "0")]).toEqual([
      "A link begins with https://",
      null,
      "Whole minutes, 1 to 999",
    ]);
    expect(withField({ ...NO_OWN, im: "A" }, "im", " ")).toEqual(NO_OWN);
  });
});

describe("cards", () => {
  test("overdue, soon and later differ in word and number, and keep the order they came in", async () => {
    await open(going([monitoring(), incident(), overdue()]));
    expect([...document.querySelectorAll<HTMLElement>("[data-incident]")].map((it) => it.dataset["incident"])).toEqual([
      "3",
      "2",
      "1",
    ]);
    expect(words(card(1))).toContain("Overdue +01:07");
    expect(words(card(2))).toContain("Due in 03:12");
    expect(words(card(3))).toContain("Due in 42:16");
    expect(words(card(3))).toContain("Monitoring ends 09:59:48");
    await vi.advanceTimersByTimeAsync(1000);
    expect(words(card(1))).toContain("+01:08");
    for (const timer of document.querySelectorAll("[role=timer]")) expect(timer.getAttribute("aria-live")).toBe("off");
  });

  test("U writes the one due next, wherever it stands; a focused card is meant instead", async () => {
    const window_ = await open(going([incident(), overdue()]));
    expect(within(card(1)).getByRole("button", { name: "Write update" }).getAttribute("aria-keyshortcuts")).toBe("U");
    await press("u");
    expect(document.activeElement?.tagName).toBe("TEXTAREA");
    expect(words(document.querySelector("header h1"))).toContain("#18345");
    await press("Escape");
    expect(window_.getByRole("main", { name: "Duty" })).toBeTruthy();
    card(2).focus();
    await press("u");
    expect(words(document.querySelector("header h1"))).toContain("#18342");
  });

  test("Enter and O open it, and Esc leads back", async () => {
    const window_ = await open(going([incident()]));
    for (const key of ["Enter", "o"]) {
      card(2).focus();
      await press(key);
      expect(window_.getByRole("main", { name: "Incident" }), key).toBeTruthy();
      await press("Escape");
    }
    expect(window_.getByRole("main", { name: "Duty" })).toBeTruthy();
  });

  test("O means the page while a page is there, and the arrows lead on from it", async () => {
    const { host } = await open(going([incident()], { pages: [page()], sign: "page" }));
    await press("o");
    expect(host.asked.map((it) => it.what)).toEqual(["browse"]);
    await press("ArrowDown");
    expect(document.activeElement).toBe(card(2));
    await press("ArrowUp");
    expect(document.activeElement?.getAttribute("data-page")).toBe("Q1SSO");
  });

  test("nobody has decided: ask the IM", async () => {
    const window_ = await open(going([undecided()]));
    expect(words(card(4))).toContain("Not public yet");
    expect(words(card(4))).toContain("Ask the IM");
    await click(window_.getByRole("button", { name: "Not public" }));
    expect(words(card(4))).toContain("Not public, as you said");
    await click(window_.getByRole("button", { name: "Yes, tell the public" }));
    expect(window_.host.wishes).toEqual([
      { wish: "decide", incident: 4, yes: false },
      { wish: "decide", incident: 4, yes: true },
    ]);
    expect(words(card(4))).toContain("after the decision of");
  });

  test("an issue that left asks, and says how", async () => {
    const left = { since: at("09:31:00"), issue: "hidden" as const };
    const window_ = await open(
      going([overdue({ still_running: left, issue: { iid: 1, url: ISSUE, confidential: true, standing: "hidden" } })]),
    );
    expect(window_.getByTestId("still-running").textContent).toContain(
      "The issue, confidential now or moved, has not been seen since 09:31:00",
    );
    await click(window_.getByRole("button", { name: "Open" }));
    expect(window_.getByRole("region", { name: "People and links" }).textContent).toContain(
      "Issue not to be seen any more",
    );
  });

  test("what the issue says is shown, and corrected by hand", async () => {
    const window_ = await open(going([incident({ state: "mitigated" })]));
    await click(window_.getByRole("button", { name: "Open" }));
    expect(window_.getByTestId("issue-state").textContent).toBe("The issue says: Mitigated");
    await click(window_.getByRole("button", { name: /Correct…/ }));
    await click(window_.getByRole("radio", { name: "Active" }));
    await click(window_.getByRole("button", { name: "Save" }));
    expect(window_.host.wishes).toEqual([
      { wish: "correct", incident: 2, own: { ...incident().own, state: "active" } },
    ]);
  });

  test("still running, over, and taken up again", async () => {
    const window_ = await open(going([overdue({ still_running: { since: at("07:40:00"), issue: null } })]));
    await click(window_.getByRole("button", { name: "It is over" }));
    expect(document.querySelector("[data-incident]")).toBeNull();
    await click(window_.getByRole("button", { name: /Take up again/ }));
    expect(window_.host.wishes).toEqual([
      { wish: "end", incident: 1, yes: true },
      { wish: "end", incident: 1, yes: false },
    ]);
  });

  test("what was sent and is not seen says so, and can be answered for", async () => {
    const window_ = await open(
      going([
        incident({
          publishing: [
            {
              id: 7,
              stage: { kind: "reading_back", failures: 2, lacking: false, asks: false },
              asked_at: at("09:46:30"),
              text: text(),
            },
          ],
        }),
      ]),
    );
    expect(words(card(2))).toContain("2 tries without answer");
    await click(window_.getByRole("button", { name: "It is not there" }));
    expect(window_.host.wishes).toEqual([{ wish: "was_published", publication: 7, yes: false }]);
  });

  test("a first look that finds nothing says so; with a refused key the user is asked", async () => {
    const reading = (change: object) => [
      {
        id: 7,
        stage: { kind: "reading_back" as const, failures: 0, lacking: false, asks: false, ...change },
        asked_at: at("09:46:30"),
        text: text(),
      },
    ];
    const window_ = await open(going([incident({ publishing: reading({ lacking: true }) })]));
    expect(words(card(2))).toContain("looking once more");
    expect(window_.queryByRole("button", { name: "It is not there" })).toBeNull();
    await show(window_, going([incident({ publishing: reading({ asks: true }) })]));
    expect(words(card(2))).toContain("was it published?");
    await click(window_.getByRole("button", { name: "It is there" }));
    expect(window_.host.wishes).toEqual([{ wish: "was_published", publication: 7, yes: true }]);
  });

  test("what did not go out stands on the card, the incident and over the text, with the way to the draft", async () => {
    const failed = incident({
      compose: compose({ unsent: { at: at("09:46:40"), why: "no answer in time", overtaken: null } }),
    });
    const window_ = await open(going([failed]));
    const told = "Not published at 09:46:40: no answer in time. The draft is kept.";
    expect(words(card(2))).toContain(told);
    await click(within(card(2)).getByRole("button", { name: "Open" }));
    expect(words(window_.getByTestId("unsent"))).toContain(told);
    await click(within(window_.getByTestId("unsent")).getByRole("button", { name: "Open the draft" }));
    expect(window_.getByLabelText("Update")).toBeTruthy();
    expect(words(window_.getByTestId("unsent"))).toContain(told);
  });

  test("a draft that waits is offered again, but not one that is on its way or empty", async () => {
    const waits = incident({ compose: compose() });
    const window_ = await open(going([waits]));
    expect(words(card(2))).toContain("Draft from 09:47:31");
    expect(within(card(2)).getByRole("button", { name: /Go on writing/ })).toBeTruthy();
    const sending = { id: 7, stage: { kind: "sending" as const }, asked_at: at("09:46:30"), text: text() };
    for (const it of [
      { ...waits, publishing: [sending] },
      incident({ compose: compose({ text: text({ body: " " }) }) }),
      incident({ compose: compose({ saved_at: null }) }),
    ]) {
      await show(window_, going([it]));
      expect(words(card(2))).not.toContain("Draft from");
      expect(within(card(2)).getByRole("button", { name: /Write update/ })).toBeTruthy();
    }
  });

  test("a refusal stands on its card", async () => {
    const window_ = await open(going([undecided()]), {
      refuse: { decide: { code: "cannot_save", message: "Herald cannot save." } },
    });
    await click(window_.getByRole("button", { name: "Not public" }));
    expect(card(4).querySelector("[role=alert]")?.textContent).toBe("Herald cannot save.");
    expect(words(card(4))).toContain("Communicate?");
  });

  test("confidential says so, others' text stays text", async () => {
    await open(
      going([
        incident({ title: "<img src=x>", issue: { iid: 1, url: ISSUE, confidential: true, standing: "active" } }),
      ]),
    );
    expect(document.querySelector("main img")).toBeNull();
    expect(words(card(2))).toContain("Confidential issue");
  });

  test("every feed has its age", async () => {
    const { getByTestId } = await open(going([incident()]));
    expect(words(getByTestId("sources"))).toContain("PagerDuty 3 s GitLab 8 s Status page 5 s");
  });

  test("overdue interrupts, once", async () => {
    const window_ = await open(going([incident()]));
    await show(window_, going([incident({ clock: { ...incident().clock!, urgency: "over" } })]));
    expect(window_.getByTestId("voice-urgent").textContent).toContain("Update overdue: Pipelines");
  });

  test("the hotkey opens the composer", async () => {
    const window_ = await open(going([incident(), overdue()]), { screen: "settings" });
    window_.host.goTo({ page: null, close: false, incident: 2, compose: true });
    await settle();
    expect(document.activeElement?.tagName).toBe("TEXTAREA");
  });
});

describe("entering and correcting", () => {
  test("N opens the sheet; only the title is needed", async () => {
    const window_ = await open(going([]));
    await press("n");
    const sheet = window_.getByRole("dialog", { name: "Enter an incident" });
    await click(within(sheet).getByRole("button", { name: "Enter incident" }));
    expect(window_.host.wishes).toEqual([]);
    await fireEvent.input(within(sheet).getByLabelText("Title"), { target: { value: "Mail is late" } });
    await click(within(sheet).getByRole("radio", { name: "S2" }));
    await click(within(sheet).getByRole("button", { name: "Enter incident" }));
    expect(window_.host.wishes).toEqual([
      { wish: "open", own: { ...NO_OWN, title: "Mail is late", severity: "s2" }, page: null },
    ]);
    expect(document.querySelector("[role=dialog]")).toBeNull();
  });

  test("each value says where it comes from, and can be given back", async () => {
    const window_ = await open(going([incident({ own: { ...NO_OWN, im: "Mateo Silva" } })]), {
      place: { incident: 2, compose: false },
    });
    await press("e");
    const sheet = window_.getByRole("dialog", { name: "Correct by hand" });
    expect(words(sheet)).toContain("from the feed: S2");
    await click(within(sheet).getByRole("button", { name: "Give back to the feed: IM" }));
    await fireEvent.input(within(sheet).getByLabelText("EOC"), { target: { value: "Li Wei" } });
    await click(within(sheet).getByRole("button", { name: "Save" }));
    expect(window_.host.wishes).toEqual([{ wish: "correct", incident: 2, own: { ...NO_OWN, eoc: "Li Wei" } }]);
  });
});

describe("the incident's screen", () => {
  test("two clocks, each with its start; the timeline newest first", async () => {
    const window_ = await open(going([monitoring()]), { place: { incident: 3, compose: false } });
    expect(words(window_.getByTestId("clock-update"))).toContain("60 min after 09:29:48");
    expect(words(window_.getByTestId("clock-monitoring"))).toContain("30 min after 09:29:48");
    const times = [...window_.getByTestId("timeline").querySelectorAll("time")].map((it) => it.textContent);
    expect(times).toEqual(["09:35:51", "09:35:44", "09:21:02", "09:19:10", "09:18:03"]);
  });

  test("the promise in the text becomes the due time, and a move is explained", async () => {
    const window_ = await open(
      going([
        incident({
          promise_offer: { due: at("10:05:44"), words: "in 30 minutes" },
          moved: { at: at("09:40:00"), from: at("10:05:44"), why: "Severity S3 → S2" },
        }),
      ]),
      { place: { incident: 2, compose: false } },
    );
    expect(words(window_.getByTestId("moved"))).toContain("Severity S3 → S2");
    await click(window_.getByRole("button", { name: "Set clock" }));
    expect(window_.host.wishes).toEqual([{ wish: "promise", incident: 2, due_at: at("10:05:44") }]);
  });

  test("a promise whose time nobody can be sure of is set by hand", async () => {
    const window_ = await open(going([incident({ promise_unsure: "Next update by 3pm CST" })]), {
      place: { incident: 2, compose: false },
    });
    const ask = window_.getByTestId("promise-unsure");
    expect(words(ask)).toContain("Not sure when “Next update by 3pm CST” is");
    const button = within(ask).getByRole("button", { name: "Set clock" });
    expect(button.matches(":disabled")).toBe(true);
    await fireEvent.input(within(ask).getByLabelText("UTC"), { target: { value: "10:15" } });
    await click(button);
    expect(window_.host.wishes).toEqual([
      { wish: "promise", incident: 2, due_at: new Date(at("10:15:00")).toISOString() },
    ]);
  });

  test("links open, the channel is copied", async () => {
    const window_ = await open(going([incident()]), { place: { incident: 2, compose: false } });
    await click(window_.getByRole("button", { name: "Call" }));
    await click(window_.getByRole("button", { name: /Copy the channel/ }));
    expect(window_.host.asked).toEqual([
      { what: "browse", url: "https://calls.quillbrook.example/18342" },
      { what: "copy", text: "#inc-18342" },
    ]);
  });

  test("joins and separates", async () => {
    const window_ = await open(going([incident(), overdue()]), { place: { incident: 2, compose: false } });
    await click(window_.getByRole("button", { name: "Separate: Issue #18342" }));
    await click(window_.getByRole("button", { name: "Join with…" }));
    await click(window_.getByRole("button", { name: /Git pushes over SSH/ }));
    expect(window_.host.wishes).toEqual([
      { wish: "separate", incident: 2, part: { part: "issue", iid: 18342 } },
      { wish: "join", incident: 2, with: 1 },
    ]);
  });

  test("an incident that is over leads back to the list", async () => {
    const window_ = await open(going([incident()]), { place: { incident: 2, compose: false } });
    await show(window_, going([]));
    expect(window_.getByRole("main", { name: "Duty" })).toBeTruthy();
  });
});

describe("whether the last update is seen on the page", () => {
  const gone = {
    id: 9,
    title: "Mail is late",
    ended_at: at("09:02:11"),
    phase: "resolved" as const,
    leftover: [],
    left_to_do: 0,
    unsent: false,
  };

  test.each([
    [{ kind: "since", at: at("09:02:05") } as const, "live since 09:02:05"],
    [{ kind: "not_seen" } as const, "not seen on the page yet"],
    [{ kind: "unlisted" } as const, "no longer listed on the page, as what is resolved"],
  ])("%j is said of what is over, on the incident and while writing", async (live, says) => {
    const list = await open(going([], { ended: [{ ...gone, live }] }));
    expect(list.getByTestId("ended").textContent).toContain(says);
    list.unmount();
    const card = incident({ live });
    const looked = await open(going([card]), { place: { incident: card.id, compose: false } });
    expect(looked.getAllByTestId("live").map((it) => it.textContent)).toEqual([`Last update ${says}`, says]);
    looked.unmount();
    const writing = await open(going([card]), { place: { incident: card.id, compose: true } });
    expect(writing.getByTestId("live").textContent).toBe(`Last update ${says}`);
  });

  test("nothing is said where nobody looks", async () => {
    const window_ = await open(going([], { ended: [{ ...gone, live: null }] }));
    expect(window_.queryByTestId("live")).toBeNull();
  });
});
