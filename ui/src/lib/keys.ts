// The keyboard: every key of the window passes through `press`, before any control has it. Single letters act only while
// nothing is being typed, and never as part of a sentence: one that does something waits until it is clear that it stands
// alone. Keys go by what they mean on the user's keyboard, and where that means nothing, by their place on it.
import type { Attachment } from "svelte/attachments";
import { layout } from "./layout";
import { settle } from "./settle.svelte";

/** What a key does; `false` says that it was not meant, so somebody else may have it. */
export type Deed = (event: KeyboardEvent) => boolean | void;
/** What a letter does at once, because it leads to a field that takes whatever is typed next. */
type Lead = { leads: Deed };
/** What a letter does when it turns out to stand alone; what it means is settled when it is pressed. */
type Marked = { marks: () => Deed | false };
export type Deeds = Readonly<Record<string, Deed | Lead | Marked>>;

/** A letter acts when none was typed for so long before it, and none for so long after it. */
export const ALONE_MS = 500;
/** A window that is later than this stood still, and has yet to hear what was typed meanwhile. */
const STALLED_MS = 100;
/** A key that seems older than this was dated by another clock. */
const LATE_MS_MAX = 10_000;

const layers: Deeds[] = [];
const above: Deeds[] = [];
const own = new WeakMap<Node, Deeds>();
const recorders = new WeakMap<Node, (event: KeyboardEvent) => boolean>();
const listeners = new Set<() => void>();
/** The sheets that are open, the topmost last. */
const sheets: Element[] = [];
/** When a letter was last typed, wherever it went. */
let typedAt = -Infinity;
let waiting: { key: string; deed: () => void; dueAt: number; timer: ReturnType<typeof setTimeout> } | null = null;

/** Gives keys a meaning until the returned function is called. The last to bind a key has it. */
export function bind(deeds: Deeds): () => void {
  return bindIn(layers, deeds);
}

/** Gives keys a meaning that a sheet does not silence. */
export function bindAbove(deeds: Deeds): () => void {
  return bindIn(above, deeds);
}

function bindIn(layers: Deeds[], deeds: Deeds): () => void {
  layers.push(deeds);
  return () => void layers.splice(layers.indexOf(deeds), 1);
}

/** Gives keys a meaning while the focus is in an element. The innermost has them. */
export function within(deeds: Deeds): Attachment {
  return (element) => {
    own.set(element, deeds);
    return () => void (own.get(element) === deeds && own.delete(element));
  };
}

/** Hears keys that are chosen, not used, while the focus is on an element; `false` leaves one to everybody else. */
export function recording(hear: (event: KeyboardEvent) => boolean): Attachment {
  return (element) => {
    recorders.set(element, hear);
    return () => void recorders.delete(element);
  };
}

/** Is told of every key, whatever it does. */
export function onKey(heard: () => void): () => void {
  listeners.add(heard);
  return () => void listeners.delete(heard);
}

export const leads = (leads: Deed): Lead => ({ leads });
export const marked = (marks: () => Deed | false): Marked => ({ marks });

/** Silences every key of the window while a sheet is open: it has its own. */
export function sheetOpens(sheet: Element): () => void {
  sheets.push(sheet);
  return () => void sheets.splice(sheets.indexOf(sheet), 1);
}

/** Whether somebody is typing or answering something that must not be taken from under their hands. */
export function occupied(): boolean {
  return sheets.length > 0 || takesText(document.activeElement);
}

/** Whether letters follow each other at the moment. */
export function typing(now = Date.now()): boolean {
  const since = now - typedAt;
  // The clock of the computer may have been set back.
  return since >= 0 && since < ALONE_MS;
}

/** Does what the key is bound to. */
export function press(event: KeyboardEvent): void {
  for (const heard of listeners) heard();
  layout.learn(event);
  const target = event.target instanceof Element ? event.target : document.body;
  if (event.isComposing) return;
  const places = upwards(target);
  if (places.some((place) => recorders.get(place)?.(event) === true)) return take(event);
  if (MODIFIERS.includes(event.key)) return;
  const bound = find(event, target, places);
  const [field, part] = [takesText(target), isPart(event)];
  if (event.repeat && !isMove(event.key)) {
    // A held key counts once: a held A must not take one page after the other.
    if (bound.length > 0 && !(field && part)) take(event);
    return hush(event, target);
  }
  const rests = isPartOfMore(event, bound, field) || (part && !field && !settle.counts());
  if (!rests) return act(event, bound, part && !field) ? take(event) : hush(event, target);
  // It is no riddle that a key of ours does nothing, nor that a button does not.
  if (bound.length === 0 && !activates(event, target)) return;
  settle.ignore();
  take(event);
}

/** Takes note of what is typed; says whether the key comes out of the midst of it, and is not for a field. */
function isPartOfMore(event: KeyboardEvent, bound: readonly Bound[], field: boolean): boolean {
  const at = pressedAt(event);
  const before = typing(at);
  if (!isPart(event)) {
    // Whoever moves on with a key that belongs to no sentence has ended it; corrected text goes on.
    typedAt = before && ERASERS.includes(event.key) ? at : -Infinity;
    return false;
  }
  // Nobody begins a sentence with a blank.
  if (!isBlank(event) || before) typedAt = at;
  // Hammering at one key is no sentence.
  if (waiting !== null && bound.some(({ key }) => key === waiting?.key)) return false;
  letGoOfWaiting();
  if (field || !before) return false;
  settle.moved();
  return true;
}

/** When a key went down: hands are judged by that, and not by when a busy window comes to hear of it. */
function pressedAt(event: KeyboardEvent): number {
  const late = performance.now() - event.timeStamp;
  return Date.now() - (late > 0 && late < LATE_MS_MAX ? late : 0);
}

/** Does what is bound, or has it wait; false when nothing takes the key. */
function act(event: KeyboardEvent, bound: readonly Bound[], part: boolean): boolean {
  const done = bound.some(({ key, entry }) => {
    if (typeof entry === "object" && "leads" in entry) return entry.leads(event) !== false;
    const deed = typeof entry === "function" ? entry : entry.marks();
    if (deed === false) return false;
    return part && !isBlank(event) ? waits(key, () => deed(event)) : deed(event) !== false;
  });
  if (done) settle.settled();
  return done;
}

function waits(key: string, deed: () => void): boolean {
  if (waiting === null) waiting = { key, deed, ...inMs(ALONE_MS) };
  return true;
}

const inMs = (ms: number) => ({ dueAt: Date.now() + ms, timer: setTimeout(waited, ms) });

function waited(): void {
  if (waiting === null) return;
  if (Date.now() - waiting.dueAt > STALLED_MS) waiting = { ...waiting, ...inMs(STALLED_MS) };
  else doWaiting();
}

function doWaiting(): void {
  const deed = waiting?.deed;
  letGoOfWaiting();
  deed?.();
}

function letGoOfWaiting(): void {
  clearTimeout(waiting?.timer);
  waiting = null;
}

type Bound = { key: string; entry: Deeds[string] };

/** What a key means where it is pressed: above all sheets, then from the inside out, then on the screen. */
function find(event: KeyboardEvent, target: Element, places: readonly Element[]): Bound[] {
  const keys = chords(event);
  const inside = [...above.toReversed(), ...places.map((place) => own.get(place))];
  const bound = keys.flatMap((key) => inside.flatMap((deeds) => bindsTo(deeds, key)));
  if (sheets.length > 0) return bound;
  const key = keys.find((key) => layers.some((deeds) => key in deeds));
  if (key === undefined || belongs(target, key)) return bound;
  return bound.concat(
    bindsTo(
      layers.findLast((deeds) => key in deeds),
      key,
    ),
  );
}

function bindsTo(deeds: Deeds | undefined, key: string): Bound[] {
  const entry = deeds?.[key];
  return entry === undefined ? [] : [{ key, entry }];
}

/** Keeps a key from the toolkit that would do something of its own with it. */
function hush(event: KeyboardEvent, target: Element): void {
  const held = event.repeat || event.ctrlKey || event.metaKey || event.altKey;
  // A button is pressed by a fresh, bare key; and a sheet silences our keys, it does not give them to the toolkit.
  const ours = !isPart(event) && chords(event).some((key) => key.includes("+") && layers.some((deeds) => key in deeds));
  if ((held && activates(event, target)) || (sheets.length > 0 && ours)) take(event);
}

function take(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopPropagation();
}

/** The window lost the keyboard: nothing follows what was pressed. */
export function rest(): void {
  typedAt = -Infinity;
  doWaiting();
}

/** The user pointed at something: what is pressed next is about that. */
export function pointed(): void {
  typedAt = -Infinity;
  settle.settled();
}

/** Forgets what was typed and what waits, as a window that is made anew has. */
export function forget(): void {
  letGoOfWaiting();
  layout.forget();
  pointed();
}

/** The key's names, the one that counts first: "a", "?", "ctrl+1", "arrowdown". */
export function chords(event: KeyboardEvent): string[] {
  // What AltGr makes is a sign like any other, and some systems call it Ctrl and Alt.
  const graph = event.getModifierState?.("AltGraph") === true;
  const control = !graph && (event.ctrlKey || event.metaKey) ? "ctrl+" : "";
  const alt = !graph && event.altKey ? "alt+" : "";
  const names = [event.key.toLowerCase(), layout.place(event)];
  // With Alt some keyboards type another sign than the key shows.
  if (alt !== "" && !/^[ -~]$/.test(event.key)) names.reverse();
  return [...new Set(names)].filter((name) => name !== undefined).map((name) => `${control}${alt}${name}`);
}

/** Whether the key may be part of a sentence. */
function isPart(event: KeyboardEvent): boolean {
  const bare = !event.ctrlKey && !event.metaKey && !event.altKey;
  // WebKitGTK calls Shift and Tab "Unidentified": it moves on, as Tab does.
  const sign = [...event.key].length === 1 || (PARTS.includes(event.key) && event.code !== "Tab");
  return sign && (bare || event.getModifierState?.("AltGraph") === true);
}

const PARTS = ["Enter", "Dead", "Process", "Unidentified"];
const ERASERS = ["Backspace", "Delete"];
const MODIFIERS = ["Control", "Alt", "AltGraph", "Shift", "Meta", "OS", "Super", "Hyper", "CapsLock", "NumLock"];
const isBlank = (event: KeyboardEvent) => event.key === " " || event.key === "Enter";
const isMove = (key: string) =>
  key.startsWith("Arrow") || key.startsWith("Page") || ["Tab", "Home", "End"].includes(key);

const POINTED = ["button", "submit", "checkbox", "radio", "range"];

/** Whether what is typed goes into it. */
function takesText(target: Element | null): boolean {
  if (target instanceof HTMLInputElement) return !POINTED.includes(target.type);
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("textarea"));
}

/** Whether the key makes a control act that has the focus. */
function activates(event: KeyboardEvent, target: Element): boolean {
  return (
    (event.key === "Enter" || event.key === " ") &&
    !takesText(target) &&
    target.closest("button, a, input, select, summary, label") !== null
  );
}

/** Whether the key belongs to the control that has the focus, whatever it means on the screen. */
function belongs(target: Element, key: string): boolean {
  if (/^(?:ctrl|alt)\+|^f\d+$/.test(key)) return false;
  if (key === "escape") return target.matches("[type=search]");
  if (takesText(target) || target.matches("select")) return true;
  if (target instanceof HTMLInputElement) return key.startsWith("arrow");
  return key.startsWith("arrow") && target.getAttribute("role") === "radio";
}

/** The element and what is around it; while a sheet is open, that sheet in any case. */
function upwards(target: Element): Element[] {
  const all: Element[] = [];
  for (let at: Element | null = target; at !== null; at = at.parentElement) all.push(at);
  const sheet = sheets.at(-1);
  return sheet === undefined || all.includes(sheet) ? all : [sheet];
}
