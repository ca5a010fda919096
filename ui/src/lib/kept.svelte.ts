// What is typed into a sheet: saved as it is typed, so that neither closing the sheet nor the window loses it.
import type { LedgerWish } from "../gen/types";
import { failure, type Failure } from "../host";
import type { Herald } from "../host/herald.svelte";
import { RETRY_MS, SAVE_WITHIN_MS, Soon } from "./soon";

/** What is typed and not saved yet, by its sheet: it outlives the sheet. */
const unsaved = new WeakMap<Herald, Map<string, string | null>>();

export class Kept<Form extends object> {
  form = $state.raw<Form>({} as Form);
  /** Whether it differs from what is there without it. */
  changed = $state(false);
  /** Why it is not kept. */
  failed = $state.raw<Failure | null>(null);
  readonly #before: string;
  readonly #unsaved: Map<string, string | null>;
  readonly #soon = new Soon(() => void this.flush());
  #saved: string | null;
  /** What is to be kept. Not read from `form`: while a sheet is taken down, Svelte shows the state of before. */
  #typed: string | null;
  #flushing: Promise<void> = Promise.resolve();

  constructor(
    readonly herald: Herald,
    readonly sheet: string,
    fresh: Form,
  ) {
    this.#before = JSON.stringify(fresh);
    this.#unsaved = unsaved.get(herald) ?? new Map<string, string | null>();
    unsaved.set(herald, this.#unsaved);
    this.#saved = herald.view?.ledger.kept[sheet] ?? null;
    const typed = this.#unsaved.has(sheet) ? this.#unsaved.get(sheet) : this.#saved;
    this.form = { ...fresh, ...understood<Form>(typed ?? null) };
    this.#typed = this.#note();
  }

  type(change: Partial<Form>): void {
    this.form = { ...this.form, ...change };
    this.#typed = this.#note();
    this.#unsaved.set(this.sheet, this.#typed);
    this.#soon.within(SAVE_WITHIN_MS);
  }

  /** Saves now what is not saved yet, one save after the other. */
  flush(): Promise<void> {
    this.#soon.stop();
    this.#flushing = this.#flushing.then(() => this.#save());
    return this.#flushing;
  }

  /** Lets it go: it was saved where it belongs, or thrown away on purpose. */
  let(): void {
    this.form = JSON.parse(this.#before) as Form;
    this.#typed = this.#note();
    this.#unsaved.set(this.sheet, null);
    void this.flush();
  }

  async #save(): Promise<void> {
    const typed = this.#typed;
    if (typed === this.#saved) return this.#done(typed);
    try {
      const wish: LedgerWish = { wish: "keep", sheet: this.sheet, typed };
      await this.herald.keep({ do: "ledger", wish });
      this.#saved = typed;
      this.#done(typed);
    } catch (thrown) {
      const { code, message } = failure(thrown);
      this.failed = { code, message: `Not kept: ${message}` };
      // Another sheet of this name may have gone on with it.
      if (this.#unsaved.get(this.sheet) === typed) this.#soon.within(RETRY_MS);
    }
  }

  #done(typed: string | null): void {
    this.failed = null;
    if (this.#unsaved.get(this.sheet) === typed) this.#unsaved.delete(this.sheet);
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
