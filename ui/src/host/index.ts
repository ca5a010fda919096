// What the window needs of Rust: the one door between the two, with one implementation for real and one for pretending.
import type {
  Account,
  Command,
  Format,
  HandoverText,
  HistoryFound,
  HistoryQuery,
  IssueWords,
  KpiAsk,
  Kpis,
  PageKind,
  PastIncident,
  PastPage,
  PastUpdate,
  Scenario,
  ScheduleChoice,
  Sound,
  Span,
  UnderWay,
  View,
} from "../gen/types";

/** What is shown, and Herald's own time when it was sent: the view holds instants, the window makes ages of them. */
export type Shown = { view: View; now: string };

/** The first answer. */
export type Hello = Shown & { version: string };

/** A wish from tray, notification, hotkey or command line to look at something; `automatic` when nobody asked: an alarm. */
export type GoTo = {
  page: string | null;
  close: boolean;
  incident: number | null;
  compose: boolean;
  handover?: boolean;
  maintenance?: number | null;
  automatic?: boolean;
};

/** What connecting takes. The key passes through and is never kept. */
export type Connecting = { token: string; baseUrl: string; email: string | null };

/** What connecting the tracker takes; without a key it is only read. */
export type TrackerConnecting = { baseUrl: string; project: string; token: string | null };

/** What connecting the status page takes; without a key it is only read. */
export type PageConnecting = {
  kind: PageKind;
  apiUrl: string;
  feedUrl: string;
  publicUrl: string;
  pageId: string;
  /** Status.io alone has it. */
  apiId: string | null;
  apiKey: string | null;
};

/** What connecting Slack takes: the webhook's address, which is the key, and what the channel is called. */
export type SlackConnecting = { webhook: string; channel: string };

/** What connecting Zendesk takes. */
export type ZendeskConnecting = { baseUrl: string; email: string; token: string };

export type {
  Format as ExportFormat,
  IssueWords,
  Said,
  Scenario,
  ScheduleChoice,
  Span,
  UnderWay as PracticeEvent,
} from "../gen/types";

/** Why something did not happen, in words for the user; the code is there for the few that change the screen. */
export type Failure = { code: string; message: string };

/** Everything the window can ask of Rust. Every promise rejects with a {@link Failure}. */
export interface Host {
  hello(): Promise<Hello>;
  /** Calls `on` whenever the view changes, until the returned function is called. */
  onShown(on: (shown: Shown) => void): Promise<() => void>;
  /** Calls `on` when something outside the window wants a page or an incident looked at. */
  onGoTo(on: (to: GoTo) => void): Promise<() => void>;
  /** Calls `on` when nobody is known to watch any more, and when somebody is again. */
  onLost(on: (lost: boolean) => void): Promise<() => void>;
  /** Starts the watch that has ended. */
  startWatch(): Promise<void>;
  command(command: Command): Promise<void>;
  connect(connecting: Connecting): Promise<Account>;
  connectTracker(connecting: TrackerConnecting): Promise<void>;
  connectStatusPage(connecting: PageConnecting): Promise<void>;
  connectSlack(connecting: SlackConnecting): Promise<void>;
  connectZendesk(connecting: ZendeskConnecting): Promise<void>;
  /** Sends "I intend to…" about an incident to Slack, as it is saved, and notes that it was asked. */
  intend(incident: number): Promise<void>;
  testAccount(): Promise<{ ms: number }>;
  play(sound: Sound): Promise<void>;
  chooseSound(): Promise<string | null>;
  /** Whether Herald starts with the desktop; nothing where that cannot be told. */
  autostart(): Promise<boolean | null>;
  setAutostart(on: boolean): Promise<void>;
  browse(url: string): Promise<void>;
  /** Past updates that hold all words of `query`, best first; the newest when it is empty. */
  searchUpdates(query: string): Promise<PastUpdate[]>;
  /** One page of the past that fits. */
  searchHistory(query: HistoryQuery): Promise<HistoryFound>;
  /** A past incident with its whole timeline; `null` when it is no longer kept. */
  pastIncident(incident: number): Promise<PastIncident | null>;
  /** A past page, by when it was triggered. */
  pastPage(page: string, at: string): Promise<PastPage | null>;
  /** The key figures; `null` when a shift is asked for and there was none yet. */
  kpis(ask: KpiAsk): Promise<Kpis | null>;
  /** Asks where to, and writes there; says where, or `null` when the user thought better of it. */
  exportHistory(span: Span, format: Format): Promise<string | null>;
  /** Puts text on the clipboard. */
  copy(text: string): Promise<void>;
  /** What leaves with the handover of a shift. */
  handover(shift: number): Promise<HandoverText>;
  /** Asks for a file and saves the handover of a shift in it; whether one was chosen. */
  saveHandover(shift: number, title: string): Promise<boolean>;
  /** Asks for a file and takes over the handover in it; whether one was chosen. */
  importHandover(): Promise<boolean>;
  /** The scenarios there are, easiest first. */
  scenarios(): Promise<Scenario[]>;
  /** Starts a scenario in a Herald of its own; the first one when none is named. */
  practise(scenario: string | null): Promise<void>;
  /** The practice event that this Herald is; nothing in the real one. */
  practiceEvent(): Promise<UnderWay | null>;
  /** Measures the practice event and hands its result to the training log. */
  endPractice(): Promise<UnderWay>;
  /** Closes the practice world. */
  leavePractice(): Promise<void>;
  /** The schedules that feed my escalation policies. */
  schedules(): Promise<ScheduleChoice[]>;
  /** What the issue behind a link says; it is only read. */
  issueWords(link: string): Promise<IssueWords>;
  /** Lets the user choose a playbook; its name once it is in force, nothing when none was chosen. */
  choosePlaybook(): Promise<string | null>;
}

/** Makes a failure of whatever was thrown, so that nothing goes unsaid. */
export function failure(thrown: unknown): Failure {
  if (typeof thrown === "object" && thrown !== null && "message" in thrown && typeof thrown.message === "string") {
    const code = "code" in thrown && typeof thrown.code === "string" ? thrown.code : "unknown";
    return { code, message: thrown.message };
  }
  if (typeof thrown === "string" && thrown !== "") return { code: "unknown", message: thrown };
  return { code: "unknown", message: "Herald gave no answer. Try again; if it stays so, restart Herald." };
}

/** Whether Rust is there to talk to, rather than a browser while developing. */
export function isReal(): boolean {
  return "__TAURI_INTERNALS__" in window;
}
