// Templates of one's own: saved from what was written, removed and brought back, with their fields explained.
import { fireEvent, within } from "@testing-library/svelte";
import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { asTemplate, unknownFields } from "../src/draft/own-templates";
import { STATES } from "../src/host/gallery";
import type { Refusals } from "../src/host/pretend";
import { BODY, going, incident, ISSUE } from "../src/host/pretend-incidents";
import { NOW } from "../src/host/pretend-views";
import { click, open, press, settle } from "./open";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse(NOW), toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

const field = (name: string) => document.querySelector<HTMLInputElement>(`[data-sheet] [name=${name}]`)!;
const type = async (name: string, value: string) => {
  await fireEvent.input(field(name), { target: { value } });
  await settle();
};
const arrive = async (refuse: Refusals = {}) => {
  const window_ = await open(going([incident()]), { place: { incident: 2, compose: true }, refuse });
  await click(window_.getByRole("button", { name: "Save as template…" }));
  return window_;
};

describe("the text", () => {
  test("has a field where it names what only this incident has", () => {
    expect(asTemplate(` We know. ${ISSUE} `, incident())).toBe("We know. {link}");
    expect(asTemplate("We know.", incident({ issue: null }))).toBe("We know.");
  });

  test("says which braces are no fields", () =>
    expect(unknownFields("{link} {who} {incident} {who} { x }")).toEqual(["{who}"]));
});

describe("the sheet", () => {
  test("saves what was written under a name, before those that are there", async () => {
    const window_ = await arrive();
    expect(field("text").value).toBe(`${BODY} {link}`);
    await fireEvent.submit(document.querySelector("[data-testid=template-sheet]")!);
    await settle();
    expect(window_.getByText("Give it a short name")).toBeTruthy();
    await type("name", " Queue ");
    await click(within(window_.getByRole("dialog")).getByRole("radio", { name: "In Identified" }));
    await click(window_.getByRole("button", { name: "Save template" }));
    expect(window_.host.view.settings.templates).toEqual([
      { name: "Queue", text: `${BODY} {link}`, phase: "identified" },
    ]);
    expect(window_.queryByRole("dialog")).toBeNull();
    await click(window_.getByRole("button", { name: "Save as template…" }));
    await type("name", "Second");
    await click(window_.getByRole("button", { name: "Save template" }));
    expect(window_.host.view.settings.templates.map((it) => [it.name, it.phase])).toEqual([
      ["Second", null],
      ["Queue", "identified"],
    ]);
  });

  test("explains the fields, and warns of braces that are none", async () => {
    const window_ = await arrive();
    for (const part of ["{link}", "the link of the issue", "{interval}"])
      expect(window_.getByRole("dialog").textContent).toContain(part);
    await type("text", "We know of {what}.");
    expect(window_.getByText("{what} is no field and would stay as it is typed.")).toBeTruthy();
    vi.useRealTimers();
    expect(
      (await axe.run(document.body, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } }))
        .violations,
    ).toEqual([]);
  });

  test("keeps what is typed when it is closed, and says when it could not be saved", async () => {
    const window_ = await arrive({ set: { code: "failed", message: "This is more than Herald keeps. Shorten it." } });
    await type("name", "Half a na");
    await press("Escape");
    await click(window_.getByRole("button", { name: "Save as template…" }));
    expect(field("name").value).toBe("Half a na");
    await click(window_.getByRole("button", { name: "Save template" }));
    expect(within(window_.getByRole("dialog")).getByRole("alert").textContent).toContain("more than Herald keeps");
    expect(field("name").value).toBe("Half a na");
  });

  test("removes one's own, and brings it back to its place", async () => {
    const state = STATES["compose-own-templates"]!;
    const window_ = await open(state.view(), state);
    const before = window_.host.view.settings.templates;
    expect(window_.getByTestId("templates").querySelector("button")!.textContent).toContain(
      "Your own: Sign-in, our words",
    );
    await click(window_.getByRole("button", { name: "Save as template…" }));
    await click(window_.getByRole("button", { name: "Remove Sign-in, our words" }));
    expect(window_.host.view.settings.templates).toEqual(before.slice(1));
    await click(window_.getByRole("button", { name: "Bring back" }));
    expect(window_.host.view.settings.templates).toEqual(before);
  });
});
