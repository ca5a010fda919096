// Connecting tracker, status page and Slack in Settings.
import { fireEvent, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { View } from "../src/gen/types";
import { NOW, quiet } from "../src/host/pretend-views";
import { click, input, open, settle, type } from "./open";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse(NOW), toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

const settings = (view: View = quiet(), refuse = {}) => open(view, { screen: "settings", refuse });

describe("tracker and status page", () => {
  test("are prefilled from the playbook, and need no key", async () => {
    const window_ = await settings();
    await fireEvent.submit(window_.getByTestId("connect-tracker"));
    await settle();
    await fireEvent.submit(window_.getByTestId("connect-page"));
    await settle();
    expect(window_.host.asked).toEqual([
      {
        what: "connectTracker",
        connecting: { baseUrl: "https://tracker.quillbrook.example", project: "ops/production", token: null },
      },
      {
        what: "connectStatusPage",
        connecting: {
          kind: "status_io",
          apiUrl: "https://api.status.io",
          feedUrl: "https://status.quillbrook.example",
          publicUrl: "https://status.quillbrook.example",
          pageId: "5b36dc6502d06804c08349f7",
          apiId: null,
          apiKey: null,
        },
      },
    ]);
    expect(window_.getByTestId("tracker").textContent).toContain("No key: Herald only reads");
  });

  test("Status.io takes both or none, Statuspage one key", async () => {
    const window_ = await settings();
    const form = within(window_.getByTestId("connect-page"));
    await type(form.getByLabelText("API key of the status page"), "secret");
    await fireEvent.submit(window_.getByTestId("connect-page"));
    await settle();
    expect(form.getByRole("alert").textContent).toBe("Status.io needs both, the API id and the API key.");
    await click(form.getByRole("radio", { name: "Statuspage" }));
    expect(form.queryByLabelText("API id of the status page")).toBeNull();
    await fireEvent.submit(window_.getByTestId("connect-page"));
    await settle();
    expect(window_.host.asked).toMatchObject([
      { what: "connectStatusPage", connecting: { kind: "statuspage", apiId: null, apiKey: "secret" } },
    ]);
    expect(document.body.innerHTML).not.toContain("secret");
  });

  test("of a page with only RSS the feed's address is enough, and no key is asked for", async () => {
    const window_ = await settings();
    const form = within(window_.getByTestId("connect-page"));
    await click(form.getByRole("radio", { name: "RSS or Atom" }));
    expect(form.queryByLabelText(/API|Page id/)).toBeNull();
    await fireEvent.submit(window_.getByTestId("connect-page"));
    await settle();
    expect(form.getByRole("alert").textContent).toBe("Each address begins with https://.");
    await type(form.getByLabelText("Feed"), "https://status.quillbrook.example/history.rss");
    await fireEvent.submit(window_.getByTestId("connect-page"));
    await settle();
    const feed = {
      kind: "rss",
      apiUrl: "",
      feedUrl: "https://status.quillbrook.example/history.rss",
      pageId: "",
      apiId: null,
      apiKey: null,
    };
    expect(window_.host.asked).toMatchObject([{ what: "connectStatusPage", connecting: feed }]);
    expect(window_.getByTestId("status-page").textContent).toContain("RSS or Atom");
  });

  test("a refusal stands in its form, and what was typed stays", async () => {
    const window_ = await settings(quiet(), {
      connectTracker: { code: "unauthorized", message: "GitLab does not accept this key." },
    });
    await type(within(window_.getByTestId("connect-tracker")).getByLabelText("Key of the tracker"), "k");
    await fireEvent.submit(window_.getByTestId("connect-tracker"));
    await settle();
    const form = within(window_.getByTestId("connect-tracker"));
    expect(form.getByRole("alert").textContent).toBe("GitLab does not accept this key.");
    expect(input(form.getByLabelText("Key of the tracker")).value).toBe("k");
  });

  test("disconnecting asks first", async () => {
    const window_ = await settings(
      quiet({ tracker: { base_url: "https://t.example", project: "a/b", user: null, token: null, can_write: false } }),
    );
    await click(within(window_.getByTestId("tracker")).getByRole("button", { name: "Disconnect…" }));
    await click(window_.getByRole("button", { name: "Disconnect" }));
    expect(window_.host.commands).toEqual([{ do: "disconnect_feed", source: "tracker" }]);
  });
});

describe("Slack", () => {
  test("takes a webhook, keeps it nowhere, and posts nothing", async () => {
    const window_ = await settings();
    const form = within(window_.getByTestId("connect-slack"));
    await fireEvent.submit(window_.getByTestId("connect-slack"));
    await settle();
    expect(form.getByRole("alert").textContent).toContain("Paste the webhook's address first.");
    const field = form.getByLabelText("Webhook of Slack");
    expect(input(field).type).toBe("password");
    await type(form.getByLabelText("Channel of Slack"), " #incident ");
    await type(field, "https://hooks.slack.com/services/T0/B0/secret");
    await fireEvent.submit(window_.getByTestId("connect-slack"));
    await settle();
    expect(window_.host.asked).toEqual([
      {
        what: "connectSlack",
        connecting: { webhook: "https://hooks.slack.com/services/T0/B0/secret", channel: "#incident" },
      },
    ]);
    expect(window_.getByTestId("slack").textContent).toContain("#incident");
    expect(document.body.innerHTML).not.toContain("secret");
  });

  test("disconnecting asks first", async () => {
    const window_ = await settings(quiet({ slack: { channel: "#incident", token: "this_session" } }));
    expect(window_.getByTestId("slack").textContent).toContain("kept for this session only");
    await click(within(window_.getByTestId("slack")).getByRole("button", { name: "Disconnect…" }));
    expect(window_.host.commands).toEqual([]);
    await click(window_.getByRole("button", { name: "Disconnect" }));
    expect(window_.host.commands).toEqual([{ do: "disconnect_slack" }]);
    expect(window_.getByTestId("connect-slack")).toBeTruthy();
  });
});
