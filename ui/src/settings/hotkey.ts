// A combination of keys as Rust writes it, from the keys that are pressed; Rust decides whether it will do.

/** What Herald offers at first. */
export const DEFAULT_KEYS = "Ctrl+Alt+U";

const MODIFIERS = ["Control", "Alt", "AltGraph", "Shift", "Meta", "OS", "Super", "Hyper", "CapsLock", "NumLock"];
const NAMES: Record<string, string> = {
  " ": "Space",
  ArrowUp: "Up",
  ArrowDown: "Down",
  ArrowLeft: "Left",
  ArrowRight: "Right",
};

/** The keys that are down, or null while only modifiers are. */
export function pressed(event: KeyboardEvent): string | null {
  if (MODIFIERS.includes(event.key)) return null;
  const held = [
    event.ctrlKey && "Ctrl",
    event.altKey && "Alt",
    event.shiftKey && "Shift",
    event.metaKey && "Super",
  ].filter(Boolean);
  return [...held, key(event)].join("+");
}

/** What is printed on the key: modifiers make other signs of it, so its place decides where the sign is no plain one. */
function key({ key, code }: KeyboardEvent): string {
  if (/^[a-z0-9]$/i.test(key)) return key.toUpperCase();
  return /^(?:Key|Digit)([A-Z0-9])$/.exec(code)?.[1] ?? NAMES[key] ?? key;
}
