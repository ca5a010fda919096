// The past: searched with filters, opened with its timeline, used again, measured and exported.
import { fireEvent, within } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import axe from "axe-core";
import { going, incident } from "../src/host/pretend-incidents";
import { NO_HISTORY, HISTORY, row } from "../src/host/pretend-history";
import { NOW, quiet } from "../src/host/pretend-views";
import { charted, met, value } from "../src/history/words";
import { click, open, press, settle, type Opened } from "./open";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse(NOW), toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

const past = (with_: Parameters<typeof open>[1] = {}, view = quiet()) => open(view, { screen: "history", ...with_ });
const field = (window_: Opened) => window_.getByLabelText("Search the past") as HTMLInputElement;
const lines = (window_: Opened) => within(window_.getByTestId("found")).getAllByRole("button");
const queries = ({ host }: Opened) => host.asked.flatMap((it) => (it.what === "searchHistory" ? [it.query] : []));
async function find(window_: Opened, words: string) {
  await fireEvent.input(field(window_), { target: { value: words } });
  await vi.advanceTimersByTimeAsync(150);
  await settle();
}
async function choose(select: HTMLElement, to: string) {
  await fireEvent.change(select, { target: { value: to } });
  await settle();
}

test("Ctrl 4 opens it on the newest, and / goes to the field", async () => {
  const window_ = await open(quiet());
  await press("4", { ctrlKey: true });
  expect(lines(window_).length).toBe(5);
  await press("/");
  expect(document.activeElement).toBe(field(window_));
  await find(window_, "certificate");
  expect(lines(window_).length).toBe(3);
  await press("Escape");
  await settle();
  expect(lines(window_).length).toBe(5);
});

test("every filter narrows the search", async () => {
  const window_ = await past();
  await click(window_.getByRole("radio", { name: "Updates" }));
  await choose(window_.getByLabelText("Severity"), "s2");
  await choose(window_.getByLabelText("State"), "resolved");
  await click(window_.getByRole("button", { name: "Mine" }));
  await click(window_.getByRole("button", { name: "Best first" }));
  await choose(window_.getByLabelText("From"), "2026-04-14");
  await choose(window_.getByLabelText("to"), "2026-04-14");
  expect(queries(window_).at(-1)).toEqual({
    words: "",
    kind: "update",
    severity: "s2",
    phase: "resolved",
    mine: true,
    best_first: true,
    from: "2026-04-14T00:00:00.000Z",
    to: "2026-04-15T00:00:00.000Z",
    offset: 0,
  });
  expect(lines(window_).length).toBe(1);
  await choose(window_.getByLabelText("Severity"), "s4");
  expect(window_.getByTestId("nothing-found").textContent).toContain("Take a filter away");
});

test("a long list comes page by page", async () => {
  const window_ = await past({
    history: { ...HISTORY, rows: Array.from({ length: 70 }, (_, nth) => row({ title: `Incident ${nth}` })) },
  });
  expect(lines(window_).length).toBe(50);
  await click(window_.getByRole("button", { name: "Show more" }));
  expect(lines(window_).length).toBe(70);
  expect(queries(window_).at(-1)?.offset).toBe(50);
  expect(window_.queryByRole("button", { name: "Show more" })).toBeNull();
});

test("an older answer never replaces a newer one", async () => {
  const window_ = await past();
  const answers: ((title: string) => void)[] = [];
  window_.host.searchHistory = () =>
    new Promise((answer) => answers.push((title) => answer({ rows: [row({ title })], more: false })));
  await find(window_, "one");
  await find(window_, "two");
  answers[1]!("newer");
  await settle();
  answers[0]!("older");
  await settle();
  expect(lines(window_).map((line) => line.textContent)).toEqual([expect.stringContaining("newer")]);
});

test("arrows go through the list; Enter opens, Esc leads back to the line", async () => {
  const window_ = await past();
  await press("/");
  await press("ArrowDown");
  await press("ArrowDown");
  expect(document.activeElement).toBe(lines(window_)[1]);
  await click(lines(window_)[1]!);
  const line = within(window_.getByTestId("past-line"));
  expect(line.getAllByRole("listitem").length).toBe(5);
  expect(line.getByText("1 min late")).toBeTruthy();
  expect(line.getByText("in time")).toBeTruthy();
  expect(line.getByText(/acknowledged after 2 min 20 s/)).toBeTruthy();
  await press("Escape");
  await settle();
  expect(document.activeElement).toBe(lines(window_)[1]);
});

test("a page tells how it went, and leads to its incident", async () => {
  const window_ = await past();
  await click(lines(window_)[3]!);
  expect(window_.getByText("after 2 min 20 s, by Elena Marek")).toBeTruthy();
  await click(window_.getByRole("button", { name: "Container registry refuses pushes" }));
  expect(window_.getByTestId("past-line")).toBeTruthy();
});

test("what is no longer kept is said", async () => {
  const window_ = await past();
  await click(lines(window_)[4]!);
  expect(within(window_.getByRole("main")).getByRole("alert").textContent).toBe("That is no longer kept.");
});

test("a text is copied, or goes into the update that is being written, after what is there", async () => {
  const window_ = await past({}, going([incident()]));
  await click(lines(window_)[1]!);
  await click(window_.getAllByRole("button", { name: "Copy" })[0]!);
  expect(window_.host.asked).toContainEqual({ what: "copy", text: row().text });
  const typed = incident().compose.text.body;
  await click(window_.getAllByRole("button", { name: "Use this text" })[0]!);
  await settle();
  expect(window_.host.wishes).toMatchObject([
    { wish: "write", incident: 2, text: { body: `${typed}\n\n${row().text}`, title: incident().compose.text.title } },
  ]);
  expect(document.querySelector<HTMLTextAreaElement>("textarea")?.value).toContain(row().text);
});

test("with several incidents the text asks where to; with none there is only the clipboard", async () => {
  const several = await past({}, going([incident(), incident({ id: 7, title: "Mail is late" })]));
  await click(lines(several)[1]!);
  await click(several.getAllByRole("button", { name: "Use this text…" })[0]!);
  await click(
    within(several.getByRole("list", { name: "Use this text for" })).getByRole("button", { name: "Mail is late" }),
  );
  await settle();
  expect(several.host.wishes).toMatchObject([{ wish: "write", incident: 7 }]);
  several.unmount();
  const none = await past();
  await click(lines(none)[1]!);
  expect(none.queryByRole("button", { name: /Use this text/ })).toBeNull();
});

test("figures say their number, their target and whether it is met, and open their list", async () => {
  const window_ = await past({ spot: "figures" });
  const figures = within(window_.getByTestId("figures")).getAllByRole("button");
  expect(figures.length).toBe(6);
  expect(figures[0]!.textContent).toContain("8 of 8");
  expect(figures[1]!.textContent).toContain("17 of 18");
  expect(figures[1]!.textContent).toContain("Not met, 1 open");
  expect(figures[4]!.textContent).toContain("nothing counts here");
  await click(figures[1]!);
  const behind = within(window_.getByTestId("behind"));
  expect(behind.getAllByRole("listitem").length).toBe(19);
  expect(behind.getByText("missed, 31 min of 30 min")).toBeTruthy();
  await click(behind.getAllByRole("button", { name: /^Open / })[0]!);
  expect(window_.getByTestId("past-line")).toBeTruthy();
});

test("each range asks for its time", async () => {
  const window_ = await past({ spot: "figures" });
  await click(window_.getByRole("radio", { name: "This shift" }));
  await click(window_.getByRole("radio", { name: "Last quarter" }));
  await click(window_.getByRole("radio", { name: "Any time" }));
  expect(window_.getByText("Choose the first and the last day.")).toBeTruthy();
  await choose(window_.getByLabelText("From"), "2026-01-01");
  await choose(window_.getByLabelText("to"), "2026-01-31");
  const asked = window_.host.asked.flatMap((it) => (it.what === "kpis" ? [it.ask] : []));
  expect(asked).toEqual([
    { range: "this_quarter" },
    { range: "shift" },
    { range: "last_quarter" },
    { range: "between", from: "2026-01-01T00:00:00.000Z", to: "2026-02-01T00:00:00.000Z" },
  ]);
});

test("no shift, and figures that cannot be read, are two things", async () => {
  const window_ = await past({ spot: "figures", history: NO_HISTORY });
  expect(window_.getByTestId("no-shift")).toBeTruthy();
  window_.host.refuse = { kpis: { code: "failed", message: "The past cannot be read." } };
  await click(window_.getByRole("radio", { name: "Last quarter" }));
  expect(within(window_.getByRole("main")).getByRole("alert").textContent).toBe("The past cannot be read.");
  expect(window_.queryByTestId("figures")).toBeNull();
});

test("an export says where it went", async () => {
  const window_ = await past();
  await click(window_.getByRole("button", { name: "Export…" }));
  await click(window_.getByRole("radio", { name: "CSV" }));
  await click(window_.getByRole("button", { name: "Save as…" }));
  expect(window_.host.asked.at(-1)).toEqual({ what: "exportHistory", span: { from: null, to: null }, format: "csv" });
  expect(within(window_.getByRole("dialog")).getByRole("status").textContent).toContain("~/herald-2026-11-19.md");
});

test("a figure in words", () => {
  const [pages, updates] = HISTORY.kpis!.kpis;
  expect([value(pages!), met(pages!).words]).toEqual(["8 of 8", "Target met"]);
  expect(charted(updates!)).toBe("17 kept, 1 missed, 1 still open. The longest: 31 min of 30 min.");
});

test.each(["incident", "page", "behind", "export"])("axe finds nothing in %s", async (what) => {
  vi.useRealTimers();
  document.documentElement.lang = "en";
  document.title = "Herald";
  const window_ = await past(
    { spot: what === "behind" ? "figures" : undefined! },
    going([incident(), incident({ id: 7 })]),
  );
  if (what === "behind") await click(within(window_.getByTestId("figures")).getAllByRole("button")[1]!);
  else if (what === "export") await click(window_.getByRole("button", { name: "Export…" }));
  else await click(lines(window_)[what === "page" ? 3 : 1]!);
  const result = await axe.run(document, {
    resultTypes: ["violations"],
    rules: { "color-contrast": { enabled: false } },
  });
  expect(result.violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.html).join(" ")}`)).toEqual(
    [],
  );
});
