// The text that was typed before there was an incident to write for: read here, so that the composer can take it.
import type { View } from "../gen/types";

/** The name it is kept under. */
export const LOOSE = "loose";

/** What was typed; empty when nothing was, or when what is kept cannot be read. */
export function looseText(view: View): string {
  try {
    const kept: unknown = JSON.parse(view.ledger.kept[LOOSE] ?? "{}");
    const body = typeof kept === "object" && kept !== null && "body" in kept ? kept.body : "";
    return typeof body === "string" ? body.trim() : "";
  } catch {
    return "";
  }
}
