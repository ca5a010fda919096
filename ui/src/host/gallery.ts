// Every state of the window by name, for looking at it while developing: index.html?pretend=storm&theme=dark.
import type { Theme, View } from "../gen/types";
import { HANDOVERS } from "./gallery-handover";
import type { Place, Screen, Spot } from "./herald.svelte";
import { PAST_STATES } from "./gallery-history";
import { INCIDENTS } from "./gallery-incidents";
import { STAGES } from "./gallery-stages";
import { LEDGER } from "./gallery-ledger";
import { TRAINING } from "./gallery-training";
import { TYPING } from "./gallery-typing";
import type { GoTo, PracticeEvent } from ".";
import { Pretend, type Refusals } from "./pretend";
import type { History } from "./pretend-history";
import {
  account,
  at,
  blind,
  disconnected,
  left,
  NOW,
  page,
  paged,
  quiet,
  shadow,
  storm,
  taken,
  watched,
} from "./pretend-views";

export type State = {
  view: () => View;
  screen?: Screen;
  place?: Place;
  refuse?: Refusals;
  history?: History;
  spot?: Spot;
  event?: PracticeEvent;
  /** What an alarm wants looked at a moment later. */ goTo?: GoTo;
  /** Nobody watches a moment later. */ gone?: boolean;
};

const LONG = "x".repeat(120) + "ThisTitleHasNoPlaceToBreakAndGoesOn" + "y".repeat(45);
const ARABIC = "فشل تسجيل الدخول الموحد لجميع المستخدمين في منطقة أوروبا منذ الساعة التاسعة صباحا";
const HEBREW = "שירות הכניסה נכשל עבור כל המשתמשים";
const EMOJI = "🔥🔥 Prod is down 👩🏽‍🚒🚒 please help 🇺🇦🧯 family 👨‍👩‍👧‍👦 in zone 1️⃣";
const fail = (code: string, message: string) => ({ connect: { code, message } });

export const STATES: Record<string, State> = {
  quiet: { view: () => quiet({ left: [left()] }) },
  "quiet-plain": { view: () => quiet() },
  "quiet-off-call": {
    view: () => quiet({ duty: { ...quiet().duty, now: [] }, settings: { ...quiet().settings, self_test: null } }),
  },
  "quiet-shadow": { view: () => shadow([]) },
  "quiet-skipped": { view: () => quiet({ source: { ...quiet().source, skipped: 2 } }) },
  page: { view: () => paged([page({ call_url: "https://calls.quillbrook.example/18345" })]) },
  "page-asked": {
    view: () =>
      paged([
        page({
          asked: {
            by: "Dana Okafor",
            at: at("09:45:18"),
            message: "Please join: customers ask about refunds, and we need a text.",
            state: "pending",
          },
          standing: { kind: "asked" },
          priority: "P1",
          kind: "major_incident",
          may: { acknowledge: false, close: false, answer_here: false, quiet: true },
        }),
      ]),
  },
  "page-dial-in": {
    view: () =>
      paged([
        page({ call_number: "+1 415-555-0132,,,,1234#", priority: "P2" }),
        taken({ call_number: "+1 415-555-0132,,,,1234#", priority: "P2" }),
      ]),
  },
  "page-late": {
    view: () =>
      paged([
        page({ triggered_at: at("09:29:25"), escalates_at: at("09:34:25"), may: { ...page().may, quiet: false } }),
      ]),
  },
  "page-quieted": {
    view: () => paged([page({ alarm: { ...page().alarm!, quiet_until: at("09:52:32"), next_at: null } })]),
  },
  "page-left": {
    view: () =>
      paged([page()], {
        left: [
          left(),
          left({
            id: "Q9",
            title: "Search index is behind",
            why: { kind: "moved_on", to: ["Priya Nair"] },
            taken_by: null,
          }),
          left({
            id: "Q8",
            why: { kind: "missing" },
            taken_by: null,
            note: "Herald's acknowledgement was not needed any more.",
          }),
        ],
      }),
  },
  "two-pages": {
    view: () =>
      paged([
        page(),
        page({ id: "Q3", title: "Container registry refuses pushes", triggered_at: at("09:33:01"), number: 4710 }),
        taken(),
      ]),
  },
  storm: { view: storm },
  acknowledged: {
    view: () =>
      paged([
        taken({ call_url: "https://calls.quillbrook.example/18342" }),
        taken({
          id: "Q5",
          taken_by: { id: "PJ", name: "Jonas Weber" },
          taken_by_me: false,
          title: "Search index is behind",
        }),
      ]),
  },
  acknowledging: { view: () => paged([page({ acting: "acknowledging", may: { ...page().may, acknowledge: false } })]) },
  "reading-back": { view: () => paged([page({ acting: "reading_back", may: { ...page().may, acknowledge: false } })]) },
  note: {
    view: () => paged([page({ note: "PagerDuty did not take the acknowledgement (HTTP 503). The page still calls." })]),
  },
  "unknown-standing": {
    view: () =>
      paged([
        page({
          standing: { kind: "unknown", why: "no_entry" },
          may: { acknowledge: false, close: false, answer_here: true, quiet: true },
        }),
      ]),
  },
  shadow: {
    view: () =>
      shadow([
        watched(),
        watched({ id: "QW", title: "Container registry refuses pushes", triggered_at: at("09:33:01") }),
        taken({
          taken_by: { id: "PD", name: "Dana Okafor" },
          taken_by_me: false,
          standing: { kind: "shadow", why: "schedule" },
          may: { ...taken().may, close: false },
        }),
      ]),
  },
  practice: {
    view: () =>
      paged([page()], { mode: { kind: "practice", scenario: "A single page, early in the shift" }, hollow: true }),
  },
  "practice-shadow": {
    view: () => shadow([watched()], { mode: { kind: "practice", scenario: "A page taken by somebody else" } }),
  },
  blind: { view: () => blind() },
  "blind-pages": { view: () => blind({ pages: [page()], sign: "page" }) },
  stale: { view: () => blind({}, { blind: false, alarm: null, failures: 2, last_good_at: at("09:47:02") }) },
  "first-answer": {
    view: () =>
      blind(
        { duty: { now: [], next: null, known_at: null, unread: 0, fault: null } },
        { blind: false, alarm: null, fault: null, failures: 0, last_good_at: null, next_try_at: null },
      ),
  },
  shaky: {
    view: () =>
      paged([taken()], {
        source: {
          ...quiet().source,
          fault: {
            kind: "server",
            reason: "PagerDuty is in trouble itself (HTTP 503)",
            next_step: "Herald keeps asking. Keep your phone in reach.",
          },
          failures: 1,
          last_good_at: at("09:47:18"),
        },
      }),
  },
  "key-refused": {
    view: () =>
      blind(
        {},
        {
          key_refused: true,
          next_try_at: null,
          failures: 2,
          fault: {
            kind: "unauthorized",
            reason: "PagerDuty does not accept the key (HTTP 401)",
            next_step: "Make a new key in PagerDuty and connect again in Settings.",
          },
        },
      ),
  },
  "first-run": { view: () => disconnected() },
  "first-run-region": {
    view: () => disconnected(),
    refuse: fail("other_region", "This key belongs to the US region."),
  },
  "first-run-account-key": {
    view: () => disconnected(),
    refuse: fail(
      "account_key",
      "This is an account key. Enter the e-mail of the person whose pages Herald shall watch.",
    ),
  },
  "first-run-refused": {
    view: () => disconnected(),
    refuse: fail(
      "unauthorized",
      "PagerDuty does not accept this key. Make a new one under My Profile, User Settings, and paste it whole.",
    ),
  },
  settings: { view: () => quiet(), screen: "settings" },
  "settings-refused": { view: () => blind({}, { key_refused: true }), screen: "settings" },
  "settings-testing": { view: () => quiet({ testing: true }), screen: "settings" },
  "settings-not-heard": {
    view: () =>
      quiet({
        settings: {
          ...quiet().settings,
          self_test: { at: at("09:40:00"), seen: false, heard: false },
          quiet_hours: { on: false, from: "22:00:00", to: "07:00:00" },
          sounds: { page: { volume: 100, file: "/sounds/a-very-long-name-of-a-ships-bell.wav" } },
        },
      }),
    screen: "settings",
  },
  "settings-read-only": {
    view: () =>
      quiet({
        account: { ...account, key: "account", read_only: true, token: "this_session" },
        shadow: { why: "read_only_key", answers: [] },
        hollow: true,
        sign: "shadow",
        channels: [
          {
            channel: "sound",
            health: { kind: "dead", reason: "There is no sound device. Plug one in or start the sound server." },
          },
        ],
      }),
    screen: "settings",
  },
  "settings-hotkey-taken": {
    view: () =>
      quiet({
        channels: [
          {
            channel: "hotkey",
            health: { kind: "dead", reason: "Ctrl+Alt+U is taken by another program. Choose another in Settings." },
          },
        ],
      }),
    screen: "settings",
  },
  "settings-hotkey-off": {
    view: () => quiet({ channels: [], settings: { ...quiet().settings, hotkey: null } }),
    screen: "settings",
  },
  "dead-hotkey": {
    view: () =>
      quiet({
        channels: [
          {
            channel: "hotkey",
            health: {
              kind: "dead",
              reason: "This desktop has no global hotkeys. Bind “herald draft” to a key in its settings.",
            },
          },
        ],
      }),
  },
  "settings-empty": { view: () => disconnected({ channels: [] }), screen: "settings" },
  "long-title": {
    view: () =>
      paged(
        [
          page({ title: LONG, service: "z".repeat(80), others: ["w".repeat(60)] }),
          page({ id: "QL2", title: LONG, triggered_at: at("08:12:00") }),
          taken({ title: LONG, taken_by_me: false, taken_by: { id: "P", name: "v".repeat(70) } }),
        ],
        { left: [left({ title: LONG })] },
      ),
  },
  rtl: {
    view: () =>
      paged(
        [
          page({ title: ARABIC, service: "خدمة" }),
          page({ id: "QH", title: HEBREW, triggered_at: at("09:40:00") }),
          page({ id: "QA", title: ARABIC + ARABIC, triggered_at: at("09:39:00") }),
          taken({ title: HEBREW }),
        ],
        { left: [left({ title: ARABIC })] },
      ),
  },
  emoji: {
    view: () =>
      paged([
        page({ title: EMOJI }),
        page({ id: "QE", title: "🧨".repeat(60), triggered_at: at("09:40:00") }),
        taken({ title: EMOJI }),
      ]),
  },
  "store-fault": {
    view: () =>
      paged([page({ may: { acknowledge: false, close: false, answer_here: false, quiet: true } })], {
        store_fault: "No space is left on the disk (the data folder)",
      }),
  },
  "store-fault-settings": {
    view: () => quiet({ store_fault: "No space is left on the disk (the data folder)" }),
    screen: "settings",
  },
  "dead-channels": {
    view: () =>
      quiet({
        channels: [
          {
            channel: "notifications",
            health: {
              kind: "dead",
              reason: "No notification daemon answers on the desktop bus. Start one, for example dunst.",
            },
          },
          {
            channel: "sound",
            health: { kind: "dead", reason: "There is no sound device. Plug one in or start the sound server." },
          },
          { channel: "tray", health: { kind: "works", by: "StatusNotifier host" } },
        ],
        notices: ["The database was damaged and has been set aside as herald-2026-05-06.db. Herald began a new one."],
      }),
  },
  "dead-channels-page": {
    view: () =>
      paged([page()], {
        channels: [
          { channel: "sound", health: { kind: "dead", reason: "There is no sound device." } },
          { channel: "tray", health: { kind: "dead", reason: "No tray host." } },
        ],
      }),
  },
  ...INCIDENTS,
  ...STAGES,
  ...HANDOVERS,
  ...LEDGER,
  ...PAST_STATES,
  ...TRAINING,
  ...TYPING,
  gone: { view: () => paged([page()]), gone: true },
  lost: {
    view: () => quiet(),
    refuse: { hello: { code: "unknown", message: "The window was opened before Herald was ready." } },
  },
};

/** The pretended host and screen that the address asks for. */
export function gallery(asked: URLSearchParams): {
  host: Pretend;
  screen: Screen;
  place: Place | null;
  spot: Spot | null;
} {
  const state = STATES[asked.get("pretend") ?? "quiet"];
  if (state === undefined) throw new Error(`There is no such state. There are: ${Object.keys(STATES).join(", ")}`);
  const view = state.view();
  const theme = (asked.get("theme") ?? "light") as Theme;
  const host = new Pretend({ ...view, settings: { ...view.settings, theme } }, asked.get("now") ?? NOW);
  host.refuse = state.refuse ?? {};
  host.history = state.history ?? host.history;
  host.event = state.event ?? null;
  const { goTo } = state;
  if (goTo !== undefined) setTimeout(() => host.goTo(goTo), 300);
  if (state.gone) setTimeout(() => host.lose(true), 300);
  // For scripts that look at the window: they may change what is shown.
  Object.assign(window, { pretend: host });
  return { host, screen: state.screen ?? "duty", place: state.place ?? null, spot: state.spot ?? null };
}
