// Puts instants and spans of time into words. All functions are pure; times are UTC unless they say local.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const two = (n: number) => String(n).padStart(2, "0");

/** An instant of the view in milliseconds. Rust may write nanoseconds, which not every engine reads. */
export function ms(instant: string): number {
  return Date.parse(instant.replace(/(\.\d{3})\d+/, "$1"));
}

/** "09:47:32" */
export function toSecond(at: number): string {
  const date = new Date(at);
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
}

/** "09:47" */
export function toMinute(at: number): string {
  return toSecond(at).slice(0, 5);
}

/** "10:47", by the clock of this computer. */
export function localMinute(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The day when it is not today: "", "Thu ", "14 May, ". */
function dayBefore(at: number, now: number): string {
  const day = Math.floor(at / DAY);
  const today = Math.floor(now / DAY);
  if (day === today) return "";
  const date = new Date(at);
  if (Math.abs(day - today) < 7) return `${DAYS[date.getUTCDay()]} `;
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}, `;
}

/** "15:00", "Thu 15:00" or "14 May, 15:00", as short as it can be seen from `now`. */
export function dayMinute(at: number, now: number): string {
  return dayBefore(at, now) + toMinute(at);
}

/** "09:47:32", "Thu 09:47:32" or "14 May, 09:47:32". */
export function daySecond(at: number, now: number): string {
  return dayBefore(at, now) + toSecond(at);
}

/** "15:00", "Thu 15:00", "14 May, 15:00", and beyond half a year "14 May 2025, 15:00": the day alone would mislead. */
export function dateMinute(at: number, now: number): string {
  if (Math.abs(at - now) < 183 * DAY) return dayMinute(at, now);
  const date = new Date(at);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}, ${toMinute(at)}`;
}

/** A span as a clock face: "02:14", "1:02:14", and from a day on "2 d 03 h". Negative spans count as none. */
export function face(span: number): string {
  const s = Math.max(0, Math.floor(span / SECOND));
  const hours = Math.floor(s / 3600);
  if (hours >= 24) return `${Math.floor(hours / 24)} d ${two(hours % 24)} h`;
  const rest = `${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** A span in words with at most two units: "3 s", "1 min 20 s", "5 h 12 min", "2 d 3 h". */
export function span(length: number): string {
  const s = Math.max(0, Math.floor(length / SECOND));
  const units: [number, string, number][] = [
    [Math.floor(s / 86400), "d", Math.floor(s / 3600) % 24],
    [Math.floor(s / 3600), "h", Math.floor(s / 60) % 60],
    [Math.floor(s / 60), "min", s % 60],
  ];
  const smaller = ["h", "min", "s"];
  for (const [index, [count, unit, rest]] of units.entries()) {
    if (count > 0) return rest > 0 ? `${count} ${unit} ${rest} ${smaller[index]}` : `${count} ${unit}`;
  }
  return `${s} s`;
}

/** The time left until `target`, or the time since it has passed. The very second of the target is already over. */
export function countdown(target: number, now: number): { over: boolean; text: string; left: number } {
  const left = target - now;
  if (left <= 0) return { over: true, text: `+${face(-left)}`, left };
  // A started second is still there: the last one to be seen is 00:01.
  return { over: false, text: face(Math.ceil(left / SECOND) * SECOND), left };
}

/** Reads a time of day as people type it: "7", "07:30", "7.30", "0730". */
export function timeOfDay(typed: string): string | null {
  const parts = /^(\d{1,2})(?:[:.h ]?(\d{2}))?$/.exec(typed.trim());
  if (parts === null) return null;
  const [hour, minute] = [Number(parts[1]), Number(parts[2] ?? 0)];
  return hour < 24 && minute < 60 ? `${two(hour)}:${two(minute)}` : null;
}
