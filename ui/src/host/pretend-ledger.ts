// A ledger for the pretend host: its cards, and what becomes of them when the user wishes something.
import type {
  Contact,
  ContactCard,
  LedgerView,
  LedgerWish,
  Maintenance,
  MaintenanceCard,
  Offer,
  View,
} from "../gen/types";
import { going } from "./pretend-incidents";
import { at, ledger } from "./pretend-views";

/** A contact request that is open. */
export function contact(change: Partial<Contact> = {}, card: Partial<ContactCard> = {}): ContactCard {
  const it: Contact = {
    asked_at: at("08:12:00"),
    asked_by: "Dana Okafor",
    what: "Tell the owners of old runners that version 14 stops working on 1 June.",
    ticket: "https://tickets.quillbrook.example/8801",
    owner: "Dana Okafor",
    state: "open",
    state_at: at("08:12:00"),
    earlier: [],
    ...change,
  };
  return { id: 1, contact: it, past: [], undo: false, ...card };
}

/** A maintenance ten days ahead, on the page, automated. */
export function maintenance(change: Partial<Maintenance> = {}, card: Partial<MaintenanceCard> = {}): MaintenanceCard {
  const it: Maintenance = {
    title: "Database move",
    details: "Sign-in may be slow for up to an hour.",
    issue_url: "https://tracker.example/ops/-/issues/19001",
    starts_at: "2026-05-16T09:00:00Z",
    ends_at: "2026-05-16T11:30:00Z",
    components: ["c-web"],
    automation: true,
    reminds: true,
    scheduled_at: at("07:20:00"),
    post: "m1",
    listed: true,
    missing: 0,
    started_at: null,
    updated_at: null,
    ended_at: null,
    called_off: false,
    amplified_at: null,
    amplified_by: null,
    seen_until: at("07:10:00"),
    log: [
      { at: at("07:10:00"), by: "me", what: "Entered" },
      { at: at("07:20:00"), by: "herald", what: "Scheduled on the status page" },
    ],
    ...change,
  };
  const automated = { refusal: "automated", why: "The status page starts and ends it by itself." } as const;
  const refused = it.automation ? automated : null;
  return {
    id: 1,
    it,
    stage: it.ended_at !== null ? "over" : it.started_at !== null ? "active" : "upcoming",
    reminder: null,
    alarm: null,
    next_reminder_at: "2026-05-15T09:00:00Z",
    moved_to: null,
    sending: null,
    schedule:
      it.scheduled_at === null ? null : { refusal: "on_page_already", why: "It is on the status page already." },
    tell: { start: refused, update: refused, finish: refused },
    amplify_on: "2026-05-13",
    ...card,
  };
}

/** A maintenance that only the page knows. */
export const offer = (change: Partial<Offer> = {}): Offer => ({
  post: "m7",
  title: "Search index rebuild",
  starts_at: "2026-05-09T22:00:00Z",
  ends_at: "2026-05-09T23:30:00Z",
  active: false,
  ...change,
});

/** A view with a status page and this ledger. */
export function keeping(change: Partial<LedgerView>): View {
  return going([], { ledger: ledger(change) });
}

/** The view that a wish leads to, as far as the window alone can tell. */
export function ledgered(view: View, wish: LedgerWish, now: string): View {
  const known = view.ledger;
  const kept = (change: Partial<LedgerView>): View => ({ ...view, ledger: { ...known, ...change } });
  const person = (id: number, edit: (it: ContactCard) => ContactCard): View =>
    kept({ contacts: known.contacts.map((it) => (it.id === id ? edit(it) : it)) });
  const job = (id: number, change: Partial<Maintenance>): View =>
    kept({
      maintenances: known.maintenances.map((it) => (it.id === id ? maintenance({ ...it.it, ...change }, { id }) : it)),
    });
  const next = (cards: { id: number }[]) => Math.max(0, ...cards.map(({ id }) => id)) + 1;
  switch (wish.wish) {
    case "add_contact":
      return kept({
        contacts: [
          ...known.contacts,
          contact(
            { ...wish.contact, owner: wish.contact.owner ?? wish.contact.asked_by, asked_at: now, state_at: now },
            { id: next(known.contacts) },
          ),
        ],
      });
    case "edit_contact":
      return person(wish.id, (it) => ({ ...it, contact: { ...it.contact, ...wish.contact }, undo: true }));
    case "move_contact":
      return person(wish.id, (it) => ({
        ...it,
        contact: { ...it.contact, state: wish.to, state_at: now, earlier: [it.contact] },
        past: [[it.contact.state, it.contact.state_at]],
        undo: true,
      }));
    case "undo_contact":
      return person(wish.id, (it) => ({ ...it, contact: it.contact.earlier[0] ?? it.contact, past: [], undo: false }));
    case "add_maintenance":
      return kept({
        maintenances: [
          ...known.maintenances,
          maintenance(
            { ...wish.plan, scheduled_at: null, post: null, listed: false, log: [] },
            { id: next(known.maintenances) },
          ),
        ],
      });
    case "edit_maintenance":
      return job(wish.id, wish.plan);
    case "schedule":
      return job(wish.id, { scheduled_at: now, post: "m2" });
    case "tell":
      return job(
        wish.id,
        wish.tell === "start" ? { started_at: now } : wish.tell === "finish" ? { ended_at: now } : { updated_at: now },
      );
    case "by_hand":
      return job(
        wish.id,
        {
          scheduled: { scheduled_at: now },
          automation_off: { automation: false },
          started: { started_at: now },
          updated: { updated_at: now },
          finished: { ended_at: now },
        }[wish.deed],
      );
    case "call_off":
      return job(wish.id, { called_off: wish.yes, ended_at: wish.yes ? now : null });
    case "amplified":
      return job(wish.id, { amplified_at: now, amplified_by: wish.by });
    case "seen":
      return job(wish.id, { seen_until: wish.at });
    case "adopt": {
      const found = known.offers.find(({ post }) => post === wish.post);
      if (found === undefined) return view;
      const { title, starts_at, ends_at, post } = found;
      return kept({
        offers: known.offers.filter((it) => it !== found),
        maintenances: [
          ...known.maintenances,
          maintenance(
            { title, starts_at, ends_at, post, started_at: found.active ? now : null },
            { id: next(known.maintenances) },
          ),
        ],
      });
    }
    case "not_mine":
      return kept({ offers: known.offers.filter(({ post }) => post !== wish.post) });
    case "keep": {
      const { [wish.sheet]: _, ...others } = known.kept;
      return kept({ kept: wish.typed === null ? others : { ...others, [wish.sheet]: wish.typed } });
    }
  }
}
