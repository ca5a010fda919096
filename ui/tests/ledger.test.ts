// The ledger: both clocks, contact requests and their undo, maintenance and its guards, and that nothing typed is lost.
import axe from "axe-core";
import { fireEvent, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { STATES } from "../src/host/gallery";
import { guard } from "../src/ledger/words";
import { contact, keeping, maintenance, offer } from "../src/host/pretend-ledger";
import { at, NOW } from "../src/host/pretend-views";
import { instant, read, stamp, zoneName } from "../src/ledger/when";
import { click, open, type Opened, press, settle } from "./open";

const ms = (time: string) => Date.parse(time);
const ledger = (change: Parameters<typeof keeping>[0] = {}): Promise<Opened> =>
  open(keeping(change), { screen: "ledger" });
const dialog = () => within(document.querySelector<HTMLElement>("[data-sheet]")!);

async function type(name: string, text: string): Promise<void> {
  const field = document.querySelector<HTMLInputElement>(`[data-sheet] [name="${name}"]`)!;
  await fireEvent.input(field, { target: { value: text } });
  await settle();
}

describe("dates", () => {
  test.each([
    ["2026-05-16T09:00:00Z", "Europe/Prague", "16-05-2026 11:00"],
    ["2026-03-29T00:59:00Z", "Europe/Prague", "29-03-2026 01:59"],
    ["2026-03-29T01:00:00Z", "Europe/Prague", "29-03-2026 03:00"],
    ["2026-10-25T01:30:00Z", "Europe/Prague", "25-10-2026 02:30"],
    ["2026-12-31T23:30:00Z", "Pacific/Auckland", "01-01-2027 12:30"],
    ["2026-01-01T05:00:00Z", "Pacific/Honolulu", "31-12-2025 19:00"],
    ["2028-02-28T20:00:00Z", "Asia/Tokyo", "29-02-2028 05:00"],
    ["2026-05-16T00:00:00Z", "Asia/Kathmandu", "16-05-2026 05:45"],
    ["2026-05-16T00:00:00Z", "UTC", "16-05-2026 00:00"],
  ])("%s in %s is %s, and is read back", (time, zone, expected) => {
    expect(stamp(ms(time), zone)).toBe(expected);
    if (expected !== "25-10-2026 02:30") expect(instant(expected, zone)).toBe(ms(time));
  });

  test.each([
    ["16-05-2026 09:00", "UTC", { at: ms("2026-05-16T09:00:00Z"), twice: false }],
    [" 6.5.2026, 9:05 ", "UTC", { at: ms("2026-05-06T09:05:00Z"), twice: false }],
    ["29-02-2028 23:00", "UTC", { at: ms("2028-02-29T23:00:00Z"), twice: false }],
    ["29-02-2027 23:00", "UTC", { wrong: "There is no such day or time" }],
    ["05-16-2026 09:00", "UTC", { wrong: "There is no such day or time" }],
    ["16-05-2026 24:00", "UTC", { wrong: "There is no such day or time" }],
    ["2026-05-16 09:00", "UTC", { wrong: "Day-month-year and time: 16-05-2026 09:00" }],
    ["", "UTC", { wrong: "Day-month-year and time: 16-05-2026 09:00" }],
    ["29-03-2026 02:30", "Europe/Prague", { wrong: "Clocks go forward then: this time does not exist here" }],
    ["25-10-2026 02:30", "Europe/Prague", { at: ms("2026-10-25T00:30:00Z"), twice: true }],
    ["01-01-2027 12:30", "Pacific/Auckland", { at: ms("2026-12-31T23:30:00Z"), twice: false }],
    ["04-10-2026 02:15", "Australia/Lord_Howe", { wrong: "Clocks go forward then: this time does not exist here" }],
  ])("%j by the clocks of %s", (typed, zone, expected) => expect(read(typed, zone)).toEqual(expected));

  test("zones have names", () =>
    expect([
      zoneName(ms("2026-05-16T09:00:00Z"), "UTC"),
      zoneName(ms("2026-05-16T09:00:00Z"), "Europe/London"),
    ]).toEqual(["UTC", "BST"]));
});

describe("the screen", () => {
  beforeEach(() => void vi.useFakeTimers({ now: Date.parse(NOW), toFake: ["setTimeout", "clearTimeout", "Date"] }));
  afterEach(() => void vi.useRealTimers());

  test("Ctrl 2 opens it, and an empty one says what to do", async () => {
    const { getByRole } = await open(keeping({}));
    await press("2", { ctrlKey: true, code: "Digit2" });
    expect(getByRole("main", { name: "Ledger" }).textContent).toContain("Note here who asked");
  });

  test("a contact request is entered by keyboard alone, and what is missing is said", async () => {
    const { host } = await ledger();
    await press("n");
    await fireEvent.submit(document.querySelector("[data-testid=contact-sheet]")!);
    await settle();
    expect(dialog().getByText("Say who asked")).toBeTruthy();
    await type("asked_by", "Dana Okafor");
    await type("what", "Tell users");
    await type("ticket", "javascript:x");
    await press("Enter", { ctrlKey: true });
    await fireEvent.submit(document.querySelector("[data-testid=contact-sheet]")!);
    await settle();
    expect([dialog().getByText("A link begins with https://"), host.ledgerWishes]).toEqual([expect.anything(), []]);
    await type("ticket", "");
    await fireEvent.submit(document.querySelector("[data-testid=contact-sheet]")!);
    await settle();
    expect(host.ledgerWishes).toEqual([
      { wish: "add_contact", contact: { asked_by: "Dana Okafor", what: "Tell users", ticket: null, owner: null } },
    ]);
    expect(document.querySelector("[data-sheet]")).toBeNull();
  });

  test("what is typed survives closing the sheet, until it is saved or discarded", async () => {
    const { host } = await ledger();
    await press("n");
    await type("what", "half a sente");
    await press("Escape");
    expect(JSON.parse(host.view.ledger.kept["contact/new"]!)).toMatchObject({ what: "half a sente" });
    await press("n");
    expect(document.querySelector<HTMLTextAreaElement>("[data-sheet] [name=what]")!.value).toBe("half a sente");
    await click(dialog().getByRole("button", { name: "Discard" }));
    expect(host.view.ledger.kept).toEqual({});
  });

  test("a state is set with the arrows and taken back", async () => {
    const { host, getByRole } = await ledger({ contacts: [contact()] });
    getByRole("radio", { name: "Open" }).focus();
    await press("ArrowRight");
    expect(host.ledgerWishes.at(-1)).toEqual({ wish: "move_contact", id: 1, to: "done" });
    await click(getByRole("button", { name: /^Take the last change back/ }));
    expect([host.ledgerWishes.at(-1), host.view.ledger.contacts[0]?.contact.state]).toEqual([
      { wish: "undo_contact", id: 1 },
      "open",
    ]);
  });

  test("a maintenance is typed by either clock and saved in UTC", async () => {
    const { host } = await ledger();
    await press("m");
    await type("title", "Database move");
    await click(dialog().getByRole("radio", { name: /^My clock/ }));
    await type("starts", "16-05-2026 11:00");
    expect(dialog().getByText(/16-05-2026 09:00 UTC/)).toBeTruthy();
    await click(dialog().getByRole("radio", { name: "UTC" }));
    expect(document.querySelector<HTMLInputElement>("[data-sheet] [name=starts]")!.value).toBe("16-05-2026 09:00");
    await type("ends", "16-05-2026 08:00");
    await fireEvent.submit(document.querySelector("[data-testid=plan-sheet]")!);
    await settle();
    expect([dialog().getByText("It would end before it begins"), host.ledgerWishes]).toEqual([expect.anything(), []]);
    await type("ends", "16-05-2026 11:30");
    await fireEvent.submit(document.querySelector("[data-testid=plan-sheet]")!);
    await settle();
    expect(host.ledgerWishes[0]).toMatchObject({
      wish: "add_maintenance",
      plan: { starts_at: "2026-05-16T09:00:00.000Z", ends_at: "2026-05-16T11:30:00.000Z", automation: true },
    });
  });

  test("another time of what is on the page says what the page cannot do", async () => {
    await ledger({ maintenances: [maintenance({ automation: false })] });
    await click(document.querySelector<HTMLElement>('[aria-label="Correct: Database move"]')!);
    expect(dialog().getByText("Off for good: it cannot be turned on again.")).toBeTruthy();
    await type("starts", "17-05-2026 09:00");
    await type("ends", "17-05-2026 10:00");
    expect(dialog().getByText("The status page cannot move it")).toBeTruthy();
  });

  test("automation goes off only after it was said what that means", async () => {
    const { host, getByRole } = await ledger({ maintenances: [maintenance()] });
    await click(getByRole("button", { name: "Automation off…" }));
    expect([dialog().getByText(/cannot be turned on again/), host.ledgerWishes]).toEqual([expect.anything(), []]);
    expect(document.activeElement?.textContent).toContain("Cancel");
    await click(dialog().getByRole("button", { name: "It is off, for good" }));
    expect(host.ledgerWishes).toEqual([{ wish: "by_hand", id: 1, deed: "automation_off" }]);
    expect(document.querySelector("[data-sheet]")).toBeNull();
  });

  test("an e-mail beside the page's reminders wants a second yes", async () => {
    const begun = maintenance({ automation: false, started_at: at("09:05:00"), starts_at: at("09:00:00") });
    const { host, getByRole } = await ledger({ maintenances: [begun] });
    await click(getByRole("button", { name: "Update…" }));
    await type("text", "Half of it is done.");
    await click(dialog().getByRole("button", { name: "e-mail" }));
    await fireEvent.submit(document.querySelector("[data-testid=tell-sheet]")!);
    await settle();
    expect([dialog().getByRole("alert").textContent, host.ledgerWishes]).toEqual([
      "Leave e-mail out, or confirm that both go out",
      [],
    ]);
    await click(dialog().getByRole("checkbox"));
    await fireEvent.submit(document.querySelector("[data-testid=tell-sheet]")!);
    await settle();
    expect(host.ledgerWishes).toEqual([
      { wish: "tell", id: 1, tell: "update", text: "Half of it is done.", muted: [], mails_twice: true },
    ]);
  });

  test("a refused update keeps its text and says why", async () => {
    const begun = maintenance({ automation: false, started_at: at("09:05:00"), starts_at: at("09:00:00") });
    const { host, getByRole } = await ledger({ maintenances: [begun] });
    host.refuse = { tell: { code: "shadow_publish", message: "Shadow mode: Herald publishes nothing." } };
    await click(getByRole("button", { name: "Update…" }));
    await type("text", "Half of it is done.");
    await fireEvent.submit(document.querySelector("[data-testid=tell-sheet]")!);
    await settle();
    expect(dialog().getByRole("alert").textContent).toContain("Shadow mode");
    expect(host.view.ledger.kept["tell/1/update"]).toContain("Half of it is done.");
  });

  test("amplification is offered once and says who did it", async () => {
    const { host, getByRole, queryByRole, getByText } = await ledger({ maintenances: [maintenance()] });
    await click(getByRole("button", { name: "Amplify…" }));
    expect(dialog().getByText(/13-05-2026, in the middle of the week before/)).toBeTruthy();
    await type("linked_by", "Jonas Weber");
    await click(dialog().getByRole("button", { name: "It was linked" }));
    expect(host.ledgerWishes).toEqual([{ wish: "amplified", id: 1, by: "Jonas Weber" }]);
    expect([queryByRole("button", { name: "Amplify…" }), getByText(/by Jonas Weber/)]).toEqual([
      null,
      expect.anything(),
    ]);
  });

  test("a reminder leads here and is answered", async () => {
    const up = maintenance({}, { reminder: { at: at("09:00:00"), kind: "ahead", target: at("10:00:00") } });
    const { host, getByRole } = await open(keeping({ maintenances: [up] }));
    host.goTo({ page: null, close: false, incident: null, compose: false, maintenance: 1 });
    await settle();
    expect(document.activeElement?.getAttribute("data-maintenance")).toBe("1");
    await click(getByRole("button", { name: "Got it: Database move" }));
    expect(host.ledgerWishes).toEqual([{ wish: "seen", id: 1, at: at("09:00:00") }]);
  });
});

describe("words out of an issue", () => {
  beforeEach(() => void vi.useFakeTimers({ now: Date.parse(NOW), toFake: ["setTimeout", "clearTimeout", "Date"] }));
  afterEach(() => void vi.useRealTimers());

  const LINK = "https://tracker.example/ops/-/issues/19001";
  const field = (name: string) => document.querySelector<HTMLInputElement>(`[data-sheet] [name="${name}"]`)!.value;
  const take = () => dialog().getByRole("button", { name: "Take title and text from the issue" });

  test("they are offered for a link, taken, undone and brought back without losing what was typed", async () => {
    const { host } = await ledger();
    await press("m");
    expect(dialog().queryByTestId("issue-words")).toBeNull();
    await type("title", "My own words");
    await type("issue", LINK);
    await click(take());
    expect(host.asked.at(-1)).toEqual({ what: "issueWords", link: LINK });
    expect([field("title"), field("details")]).toEqual([
      "Move the database of accounts",
      "Sign-in may be slow for up to an hour.",
    ]);
    await type("details", "Sign-in may be slow.");
    await click(dialog().getByRole("button", { name: "Undo" }));
    expect([field("title"), field("details")]).toEqual(["My own words", ""]);
    await press("Escape");
    await press("m");
    expect(field("title"), "also after the sheet was closed").toBe("My own words");
    await click(dialog().getByRole("button", { name: "The issue's again" }));
    expect([field("title"), field("details")]).toEqual(["Move the database of accounts", "Sign-in may be slow."]);
  });

  test("what is confidential is not taken without a second word, and stays marked", async () => {
    const { host } = await ledger();
    host.issue = { ...host.issue, confidential: true };
    await press("m");
    await type("issue", LINK);
    await click(take());
    expect([field("title"), dialog().getByRole("alert").textContent]).toEqual([
      "",
      expect.stringContaining("must not become public"),
    ]);
    expect(document.activeElement?.textContent).toContain("Leave it");
    await click(dialog().getByRole("button", { name: "Leave it" }));
    expect(document.activeElement, "the focus stays in the sheet").toBe(take());
    expect(field("title")).toBe("");
    await click(take());
    await click(dialog().getByRole("button", { name: "Take them, I write them anew" }));
    expect([field("title"), dialog().getByText(/Taken from a confidential issue/)]).toEqual([
      "Move the database of accounts",
      expect.anything(),
    ]);
  });

  test("a failure is said, and nothing typed is touched", async () => {
    const { host } = await ledger();
    host.refuse = { issueWords: { code: "failed", message: "The tracker shows no such issue. Check the link." } };
    await press("m");
    await type("title", "My own words");
    await type("issue", LINK);
    await click(take());
    expect([dialog().getByRole("alert").textContent, field("title")]).toEqual([
      expect.stringContaining("no such issue"),
      "My own words",
    ]);
    await type("issue", "javascript:x");
    expect(dialog().queryByTestId("issue-words")).toBeNull();
  });

  test("an answer to another link is dropped", async () => {
    const { host } = await ledger();
    let answer = (): void => undefined;
    host.issueWords = () => new Promise((resolve) => (answer = () => resolve(host.issue)));
    await press("m");
    await type("issue", LINK);
    await click(take());
    await type("issue", `${LINK}2`);
    answer();
    await settle();
    expect(field("title")).toBe("");
  });
});

describe("what only the page knows", () => {
  const later = offer({
    post: "m8",
    title: "Storage firmware",
    starts_at: "2026-05-10T09:00:00Z",
    ends_at: "2026-05-10T10:00:00Z",
  });

  test("is one key away", async () => {
    const { host, queryByText, getByRole } = await ledger({ offers: [offer(), later] });
    await press("a");
    expect(host.ledgerWishes).toEqual([{ wish: "adopt", post: "m7" }]);
    await click(getByRole("button", { name: "Not mine: Storage firmware" }));
    expect(host.ledgerWishes.at(-1)).toEqual({ wish: "not_mine", post: "m8" });
    expect(queryByText(/not in your ledger/)).toBeNull();
    await press("a");
    expect(host.ledgerWishes.length, "nothing is left to add").toBe(2);
  });

  test("another time on the page is told and taken over", async () => {
    const moved = maintenance({}, { moved_to: ["2026-05-17T09:00:00Z", "2026-05-17T11:30:00Z"] });
    const { host, getByRole, getByTestId } = await ledger({ maintenances: [moved] });
    expect(getByTestId("moved").textContent).toContain("17-05-2026 09:00 UTC to 17-05-2026 11:30 UTC");
    await click(getByRole("button", { name: "Take the page's time over: Database move" }));
    const { title, details, issue_url, components, automation, reminds } = moved.it;
    const plan = {
      title,
      details,
      issue_url,
      components,
      automation,
      reminds,
      starts_at: "2026-05-17T09:00:00Z",
      ends_at: "2026-05-17T11:30:00Z",
    };
    expect(host.ledgerWishes).toEqual([{ wish: "edit_maintenance", id: 1, plan }]);
  });

  test("is pointed at from other screens", async () => {
    const { getByRole, queryByRole, host } = await open(keeping({ offers: [offer()] }));
    expect(getByRole("button", { name: /status page lists a maintenance that is not here/ })).toBeTruthy();
    host.show(keeping({}));
    await settle();
    expect(queryByRole("button", { name: /lists a maintenance/ })).toBeNull();
  });

  test("says why it could not be added", async () => {
    const { host, getByRole, getByText } = await ledger({ offers: [offer()] });
    host.refuse = { adopt: { code: "no_such_entry", message: "This entry is not open here any more. Look again." } };
    await click(getByRole("button", { name: "Add: Search index rebuild" }));
    expect(getByText(/Look again/)).toBeTruthy();
  });
});

describe("words fit the page", () => {
  test.each(["status_io", "statuspage", "rss"] as const)("%s", (page) => {
    const view = keeping({ page, flexible: page === "statuspage" }).ledger;
    const said = (["scheduled", "automation_off", "started", "updated", "finished"] as const).flatMap((deed) =>
      [maintenance(), maintenance({ automation: false, started_at: at("09:00:00") })].map((card) =>
        guard(deed, card, view),
      ),
    );
    const words = said.flatMap(({ title, means, steps, confirm }) => [title, means, confirm, ...steps]).join(" ");
    expect([
      words.includes("for good"),
      words.includes("New maintenance"),
      words.includes("cannot be turned on again"),
    ]).toEqual(page === "statuspage" ? [false, false, false] : [true, page === "status_io", true]);
    expect(words).not.toMatch(/Status\.io/);
  });

  test("a page that can be changed takes a hand while automation is on, and may turn it on again", async () => {
    const flexible = { page: "statuspage", flexible: true } as const;
    const { getByRole } = await ledger({
      ...flexible,
      maintenances: [maintenance({ automation: false }, { tell: { start: null, update: null, finish: null } })],
    });
    await click(getByRole("button", { name: "Correct: Database move" }));
    expect(dialog().queryByText(/Off for good/)).toBeNull();
    await type("starts", "17-05-2026 09:00");
    await type("ends", "17-05-2026 10:00");
    expect([
      dialog().getByText("Change its time on the page, too"),
      dialog().queryByText("The status page cannot move it"),
    ]).toEqual([expect.anything(), null]);
  });

  test("Statuspage tells subscribers, or nobody", async () => {
    const { getByRole, host } = await ledger({
      page: "statuspage",
      flexible: true,
      maintenances: [maintenance({}, { tell: { start: null, update: null, finish: null } })],
    });
    await click(getByRole("button", { name: "Update without starting…" }));
    expect(dialog().getByRole("group").textContent).toMatch(/Tells\s*subscribers$/);
    await click(dialog().getByRole("button", { name: "subscribers" }));
    await type("text", "It begins as planned.");
    await fireEvent.submit(document.querySelector("[data-testid=tell-sheet]")!);
    await settle();
    expect([dialog().getByRole("alert").textContent, host.ledgerWishes]).toEqual([
      "Leave subscribers out, or confirm that both go out",
      [],
    ]);
  });

  test.each([
    ["its end is not over, and the feed shows it", { listed: true }, false],
    ["the feed does not show it", { listed: false }, true],
    ["its end is over, whatever the feed shows", { listed: true, ends_at: at("09:30:00") }, true],
  ])("“It is over…”: %s", async (_, change, offered) => {
    const begun = maintenance({ starts_at: at("09:00:00"), ends_at: at("23:00:00"), ...change });
    const { queryByRole } = await ledger({ maintenances: [begun] });
    expect(queryByRole("button", { name: "It is over…" }) !== null).toBe(offered);
  });
});

test.each([
  ["ledger", /^Contact request/],
  ["ledger", /^Maintenance/],
  ["ledger", /^Update…/],
  ["ledger", "Automation off…"],
  ["ledger", /^Schedule on the page/],
  ["ledger", "Call off: Database move"],
  ["ledger-kept", /^Contact request/],
  ["ledger-plan", /^Maintenance/],
  ["ledger-statuspage", "Automation off…"],
  ["ledger-by-hand", /^I scheduled it/],
])("axe: a sheet of %s, %s", async (name, button) => {
  document.documentElement.lang = "en";
  document.title = "Herald";
  const state = STATES[name]!;
  const { getAllByRole } = await open(state.view(), state);
  await click(getAllByRole("button", { name: button })[0]!);
  expect(document.querySelector("[data-sheet]")).not.toBeNull();
  const result = await axe.run(document, {
    resultTypes: ["violations"],
    rules: { "color-contrast": { enabled: false } },
  });
  expect(result.violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.html).join(" ")}`)).toEqual(
    [],
  );
});
