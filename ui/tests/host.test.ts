// The names that cross to Rust: commands, arguments and events.
import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, expect, test } from "vitest";
import { failure } from "../src/host";
import { tauri } from "../src/host/tauri";

afterEach(clearMocks);

test("every call has the name and the arguments that Rust knows", async () => {
  const sent: [string, unknown][] = [];
  mockIPC((name, args) => void sent.push([name, args]), { shouldMockEvents: true });
  await tauri.hello();
  await tauri.command({ do: "poll_now" });
  await tauri.connect({ token: "t", baseUrl: "https://api.pagerduty.com", email: null });
  await tauri.testAccount();
  await tauri.play("page");
  await tauri.chooseSound();
  await tauri.browse("https://quillbrook.example");
  await tauri.copy("text");
  await tauri.searchUpdates("ssh");
  const tracker = { baseUrl: "https://tracker.quillbrook.example", project: "ops/production", token: null };
  await tauri.connectTracker(tracker);
  const page = { kind: "status_io" as const, apiUrl: "a", feedUrl: "f", publicUrl: "p", pageId: "1", apiId: "i", apiKey: "k" };
  await tauri.connectStatusPage(page);
  await tauri.scenarios();
  await tauri.practise("shy-im");
  await tauri.practiceEvent();
  await tauri.endPractice();
  await tauri.leavePractice();
  await tauri.schedules();
  await tauri.choosePlaybook();
  await tauri.autostart();
  await tauri.setAutostart(true);
  expect(sent).toEqual([
    ["hello", {}],
    ["command", { command: { do: "poll_now" } }],
    ["connect", { token: "t", baseUrl: "https://api.pagerduty.com", email: null }],
    ["test_account", {}],
    ["play", { sound: "page" }],
    ["choose_sound", {}],
    ["browse", { url: "https://quillbrook.example" }],
    ["copy_text", { text: "text" }],
    ["search_updates", { query: "ssh" }],
    ["connect_tracker", tracker],
    ["connect_status_page", { to: page }],
    ["scenarios", {}],
    ["practise", { scenario: "shy-im" }],
    ["practice_event", {}],
    ["end_practice", {}],
    ["leave_practice", {}],
    ["schedules", {}],
    ["choose_playbook", {}],
    ["autostart", {}],
    ["set_autostart", { on: true }],
  ]);
});

test.each([
  [{ code: "over", message: "Look again." }, { code: "over", message: "Look again." }],
  [new Error("broken"), { code: "unknown", message: "broken" }],
  ["plain words", { code: "unknown", message: "plain words" }],
])("a failure keeps its words: %o", (thrown, expected) => {
  expect(failure(thrown)).toEqual(expected);
});

test("a failure without words still says something", () => {
  for (const thrown of [undefined, null, "", 7, {}]) expect(failure(thrown).message).not.toBe("");
});
