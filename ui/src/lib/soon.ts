// Work that is due soon: the first to ask for it sets the time, and asking again never puts it off.

/** What is typed is saved within so long after the first key that is not saved, whatever keys follow. */
export const SAVE_WITHIN_MS = 150;
/** When saving failed, it is tried again by itself after so long. */
export const RETRY_MS = 5_000;

export class Soon {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #at = Infinity;

  constructor(readonly work: () => void) {}

  /** Does the work within so long, unless it is due earlier already. */
  within(ms: number): void {
    const at = Date.now() + ms;
    if (at >= this.#at) return;
    this.stop();
    this.#at = at;
    this.#timer = setTimeout(() => {
      this.#at = Infinity;
      this.work();
    }, ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#at = Infinity;
  }
}
