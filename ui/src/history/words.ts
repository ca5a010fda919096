// How the past and its figures are put into words.
import { ANSWERED } from "../page/words";
import type { Kpi, KpiItem, KpiName, PastKind, PastPage, Verdict } from "../gen/types";
import { span } from "../lib/time";
import type { IconName } from "../parts/Icon.svelte";

export const KIND: Record<PastKind, string> = { incident: "Incident", update: "Update", page: "Page" };

export const VERDICT: Record<Verdict, { words: string; icon: IconName }> = {
  kept: { words: "kept", icon: "tick" },
  missed: { words: "missed", icon: "warn" },
  waiting: { words: "still open", icon: "clock" },
};

const NAME: Record<KpiName, string> = {
  acknowledge: "pages taken in time",
  updates: "updates in time",
  threads: "stakeholder threads",
  handovers: "shifts handed over",
  contacts: "contact requests handled",
  training: "quarters with training",
};

/** "pages taken in time" */
export function name(kpi: Pick<Kpi, "name">): string {
  return NAME[kpi.name];
}

/** What the figure should be: "within 15 min, bridge joined". */
export function target(kpi: Kpi): string {
  switch (kpi.name) {
    case "acknowledge":
      return `within ${kpi.limit ?? 0} min, bridge joined`;
    case "updates":
      return "each within its interval";
    case "threads":
      return "one for each incident";
    case "handovers":
      return "after every shift";
    case "contacts":
      return "all of them";
    case "training":
      return `${kpi.limit ?? 0} in each quarter`;
  }
}

/** "17 of 18"; a dash while nothing counts. */
export function value(kpi: Kpi): string {
  return kpi.value === null ? "–" : `${kpi.kept} of ${kpi.kept + kpi.missed}`;
}

/** Whether the target is met, as a sign and in words. */
export function met(kpi: Kpi): { words: string; icon: IconName; tone: "good" | "bad" | "none" } {
  if (kpi.met === null)
    return {
      words: kpi.waiting > 0 ? `${kpi.waiting} still open` : "nothing counts here",
      icon: "clock",
      tone: "none",
    };
  const waits = kpi.waiting > 0 ? `, ${kpi.waiting} open` : "";
  return kpi.met
    ? { words: `Target met${waits}`, icon: "tick", tone: "good" }
    : { words: `Not met${waits}`, icon: "warn", tone: "bad" };
}

/** "20 min of 15 min", where something was measured. */
export function measured(item: KpiItem): string {
  if (item.took_s === null || item.allowed_s === null) return "";
  return `${span(item.took_s * 1000)} of ${span(item.allowed_s * 1000)}`;
}

/** What the chart of a figure shows, for those who do not see it. */
export function charted(kpi: Kpi): string {
  const counts = [
    `${kpi.kept} kept`,
    `${kpi.missed} missed`,
    ...(kpi.waiting > 0 ? [`${kpi.waiting} still open`] : []),
  ].join(", ");
  const took = kpi.items.filter((item) => item.took_s !== null && item.verdict !== "waiting");
  if (took.length === 0) return `${counts}.`;
  const longest = took.reduce((one, other) => ((other.took_s ?? 0) > (one.took_s ?? 0) ? other : one));
  return `${counts}. The longest: ${measured(longest)}.`;
}

/** Why and how a page left. */
export function left(page: PastPage): string {
  if (page.gone === null) return "Another trigger took its place";
  switch (page.gone[0].kind) {
    case "closed":
      return "Page closed";
    case "moved_on":
      return page.gone[0].to.length === 0 ? "Moved on to somebody else" : `Moved on to ${page.gone[0].to.join(", ")}`;
    case "merged":
      return `Merged into ${page.gone[0].into}`;
    case "answered":
      return ANSWERED[page.gone[0].how];
    case "missing":
      return "No longer listed";
  }
}

/** "join-call" as people say it: "join call". */
export function task(key: string): string {
  return key.replaceAll(/[-_]/g, " ");
}

/** The first instant of a day of a date field, or of the day after; absent when there is none. */
export function day(typed: string, after = false): string | null {
  const at = Date.parse(`${typed}T00:00:00Z`);
  return typed === "" || Number.isNaN(at) ? null : new Date(at + (after ? 86_400_000 : 0)).toISOString();
}
