// What is typed into a sheet: saved as it is typed, so that neither closing the sheet nor the window loses it.
import type { LedgerWish } from "../gen/LedgerWish";
import type { Herald } from "../host/herald.svelte";
import { SAVE_WITHIN_MS, Soon } from "../lib/soon";

export class Kept<Form extends object> {
  form = $state.raw<Form>({} as Form);
  /** Whether it differs from what is there without it. */
  changed = $state(false);
  #before: string;
  #saved: string | null;
  /** What is to be kept. Not read from `form`: while a sheet is taken down, Svelte shows the state of before. */
  #typed: string | null;
  readonly #soon = new Soon(() => this.flush());

  constructor(
    readonly herald: Herald,
    readonly sheet: string,
    fresh: Form,
  ) {
    this.#before = JSON.stringify(fresh);
    this.#saved = herald.view?.ledger.kept[sheet] ?? null;
    this.form = { ...fresh, ...understood<Form>(this.#saved) };
    this.#typed = this.#note();
  }

  type(change: Partial<Form>): void {
    this.form = { ...this.form, ...change };
    this.#typed = this.#note();
    this.#soon.within(SAVE_WITHIN_MS);
  }

  /** Saves now what is not saved yet. */
  flush(): void {
    this.#soon.stop();
    const typed = this.#typed;
    if (typed === this.#saved) return;
    this.#saved = typed;
    const wish: LedgerWish = { wish: "keep", sheet: this.sheet, typed };
    // It is tried again with the next key; what was typed stays in the sheet.
    this.herald.ledger(wish).catch(() => (this.#saved = null));
  }

  /** Lets it go: it was saved where it belongs, or thrown away on purpose. */
  let(): void {
    this.form = JSON.parse(this.#before) as Form;
    this.#typed = this.#note();
    this.flush();
  }

  #note(): string | null {
    const form = JSON.stringify(this.form);
    this.changed = form !== this.#before;
    return this.changed ? form : null;
  }
}

function understood<Form>(saved: string | null): Partial<Form> {
  try {
    const read: unknown = saved === null ? {} : JSON.parse(saved);
    return typeof read === "object" && read !== null ? read : {};
  } catch {
    return {};
  }
}
