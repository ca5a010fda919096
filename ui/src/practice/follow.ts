// Asks again and again what the practice world says, as long as this Herald is a practice event.
import type { Herald } from "../host/herald.svelte";

/** Soon enough for a conversation, rare enough not to matter. */
const EVERY_MS = 1_500;

export function follow(herald: Herald): () => void {
  let ended = false;
  const look = async () => {
    try {
      const event = await herald.host.practiceEvent();
      if (!ended && JSON.stringify(event) !== JSON.stringify(herald.event)) herald.event = event;
    } catch {
      // The next look may succeed; what is shown stays.
    }
  };
  void look();
  const timer = setInterval(() => void look(), EVERY_MS);
  return () => {
    ended = true;
    clearInterval(timer);
  };
}
