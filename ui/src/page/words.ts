// How pages are put into words (H20: a page is closed, never "resolved").
import type { Acting, AskedState, Gone, UnknownWhy, View } from "../gen/types";

/** What is under way, and what it waits for. */
export const ACTING: Record<Acting, { head: string; under: string }> = {
  acknowledging: { head: "Acknowledging…", under: "waiting for PagerDuty's answer" },
  closing: { head: "Closing the page…", under: "waiting for PagerDuty's answer" },
  reading_back: { head: "Reading the page back…", under: "the answer was lost, so Herald looks what became of it" },
};

/** Why Herald cannot tell whose page it is. */
export const UNKNOWN: Record<UnknownWhy, string> = {
  not_looked_up:
    "PagerDuty has not said lately when you are on call, so Herald cannot tell whether this page is yours.",
  no_entry: "None of your on-call times explains this page, so Herald cannot tell whether it is yours.",
  later_level:
    "You watch the first level of its policy and answer a later one, so Herald cannot tell whether this page is yours.",
  direct:
    "It was assigned to you directly, not through a schedule, so Herald cannot tell whether it is yours to answer.",
};

/** "Dana Okafor", "Dana Okafor and Li Wei", "Dana Okafor and 2 more"; nothing for nobody. */
export function people(names: readonly string[]): string {
  const [first, second] = names;
  if (first === undefined) return "";
  if (second === undefined) return first;
  return names.length === 2 ? `${first} and ${second}` : `${first} and ${names.length - 1} more`;
}

/** What became of a request to help. */
export const ANSWERED: Record<AskedState, string> = {
  pending: "Request answered",
  joined: "You joined",
  declined: "You declined to help",
  withdrawn: "Request withdrawn",
};

/** Why a page left, without the time. */
export function gone(why: Gone): string {
  switch (why.kind) {
    case "closed":
      return "Page closed";
    case "moved_on":
      return why.to.length > 0 ? `Moved on to ${people(why.to)}` : "Moved on to somebody else";
    case "merged":
      return `Merged into ${why.into}`;
    case "answered":
      return ANSWERED[why.how];
    case "missing":
      return "No longer in PagerDuty's list";
  }
}

/** Why nothing can be written about a page that is mine; nothing when that is not known here. */
export function blocked(view: View): string {
  if (view.store_fault !== null)
    return "Herald cannot save, so it writes nothing to PagerDuty. Use your phone or PagerDuty's page.";
  if (view.source.key_refused) return "PagerDuty refuses the key. Use your phone or PagerDuty's page.";
  return "Herald cannot write about this page now. Use your phone or PagerDuty's page.";
}

/** "1 page", "3 pages" */
export function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}
