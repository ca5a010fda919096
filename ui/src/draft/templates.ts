// Which ready-made texts are offered, and which one "nothing new" means.
import type { Phase, TemplateView } from "../gen/types";

/** Those that fit the state, and those that fit any. */
export function fitting(templates: readonly TemplateView[], phase: Phase): TemplateView[] {
  return templates.filter((it) => it.phase === phase || it.phase === null);
}

/** The next of the family "no material updates" (H42): the first, or the one after that which is in the text. */
export function nothingNew(templates: readonly TemplateView[], phase: Phase, body: string): TemplateView | undefined {
  const family = fitting(templates, phase).filter((it) => it.family !== null);
  const at = family.findIndex((it) => it.text === body);
  return family[(at + 1) % Math.max(1, family.length)];
}
