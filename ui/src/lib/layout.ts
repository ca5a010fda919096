// What the keyboard in front of the user is like, learned from the keys that are pressed: browsers do not tell.

/** Places of letters, digits and the stroke, as the standard of UI events names them (W3C, "UI Events KeyboardEvent code Values"). */
const PLACE = /^(?:Key([A-Z])|Digit(\d)|(Slash))$/;

class Layout {
  /** The sign of each letter's place, as it was pressed last. */
  readonly #signs = new Map<string, string>();

  /** Forgets everything: another keyboard may have been chosen. */
  forget(): void {
    this.#signs.clear();
  }

  /** Takes note of the sign that a key gave. A place that gives another one than before belongs to another layout. */
  learn(event: KeyboardEvent): void {
    if (event.code === "" || event.key.length !== 1 || event.altKey || event.getModifierState?.("AltGraph") === true)
      return;
    // What Shift makes of a sign is another level of the same layout.
    if (!PLACE.test(event.code) && !isLatin(event.key)) return;
    if (event.shiftKey && !isLetter(event.key)) return;
    const sign = event.key.toLowerCase();
    const before = this.#signs.get(event.code);
    if (before !== undefined && before !== sign) this.forget();
    this.#signs.set(event.code, sign);
  }

  /** Whether Latin letters stand elsewhere than on most keyboards, so that places say nothing of letters (AZERTY, Dvorak). */
  get #rearranged(): boolean {
    return [...this.#signs].some(([code, sign]) => /^[a-z]$/.test(sign) && code !== `Key${sign.toUpperCase()}`);
  }

  /** What the key's place stands for where its sign means nothing; absent where the sign says it all. */
  place(event: KeyboardEvent): string | undefined {
    const [, letter, digit, stroke] = PLACE.exec(event.code) ?? [];
    if (digit !== undefined) return digit;
    if (letter !== undefined)
      return isLatin(event.key) || this.#rearranged ? foreign(event.key, letter) : letter.toLowerCase();
    if (stroke !== undefined && !isPlain(event.key)) return event.shiftKey ? "?" : "/";
    return undefined;
  }
}

/** On a keyboard that is known for its Latin letters only a sign of another script goes by its place. */
function foreign(key: string, letter: string): string | undefined {
  return isLetter(key) && !/\p{Script=Latin}/u.test(key) ? letter.toLowerCase() : undefined;
}

const isLetter = (key: string) => /^\p{L}$/u.test(key);
const isLatin = (key: string) => /^[a-z]$/i.test(key);
const isPlain = (key: string) => /^[ -~]$/.test(key);

export const layout = new Layout();
