// Opens the whole window on a pretended host, as every component test does.
import { cleanup, fireEvent, render, type RenderResult } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, vi } from "vitest";
import App from "../src/App.svelte";
import type { View } from "../src/gen/types";
import type { Place, Screen, Spot } from "../src/host/herald.svelte";
import type { PracticeEvent } from "../src/host";
import { Pretend, type Refusals } from "../src/host/pretend";
import type { History } from "../src/host/pretend-history";
import { NOW } from "../src/host/pretend-views";
import { forget, rest } from "../src/lib/keys";
import { voice } from "../src/lib/say.svelte";

afterEach(() => {
  cleanup();
  forget();
  document.getElementById("app")?.remove();
  voice.urgent = voice.calm = "";
  document.documentElement.removeAttribute("data-theme");
});

export type Opened = RenderResult<typeof App> & { host: Pretend };

type With = {
  screen?: Screen;
  place?: Place | null;
  refuse?: Refusals;
  history?: History;
  spot?: Spot;
  event?: PracticeEvent | null;
};

export async function open(view: View, with_: With = {}): Promise<Opened> {
  const host = new Pretend(view, NOW);
  host.refuse = with_.refuse ?? {};
  host.history = with_.history ?? host.history;
  host.event = with_.event ?? null;
  const target = document.createElement("div");
  target.id = "app";
  document.body.append(target);
  const window_ = render(
    App,
    { target, props: { host, screen: with_.screen ?? "duty", place: with_.place ?? null, spot: with_.spot ?? null } },
    { baseElement: document.body },
  );
  await settle();
  return Object.assign(window_, { host });
}

/** What an element says as it is drawn, however its source is laid out. */
export function said(element: Element): string {
  return (element.textContent ?? "").replace(/\s+/g, " ").trim();
}

/** Lets every promise that is ready come through, and the window draw. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
  await tick();
}

/** Shows another view and lets it be drawn. */
export async function show({ host }: Opened, view: View): Promise<void> {
  host.show(view);
  await settle();
}

/** Presses a key where the focus is, lets it go, and types nothing more for a while. */
export async function press(key: string, with_: Partial<KeyboardEventInit> = {}): Promise<boolean> {
  const left = await hold(key, with_);
  await letGo(key, with_);
  rest();
  await settle();
  return left;
}

/** Types a text as hands do, one key soon after the other, wherever the focus is. Needs a clock that is moved by hand. */
export async function typeBlind(text: string, eachMs = 120): Promise<void> {
  for (const sign of text) {
    const key = sign === "\n" ? "Enter" : sign;
    const at = document.activeElement ?? document.body;
    const left = await fireEvent.keyDown(at, { key });
    if (left && (at instanceof HTMLTextAreaElement || at instanceof HTMLInputElement))
      await fireEvent.input(at, { target: { value: at.value + sign } });
    // What a browser does with a key that nobody took.
    else if (left && (key === "Enter" || key === " ") && at instanceof HTMLButtonElement) await fireEvent.click(at);
    await settle();
    await vi.advanceTimersByTimeAsync(eachMs);
    await settle();
  }
}

/** Presses a key without letting it go. */
export async function hold(key: string, with_: Partial<KeyboardEventInit> = {}): Promise<boolean> {
  const left = await fireEvent.keyDown(document.activeElement ?? document.body, { key, ...with_ });
  await settle();
  return left;
}

export async function letGo(key: string, with_: Partial<KeyboardEventInit> = {}): Promise<void> {
  await fireEvent.keyUp(document.activeElement ?? document.body, { key, ...with_ });
  await settle();
}

export async function click(element: HTMLElement): Promise<void> {
  element.focus();
  await fireEvent.click(element);
  await settle();
}

/** The card or line of a page. */
export function cardOf(id: string): HTMLElement {
  const card = document.querySelector<HTMLElement>(`[data-page="${id}"]`);
  if (card === null) throw new Error(`there is no card of ${id}`);
  return card;
}

export function cardsInOrder(): string[] {
  return [...document.querySelectorAll<HTMLElement>("[data-page]")].map((card) => card.dataset["page"] ?? "");
}

/** The field, as what it is. */
export function input(element: HTMLElement): HTMLInputElement {
  if (element instanceof HTMLInputElement) return element;
  throw new Error(`no input but ${element.outerHTML}`);
}

/** Types into a field and leaves it. */
export async function type(field: HTMLElement, value: string) {
  await fireEvent.input(field, { target: { value } });
  await fireEvent.change(field, { target: { value } });
  await settle();
}
