// A text that is saved as it is typed: what is here wins over any answer to an older save, and nothing of it is lost.
import type { Herald } from "../host/herald.svelte";
import { failure, type Failure } from "../host";
import { RETRY_MS, SAVE_WITHIN_MS, Soon } from "../lib/soon";

export class Typed {
  text = $state("");
  dirty = $state(false);
  saving = $state(false);
  failed = $state.raw<Failure | null>(null);
  readonly #soon = new Soon(() => void this.flush());
  /** What was sent and is not yet seen again. */
  #sent: string | null = null;
  #flushing: Promise<boolean> = Promise.resolve(true);

  constructor(readonly save: (text: string) => Promise<void>) {}

  /** Takes in what the view says, unless something newer is here. */
  seen(said: string): void {
    if (said === this.#sent) this.#sent = null;
    if (this.dirty || this.saving || this.#sent !== null) return;
    this.text = said;
  }

  type(text: string): void {
    if (text === this.text) return;
    this.text = text;
    this.dirty = true;
    this.#soon.within(SAVE_WITHIN_MS);
  }

  /** Saves now what is not saved, one save after the other; false when something could not be. */
  flush(): Promise<boolean> {
    this.#soon.stop();
    this.#flushing = this.#flushing.then(() => this.#saveAll());
    return this.#flushing;
  }

  /** Whether the view says exactly what is here. */
  shown(said: string): boolean {
    return !this.dirty && !this.saving && said === this.text;
  }

  /** What is here was replaced: the view says what is true again, unless something was typed since. */
  forget(): void {
    if (this.dirty || this.saving) return;
    [this.#sent, this.failed] = [null, null];
  }

  async #saveAll(): Promise<boolean> {
    while (this.dirty) if (!(await this.#save())) return false;
    return true;
  }

  async #save(): Promise<boolean> {
    const text = this.text;
    [this.dirty, this.saving, this.#sent] = [false, true, text];
    try {
      await this.save(text);
      this.failed = null;
      return true;
    } catch (thrown) {
      [this.dirty, this.#sent, this.failed] = [true, null, failure(thrown)];
      this.#soon.within(RETRY_MS);
      return false;
    } finally {
      this.saving = false;
    }
  }
}

const all = new WeakMap<Herald, Map<string, Typed>>();

/** The text that is typed under this name; it outlives its screen. */
export function typedOf(herald: Herald, name: string, save: (text: string) => Promise<void>): Typed {
  const here = all.get(herald) ?? new Map<string, Typed>();
  all.set(herald, here);
  const known = here.get(name) ?? new Typed(save);
  here.set(name, known);
  return known;
}

/** Saves whatever is not saved: the window may be gone in a moment. */
export function flushTyped(herald: Herald): void {
  for (const typed of all.get(herald)?.values() ?? []) void typed.flush();
}
