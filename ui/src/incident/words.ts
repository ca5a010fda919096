// How incidents are put into words: phases, statuses, clocks, and where a publication stands.
import type {
  Broadcast,
  By,
  ClockView,
  EndedIncident,
  Impact,
  IncidentCard,
  IssueStanding,
  IssueState,
  Live,
  Own,
  Phase,
  PublishingStage,
  Severity,
} from "../gen/types";
import { countdown, daySecond, ms } from "../lib/time";
import type { IconName } from "../parts/Icon.svelte";

export const PHASES: readonly Phase[] = ["investigating", "identified", "monitoring", "resolved"];
export const PHASE: Record<Phase, string> = {
  investigating: "Investigating",
  identified: "Identified",
  monitoring: "Monitoring",
  resolved: "Resolved",
};

/** An update's phase; of one whose page tells none, that it is an update. */
export function phaseOf(phase: Phase | null): string {
  return phase === null ? "Update" : PHASE[phase];
}

/** Where an incident stands for the public: in a phase, in none that could be read, or not there at all. */
export function standing(phase: Phase | null, told: boolean): string {
  return phase !== null ? PHASE[phase] : told ? "State not told" : "Not public yet";
}

export const IMPACTS: readonly Impact[] = ["operational", "degraded", "partial", "disruption", "security"];
export const IMPACT: Record<Impact, string> = {
  operational: "Operational",
  degraded: "Degraded performance",
  partial: "Partial service disruption",
  disruption: "Service disruption",
  security: "Security event",
};

export const STATES: readonly IssueState[] = ["active", "mitigated", "resolved"];
export const STATE: Record<IssueState, string> = { active: "Active", mitigated: "Mitigated", resolved: "Resolved" };

export const SEVERITIES: readonly Severity[] = ["s1", "s2", "s3", "s4"];

export const BROADCASTS: readonly Broadcast[] = ["email", "sms", "webhook", "social", "irc", "msteams", "slack"];
export const BROADCAST: Record<Broadcast, string> = {
  email: "e-mail",
  sms: "SMS",
  webhook: "webhook",
  social: "social",
  irc: "IRC",
  msteams: "Teams",
  slack: "Slack",
};

export const BY: Record<By, { words: string; icon: IconName }> = {
  me: { words: "you", icon: "tick" },
  herald: { words: "Herald", icon: "twice" },
  others: { words: "others", icon: "others" },
};

/** How an issue stands in the tracker, to be followed by since when. */
export const STANDING: Record<IssueStanding, string> = {
  active: "The issue has been active",
  inactive: "The issue has not been listed as active",
  closed: "The issue has been closed",
  hidden: "The issue, confidential now or moved, has not been seen",
};

/** "S1"; "S?" while nobody knows. */
export function severity(of: Severity | null): string {
  return of === null ? "S?" : of.toUpperCase();
}

/** "#18342", or nothing while there is no number. */
export function number(card: Pick<IncidentCard, "issue">): string {
  return card.issue?.iid == null ? "" : `#${card.issue.iid}`;
}

/** The word over the countdown. Lateness has another word, not only another colour. */
export function due(
  clock: Pick<ClockView, "due_at">,
  now: number,
): { word: string; text: string; over: boolean; left: number } {
  const at = countdown(ms(clock.due_at), now);
  return { ...at, word: at.over ? "Overdue" : "Due in" };
}

/** What the due time counts from (H35): "15 min after 09:35:44", "promised at 09:31:00". */
export function counted(card: Pick<IncidentCard, "promise">, clock: ClockView, now: number): string {
  const from = daySecond(ms(clock.from), now);
  switch (clock.counts) {
    case "update":
      return `${clock.every_min} min after ${from}`;
    case "promise":
      return `promised at ${daySecond(ms(card.promise?.made_at ?? clock.from), now)}`;
    case "decision":
      return `${clock.every_min} min after the decision of ${from}`;
  }
}

/** Where an attempt to publish stands. */
export function publishing(stage: PublishingStage, now: number): string {
  switch (stage.kind) {
    case "sending":
      return "sending…";
    case "reading_back":
      if (stage.asks) return "was it published? Herald cannot look for itself";
      if (stage.lacking && stage.failures === 0) return "not there yet: looking once more, as it may arrive late…";
      return stage.failures === 0
        ? "the answer was lost, reading back…"
        : `reading back…, ${stage.failures} ${stage.failures === 1 ? "try" : "tries"} without answer`;
    case "not_seen_yet":
      return `accepted ${daySecond(ms(stage.accepted_at), now)}, not seen on the page yet`;
  }
}

/** Since when a text waits that is neither public nor on its way; nothing when there is none. */
export function waiting({ compose, publishing }: IncidentCard): number | null {
  const goes = publishing.some((it) => it.stage.kind !== "not_seen_yet");
  return goes || compose.saved_at === null || compose.text.body.trim() === "" ? null : ms(compose.saved_at);
}

/** What the way to the next update is called. */
export function writing(card: IncidentCard): string {
  return card.compose.unsent !== null ? "Open the draft" : waiting(card) !== null ? "Go on writing" : "Write update";
}

/** Whether the last update can be seen on the public page. */
export function liveWords(live: Live, now: number): string {
  switch (live.kind) {
    case "since":
      return `live since ${daySecond(ms(live.at), now)}`;
    case "unlisted":
      return "no longer listed on the page, as what is resolved";
    case "not_seen":
      return "not seen on the page yet";
  }
}

export function endedWords(it: EndedIncident): string {
  if (it.phase === null) return it.live === null ? "never public" : "no state was told";
  return it.phase === "resolved" ? "resolved" : `last ${PHASE[it.phase]}`;
}

/** The one whose update is due next; without any clock the first. */
export function mostUrgent(cards: readonly IncidentCard[]): IncidentCard | null {
  const due = (card: IncidentCard) => (card.clock === null ? Infinity : ms(card.clock.due_at));
  return cards.reduce<IncidentCard | null>(
    (best, card) => (best === null || due(card) < due(best) ? card : best),
    null,
  );
}

export const NO_OWN: Own = {
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
