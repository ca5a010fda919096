// In which order pages stand, and how that order holds still while somebody points at it.
import type { PageCard } from "../gen/types";

/** One trigger of one page: the same page triggered again is another one. */
export type PageKey = string;

export function keyOf(page: Pick<PageCard, "id" | "triggered_at">): PageKey {
  return `${page.id} ${page.triggered_at}`;
}

export type Arranged = {
  /** What stands in the list, in order; while held also pages that have left. */
  shown: PageKey[];
  /** Pages that arrived while the list was held. */
  waiting: PageKey[];
};

/** The order to show. While `held`, nothing moves, nothing comes in between, and what left keeps its place. */
export function arrange(before: readonly PageKey[], pages: readonly PageCard[], held: boolean): Arranged {
  const wanted = inOrder(pages).map(keyOf);
  if (!held || before.length === 0) return { shown: wanted, waiting: [] };
  const known = new Set(before);
  return { shown: [...before], waiting: wanted.filter((key) => !known.has(key)) };
}

/** Calling pages first; the view already brings each group newest first. */
function inOrder(pages: readonly PageCard[]): PageCard[] {
  const calls = (page: PageCard) => page.status === "triggered";
  return [...pages.filter(calls), ...pages.filter((page) => !calls(page))];
}
