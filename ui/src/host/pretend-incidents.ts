// Incidents in every state they can be in, for the pretend host.
import type {
  AlarmKey,
  Broadcast,
  Component,
  Compose,
  IncidentCard,
  LintView,
  PastUpdate,
  Phase,
  Prefilled,
  SourceView,
  TemplateView,
  Text,
  View,
} from "../gen/types";
import { stages } from "./pretend-stages";
import { at, quiet } from "./pretend-views";

export const ISSUE = "https://tracker.quillbrook.example/issues/18342";

export const BODY =
  "We know why pipelines start late: the job queue had already run out of database connections. " +
  "We are adding capacity and expect normal waiting times within the hour. Running jobs are not affected. " +
  "Next update in 30 minutes.";

export const COMPONENTS: Component[] = [
  ["c-web", "Website", "operational"],
  ["c-api", "API", "operational"],
  ["c-git", "Git over SSH", "partial"],
  ["c-pipe", "Pipelines", "degraded"],
  ["c-run", "Hosted runners", "operational"],
  ["c-reg", "Container registry", "operational"],
  ["c-pages", "Pages", "operational"],
  ["c-search", "Search", "operational"],
  ["c-mail", "Mail", "operational"],
  ["c-sso", "Single sign-on", "operational"],
].map(([id, name, impact]) => ({ id, name, impact }) as Component);

export const PAST: PastUpdate[] = [
  {
    incident: 2,
    at: "2026-05-06T09:35:44Z",
    phase: "investigating",
    title: "Pipelines wait long before starting",
    text: `We see that pipelines start late and are investigating. ${ISSUE}`,
    mine: true,
  },
  {
    incident: 5,
    at: "2026-04-28T16:02:10Z",
    phase: "resolved",
    title: "Mail is late",
    text: "The incident is resolved: mail leaves within seconds again. Thank you for your patience.",
    mine: false,
  },
  {
    incident: 3,
    at: "2025-05-14T09:47:00Z",
    phase: "identified",
    title: "Container registry refuses pushes",
    text: "Pushes to the container registry fail since a certificate ran out. We are renewing it.",
    mine: true,
  },
];

const TEMPLATES: TemplateView[] = [
  {
    id: "cause",
    name: "Cause found",
    family: null,
    phase: "identified",
    text: `We have found the cause of the delays with Pipelines and are working on a fix. Next update in 30 minutes. ${ISSUE}`,
    own: false,
  },
  {
    id: "errors",
    name: "Elevated errors",
    family: null,
    phase: "investigating",
    text: `We see elevated error rates with Pipelines and are investigating. ${ISSUE}`,
    own: false,
  },
  {
    id: "n-work",
    name: "Nothing new",
    family: "no_news",
    phase: null,
    text: "No material updates to report. We go on working on the capacity of the job queue. Next update in 30 minutes.",
    own: false,
  },
  {
    id: "n-try",
    name: "A try failed",
    family: "no_news",
    phase: null,
    text: "No material updates to report. A first fix did not help, we are preparing another. Next update in 30 minutes.",
    own: false,
  },
  {
    id: "fix",
    name: "Fix under way",
    family: null,
    phase: "identified",
    text: `A fix for Pipelines is on its way out. ${ISSUE}`,
    own: false,
  },
  {
    id: "watch",
    name: "Fix is out",
    family: null,
    phase: "monitoring",
    text: `A fix is out and Pipelines are back to normal. We watch for recurrence for 30 minutes. ${ISSUE}`,
    own: false,
  },
  {
    id: "over",
    name: "Back to normal",
    family: null,
    phase: "resolved",
    text: `The incident is resolved and Pipelines are back to normal. ${ISSUE}`,
    own: false,
  },
];

const RULES: Record<Phase, string[]> = {
  investigating: [
    "The title says in simple terms what the issue is.",
    "All broadcast boxes are on; the subject of the message stays as it is.",
    "Link the issue.",
  ],
  identified: [
    "Say what changed since the last update.",
    "The status stays, unless more or less is affected: then ask the IM.",
  ],
  monitoring: [
    "Say that systems are back to normal, that we watch for recurrence, and how long until we resolve.",
    "The status is not Operational yet: that comes with Resolved.",
  ],
  resolved: [
    "Say that it is resolved and back to normal.",
    "The status of every component is Operational.",
    "Link the issue.",
  ],
};

function prefilled(phase: Phase): Prefilled {
  return {
    step: phase === "resolved" ? "resolve" : phase === "monitoring" ? "monitor" : "update",
    title: "Pipelines wait long before starting",
    phase,
    impact: phase === "resolved" ? "operational" : "degraded",
    components: ["Pipelines"],
    needs_link: phase === "resolved",
    broadcast_all: true,
    set_status_level: true,
    rules: RULES[phase],
  };
}

export function text(change: Partial<Text> = {}): Text {
  return {
    title: "Pipelines wait long before starting",
    body: `${BODY} ${ISSUE}`,
    phase: "identified",
    impact: "degraded",
    components: ["c-pipe"],
    promise: true,
    muted: [],
    ...change,
  };
}

export function tooLong(draft: Text): LintView {
  return {
    rule: "body_too_long",
    weight: "advice",
    says: "Body is 2 over 220, so cut posts show too little of the link.",
    fix: { fix: "replace_text", text: draft.body.replace("already ", "") },
    fixed: { ...draft, body: draft.body.replace("already ", "") },
  };
}

/** A composer. With a body its meters and cut are those of the first example. */
export function compose(change: Partial<Compose> = {}): Compose {
  const draft = change.text ?? text();
  const empty = draft.body === "";
  const used = empty ? [0, 0, 0] : [222, 246, 246];
  return {
    text: draft,
    saved_at: empty ? null : at("09:47:31"),
    review: null,
    basis: "basis",
    unsent: null,
    step: "update",
    meters: {
      body: { used: used[0]!, limit: 220 },
      visible: { used: used[1]!, limit: 230 },
      total: { used: used[2]!, limit: 280 },
    },
    cut: empty
      ? { shown: "", lost: "", link_chars: 0 }
      : { shown: `${draft.body.replace(/https:.*$/, "")}https:/…`, lost: ISSUE.slice(7), link_chars: 7 },
    lints: empty ? [] : [tooLong(draft)],
    phases: (["investigating", "identified", "monitoring", "resolved"] as const).map(prefilled),
    suggests: null,
    promise: empty ? null : { due: at("10:17:32"), words: "Next update in 30 minutes" },
    templates: TEMPLATES,
    intend: `In my next update I intend to move to ${draft.phase}: ${draft.body}`,
    outlet: {
      refusal: null,
      why_not: null,
      public_url: "https://status.quillbrook.example",
      service: "Status.io",
      channels: CHANNELS.map(([channel, name]) => ({ channel, name, tells: !draft.muted.includes(channel) })),
      next_due_min: 30,
      title: draft.title,
      components: draft.components,
      sets: draft.components,
      dashboard: "https://pages.quillbrook.example/dashboard",
    },
    ...change,
  };
}

const CHANNELS: readonly [Broadcast, string][] = [
  ["email", "e-mail"],
  ["sms", "SMS"],
  ["webhook", "webhook"],
  ["social", "social"],
  ["slack", "Slack"],
];

const NOTHING_OWN = {
  title: null,
  severity: null,
  state: null,
  issue_url: null,
  call_url: null,
  channel: null,
  im: null,
  eoc: null,
  monitoring_min: null,
};

export function updateAlarm(incident: number, due_at: string): AlarmKey {
  return { about: "update", incident, due_at };
}

/** An incident whose next update is due in 03:12. */
export function incident(change: Partial<IncidentCard> = {}): IncidentCard {
  const id = change.id ?? 2;
  return {
    id,
    title: "Pipelines wait long before starting",
    severity: "s2",
    state: "active",
    phase: "investigating",
    since: at("09:18:03"),
    issue: { iid: 18342, url: ISSUE, confidential: false, standing: "active" },
    post: { id: "6630a1", url: "https://status.quillbrook.example/incident/6630a1" },
    call_url: "https://calls.quillbrook.example/18342",
    call_number: null,
    channel: "#inc-18342",
    im: "Mateo Silva",
    eoc: "Aiko Tanaka",
    own: { ...NOTHING_OWN },
    pages: [],
    clock: {
      due_at: at("09:50:44"),
      from: at("09:35:44"),
      counts: "update",
      every_min: 15,
      soon_at: at("09:45:44"),
      urgency: "soon",
    },
    monitoring: null,
    promise: null,
    promise_offer: null,
    promise_unsure: null,
    promise_doubt: null,
    moved: null,
    still_running: null,
    decided_at: at("09:19:10"),
    declined_at: null,
    updates: [
      {
        at: at("09:35:44"),
        phase: "investigating",
        impact: "degraded",
        text: `We see long waiting times before pipelines start and are investigating. ${ISSUE}`,
        mine: true,
      },
      {
        at: at("09:21:02"),
        phase: "investigating",
        impact: "degraded",
        text: `Some pipelines start late. ${ISSUE}`,
        mine: false,
      },
    ],
    publishing: [],
    live: { kind: "since", at: at("09:35:51") },
    ended_at: null,
    stages: stages("engage"),
    alarm: { key: updateAlarm(id, at("09:50:44")), quiet_until: null, next_at: at("09:50:44"), louder: true },
    log: [
      {
        at: at("09:35:44"),
        by: "me",
        what: "Investigating, published: “We see long waiting times before pipelines start…”",
      },
      { at: at("09:35:51"), by: "herald", what: "Seen on the status page" },
      { at: at("09:21:02"), by: "others", what: "Investigating, published: “Some pipelines start late.”" },
      { at: at("09:19:10"), by: "me", what: "Decided to tell the public" },
      { at: at("09:18:03"), by: "others", what: "Issue opened" },
    ],
    compose: compose(),
    ...change,
  };
}

export function overdue(change: Partial<IncidentCard> = {}): IncidentCard {
  return incident({
    id: 1,
    title: "Git pushes over SSH time out",
    severity: "s1",
    issue: {
      iid: 18345,
      url: "https://tracker.quillbrook.example/issues/18345",
      confidential: false,
      standing: "active",
    },
    clock: {
      due_at: at("09:46:25"),
      from: at("09:36:25"),
      counts: "update",
      every_min: 10,
      soon_at: at("09:41:25"),
      urgency: "over",
    },
    alarm: { key: updateAlarm(1, at("09:46:25")), quiet_until: null, next_at: at("09:48:25"), louder: true },
    updates: [
      {
        at: at("09:36:25"),
        phase: "investigating",
        impact: "partial",
        text: "Git pushes over SSH time out.",
        mine: false,
      },
    ],
    compose: compose({
      text: text({
        title: "Git pushes over SSH time out",
        body: "",
        phase: "investigating",
        impact: "partial",
        components: ["c-git"],
      }),
    }),
    ...change,
  });
}

export function monitoring(change: Partial<IncidentCard> = {}): IncidentCard {
  return incident({
    id: 3,
    title: "Search index is behind",
    severity: "s3",
    phase: "monitoring",
    issue: {
      iid: 18339,
      url: "https://tracker.quillbrook.example/issues/18339",
      confidential: false,
      standing: "active",
    },
    clock: {
      due_at: at("10:29:48"),
      from: at("09:29:48"),
      counts: "update",
      every_min: 60,
      soon_at: at("10:24:48"),
      urgency: "later",
    },
    monitoring: { from: at("09:29:48"), ends_at: at("09:59:48"), minutes: 30 },
    compose: compose({
      text: text({ title: "Search index is behind", body: "", phase: "monitoring", components: ["c-search"] }),
    }),
    alarm: null,
    ...change,
  });
}

/** Nobody has decided yet whether the public is told. */
export function undecided(change: Partial<IncidentCard> = {}): IncidentCard {
  return incident({
    id: 4,
    title: "Registry pushes are slow for some",
    severity: null,
    phase: null,
    post: null,
    clock: null,
    alarm: null,
    decided_at: null,
    updates: [],
    live: null,
    issue: null,
    channel: null,
    im: null,
    eoc: null,
    call_url: null,
    log: [{ at: at("09:44:00"), by: "me", what: "Entered by hand" }],
    compose: compose({
      step: "create",
      text: text({
        title: "Registry pushes are slow for some",
        body: "",
        phase: "investigating",
        impact: null,
        components: [],
      }),
    }),
    ...change,
  });
}

const feed = (source: SourceView["source"], name: string, last: string): SourceView => ({
  ...quiet().source,
  source,
  name,
  last_good_at: at(last),
  interval_s: 30,
});
export const FEEDS = [feed("tracker", "GitLab", "09:47:24"), feed("status_page", "Status page", "09:47:27")];

export function going(incidents: IncidentCard[], change: Partial<View> = {}): View {
  const over = incidents.some((it) => it.clock?.urgency === "over");
  const soon = incidents.some((it) => it.clock?.urgency === "soon");
  return quiet({
    sign: over ? "overdue" : soon ? "due-soon" : "open",
    incidents,
    components: COMPONENTS,
    feeds: FEEDS,
    tracker: {
      base_url: "https://tracker.quillbrook.example",
      project: "ops/production",
      user: null,
      token: null,
      can_write: false,
    },
    status_page: { ...quiet().playbook.status_page, token: "keychain" },
    ...change,
  });
}
