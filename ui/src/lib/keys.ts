// The keyboard: which key does what on the screen that is open. Single letters act only while nothing is being typed.
import { settle } from "./settle.svelte";

/** What a key does; `false` says that it was not meant, so the browser may have it. */
export type Deed = () => boolean | void;

const layers: Readonly<Record<string, Deed>>[] = [];
let sheets = 0;
const down = new Set<string>();

/** Gives keys a meaning until the returned function is called. The last to bind a key has it. */
export function bind(deeds: Readonly<Record<string, Deed>>): () => void {
  layers.push(deeds);
  return () => void layers.splice(layers.indexOf(deeds), 1);
}

/** Silences every key while a sheet is open: it has its own. */
export function sheetOpens(): () => void {
  sheets += 1;
  return () => void (sheets -= 1);
}

/** Whether somebody is typing or answering something that must not be taken from under their hands. */
export function occupied(): boolean {
  return sheets > 0 || takesText(document.activeElement);
}

/** Does what the key is bound to. */
export function press(event: KeyboardEvent): void {
  down.add(event.code || event.key);
  if (event.defaultPrevented || event.isComposing || sheets > 0) return;
  const key = chord(event);
  if (editing(event.target, key)) return;
  // A held key counts once: a held A must not take one page after the other.
  if (event.repeat && !key.startsWith("arrow")) return;
  const deed = layers.findLast((deeds) => key in deeds)?.[key];
  if (isTyped(key) && !settle.counts()) {
    if (deed !== undefined) settle.ignore();
    return;
  }
  if (deed === undefined || deed() === false) return;
  event.preventDefault();
  settle.settled();
}

/** A key was let go. While Meta is held no other key says so, hence its release counts for all. */
export function release(event: KeyboardEvent): void {
  if (event.key === "Meta") down.clear();
  else down.delete(event.code || event.key);
}

/** The window lost the keyboard: nothing is known to be held. */
export function releaseAll(): void {
  down.clear();
}

/** Whether any key is held. */
export function anyHeld(): boolean {
  return down.size > 0;
}

/** The key's name: "a", "?", "ctrl+1", "arrowdown". Letters go by their place on keyboards of other scripts. */
export function chord(event: KeyboardEvent): string {
  const place = /^(?:Key([A-Z])|Digit(\d))$/.exec(event.code)?.slice(1).find(Boolean);
  // With Alt some keyboards type another sign than the key shows.
  const foreign = event.key.length === 1 && (event.key > "~" || (event.altKey && event.code.startsWith("Digit")));
  const key = (foreign && place !== undefined ? place : event.key).toLowerCase();
  const control = event.ctrlKey || event.metaKey ? "ctrl+" : "";
  return `${control}${event.altKey ? "alt+" : ""}${key}`;
}

/** Whether the key may be part of a sentence. */
function isTyped(key: string): boolean {
  return key.length === 1 || key === "enter";
}

const POINTED = ["button", "submit", "checkbox", "radio", "range"];

/** Whether what is typed goes into it. */
function takesText(target: Element | null): boolean {
  if (target instanceof HTMLInputElement) return !POINTED.includes(target.type);
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("textarea"));
}

/** Whether the key belongs to the control that has the focus. */
function editing(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement) || key.includes("+")) return false;
  if (key === "escape") return target.matches("[type=search]");
  if (takesText(target) || target.matches("select")) return true;
  if (target instanceof HTMLInputElement) return key.startsWith("arrow");
  return key.startsWith("arrow") && target.getAttribute("role") === "radio";
}
