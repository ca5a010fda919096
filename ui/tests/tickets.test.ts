// Zendesk: the form that connects it, its card, and how many tickets of an incident nobody has tagged.
import { fireEvent, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { TicketsView } from "../src/gen/types";
import { STATES } from "../src/host/gallery";
import { stages } from "../src/host/pretend-stages";
import { at, NOW, quiet } from "../src/host/pretend-views";
import { counted, uncounted } from "../src/stage/stages";
import { click, open, settle } from "./open";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse(NOW), toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

const type = async (field: HTMLElement, value: string) => {
  await fireEvent.input(field, { target: { value } });
};
const now = Date.parse(NOW);
const known = { count: 7, at: at("09:46:30"), old_at: at("09:52:30"), fault: null };
const old = { ...known, at: at("09:35:30"), old_at: at("09:41:30") };

describe("words", () => {
  test.each([
    [null, "", ""],
    [known, "7 untagged", ""],
    [{ ...known, count: 0 }, "0 untagged", ""],
    [old, "7 untagged, 12 min ago", ""],
    [
      { ...old, fault: "no answer in time" },
      "7 untagged, 12 min ago",
      "Tickets not counted: no answer in time, last 12 min ago",
    ],
    [
      { count: null, at: null, old_at: null, fault: "the key is not accepted" },
      "",
      "Tickets not counted: the key is not accepted",
    ],
  ] as [TicketsView | null, string, string][])("%j", (tickets, end, below) =>
    expect([counted(tickets, now), uncounted(tickets, now)]).toEqual([end, below]),
  );
});

describe("the task that looks for tickets", () => {
  const shown = (tickets: TicketsView | null) => {
    const view = STATES["stage-manage"]!.view();
    const card = view.incidents[0]!;
    return open({ ...view, incidents: [{ ...card, stages: { ...card.stages, tickets } }] }, STATES["stage-manage"]);
  };
  const row = (text: string) => [...document.querySelectorAll("main li")].find((it) => it.textContent?.includes(text));

  test("says how many are untagged, and no other task does", async () => {
    await shown(known);
    expect(row("Watch, tag and answer tickets")?.textContent).toContain("7 untagged");
    expect(row("Create the tag")?.textContent).not.toContain("untagged");
  });

  test("says why they are not counted", async () => {
    await shown({ ...old, fault: "no answer in time" });
    expect(row("Watch, tag and answer tickets")?.textContent).toContain(
      "Tickets not counted: no answer in time, last 12 min ago",
    );
  });

  test("says nothing where Zendesk is not connected", async () => {
    await shown(null);
    expect(document.querySelector("main")!.textContent).not.toContain("ntagged");
    expect(stages("manage").tickets).toBe(null);
  });
});

describe("connecting", () => {
  const settings = (view = quiet()) => open(view, { screen: "settings" });

  test("takes an address, an e-mail and a key, and keeps the key nowhere", async () => {
    const { host, getByTestId } = await settings();
    const form = within(getByTestId("connect-zendesk"));
    const send = async () => {
      await fireEvent.submit(getByTestId("connect-zendesk"));
      await settle();
    };
    const field = form.getByLabelText("Key of Zendesk") as HTMLInputElement;
    expect(field.type).toBe("password");
    expect((form.getByLabelText("Address of Zendesk") as HTMLInputElement).value).toBe(quiet().playbook.zendesk_url);
    await send();
    expect(form.getByRole("alert").textContent).toContain("e-mail address");
    await type(form.getByLabelText("E-mail at Zendesk"), " elena@quillbrook.example ");
    await send();
    expect(form.getByRole("alert").textContent).toContain("Paste an API token first.");
    await type(field, "secret-token");
    await send();
    expect(host.asked).toEqual([
      {
        what: "connectZendesk",
        connecting: { baseUrl: quiet().playbook.zendesk_url, email: "elena@quillbrook.example", token: "secret-token" },
      },
    ]);
    expect(getByTestId("zendesk").textContent).toContain("elena@quillbrook.example");
    expect(document.body.innerHTML).not.toContain("secret-token");
  });

  test("its card says what is wrong, and disconnecting asks first", async () => {
    const fault = { kind: "unauthorized" as const, reason: "the key is not accepted", next_step: "" };
    const zendesk = {
      base_url: "https://quillbrook.zendesk.example",
      email: "elena@quillbrook.example",
      token: "this_session" as const,
      fault,
      key_refused: true,
    };
    const { host, getByTestId, getByRole } = await settings(quiet({ zendesk }));
    expect(getByTestId("zendesk").textContent).toContain("The key is refused.");
    await click(within(getByTestId("zendesk")).getByRole("button", { name: "Disconnect…" }));
    expect(host.commands).toEqual([]);
    await click(getByRole("button", { name: "Disconnect" }));
    expect(host.commands).toEqual([{ do: "disconnect_zendesk" }]);
    expect(getByTestId("connect-zendesk")).toBeTruthy();
  });
});
