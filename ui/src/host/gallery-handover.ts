// Shifts and handovers for the gallery.
import type { View } from "../gen/types";
import type { State } from "./gallery";
import { contact } from "./pretend-ledger";
import { handover, NOTHING, over, shift } from "./pretend-shifts";
import { at, ledger, quiet } from "./pretend-views";

const LONG = "x".repeat(80) + "ThisTitleHasNoPlaceToBreakAndGoesOn" + "y".repeat(45);
const ARABIC = "فشل تسجيل الدخول الموحد لجميع المستخدمين في منطقة أوروبا منذ الساعة التاسعة صباحا";
const ISSUE = "https://gitlab.quillbrook.example/quillbrook/support/comms-handover/-/issues/12";

const screen = (...shifts: View["shifts"]): State => ({ view: () => quiet({ shifts }), screen: "handover" });
const long = [{ incident: 1, title: "Git pushes over SSH time out", since: at("06:31:00") }];
const odd = () => {
  const { facts } = handover();
  const running = [
    { ...facts.running[0]!, title: LONG, im: "v".repeat(70) },
    { ...facts.running[0]!, incident: 2, title: ARABIC, severity: null, phase: null, last: null },
  ];
  return {
    ...facts,
    running,
    ended: [
      { ...facts.ended[0]!, title: ARABIC },
      { ...facts.ended[1]!, title: LONG },
    ],
    tasks: [LONG, ARABIC],
  };
};

export const HANDOVERS: Record<string, State> = {
  handover: screen(shift()),
  "handover-none": screen(),
  "handover-nothing": screen(shift({ handover: handover(NOTHING) })),
  "handover-missing": screen(over()),
  "handover-edited": screen(
    shift({
      handover: handover({
        edited: true,
        text: "**My own words**\n\nWatch the registry.",
        news: ["Identified, told at 09:40:02 UTC: “We know why.”", "Next update due at 10:10:02 UTC"],
      }),
    }),
  ),
  "handover-anew": screen(
    shift({ handover: handover({ may_undo: true, notes: "Watch the registry.\nPriya knows." }) }),
  ),
  "handover-sending": screen(over({ stage: { kind: "sending" } })),
  "handover-reading-back": screen(over({ stage: { kind: "reading_back" } })),
  "handover-waits": screen(
    over({
      stage: { kind: "to_be_filed", since: at("09:31:00"), why: "no connection. Check the network.", now: false },
    }),
  ),
  "handover-waits-now": screen(
    over({
      stage: { kind: "to_be_filed", since: at("09:31:00"), why: "no connection. Check the network.", now: true },
    }),
  ),
  "handover-filed": screen(
    over({ missing: false, done: [at("09:33:10"), "filed"], stage: { kind: "filed", url: ISSUE, public: false } }),
  ),
  "handover-still-yours": {
    view: () =>
      quiet({
        shifts: [
          over({
            missing: false,
            done: [at("09:33:10"), "filed"],
            stage: { kind: "filed", url: ISSUE, public: false },
          }),
        ],
        ledger: ledger({
          contacts: [contact(), contact({ what: ARABIC }, { id: 2 }), contact({ state: "done" }, { id: 3 })],
        }),
      }),
    screen: "handover",
  },
  "handover-public": screen(
    over({ missing: false, done: [at("09:33:10"), "filed"], stage: { kind: "filed", url: ISSUE, public: true } }),
  ),
  "handover-copied": screen(
    shift({ id: 2, handover: handover(NOTHING) }),
    over({ missing: false, done: [at("09:33:10"), "copied"], news: ["Next update due at 10:10:02 UTC"] }),
  ),
  "handover-shadow": screen(
    shift({
      role: "shadow",
      by_hand: true,
      ends_at: null,
      handover: handover({ may_file: false, why_not: "Shadow mode." }),
    }),
  ),
  "handover-no-tracker": screen(
    shift({
      handover: handover({
        why_not: "Herald may not write to the tracker. Connect it in Settings with a key that may.",
      }),
    }),
  ),
  "handover-long": screen(shift({ long, handover: handover({ facts: odd(), news: [LONG], project: LONG }) })),
  "handover-taken-over": {
    view: () =>
      quiet({
        shifts: [shift()],
        taken_over: {
          from: at("01:00:00"),
          notes: `Watch the registry.\n${ARABIC}`,
          tasks: ["#18342: Put the label on", LONG],
        },
      }),
    screen: "handover",
  },
  "shift-quiet": { view: () => quiet({ shifts: [shift({ test_due: true })] }) },
  "shift-by-hand": {
    view: () =>
      quiet({ shifts: [shift({ by_hand: true, ends_at: null, role: "shadow" })], duty: { ...quiet().duty, now: [] } }),
  },
  "shift-asks": {
    view: () =>
      quiet({ shifts: [shift({ id: 2, long }), over()], taken_over: { from: null, notes: "Watch it.", tasks: [] } }),
  },
};
