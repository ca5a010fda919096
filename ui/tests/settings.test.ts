// Settings and the first run: every control says what was asked of Rust, and every refusal stands beside its control.
import { fireEvent, within } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { View } from "../src/gen/types";
import { account, disconnected, NOW, quiet, shadow } from "../src/host/pretend-views";
import { click, input, open, press, show, type } from "./open";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse(NOW), toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

const settings = (view: View = quiet(), refuse = {}) => open(view, { screen: "settings", refuse });

describe("the first run", () => {
  const connects = (window_: Awaited<ReturnType<typeof open>>) =>
    window_.host.asked.filter((asked) => asked.what === "connect");

  const connect = async (window_: Awaited<ReturnType<typeof open>>, key = "u+secret") => {
    await type(window_.getByLabelText("API key"), key);
    await click(window_.getByRole("button", { name: "Test and connect" }));
  };

  test("the key's field has the focus, hides what is typed, and is empty once it was accepted", async () => {
    const window_ = await open(disconnected());
    const field = input(window_.getByLabelText("API key"));
    expect(document.activeElement).toBe(field);
    expect([field.type, field.autocomplete]).toEqual(["password", "off"]);
    await connect(window_);
    expect(window_.host.asked.slice(0, 2)).toEqual([
      { what: "connect", connecting: { token: "u+secret", baseUrl: "https://api.eu.pagerduty.com", email: null } },
      { what: "command", command: { do: "set", patch: { set: "onboarding", step: "schedules" } } },
    ]);
    expect(field.value).toBe("");
    const typed = [...document.querySelectorAll("input")].map((one) => one.value);
    expect([document.body.textContent, ...typed].join()).not.toContain("u+secret");
    expect(window_.getByRole("heading", { name: "Who only watches?" }), "the next step follows").toBeTruthy();
    await click(window_.getByRole("button", { name: /Finish later/ }));
    expect(window_.queryByTestId("first-run"), "Duty follows").toBeNull();
  });

  test("a refused key stays to be corrected, with the reason", async () => {
    const window_ = await open(disconnected(), {
      refuse: { connect: { code: "unauthorized", message: "PagerDuty does not accept this key." } },
    });
    await connect(window_);
    expect(window_.getByText("PagerDuty does not accept this key.")).toBeTruthy();
    expect(input(window_.getByLabelText("API key")).value).toBe("u+secret");
  });

  test("another region is one button away", async () => {
    const window_ = await open(disconnected(), {
      refuse: { connect: { code: "other_region", message: "This key belongs to the US region." } },
    });
    await connect(window_);
    window_.host.refuse = {};
    await click(window_.getByRole("button", { name: "Try US" }));
    expect(connects(window_).at(-1)).toEqual({
      what: "connect",
      connecting: { token: "u+secret", baseUrl: "https://api.pagerduty.com", email: null },
    });
  });

  test("a key that belongs to nobody asks for the e-mail", async () => {
    const window_ = await open(disconnected(), {
      refuse: { connect: { code: "account_key", message: "This is an account key." } },
    });
    await connect(window_);
    const email = window_.getByLabelText(/e-mail/);
    expect(document.activeElement).toBe(email);
    window_.host.refuse = {};
    await type(email, "elena@quillbrook.example");
    await click(window_.getByRole("button", { name: "Test and connect" }));
    expect(connects(window_).at(-1)).toMatchObject({ connecting: { email: "elena@quillbrook.example" } });
  });

  test("an own address is asked for and sent", async () => {
    const window_ = await open(disconnected());
    await click(window_.getByRole("radio", { name: "Own URL" }));
    await connect(window_);
    expect(window_.getByText("Enter the URL first.")).toBeTruthy();
    expect(window_.host.asked).toEqual([]);
    await type(window_.getByLabelText(/address/), "http://127.0.0.1:9000");
    await connect(window_);
    expect(connects(window_).at(-1)).toMatchObject({ connecting: { baseUrl: "http://127.0.0.1:9000" } });
  });

  test("nothing is sent without a key", async () => {
    const window_ = await open(disconnected());
    await connect(window_, "  ");
    expect(window_.getByText("Paste your API key first.")).toBeTruthy();
    expect(window_.host.asked).toEqual([]);
  });

  test("Alt P practises, even while typing, and letters typed into the key do nothing", async () => {
    const window_ = await open(disconnected());
    await press("?");
    expect(window_.queryByRole("dialog")).toBeNull();
    await press("p", { altKey: true });
    expect(window_.host.asked).toEqual([{ what: "practise", scenario: null }]);
  });
});

describe("the account", () => {
  test("says whose it is and tests", async () => {
    const window_ = await settings();
    const row = window_.getByTestId("account");
    expect(row.textContent).toContain("Elena Marek, personal key, EU");
    await click(within(row).getByRole("button", { name: "Test" }));
    expect(row.textContent).toContain("works, 84 ms");
  });

  test("a test that fails says why", async () => {
    const window_ = await settings(quiet(), { testAccount: { code: "timeout", message: "No answer in time." } });
    await click(within(window_.getByTestId("account")).getByRole("button", { name: "Test" }));
    expect(window_.getByTestId("account").textContent).toContain("No answer in time.");
  });

  test("says when the key is kept for this session only", async () => {
    const window_ = await settings(quiet({ account: { ...account, token: "this_session" } }));
    expect(window_.getByTestId("account").textContent).toContain(
      "for this session only, because no system keychain could be used",
    );
  });

  test("disconnects only after asking", async () => {
    const window_ = await settings();
    await click(window_.getByRole("button", { name: "Disconnect…" }));
    expect(window_.getByRole("dialog").textContent).toContain("no page will alarm here");
    expect(document.activeElement).toBe(window_.getByRole("button", { name: "Stay connected" }));
    await press("Escape");
    expect(window_.host.commands).toEqual([]);
    await click(window_.getByRole("button", { name: "Disconnect…" }));
    await click(window_.getByRole("button", { name: "Disconnect" }));
    expect(window_.host.commands).toEqual([{ do: "disconnect" }]);
    expect(window_.getByLabelText("API key")).toBeTruthy();
  });
});

describe("sounds", () => {
  test("play, volume and own file", async () => {
    const window_ = await settings();
    await click(window_.getByRole("button", { name: "Play Page" }));
    await type(window_.getByRole("slider", { name: "Volume of Page" }), "60");
    await click(window_.getByRole("button", { name: "Choose an own file for Page" }));
    const set = (choice: object) => ({
      what: "command",
      command: { do: "set", patch: { set: "sound", sound: "page", choice } },
    });
    const file = "/sounds/ship-bell.wav";
    expect(window_.host.asked).toEqual([
      { what: "play", sound: "page" },
      set({ volume: 60, file: null }),
      { what: "chooseSound" },
      set({ volume: 60, file }),
    ]);
    expect(window_.getByTestId("sound-page").textContent).toContain("ship-bell.wav");
    await click(window_.getByRole("button", { name: "Use Herald's own sound for Page" }));
    expect(window_.host.asked.at(-1)).toEqual(set({ volume: 60, file: null }));
  });

  test("a drag is one change, told when let go", async () => {
    const window_ = await settings();
    const slider = input(window_.getByRole("slider", { name: "Volume of Page" }));
    for (const value of ["85", "80", "75"]) await fireEvent.input(slider, { target: { value } });
    expect(window_.host.commands).toEqual([]);
    expect(window_.getByTestId("sound-page").textContent).toContain("75 %");
    expect([slider.min, slider.max], "soft but never mute").toEqual(["10", "100"]);
  });

  test("no sound device is said beside the sound", async () => {
    const window_ = await settings(quiet(), { play: { code: "no_device", message: "There is no sound device." } });
    await click(window_.getByRole("button", { name: "Play Cannot see" }));
    expect(window_.getByTestId("sound-blind").textContent).toContain("There is no sound device.");
  });

  test("no file chosen changes nothing", async () => {
    const window_ = await settings();
    window_.host.file = null;
    await click(window_.getByRole("button", { name: "Choose an own file for Page" }));
    expect(window_.host.commands).toEqual([]);
  });
});

describe("behaviour", () => {
  test("quiet hours as people write times", async () => {
    const window_ = await settings();
    await type(window_.getByLabelText("Quiet from"), "2130");
    expect(window_.host.commands).toEqual([
      { do: "set", patch: { set: "quiet_hours", hours: { on: true, from: "21:30:00", to: "07:00:00" } } },
    ]);
    await type(window_.getByLabelText("Quiet to"), "soon");
    expect(window_.getByText("Write a time such as 22:00.")).toBeTruthy();
    expect(window_.host.commands.length).toBe(1);
    expect(window_.getByTestId("quiet-hours").textContent).toContain("never mute a page while you are on shift");
  });

  test("a switch shows what is, not what was wished", async () => {
    const window_ = await settings(quiet(), { set: { code: "cannot_save", message: "Herald cannot save." } });
    const shadowSwitch = window_.getByRole("switch", { name: "Shadow mode" });
    await click(shadowSwitch);
    expect(shadowSwitch.getAttribute("aria-checked")).toBe("false");
    expect(window_.getByTestId("shadow").textContent).toContain("Herald cannot save.");
    window_.host.refuse = {};
    await click(shadowSwitch);
    expect(shadowSwitch.getAttribute("aria-checked")).toBe("true");
    expect(window_.host.commands.at(-1)).toEqual({ do: "set", patch: { set: "shadow", on: true } });
  });

  test("shadow by schedule or by key says so", async () => {
    const window_ = await settings(shadow([]));
    expect(window_.getByTestId("shadow").textContent).toContain("on by itself now");
    await show(
      window_,
      quiet({ account: { ...account, read_only: true }, shadow: { why: "read_only_key", answers: [] } }),
    );
    expect(window_.getByTestId("shadow").textContent).toContain("on, because this key cannot write");
    expect(window_.queryByRole("switch", { name: "Shadow mode" })).toBeNull();
  });

  test("the look follows the setting", async () => {
    const window_ = await settings();
    expect(document.documentElement.dataset["theme"]).toBe("light");
    await click(window_.getByRole("radio", { name: "Dark" }));
    expect(document.documentElement.dataset["theme"]).toBe("dark");
    await press("ArrowLeft");
    expect(window_.host.commands.at(-1)).toEqual({ do: "set", patch: { set: "theme", theme: "light" } });
  });

  test("how often PagerDuty is asked", async () => {
    const window_ = await settings();
    await type(window_.getByRole("slider", { name: /Seconds between/ }), "30");
    expect(window_.host.commands).toEqual([{ do: "set", patch: { set: "poll_interval", seconds: 30 } }]);
  });
});

describe("the hotkey", () => {
  const record = async (window_: Awaited<ReturnType<typeof settings>>) =>
    click(window_.getByRole("button", { name: "Change the hotkey" }));
  const set = (keys: string | null) => ({ do: "set", patch: { set: "hotkey", keys } });
  const shown = (window_: Awaited<ReturnType<typeof settings>>) =>
    [...window_.getByTestId("hotkey-keys").querySelectorAll("kbd")].map((key) => key.textContent);

  test("is recorded as it is pressed, and says what holds it", async () => {
    const window_ = await settings();
    expect(shown(window_)).toEqual(["Ctrl", "Alt", "U"]);
    expect(window_.getByTestId("hotkey").textContent).toContain("from anywhere, by X11");
    await record(window_);
    const field = window_.getByRole("button", { name: "Press the new keys" });
    expect(document.activeElement).toBe(field);
    await press("Control", { ctrlKey: true });
    await press("Alt", { ctrlKey: true, altKey: true });
    expect(window_.host.commands, "modifiers alone are no keys").toEqual([]);
    await press("j", { ctrlKey: true, altKey: true, code: "KeyJ" });
    expect(window_.host.commands).toEqual([set("Ctrl+Alt+J")]);
    expect(shown(window_)).toEqual(["Ctrl", "Alt", "J"]);
    expect(document.activeElement).toBe(window_.getByRole("button", { name: "Change the hotkey" }));
    await click(window_.getByRole("button", { name: /the default/ }));
    expect(window_.host.commands.at(-1)).toEqual(set("Ctrl+Alt+U"));
    expect(window_.queryByRole("button", { name: /the default/ })).toBeNull();
  });

  test.each([
    ["ö", { ctrlKey: true, code: "Semicolon" }, "Ctrl+ö"],
    ["г", { ctrlKey: true, altKey: true, code: "KeyU" }, "Ctrl+Alt+U"],
    ["!", { ctrlKey: true, shiftKey: true, code: "Digit1" }, "Ctrl+Shift+1"],
    ["ArrowUp", { metaKey: true, altKey: true, code: "ArrowUp" }, "Alt+Super+Up"],
    [" ", { ctrlKey: true, code: "Space" }, "Ctrl+Space"],
    ["F5", { shiftKey: true, code: "F5" }, "Shift+F5"],
  ])("%s is told to Rust by what is printed on it", async (key, with_, expected) => {
    const window_ = await settings();
    await record(window_);
    expect(await press(key, with_), "the browser does not act on it").toBe(false);
    expect(window_.host.commands).toEqual([set(expected)]);
  });

  test("Esc keeps it, Backspace turns it off, and Herald's own keys wait meanwhile", async () => {
    const window_ = await settings();
    await record(window_);
    await press("Escape");
    expect(window_.host.commands).toEqual([]);
    expect(shown(window_)).toEqual(["Ctrl", "Alt", "U"]);
    await record(window_);
    await press("Backspace");
    expect(window_.host.commands).toEqual([set(null)]);
    expect(window_.getByTestId("hotkey").textContent).toContain("no hotkey");
    await record(window_);
    await press("1", { ctrlKey: true, code: "Digit1" });
    expect(window_.getByTestId("hotkey"), "still on Settings").toBeTruthy();
    expect(window_.host.commands.at(-1)).toEqual(set("Ctrl+1"));
  });

  test("a refusal stands beside it and nothing changes", async () => {
    const window_ = await settings(quiet(), { set: { code: "failed", message: "Add Ctrl, Alt or Super to it." } });
    await record(window_);
    await press("j", { code: "KeyJ" });
    expect(window_.getByTestId("hotkey").textContent).toContain("Add Ctrl, Alt or Super to it.");
    expect(shown(window_)).toEqual(["Ctrl", "Alt", "U"]);
  });

  test("that does not work says why, here and on the quiet screen", async () => {
    const reason = "Ctrl+Alt+U is taken by another program. Choose another in Settings.";
    const view = quiet({ channels: [{ channel: "hotkey", health: { kind: "dead", reason } }] });
    const window_ = await settings(view);
    expect(window_.getByTestId("hotkey").textContent).toContain(reason);
    expect(window_.queryByTestId("channel-hotkey"), "it is no way in which alarms come").toBeNull();
    await press("1", { ctrlKey: true, code: "Digit1" });
    expect(window_.getByTestId("banner-dead-hotkey").textContent).toContain(reason);
    expect(window_.getByTestId("banner-dead-hotkey").textContent).toContain("Alarms do not depend on it");
  });
});

describe("the self-test", () => {
  const answer = async (window_: Awaited<ReturnType<typeof open>>, question: RegExp, yes: boolean) =>
    click(within(window_.getByRole("group", { name: question })).getByRole("button", { name: yes ? "Yes" : "No" }));

  test("asks both questions and keeps the answers", async () => {
    const window_ = await settings(quiet({ settings: { ...quiet().settings, self_test: null } }));
    await click(window_.getByRole("button", { name: "Run" }));
    await answer(window_, /see the notification/, true);
    expect(window_.host.commands).toEqual([{ do: "test_alarm" }]);
    await answer(window_, /hear the sound/, true);
    expect(window_.host.commands.at(-1)).toEqual({ do: "test_answered", seen: true, heard: true });
    expect(window_.getByTestId("self-test").textContent).toContain("Self-test: seen and heard");
    expect(window_.queryByRole("group")).toBeNull();
  });

  test("what did not come through gets a next step", async () => {
    const dead = { channel: "sound" as const, health: { kind: "dead" as const, reason: "There is no sound device." } };
    const window_ = await settings(quiet({ testing: true, channels: [dead] }));
    await answer(window_, /hear the sound/, false);
    await answer(window_, /see the notification/, false);
    const words = window_.getByTestId("self-test").textContent;
    expect(words).toContain("Self-test: neither seen nor heard");
    expect(words).toContain("There is no sound device.");
    expect(words).toContain("do not disturb");
  });

  test("Test on the quiet screen leads here and begins", async () => {
    const window_ = await open(quiet());
    await click(window_.getByRole("button", { name: "Test" }));
    expect(window_.host.commands).toEqual([{ do: "test_alarm" }]);
    expect(window_.getByRole("group", { name: /see the notification/ })).toBeTruthy();
  });
});

describe("finding", () => {
  test("/ goes to the field, letters there are letters, Esc clears and leaves", async () => {
    const window_ = await settings();
    await press("/");
    const field = window_.getByRole("searchbox", { name: "Find a setting" });
    expect(document.activeElement).toBe(field);
    await press("?");
    expect(window_.queryByRole("dialog")).toBeNull();
    await type(field, "quiet");
    expect(window_.getByTestId("quiet-hours")).toBeTruthy();
    expect(window_.queryByTestId("theme")).toBeNull();
    await type(field, "nonsense");
    expect(window_.getByText(/No setting matches/)).toBeTruthy();
    await press("Escape");
    expect(window_.getByTestId("theme")).toBeTruthy();
    expect(document.activeElement).not.toBe(field);
  });

  test("channels and version are told", async () => {
    const window_ = await settings(
      quiet({ channels: [{ channel: "tray", health: { kind: "dead", reason: "No tray host." } }] }),
    );
    expect(window_.getByTestId("channel-tray").textContent).toContain("No tray host.");
    expect(window_.getByTestId("channel-sound").textContent).toContain("not used since Herald was started");
    expect(window_.getByTestId("about").textContent).toContain("Herald 0.1.0");
  });
});

describe("places", () => {
  test("each opens in the browser, and is found by its words", async () => {
    const window_ = await settings();
    await click(window_.getByRole("button", { name: "Open: Live status page" }));
    expect(window_.host.asked.filter((asked) => asked.what === "browse")).toEqual([
      { what: "browse", url: "https://status.quillbrook.example" },
    ]);
    await type(window_.getByRole("searchbox"), "template links");
    expect(within(window_.getByTestId("places")).getByText("Shadow schedule")).toBeTruthy();
  });

  test("a playbook without any shows none", async () => {
    const window_ = await settings(quiet({ playbook: { ...quiet().playbook, places: [] } }));
    expect(window_.queryByTestId("places")).toBeNull();
  });
});

test("starting with the desktop is shown as the desktop has it, and turned on and off", async () => {
  const window_ = await settings();
  const turn = () => window_.getByRole("switch", { name: "Start with the desktop" });
  expect(turn().getAttribute("aria-checked")).toBe("false");
  await click(turn());
  expect(window_.host.asked).toEqual([{ what: "setAutostart", on: true }]);
  expect(turn().getAttribute("aria-checked")).toBe("true");
  window_.host.refuse = { setAutostart: { code: "failed", message: "The file could not be changed." } };
  await click(turn());
  expect(turn().getAttribute("aria-checked"), "what is, never what was wished").toBe("true");
  expect(window_.container.textContent).toContain("The file could not be changed.");
});
