// What jsdom lacks and the window needs.
import { vi } from "vitest";

vi.stubGlobal("matchMedia", (query: string) => ({
  matches: false,
  media: query,
  addEventListener: () => {},
  removeEventListener: () => {},
}));
// axe asks for a canvas to see whether a font draws icons.
HTMLCanvasElement.prototype.getContext = () => null;
