// What contact requests and maintenance are called, and what has to be done by hand, step by step.
import type { ContactState, Deed, LedgerView, MaintenanceCard, PageKind, ReminderKind, Tell } from "../gen/types";
import { ms } from "../lib/time";
import { stamp, zoneName } from "./when";

export const CONTACT_STATES: { value: ContactState; words: string }[] = [
  { value: "open", words: "Open" },
  { value: "done", words: "Done" },
  { value: "handed_over", words: "Handed over" },
  { value: "planned", words: "Plan told" },
];

export const contactState = (state: ContactState) =>
  state === "planned" ? "plan communicated" : state.replace("_", " ");

export const TELL: Record<Tell, { words: string; sheet: string; hint: string }> = {
  start: {
    words: "Start…",
    sheet: "Start the maintenance",
    hint: "Customers read that it begins. Its components change to maintenance.",
  },
  update: { words: "Update…", sheet: "Post an update", hint: "Customers read how it goes." },
  finish: {
    words: "Finish…",
    sheet: "Finish the maintenance",
    hint: "Customers read that it is over. Its components are operational again.",
  },
};

export const REMINDER: Record<ReminderKind, string> = {
  ahead: "It begins soon",
  start: "Start it by hand now",
  update: "An update is due",
  finish: "Finish it by hand now",
  not_begun: "Not seen to begin: look at the page",
  not_over: "Not seen to end: look at the page",
};

/** "16-05-2026 09:00 UTC", and by the user's clock. */
export function both(at: string, zone: string): { utc: string; local: string | null } {
  const time = ms(at);
  const here = zoneName(time, zone);
  return { utc: `${stamp(time, "UTC")} UTC`, local: zone === "UTC" ? null : `${stamp(time, zone)} ${here}` };
}

/** A confirmation: what it means, and what is to be done where. */
export type Guard = { title: string; means: string; steps: string[]; confirm: string; opens: boolean };

/** What was taken over from an issue, and the words that can be brought back instead. */
export type Taken = { link: string; confidential: boolean; undone: boolean; other: { title: string; details: string } };

/** What the dashboard of a kind of page calls things; of a page that is only read, nothing is known. */
type Dashboard = {
  make: string;
  zone: string;
  parts: string;
  automation: { on: string; off: string; turn: string };
  early: string;
};
const DASHBOARD: Record<PageKind, Dashboard> = {
  status_io: {
    make: "Open the dashboard, Maintenances, New maintenance.",
    zone: "Check that the page's zone is UTC.",
    parts: "Tick each component by itself, never all of them.",
    automation: {
      on: "Turn automation on.",
      off: "Leave automation off.",
      turn: "Open the maintenance on the dashboard and disable its automation.",
    },
    early: "Open the maintenance on the dashboard and choose “Post update without starting”.",
  },
  statuspage: {
    make: "Open the dashboard, Incidents, Maintenances, Schedule maintenance.",
    zone: "The dashboard takes times by the page's own zone: check it.",
    parts: "Choose each component that it affects.",
    automation: {
      on: "Let its status change by itself at the start and at the end.",
      off: "Let its status not change by itself, neither at the start nor at the end.",
      turn: "Open the maintenance on the dashboard and switch off that its status changes by itself, at the start and at the end.",
    },
    early: "Open the maintenance on the dashboard and post an update that leaves it scheduled.",
  },
  rss: {
    make: "Open the page's dashboard and schedule a maintenance there.",
    zone: "Check the page's zone.",
    parts: "Name only what it affects.",
    automation: {
      on: "Let it start and end by itself.",
      off: "Let it not start and end by itself.",
      turn: "Open the maintenance on the page's dashboard and stop it from starting and ending by itself.",
    },
    early: "Post an update on the page's dashboard that does not start the maintenance.",
  },
};

/** What has to be done on the dashboard before it may be noted here. */
export function guard(
  deed: Deed,
  { it, stage }: MaintenanceCard,
  { update_every_min, zone, page, flexible }: LedgerView,
): Guard {
  const there = DASHBOARD[page];
  const [starts, ends] = [both(it.starts_at, zone).utc, both(it.ends_at, zone).utc];
  switch (deed) {
    case "scheduled":
      return {
        title: "Schedule by hand",
        means: "Herald only notes that it is on the page, and finds it there by its title and start.",
        steps: [
          there.make,
          `Title and text as they are here; the start is ${starts}, the end ${ends}. ${there.zone}`,
          there.parts,
          it.automation ? there.automation.on : there.automation.off,
        ],
        confirm: "I scheduled it",
        opens: true,
      };
    case "automation_off":
      return {
        title: flexible ? "Turn automation off?" : "Turn automation off for good?",
        means:
          (flexible ? "" : "It cannot be turned on again. ") +
          "From then on nothing starts, ends or is told by itself: Herald reminds you to start it, " +
          `to post an update every ${update_every_min} min, and to finish it.`,
        steps: [
          flexible
            ? "Not needed to post updates: this page takes them while automation is on."
            : stage === "upcoming"
              ? "Not needed just to tell something before the start: an update without starting will do."
              : "Needed to post updates while it runs, and to finish it by hand.",
          there.automation.turn,
          "Then confirm here.",
        ],
        confirm: flexible ? "It is off" : "It is off, for good",
        opens: true,
      };
    case "started":
      return {
        title: "Started by hand",
        means: "From now on Herald reminds you of updates and of the end.",
        steps: [
          "Open the maintenance on the dashboard and start it.",
          "Leave out e-mail if the page e-mails reminders.",
        ],
        confirm: "I started it",
        opens: true,
      };
    case "updated":
      return {
        title: stage === "upcoming" ? "Update without starting" : "Update by hand",
        means:
          stage === "upcoming"
            ? "Customers read it; the maintenance does not begin by it."
            : "The time to the next update counts from now.",
        steps: [
          stage === "upcoming" ? there.early : "Open the maintenance on the dashboard and post the update.",
          it.reminds
            ? "Leave e-mail out: the page e-mails its reminders already."
            : "Infrastructure gives the text and confirms the channels.",
        ],
        confirm: "I posted it",
        opens: true,
      };
    case "finished":
      return {
        title: "Finished by hand",
        means: "It moves to what is over, and no reminder comes any more.",
        steps: [
          "Open the maintenance on the dashboard and finish it.",
          "Look whether its components are operational again.",
        ],
        confirm: "I finished it",
        opens: true,
      };
  }
}
