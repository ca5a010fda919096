// A text of the past in an update that is being written now.
import type { IncidentCard } from "../gen/types";
import { draftOf } from "../draft/drafts";
import type { Herald } from "../host/herald.svelte";

/** Puts `text` into the draft of an incident, after what is there, and opens its composer. */
export async function useIn(herald: Herald, card: IncidentCard, text: string): Promise<void> {
  const draft = draftOf(herald, card.id);
  draft.seen(card.compose);
  const typed = draft.text.body.trimEnd();
  // Nothing typed is lost: what is not wanted any more is quickly deleted.
  if (!typed.includes(text)) draft.type({ body: typed === "" ? text : `${typed}\n\n${text}` });
  await draft.flush();
  if (draft.failed !== null) throw draft.failed;
  herald.look(card.id, true);
}
