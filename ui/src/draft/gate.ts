// What stands between a text and its publication.
import type { LintView, Outlet, Text } from "../gen/types";
import { timeOfDay } from "../lib/time";
import { lintKey } from "./lints";

/** How the sheet leads on: Herald publishes, the user does it by hand, or it cannot go out now. */
export type Way = "herald" | "by_hand" | "not_now";

export function wayOut(outlet: Outlet): Way {
  switch (outlet.refusal) {
    case null:
      return "herald";
    // Another update is under way, or there is nothing to post: the other way round would be no help.
    case "cannot_go_out":
    case "under_way":
    case "no_such_incident":
      return "not_now";
    default:
      return "by_hand";
  }
}

/** Why it may not be published yet, in words; nothing when it may. */
export function gate(
  text: Text,
  lints: readonly LintView[],
  ticked: ReadonlySet<string>,
  checked: boolean,
): string | null {
  if (text.body.trim() === "") return "There is no text yet.";
  if (!checked) return "Herald is still checking this text.";
  const block = lints.find((lint) => lint.weight === "block");
  if (block !== undefined) return block.says;
  const open = lints.filter((lint) => lint.weight === "confirm" && !ticked.has(lintKey(lint)));
  return open.length === 0
    ? null
    : open.length === 1
      ? "Tick the finding above, or go back and put it right."
      : `Tick the ${open.length} findings above, or go back and put them right.`;
}

/** The instant that "I posted it at 09:41" means: the last one that has this time of day. */
export function postedAt(typed: string, now: number): number | null {
  const time = timeOfDay(typed);
  if (time === null) return null;
  const [hour, minute] = time.split(":").map(Number) as [number, number];
  const day = new Date(now);
  const at = Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate(), hour, minute);
  return at > now ? at - 86_400_000 : at;
}

/** The text as it is pasted: title and update apart. */
export function plain(text: Text): string {
  return text.body.trim();
}
