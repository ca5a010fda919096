// A request to help, and a call with only a number: what the card says and offers.
import { describe, expect, test } from "vitest";
import { STATES } from "../src/host/gallery";
import { open } from "./open";

describe("a page that I am only asked to help with", () => {
  test("says who asks, and leads to where it is answered", async () => {
    const { container, getByRole, queryByRole } = await open(STATES["page-asked"]!.view());
    expect(container.textContent).toContain("Dana Okafor asks you to help");
    expect(container.textContent).toContain("we need a text");
    expect(queryByRole("button", { name: /Acknowledge/ })).toBeNull();
    expect(getByRole("button", { name: /Answer in PagerDuty/ })).toBeTruthy();
  });
});

describe("a call with only a telephone number", () => {
  test("is shown while the page calls and when it is taken", async () => {
    const { getAllByTestId } = await open(STATES["page-dial-in"]!.view());
    expect(getAllByTestId("dial-in").map((it) => it.textContent?.trim())).toEqual(
      Array(2).fill("Dial in: +1 415-555-0132,,,,1234#"),
    );
  });
});
