// What can be set by hand of an incident, field by field: how it is read from text and where each value comes from.
import type { IncidentCard, Own } from "../gen/types";
import { hostOf } from "../lib/links";

export type Field = Exclude<keyof Own, "severity" | "state">;

export const FIELDS: { field: Field; words: string; hint: string; link?: boolean }[] = [
  { field: "title", words: "Title", hint: "In simple terms, what is the issue" },
  { field: "issue_url", words: "Issue", hint: "https://…", link: true },
  { field: "call_url", words: "Call", hint: "https://…", link: true },
  { field: "channel", words: "Channel", hint: "#inc-…" },
  { field: "im", words: "IM", hint: "Incident manager" },
  { field: "eoc", words: "EOC", hint: "Engineer on call" },
  { field: "monitoring_min", words: "Monitoring", hint: "Minutes, as the IM asks" },
];

/** What is shown of a field, wherever it comes from. */
export function valueOf(card: IncidentCard, field: Field): string {
  switch (field) {
    case "issue_url":
      return card.issue?.url ?? "";
    case "monitoring_min":
      return card.own.monitoring_min === null ? "" : String(card.own.monitoring_min);
    case "title":
    case "call_url":
    case "channel":
    case "im":
    case "eoc":
      return card[field] ?? "";
  }
}

/** Why what was typed cannot be taken; nothing when it can. */
export function wrong(field: Field, typed: string): string | null {
  const text = typed.trim();
  if (text === "") return null;
  if ((field === "issue_url" || field === "call_url") && hostOf(text) === null) return "A link begins with https://";
  if (field === "monitoring_min" && !(/^\d{1,3}$/.test(text) && Number(text) > 0)) return "Whole minutes, 1 to 999";
  return null;
}

/** What was set by hand once this is typed: an empty field gives the value back to the feed. */
export function withField(own: Own, field: Field, typed: string): Own {
  const text = typed.trim();
  const value = text === "" ? null : field === "monitoring_min" ? Number(text) : text;
  return { ...own, [field]: value };
}
