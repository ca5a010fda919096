// One search of the past: what is asked, what was found for it, and page after page of it.
import type { HistoryQuery, PastRow } from "../gen/types";
import { failure, type Failure, type Host } from "../host";

/** Long enough for a burst of keys to be one search. */
export const DEBOUNCE_MS = 150;

export const EVERYTHING: HistoryQuery = {
  words: "",
  kind: null,
  from: null,
  to: null,
  severity: null,
  phase: null,
  mine: false,
  best_first: false,
  offset: 0,
};

export class Search {
  query = $state.raw<HistoryQuery>(EVERYTHING);
  /** What was found; absent until the first answer. */
  rows = $state.raw<readonly PastRow[] | null>(null);
  more = $state(false);
  busy = $state(false);
  failed = $state.raw<Failure | null>(null);
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly host: Host) {}

  /** Whether anything narrows the search. */
  get narrowed(): boolean {
    return JSON.stringify({ ...this.query, best_first: false }) !== JSON.stringify(EVERYTHING);
  }

  /** Asks for something else, soon. */
  type(words: string): void {
    this.query = { ...this.query, words };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.run(), DEBOUNCE_MS);
  }

  /** Asks for something else at once. */
  narrow(change: Partial<HistoryQuery>): void {
    this.query = { ...this.query, ...change };
    void this.run();
  }

  async run(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#ask(this.query, () => []);
  }

  /** The next page of the same. */
  async next(): Promise<void> {
    const known = this.rows ?? [];
    await this.#ask({ ...this.query, offset: known.length }, () => known);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#asked += 1;
  }

  async #ask(query: HistoryQuery, before: () => readonly PastRow[]): Promise<void> {
    const turn = (this.#asked += 1);
    this.busy = true;
    try {
      const found = await this.host.searchHistory(query);
      // An older answer must not replace a newer one.
      if (turn !== this.#asked) return;
      [this.rows, this.more, this.failed] = [[...before(), ...found.rows], found.more, null];
    } catch (thrown) {
      if (turn === this.#asked) this.failed = failure(thrown);
    } finally {
      if (turn === this.#asked) this.busy = false;
    }
  }
}
