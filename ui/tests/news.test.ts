// What is said aloud when one view follows another.
import { expect, test } from "vitest";
import type { View } from "../src/gen/types";
import { blind, left, NOW, page, paged, quiet, storm, taken, watched } from "../src/host/pretend-views";
import { compose, going, incident } from "../src/host/pretend-incidents";
import { news } from "../src/page/news";

const now = Date.parse(NOW);
const say = (before: View | null, after: View) => news(before, after, now);

test("a new page interrupts, with its clock and its key", () => {
  const urgent =
    "New page: Sign-in fails with single sign-on. 12 min 46 s left to acknowledge. Press A to acknowledge.";
  expect(say(quiet(), paged([page()]))).toEqual({ urgent, calm: null });
});

test("a shadow is told of no key", () => {
  expect(say(quiet(), paged([watched()])).urgent).not.toContain("Press A");
});

test("nothing is said twice, and the passing of time says nothing", () => {
  expect(say(paged([page()]), paged([page()]))).toEqual({ urgent: null, calm: null });
});

test("a storm is counted", () => {
  expect(say(quiet(), storm()).urgent).toMatch(/^\d+ new pages\.$/);
});

test("the same page triggered again is news", () => {
  expect(say(paged([page()]), paged([page({ triggered_at: "2026-05-06T09:47:00Z" })])).urgent).toContain("New page");
});

test("blindness interrupts, recovery waits", () => {
  expect(say(quiet(), blind()).urgent).toBe("Cannot see pages: no answer in time.");
  expect(say(blind(), quiet()).calm).toBe("PagerDuty answers again.");
});

test("an update that did not go out interrupts, once", () => {
  const card = (unsent: View["incidents"][number]["compose"]["unsent"]) =>
    going([incident({ compose: compose({ unsent }) })]);
  const lost = { at: "2026-05-06T09:47:00Z", why: "no answer in time", overtaken: null };
  expect(say(card(null), card(lost)).urgent).toBe(
    "Not published: Pipelines wait long before starting: no answer in time. The draft is kept.",
  );
  expect(say(card(lost), card(lost)).urgent).toBe(null);
  expect(say(card(lost), card({ ...lost, at: "2026-05-06T09:48:00Z" })).urgent).not.toBe(null);
});

test("taking, notes and leaving wait their turn", () => {
  const mine = taken({ id: page().id, triggered_at: page().triggered_at, title: page().title });
  expect(say(paged([page()]), paged([mine])).calm).toBe("You acknowledged: Sign-in fails with single sign-on.");
  expect(say(paged([page()]), paged([page({ note: "Not taken." })])).calm).toBe(
    "Sign-in fails with single sign-on: Not taken.",
  );
  expect(say(paged([page()]), quiet({ left: [left()] })).calm).toBe("Page closed: Git pushes over SSH time out.");
});
