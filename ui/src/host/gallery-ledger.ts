// Ledgers for the gallery.
import type { State } from "./gallery";
import { contact, keeping, maintenance, offer } from "./pretend-ledger";
import { at } from "./pretend-views";

const LONG = "x".repeat(80) + "ThisTitleHasNoPlaceToBreakAndGoesOn" + "y".repeat(45);
const ARABIC = "صيانة قاعدة البيانات لجميع المستخدمين في منطقة أوروبا صباح السبت";
const HEBREW = "תחזוקת מסד הנתונים לכל המשתמשים";

const keep = (change: Parameters<typeof keeping>[0]): State => ({ view: () => keeping(change), screen: "ledger" });
const planned = contact(
  {
    asked_by: "Security",
    what: "Ask 40 owners of leaked tokens to rotate them.",
    owner: "Priya Nair",
    state: "planned",
    state_at: at("09:02:00"),
  },
  { id: 2, past: [["open", at("08:30:00")]], undo: true },
);
const done = contact(
  {
    asked_by: "Infrastructure",
    owner: "Infrastructure",
    what: "Tell self-managed users about the new address range.",
    ticket: null,
    state: "done",
    state_at: at("09:31:00"),
  },
  { id: 3, undo: true },
);
const active = maintenance(
  {
    title: "Registry garbage collection",
    automation: false,
    started_at: at("09:05:00"),
    starts_at: at("09:00:00"),
    ends_at: at("10:30:00"),
  },
  { id: 2, reminder: { at: at("09:45:00"), kind: "update", target: at("09:45:00") } },
);
const fresh = maintenance(
  {
    title: "Network change in two zones",
    scheduled_at: null,
    post: null,
    reminds: false,
    log: [{ at: at("09:40:00"), by: "me", what: "Entered" }],
  },
  { id: 3 },
);
const over = maintenance(
  {
    title: "Search index rebuild",
    ended_at: at("06:10:00"),
    starts_at: at("05:00:00"),
    ends_at: at("06:00:00"),
    amplified_at: at("05:00:00"),
  },
  { id: 4 },
);

export const LEDGER: Record<string, State> = {
  ledger: keep({ contacts: [contact(), planned, done], maintenances: [active, maintenance(), fresh, over] }),
  "ledger-empty": keep({}),
  "ledger-maintenance": keep({
    maintenances: [
      active,
      maintenance({ amplified_at: at("09:00:00"), amplified_by: "Jonas Weber" }),
      {
        ...fresh,
        schedule: { refusal: "under_way", why: "Already under way." },
        sending: { tell: null, reading_back: true },
      },
    ],
  }),
  "ledger-by-hand": keep({
    shut: { refusal: "no_status_page", why: "Herald may not write to the status page." },
    maintenances: [
      maintenance(
        { scheduled_at: null, post: null },
        {
          schedule: {
            refusal: "no_status_page",
            why: 'Herald may not write to the status page. Copy the text, post it there, then choose "I posted it".',
          },
        },
      ),
    ],
  }),
  "ledger-kept": keep({ kept: { "contact/new": JSON.stringify({ asked_by: "Security", what: "Half a sente" }) } }),
  "ledger-offers": keep({
    offers: [
      offer(),
      offer({
        post: "m8",
        title: "Storage firmware",
        starts_at: at("09:00:00"),
        ends_at: at("11:00:00"),
        active: true,
      }),
    ],
    maintenances: [maintenance()],
  }),
  "ledger-statuspage": keep({
    page: "statuspage",
    flexible: true,
    dashboard: null,
    maintenances: [
      maintenance({}, { tell: { start: null, update: null, finish: null } }),
      { ...fresh, schedule: null },
    ],
  }),
  "ledger-moved": keep({
    maintenances: [maintenance({}, { moved_to: ["2026-05-17T09:00:00Z", "2026-05-17T11:30:00Z"] })],
  }),
  "ledger-plan": keep({
    kept: {
      "plan/new": JSON.stringify({ issue_url: "https://tracker.example/ops/-/issues/19001", title: "Database move" }),
    },
  }),
  "ledger-over-due": keep({
    maintenances: [maintenance({ starts_at: at("07:00:00"), ends_at: at("09:00:00"), started_at: at("07:00:00") })],
  }),
  "ledger-utc": keep({ zone: "UTC", maintenances: [maintenance()] }),
  "ledger-long": keep({
    contacts: [contact({ what: `${LONG} ${LONG}`, asked_by: "w".repeat(70), owner: "v".repeat(70) })],
    offers: [offer({ title: LONG })],
    maintenances: [maintenance({ title: LONG, log: [{ at: at("07:10:00"), by: "me", what: LONG }] })],
  }),
  "ledger-rtl": keep({
    contacts: [contact({ what: ARABIC, asked_by: HEBREW })],
    offers: [offer({ title: ARABIC })],
    maintenances: [
      maintenance({ title: HEBREW }, { reminder: { at: at("09:00:00"), kind: "ahead", target: at("10:00:00") } }),
    ],
  }),
};
