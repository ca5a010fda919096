// States in which something comes between a person and the text that is being written.
import type { EndedIncident } from "../gen/types";
import type { GoTo } from ".";
import type { State } from "./gallery";
import { compose, going, incident, overdue, text } from "./pretend-incidents";
import { at, page } from "./pretend-views";

const LONG = "x".repeat(120) + "ThisTitleHasNoPlaceToBreakAndGoesOn" + "y".repeat(45);
const ARABIC = "فشل تسجيل الدخول الموحد لجميع المستخدمين في منطقة أوروبا منذ الساعة التاسعة صباحا";

const automatic = (change: Partial<GoTo>): GoTo => ({
  page: null,
  close: false,
  incident: null,
  compose: false,
  automatic: true,
  ...change,
});
const writing = (title: string): State => ({
  view: () => going([incident(), overdue({ title })], { pages: [page({ id: "QX", title })], sign: "page" }),
  place: { incident: 2, compose: true },
});
const ended = (change: Partial<EndedIncident> = {}): EndedIncident => ({
  id: 2,
  title: "Pipelines wait long before starting",
  ended_at: at("09:47:00"),
  phase: "resolved",
  leftover: [],
  live: null,
  left_to_do: 0,
  unsent: true,
  ...change,
});
const over = incident({
  phase: "resolved",
  ended_at: at("09:47:00"),
  clock: null,
  alarm: null,
  compose: compose({ text: text({ body: "We go on working on the capacity of the job qu" }), lints: [] }),
});

export const TYPING: Record<string, State> = {
  "called-page": { ...writing("Sign-in fails for everybody"), goTo: automatic({ page: "QX" }) },
  "called-update": { ...writing("Git pushes over SSH time out"), goTo: automatic({ incident: 1, compose: true }) },
  "called-long": { ...writing(LONG), goTo: automatic({ page: "QX" }) },
  "called-rtl": { ...writing(ARABIC), goTo: automatic({ page: "QX" }) },
  "compose-over": {
    view: () => going([overdue()], { wrapping: [over], ended: [ended()] }),
    place: { incident: 2, compose: true },
  },
  "compose-correcting": { view: () => going([incident()]), place: { incident: 2, compose: true, correct: true } },
  "compose-correcting-empty": {
    view: () => going([incident({ compose: compose({ text: text({ body: "" }) }) })]),
    place: { incident: 2, compose: true, correct: true },
  },
  "compose-own-templates": {
    view: () => {
      const made = ["Sign-in, our words", LONG, ARABIC].map((name, nth) => ({
        id: `own/${nth}`,
        name,
        family: null,
        phase: null,
        text: `${name}. {link}`,
        own: true,
      }));
      const view = going([
        incident({ compose: compose({ templates: [...made.slice(0, 1), ...compose().templates] }) }),
      ]);
      return {
        ...view,
        settings: { ...view.settings, templates: made.map(({ name, phase, text }) => ({ name, phase, text })) },
      };
    },
    place: { incident: 2, compose: true },
  },
  "ended-unsent": {
    view: () =>
      going([overdue()], {
        wrapping: [over],
        ended: [
          ended(),
          ended({ id: 9, title: LONG, unsent: true, live: { kind: "not_seen" }, left_to_do: 2 }),
          ended({ id: 10, title: ARABIC, unsent: false, live: { kind: "since", at: at("09:46:51") } }),
          ended({ id: 11, unsent: false, live: { kind: "unlisted" } }),
        ],
      }),
  },
};
