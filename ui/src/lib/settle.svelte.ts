// Whether single keys count: not right after the screen changed by itself, when they may be the rest of a sentence.

/** So long nothing may have been typed before single keys count again. */
export const SETTLE_MS = 1_000;

class Settle {
  /** A key was meant for this screen and did not count: that is said, so that it is no riddle. */
  ignored = $state(false);
  #until = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The screen changed, and the user did not ask for it. */
  moved(): void {
    this.#until = Date.now() + SETTLE_MS;
  }

  /** The user pointed or used a key that nobody types by accident: whatever is shown is what is meant. */
  settled(): void {
    this.#until = 0;
    this.ignored = false;
  }

  /** Whether a single key counts. One that does not puts the moment off. */
  counts(): boolean {
    const now = Date.now();
    const left = this.#until - now;
    // The clock of the computer may have been set back.
    if (left <= 0 || left > SETTLE_MS) return true;
    this.#until = now + SETTLE_MS;
    return false;
  }

  ignore(): void {
    this.ignored = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.ignored = false), SETTLE_MS);
  }
}

export const settle = new Settle();
