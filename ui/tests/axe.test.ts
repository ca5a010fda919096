// Every state of the window passes axe; contrast needs a browser and is looked at there.
import { fireEvent } from "@testing-library/svelte";
import axe from "axe-core";
import { describe, expect, test } from "vitest";
import { STATES } from "../src/host/gallery";
import { quiet } from "../src/host/pretend-views";
import { click, open, press, settle } from "./open";

async function violations(): Promise<string[]> {
  const result = await axe.run(document, {
    resultTypes: ["violations"],
    rules: { "color-contrast": { enabled: false } },
  });
  return result.violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.html).join(" ")}`);
}

describe("axe", () => {
  document.documentElement.lang = "en";
  document.title = "Herald";

  test.each(Object.keys(STATES))("%s", async (name) => {
    const state = STATES[name];
    if (state === undefined) throw new Error(name);
    const { container } = await open(state.view(), state);
    if (state.refuse?.connect !== undefined) {
      const form = container.querySelector("form");
      form?.querySelector<HTMLInputElement>("[name=key]")?.setAttribute("value", "key");
      form?.requestSubmit();
      await settle();
    }
    expect(await violations()).toEqual([]);
  });

  test("the sheet that closes a page", async () => {
    const { getAllByRole } = await open(STATES["acknowledged"]!.view());
    await click(getAllByRole("button", { name: "Close page…" })[0]!);
    expect(await violations()).toEqual([]);
  });

  test("the place for a text without an incident, and all keys", async () => {
    await open(quiet());
    await press("u");
    expect(await violations()).toEqual([]);
    await press("Escape");
    await press("?");
    expect(await violations()).toEqual([]);
  });

  test("a search for components that finds none", async () => {
    const { getByRole, getByLabelText } = await open(STATES["compose"]!.view(), STATES["compose"]!);
    await click(getByRole("button", { name: /^Components:/ }));
    await fireEvent.input(getByLabelText("Find a component"), { target: { value: "nowhere" } });
    await settle();
    expect(await violations()).toEqual([]);
  });

  test.each(["compose", "compose-lints", "compose-by-hand"])("the last look, %s", async (name) => {
    const state = STATES[name]!;
    const { getByRole } = await open(state.view(), state);
    await click(getByRole("button", { name: /^(Publish|Post)…$/ }));
    expect(await violations()).toEqual([]);
  });

  test("the sheets and the text of a handover", async () => {
    const { getByRole } = await open(STATES["handover"]!.view(), STATES["handover"]);
    await press("e");
    expect(await violations()).toEqual([]);
    await press("Escape");
    await click(getByRole("button", { name: "Create confidential issue…" }));
    expect(await violations()).toEqual([]);
  });

  test("the sheet that starts a shift", async () => {
    const { getByRole } = await open(STATES["handover-none"]!.view(), STATES["handover-none"]);
    await click(getByRole("button", { name: "Start a shift…" }));
    expect(await violations()).toEqual([]);
  });

  test("the sheets of an incident", async () => {
    await open(STATES["incident"]!.view(), STATES["incident"]);
    await press("e");
    expect(await violations()).toEqual([]);
  });

  test.each(["s", "/"])("the sheets of tasks, %s", async (key) => {
    await open(STATES["stage-engage"]!.view(), STATES["stage-engage"]);
    await press(key);
    expect(await violations()).toEqual([]);
  });

  test("the sheet that closes a page too early", async () => {
    const { getByRole } = await open(STATES["page-lacks"]!.view());
    await click(getByRole("button", { name: "Close page…" }));
    expect(await violations()).toEqual([]);
  });

  test("the sheet of components", async () => {
    const { getByRole } = await open(STATES["compose"]!.view(), STATES["compose"]);
    await click(getByRole("button", { name: /^Components:/ }));
    expect(await violations()).toEqual([]);
  });

  test.each([false, true])("the sheet of past updates, with none: %s", async (none) => {
    const { host } = await open(STATES["compose"]!.view(), STATES["compose"]);
    if (none) host.past = [];
    await press("p", { ctrlKey: true });
    await settle();
    expect(await violations()).toEqual([]);
  });

  test("a hotkey being recorded", async () => {
    const { getByRole } = await open(quiet(), { screen: "settings" });
    await click(getByRole("button", { name: "Change the hotkey" }));
    expect(await violations()).toEqual([]);
  });

  test("the sheet of keys", async () => {
    await open(STATES["page"]!.view());
    await press("?");
    expect(await violations()).toEqual([]);
  });
});
