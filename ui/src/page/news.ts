// What a screen reader is told when one view follows another: new pages and blindness at once, the rest in its turn.
import type { IncidentCard, PageCard, View } from "../gen/types";
import { ms, span } from "../lib/time";
import { keyOf } from "./order";
import { count, gone } from "./words";

export type News = { urgent: string | null; calm: string | null };

/** More new pages at once than this are counted, not named. */
const NAMED_MAX = 2;

export function news(before: View | null, after: View, now: number): News {
  const known = new Set((before?.pages ?? []).filter(calls).map(keyOf));
  const arrived = after.pages.filter((page) => calls(page) && !known.has(keyOf(page)));
  const urgent = [
    ...(arrived.length > NAMED_MAX
      ? [`${count(arrived.length, "new page")}.`]
      : arrived.map((page) => named(page, now))),
    ...(after.source.blind && before?.source.blind !== true
      ? [`Cannot see pages: ${after.source.fault?.reason ?? "no answer from PagerDuty"}.`]
      : []),
    ...unsent(before, after).map((it) => `Not published: ${it.title}: ${it.compose.unsent?.why}. The draft is kept.`),
    ...late(before, after).map((it) => `Update overdue: ${it.title}. Press U to write it.`),
  ];
  return { urgent: urgent.length > 0 ? urgent.join(" ") : null, calm: calmer(before, after) };
}

function calmer(before: View | null, after: View): string | null {
  if (before === null) return null;
  const told: string[] = [];
  if (before.source.blind && !after.source.blind) told.push(`${after.source.name} answers again.`);
  told.push(...incidentNews(before, after));
  for (const page of after.pages) {
    const was = before.pages.find((other) => keyOf(other) === keyOf(page));
    if (was === undefined) continue;
    if (calls(was) && page.status === "acknowledged") {
      told.push(`${page.taken_by_me ? "You" : (page.taken_by?.name ?? "Somebody")} acknowledged: ${page.title}.`);
    } else if (page.note !== null && page.note !== was.note) {
      told.push(`${page.title}: ${page.note}`);
    }
  }
  const left = after.left.filter((page) => !before.left.some((other) => other.id === page.id && other.at === page.at));
  told.push(
    ...(left.length > NAMED_MAX
      ? [`${count(left.length, "page")} left.`]
      : left.map((page) => `${gone(page.why)}: ${page.title}.`)),
  );
  return told.length > 0 ? told.join(" ") : null;
}

/** Incidents whose update has come to be overdue. */
function late(before: View | null, after: View): IncidentCard[] {
  const was = (id: number) => before?.incidents.find((it) => it.id === id)?.clock?.urgency;
  return after.incidents.filter((it) => it.clock?.urgency === "over" && was(it.id) !== "over");
}

/** Incidents of which an update has just failed to go out. */
function unsent(before: View | null, after: View): IncidentCard[] {
  const was = (id: number) => before?.incidents.find((it) => it.id === id)?.compose.unsent?.at;
  return before === null
    ? []
    : after.incidents.filter((it) => it.compose.unsent !== null && it.compose.unsent.at !== was(it.id));
}

function incidentNews(before: View, after: View): string[] {
  const told: string[] = [];
  for (const it of after.incidents) {
    const was = before.incidents.find((other) => other.id === it.id);
    if (was === undefined) {
      told.push(`New incident: ${it.title}.`);
      continue;
    }
    if (it.clock?.urgency === "soon" && was.clock?.urgency === "later") told.push(`Update due soon: ${it.title}.`);
    if (it.moved !== null && it.moved.at !== was.moved?.at)
      told.push(`The due time of ${it.title} moved: ${it.moved.why}.`);
    const live = was.publishing.some((one) => one.stage.kind === "not_seen_yet") && it.publishing.length === 0;
    if (live) told.push(`The update is live: ${it.title}.`);
  }
  return told;
}

function calls(page: PageCard): boolean {
  return page.status === "triggered";
}

function named(page: PageCard, now: number): string {
  const left = ms(page.target_at) - now;
  const clock = left > 0 ? `${span(left)} left to acknowledge` : `${span(-left)} over the target`;
  return `New page: ${page.title}. ${clock}.${page.may.acknowledge ? " Press A to acknowledge." : ""}`;
}
