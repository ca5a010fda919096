// Pictures come as what differs from the one before. What is the same stays the very same object, so that nothing of it is
// drawn again.
import type { Cards, Delta, Told, View } from "../gen/types";

/** A picture, by its number. */
export type Picture = { nth: number; view: View; now: string };

/** The picture that is told, for whoever has `last`; nothing where that is not the one before. */
export function next(last: Picture | null, told: Told): Picture | null {
  const { nth, now } = told;
  if (told.is === "whole") return { nth, now, view: told.view };
  return last === null || last.nth !== nth - 1 ? null : { nth, now, view: laidOver(last.view, told.delta) };
}

function laidOver(view: View, delta: Delta): View {
  return {
    ...view,
    ...delta.parts,
    pages: cards(view.pages, delta.pages),
    incidents: cards(view.incidents, delta.incidents),
    wrapping: cards(view.wrapping, delta.wrapping),
  };
}

function cards<C extends { id: string | number }>(known: C[], differ: Cards<C> | null): C[] {
  if (differ === null) return known;
  const by = new Map([...known, ...differ.cards].map((card) => [card.id as string | number, card]));
  return differ.order.flatMap((id) => by.get(id) ?? []);
}
