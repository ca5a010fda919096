// Herald's time in whole seconds, ticking with one timer that rests while nobody looks.

/** The host's time is taken over only when it differs by more: what a message takes to arrive would make digits jump. */
const SLACK_MS = 250;
/** Timers may fire this much before the second they were set for. */
const EARLY_MS = 15;

export class Clock {
  /** Now, in milliseconds since 1970, always a whole second. */
  now = $state(0);
  #skew: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;

  /** Takes over the host's time. */
  set(now: number): void {
    const skew = now - Date.now();
    if (this.#skew === null || Math.abs(skew - this.#skew) > SLACK_MS) this.#skew = skew;
    this.#tick();
  }

  /** Ticks until the returned function is called. */
  start(): () => void {
    this.#running = true;
    const look = () => this.#tick();
    document.addEventListener("visibilitychange", look);
    this.#tick();
    return () => {
      this.#running = false;
      clearTimeout(this.#timer);
      document.removeEventListener("visibilitychange", look);
    };
  }

  #tick(): void {
    clearTimeout(this.#timer);
    const time = Date.now() + (this.#skew ?? 0);
    const second = Math.floor((time + EARLY_MS) / 1000) * 1000;
    this.now = second;
    if (this.#running && !document.hidden) this.#timer = setTimeout(() => this.#tick(), second + 1000 - time);
  }
}
