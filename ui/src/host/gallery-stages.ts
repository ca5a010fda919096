// Stages and tasks in every state, for the gallery.
import type { Mark } from "../gen/types";
import type { State } from "./gallery";
import { going, incident, monitoring } from "./pretend-incidents";
import { GUIDE, type Marks, stages } from "./pretend-stages";
import { at, taken } from "./pretend-views";

const me = (time: string): Mark => ({ mark: "done", at: at(time), by: "me", saw: "" });
const herald = (time: string, saw = "The status page shows Investigating"): Mark => ({
  mark: "done",
  at: at(time),
  by: "herald",
  saw,
});

const JOINED: Marks = {
  acknowledge: herald("09:19:02", "PagerDuty shows page #4711 acknowledged by Elena Marsh"),
  "join-call": me("09:19:40"),
  "be-heard": me("09:20:10"),
  "ask-public": herald("09:19:10", "You noted the answer: yes"),
};
const TOLD: Marks = {
  ...JOINED,
  "create-post": herald("09:21:02"),
  "verify-post": herald("09:21:40", "The status page shows Investigating, word for word"),
};
const ENGAGED: Marks = {
  ...TOLD,
  "confirm-severity": me("09:22:00"),
  "notify-stakeholders": me("09:24:00"),
  "label-issue": herald("09:22:30", "Issue #20102 carries Incident-Comms::Status-Page"),
  "close-page": herald("09:25:00", "PagerDuty shows page #4711 closed"),
};
const WATCHING: Marks = {
  ...ENGAGED,
  "keep-updated": herald("09:29:48", "The status page shows Monitoring"),
  "create-tag": me("09:26:00"),
  "tag-tickets": me("09:27:00"),
  "ask-period": me("09:29:00"),
  "publish-monitoring": herald("09:29:48", "The status page shows Monitoring"),
  "verify-monitoring": herald("09:30:31", "The status page shows Monitoring, word for word"),
  watch: { mark: "open", now: true, until: at("09:59:48") },
  confirmed: { mark: "locked", needs: ["Watch for recurrence"], opens_at: at("09:59:48") },
  "all-clear": { mark: "locked", needs: ["Watch for recurrence"], opens_at: at("09:59:48") },
};

const FACTS = [
  { task: "Acknowledge the page", mark: TOLD["acknowledge"]! },
  { task: "Join the call", mark: TOLD["join-call"]! },
  { task: "Ask whether the public is told", mark: TOLD["ask-public"]! },
  {
    task: "Tell support where it happens",
    mark: { mark: "skipped" as const, at: at("09:20:40"), reason: "They are in the call" },
  },
  { task: "Publish the first update", mark: TOLD["create-post"]! },
];

const lacking = { name: "Incident-Comms::Status-Page", under_way: false, why_not: null };
const LONG = "Ask everybody who might know " + "w".repeat(90) + " whether the public is told";
const ARABIC = "اسأل مدير الحادث عما إذا كان يجب إبلاغ الجمهور قبل نشر أي تحديث";

const look = (card: ReturnType<typeof incident>, change = {}): State => ({
  view: () => going([card], change),
  place: { incident: card.id, compose: false },
});
const named = (text: string) => {
  const worded = GUIDE.stages.map((stage) => ({
    ...stage,
    tasks: stage.tasks.map((task) =>
      task.id === "ask-public" || task.id === "create-post" ? { ...task, text, help: text } : task,
    ),
  }));
  return { playbook: { ...going([]).playbook, guide: { ...GUIDE, stages: worded } } };
};

export const STAGES: Record<string, State> = {
  "stage-engage": look(incident({ stages: stages("engage", JOINED) })),
  "stage-engage-new": look(
    incident({ phase: null, updates: [], clock: null, decided_at: null, stages: stages("engage") }),
    { pages: [taken()] },
  ),
  "stage-label": look(
    incident({
      stages: stages(
        "engage",
        {
          ...TOLD,
          "confirm-severity": me("09:22:00"),
          "notify-stakeholders": { mark: "skipped", at: at("09:23:00"), reason: "The IM told them already" },
        },
        { label: lacking },
      ),
    }),
  ),
  "stage-label-refused": look(
    incident({
      stages: stages("manage", ENGAGED, {
        label: {
          ...lacking,
          why_not: "Herald may not write to the tracker. Connect it in Settings with a key that may.",
        },
      }),
    }),
  ),
  "stage-manage": look(incident({ stages: stages("manage", ENGAGED) })),
  "stage-tickets": look(
    incident({
      stages: stages("manage", ENGAGED, {
        tickets: { count: 7, at: at("09:46:30"), old_at: at("09:52:30"), fault: null },
      }),
    }),
  ),
  "stage-tickets-old": look(
    incident({
      stages: stages("manage", ENGAGED, {
        tickets: {
          count: 7,
          at: at("09:35:30"),
          old_at: at("09:41:30"),
          fault: "it asks for a pause: too many requests with this key (HTTP 429)",
        },
      }),
    }),
  ),
  "stage-behind": look(
    incident({
      stages: stages("manage", { ...TOLD, acknowledge: { mark: "not_needed", why: "no page called for it" } }),
    }),
  ),
  "stage-monitor": look(monitoring({ severity: "s2", stages: stages("monitor", WATCHING) })),
  "stage-came-back": look(
    monitoring({ monitoring: null, stages: stages("manage", ENGAGED, { recurred_at: at("09:41:00") }) }),
  ),
  "stage-resolve": {
    view: () => ({
      ...going([]),
      ended: [
        {
          id: 3,
          title: "Search index is behind",
          ended_at: at("09:46:00"),
          phase: "resolved",
          leftover: [],
          live: null,
          left_to_do: 2,
          unsent: false,
        },
      ],
      wrapping: [
        monitoring({
          phase: "resolved",
          clock: null,
          monitoring: null,
          ended_at: at("09:46:00"),
          stages: stages("resolve", {
            ...WATCHING,
            watch: herald("09:45:00", "The 30 minutes of watching are over"),
            confirmed: me("09:45:10"),
            "all-clear": me("09:45:20"),
            "publish-resolved": herald("09:46:00", "The status page took Resolved"),
          }),
        }),
      ],
    }),
    place: { incident: 3, compose: false },
  },
  "stage-long": look(
    incident({
      stages: stages("engage", {
        acknowledge: herald("09:19:02", "PagerDuty shows page #4711 acknowledged by Elena Marsh"),
        "join-call": me("09:19:40"),
        "be-heard": { mark: "skipped", at: at("09:20:00"), reason: LONG },
      }),
    }),
    named(LONG),
  ),
  "stage-rtl": look(
    incident({
      stages: stages("engage", {
        acknowledge: herald("09:19:02", "PagerDuty shows page #4711 acknowledged by Elena Marsh"),
        "join-call": me("09:19:40"),
        "be-heard": me("09:20:10"),
      }),
    }),
    named(ARABIC),
  ),
  "stage-none": look(incident({ stages: { ...stages("engage"), tasks: [] } }), {
    playbook: { ...going([]).playbook, guide: { stages: [], reference: [] } },
  }),
  "page-lacks": {
    view: () =>
      going([incident({ pages: ["Q2TAKEN"], stages: stages("engage", TOLD, { label: lacking }) })], {
        pages: [
          taken({
            lacks: ["Have the severity confirmed", "Notify stakeholders, one thread", "Label the issue"],
            closing: {
              of: { whose: "known", incident: 2, title: "Pipelines wait long before starting", over_at: null },
              facts: FACTS,
            },
          }),
        ],
      }),
  },
  "ended-left": { view: () => STAGES["stage-resolve"]!.view() },
};
