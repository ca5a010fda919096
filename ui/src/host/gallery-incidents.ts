// Incidents and composers for the gallery.
import type { LintView } from "../gen/types";
import type { State } from "./gallery";
import {
  BODY,
  compose,
  FEEDS,
  going,
  incident,
  ISSUE,
  monitoring,
  overdue,
  text,
  tooLong,
  undecided,
} from "./pretend-incidents";
import { at, page, quiet } from "./pretend-views";

const LONG = "x".repeat(80) + "ThisTitleHasNoPlaceToBreakAndGoesOn" + "y".repeat(45);
const ARABIC = "فشل تسجيل الدخول الموحد لجميع المستخدمين في منطقة أوروبا منذ الساعة التاسعة صباحا";
const HEBREW = "שירות הכניסה נכשל עבור כל המשתמשים";
const EMOJI = "🔥🔥 Prod is down 👩🏽‍🚒🚒 please help 🇺🇦🧯 family 👨‍👩‍👧‍👦 in zone 1️⃣";

const byHand = compose({
  outlet: {
    ...compose().outlet,
    refusal: "no_status_page",
    why_not: 'Herald may not write to the status page. Copy the text, post it there, then choose "I posted it".',
  },
});

const lint = (
  rule: LintView["rule"],
  weight: LintView["weight"],
  says: string,
  fixed: LintView["fixed"] = null,
): LintView => ({
  rule,
  weight,
  says,
  fixed,
  fix: fixed === null ? null : { fix: "append_link", url: ISSUE },
});

const manyLints = [
  lint("title_empty", "block", "The title is empty. Say in simple terms what the issue is."),
  lint(
    "words_cut",
    "confirm",
    "Posts cut at 230 lose “within the hour. Running jobs are not affected. Next update in 30 minutes.”",
  ),
  lint(
    "link_missing",
    "confirm",
    "The first update has no link of the issue.",
    text({ title: "", body: `${BODY} ${ISSUE}` }),
  ),
  lint("no_components", "confirm", "No component is chosen. Choose each one that is affected."),
  tooLong(text({ title: "" })),
  lint(
    "monitoring_facts",
    "advice",
    "Also say: systems are back to normal · we watch for recurrence · how long until we resolve.",
  ),
];

/** Over, says the draft, while the stages say otherwise. */
const tooEarly = [
  lint(
    "resolved_too_early",
    "confirm",
    "Resolved, but still open: The issue is confirmed resolved · The IM gave the all-clear.",
  ),
];

/** A wider scope under another title, on a page that takes neither in an update. */
const wider = compose({ text: text({ title: "Nothing starts any more", components: ["c-pipe", "c-git"] }) });
const notSent = compose({
  ...wider,
  lints: [
    lint(
      "not_sent",
      "confirm",
      "Status.io does not take all of this in an update. Not sent: the title “Nothing starts any more”; Git over SSH as added. Change that in its dashboard.",
    ),
  ],
  outlet: { ...wider.outlet, title: text().title, components: text().components, sets: text().components },
});

const duty = (view: State["view"]): State => ({ view });
const look = (card: ReturnType<typeof incident>, change = {}): State => ({
  view: () => going([card], change),
  place: { incident: card.id, compose: false },
});
const write = (card: ReturnType<typeof incident>, change = {}): State => ({
  view: () => going([card], change),
  place: { incident: card.id, compose: true },
});

const overtaken = {
  read_at: at("09:46:40"),
  headline: "somebody resolved it",
  differs: ["Published at 09:46:20 UTC"],
  resolved: true,
  title: "Pipelines wait long before starting",
  components: [],
  update: {
    at: at("09:46:20"),
    phase: "resolved" as const,
    impact: "operational" as const,
    text: "Waiting times for pipelines are back to normal. This incident is resolved.",
    mine: false,
  },
};
const unsent = {
  at: at("09:46:40"),
  overtaken: null,
  why: "the page refused this request (HTTP 403), and the key may be fine. Try again; if it is refused again, post it by hand",
};
const going_on = { kind: "sending" } as const;
const blindFeed = {
  ...FEEDS[1]!,
  stale: true,
  blind: true,
  last_good_at: at("09:38:10"),
  failures: 6,
  fault: { kind: "timeout" as const, reason: "no answer in time", next_step: "Check the network." },
};

export const INCIDENTS: Record<string, State> = {
  incidents: duty(() => going([overdue(), incident(), monitoring()])),
  "incidents-page": duty(() => going([overdue(), incident()], { pages: [page()], sign: "page" })),
  "incidents-offline": duty(() => ({
    ...going([overdue(), incident({ updates: [] })]),
    feeds: [FEEDS[0]!, blindFeed],
  })),
  "incident-undecided": duty(() =>
    going([undecided(), overdue({ still_running: { since: at("07:40:00"), issue: null } })], {
      ended: [
        {
          id: 9,
          title: "Mail is late",
          ended_at: at("09:02:11"),
          phase: "resolved",
          leftover: [{ id: "c-mail", name: "Mail", impact: "degraded" }],
          live: null,
          left_to_do: 0,
          unsent: false,
        },
      ],
    }),
  ),
  "incident-says": look(
    incident({
      state: "mitigated",
      own: { ...incident().own, state: "mitigated" },
      issue: { iid: 18342, url: ISSUE, confidential: true, standing: "hidden" },
    }),
  ),
  "compose-suggests": write(incident({ state: "mitigated", compose: compose({ suggests: "monitoring" }) })),
  "incident-left": duty(() =>
    going([
      incident({
        issue: { iid: 18342, url: ISSUE, confidential: false, standing: "closed" },
        phase: null,
        updates: [],
        state: "mitigated",
        still_running: { since: at("09:31:00"), issue: "closed" },
      }),
    ]),
  ),
  "incident-confidential": duty(() =>
    going([
      incident({ issue: { iid: 18342, url: ISSUE, confidential: true, standing: "active" }, severity: "s4" }),
      monitoring({
        promise: { due_at: at("10:15:00"), made_at: at("09:29:48"), made_by: null, confirmed_at: null },
        clock: { ...monitoring().clock!, due_at: at("10:15:00"), counts: "promise" },
      }),
    ]),
  ),
  "incident-publishing": duty(() =>
    going([
      incident({ publishing: [{ id: 1, stage: going_on, asked_at: at("09:47:30"), text: text() }] }),
      overdue({
        publishing: [
          {
            id: 2,
            stage: { kind: "reading_back", failures: 2, lacking: false, asks: false },
            asked_at: at("09:46:30"),
            text: text(),
          },
        ],
      }),
      monitoring({
        publishing: [
          {
            id: 3,
            stage: { kind: "not_seen_yet", accepted_at: at("09:46:05") },
            asked_at: at("09:46:00"),
            text: text(),
          },
        ],
      }),
    ]),
  ),
  "incident-unsent": duty(() =>
    going([incident({ compose: compose({ unsent }) }), overdue(), monitoring({ compose: compose() })]),
  ),
  "incident-unsent-open": look(incident({ compose: compose({ unsent }) })),
  "compose-overtaken": write(
    incident({
      ended_at: at("09:46:20"),
      compose: compose({ unsent: { at: at("09:46:40"), why: "Herald looked first: somebody resolved it", overtaken } }),
    }),
  ),
  "compose-overtaken-posted": write(
    incident({
      compose: compose({
        unsent: {
          at: at("09:46:40"),
          why: "Herald looked first: somebody published an update",
          overtaken: {
            ...overtaken,
            headline: "somebody published an update",
            resolved: false,
            title: LONG,
            differs: ["Published at 09:46:20 UTC", "Its title is now another."],
            update: { ...overtaken.update, phase: "identified" as const, impact: null, text: LONG },
          },
        },
      }),
    }),
  ),
  "incident-promise-doubt": duty(() =>
    going([
      incident({
        severity: "s1",
        promise_doubt: { promised_at: at("10:35:44"), due_at: at("09:45:44"), every_min: 10 },
      }),
      overdue(),
    ]),
  ),
  "compose-unsent": write(incident({ compose: compose({ unsent: { ...unsent, why: "the request did not arrive" } }) })),
  "incidents-long": duty(() =>
    going([overdue({ title: LONG, im: "v".repeat(70) }), incident({ title: ARABIC }), monitoring({ title: EMOJI })], {
      ended: [
        {
          id: 9,
          title: LONG,
          ended_at: at("09:02:11"),
          phase: "monitoring",
          leftover: [],
          live: null,
          left_to_do: 0,
          unsent: false,
        },
      ],
    }),
  ),
  "incident-unsure": look(incident({ promise_unsure: "Next update by 3pm CST", updates: incident().updates })),
  incident: look(
    incident({
      pages: ["Q1SSO"],
      own: { ...incident().own, im: "Mateo Silva" },
      promise_offer: { due: at("10:05:44"), words: "Next update in 30 minutes" },
      moved: { at: at("09:40:00"), from: at("10:05:44"), why: "Severity S3 → S2" },
    }),
  ),
  "incident-monitoring": look(monitoring()),
  "incident-overdue": look(
    overdue({
      publishing: [
        {
          id: 2,
          stage: { kind: "reading_back", failures: 2, lacking: false, asks: false },
          asked_at: at("09:46:30"),
          text: text(),
        },
      ],
    }),
  ),
  "incident-new": look(undecided()),
  "incident-long": look(
    incident({
      title: LONG,
      im: "v".repeat(70),
      eoc: ARABIC,
      channel: "#" + "c".repeat(60),
      log: [
        { at: at("09:35:44"), by: "others", what: LONG },
        { at: at("09:31:00"), by: "me", what: HEBREW },
      ],
    }),
  ),
  "incident-rtl": look(incident({ title: ARABIC, im: "דנה כהן" })),
  compose: write(incident()),
  "compose-empty": write(undecided()),
  "compose-overdue": write(overdue()),
  "compose-too-early": write(
    incident({
      phase: "monitoring",
      compose: compose({ text: text({ phase: "resolved", impact: "operational" }), lints: tooEarly }),
    }),
  ),
  "compose-lints": write(
    incident({ compose: compose({ text: text({ title: "", body: BODY, components: [] }), lints: manyLints }) }),
  ),
  "compose-asked": write(
    incident({ compose: compose({ review: { asked_at: at("09:44:10"), body: BODY, agreed_at: null } }) }),
  ),
  "compose-agreed": write(
    incident({
      compose: compose({ review: { asked_at: at("09:44:10"), body: `${BODY} ${ISSUE}`, agreed_at: at("09:46:02") } }),
    }),
  ),
  "compose-by-hand": write(incident({ compose: byHand })),
  "compose-not-sent": write(incident({ compose: notSent })),
  "compose-rtl": write(
    incident({
      title: ARABIC,
      compose: compose({ text: text({ title: ARABIC, body: `${ARABIC}. ${HEBREW}. ${ISSUE}` }) }),
    }),
  ),
  "compose-emoji": write(
    incident({ title: EMOJI, compose: compose({ text: text({ title: EMOJI, body: `${EMOJI} ${EMOJI} ${ISSUE}` }) }) }),
  ),
  "compose-long": write(
    incident({
      compose: compose({
        text: text({
          title: LONG,
          body: `${BODY} ${LONG} ${BODY}`,
          components: ["c-web", "c-api", "c-git", "c-pipe", "c-run", "c-reg"],
        }),
        meters: {
          body: { used: 560, limit: 220 },
          visible: { used: 560, limit: 230 },
          total: { used: 560, limit: 280 },
        },
        lints: manyLints.slice(1),
      }),
    }),
  ),
  "settings-feeds": { view: () => going([]), screen: "settings" },
  "settings-feeds-none": { view: () => quiet(), screen: "settings" },
};
