// Shifts and handovers in words. Dates are DD-MM-YYYY, times UTC, as the handover itself has them.
import type { HandedBy, Role, ShiftView } from "../gen/types";
import { ms, toMinute } from "../lib/time";

export const ROLE: Record<Role, string> = { on_call: "On call", shadow: "Shadowing" };
export const HANDED: Record<HandedBy, string> = {
  saved: "saved to a file",
  copied: "copied",
  filed: "filed as an issue",
  nothing: "nothing to hand over",
};

const two = (n: number) => String(n).padStart(2, "0");

/** "19-11-2026" */
export function date(at: number): string {
  const it = new Date(at);
  return `${two(it.getUTCDate())}-${two(it.getUTCMonth() + 1)}-${it.getUTCFullYear()}`;
}

/** "19-11-2026, 07:00 to 15:00 UTC"; the second date only when it is another. */
export function when(shift: Pick<ShiftView, "started_at" | "ends_at" | "ended_at">): string {
  const from = ms(shift.started_at);
  const end = shift.ended_at ?? shift.ends_at;
  if (end === null) return `${date(from)}, since ${toMinute(from)} UTC`;
  const to = ms(end);
  return `${date(from)}, ${toMinute(from)} to ${date(to) === date(from) ? "" : `${date(to)} `}${toMinute(to)} UTC`;
}

/** The shift whose handover is wanted first: one that ended without it, else the newest. */
export function wanted(shifts: readonly ShiftView[]): ShiftView | null {
  return shifts.find((shift) => shift.handover.missing) ?? shifts[0] ?? null;
}

/** The instant of a time of day, today or tomorrow, whichever comes first. */
export function nextAt(time: string, now: number): string {
  const day = new Date(now).toISOString().slice(0, 10);
  const today = Date.parse(`${day}T${time}:00Z`);
  return new Date(today > now ? today : today + 86_400_000).toISOString();
}
