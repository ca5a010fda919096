// My time on call in words: until when, through which schedule, and what comes next.
import type { DutyView, OnCallEntry, ShadowBanner } from "../gen/types";
import { dayMinute, ms } from "../lib/time";

/** The entry that lasts longest: the shift ends when the last of them does. */
export function lasting(entries: readonly OnCallEntry[]): OnCallEntry | null {
  const end = (entry: OnCallEntry) => (entry.end === null ? Infinity : ms(entry.end));
  return entries.reduce<OnCallEntry | null>(
    (best, entry) => (best === null || end(entry) > end(best) ? entry : best),
    null,
  );
}

/** "CMOC primary, EMEA", or the policy for somebody put on it directly. */
export function through(entry: OnCallEntry): string {
  return entry.schedule?.name ?? `${entry.policy.name}, directly`;
}

/** The first line of the bar. */
export function headline(duty: DutyView, shadow: ShadowBanner | null, now: number): string {
  if (duty.known_at === null) return "On-call times not known";
  const entry = lasting(duty.now);
  if (shadow?.why === "schedule") return "Not on call, shadowing";
  if (entry === null) return "Not on call";
  if (entry.end === null) return "On call, with no end set";
  return `On call until ${dayMinute(ms(entry.end), now)} UTC`;
}

/** The line under it. */
export function underline(duty: DutyView, now: number): string {
  const entry = lasting(duty.now);
  if (entry !== null)
    return duty.now.length > 1 ? `${through(entry)}, and ${duty.now.length - 1} more` : through(entry);
  if (duty.known_at === null) return duty.fault?.reason ?? "Herald asks PagerDuty";
  if (duty.next === null || duty.next.start === null) return "No shift ahead is known";
  return `Next ${dayMinute(ms(duty.next.start), now)} UTC, ${through(duty.next)}`;
}
