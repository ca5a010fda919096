// Every text that is being written in this window, one to an incident: they never mix, and they outlive their screen.
import type { Herald } from "../host/herald.svelte";
import { Draft } from "./draft.svelte";

const all = new WeakMap<Herald, Map<number, Draft>>();

export function draftOf(herald: Herald, incident: number): Draft {
  const drafts = all.get(herald) ?? new Map<number, Draft>();
  all.set(herald, drafts);
  const draft = drafts.get(incident) ?? new Draft(herald, incident);
  drafts.set(incident, draft);
  return draft;
}

/** Saves whatever is not saved: the window may be gone in a moment. */
export function flushAll(herald: Herald): void {
  for (const draft of all.get(herald)?.values() ?? []) void draft.flush();
}
