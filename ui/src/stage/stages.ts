// Stages and tasks for the eye: the playbook's words beside what became of each task of one incident.
import type {
  By,
  IncidentCard,
  Mark,
  Reference,
  Stage,
  StageRules,
  TaskRules,
  TaskView,
  TicketsView,
} from "../gen/types";
import { daySecond, dayMinute, ms, span } from "../lib/time";

/** A task of one incident, with its words. */
export type Task = { rules: TaskRules; view: TaskView };

/** One step of the way through the duty. */
export type Step = { id: Stage; name: string; tasks: Task[]; open: number; place: "done" | "behind" | "now" | "ahead" };

/** Whether nothing is left to do. */
export function closed({ view }: Task): boolean {
  return view.mark !== "open" && view.mark !== "locked";
}

export function steps(stages: readonly StageRules[], card: Pick<IncidentCard, "stages">): Step[] {
  const views = new Map(card.stages.tasks.map((view) => [view.id, view]));
  const current = stages.findIndex((stage) => stage.id === card.stages.current);
  return stages.map((stage, nth) => {
    const tasks = stage.tasks.flatMap((rules) => (views.has(rules.id) ? [{ rules, view: views.get(rules.id)! }] : []));
    const open = tasks.filter((task) => !closed(task)).length;
    const place = nth === current ? "now" : nth > current ? "ahead" : open === 0 ? "done" : "behind";
    return { id: stage.id, name: stage.name, tasks, open, place };
  });
}

const WHO: Record<By, string> = { me: "you", herald: "Herald", others: "before you" };

/** How it is known that a task is dealt with: who said so and when, or what Herald saw. */
export function known(mark: Mark, now: number): string {
  switch (mark.mark) {
    case "done":
      return mark.saw === ""
        ? `${WHO[mark.by]}, ${dayMinute(ms(mark.at), now)}`
        : `${mark.saw}, ${dayMinute(ms(mark.at), now)}`;
    case "skipped":
      return `left out, ${dayMinute(ms(mark.at), now)}: ${mark.reason}`;
    case "not_needed":
      return mark.why;
    case "open":
    case "locked":
      return "";
  }
}

/** What stands at the end of a task's row. */
export function aside(view: TaskView, now: number): string {
  switch (view.mark) {
    case "open":
      return view.until === null || ms(view.until) <= now ? "" : `until ${dayMinute(ms(view.until), now)}`;
    case "locked":
      return view.opens_at === null || ms(view.opens_at) <= now
        ? ""
        : `in ${Math.ceil((ms(view.opens_at) - now) / 60_000)} min`;
    case "done":
      return `${WHO[view.by]}, ${dayMinute(ms(view.at), now)}`;
    case "skipped":
      return `left out, ${dayMinute(ms(view.at), now)}`;
    case "not_needed":
      return "not needed";
  }
}

/** Why a task is locked, left out, not needed, or ticked by Herald. */
export function why(view: TaskView, now: number): string {
  switch (view.mark) {
    case "locked": {
      const first = view.needs.map((need) => `“${need}”`);
      const needs = first.length > 2 ? `${first[0]} and ${first.length - 1} more` : first.join(" and ");
      return view.opens_at === null
        ? `After ${needs}`
        : `Opens at ${daySecond(ms(view.opens_at), now)}, after ${needs}`;
    }
    case "skipped":
      return view.reason;
    case "not_needed":
      return view.why;
    case "done":
      return view.saw;
    case "open":
      return "";
  }
}

/** How long ago something was told, to the minute. */
function ago(at: string, now: number): string {
  return `${span(Math.floor((now - ms(at)) / 60_000) * 60_000)} ago`;
}

/** How many tickets nobody has tagged, with the age of that when it is old. */
export function counted(tickets: TicketsView | null, now: number): string {
  if (tickets === null || tickets.count === null) return "";
  const old = tickets.at !== null && tickets.old_at !== null && ms(tickets.old_at) <= now;
  return old ? `${tickets.count} untagged, ${ago(tickets.at!, now)}` : `${tickets.count} untagged`;
}

/** Why tickets are not counted now. */
export function uncounted(tickets: TicketsView | null, now: number): string {
  if (tickets === null || tickets.fault === null) return "";
  return `Tickets not counted: ${tickets.fault}${tickets.at === null ? "" : `, last ${ago(tickets.at, now)}`}`;
}

/** How readers hear where a task stands. */
export function spoken(view: TaskView): string {
  switch (view.mark) {
    case "open":
      return view.now ? "to do now" : "to do";
    case "locked":
      return "locked";
    case "done":
      return `done by ${WHO[view.by]}`;
    case "skipped":
      return "left out";
    case "not_needed":
      return "not needed";
  }
}

/** The texts that hold every word of the query, those that have them in the title first. */
export function found(reference: readonly Reference[], query: string): Reference[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const hasAll = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  const rank = (it: Reference) =>
    hasAll(it.title)
      ? 0
      : hasAll([it.title, ...it.words].join(" "))
        ? 1
        : hasAll([it.title, ...it.words, it.text].join(" "))
          ? 2
          : null;
  return reference
    .flatMap((it) => (rank(it) === null ? [] : [{ it, rank: rank(it)! }]))
    .sort((one, other) => one.rank - other.rank)
    .map(({ it }) => it);
}
