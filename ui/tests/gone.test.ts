// A window whose watch has ended: nothing on it may look as if somebody watched.
import { fireEvent } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { page, paged } from "../src/host/pretend-views";
import { open, settle } from "./open";

test("a window without a watch says so, covers what it showed, and shows the next watch's truth", async () => {
  const window_ = await open(paged([page()]));
  const { host } = window_;
  host.lose(true);
  await settle();
  expect(window_.getByRole("heading", { name: "Nobody is watching" })).toBeTruthy();
  expect(document.querySelector<HTMLElement>(".win")?.inert, "what was true once is out of reach").toBe(true);
  await fireEvent.click(window_.getByRole("button", { name: "Start the watch" }));
  expect(host.asked.at(-1)).toEqual({ what: "startWatch" });

  // Covered until the first answer of the next one.
  host.refuse = { hello: { code: "lost", message: "Herald does not answer." } };
  host.lose(false);
  await settle();
  expect(window_.queryByTestId("gone")).not.toBe(null);
  host.refuse = {};
  host.lose(false);
  await settle();
  expect(window_.queryByTestId("gone")).toBe(null);
});

test("a practice world that has ended leaves nothing to start", async () => {
  const window_ = await open(paged([page()], { mode: { kind: "practice", scenario: "A single page" } }));
  window_.host.lose(true);
  await settle();
  expect(window_.getByTestId("gone").textContent).toContain("The practice world has ended");
  expect(window_.queryByRole("button", { name: "Start the watch" })).toBe(null);
});
