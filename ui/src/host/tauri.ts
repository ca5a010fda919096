// The host in the real app: every question through the one door. Nothing else in ui/ calls invoke or listen.
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Ask, Format, Reply, Told } from "../gen/types";
import type { Failure, GoTo, Hello, Host, Shown } from ".";
import { next, type Picture } from "./pictures";

type Kind = Exclude<Reply["answer"], "refused">;
type Answer<K extends Kind> = Extract<Reply, { answer: K }>;

/** Asks for an answer of this kind; a refusal is thrown. */
async function ask<K extends Kind>(ask: Ask, kind: K): Promise<Answer<K>> {
  const reply = await invoke<Reply>("ask", { ask });
  if (reply.answer === kind) return reply as Answer<K>;
  const other: Failure = {
    code: "unknown",
    message: "Herald gave an answer to something else. If it stays so, restart Herald.",
  };
  throw reply.answer === "refused" ? { code: reply.code, message: reply.message } : other;
}

const act = async (it: Ask): Promise<void> => void (await ask(it, "done"));

/** Lets the user choose a file; nothing when they thought better of it. */
async function choose(save: string | null, kind: string, ...endings: string[]): Promise<string | null> {
  return (await ask({ ask: "choose", save, kind, endings }, "chosen")).file;
}

const ENDINGS: Record<Format, string> = { json: "json", csv: "csv", markdown: "md" };

/** Says that what was told has arrived: a window that does not is taken for dead. */
const drawn = () => void act({ ask: "drawn" }).catch(() => undefined);

/** The last picture. */
let last: Picture | null = null;
let greetings = 0;

async function greet(): Promise<Hello> {
  const turn = ++greetings;
  const { nth, view, now, version } = await ask({ ask: "hello" }, "hello");
  // Of two that cross, the later one tells what the next picture differs from.
  if (turn === greetings) last = { nth, view, now };
  return { view, now, version };
}

function follow(told: Told): Picture | null {
  const picture = next(last, told);
  last = picture ?? last;
  return picture;
}

export const tauri: Host = {
  hello: greet,
  onShown: async (on) => {
    const ends = [
      await listen<Told>("shown", (event) => {
        const show = (shown: Shown) => (on(shown), drawn());
        const picture = follow(event.payload);
        // One that differs from a picture that never came is told whole. Where nobody tells it, nobody watches.
        if (picture !== null) show(picture);
        else greet().then(show, () => undefined);
      }),
      await listen("opened", drawn),
    ];
    return () => ends.forEach((end) => end());
  },
  onGoTo: (on) => listen<GoTo>("goto", (event) => on(event.payload)),
  onLost: (on) => listen<boolean>("lost", (event) => on(event.payload)),
  startWatch: () => act({ ask: "start_watch" }),
  command: (command) => act({ ask: "command", command }),
  connect: async ({ token, baseUrl, email }) => {
    const { account } = await ask(
      { ask: "connect", to: { service: "pagerduty", token, base_url: baseUrl, email } },
      "connected",
    );
    if (account === null) throw new Error("no account");
    return account;
  },
  connectTracker: async ({ baseUrl, project, token }) =>
    void (await ask({ ask: "connect", to: { service: "tracker", base_url: baseUrl, project, token } }, "connected")),
  connectStatusPage: async ({ kind, apiUrl, feedUrl, publicUrl, pageId, apiId, apiKey }) => {
    const page = { kind, api_url: apiUrl, feed_url: feedUrl, public_url: publicUrl, page_id: pageId, token: null };
    await ask({ ask: "connect", to: { service: "status_page", page, id: apiId, key: apiKey } }, "connected");
  },
  connectSlack: async ({ webhook, channel }) =>
    void (await ask({ ask: "connect", to: { service: "slack", webhook, channel } }, "connected")),
  connectZendesk: async ({ baseUrl, email, token }) =>
    void (await ask({ ask: "connect", to: { service: "zendesk", base_url: baseUrl, email, token } }, "connected")),
  intend: (incident) => act({ ask: "intend", incident }),
  testAccount: () => ask({ ask: "test" }, "tested"),
  play: (sound) => act({ ask: "play", sound }),
  chooseSound: () => choose(null, "WAV sounds", "wav"),
  autostart: async () => (await ask({ ask: "autostart" }, "autostart")).on,
  setAutostart: (on) => act({ ask: "set_autostart", on }),
  browse: (url) => act({ ask: "browse", url }),
  searchUpdates: async (query) => (await ask({ ask: "search_updates", query }, "updates")).found,
  searchHistory: async (query) => (await ask({ ask: "search_history", query }, "history")).found,
  pastIncident: async (incident) => (await ask({ ask: "past_incident", incident }, "incident")).incident,
  pastPage: async (page, at) => (await ask({ ask: "past_page", page, at }, "page")).page,
  kpis: async (of) => (await ask({ ask: "kpis", of }, "kpis")).kpis,
  exportHistory: async (span, format) => {
    const name = `herald-${new Date().toISOString().slice(0, 10)}.${ENDINGS[format]}`;
    const file = await choose(name, "Exports", ENDINGS[format]);
    if (file !== null) await act({ ask: "export", span, format, file });
    return file;
  },
  copy: (text) => act({ ask: "copy", text }),
  handover: async (shift) => {
    const { handover } = await ask({ ask: "handover", shift }, "handover");
    if (handover === null) throw new Error("This shift is not at hand any more.");
    return handover;
  },
  saveHandover: async (shift, title) => {
    const file = await choose(`${title.replace(/[^\p{L}\p{N}]/gu, "-")}.md`, "Markdown", "md");
    if (file !== null) await act({ ask: "save_handover", shift, file });
    return file !== null;
  },
  importHandover: async () => {
    const file = await choose(null, "Markdown", "md", "txt");
    if (file !== null) await act({ ask: "import_handover", file });
    return file !== null;
  },
  scenarios: async () => (await ask({ ask: "scenarios" }, "scenarios")).scenarios,
  practise: (scenario) => act({ ask: "practise", scenario }),
  practiceEvent: async () => (await ask({ ask: "practice_event" }, "event")).event,
  endPractice: async () => {
    const { event } = await ask({ ask: "end_practice" }, "event");
    if (event === null) throw new Error("no practice event");
    return event;
  },
  leavePractice: () => act({ ask: "leave_practice" }),
  issueWords: async (link) => (await ask({ ask: "issue_words", link }, "words")).words,
  schedules: async () => (await ask({ ask: "schedules" }, "schedules")).schedules,
  choosePlaybook: async () => {
    const file = await choose(null, "Playbooks", "toml");
    return file === null ? null : (await ask({ ask: "adopt_playbook", file }, "playbook")).name;
  },
};
