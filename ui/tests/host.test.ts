// What crosses to Rust: questions, answers and events.
import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, expect, test } from "vitest";
import type { Ask, Reply } from "../src/gen/Door";
import { failure } from "../src/host";
import { tauri } from "../src/host/tauri";

afterEach(clearMocks);

/** Answers each question in turn, and gives what was asked. */
function door(...replies: Reply[]): Ask[] {
  const asked: Ask[] = [];
  mockIPC(
    (name, args) => {
      expect(name).toBe("ask");
      asked.push((args as { ask: Ask }).ask);
      return replies[asked.length - 1] ?? { answer: "done" };
    },
    { shouldMockEvents: true },
  );
  return asked;
}

test("keys go to the service that they are for", async () => {
  const connected: Reply = { answer: "connected", what: "", token: "keychain", account: null };
  const asked = door(connected, connected, connected, connected);
  await tauri.connectTracker({ baseUrl: "https://tracker.quillbrook.example", project: "ops/production", token: null });
  await tauri.connectStatusPage({ kind: "status_io", apiUrl: "a", feedUrl: "f", publicUrl: "p", pageId: "1", apiId: "i", apiKey: "k" });
  await tauri.connectSlack({ webhook: "w", channel: "#c" });
  await tauri.connectZendesk({ baseUrl: "z", email: "e", token: "t" });
  const page = { kind: "status_io", api_url: "a", feed_url: "f", public_url: "p", page_id: "1", token: null };
  expect(asked).toEqual([
    { ask: "connect", to: { service: "tracker", base_url: "https://tracker.quillbrook.example", project: "ops/production", token: null } },
    { ask: "connect", to: { service: "status_page", page, id: "i", key: "k" } },
    { ask: "connect", to: { service: "slack", webhook: "w", channel: "#c" } },
    { ask: "connect", to: { service: "zendesk", base_url: "z", email: "e", token: "t" } },
  ]);
});

test("a file is chosen first, and nothing is done without one", async () => {
  const chosen = (file: string | null): Reply => ({ answer: "chosen", file });
  const asked = door(chosen("/tmp/a.md"), { answer: "done" }, chosen(null), chosen("/tmp/p.toml"), { answer: "playbook", name: "Ours" }, chosen(null));
  expect(await tauri.saveHandover(3, "Handover: 6 May, 09:00")).toBe(true);
  expect(await tauri.importHandover()).toBe(false);
  expect(await tauri.choosePlaybook()).toBe("Ours");
  expect(await tauri.exportHistory({ from: null, to: null }, "csv")).toBe(null);
  expect(asked).toEqual([
    { ask: "choose", save: "Handover--6-May--09-00.md", kind: "Markdown", endings: ["md"] },
    { ask: "save_handover", shift: 3, file: "/tmp/a.md" },
    { ask: "choose", save: null, kind: "Markdown", endings: ["md", "txt"] },
    { ask: "choose", save: null, kind: "Playbooks", endings: ["toml"] },
    { ask: "adopt_playbook", file: "/tmp/p.toml" },
    { ask: "choose", save: expect.stringMatching(/^herald-\d{4}-\d\d-\d\d\.csv$/), kind: "Exports", endings: ["csv"] },
  ]);
});

test("a refusal is thrown with its words, and so is an answer to something else", async () => {
  door({ answer: "refused", code: "other_region", message: "This key belongs to the US region." }, { answer: "tested", ms: 3 });
  await expect(tauri.testAccount()).rejects.toEqual({ code: "other_region", message: "This key belongs to the US region." });
  await expect(tauri.command({ do: "poll_now" })).rejects.toMatchObject({ code: "unknown" });
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
