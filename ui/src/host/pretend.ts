// A host without Rust, for development and tests: it answers as Herald would and remembers what was asked of it.
import type {
  Account,
  Command,
  HandoverText,
  HistoryFound,
  HistoryQuery,
  IncidentWish,
  KpiAsk,
  Kpis,
  LedgerWish,
  PageCard,
  PastIncident,
  PastPage,
  PastUpdate,
  SettingsPatch,
  ShiftWish,
  Sound,
  TrainingWish,
  View,
} from "../gen/types";
import type {
  Connecting,
  ExportFormat,
  Failure,
  GoTo,
  Hello,
  Host,
  IssueWords,
  PageConnecting,
  PracticeEvent,
  Scenario,
  ScheduleChoice,
  Shown,
  SlackConnecting,
  Span,
  TrackerConnecting,
  ZendeskConnecting,
} from ".";
import { fitting, type History, HISTORY } from "./pretend-history";
import { PAST } from "./pretend-incidents";
import { ledgered } from "./pretend-ledger";
import { ended, SCENARIOS, SCHEDULES, trained } from "./pretend-training";
import { wished } from "./pretend-wishes";
import { leaving, shifted } from "./pretend-shifts";
import { account } from "./pretend-views";

/** Everything that was asked of the host, in order. */
export type Asked =
  | { what: "command"; command: Command }
  | { what: "connect"; connecting: Connecting }
  | { what: "testAccount" }
  | { what: "play"; sound: Sound }
  | { what: "chooseSound" }
  | { what: "startWatch" }
  | { what: "setAutostart"; on: boolean }
  | { what: "browse"; url: string }
  | { what: "copy"; text: string }
  | { what: "searchUpdates"; query: string }
  | { what: "searchHistory"; query: HistoryQuery }
  | { what: "pastIncident"; incident: number }
  | { what: "pastPage"; page: string; at: string }
  | { what: "kpis"; ask: KpiAsk }
  | { what: "exportHistory"; span: Span; format: ExportFormat }
  | { what: "connectTracker"; connecting: TrackerConnecting }
  | { what: "connectStatusPage"; connecting: PageConnecting }
  | { what: "connectSlack"; connecting: SlackConnecting }
  | { what: "connectZendesk"; connecting: ZendeskConnecting }
  | { what: "intend"; incident: number }
  | { what: "issueWords"; link: string }
  | { what: "saveHandover"; shift: number }
  | { what: "importHandover" }
  | { what: "practise"; scenario: string | null }
  | { what: "scenarios" | "endPractice" | "leavePractice" | "schedules" | "choosePlaybook" };

/** What to refuse, by the name of what is asked; a command by its `do`, a wish by its `wish`. */
export type Refusals = Partial<
  Record<
    | Asked["what"]
    | Command["do"]
    | IncidentWish["wish"]
    | LedgerWish["wish"]
    | ShiftWish["wish"]
    | TrainingWish["wish"]
    | "hello",
    Failure
  >
>;

export class Pretend implements Host {
  readonly asked: Asked[] = [];
  refuse: Refusals = {};
  /** The file that "choose a sound" answers with. */
  file: string | null = "/sounds/ship-bell.wav";
  /** Whether Herald starts with the desktop. */
  starts: boolean | null = false;
  /** Everything that was published, newest first. */
  past: PastUpdate[] = PAST;
  /** What History shows. */
  history: History = HISTORY;
  /** The file that an export is written to. */
  exported: string | null = "~/herald-2026-11-19.md";
  /** The practice event that is under way. */
  event: PracticeEvent | null = null;
  known: Scenario[] = SCENARIOS;
  /** What an issue says. */
  issue: IssueWords = {
    title: "Move the database of accounts",
    text: "Sign-in may be slow for up to an hour.",
    confidential: false,
  };
  feeding: ScheduleChoice[] = SCHEDULES;
  /** The playbook that "choose a playbook" answers with. */
  playbook: string | null = "Quillbrook CMOC";
  #on: ((shown: Shown) => void)[] = [];
  #goTo: ((to: GoTo) => void)[] = [];
  #lost: ((lost: boolean) => void)[] = [];
  #offset: number;

  /** A host that shows `view`, with Herald's clock at `now` when it is made. */
  constructor(
    public view: View,
    now: string,
  ) {
    this.#offset = Date.parse(now) - Date.now();
  }

  get now(): string {
    return new Date(Date.now() + this.#offset).toISOString();
  }

  get commands(): Command[] {
    return this.asked.flatMap((asked) => (asked.what === "command" ? [asked.command] : []));
  }

  get wishes(): IncidentWish[] {
    return this.commands.flatMap((command) => (command.do === "incident" ? [command.wish] : []));
  }

  /** Wishes about the ledger, without what is only kept. */
  get ledgerWishes(): LedgerWish[] {
    return this.commands.flatMap((command) =>
      command.do === "ledger" && command.wish.wish !== "keep" ? [command.wish] : [],
    );
  }

  /** Shows another view. */
  show(view: View): void {
    this.view = view;
    for (const on of this.#on) on({ view, now: this.now });
  }

  goTo(to: GoTo): void {
    for (const on of this.#goTo) on(to);
  }

  /** Nobody watches any more, or somebody does again. */
  lose(lost: boolean): void {
    for (const on of this.#lost) on(lost);
  }

  async hello(): Promise<Hello> {
    this.#check("hello");
    return { view: this.view, now: this.now, version: "0.1.0" };
  }

  async onShown(on: (shown: Shown) => void): Promise<() => void> {
    this.#on.push(on);
    return () => void (this.#on = this.#on.filter((other) => other !== on));
  }

  async onGoTo(on: (to: GoTo) => void): Promise<() => void> {
    this.#goTo.push(on);
    return () => void (this.#goTo = this.#goTo.filter((other) => other !== on));
  }

  async onLost(on: (lost: boolean) => void): Promise<() => void> {
    this.#lost.push(on);
    return () => void (this.#lost = this.#lost.filter((other) => other !== on));
  }

  async startWatch(): Promise<void> {
    this.#ask({ what: "startWatch" });
  }

  async command(command: Command): Promise<void> {
    this.asked.push({ what: "command", command });
    this.#check(command.do);
    if (command.do === "incident" || command.do === "ledger" || command.do === "shift" || command.do === "training")
      this.#check(command.wish.wish);
    const view = after(this.view, command, Date.parse(this.now));
    if (view !== this.view) this.show(view);
  }

  async connect(connecting: Connecting): Promise<Account> {
    this.asked.push({ what: "connect", connecting });
    this.#check("connect");
    const connected = { ...account, base_url: connecting.baseUrl };
    this.show({ ...this.view, account: connected });
    return connected;
  }

  async connectTracker(connecting: TrackerConnecting): Promise<void> {
    this.#ask({ what: "connectTracker", connecting });
    const { baseUrl: base_url, project, token } = connecting;
    const place = token === null ? null : ("keychain" as const);
    this.show({
      ...this.view,
      tracker: { base_url, project, user: token === null ? null : "elena", token: place, can_write: token !== null },
    });
  }

  async connectStatusPage(connecting: PageConnecting): Promise<void> {
    this.#ask({ what: "connectStatusPage", connecting });
    const { kind, apiUrl: api_url, feedUrl: feed_url, publicUrl: public_url, pageId: page_id, apiKey } = connecting;
    this.show({
      ...this.view,
      status_page: { kind, api_url, feed_url, public_url, page_id, token: apiKey === null ? null : "keychain" },
    });
  }

  async connectSlack(connecting: SlackConnecting): Promise<void> {
    this.#ask({ what: "connectSlack", connecting });
    const channel = connecting.channel === "" ? "Slack" : connecting.channel;
    this.show({ ...this.view, slack: { channel, token: "keychain" } });
  }

  async connectZendesk(connecting: ZendeskConnecting): Promise<void> {
    this.#ask({ what: "connectZendesk", connecting });
    const { baseUrl: base_url, email } = connecting;
    this.show({ ...this.view, zendesk: { base_url, email, token: "keychain", fault: null, key_refused: false } });
  }

  async intend(incident: number): Promise<void> {
    this.#ask({ what: "intend", incident });
    this.show(wished(this.view, { wish: "asked", incident }, this.now));
  }

  async testAccount(): Promise<{ ms: number }> {
    this.#ask({ what: "testAccount" });
    return { ms: 84 };
  }

  async play(sound: Sound): Promise<void> {
    this.#ask({ what: "play", sound });
  }

  async chooseSound(): Promise<string | null> {
    this.#ask({ what: "chooseSound" });
    return this.file;
  }

  async autostart(): Promise<boolean | null> {
    return this.starts;
  }

  async setAutostart(on: boolean): Promise<void> {
    this.#ask({ what: "setAutostart", on });
    this.starts = on;
  }

  async browse(url: string): Promise<void> {
    this.#ask({ what: "browse", url });
  }

  async copy(text: string): Promise<void> {
    this.#ask({ what: "copy", text });
  }

  async searchUpdates(query: string): Promise<PastUpdate[]> {
    this.#ask({ what: "searchUpdates", query });
    const words = query
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    return this.past.filter((it) => words.every((word) => `${it.title} ${it.text}`.toLowerCase().includes(word)));
  }

  async handover(shift: number): Promise<HandoverText> {
    return leaving(this.view.shifts.find((it) => it.id === shift)?.handover.text ?? "");
  }

  async saveHandover(shift: number): Promise<boolean> {
    this.#ask({ what: "saveHandover", shift });
    this.show(shifted(this.view, { wish: "done", shift, how: "saved" }, this.now));
    return true;
  }

  async importHandover(): Promise<boolean> {
    this.#ask({ what: "importHandover" });
    return true;
  }

  async searchHistory(query: HistoryQuery): Promise<HistoryFound> {
    this.#ask({ what: "searchHistory", query });
    return fitting(this.history.rows, query);
  }

  async pastIncident(incident: number): Promise<PastIncident | null> {
    this.#ask({ what: "pastIncident", incident });
    return this.history.incidents.find((it) => it.id === incident) ?? null;
  }

  async pastPage(page: string, at: string): Promise<PastPage | null> {
    this.#ask({ what: "pastPage", page, at });
    return this.history.pages.find((it) => it.id === page && it.triggered_at === at) ?? null;
  }

  async kpis(ask: KpiAsk): Promise<Kpis | null> {
    this.#ask({ what: "kpis", ask });
    return this.history.kpis;
  }

  async exportHistory(span: Span, format: ExportFormat): Promise<string | null> {
    this.#ask({ what: "exportHistory", span, format });
    return this.exported;
  }

  async scenarios(): Promise<Scenario[]> {
    this.#ask({ what: "scenarios" });
    return this.known;
  }

  async practise(scenario: string | null): Promise<void> {
    this.#ask({ what: "practise", scenario });
  }

  /** Asked again and again, so it is not written down. */
  async practiceEvent(): Promise<PracticeEvent | null> {
    return this.event;
  }

  async endPractice(): Promise<PracticeEvent> {
    this.#ask({ what: "endPractice" });
    this.event = ended(this.event);
    return this.event;
  }

  async leavePractice(): Promise<void> {
    this.#ask({ what: "leavePractice" });
  }

  async issueWords(link: string): Promise<IssueWords> {
    this.#ask({ what: "issueWords", link });
    return this.issue;
  }

  async schedules(): Promise<ScheduleChoice[]> {
    this.#ask({ what: "schedules" });
    return this.feeding;
  }

  async choosePlaybook(): Promise<string | null> {
    this.#ask({ what: "choosePlaybook" });
    if (this.playbook !== null) this.show({ ...this.view, playbook: { ...this.view.playbook, name: this.playbook } });
    return this.playbook;
  }

  #ask(asked: Exclude<Asked, { what: "command" | "connect" }>): void {
    this.asked.push(asked);
    this.#check(asked.what);
  }

  #check(what: keyof Refusals): void {
    const failure = this.refuse[what];
    if (failure !== undefined) throw failure;
  }
}

/** The view that a command leads to, as far as the window alone can tell. */
function after(view: View, command: Command, now: number): View {
  const page = (change: Partial<PageCard>, id: string): View => ({
    ...view,
    pages: view.pages.map((page) => (page.id === id ? { ...page, ...change } : page)),
  });
  switch (command.do) {
    case "acknowledge":
      return page({ acting: "acknowledging", may: NOTHING }, command.page);
    case "close_page":
      return page({ acting: "closing", may: NOTHING }, command.page);
    case "answer_here":
      return page({ standing: { kind: "mine" }, may: { ...NOTHING, acknowledge: true, quiet: true } }, command.page);
    case "quiet":
    case "unquiet": {
      const until = command.do === "quiet" ? new Date(now + view.playbook.quiet_min * 60_000).toISOString() : null;
      const about = JSON.stringify(command.alarm);
      const pages = view.pages.map((page) =>
        page.alarm !== null && JSON.stringify(page.alarm.key) === about
          ? { ...page, alarm: { ...page.alarm, quiet_until: until } }
          : page,
      );
      const alarm = view.source.alarm;
      const source =
        alarm !== null && JSON.stringify(alarm.key) === about
          ? { ...view.source, alarm: { ...alarm, quiet_until: until } }
          : view.source;
      return { ...view, pages, source };
    }
    case "set":
      return { ...view, settings: patched(view.settings, command.patch) };
    case "test_alarm":
      return { ...view, testing: true };
    case "test_answered": {
      const self_test = { at: new Date(now).toISOString(), seen: command.seen, heard: command.heard };
      return { ...view, testing: false, settings: { ...view.settings, self_test } };
    }
    case "disconnect_feed":
      return command.source === "tracker" ? { ...view, tracker: null } : { ...view, status_page: null };
    case "disconnect_slack":
      return { ...view, slack: null };
    case "disconnect_zendesk":
      return { ...view, zendesk: null };
    case "training":
      return { ...view, training: trained(view.training, command.wish, new Date(now).toISOString()) };
    case "incident":
      return wished(view, command.wish, new Date(now).toISOString());
    case "shift":
      return shifted(view, command.wish, new Date(now).toISOString());
    case "ledger":
      return ledgered(view, command.wish, new Date(now).toISOString());
    case "disconnect":
      return { ...view, account: null, pages: [] };
    case "poll_now":
      return view;
  }
}

const NOTHING = { acknowledge: false, close: false, answer_here: false, quiet: false };

function patched(settings: View["settings"], patch: SettingsPatch): View["settings"] {
  switch (patch.set) {
    case "poll_interval":
      return { ...settings, poll_interval_s: patch.seconds };
    case "shadow":
      return { ...settings, shadow: patch.on };
    case "sound":
      return { ...settings, sounds: { ...settings.sounds, [patch.sound]: patch.choice } };
    case "quiet_hours":
      return { ...settings, quiet_hours: patch.hours };
    case "theme":
      return { ...settings, theme: patch.theme };
    case "hotkey":
      return { ...settings, hotkey: patch.keys };
    case "shadow_schedules":
      return { ...settings, shadow_schedules: { ...settings.shadow_schedules, ...patch.chosen } };
    case "onboarding":
      return { ...settings, onboarding: patch.step };
    case "templates":
      return { ...settings, templates: patch.templates };
  }
}
