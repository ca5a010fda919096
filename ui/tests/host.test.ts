// What crosses to Rust: questions, answers and events.
import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { emit } from "@tauri-apps/api/event";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Ask, Delta, Reply, Told } from "../src/gen/types";
import { failure, type Shown } from "../src/host";
import { incident } from "../src/host/pretend-incidents";
import { NOW, quiet } from "../src/host/pretend-views";
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
  await tauri.connectStatusPage({
    kind: "status_io",
    apiUrl: "a",
    feedUrl: "f",
    publicUrl: "p",
    pageId: "1",
    apiId: "i",
    apiKey: "k",
  });
  await tauri.connectSlack({ webhook: "w", channel: "#c" });
  await tauri.connectZendesk({ baseUrl: "z", email: "e", token: "t" });
  const page = { kind: "status_io", api_url: "a", feed_url: "f", public_url: "p", page_id: "1", token: null };
  expect(asked).toEqual([
    {
      ask: "connect",
      to: {
        service: "tracker",
        base_url: "https://tracker.quillbrook.example",
        project: "ops/production",
        token: null,
      },
    },
    { ask: "connect", to: { service: "status_page", page, id: "i", key: "k" } },
    { ask: "connect", to: { service: "slack", webhook: "w", channel: "#c" } },
    { ask: "connect", to: { service: "zendesk", base_url: "z", email: "e", token: "t" } },
  ]);
});

test("a file is chosen first, and nothing is done without one", async () => {
  const chosen = (file: string | null): Reply => ({ answer: "chosen", file });
  const asked = door(
    chosen("/tmp/a.md"),
    { answer: "done" },
    chosen(null),
    chosen("/tmp/p.toml"),
    { answer: "playbook", name: "Ours" },
    chosen(null),
  );
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

describe("pictures", () => {
  const view = quiet({ incidents: [incident({ id: 1 }), incident({ id: 2 })] });
  const hello = (nth: number): Reply => ({ answer: "hello", nth, view, now: NOW, version: "1" });
  const since = (nth: number, delta: Partial<Delta>): Told => ({
    is: "since",
    nth,
    now: NOW,
    delta: { parts: {}, pages: null, incidents: null, wrapping: null, ...delta },
  });

  /** Listens to what is told, after a greeting that was answered so. */
  async function greeted(...replies: Reply[]) {
    const asked = door(...replies);
    const shown: Shown[] = [];
    const end = await tauri.onShown((it) => shown.push(it));
    await tauri.hello();
    return { asked, shown, end };
  }

  test("what differs is laid over what is there, and what is the same stays the very same", async () => {
    const { asked, shown, end } = await greeted(hello(4));
    const other = incident({ id: 2, title: "Another title" });
    await emit("shown", since(5, { parts: { testing: true }, incidents: { order: [2, 1], cards: [other] } }));
    await emit("shown", since(6, { incidents: { order: [1], cards: [] } }));
    const [first, second] = shown;
    expect(first?.view).toEqual({ ...view, testing: true, incidents: [other, view.incidents[0]] });
    expect(first?.view.incidents[1]).toBe(view.incidents[0]);
    expect(first?.view.settings).toBe(view.settings);
    expect(second?.view).toEqual({ ...view, testing: true, incidents: [view.incidents[0]] });
    expect(asked).toEqual([{ ask: "hello" }, { ask: "drawn" }, { ask: "drawn" }]);
    end();
  });

  test("what differs from a picture that never came is told whole", async () => {
    const { asked, shown, end } = await greeted(hello(1), hello(4));
    await emit("shown", since(3, { parts: { testing: true } }));
    await vi.waitFor(() => expect(asked).toEqual([{ ask: "hello" }, { ask: "hello" }, { ask: "drawn" }]));
    expect(shown.map((it) => it.view)).toEqual([view]);
    await emit("shown", { is: "whole", nth: 5, now: NOW, view: quiet() } satisfies Told);
    await emit("shown", since(6, { parts: { testing: true } }));
    expect(shown[2]?.view).toEqual(quiet({ testing: true }));
    end();
  });
});

test("a refusal is thrown with its words, and so is an answer to something else", async () => {
  door(
    { answer: "refused", code: "other_region", message: "This key belongs to the US region." },
    { answer: "tested", ms: 3 },
  );
  await expect(tauri.testAccount()).rejects.toEqual({
    code: "other_region",
    message: "This key belongs to the US region.",
  });
  await expect(tauri.command({ do: "poll_now" })).rejects.toMatchObject({ code: "unknown" });
});

test.each([
  [
    { code: "over", message: "Look again." },
    { code: "over", message: "Look again." },
  ],
  [new Error("broken"), { code: "unknown", message: "broken" }],
  ["plain words", { code: "unknown", message: "plain words" }],
])("a failure keeps its words: %o", (thrown, expected) => {
  expect(failure(thrown)).toEqual(expected);
});

test("a failure without words still says something", () => {
  for (const thrown of [undefined, null, "", 7, {}]) expect(failure(thrown).message).not.toBe("");
});
