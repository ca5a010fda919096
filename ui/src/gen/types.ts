// Written by `cargo test`, from the types that cross the door. Not to be edited.

/**
 * The PagerDuty account that Herald watches.
 */
export type Account = { 
/**
 * My user id.
 */
user_id: string, 
/**
 * My name, cleaned.
 */
name: string, 
/**
 * My e-mail, sent as `From` with every write (services.md 1.1).
 */
email: string, 
/**
 * The API's base URL: the US or EU region or an own one.
 */
base_url: string, 
/**
 * What kind of key it is.
 */
key: KeyKind, 
/**
 * Whether PagerDuty has said, or the kind of key means, that it cannot write.
 */
read_only: boolean, 
/**
 * Where the key rests.
 */
token: TokenPlace, };

/**
 * What is under way with a page.
 */
export type Acting = "acknowledging" | "closing" | "reading_back";

/**
 * What an alarm is about. It is also the notification's own id: a repeat replaces, it never stacks.
 */
export type AlarmKey = { "about": "page", 
/**
 * Which page.
 */
page: PageId, 
/**
 * Which trigger.
 */
triggered_at: string, } | { "about": "more_pages" } | { "about": "blind", 
/**
 * Which.
 */
source: SourceName, } | { "about": "recovered", 
/**
 * Which.
 */
source: SourceName, } | { "about": "update", 
/**
 * Which incident.
 */
incident: number, 
/**
 * Which due time of it.
 */
due_at: string, } | { "about": "handover", 
/**
 * Which shift.
 */
shift: number, } | { "about": "maintenance", 
/**
 * Which.
 */
maintenance: number, 
/**
 * Which reminder of it.
 */
at: string, } | { "about": "test" };

/**
 * An alarm that is on.
 */
export type AlarmView = { 
/**
 * What commands about it are about.
 */
key: AlarmKey, 
/**
 * Quiet until then.
 */
quiet_until: string | null, 
/**
 * When it sounds again.
 */
next_at: string | null, 
/**
 * Whether the next round is louder than the last.
 */
louder: boolean, };

/**
 * What is asked. It may hold keys, so that it cannot be printed.
 */
export type Ask = { "ask": "attach", build: string, pid: number, visible: boolean, } | { "ask": "hello" } | { "ask": "drawn" } | { "ask": "choose", 
/**
 * To save in, under this name if they like; to read otherwise.
 */
save: string | null, 
/**
 * What such files are called.
 */
kind: string, 
/**
 * How their names end.
 */
endings: Array<string>, } | { "ask": "start_watch" } | { "ask": "show", 
/**
 * The leave to come to the front that the asking process was given.
 */
token: string | null, } | { "ask": "show_page", page: PageId, token: string | null, } | { "ask": "compose", incident: number | null, token: string | null, } | { "ask": "succeed", session: Session, } | { "ask": "status" } | { "ask": "command", command: Command, } | { "ask": "connect", to: Form, } | { "ask": "intend", incident: number, } | { "ask": "test" } | { "ask": "check" } | { "ask": "search_updates", query: string, } | { "ask": "search_history", query: HistoryQuery, } | { "ask": "past_incident", incident: number, } | { "ask": "past_page", page: PageId, at: string, } | { "ask": "kpis", of: KpiAsk, } | { "ask": "export", span: Span, format: Format, file: string, } | { "ask": "copy", text: string, } | { "ask": "handover", shift: number | null, } | { "ask": "save_handover", shift: number, file: string, } | { "ask": "import_handover", file: string, } | { "ask": "adopt_playbook", file: string, } | { "ask": "play", sound: Sound, } | { "ask": "autostart" } | { "ask": "set_autostart", on: boolean, } | { "ask": "browse", url: string, } | { "ask": "scenarios" } | { "ask": "practise", scenario: string | null, } | { "ask": "practice_event" } | { "ask": "end_practice" } | { "ask": "leave_practice" } | { "ask": "schedules" } | { "ask": "issue_words", link: string, };

/**
 * A request to help with a page ("Add responders"). PagerDuty rings until it is answered there: its REST API has
 * nothing to answer it with.
 */
export type Asked = { 
/**
 * Who asked.
 */
by: string | null, 
/**
 * When.
 */
at: string, 
/**
 * What was said with it.
 */
message: string | null, 
/**
 * What became of it.
 */
state: AskedState, };

/**
 * What became of a request to help.
 */
export type AskedState = "pending" | "joined" | "declined" | "withdrawn";

/**
 * A channel through which the status page tells its subscribers.
 */
export type Broadcast = "email" | "sms" | "webhook" | "social" | "irc" | "msteams" | "slack";

/**
 * Who did something.
 */
export type By = "me" | "herald" | "others";

/**
 * What of a list of cards differs.
 */
export type Cards<C> = { 
/**
 * Which cards there are by now, in this order.
 */
order: Array<string | number>, 
/**
 * Those that differ, or are new.
 */
cards: Array<C>, };

/**
 * What the desktop does for Herald: the ways in which an alarm reaches the user, and the way in which the user reaches
 * Herald.
 */
export type Channel = "notifications" | "sound" | "tray" | "hotkey" | "window";

/**
 * The health of a channel.
 */
export type ChannelView = { 
/**
 * Which.
 */
channel: Channel, 
/**
 * How it is.
 */
health: Health, };

/**
 * When the next update is due, and from when on it is said to be near.
 */
export type ClockView = { 
/**
 * From when on it is due soon.
 */
soon_at: string, 
/**
 * How near it is.
 */
urgency: Urgency, 
/**
 * When it is due.
 */
due_at: string, 
/**
 * The moment that it counts from (H35).
 */
from: string, 
/**
 * What that moment is.
 */
counts: Counts, 
/**
 * Minutes of the cadence that holds; with a promise, of the table it overrides.
 */
every_min: number, };

/**
 * What closing a page rests on.
 */
export type Closing = { 
/**
 * Whose page it is.
 */
of: Whose, 
/**
 * What is dealt with of what comes before.
 */
facts: Array<Fact>, };

/**
 * A wish of the user: from window, tray menu, notification or command line, all the same.
 */
export type Command = { "do": "acknowledge", 
/**
 * Which page.
 */
page: PageId, 
/**
 * Which trigger of it.
 */
triggered_at: string, } | { "do": "close_page", 
/**
 * Which page.
 */
page: PageId, 
/**
 * Which trigger of it.
 */
triggered_at: string, 
/**
 * What is said with it.
 */
note: string | null, } | { "do": "answer_here", 
/**
 * Which page.
 */
page: PageId, 
/**
 * Which trigger of it.
 */
triggered_at: string, } | { "do": "quiet", 
/**
 * Which.
 */
alarm: AlarmKey, } | { "do": "unquiet", 
/**
 * Which.
 */
alarm: AlarmKey, } | { "do": "poll_now" } | { "do": "set", 
/**
 * What to.
 */
patch: SettingsPatch, } | { "do": "test_alarm" } | { "do": "test_answered", 
/**
 * "I saw it."
 */
seen: boolean, 
/**
 * "I heard it."
 */
heard: boolean, } | { "do": "disconnect" } | { "do": "disconnect_feed", 
/**
 * Which.
 */
source: SourceName, } | { "do": "disconnect_slack" } | { "do": "disconnect_zendesk" } | { "do": "incident", 
/**
 * What.
 */
wish: IncidentWish, } | { "do": "shift", 
/**
 * What.
 */
wish: ShiftWish, } | { "do": "ledger", 
/**
 * What.
 */
wish: LedgerWish, } | { "do": "training", 
/**
 * What.
 */
wish: TrainingWish, };

/**
 * A part of the service that the status page lists.
 */
export type Component = { 
/**
 * What is sent to choose it.
 */
id: string, 
/**
 * What customers call it.
 */
name: string, 
/**
 * How it is now, as the page shows it.
 */
impact: Impact | null, };

/**
 * The composer of one incident's next update.
 */
export type Compose = { 
/**
 * The draft, or what it starts from.
 */
text: Text, 
/**
 * When it was saved last; absent before anything was typed.
 */
saved_at: string | null, 
/**
 * The review that was asked for (H43).
 */
review: Review | null, 
/**
 * The attempt to publish it that came to nothing.
 */
unsent: Unsent | null, 
/**
 * The stamp of what is known of the incident on the page, which a confirmation names.
 */
basis: string, 
/**
 * What it does to the incident.
 */
step: PostStep, 
/**
 * The three lengths.
 */
meters: Meters, 
/**
 * What readers see where posts are cut.
 */
cut: Cut, 
/**
 * What is wrong with it, the gravest first.
 */
lints: Array<LintView>, 
/**
 * What each phase would start from, in the order of the phases.
 */
phases: Array<Prefilled>, 
/**
 * The phase that the issue's state suggests, if the public was not told so.
 */
suggests: Phase | null, 
/**
 * The promise that its words make.
 */
promise: UpdatePromise | null, 
/**
 * The templates, filled.
 */
templates: Array<TemplateView>, 
/**
 * What is said to the incident manager before publishing (H43).
 */
intend: string, 
/**
 * How it goes out.
 */
outlet: Outlet, };

/**
 * Somebody asked the user to contact users (H70).
 */
export type Contact = { 
/**
 * When it was asked.
 */
asked_at: string, 
/**
 * Who asked.
 */
asked_by: string, 
/**
 * What for.
 */
what: string, 
/**
 * Link of the ticket.
 */
ticket: string | null, 
/**
 * Whose it is; when it is left out, that of the Support Engineer who made the ticket (H70).
 */
owner: string | null, 
/**
 * Where it stands.
 */
state: ContactState, 
/**
 * Since when it stands there.
 */
state_at: string, 
/**
 * What it was before each change, oldest first, so that a change can be taken back.
 */
earlier: Array<Contact>, };

/**
 * A contact request.
 */
export type ContactCard = { 
/**
 * Herald's number of it.
 */
id: number, 
/**
 * What is known of it.
 */
contact: Contact, 
/**
 * Where it stood before, oldest first, each with its time.
 */
past: Array<[ContactState, string]>, 
/**
 * Whether the last change can be taken back.
 */
undo: boolean, };

/**
 * Where a contact request stands. All but `Open` count as handled (H90).
 */
export type ContactState = "open" | "done" | "handed_over" | "planned";

/**
 * What is known of a contact request (H70).
 */
export type ContactText = { 
/**
 * Who asked.
 */
asked_by: string, 
/**
 * What for.
 */
what: string, 
/**
 * Link of the ticket.
 */
ticket: string | null, 
/**
 * Whose it is; whoever made the ticket, when it is left out.
 */
owner: string | null, };

/**
 * What a due time counts from.
 */
export type Counts = "update" | "decision" | "promise";

/**
 * What readers see where posts are cut (H40).
 */
export type Cut = { 
/**
 * What is seen, with its ellipsis; the whole text when it fits.
 */
shown: string, 
/**
 * What nobody sees there.
 */
lost: string, 
/**
 * Characters of the last link that fit before the limit, where a place cuts without regard for links.
 */
link_chars: number, };

/**
 * What the user did on the status page's own dashboard, or saw there.
 */
export type Deed = "scheduled" | "automation_off" | "started" | "updated" | "finished";

/**
 * What of a view differs from the one before.
 */
export type Delta = { 
/**
 * Every part that differs, by its name, as it is by now.
 */
parts: Partial<Omit<View, "pages" | "incidents" | "wrapping">>, 
/**
 * Open pages.
 */
pages: Cards<PageCard> | null, 
/**
 * Incidents that are going on.
 */
incidents: Cards<IncidentCard> | null, 
/**
 * Incidents that are over and leave something.
 */
wrapping: Cards<IncidentCard> | null, };

/**
 * How hard a scenario is.
 */
export type Difficulty = "easy" | "medium" | "hard";

/**
 * What Herald knows how to do, or to see, about a task.
 */
export type Doing = "acknowledge" | "join_call" | "open_channel" | "decide" | "note_updates" | "create_post" | "verify_live" | "confirm_severity" | "notify_stakeholders" | "label_issue" | "close_page" | "publish_update" | "zendesk_tag" | "zendesk_search" | "ask_period" | "watch" | "confirm_resolved" | "post_mortem";

/**
 * My on-call times.
 */
export type DutyView = { 
/**
 * The entries that hold now.
 */
now: Array<OnCallEntry>, 
/**
 * The next one to come.
 */
next: OnCallEntry | null, 
/**
 * When PagerDuty said so; absent when it has not.
 */
known_at: string | null, 
/**
 * How many entries could not be read; Herald then watches as if on call.
 */
unread: number, 
/**
 * Why it could not be asked.
 */
fault: FaultView | null, };

/**
 * How it ended.
 */
export type EndedHow = "done" | "overtaken" | "refused" | "unknown" | "by_word";

/**
 * An incident that is over.
 */
export type EndedIncident = { 
/**
 * Herald's own number of it.
 */
id: number, 
/**
 * Its title.
 */
title: string, 
/**
 * When it was over.
 */
ended_at: string, 
/**
 * What the public was told last.
 */
phase: Phase | null, 
/**
 * Its components that the page still shows as not well.
 */
leftover: Array<Component>, 
/**
 * Whether the last update can be seen on the public page.
 */
live: Live | null, 
/**
 * How many of its tasks are left.
 */
left_to_do: number, 
/**
 * Whether a text of it is kept that did not go out.
 */
unsent: boolean, };

/**
 * A write that has ended.
 */
export type EndedWrite = { 
/**
 * How.
 */
how: EndedHow, 
/**
 * The same in words, as the card says it.
 */
says: string, } & ({ "write": "page", 
/**
 * Which.
 */
page: PageId, 
/**
 * Herald's number of the attempt.
 */
job: number, } | { "write": "update", 
/**
 * About which incident.
 */
incident: number, 
/**
 * Herald's number of the attempt.
 */
publication: number, });

/**
 * Something that happened, for the timeline.
 */
export type Event = { 
/**
 * When.
 */
at: string, 
/**
 * Who did it.
 */
by: By, 
/**
 * What, in words.
 */
what: string, };

/**
 * A task that is dealt with, and how that is known.
 */
export type Fact = { 
/**
 * The task, in the playbook's words.
 */
task: string, 
/**
 * Done, left out, or not needed; by whom, when, and what Herald saw.
 */
mark: Mark, };

/**
 * What went wrong.
 */
export type FaultKind = "unauthorized" | "forbidden" | "not_found" | "page_not_shown" | "rate_limited" | "server" | "rejected" | "timeout" | "unreachable" | "broken" | "tls" | "local" | "not_the_service" | "too_large" | "no_token";

/**
 * A failure in words.
 */
export type FaultView = { 
/**
 * What kind of failure it is, for the button that leads to the next step.
 */
kind: FaultKind, 
/**
 * What happened.
 */
reason: string, 
/**
 * What to do.
 */
next_step: string, };

/**
 * What connecting a service takes.
 */
export type Form = { "service": "pagerduty", token: string, base_url: string, email: string | null, } | { "service": "tracker", base_url: string, project: string, token: string | null, } | { "service": "status_page", page: StatusPage, id: string | null, key: string | null, } | { "service": "slack", webhook: string, channel: string, } | { "service": "zendesk", base_url: string, email: string, token: string, };

/**
 * In which form.
 */
export type Format = "json" | "csv" | "markdown";

/**
 * Why a page is no longer among mine.
 */
export type Gone = { "kind": "closed" } | { "kind": "merged", 
/**
 * Into which.
 */
into: string, } | { "kind": "answered", 
/**
 * How.
 */
how: AskedState, } | { "kind": "moved_on", 
/**
 * To whom, as far as PagerDuty says.
 */
to: Array<string>, } | { "kind": "missing" };

/**
 * The team's stages and texts, as every incident shares them.
 */
export type Guide = { 
/**
 * The stages of the duty and their tasks.
 */
stages: Array<StageRules>, 
/**
 * Texts to look things up in.
 */
reference: Array<Reference>, };

/**
 * How a shift was handed over.
 */
export type HandedBy = "saved" | "copied" | "filed" | "nothing";

/**
 * An incident that ended in the shift.
 */
export type HandoverEnded = { 
/**
 * The number of its issue.
 */
iid: number | null, 
/**
 * Its title.
 */
title: string, 
/**
 * When it began.
 */
since: string, 
/**
 * When it was over.
 */
ended_at: string, };

/**
 * Everything that a handover tells.
 */
export type HandoverFacts = { 
/**
 * Incidents that go on.
 */
running: Array<HandoverRunning>, 
/**
 * Incidents that ended: number, title, from, to.
 */
ended: Array<HandoverEnded>, 
/**
 * How many pages called.
 */
pages: number, 
/**
 * What is left to do.
 */
tasks: Array<string>, 
/**
 * What is ahead.
 */
ahead: Array<string>, 
/**
 * How the shift stands against its targets, in words.
 */
kpis: Array<string>, };

/**
 * An incident that goes on, as the next person meets it.
 */
export type HandoverRunning = { 
/**
 * Herald's number of it.
 */
incident: number, 
/**
 * Its title.
 */
title: string, 
/**
 * Its severity.
 */
severity: Severity | null, 
/**
 * What the public was told last.
 */
phase: Phase | null, 
/**
 * When that was, and in which words.
 */
last: [string, string] | null, 
/**
 * When the next update is due.
 */
due_at: string | null, 
/**
 * Whether that was promised to the public.
 */
promised: boolean, 
/**
 * The incident manager.
 */
im: string | null, 
/**
 * The engineer on call.
 */
eoc: string | null, };

/**
 * Where the filing of a handover stands.
 */
export type HandoverStage = { "kind": "not_filed" } | { "kind": "sending" } | { "kind": "reading_back" } | { "kind": "to_be_filed", 
/**
 * Since when.
 */
since: string, 
/**
 * Why not.
 */
why: string, 
/**
 * Whether the tracker answers again.
 */
now: boolean, } | { "kind": "filed", 
/**
 * Link of it.
 */
url: string, 
/**
 * It turned out to be public.
 */
public: boolean, };

/**
 * All that leaves with a handover. Long where much goes on, so that it is made for whoever asks and is no part of the
 * view.
 */
export type HandoverText = { 
/**
 * What people read.
 */
text: string, 
/**
 * The same, with what the next person's Herald reads.
 */
markdown: string, };

/**
 * The handover of a shift.
 */
export type HandoverView = { 
/**
 * What it tells, for the window to draw.
 */
facts: HandoverFacts, 
/**
 * Whether nothing happened, and nothing is left.
 */
nothing: boolean, 
/**
 * The text: the user's, or what Herald writes.
 */
text: string, 
/**
 * Whether it is the user's.
 */
edited: boolean, 
/**
 * Whether the user's text was put away and can be taken back.
 */
may_undo: boolean, 
/**
 * What became true since the user took over, or since it was handed over.
 */
news: Array<string>, 
/**
 * The user's own words below what Herald writes.
 */
notes: string, 
/**
 * The issue's title.
 */
title: string, 
/**
 * The project that it is filed in.
 */
project: string | null, 
/**
 * Where it stands.
 */
stage: HandoverStage, 
/**
 * When it was handed over, and how.
 */
done: [string, HandedBy] | null, 
/**
 * Whether the shift ended without it.
 */
missing: boolean, 
/**
 * Why it cannot be filed now, in words; absent when it can.
 */
why_not: string | null, 
/**
 * Whether it would be filed, if something in the way were put right: without any of it the button is absent.
 */
may_file: boolean, 
/**
 * Its alarm.
 */
alarm: AlarmView | null, };

/**
 * Whether a channel works, as far as Herald could see.
 */
export type Health = { "kind": "works", 
/**
 * What does the work: "dunst 1.9", "Built-in speakers". May be empty.
 */
by: string, } | { "kind": "dead", 
/**
 * Why, and what to do.
 */
reason: string, };

/**
 * What a search found.
 */
export type HistoryFound = { 
/**
 * In the order that was asked for.
 */
rows: Array<PastRow>, 
/**
 * Whether there are more after these.
 */
more: boolean, };

/**
 * What is looked for. Everything that is set narrows the search.
 */
export type HistoryQuery = { 
/**
 * Words that must all be there; the last one may be unfinished. Empty for everything.
 */
words: string, 
/**
 * Only this kind.
 */
kind: PastKind | null, 
/**
 * Only what happened then or later.
 */
from: string | null, 
/**
 * Only what happened before.
 */
to: string | null, 
/**
 * Only incidents of this severity, and their updates.
 */
severity: Severity | null, 
/**
 * Only this phase: of an update, and of an incident the last one.
 */
phase: Phase | null, 
/**
 * Only what was mine.
 */
mine: boolean, 
/**
 * The best match first rather than the newest; means something only with words.
 */
best_first: boolean, 
/**
 * How many to pass over, for the next page of results.
 */
offset: number, };

/**
 * What the affected components can still do: the status that the page shows for them (H45).
 */
export type Impact = "operational" | "degraded" | "partial" | "disruption" | "security";

/**
 * An incident that is going on.
 */
export type IncidentCard = { 
/**
 * Herald's own number of it.
 */
id: number, 
/**
 * Its title, cleaned but still untrusted: shown as text only.
 */
title: string, 
/**
 * How grave it is, if anybody knows.
 */
severity: Severity | null, 
/**
 * What its issue says of it, or was set by hand.
 */
state: IssueState | null, 
/**
 * What the public was told last; absent before the first update, and while no update tells a phase.
 */
phase: Phase | null, 
/**
 * When Herald first knew of it, or its issue was opened.
 */
since: string, 
/**
 * Its issue.
 */
issue: IssueLink | null, 
/**
 * Its post on the status page.
 */
post: PostLink | null, 
/**
 * Link of the call.
 */
call_url: string | null, 
/**
 * Telephone number of the call.
 */
call_number: string | null, 
/**
 * The Slack channel.
 */
channel: string | null, 
/**
 * The incident manager.
 */
im: string | null, 
/**
 * The engineer on call.
 */
eoc: string | null, 
/**
 * What was set by hand.
 */
own: Own, 
/**
 * Pages that called for it.
 */
pages: Array<PageId>, 
/**
 * When the next update is due; absent when none is.
 */
clock: ClockView | null, 
/**
 * The monitoring period, while it is in it.
 */
monitoring: MonitoringClock | null, 
/**
 * The promise that holds.
 */
promise: Promise | null, 
/**
 * The promise that holds was made under a lesser severity: the user is asked whether it stands.
 */
promise_doubt: PromiseDoubt | null, 
/**
 * A promise in the last update that nobody has made the due time yet.
 */
promise_offer: UpdatePromise | null, 
/**
 * Words of the last update that speak of the next one, where nobody can be sure of the time: it is set by hand.
 */
promise_unsure: string | null, 
/**
 * Why the due time moved.
 */
moved: Moved | null, 
/**
 * Whether somebody should be asked if it is still going on.
 */
still_running: StillRunning | null, 
/**
 * When it was decided to tell the public.
 */
decided_at: string | null, 
/**
 * When it was decided not to.
 */
declined_at: string | null, 
/**
 * What was published, newest first.
 */
updates: Array<Update>, 
/**
 * What is being published, or was and is not seen yet.
 */
publishing: Array<PublishingView>, 
/**
 * Its alarm.
 */
alarm: AlarmView | null, 
/**
 * Whether the last update can be seen on the public page.
 */
live: Live | null, 
/**
 * When it was over; absent while it goes on.
 */
ended_at: string | null, 
/**
 * Where it stands in the stages of the duty.
 */
stages: StagesView, 
/**
 * What happened, newest first.
 */
log: Array<Event>, 
/**
 * Its next update.
 */
compose: Compose, };

/**
 * What the user wants with incidents.
 */
export type IncidentWish = { "wish": "open", 
/**
 * What is known of it.
 */
own: Own, 
/**
 * The page that called for it.
 */
page: PageId | null, } | { "wish": "correct", 
/**
 * Which.
 */
incident: number, 
/**
 * Everything that is set by hand from now on.
 */
own: Own, } | { "wish": "decide", 
/**
 * Which.
 */
incident: number, 
/**
 * Whether the public is told.
 */
yes: boolean, } | { "wish": "join", 
/**
 * Which one stays.
 */
incident: number, 
/**
 * Which one becomes part of it.
 */
with: number, } | { "wish": "join_page", 
/**
 * Which incident.
 */
incident: number, 
/**
 * Which page.
 */
page: PageId, } | { "wish": "separate", 
/**
 * Which incident.
 */
incident: number, 
/**
 * Which part.
 */
part: Part, } | { "wish": "label", 
/**
 * Which.
 */
incident: number, } | { "wish": "tick", 
/**
 * Which incident.
 */
incident: number, 
/**
 * Which task of the playbook.
 */
task: string, } | { "wish": "untick", 
/**
 * Which incident.
 */
incident: number, 
/**
 * Which task of the playbook.
 */
task: string, } | { "wish": "skip", 
/**
 * Which incident.
 */
incident: number, 
/**
 * Which task of the playbook.
 */
task: string, 
/**
 * Why.
 */
reason: string, } | { "wish": "recurred", 
/**
 * Which.
 */
incident: number, 
/**
 * Whether it came back.
 */
yes: boolean, } | { "wish": "still_running", 
/**
 * Which.
 */
incident: number, } | { "wish": "end", 
/**
 * Which.
 */
incident: number, 
/**
 * Whether it is over.
 */
yes: boolean, } | { "wish": "promise", 
/**
 * Which.
 */
incident: number, 
/**
 * Until when.
 */
due_at: string | null, } | { "wish": "write", 
/**
 * Which.
 */
incident: number, 
/**
 * What was typed.
 */
text: Text, } | { "wish": "discard", 
/**
 * Which.
 */
incident: number, } | { "wish": "asked", 
/**
 * Which.
 */
incident: number, } | { "wish": "agreed", 
/**
 * Which.
 */
incident: number, } | { "wish": "publish", 
/**
 * Which.
 */
incident: number, 
/**
 * What was confirmed.
 */
text: Text, 
/**
 * What the user saw of the incident when they confirmed it: the stamp that the composer shows. Whatever is
 * known now, when it is left out.
 */
seen: string | null, } | { "wish": "posted_by_hand", 
/**
 * Which.
 */
incident: number, 
/**
 * What was posted.
 */
text: Text, 
/**
 * When.
 */
at: string, } | { "wish": "was_published", 
/**
 * Which attempt.
 */
publication: number, 
/**
 * Whether it is there.
 */
yes: boolean, };

/**
 * The issue of an incident.
 */
export type IssueLink = { 
/**
 * Its number.
 */
iid: number | null, 
/**
 * Link.
 */
url: string, 
/**
 * Whether the public must not see it.
 */
confidential: boolean, 
/**
 * How it stands in the tracker; unknown when it was entered by hand.
 */
standing: IssueStanding | null, };

/**
 * How the issue of an incident stands in the tracker.
 */
export type IssueStanding = "active" | "inactive" | "closed" | "hidden";

/**
 * What the labels of an issue say of its incident (H56).
 */
export type IssueState = "active" | "mitigated" | "resolved";

/**
 * What an issue says, as far as a maintenance needs it.
 */
export type IssueWords = { 
/**
 * Its title.
 */
title: string, 
/**
 * The first paragraphs of its text.
 */
text: string, 
/**
 * Whether the public must not see it; so too when the tracker says nothing.
 */
confidential: boolean, };

/**
 * What kind of key was given (services.md 1.1).
 */
export type KeyKind = "personal" | "o_auth" | "account";

/**
 * One figure, and what is behind it.
 */
export type Kpi = { 
/**
 * Which.
 */
name: KpiName, 
/**
 * How much of what counts was kept, in whole per cent, rounded down; absent when nothing counts.
 */
value: number | null, 
/**
 * How much it should be, in per cent.
 */
target: number, 
/**
 * Whether the target is met; absent when nothing counts.
 */
met: boolean | null, 
/**
 * The limit that single things are judged by, where it is one number: minutes, or trainings.
 */
limit: number | null, 
/**
 * How many were kept.
 */
kept: number, 
/**
 * How many were missed.
 */
missed: number, 
/**
 * How many still wait.
 */
waiting: number, 
/**
 * What is behind the number: missed ones first, then the newest.
 */
items: Array<KpiItem>, 
/**
 * How many more there are than `items`.
 */
more: number, };

/**
 * Which time the figures are asked for.
 */
export type KpiAsk = { "range": "shift" } | { "range": "this_quarter" } | { "range": "last_quarter" } | { "range": "quarter", 
/**
 * Its year.
 */
year: number, 
/**
 * 1 to 4.
 */
quarter: number, } | { "range": "between", 
/**
 * From then on.
 */
from: string, 
/**
 * Until then.
 */
to: string, };

/**
 * One thing behind a figure.
 */
export type KpiItem = { 
/**
 * The moment at which it is judged.
 */
at: string, 
/**
 * How.
 */
verdict: Verdict, 
/**
 * What it is.
 */
title: string, 
/**
 * Why, where that needs saying.
 */
says: string, 
/**
 * Seconds that it took, where something is measured.
 */
took_s: number | null, 
/**
 * Seconds that it may take.
 */
allowed_s: number | null, 
/**
 * The incident, to open it.
 */
incident: number | null, 
/**
 * The page, to open it.
 */
page: PageId | null, };

/**
 * The promises of the duty.
 */
export type KpiKind = "acknowledged" | "updates" | "stakeholders" | "handover" | "closed_last";

/**
 * The six figures (H90).
 */
export type KpiName = "acknowledge" | "updates" | "threads" | "handovers" | "contacts" | "training";

/**
 * All figures for one range.
 */
export type Kpis = { 
/**
 * From then on.
 */
from: string, 
/**
 * Until then.
 */
to: string, 
/**
 * The six, in the order of the handbook.
 */
kpis: Array<Kpi>, };

/**
 * A label that an issue lacks.
 */
export type LabelView = { 
/**
 * Which.
 */
name: string, 
/**
 * Whether it is being set.
 */
under_way: boolean, 
/**
 * Why Herald does not set it itself; absent when it may.
 */
why_not: string | null, };

/**
 * The ledger as the window draws it.
 */
export type LedgerView = { 
/**
 * Contact requests: the open ones first, then by age.
 */
contacts: Array<ContactCard>, 
/**
 * Maintenance: under way, to come, over.
 */
maintenances: Array<MaintenanceCard>, 
/**
 * What the status page lists and the ledger does not know, the next one first.
 */
offers: Array<Offer>, 
/**
 * What was typed into sheets and not saved yet, by sheet.
 */
kept: { [key in string]: string }, 
/**
 * The user's time zone, by its IANA name.
 */
zone: string, 
/**
 * Why Herald may write nothing to the status page; absent when it may.
 */
shut: Refused | null, 
/**
 * The service behind the status page, for instructions.
 */
page: PageKind, 
/**
 * Whether that lets a maintenance be changed once it is scheduled.
 */
flexible: boolean, 
/**
 * The status page's dashboard.
 */
dashboard: string | null, 
/**
 * Where it is told how users are contacted.
 */
contact_help: string | null, 
/**
 * Where a maintenance is linked for amplification.
 */
amplify_channel: string, 
/**
 * Minutes before the start at which the user is reminded, the earliest first.
 */
remind_min: Array<number>, 
/**
 * Minutes between two updates by hand.
 */
update_every_min: number, };

/**
 * What the user wants with contact requests and maintenance.
 */
export type LedgerWish = { "wish": "add_contact", 
/**
 * What is known of it.
 */
contact: ContactText, } | { "wish": "edit_contact", 
/**
 * Which.
 */
id: number, 
/**
 * What is known of it now.
 */
contact: ContactText, } | { "wish": "move_contact", 
/**
 * Which.
 */
id: number, 
/**
 * Where.
 */
to: ContactState, } | { "wish": "undo_contact", 
/**
 * Which.
 */
id: number, } | { "wish": "add_maintenance", 
/**
 * What it is planned to be.
 */
plan: Plan, } | { "wish": "edit_maintenance", 
/**
 * Which.
 */
id: number, 
/**
 * What it is planned to be now.
 */
plan: Plan, } | { "wish": "schedule", 
/**
 * Which.
 */
id: number, } | { "wish": "tell", 
/**
 * Which.
 */
id: number, 
/**
 * What of it.
 */
tell: Tell, 
/**
 * What customers read.
 */
text: string, 
/**
 * Channels that are left out.
 */
muted: Array<Broadcast>, 
/**
 * The user knows that subscribers get this e-mail beside the page's own reminders (H63).
 */
mails_twice: boolean, } | { "wish": "by_hand", 
/**
 * Which.
 */
id: number, 
/**
 * What.
 */
deed: Deed, } | { "wish": "call_off", 
/**
 * Which.
 */
id: number, 
/**
 * Whether it is called off.
 */
yes: boolean, } | { "wish": "amplified", 
/**
 * Which.
 */
id: number, 
/**
 * Who linked it; the user, when it is left out.
 */
by: string | null, } | { "wish": "seen", 
/**
 * Which maintenance.
 */
id: number, 
/**
 * Which reminder of it.
 */
at: string, } | { "wish": "adopt", 
/**
 * The page's id of it.
 */
post: string, } | { "wish": "not_mine", 
/**
 * The page's id of it.
 */
post: string, } | { "wish": "keep", 
/**
 * Which sheet.
 */
sheet: string, 
/**
 * What was typed, as the window wrote it.
 */
typed: string | null, };

/**
 * A page that left.
 */
export type LeftPage = { 
/**
 * PagerDuty's id.
 */
id: PageId, 
/**
 * Its title.
 */
title: string, 
/**
 * Link to PagerDuty.
 */
url: string | null, 
/**
 * Why it left.
 */
why: Gone, 
/**
 * When.
 */
at: string, 
/**
 * Who took it, if anybody did.
 */
taken_by: string | null, 
/**
 * What Herald's last attempt on it came to.
 */
note: string | null, };

/**
 * One change that puts a finding right (H40, H41, H45).
 */
export type LintFix = { "fix": "append_link", 
/**
 * Which.
 */
url: string, } | { "fix": "remove_link", 
/**
 * As it is written.
 */
url: string, } | { "fix": "set_impact", 
/**
 * Which.
 */
impact: Impact, } | { "fix": "replace_text", 
/**
 * All of it.
 */
text: string, } | { "fix": "drop_promise", 
/**
 * As it is written.
 */
words: string, };

/**
 * The rules that an update is checked by.
 */
export type LintRule = "title_empty" | "text_empty" | "field_unfilled" | "impact_missing" | "too_long" | "words_cut" | "body_too_long" | "link_missing" | "confidential" | "issue_unseen" | "no_components" | "monitoring_facts" | "operational_too_early" | "resolved_not_operational" | "resolved_too_early" | "promise_past" | "promise_unsure" | "promise_late" | "nothing_changed" | "not_sent";

/**
 * One finding, and the text as it would be put right.
 */
export type LintView = { 
/**
 * The text with the fix applied.
 */
fixed: Text | null, 
/**
 * Which rule is broken.
 */
rule: LintRule, 
/**
 * What it asks for.
 */
weight: LintWeight, 
/**
 * What is wrong, as people read it.
 */
says: string, 
/**
 * What would put it right.
 */
fix: LintFix | null, };

/**
 * What a finding asks for, the gravest last.
 */
export type LintWeight = "advice" | "confirm" | "block";

/**
 * What is known of the last update on the public page.
 */
export type Live = { "kind": "since", 
/**
 * When it was published, as the page has it.
 */
at: string, } | { "kind": "unlisted" } | { "kind": "not_seen" };

/**
 * An incident that has taken long without a break (H82).
 */
export type LongIncident = { 
/**
 * Which.
 */
incident: number, 
/**
 * Its title.
 */
title: string, 
/**
 * Since when it has taken my time.
 */
since: string, };

/**
 * A maintenance that the public is told about (H60–H65).
 */
export type Maintenance = { 
/**
 * Since when it is on the status page, whoever put it there.
 */
scheduled_at: string | null, 
/**
 * The page's id of it, once it is known.
 */
post: string | null, 
/**
 * Whether the page's public feed has shown it.
 */
listed: boolean, 
/**
 * How many full answers in a row of that feed lacked it since.
 */
missing: number, 
/**
 * When it was begun by hand or seen to have begun.
 */
started_at: string | null, 
/**
 * When the public was last told how it goes.
 */
updated_at: string | null, 
/**
 * When it was over, or called off.
 */
ended_at: string | null, 
/**
 * Whether it was called off.
 */
called_off: boolean, 
/**
 * When it was linked for amplification, which is done once (H64).
 */
amplified_at: string | null, 
/**
 * Who linked it; absent when it was the user.
 */
amplified_by: string | null, 
/**
 * Reminders up to then were seen, or were over when it was entered.
 */
seen_until: string | null, 
/**
 * What happened, oldest first.
 */
log: Array<Event>, 
/**
 * The title that customers read.
 */
title: string, 
/**
 * What customers read below it.
 */
details: string, 
/**
 * Its issue in the tracker.
 */
issue_url: string | null, 
/**
 * When it is to begin.
 */
starts_at: string, 
/**
 * When it is to end.
 */
ends_at: string, 
/**
 * The components it names, one by one.
 */
components: Array<string>, 
/**
 * Whether the status page starts and ends it by itself.
 */
automation: boolean, 
/**
 * Whether the status page e-mails reminders by itself.
 */
reminds: boolean, };

/**
 * A maintenance.
 */
export type MaintenanceCard = { 
/**
 * Herald's number of it.
 */
id: number, 
/**
 * What is known of it.
 */
it: Maintenance, 
/**
 * Where it stands.
 */
stage: MaintenanceStage, 
/**
 * The reminder that is up.
 */
reminder: Reminder | null, 
/**
 * Its alarm.
 */
alarm: AlarmView | null, 
/**
 * When the next reminder comes.
 */
next_reminder_at: string | null, 
/**
 * From when to when the page says that it is, where that is not what was planned.
 */
moved_to: [string, string] | null, 
/**
 * What is on its way to the status page.
 */
sending: Sending | null, 
/**
 * Why Herald may not put it on the status page; absent when it may.
 */
schedule: Refused | null, 
/**
 * Why something may not be told through Herald now; absent when it may.
 */
tell: { [key in Tell]?: Refused | null }, 
/**
 * The day in the middle of a week before the start that suits amplification best.
 */
amplify_on: string, };

/**
 * Where a maintenance stands.
 */
export type MaintenanceStage = "active" | "upcoming" | "over";

/**
 * Where a task stands, as people see it.
 */
export type Mark = { "mark": "open", 
/**
 * Whether it is the one to do now.
 */
now: boolean, 
/**
 * Until when it lasts by itself, for a watch.
 */
until: string | null, } | { "mark": "locked", 
/**
 * What, in the words of those tasks.
 */
needs: Array<string>, 
/**
 * When it opens by itself, if it does.
 */
opens_at: string | null, } | { "mark": "done", 
/**
 * When.
 */
at: string, 
/**
 * Who said so.
 */
by: By, 
/**
 * What Herald saw; empty where somebody says so.
 */
saw: string, } | { "mark": "skipped", 
/**
 * When.
 */
at: string, 
/**
 * Why.
 */
reason: string, } | { "mark": "not_needed", 
/**
 * Why.
 */
why: string, };

/**
 * Which actions are open to me.
 */
export type May = { 
/**
 * Acknowledge.
 */
acknowledge: boolean, 
/**
 * Close.
 */
close: boolean, 
/**
 * Say "I answer this page".
 */
answer_here: boolean, 
/**
 * Make it quiet.
 */
quiet: boolean, };

/**
 * How much of one limit is used (H40).
 */
export type Meter = { 
/**
 * The weight.
 */
used: number, 
/**
 * The most it may be.
 */
limit: number, };

/**
 * The three lengths that the composer shows (H40).
 */
export type Meters = { 
/**
 * The text before the last link; all of it without a link.
 */
body: Meter, 
/**
 * All of it against what is seen where posts are cut.
 */
visible: Meter, 
/**
 * All of it.
 */
total: Meter, };

/**
 * Whether this is the real world.
 */
export type Mode = { "kind": "real" } | { "kind": "practice", 
/**
 * The scenario's title.
 */
scenario: string, };

/**
 * One point of a past incident's timeline.
 */
export type Moment = { 
/**
 * When.
 */
at: string, } & ({ "kind": "noted", 
/**
 * The note.
 */
event: Event, } | { "kind": "told", 
/**
 * The phase it put the incident into; absent where nobody could tell.
 */
phase: Phase | null, 
/**
 * What customers read.
 */
text: string, 
/**
 * Whether it was published from here.
 */
mine: boolean, 
/**
 * When it was due, if it was.
 */
due_at: string | null, } | { "kind": "paged", 
/**
 * Which page.
 */
page: PageId, 
/**
 * Its title.
 */
title: string, 
/**
 * When it was acknowledged.
 */
answered_at: string | null, } | { "kind": "ticked", 
/**
 * The task, as the playbook calls it.
 */
task: string, 
/**
 * Whether it was set aside rather than done.
 */
skipped: boolean, });

/**
 * When the monitoring period is over (H36).
 */
export type MonitoringClock = { 
/**
 * When it is over.
 */
ends_at: string, 
/**
 * The first update of this Monitoring.
 */
from: string, 
/**
 * How long it lasts.
 */
minutes: number, };

/**
 * Why a due time moved without a new update (H33).
 */
export type Moved = { 
/**
 * When it moved.
 */
at: string, 
/**
 * From where.
 */
from: string, 
/**
 * Why, in words.
 */
why: string, };

/**
 * Something in PagerDuty with an id and a name: a service, a policy, a person.
 */
export type Named = { 
/**
 * PagerDuty's id.
 */
id: string, 
/**
 * Its name, cleaned for display.
 */
name: string, };

/**
 * A maintenance that the status page lists and the ledger does not know.
 */
export type Offer = { 
/**
 * The page's id of it.
 */
post: string, 
/**
 * Its title.
 */
title: string, 
/**
 * When it is to begin.
 */
starts_at: string, 
/**
 * When it is to end.
 */
ends_at: string, 
/**
 * Whether it has begun.
 */
active: boolean, };

/**
 * One entry of PagerDuty's `/oncalls` for me (services.md 1.5).
 */
export type OnCallEntry = { 
/**
 * The schedule; absent for people put on a policy directly.
 */
schedule: Named | null, 
/**
 * The escalation policy.
 */
policy: Named, 
/**
 * The level in the policy, from 1.
 */
level: number, 
/**
 * Since when; absent for a permanent entry.
 */
start: string | null, 
/**
 * Until when; absent for a permanent entry.
 */
end: string | null, };

/**
 * The steps of setting Herald up, after PagerDuty is connected.
 */
export type Onboarding = "schedules" | "services" | "playbook" | "self_test";

/**
 * How an update goes out.
 */
export type Outlet = { 
/**
 * Why Herald does not publish it itself; absent when it may.
 */
refusal: Refusal | null, 
/**
 * The refusal in words.
 */
why_not: string | null, 
/**
 * The status page: its address for people.
 */
public_url: string | null, 
/**
 * What runs it: "Status.io".
 */
service: string | null, 
/**
 * The channels that the page has to tell subscribers.
 */
channels: Array<OutletChannel>, 
/**
 * The title that customers will see.
 */
title: string, 
/**
 * The ids of the components that the post will name.
 */
components: Array<string>, 
/**
 * Those of them that get the status of the text; the others keep theirs.
 */
sets: Array<string>, 
/**
 * The dashboard of the status page, where everything can be changed.
 */
dashboard: string | null, 
/**
 * Minutes until the update after it, by promise or cadence; absent after Resolved.
 */
next_due_min: number | null, };

/**
 * A channel of the status page.
 */
export type OutletChannel = { 
/**
 * Which.
 */
channel: Broadcast, 
/**
 * What people call it there.
 */
name: string, 
/**
 * Whether it would tell subscribers of this text.
 */
tells: boolean, };

/**
 * What the last look found instead of what the user had seen, to decide anew by.
 */
export type Overtaken = { 
/**
 * When the page was read.
 */
read_at: string, 
/**
 * The gravest of it in a few words: "somebody resolved it".
 */
headline: string, 
/**
 * All of it, a sentence each.
 */
differs: Array<string>, 
/**
 * Whether the incident is over on the page: publishing would reopen it.
 */
resolved: boolean, 
/**
 * Its title there.
 */
title: string, 
/**
 * The ids of the components that it names.
 */
components: Array<string>, 
/**
 * Its newest update.
 */
update: Update | null, };

/**
 * What the user set by hand.
 */
export type Own = { 
/**
 * The title.
 */
title: string | null, 
/**
 * The severity.
 */
severity: Severity | null, 
/**
 * What the issue is to say of it.
 */
state: IssueState | null, 
/**
 * Link of the issue.
 */
issue_url: string | null, 
/**
 * Link of the call.
 */
call_url: string | null, 
/**
 * The Slack channel.
 */
channel: string | null, 
/**
 * The incident manager.
 */
im: string | null, 
/**
 * The engineer on call.
 */
eoc: string | null, 
/**
 * Minutes of the monitoring period (H36).
 */
monitoring_min: number | null, };

/**
 * A text to start from that the user saved while writing (H42).
 */
export type OwnTemplate = { 
/**
 * What its button says.
 */
name: string, 
/**
 * Where the incident stands when it fits; anywhere when it is missing.
 */
phase: Phase | null, 
/**
 * The text, with fields in braces: `{link}`.
 */
text: string, };

/**
 * A page that is open.
 */
export type PageCard = { 
/**
 * PagerDuty's id.
 */
id: PageId, 
/**
 * When it was triggered: with the id, what commands are about.
 */
triggered_at: string, 
/**
 * The number people say aloud.
 */
number: number, 
/**
 * Its title, cleaned but still untrusted: shown as text only.
 */
title: string, 
/**
 * Link to PagerDuty.
 */
url: string | null, 
/**
 * Link of the call.
 */
call_url: string | null, 
/**
 * Telephone number of the call.
 */
call_number: string | null, 
/**
 * Its priority, as the team names it.
 */
priority: string | null, 
/**
 * What type of incident it is, where that is not the usual one.
 */
kind: string | null, 
/**
 * The request to me to help with it, while it waits for my answer.
 */
asked: Asked | null, 
/**
 * The service that raised it.
 */
service: string | null, 
/**
 * Whether it is of high urgency.
 */
urgent: boolean, 
/**
 * Triggered or acknowledged. What asks me to help calls, whoever has it.
 */
status: PageStatus, 
/**
 * When the time to acknowledge is over (H21).
 */
target_at: string, 
/**
 * When it escalates.
 */
escalates_at: string | null, 
/**
 * When the acknowledgement expires.
 */
ack_expires_at: string | null, 
/**
 * Who took it.
 */
taken_by: Named | null, 
/**
 * When.
 */
taken_at: string | null, 
/**
 * Whether it was me.
 */
taken_by_me: boolean, 
/**
 * Everybody else it is assigned to.
 */
others: Array<string>, 
/**
 * How I stand to it.
 */
standing: Standing, 
/**
 * What is under way.
 */
acting: Acting | null, 
/**
 * What the last attempt came to.
 */
note: string | null, 
/**
 * What its incident still lacks before it is to be closed (H23).
 */
lacks: Array<string>, 
/**
 * What Herald knows of the work that closing it says is done (H20).
 */
closing: Closing, 
/**
 * For which incidents it may call, where only the user can choose.
 */
asks: Array<number>, 
/**
 * Its alarm.
 */
alarm: AlarmView | null, 
/**
 * Which actions are open to me now; the others are absent, not greyed.
 */
may: May, };

/**
 * PagerDuty's id of an incident.
 */
export type PageId = string;

/**
 * What kind of status page it is.
 */
export type PageKind = "status_io" | "statuspage" | "rss";

/**
 * Where a page stands (H20). Never shown as the bare word "resolved".
 */
export type PageStatus = "triggered" | "acknowledged" | "closed";

/**
 * A part that an incident is joined from.
 */
export type Part = { "part": "issue", 
/**
 * Its number.
 */
iid: number, } | { "part": "post", 
/**
 * The page's id of it.
 */
id: string, } | { "part": "page", 
/**
 * PagerDuty's id.
 */
id: PageId, };

/**
 * A past incident, opened.
 */
export type PastIncident = { 
/**
 * Which.
 */
id: number, 
/**
 * Its title.
 */
title: string, 
/**
 * Its severity, as it was known last.
 */
severity: Severity | null, 
/**
 * The phase that the public was told last.
 */
phase: Phase | null, 
/**
 * Since when.
 */
since: string, 
/**
 * When it was over.
 */
ended_at: string | null, 
/**
 * Link of its issue.
 */
issue_url: string | null, 
/**
 * Link of its post on the status page.
 */
post_url: string | null, 
/**
 * The incident manager.
 */
im: string | null, 
/**
 * The engineer on call.
 */
eoc: string | null, 
/**
 * The Slack channel.
 */
channel: string | null, 
/**
 * Everything that happened, oldest first.
 */
line: Array<Moment>, };

/**
 * Kinds of past things.
 */
export type PastKind = "incident" | "update" | "page";

/**
 * A past page, opened.
 */
export type PastPage = { 
/**
 * PagerDuty's id.
 */
id: PageId, 
/**
 * The number people say aloud.
 */
number: number, 
/**
 * The title.
 */
title: string, 
/**
 * Link to PagerDuty.
 */
url: string | null, 
/**
 * The service that raised it.
 */
service: string | null, 
/**
 * When it was triggered.
 */
triggered_at: string, 
/**
 * When it was acknowledged.
 */
answered_at: string | null, 
/**
 * Who acknowledged it, as far as PagerDuty still said.
 */
taken_by: string | null, 
/**
 * Why and when it left.
 */
gone: [Gone, string] | null, 
/**
 * Whether I only watched it.
 */
shadowed: boolean, 
/**
 * Incidents that it called for, by number and title.
 */
incidents: [number, string][], };

/**
 * One past thing in a list.
 */
export type PastRow = { 
/**
 * What it is.
 */
kind: PastKind, 
/**
 * The incident that it is, or is about.
 */
incident: number | null, 
/**
 * PagerDuty's id, of a page.
 */
page: PageId | null, 
/**
 * When it began, was published or was triggered.
 */
at: string, 
/**
 * The incident's severity.
 */
severity: Severity | null, 
/**
 * The phase: of an update, and of an incident the last one.
 */
phase: Phase | null, 
/**
 * The title.
 */
title: string, 
/**
 * An update's text; otherwise what else is known, in a line.
 */
text: string, 
/**
 * Whether it was mine: an update from here, an incident with one, a page that was not only watched.
 */
mine: boolean, };

/**
 * A published update as it is found again later, as an example while writing (H44).
 */
export type PastUpdate = { 
/**
 * The incident it was about.
 */
incident: number, 
/**
 * When it was published.
 */
at: string, 
/**
 * The phase it put the incident into.
 */
phase: Phase, 
/**
 * The incident's title.
 */
title: string, 
/**
 * What customers read.
 */
text: string, 
/**
 * Whether it was published through this Herald, or noted in it by hand.
 */
mine: boolean, };

/**
 * A step to join the rotation.
 */
export type PathStepView = { 
/**
 * What wishes about it name.
 */
key: string, 
/**
 * What is to be done.
 */
text: string, 
/**
 * Where it is done.
 */
link: string | null, 
/**
 * When it was ticked off.
 */
done_at: string | null, };

/**
 * Where a production incident stands, in the order it usually goes through (H30).
 */
export type Phase = "investigating" | "identified" | "monitoring" | "resolved";

/**
 * What a maintenance is planned to be (H60).
 */
export type Plan = { 
/**
 * The title that customers read.
 */
title: string, 
/**
 * What customers read below it.
 */
details: string, 
/**
 * Its issue in the tracker.
 */
issue_url: string | null, 
/**
 * When it is to begin.
 */
starts_at: string, 
/**
 * When it is to end.
 */
ends_at: string, 
/**
 * The components it names, one by one.
 */
components: Array<string>, 
/**
 * Whether the status page starts and ends it by itself.
 */
automation: boolean, 
/**
 * Whether the status page e-mails reminders by itself.
 */
reminds: boolean, };

/**
 * What the window needs of the team's rules.
 */
export type PlaybookView = { 
/**
 * Its name.
 */
name: string, 
/**
 * Minutes to acknowledge (H21).
 */
target_min: number, 
/**
 * Minutes that quiet lasts.
 */
quiet_min: number, 
/**
 * Regions to choose from: name and base URL.
 */
regions: Array<[string, string]>, 
/**
 * The region offered first.
 */
default_region: string, 
/**
 * Where it is told how to make a key.
 */
keys_help: string | null, 
/**
 * Places to open: what each is called, and its address (H110).
 */
places: Array<[string, string]>, 
/**
 * What is typed to call a briefing when a note is not enough (H81); absent where there is none.
 */
briefing: string | null, 
/**
 * The tracker that is offered first: base URL and project.
 */
tracker: [string, string], 
/**
 * The status page that is offered first.
 */
status_page: StatusPage, 
/**
 * The address of Zendesk that is offered first.
 */
zendesk_url: string, 
/**
 * Minutes before an update is due at which the first alarm comes.
 */
lead_min: number, 
/**
 * Minutes of the monitoring period.
 */
monitoring_min: number, 
/**
 * The stages of the duty, and texts to look things up in.
 */
guide: Guide, 
/**
 * Ids of the schedules on which people only shadow, before the user's own word.
 */
shadow_schedules: Array<string>, };

/**
 * The post of an incident on the status page.
 */
export type PostLink = { 
/**
 * The page's id of it.
 */
id: string, 
/**
 * Link.
 */
url: string | null, };

/**
 * What an update does to the incident on the status page (H45).
 */
export type PostStep = "create" | "update" | "monitor" | "resolve";

/**
 * A practice event that took place in Herald's practice world.
 */
export type Practised = { 
/**
 * Names this one event, so that its result is taken in once however often it is handed over.
 */
event: string, 
/**
 * The scenario's short name.
 */
scenario: string, 
/**
 * What it came to.
 */
score: Score, 
/**
 * Whether it was left without an end; the score is of what was done until then.
 */
left_early: boolean, };

/**
 * The fields of the next update before the user touches them (H45).
 */
export type Prefilled = { 
/**
 * What the update does.
 */
step: PostStep, 
/**
 * The title so far.
 */
title: string, 
/**
 * Where the incident stands then.
 */
phase: Phase, 
/**
 * What the components can do then; to be chosen when it is missing.
 */
impact: Impact | null, 
/**
 * The components so far.
 */
components: Array<string>, 
/**
 * Whether the issue has to be linked (H41).
 */
needs_link: boolean, 
/**
 * Whether all broadcast boxes are to be on.
 */
broadcast_all: boolean, 
/**
 * Whether set-status-level is to be on.
 */
set_status_level: boolean, 
/**
 * The rules that apply.
 */
rules: Array<string>, };

/**
 * A promise that was made to the public (H32).
 */
export type Promise = { 
/**
 * Until when the next update was promised.
 */
due_at: string, 
/**
 * When the update that made it was published.
 */
made_at: string, 
/**
 * That update, if it was published from here: the page's own time of it may be another.
 */
made_by: Update | null, 
/**
 * When the user said that it holds, whatever the severity is by now.
 */
confirmed_at: string | null, };

/**
 * That a promise to the public stands on a severity that is graver by now.
 */
export type PromiseDoubt = { 
/**
 * When the next update is due by the promise.
 */
promised_at: string, 
/**
 * When it would be due by the table.
 */
due_at: string, 
/**
 * Minutes between two updates by the table.
 */
every_min: number, };

/**
 * Where an attempt to publish stands, as people see it.
 */
export type PublishingStage = { "kind": "sending" } | { "kind": "reading_back", 
/**
 * How often reading failed.
 */
failures: number, 
/**
 * A first look did not find it; another follows, as it may land late.
 */
lacking: boolean, 
/**
 * Herald cannot look, so the user is asked.
 */
asks: boolean, } | { "kind": "not_seen_yet", 
/**
 * When the page accepted it.
 */
accepted_at: string, };

/**
 * An attempt to publish.
 */
export type PublishingView = { 
/**
 * Which.
 */
id: number, 
/**
 * Where it stands.
 */
stage: PublishingStage, 
/**
 * When the user asked for it.
 */
asked_at: string, 
/**
 * What it says.
 */
text: Text, };

/**
 * Hours in which sounds stay off while I am not on shift; a page on shift always sounds.
 */
export type QuietHours = { 
/**
 * Whether they are in force.
 */
on: boolean, 
/**
 * From this local time.
 */
from: string, 
/**
 * To this local time, the next day when it is earlier.
 */
to: string, };

/**
 * A text to look something up in.
 */
export type Reference = { 
/**
 * Its own name for good.
 */
id: string, 
/**
 * What it is about.
 */
title: string, 
/**
 * Words by which it is found, beside those it says.
 */
words: Array<string>, 
/**
 * What it says; a line for each thought.
 */
text: string, };

/**
 * Why a command is refused: always with the next step.
 */
export type Refusal = "no_such_page" | "over" | "shadow" | "unknown_standing" | "asked_only" | "under_way" | "cannot_save" | "not_saved_yet" | "not_connected" | "target_over" | "no_such_alarm" | "no_such_incident" | "no_title" | "cannot_go_out" | "no_status_page" | "no_tracker" | "no_issue" | "no_slack" | "no_such_task" | "task_locked" | "no_reason" | "shadow_publish" | "unknown_duty" | "moved_on" | "not_yet" | "no_such_shift" | "on_shift" | "no_handover_project" | "already_filed" | "handover_too_long" | "no_handover" | "handover_damaged" | "handover_newer" | "no_such_entry" | "incomplete" | "no_components" | "ends_first" | "far_off" | "begins_in_past" | "on_page_already" | "not_on_page" | "automated" | "not_a_feed" | "automation_off" | "mails_twice" | "amplified" | "by_hand_only" | "too_much" | "no_such_training" | "training_ahead" | "hotkey_bare" | "hotkey_unknown" | "poll_interval" | "volume";

/**
 * Why something cannot be done, with the next step.
 */
export type Refused = { 
/**
 * What stands in the way.
 */
refusal: Refusal, 
/**
 * The same in words.
 */
why: string, };

/**
 * A reminder.
 */
export type Reminder = { 
/**
 * When it comes.
 */
at: string, 
/**
 * What it is about.
 */
kind: ReminderKind, 
/**
 * The time that it is about.
 */
target: string, };

/**
 * What a reminder is about.
 */
export type ReminderKind = "ahead" | "start" | "update" | "finish" | "not_begun" | "not_over";

/**
 * What is answered.
 */
export type Reply = { "answer": "done" } | { "answer": "refused", code: string, message: string, } | { "answer": "hello", 
/**
 * The number of this picture: those that follow are told by what differs from the one before.
 */
nth: number, view: View, now: string, version: string, } | { "answer": "status", view: View, now: string, 
/**
 * Lines of the log that could not be written since the start.
 */
lines_lost: number, } | { "answer": "connected", what: string, token: TokenPlace | null, account: Account | null, } | { "answer": "tested", ms: number, } | { "answer": "updates", found: Array<PastUpdate>, } | { "answer": "history", found: HistoryFound, } | { "answer": "incident", incident: PastIncident | null, } | { "answer": "page", page: PastPage | null, } | { "answer": "kpis", kpis: Kpis | null, } | { "answer": "handover", handover: HandoverText | null, } | { "answer": "chosen", file: string | null, } | { "answer": "playbook", name: string, } | { "answer": "autostart", on: boolean | null, } | { "answer": "scenarios", scenarios: Array<Scenario>, } | { "answer": "event", event: UnderWay | null, } | { "answer": "schedules", schedules: Array<ScheduleChoice>, } | { "answer": "words", words: IssueWords, };

/**
 * A draft that was shown to the incident manager or engineer on call (H43).
 */
export type Review = { 
/**
 * When it was asked for.
 */
asked_at: string, 
/**
 * What was shown.
 */
body: string, 
/**
 * When they said go.
 */
agreed_at: string | null, };

/**
 * As what somebody is on duty.
 */
export type Role = "on_call" | "shadow";

/**
 * Something said in the practice world.
 */
export type Said = { 
/**
 * When.
 */
at: string, 
/**
 * By whom.
 */
who: string, 
/**
 * Where.
 */
channel: string, 
/**
 * What.
 */
text: string, };

/**
 * A scenario that comes with the app.
 */
export type Scenario = { 
/**
 * Its short name, for `Scenario::builtin`.
 */
name: string, 
/**
 * Its title.
 */
title: string, 
/**
 * What it is about.
 */
description: string, 
/**
 * How hard it is.
 */
difficulty: Difficulty, 
/**
 * What the trainee is to bring about.
 */
objective: string, 
/**
 * What it trains, each in a few words.
 */
trains: Array<string>, 
/**
 * How long it takes.
 */
minutes: number, };

/**
 * A schedule of one of my escalation policies.
 */
export type ScheduleChoice = { 
/**
 * PagerDuty's id.
 */
id: string, 
/**
 * Its name.
 */
name: string, 
/**
 * The policies that it feeds.
 */
policies: Array<string>, 
/**
 * Whether I am on it within the coming week.
 */
mine: boolean, };

/**
 * What a practice event came to.
 */
export type Score = { 
/**
 * When it began.
 */
began_at: string, 
/**
 * When it was ended.
 */
ended_at: string, 
/**
 * Each promise of the duty.
 */
kpis: Array<ScoreKpi>, 
/**
 * What happened, and what should have, oldest first.
 */
timeline: Array<ScoreMoment>, };

/**
 * One promise of the duty, measured.
 */
export type ScoreKpi = { 
/**
 * Which.
 */
kind: KpiKind, 
/**
 * How often it was kept.
 */
kept: number, 
/**
 * How often it came up.
 */
of: number, 
/**
 * The longest that anything took, or was late, in seconds; what that is, is for its kind to say.
 */
worst_s: number | null, 
/**
 * What is allowed, in seconds.
 */
limit_s: number | null, 
/**
 * Whether it was met; absent when it did not come up, or could not be seen.
 */
met: boolean | null, };

/**
 * Something that happened, or should have.
 */
export type ScoreMoment = { 
/**
 * When it happened, or was expected at the latest.
 */
at: string, 
/**
 * What, in words.
 */
what: string, 
/**
 * When it was expected at the latest.
 */
due_at: string | null, 
/**
 * Whether it was in time; absent for what was not measured.
 */
good: boolean | null, };

/**
 * What the user answered to the last self-test.
 */
export type SelfTest = { 
/**
 * When it was answered.
 */
at: string, 
/**
 * "I saw the notification."
 */
seen: boolean, 
/**
 * "I heard the sound."
 */
heard: boolean, };

/**
 * Something on its way to the status page.
 */
export type Sending = { 
/**
 * What is told; absent while it is being scheduled.
 */
tell: Tell | null, 
/**
 * The answer was lost; the page is being read.
 */
reading_back: boolean, };

/**
 * What a process was started in.
 */
export type Session = { 
/**
 * The login manager's name for it.
 */
id: string | null, 
/**
 * Where its message bus is.
 */
bus: string | null, 
/**
 * Where its windows are drawn, by Wayland's name or X11's.
 */
wayland: string | null, x11: string | null, 
/**
 * Which file the display's socket is: that of the next login may well have the same name.
 */
display: string | null, };

/**
 * The user's own choices.
 */
export type Settings = { 
/**
 * Seconds between two polls on shift.
 */
poll_interval_s: number, 
/**
 * Shadow mode by the user's own switch (H24).
 */
shadow: boolean, 
/**
 * How each sound is played.
 */
sounds: { [key in Sound]?: SoundChoice }, 
/**
 * Quiet hours.
 */
quiet_hours: QuietHours, 
/**
 * The window's colours.
 */
theme: Theme, 
/**
 * The keys that open Herald from anywhere; none when that is not wanted.
 */
hotkey: string | null, 
/**
 * The last self-test that was answered.
 */
self_test: SelfTest | null, 
/**
 * The user's own word on schedules, over the playbook's: whether people on them only shadow (H24).
 */
shadow_schedules: { [key in string]: boolean }, 
/**
 * Steps to join the rotation that are done, and when (H103).
 */
path_done: { [key in string]: string }, 
/**
 * How far setting Herald up has come; absent when it is not under way.
 */
onboarding: Onboarding | null, 
/**
 * The user's own templates, as they are listed.
 */
templates: Array<OwnTemplate>, };

/**
 * One change of the settings.
 */
export type SettingsPatch = { "set": "poll_interval", 
/**
 * 2 to 60.
 */
seconds: number, } | { "set": "shadow", 
/**
 * On or off.
 */
on: boolean, } | { "set": "sound", 
/**
 * Which.
 */
sound: Sound, 
/**
 * How.
 */
choice: SoundChoice, } | { "set": "quiet_hours", 
/**
 * The new hours.
 */
hours: QuietHours, } | { "set": "theme", 
/**
 * Which.
 */
theme: Theme, } | { "set": "hotkey", 
/**
 * Such as `Ctrl+Alt+U`; none to have none.
 */
keys: string | null, } | { "set": "shadow_schedules", 
/**
 * Whether one does, by PagerDuty's id.
 */
chosen: { [key in string]: boolean }, } | { "set": "onboarding", 
/**
 * The next step; none when it is done or left.
 */
step: Onboarding | null, } | { "set": "templates", 
/**
 * What they are from now on; those without name or text are left out.
 */
templates: Array<OwnTemplate>, };

/**
 * How grave an incident is; the gravest is the smallest (H30).
 */
export type Severity = "s1" | "s2" | "s3" | "s4";

/**
 * Why I only watch.
 */
export type ShadowBanner = { 
/**
 * The reason.
 */
why: ShadowWhy, 
/**
 * Who answers the pages, as far as a page names them.
 */
answers: Array<string>, };

/**
 * Why I only watch.
 */
export type ShadowWhy = "switch" | "schedule" | "read_only_key" | "no_rules" | "shift";

/**
 * A shift: the one that goes on, or one that ended lately.
 */
export type ShiftView = { 
/**
 * Herald's number of it.
 */
id: number, 
/**
 * When it began.
 */
started_at: string, 
/**
 * When it is to end.
 */
ends_at: string | null, 
/**
 * When it ended.
 */
ended_at: string | null, 
/**
 * As what I was on duty.
 */
role: Role, 
/**
 * Whether the user began it.
 */
by_hand: boolean, 
/**
 * Whether no alarm was tested in it yet.
 */
test_due: boolean, 
/**
 * Incidents that have taken long, until that was seen (H82).
 */
long: Array<LongIncident>, 
/**
 * What is handed over.
 */
handover: HandoverView, };

/**
 * What the user wants with shifts and handovers.
 */
export type ShiftWish = { "wish": "start", 
/**
 * As what.
 */
role: Role, 
/**
 * When it is to end.
 */
ends_at: string | null, } | { "wish": "end" } | { "wish": "note", 
/**
 * Which shift.
 */
shift: number, 
/**
 * What was typed.
 */
notes: string, } | { "wish": "write", 
/**
 * Which shift.
 */
shift: number, 
/**
 * What was typed.
 */
text: string, } | { "wish": "anew", 
/**
 * Which shift.
 */
shift: number, } | { "wish": "undo", 
/**
 * Which shift.
 */
shift: number, } | { "wish": "noticed", 
/**
 * Which shift.
 */
shift: number, } | { "wish": "done", 
/**
 * Which shift.
 */
shift: number, 
/**
 * How.
 */
how: HandedBy, } | { "wish": "pass_on", 
/**
 * Which shift.
 */
shift: number, } | { "wish": "not_done", 
/**
 * Which shift.
 */
shift: number, } | { "wish": "file", 
/**
 * Which shift.
 */
shift: number, 
/**
 * The issue's title.
 */
title: string, 
/**
 * What was confirmed.
 */
text: string, } | { "wish": "not_file", 
/**
 * Which shift.
 */
shift: number, } | { "wish": "made_confidential", 
/**
 * Which shift.
 */
shift: number, } | { "wish": "hinted", 
/**
 * Which shift.
 */
shift: number, 
/**
 * Which incident.
 */
incident: number, } | { "wish": "import", 
/**
 * Its handover, as Markdown.
 */
markdown: string, } | { "wish": "taken_over_done" };

/**
 * The state of the tray icon, strongest first.
 */
export type Sign = "page" | "overdue" | "blind" | "due-soon" | "open" | "shadow" | "quiet";

/**
 * The Slack channel that "I intend to…" is sent to (H43). It is only written to, never asked.
 */
export type SlackHook = { 
/**
 * What the user calls it.
 */
channel: string, 
/**
 * Where the webhook's address rests, which is the key.
 */
token: TokenPlace, };

/**
 * A text to copy or a place to open, with fields in braces.
 */
export type Snippet = { 
/**
 * What its button says.
 */
name: string, 
/**
 * The text, or the link.
 */
text: string, };

/**
 * Herald's sounds.
 */
export type Sound = "page" | "due_soon" | "overdue" | "blind";

/**
 * How one sound is played.
 */
export type SoundChoice = { 
/**
 * Loudness in per cent, 10 to 100: an alarm can be soft but not mute.
 */
volume: number, 
/**
 * An own WAV file instead of Herald's sound.
 */
file: string | null, };

/**
 * Where Herald learns things from.
 */
export type SourceName = "pager_duty" | "tracker" | "status_page";

/**
 * The health of a source.
 */
export type SourceView = { 
/**
 * Which.
 */
source: SourceName, 
/**
 * What the source is called.
 */
name: string, 
/**
 * What is shown may be old.
 */
stale: boolean, 
/**
 * The silence is an alarm.
 */
blind: boolean, 
/**
 * The last good answer.
 */
last_good_at: string | null, 
/**
 * The last failure, until an answer comes.
 */
fault: FaultView | null, 
/**
 * Failures in a row.
 */
failures: number, 
/**
 * When it is asked next, when something is wrong.
 */
next_try_at: string | null, 
/**
 * The key was refused: connect again.
 */
key_refused: boolean, 
/**
 * Items that could not be read.
 */
skipped: number, 
/**
 * Seconds between two questions.
 */
interval_s: number, 
/**
 * The alarm of being blind.
 */
alarm: AlarmView | null, };

/**
 * A time; without a bound it is open there. Its end is excluded.
 */
export type Span = { 
/**
 * From then on.
 */
from: string | null, 
/**
 * Until then.
 */
to: string | null, };

/**
 * A stage of the duty, in the order in which they come (H50–H56).
 */
export type Stage = "engage" | "manage" | "monitor" | "resolve";

/**
 * One stage of the playbook.
 */
export type StageRules = { 
/**
 * Which.
 */
id: Stage, 
/**
 * What the team calls it.
 */
name: string, 
/**
 * What is done in it, in its order.
 */
tasks: Array<TaskRules>, };

/**
 * Where an incident stands in the stages of the duty.
 */
export type StagesView = { 
/**
 * The stage it is in.
 */
current: Stage, 
/**
 * Every task of every stage, in the playbook's order.
 */
tasks: Array<TaskView>, 
/**
 * When the user saw it come back.
 */
recurred_at: string | null, 
/**
 * The label that its issue lacks although something was published (H52).
 */
label: LabelView | null, 
/**
 * The search of its tickets, as a link.
 */
tickets_url: string | null, 
/**
 * How many of them nobody has tagged, where Zendesk is connected (H54).
 */
tickets: TicketsView | null, };

/**
 * How I stand to one page (services.md 1.6).
 */
export type Standing = { "kind": "mine" } | { "kind": "shadow", 
/**
 * Why.
 */
why: ShadowWhy, } | { "kind": "unknown", 
/**
 * Why not.
 */
why: UnknownWhy, } | { "kind": "asked" };

/**
 * The status page that customers read.
 */
export type StatusPage = { 
/**
 * Who runs it.
 */
kind: PageKind, 
/**
 * Where it is written to, without a slash at its end.
 */
api_url: string, 
/**
 * Where its public feed is read, without a slash at its end.
 */
feed_url: string, 
/**
 * Where customers read it.
 */
public_url: string, 
/**
 * The page's id at its service.
 */
page_id: string, 
/**
 * Where the key rests; absent when Herald only reads it.
 */
token: TokenPlace | null, };

/**
 * That an incident may be over although nobody said so.
 */
export type StillRunning = { 
/**
 * Since when nothing has changed, or its issue stands so.
 */
since: string, 
/**
 * How its issue stands, if that is why.
 */
issue: IssueStanding | null, };

/**
 * What the shift before handed over to this Herald, beside incidents, contact requests and maintenance.
 */
export type TakenOver = { 
/**
 * When that shift began.
 */
from: string | null, 
/**
 * What its person wrote.
 */
notes: string, 
/**
 * What is left to do.
 */
tasks: Array<string>, };

/**
 * One task of a stage.
 */
export type TaskRules = { 
/**
 * Its own name for good: what is ticked off is kept under it.
 */
id: string, 
/**
 * What is to be done.
 */
text: string, 
/**
 * More about it, in a sentence or two.
 */
help: string | null, 
/**
 * The reference text that explains it.
 */
see: string | null, 
/**
 * What Herald can do, or see, about it.
 */
does: Doing | null, 
/**
 * When it is needed; always when this is missing.
 */
when: When | null, 
/**
 * Tasks that come first, whatever their stage: the gates (H23, H51, H56).
 */
needs: Array<string>, 
/**
 * Whether every other task of its stage comes first (H23).
 */
last: boolean, 
/**
 * Texts and commands to copy, with fields in braces.
 */
copies: Array<Snippet>, 
/**
 * Places to open, with fields in braces.
 */
links: Array<Snippet>, };

/**
 * A task of one incident.
 */
export type TaskView = { 
/**
 * Its id in the playbook, where its words are.
 */
id: string, 
/**
 * Its stage.
 */
stage: Stage, 
/**
 * Its texts to copy, filled, in the playbook's order; absent where something is not known.
 */
copies: Array<string | null>, 
/**
 * Its places to open, filled, in the playbook's order; absent where something is not known.
 */
links: Array<string | null>, } & ({ "mark": "open", 
/**
 * Whether it is the one to do now.
 */
now: boolean, 
/**
 * Until when it lasts by itself, for a watch.
 */
until: string | null, } | { "mark": "locked", 
/**
 * What, in the words of those tasks.
 */
needs: Array<string>, 
/**
 * When it opens by itself, if it does.
 */
opens_at: string | null, } | { "mark": "done", 
/**
 * When.
 */
at: string, 
/**
 * Who said so.
 */
by: By, 
/**
 * What Herald saw; empty where somebody says so.
 */
saw: string, } | { "mark": "skipped", 
/**
 * When.
 */
at: string, 
/**
 * Why.
 */
reason: string, } | { "mark": "not_needed", 
/**
 * Why.
 */
why: string, });

/**
 * What the public is told of a maintenance by hand.
 */
export type Tell = "start" | "update" | "finish";

/**
 * A template, filled for one incident.
 */
export type TemplateView = { 
/**
 * Its id in the playbook.
 */
id: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * Templates of one family are told apart by it.
 */
family: string | null, 
/**
 * The phase it is for; for any when absent.
 */
phase: Phase | null, 
/**
 * What goes into the composer.
 */
text: string, 
/**
 * Whether the user saved it.
 */
own: boolean, };

/**
 * What will be published, word for word.
 */
export type Text = { 
/**
 * The title that customers read.
 */
title: string, 
/**
 * The update itself.
 */
body: string, 
/**
 * The phase it puts the incident into.
 */
phase: Phase, 
/**
 * The status it gives the components; not chosen yet when it is missing.
 */
impact: Impact | null, 
/**
 * The components it names.
 */
components: Array<string>, 
/**
 * Whether the promise in the body becomes the next due time (H32).
 */
promise: boolean, 
/**
 * Channels that are left out, although all are usual (H45).
 */
muted: Array<Broadcast>, };

/**
 * The window's colours.
 */
export type Theme = "system" | "light" | "dark";

/**
 * The untagged tickets of an incident, as far as Zendesk told.
 */
export type TicketsView = { 
/**
 * How many; absent before the first answer.
 */
count: number | null, 
/**
 * When that was told.
 */
at: string | null, 
/**
 * When that is old: two counts were missed.
 */
old_at: string | null, 
/**
 * Why they are not counted now.
 */
fault: string | null, };

/**
 * Where the key rests.
 */
export type TokenPlace = "keychain" | "this_session";

/**
 * What a window is shown. Pictures are numbered, so that it knows whether it has the one before.
 */
export type Told = { "is": "whole", nth: number, now: string, view: View, } | { "is": "since", nth: number, now: string, delta: Delta, };

/**
 * The tracker that is watched for incident issues (H10).
 */
export type Tracker = { 
/**
 * The API's base URL, without a slash at its end.
 */
base_url: string, 
/**
 * The project, as id or path.
 */
project: string, 
/**
 * Who the key belongs to; absent when it is read without one.
 */
user: string | null, 
/**
 * Where the key rests; absent when it is read without one.
 */
token: TokenPlace | null, 
/**
 * Whether the key may label and create issues.
 */
can_write: boolean, };

/**
 * Something that counts as training.
 */
export type Training = { 
/**
 * When it took place.
 */
at: string, 
/**
 * What kind it was.
 */
kind: TrainingKind, 
/**
 * What it was about; may be empty while it is being written.
 */
title: string, 
/**
 * What was learned.
 */
notes: string, 
/**
 * What Herald measured, if it was a practice event in Herald.
 */
practised: Practised | null, };

/**
 * An entry of the log.
 */
export type TrainingCard = { 
/**
 * What wishes about it name.
 */
id: number, 
/**
 * The entry.
 */
training: Training, };

/**
 * Kinds of training (H100).
 */
export type TrainingKind = "tabletop" | "squawk" | "incident" | "practice";

/**
 * Training, as the window shows it.
 */
export type TrainingView = { 
/**
 * The log, newest first.
 */
log: Array<TrainingCard>, 
/**
 * What the quarter is called.
 */
quarter: string, 
/**
 * Events in it so far.
 */
in_quarter: number, 
/**
 * Events that it should have; none while practising.
 */
wanted: number, 
/**
 * The steps to join the rotation (H103).
 */
path: Array<PathStepView>, };

/**
 * What the user wants with the training log.
 */
export type TrainingWish = { "wish": "add", 
/**
 * What is noted.
 */
entry: Training, } | { "wish": "change", 
/**
 * Which.
 */
training: number, 
/**
 * All that is known of it from now on.
 */
entry: Training, } | { "wish": "remove", 
/**
 * Which.
 */
training: number, } | { "wish": "step", 
/**
 * Which, by its key in the playbook.
 */
key: string, 
/**
 * Whether it is done.
 */
done: boolean, };

/**
 * What the window shows of a practice event.
 */
export type UnderWay = { scenario: Scenario, began_at: string, 
/**
 * Whether the scenario has nothing left to bring.
 */
finished: boolean, 
/**
 * What was said, oldest first.
 */
said: Array<Said>, 
/**
 * What it came to, once it is ended.
 */
score: Score | null, 
/**
 * Whether the result is on its way into the training log; absent when no log is to get it.
 */
saved: boolean | null, 
/**
 * Why leaving it now would lose the result.
 */
unkept: string | null, };

/**
 * Why Herald cannot tell.
 */
export type UnknownWhy = "not_looked_up" | "no_entry" | "direct" | "later_level";

/**
 * An update that did not go out.
 */
export type Unsent = { 
/**
 * When that was known.
 */
at: string, 
/**
 * Why, and what to do about it.
 */
why: string, 
/**
 * Somebody was faster, and Herald did not send it: what the page said instead.
 */
overtaken: Overtaken | null, };

/**
 * One published update.
 */
export type Update = { 
/**
 * When it was published: what the cadence counts from, whoever posted it (H31).
 */
at: string, 
/**
 * The phase it put the incident into; absent when the page does not say it in words that Herald knows, and nothing
 * earlier did.
 */
phase: Phase | null, 
/**
 * The status it gave its components; absent when the page uses a word that Herald does not know.
 */
impact: Impact | null, 
/**
 * What customers read.
 */
text: string, 
/**
 * Whether it was published through this Herald, or noted in it by hand.
 */
mine: boolean, };

/**
 * What the text says about the next update (H32).
 */
export type UpdatePromise = { 
/**
 * When the update is then due; in the past when a time of day has gone by.
 */
due: string, 
/**
 * The words that say so, as they are written.
 */
words: string, };

/**
 * How near the due time is.
 */
export type Urgency = "later" | "soon" | "over";

/**
 * How one thing was judged.
 */
export type Verdict = "kept" | "missed" | "waiting";

/**
 * Everything that the window draws.
 */
export type View = { 
/**
 * Real or practice.
 */
mode: Mode, 
/**
 * The sign of the tray, repeated in the window's bar.
 */
sign: Sign, 
/**
 * Whether signs are drawn hollow (shadow, practice).
 */
hollow: boolean, 
/**
 * Why I only watch, when I do.
 */
shadow: ShadowBanner | null, 
/**
 * The connected account.
 */
account: Account | null, 
/**
 * My on-call times.
 */
duty: DutyView, 
/**
 * The shift that goes on, and those that ended lately, newest first.
 */
shifts: Array<ShiftView>, 
/**
 * What the shift before handed over.
 */
taken_over: TakenOver | null, 
/**
 * Open pages, in the order in which they need somebody.
 */
pages: Array<PageCard>, 
/**
 * Open pages beyond those in `pages`.
 */
pages_more: number, 
/**
 * Incidents that are going on, in a stable order.
 */
incidents: Array<IncidentCard>, 
/**
 * Incidents that are over and leave something to do or an unsent text, in a stable order.
 */
wrapping: Array<IncidentCard>, 
/**
 * Incidents that were over lately, newest first.
 */
ended: Array<EndedIncident>, 
/**
 * How what was written ended.
 */
writes: Writes, 
/**
 * Everything that can be chosen in an update.
 */
components: Array<Component>, 
/**
 * The tracker that is watched.
 */
tracker: Tracker | null, 
/**
 * The status page that is watched, and written to.
 */
status_page: StatusPage | null, 
/**
 * The Slack channel that "I intend to…" can be sent to.
 */
slack: SlackHook | null, 
/**
 * The Zendesk whose tickets are counted.
 */
zendesk: ZendeskView | null, 
/**
 * Contact requests and maintenance.
 */
ledger: LedgerView, 
/**
 * Pages that left in the last hour, newest first.
 */
left: Array<LeftPage>, 
/**
 * PagerDuty's health.
 */
source: SourceView, 
/**
 * The health of each feed that is connected.
 */
feeds: Array<SourceView>, 
/**
 * The health of each channel that was used.
 */
channels: Array<ChannelView>, 
/**
 * Why nothing can be saved.
 */
store_fault: string | null, 
/**
 * What the user must be told about this start.
 */
notices: Array<string>, 
/**
 * A test alarm is up.
 */
testing: boolean, 
/**
 * The user's choices.
 */
settings: Settings, 
/**
 * The training log.
 */
training: TrainingView, 
/**
 * What the window needs of the team's rules.
 */
playbook: PlaybookView, };

/**
 * When a task is needed at all.
 */
export type When = "paged" | "public";

/**
 * Which incident a page is for, as far as Herald can tell.
 */
export type Whose = { "whose": "known", 
/**
 * Herald's number of it.
 */
incident: number, 
/**
 * What it is called.
 */
title: string, 
/**
 * When it was over, if it is: its page may well be open still.
 */
over_at: string | null, } | { "whose": "several", 
/**
 * How many.
 */
incidents: number, } | { "whose": "nobody" };

/**
 * Writes, as whoever waits for one needs to know them.
 */
export type Writes = { 
/**
 * The number that the next attempt about a page gets.
 */
next_job: number, 
/**
 * The number that the next attempt to publish gets.
 */
next_publication: number, 
/**
 * What ended lately in this run, oldest first.
 */
ended: Array<EndedWrite>, };

/**
 * The Zendesk that is connected.
 */
export type ZendeskView = { 
/**
 * Its address.
 */
base_url: string, 
/**
 * The agent whose key it is.
 */
email: string, 
/**
 * Where the key rests.
 */
token: TokenPlace, 
/**
 * The last failure, until an answer comes.
 */
fault: FaultView | null, 
/**
 * The key was refused: connect again.
 */
key_refused: boolean, };
