// Dates of maintenance: day first, in UTC and by the user's clock, read and written without the computer's own taste (H61).

const DAY = 86_400_000;
const two = (n: number) => String(n).padStart(2, "0");

/** Which clock a time is typed by. */
export type Clock = "utc" | "local";

/** How many milliseconds the clocks of a zone are ahead of UTC. */
function ahead(at: number, zone: string): number {
  const said: Record<string, number> = {};
  for (const { type, value } of new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(at))
    said[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = said;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

/** "16-05-2026 09:00", by the clocks of a zone. */
export function stamp(at: number, zone: string): string {
  const there = new Date(at + ahead(at, zone));
  return `${two(there.getUTCDate())}-${two(there.getUTCMonth() + 1)}-${there.getUTCFullYear()} ${two(there.getUTCHours())}:${two(there.getUTCMinutes())}`;
}

/** What people call the zone then: "CEST", "GMT+2". */
export function zoneName(at: number, zone: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeZoneName: "short" }).formatToParts(at);
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? zone;
}

/** What was typed, as an instant, or why it is none. */
export type Read =
  { at: number; /** Clocks show it twice that night; this is the first. */ twice: boolean } | { wrong: string };

/** Reads "16-05-2026 09:00" by the clocks of a zone. */
export function read(typed: string, zone: string): Read {
  const parts = /^(\d{1,2})[-./](\d{1,2})[-./](\d{4})[\sT,]+(\d{1,2})[:.](\d{2})$/.exec(typed.trim());
  if (parts === null) return { wrong: "Day-month-year and time: 16-05-2026 09:00" };
  const [day, month, year, hour, minute] = parts.slice(1).map(Number) as [number, number, number, number, number];
  const wall = Date.UTC(year, month - 1, day, hour, minute);
  const back = new Date(wall);
  if (back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day || hour > 23 || minute > 59)
    return { wrong: "There is no such day or time" };
  const offsets = new Set([wall - DAY, wall, wall + DAY].map((near) => ahead(near, zone)));
  const fits = [...offsets]
    .map((offset) => wall - offset)
    .filter((at) => at + ahead(at, zone) === wall)
    .sort((a, b) => a - b);
  const first = fits[0];
  return first === undefined
    ? { wrong: "Clocks go forward then: this time does not exist here" }
    : { at: first, twice: fits.length > 1 };
}

/** The instant, if what was typed is one. */
export function instant(typed: string, zone: string): number | null {
  const it = read(typed, zone);
  return "at" in it ? it.at : null;
}
