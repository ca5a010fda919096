// Texts that the user saved to start from: their fields, and how a text that was written becomes one (H42).
import type { IncidentCard } from "../gen/types";

/** The places that are filled with what is known of an incident. */
export const TEMPLATE_FIELDS: [string, string][] = [
  ["{incident}", "the title"],
  ["{link}", "the link of the issue, unless it is confidential"],
  ["{components}", "the components that are chosen"],
  ["{period}", "how long it is watched, such as 30 minutes"],
  ["{interval}", "how long until the next update, such as 60 minutes"],
];

/** The text with a field where it names what only this incident has. */
export function asTemplate(body: string, card: Pick<IncidentCard, "issue">): string {
  const url = card.issue?.url ?? "";
  return url === "" ? body.trim() : body.trim().replaceAll(url, "{link}");
}

/** What stands in braces and is no field: it would stay as typed. */
export function unknownFields(text: string): string[] {
  const known = TEMPLATE_FIELDS.map(([field]) => field);
  return [...new Set(text.match(/\{\w+\}/g) ?? [])].filter((it) => !known.includes(it));
}
