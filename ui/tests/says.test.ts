// What the Duty screen says: when it cannot see, when all is quiet, and what else its user has to know.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { blind, disconnected, left, NOW, page, paged, quiet } from "../src/host/pretend-views";
import { cardOf, click, open, press, show } from "./open";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse(NOW), toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

describe("not seeing", () => {
  test("blind says since when, why, what was true then, and what to do", async () => {
    const window_ = await open(blind());
    const words = window_.getByTestId("blind").textContent?.replace(/\s+/g, " ");
    for (const said of [
      "Cannot see pages",
      "01:20",
      "09:46:12 UTC, no open page then",
      "No answer in time, 4 tries in a row",
      "in 7 s",
      "Keep your phone in reach.",
    ])
      expect(words).toContain(said);
    expect(window_.getByTestId("unknown").textContent).toContain("That is not “none now”");
    expect(window_.queryByTestId("quiet")).toBeNull();
    await press("r");
    await press("q");
    expect(window_.host.commands).toEqual([
      { do: "poll_now" },
      { do: "quiet", alarm: { about: "blind", source: "pager_duty" } },
    ]);
  });

  test("Q means the page when there is one", async () => {
    const { host } = await open(blind({ pages: [page()], sign: "page" }));
    await press("q");
    expect(host.commands).toEqual([{ do: "quiet", alarm: page().alarm?.key }]);
  });

  test("old answers are never drawn as fine, blind or not yet", async () => {
    for (const view of [
      blind({}, { blind: false, alarm: null }),
      blind({}, { blind: false, fault: null, alarm: null, last_good_at: null }),
    ]) {
      const { queryByTestId, getByTestId, unmount } = await open(view);
      expect(queryByTestId("quiet")).toBeNull();
      expect(getByTestId("unknown")).toBeTruthy();
      unmount();
    }
  });

  test("known pages carry the time at which they were known", async () => {
    const { getByTestId } = await open(blind({ pages: [page()], sign: "page" }));
    expect(getByTestId("old").textContent).toContain("As at 09:46:12 UTC");
    expect(cardOf("Q1SSO")).toBeTruthy();
  });

  test("a refused key leads to signing in again", async () => {
    const window_ = await open(blind({}, { key_refused: true }));
    expect(window_.getByRole("button", { name: "Try now" }), "the refusal may be over").toBeTruthy();
    await click(window_.getByRole("button", { name: "Sign in again" }));
    expect(document.activeElement).toBe(window_.getByLabelText("API key"));
  });
});

describe("what else the screen says", () => {
  test("all quiet comes with its evidence", async () => {
    const { getByTestId, container } = await open(quiet());
    expect(getByTestId("quiet").textContent).toContain("All quiet, and listening");
    expect(getByTestId("source-age").textContent).toBe("3 s ago");
    expect(container.textContent).toContain("seen and heard at 07:01 UTC");
    expect(container.textContent?.replace(/\s+/g, " ")).toContain("5 h 13 min left");
  });

  test("something unreadable is not all quiet", async () => {
    const { getByTestId } = await open(quiet({ source: { ...quiet().source, skipped: 1 } }));
    expect(getByTestId("quiet").textContent).not.toContain("All quiet");
    expect(getByTestId("banner-skipped").textContent).toContain("1 page could not be read");
  });

  test("a store that cannot save explains the button that is not there", async () => {
    const { getByTestId, queryByRole } = await open(
      paged([page({ may: { acknowledge: false, close: false, answer_here: false, quiet: true } })], {
        store_fault: "disk full",
      }),
    );
    expect(getByTestId("banner-store").textContent).toContain("disk full");
    expect(queryByRole("button", { name: "Acknowledge" })).toBeNull();
    expect(cardOf("Q1SSO").textContent).toContain("Herald cannot save");
  });

  test("dead channels are named with their reason, folded while a page calls", async () => {
    const channels = [{ channel: "sound" as const, health: { kind: "dead" as const, reason: "No sound device." } }];
    const window_ = await open(quiet({ channels }));
    expect(window_.getByTestId("banner-dead-sound").hasAttribute("open")).toBe(true);
    await show(window_, paged([page()], { channels }));
    expect(window_.getByTestId("banner-dead-sound").hasAttribute("open")).toBe(false);
  });

  test("pages that left say why", async () => {
    const { getByTestId } = await open(
      quiet({
        left: [left(), left({ id: "X", why: { kind: "moved_on", to: ["Priya Nair", "Li Wei"] }, taken_by: null })],
      }),
    );
    const words = getByTestId("left").textContent?.replace(/\s+/g, " ");
    expect(words).toContain("Page closed at 09:12:09 UTC, taken by Jonas Weber");
    expect(words).toContain("Moved on to Priya Nair and Li Wei");
  });

  test("where nothing can be saved, every screen says so, and what Herald took in counts as done", async () => {
    const unsaved = { code: "not_saved_yet", message: "The disk has not taken it." };
    const window_ = await open(quiet({ store_fault: "No space is left on the disk" }), { refuse: { set: unsaved } });
    for (const number of [1, 2, 3, 4, 5]) {
      await press(String(number), { ctrlKey: true });
      expect(window_.getAllByTestId("banner-store").length, `screen ${number}`).toBe(1);
    }
    await click(window_.getByRole("radio", { name: "Dark" }));
    expect(document.body.textContent, "it is true already").not.toContain(unsaved.message);
  });

  test("a new page is announced at once", async () => {
    const window_ = await open(quiet());
    expect(window_.getByTestId("voice-urgent").textContent).toBe("");
    await show(window_, paged([page()]));
    expect(window_.getByTestId("voice-urgent").textContent).toContain("New page: Sign-in fails");
  });

  test("others' text is text, apart from ours and whole", async () => {
    const title = '<img src=x onerror="alert(1)"> \u202egnp.exe';
    const { container } = await open(paged([page({ title })]));
    expect(container.querySelector("img")).toBeNull();
    expect(container.querySelector("h2 bdi")?.textContent).toBe(title);
  });

  test("a Herald that does not answer says so", async () => {
    await open(quiet(), { refuse: { hello: { code: "unknown", message: "Not ready." } } });
    expect(document.querySelector("main [role=alert]")?.textContent).toBe("Not ready.");
    expect(document.body.textContent).toContain("This window cannot reach Herald");
  });

  test("nothing connected is the first run, with Settings in reach", async () => {
    const window_ = await open(disconnected());
    expect(window_.getByTestId("first-run")).toBeTruthy();
    await press("5", { ctrlKey: true });
    expect(window_.getByRole("main", { name: "Settings" })).toBeTruthy();
    await press("1", { ctrlKey: true });
    expect(window_.getByTestId("first-run")).toBeTruthy();
  });
});
