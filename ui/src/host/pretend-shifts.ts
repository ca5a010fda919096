// Shifts and handovers for the pretend host, and what becomes of them when the user wishes something.
import type { HandoverText, HandoverView, ShiftView, ShiftWish, View } from "../gen/types";
import { at } from "./pretend-views";

export const WRITTEN = `**On call, 06-05-2026, 07:00 to 15:00 UTC**

### Still running: 1

- **S1 Git pushes over SSH time out**
  - Identified, told at 09:31:10 UTC: “We traced the timeouts to one network zone and are moving traffic away from it.”
  - Next update due at 10:01:10 UTC, as promised to the public
  - IM: Mateo Silva

### Ended in this shift: 1

- #18342 Pipelines wait long before starting, 08:31:00 UTC to 09:04:00 UTC`;

export function handover(change: Partial<HandoverView> = {}): HandoverView {
  const text = change.text ?? WRITTEN;
  return {
    facts: {
      running: [
        {
          incident: 1,
          title: "Git pushes over SSH time out",
          severity: "s1",
          phase: "identified",
          last: [at("09:31:10"), "We traced the timeouts to one network zone and are moving traffic away from it."],
          due_at: at("10:01:10"),
          promised: true,
          im: "Mateo Silva",
          eoc: "Jonas Weber",
        },
      ],
      ended: [
        { iid: 18342, title: "Pipelines wait long before starting", since: at("08:31:00"), ended_at: at("09:04:00") },
        { iid: 18347, title: "Sign-in fails with single sign-on", since: at("07:45:00"), ended_at: at("08:58:00") },
      ],
      pages: 3,
      tasks: [
        "Put the label Incident-Comms::Status-Page on #18347",
        "Contact request from Security: tell the owners of 12 projects, owner Priya Nair",
      ],
      ahead: ["Registry maintenance, 08-05-2026 06:00 UTC"],
      kpis: ["3 of 3 pages acknowledged within 15 min, the slowest after 02:31"],
    },
    nothing: false,
    edited: false,
    may_undo: false,
    news: [],
    notes: "",
    title: "Handover 06-05-2026, 07:00 to 15:00 UTC",
    project: "quillbrook/support/comms-handover",
    stage: { kind: "not_filed" },
    done: null,
    missing: false,
    why_not: null,
    may_file: true,
    alarm: null,
    ...change,
    text,
  };
}

/** What leaves with a text. */
export function leaving(text: string): HandoverText {
  return { text, markdown: `${text}\n\n<!-- herald-handover {} -->\n` };
}

export const NOTHING: Partial<HandoverView> = {
  nothing: true,
  text: "A quiet shift: nothing happened, and nothing is left to do.",
  facts: { running: [], ended: [], pages: 0, tasks: [], ahead: [], kpis: [] },
};

/** The shift that goes on, or one that ended. */
export function shift(change: Partial<ShiftView> = {}): ShiftView {
  return {
    id: 1,
    started_at: at("07:00:00"),
    ends_at: at("15:00:00"),
    ended_at: null,
    role: "on_call",
    by_hand: false,
    test_due: false,
    long: [],
    handover: handover(),
    ...change,
  };
}

/** A shift that ended without a handover. */
export function over(change: Partial<HandoverView> = {}): ShiftView {
  return shift({ ends_at: at("09:30:00"), ended_at: at("09:30:00"), handover: handover({ missing: true, ...change }) });
}

export function shifted(view: View, wish: ShiftWish, now: string): View {
  const change = (id: number, edit: (it: HandoverView) => Partial<HandoverView>): View => ({
    ...view,
    shifts: view.shifts.map((it) =>
      it.id === id ? { ...it, handover: { ...it.handover, ...edit(it.handover) } } : it,
    ),
  });
  switch (wish.wish) {
    case "start": {
      const id = Math.max(0, ...view.shifts.map((it) => it.id)) + 1;
      return {
        ...view,
        shifts: [
          shift({
            id,
            started_at: now,
            ends_at: wish.ends_at,
            role: wish.role,
            by_hand: true,
            handover: handover(NOTHING),
          }),
          ...view.shifts,
        ],
      };
    }
    case "end":
      return {
        ...view,
        shifts: view.shifts.map((it) =>
          it.ended_at === null
            ? { ...it, ended_at: now, handover: { ...it.handover, missing: it.handover.done === null } }
            : it,
        ),
      };
    case "note":
      return change(wish.shift, () => ({ notes: wish.notes }));
    case "write":
      return change(wish.shift, () => ({ text: wish.text, edited: true, may_undo: false }));
    case "anew":
      return change(wish.shift, () => ({ text: WRITTEN, edited: false, may_undo: true, news: [] }));
    case "undo":
      return change(wish.shift, () => ({ edited: true, may_undo: false }));
    case "noticed":
      return change(wish.shift, () => ({ news: [] }));
    case "done":
      return change(wish.shift, () => ({ done: [now, wish.how], missing: false }));
    case "pass_on":
      return {
        ...view,
        ledger: {
          ...view.ledger,
          contacts: view.ledger.contacts.map((it) =>
            it.contact.state === "open"
              ? { ...it, contact: { ...it.contact, state: "handed_over", state_at: now } }
              : it,
          ),
        },
      };
    case "not_done":
      return change(wish.shift, () => ({ done: null }));
    case "file":
      return change(wish.shift, () => ({ stage: { kind: "sending" } }));
    case "not_file":
      return change(wish.shift, () => ({ stage: { kind: "not_filed" } }));
    case "made_confidential":
      return change(wish.shift, (it) => ({
        stage: it.stage.kind === "filed" ? { ...it.stage, public: false } : it.stage,
      }));
    case "hinted":
      return {
        ...view,
        shifts: view.shifts.map((it) =>
          it.id === wish.shift ? { ...it, long: it.long.filter((one) => one.incident !== wish.incident) } : it,
        ),
      };
    case "taken_over_done":
      return { ...view, taken_over: null };
    case "import":
      return view;
  }
}
