// One text being written: what is typed is kept here, saved soon after, and never replaced by an answer to an older save.
import type { Compose, Text } from "../gen/types";
import type { Herald } from "../host/herald.svelte";
import { failure, type Failure } from "../host";
import { RETRY_MS, SAVE_WITHIN_MS, Soon } from "../lib/soon";

/** An answer that has not come after so long will not come: several were put into one. */
const ECHO_MS = 3_000;
/** How long a discarded draft can be taken back. */
export const UNDO_MS = 12_000;

export class Draft {
  text = $state.raw<Text>(EMPTY);
  /** What was typed and is not yet saved. */
  dirty = $state(false);
  saving = $state(false);
  failed = $state.raw<Failure | null>(null);
  /** What was thrown away a moment ago. */
  discarded = $state.raw<Text | null>(null);
  /** What stood here before the last update was put in its place. */
  replaced = $state.raw<Text | null>(null);
  /** The last update is being corrected: it begins with the same words. */
  correcting = $state(false);
  readonly #soon = new Soon(() => void this.flush());
  #forget: ReturnType<typeof setTimeout> | undefined;
  /** Saves whose echo is still to come. */
  #sent: { key: string; at: number }[] = [];
  #known = false;
  #flushing: Promise<void> = Promise.resolve();

  constructor(
    readonly herald: Herald,
    readonly incident: number,
  ) {}

  /** Takes in what the view says, unless that is the echo of something older than what is here. */
  seen(compose: Compose): void {
    const said = keyOf(compose.text);
    const echo = this.#sent.findIndex((sent) => sent.key === said);
    if (echo >= 0) {
      this.#sent.splice(0, echo + 1);
      return;
    }
    this.#sent = this.#sent.filter((sent) => Date.now() - sent.at < ECHO_MS);
    if (this.#known && (this.dirty || this.saving || this.#sent.length > 0)) return;
    this.#known = true;
    if (said !== keyOf(this.text)) this.text = compose.text;
  }

  /** Whether the view speaks of exactly this text, so that its findings hold. */
  checked(compose: Compose): boolean {
    return !this.dirty && !this.saving && keyOf(compose.text) === keyOf(this.text);
  }

  type(change: Partial<Text>): void {
    const text = { ...this.text, ...change };
    if (keyOf(text) === keyOf(this.text)) return;
    this.text = text;
    this.dirty = true;
    this.discarded = null;
    this.#soon.within(SAVE_WITHIN_MS);
  }

  /** Saves now what is not saved. One save after the other, so that they arrive in order. */
  flush(): Promise<void> {
    this.#soon.stop();
    if (!this.dirty && this.failed === null) return this.#flushing;
    this.#flushing = this.#flushing.then(() => this.#save());
    return this.#flushing;
  }

  /** Throws the draft away; for a while it can be taken back. */
  async discard(): Promise<void> {
    this.#settle();
    this.#soon.stop();
    await this.#flushing;
    const before = this.text;
    try {
      this.dirty = false;
      this.#sent = [];
      this.failed = null;
      await this.herald.wish({ wish: "discard", incident: this.incident });
      this.discarded = before;
      clearTimeout(this.#forget);
      this.#forget = setTimeout(() => (this.discarded = null), UNDO_MS);
    } catch (thrown) {
      this.failed = failure(thrown);
    }
  }

  undiscard(): void {
    const before = this.discarded;
    if (before === null) return;
    this.discarded = null;
    this.type(before);
    void this.flush();
  }

  /** The text went out: what the view says next is the truth again. */
  done(): void {
    this.#settle();
    this.#sent = [];
    this.dirty = false;
  }

  #settle(): void {
    [this.replaced, this.correcting] = [null, false];
  }

  async #save(): Promise<void> {
    if (!this.dirty && this.failed === null) return;
    const text = this.text;
    const sent = { key: keyOf(text), at: Date.now() };
    this.dirty = false;
    this.saving = true;
    this.#sent.push(sent);
    try {
      await this.herald.keep({ do: "incident", wish: { wish: "write", incident: this.incident, text } });
      this.failed = null;
    } catch (thrown) {
      this.#sent = this.#sent.filter((other) => other !== sent);
      this.failed = failure(thrown);
      this.dirty = true;
      this.#soon.within(RETRY_MS);
    } finally {
      this.saving = false;
    }
  }
}

const EMPTY: Text = {
  title: "",
  body: "",
  phase: "investigating",
  impact: null,
  components: [],
  promise: true,
  muted: [],
};

/** The text in one string; lists are sets, in whatever order they come. */
export function keyOf(text: Text): string {
  const { title, body, phase, impact, components, promise, muted } = text;
  return JSON.stringify([title, body, phase, impact, [...components].sort(), promise, [...muted].sort()]);
}
