// The drawn shape of each of Herald's sounds: heights of 21 bars, so that a sound is known by sight too.
import type { Sound } from "../gen/types";

export const SHAPE_BARS = 21;

export const SHAPES: Record<Sound, (bar: number) => number> = {
  // Short calls of three, the middle one strongest.
  page: (bar) => [14, 18, 14, 3][bar % 4] ?? 3,
  // The same call, growing.
  overdue: (bar) => (bar % 4 === 3 ? 3 : 4 + bar * 0.66),
  // One stroke of a bell.
  due_soon: (bar) => 2.5 + 11.5 * Math.exp(-bar / 6),
  // A slow swell.
  blind: (bar) => 3 + 6 * Math.abs(Math.sin(bar * 0.47)),
};

export const SOUND_NAMES: Record<Sound, string> = {
  page: "Page",
  overdue: "Overdue",
  due_soon: "Due soon",
  blind: "Cannot see",
};
