// Views of every state the window can be in, for the pretend host: the gallery shows them, the tests stand on them.
import type { Account, LedgerView, LeftPage, OnCallEntry, PageCard, View } from "../gen/types";
import { GUIDE } from "./pretend-stages";

/** An empty ledger. */
export const ledger = (change: Partial<LedgerView> = {}): LedgerView => ({
  contacts: [],
  maintenances: [],
  offers: [],
  kept: {},
  zone: "Europe/Prague",
  shut: null,
  page: "status_io",
  flexible: false,
  dashboard: "https://app.status.example/dashboard",
  contact_help: null,
  amplify_channel: "#social_media_action",
  remind_min: [1440, 60, 30, 10],
  update_every_min: 60,
  ...change,
});

/** The moment of all pretended views: on 6 May 2026, a Wednesday. */
export const NOW = "2026-05-06T09:47:32Z";

export const account: Account = {
  user_id: "PELENA",
  name: "Elena Marek",
  email: "elena@quillbrook.example",
  base_url: "https://api.eu.pagerduty.com",
  key: "personal",
  read_only: false,
  token: "keychain",
};

/** An instant of that day. */
export const at = (time: string): string => `2026-05-06T${time}Z`;

const entry = (name: string, start: string | null, end: string | null): OnCallEntry => ({
  schedule: { id: name, name },
  policy: { id: "PNH1Z1L", name: "CMOC rotation" },
  level: 1,
  start,
  end,
});

export const primary = entry("CMOC primary, EMEA schedule", at("07:00:00"), at("15:00:00"));
export const shadowing = entry("CMOC shadow, EMEA schedule", at("07:00:00"), at("15:00:00"));
const next = entry("CMOC primary, EMEA schedule", "2026-05-07T07:00:00Z", "2026-05-07T15:00:00Z");

/** A page that calls and is mine. */
export function page(change: Partial<PageCard> = {}): PageCard {
  const id = change.id ?? "Q1SSO";
  const triggered_at = change.triggered_at ?? at("09:45:18");
  return {
    id,
    triggered_at,
    number: 4711,
    title: "Sign-in fails with single sign-on",
    url: `https://quillbrook.eu.pagerduty.com/incidents/${id}`,
    call_url: null,
    call_number: null,
    priority: null,
    kind: null,
    asked: null,
    service: "CMOC Production",
    urgent: true,
    status: "triggered",
    target_at: new Date(Date.parse(triggered_at) + 15 * 60_000).toISOString(),
    escalates_at: new Date(Date.parse(triggered_at) + 5 * 60_000).toISOString(),
    ack_expires_at: null,
    taken_by: null,
    taken_at: null,
    taken_by_me: false,
    others: [],
    standing: { kind: "mine" },
    acting: null,
    note: null,
    lacks: [],
    closing: { of: { whose: "nobody" }, facts: [] },
    asks: [],
    alarm: { key: { about: "page", page: id, triggered_at }, quiet_until: null, next_at: at("09:47:50"), louder: true },
    may: { acknowledge: true, close: true, answer_here: false, quiet: true },
    ...change,
  };
}

/** A page that I took and that is still open. */
export function taken(change: Partial<PageCard> = {}): PageCard {
  return page({
    id: "Q2TAKEN",
    number: 4709,
    triggered_at: at("09:31:04"),
    title: "Pipelines wait long before starting",
    status: "acknowledged",
    escalates_at: null,
    ack_expires_at: at("10:03:40"),
    taken_by: { id: "PELENA", name: "Elena Marek" },
    taken_at: at("09:33:40"),
    taken_by_me: true,
    alarm: null,
    may: { acknowledge: false, close: true, answer_here: false, quiet: false },
    ...change,
  });
}

export function left(change: Partial<LeftPage> = {}): LeftPage {
  return {
    id: "Q0LEFT",
    title: "Git pushes over SSH time out",
    url: "https://quillbrook.eu.pagerduty.com/incidents/Q0LEFT",
    why: { kind: "closed" },
    at: at("09:12:09"),
    taken_by: "Jonas Weber",
    note: null,
    ...change,
  };
}

/** Everything well and nothing open. */
export function quiet(change: Partial<View> = {}): View {
  return {
    mode: { kind: "real" },
    sign: "quiet",
    hollow: false,
    shadow: null,
    account,
    duty: { now: [primary], next, known_at: at("09:45:02"), unread: 0, fault: null },
    shifts: [],
    taken_over: null,
    pages: [],
    pages_more: 0,
    left: [],
    incidents: [],
    wrapping: [],
    writes: { next_job: 1, next_publication: 1, ended: [] },
    ended: [],
    components: [],
    tracker: null,
    status_page: null,
    slack: null,
    zendesk: null,
    ledger: ledger(),
    feeds: [],
    source: {
      source: "pager_duty",
      name: "PagerDuty",
      stale: false,
      blind: false,
      last_good_at: at("09:47:29"),
      fault: null,
      failures: 0,
      next_try_at: null,
      key_refused: false,
      skipped: 0,
      interval_s: 10,
      alarm: null,
    },
    channels: [
      { channel: "notifications", health: { kind: "works", by: "GNOME Shell 48" } },
      { channel: "sound", health: { kind: "works", by: "Built-in speakers" } },
      { channel: "tray", health: { kind: "works", by: "StatusNotifier host" } },
      { channel: "hotkey", health: { kind: "works", by: "X11" } },
    ],
    store_fault: null,
    notices: [],
    testing: false,
    settings: {
      poll_interval_s: 10,
      shadow: false,
      sounds: {
        page: { volume: 90, file: null },
        overdue: { volume: 80, file: null },
        due_soon: { volume: 45, file: null },
        blind: { volume: 60, file: null },
      },
      quiet_hours: { on: true, from: "22:00:00", to: "07:00:00" },
      theme: "system",
      hotkey: "Ctrl+Alt+U",
      self_test: { at: at("07:01:00"), seen: true, heard: true },
      shadow_schedules: {},
      path_done: {},
      onboarding: null,
      templates: [],
    },
    playbook: {
      name: "default",
      target_min: 15,
      quiet_min: 5,
      regions: [
        ["EU", "https://api.eu.pagerduty.com"],
        ["US", "https://api.pagerduty.com"],
      ],
      default_region: "EU",
      keys_help: "https://support.example.com/keys",
      tracker: ["https://tracker.quillbrook.example", "ops/production"],
      status_page: {
        kind: "status_io",
        api_url: "https://api.status.io",
        feed_url: "https://status.quillbrook.example",
        public_url: "https://status.quillbrook.example",
        page_id: "5b36dc6502d06804c08349f7",
        token: null,
      },
      zendesk_url: "https://quillbrook.zendesk.example",
      lead_min: 5,
      monitoring_min: 30,
      guide: GUIDE,
      shadow_schedules: ["P1UHNJP"],
      places: [
        ["Live status page", "https://status.quillbrook.example"],
        ["Shadow schedule", "https://quillbrook.pagerduty.example/schedules"],
      ],
      briefing: "/zoom meeting CMOC Handover Briefing",
    },
    training: { log: [], quarter: "Q2 2026", in_quarter: 1, wanted: 1, path: [] },
    ...change,
  };
}

/** Pages that are open. */
export function paged(pages: PageCard[], change: Partial<View> = {}): View {
  return quiet({ sign: pages.some((page) => page.status === "triggered") ? "page" : "open", pages, ...change });
}

const DANA = ["Dana Okafor"];
const WATCH = { acknowledge: false, close: false, answer_here: false, quiet: true };

/** A page as a shadow sees it. */
export function watched(change: Partial<PageCard> = {}): PageCard {
  return page({ others: DANA, standing: { kind: "shadow", why: "schedule" }, may: WATCH, ...change });
}

export function shadow(pages: PageCard[] = [watched()], change: Partial<View> = {}): View {
  return paged(pages, {
    sign: pages.length > 0 ? "page" : "shadow",
    hollow: true,
    shadow: { why: "schedule", answers: pages.length > 0 ? DANA : [] },
    duty: { now: [shadowing], next: null, known_at: at("09:45:02"), unread: 0, fault: null },
    ...change,
  });
}

/** PagerDuty has been silent since 09:46:12. */
export function blind(change: Partial<View> = {}, source: Partial<View["source"]> = {}): View {
  return quiet({
    sign: "blind",
    source: {
      ...quiet().source,
      stale: true,
      blind: true,
      last_good_at: at("09:46:12"),
      fault: {
        kind: "timeout",
        reason: "no answer in time",
        next_step: "Check the network. Keep your phone in reach.",
      },
      failures: 4,
      next_try_at: at("09:47:39"),
      alarm: {
        key: { about: "blind", source: "pager_duty" },
        quiet_until: null,
        next_at: at("09:48:10"),
        louder: false,
      },
      ...source,
    },
    ...change,
  });
}

export function disconnected(change: Partial<View> = {}): View {
  const source = { ...quiet().source, stale: true, last_good_at: null };
  const settings = { ...quiet().settings, self_test: null };
  return quiet({
    sign: "blind",
    account: null,
    source,
    settings,
    duty: { now: [], next: null, known_at: null, unread: 0, fault: null },
    ...change,
  });
}

/** More pages than a window gets. */
export function storm(): View {
  const names = ["Web", "API", "Git over SSH", "Registry", "Pages", "Runners", "Search", "Mail"];
  const pages = Array.from({ length: 100 }, (_, index) => {
    const triggered_at = new Date(Date.parse(at("09:47:10")) - index * 23_000).toISOString();
    const many = index > 2;
    const key = many
      ? ({ about: "more_pages" } as const)
      : ({ about: "page", page: `QS${index}`, triggered_at } as const);
    const alarm = { key, quiet_until: null, next_at: at("09:47:50"), louder: true };
    const title = `${names[index % names.length]} answers slowly in zone ${1 + (index % 5)}`;
    const change = { id: `QS${index}`, number: 4800 - index, title, triggered_at, alarm };
    return index % 11 === 10 ? taken({ ...change, alarm: null }) : page(change);
  });
  return paged(pages, { pages_more: 9_900 });
}
