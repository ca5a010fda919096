// Changes text in a field as if it had been typed, so that undo knows of it.

/** The one stretch that differs between two texts. Surrogate pairs stay whole. */
export function difference(before: string, after: string): { from: number; to: number; put: string } {
  const most = Math.min(before.length, after.length);
  let from = 0;
  while (from < most && before[from] === after[from]) from += 1;
  if (from > 0 && isHigh(before, from - 1)) from -= 1;
  let end = 0;
  while (end < most - from && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  if (end > 0 && isLow(before, before.length - end)) end -= 1;
  return { from, to: before.length - end, put: after.slice(from, after.length - end) };
}

/** Makes the field say `after`, with the caret behind what was put in. */
export function retype(field: HTMLTextAreaElement, after: string): void {
  if (field.value === after) return;
  const { from, to, put } = difference(field.value, after);
  field.focus();
  field.setSelectionRange(from, to);
  // Deprecated without a successor: nothing else enters the field's own undo.
  const typed =
    typeof document.execCommand === "function" &&
    document.execCommand(put === "" ? "delete" : "insertText", false, put);
  if (typed && field.value === after) return;
  field.value = after;
  field.setSelectionRange(from + put.length, from + put.length);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function isHigh(text: string, at: number): boolean {
  return text.charCodeAt(at) >= 0xd800 && text.charCodeAt(at) < 0xdc00;
}

function isLow(text: string, at: number): boolean {
  return text.charCodeAt(at) >= 0xdc00 && text.charCodeAt(at) < 0xe000;
}
