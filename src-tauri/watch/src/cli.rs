//! The command line: what can be asked, and what each answer means to a script.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use herald_core::{Command, SettingsPatch};
use herald_engine::playbook;

use crate::ack::Link;
use crate::door::{Ask, NO_WINDOW, Reply};
use crate::{ack, autostart, connect, doctor, folder, handover, incidents, past, practice, start, status, usage};

/// What a command came to. The numbers are part of Herald's interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It did what was asked.
    Done = 0,
    /// It failed; the message says why. (2 is clap's, for words it does not know.)
    Failed = 1,
    /// No Herald runs here, or there is no display to show it on.
    NotHere = 3,
    /// Herald refused, and nothing was written.
    Refused = 4,
    /// It may or may not have happened; look at PagerDuty.
    Unknown = 5,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(outcome as u8)
    }
}

/// Herald keeps watch over pages and public updates for the Communications Manager on Call.
///
/// Without a command it starts, or shows the one that runs. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no Herald or
/// no display, 4 refused and nothing written, 5 unknown whether it happened.
#[derive(Parser)]
#[command(name = "herald", version, max_term_width = 100)]
struct Cli {
    /// Where data is kept; another folder is another Herald.
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Start in the tray without showing the window.
    #[arg(long)]
    hidden: bool,
    #[command(subcommand)]
    command: Option<Commands>,
}

#[derive(Subcommand)]
enum Commands {
    /// Say what is true now: pages, on-call times, health.
    Status(Format),
    /// Acknowledge a page, by PagerDuty's id or by its number, and wait for PagerDuty's answer.
    Ack {
        /// The id, such as PT4KHLK, or the number, such as 1234.
        id: String,
        /// I answer this page, though Herald cannot tell whose it is.
        #[arg(long)]
        answer_here: bool,
    },
    /// Change a setting.
    Set {
        #[command(subcommand)]
        setting: Setting,
    },
    /// Practise on this computer: the whole app against a make-believe PagerDuty.
    Practice(Practice),
    /// Check what works and what is missing: network, keychain, notifications, sound, tray.
    Doctor(Format),
    /// Open the composer of an incident's next update; of the one that is due next without a number.
    Draft {
        /// The number, as `herald incidents` shows it.
        incident: Option<i64>,
    },
    /// Say which incidents are going on, and when each one's next update is due.
    Incidents(Format),
    /// Publish the draft of an incident, exactly as it stands.
    Publish {
        /// The number, as `herald incidents` shows it; the one that is due next otherwise.
        incident: Option<i64>,
        /// Only show what would go out, where, and what is wrong with it.
        #[arg(long)]
        dry_run: bool,
        /// Publish although something wants to be confirmed.
        #[arg(long, conflicts_with = "dry_run")]
        confirm: bool,
    },
    /// Print the handover of the shift; works at any moment, without network or display.
    Handover {
        /// Save it in this file instead; that counts as handed over.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Take over what another Herald handed over.
        #[arg(long, value_name = "FILE", conflicts_with = "out")]
        import: Option<PathBuf>,
    },
    /// Connect a service; its key is read from standard input.
    Connect {
        #[command(subcommand)]
        service: Service,
    },
    /// Say how the duty was kept: the six key figures of a shift, a quarter or any time.
    Kpi(past::Kpi),
    /// Write out what was kept: incidents, updates, pages, shifts, requests, maintenance, training.
    Export(past::Export),
    /// Look at the team's rules.
    Playbook {
        #[command(subcommand)]
        action: PlaybookAction,
    },
}

#[derive(Args)]
struct Format {
    /// As JSON, for scripts.
    #[arg(long)]
    json: bool,
}

/// How to practise.
#[derive(Args)]
pub(crate) struct Practice {
    /// Which scenario; `herald practice --list` names them. A file ending in .toml is read as one.
    pub scenario: Option<String>,
    /// How fast it runs; 2 is twice as fast.
    #[arg(long, default_value_t = 1.0)]
    pub speed: f64,
    /// Serve the make-believe PagerDuty alone, without the app, and print where it is as JSON.
    #[arg(long)]
    pub serve: bool,
    /// The port to serve on; any free one otherwise.
    #[arg(long)]
    pub port: Option<u16>,
    /// List the scenarios: how hard each is, and what it trains.
    #[arg(long)]
    pub list: bool,
    /// Check a scenario file: play it through without a window, and say line, key and what is allowed.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["scenario", "serve", "list"])]
    pub check: Option<PathBuf>,
    /// The data folder whose training log gets the result; the usual one otherwise.
    #[arg(long, value_name = "DIR")]
    pub log_to: Option<PathBuf>,
}

/// What can be connected.
#[derive(Subcommand)]
pub(crate) enum Service {
    /// PagerDuty: `herald connect pagerduty < token`.
    Pagerduty(ConnectPagerDuty),
    /// GitLab's issues: `herald connect gitlab < token`.
    Gitlab(ConnectTracker),
    /// A status page at Status.io: two lines on standard input, the API id and the API key.
    Statusio(ConnectStatusPage),
    /// A status page at Atlassian Statuspage: `herald connect statuspage < key`.
    Statuspage(ConnectStatusPage),
    /// A status page of which only the RSS or Atom feed can be read: no key, and updates are published by hand.
    Rss(ConnectRss),
    /// A Slack channel for "I intend to…": `herald connect slack < webhook-url`.
    Slack(ConnectSlack),
    /// Zendesk, where tickets are counted: `herald connect zendesk --email ADDRESS < api-token`.
    Zendesk(ConnectZendesk),
}

/// Which tracker to watch.
#[derive(Args)]
pub(crate) struct ConnectTracker {
    /// The API's address, such as https://gitlab.com/api/v4; the playbook's otherwise.
    #[arg(long)]
    pub url: Option<String>,
    /// The project, as number or path; the playbook's otherwise.
    #[arg(long)]
    pub project: Option<String>,
    /// Read what is public, without a key.
    #[arg(long)]
    pub without_key: bool,
}

/// Which status page to watch, and to write to.
#[derive(Args)]
pub(crate) struct ConnectStatusPage {
    /// The API's address; the playbook's otherwise.
    #[arg(long)]
    pub url: Option<String>,
    /// The address of its public feed; the playbook's otherwise.
    #[arg(long)]
    pub feed_url: Option<String>,
    /// Where customers read it; the playbook's otherwise.
    #[arg(long)]
    pub public_url: Option<String>,
    /// The page's id; the playbook's otherwise.
    #[arg(long)]
    pub page: Option<String>,
    /// Only read it, without a key.
    #[arg(long)]
    pub without_key: bool,
}

/// Which feed to watch.
#[derive(Args)]
pub(crate) struct ConnectRss {
    /// The feed's address, as feed readers take it.
    #[arg(long)]
    pub feed_url: String,
    /// Where customers read the page; the feed's server otherwise.
    #[arg(long)]
    pub public_url: Option<String>,
}

/// Which Slack channel to send to.
#[derive(Args)]
pub(crate) struct ConnectSlack {
    /// What the channel is called, such as "#incident"; only shown.
    #[arg(long, value_name = "NAME", default_value = "Slack")]
    pub channel: String,
}

/// Which Zendesk to count tickets in, and as whom.
#[derive(Args)]
pub(crate) struct ConnectZendesk {
    /// Its address, such as https://example.zendesk.com; the playbook's otherwise.
    #[arg(long)]
    pub url: Option<String>,
    /// The e-mail address of the agent whose key it is.
    #[arg(long, value_name = "ADDRESS")]
    pub email: String,
}

/// Where and as whom to connect.
#[derive(Args)]
pub(crate) struct ConnectPagerDuty {
    /// The API's address: https, or http on this computer.
    #[arg(long, conflicts_with = "region")]
    pub url: Option<String>,
    /// The region, as the playbook names it.
    #[arg(long)]
    pub region: Option<String>,
    /// Whose pages to watch; needed with an account key.
    #[arg(long)]
    pub email: Option<String>,
}

#[derive(Subcommand)]
enum Setting {
    /// Seconds between two polls on shift, 2 to 60.
    PollInterval {
        /// How many.
        seconds: u32,
    },
    /// Shadow mode, in which Herald writes nothing to anybody.
    Shadow {
        /// `on` or `off`.
        state: Switch,
    },
    /// Whether Herald starts with the desktop, in the tray.
    Autostart {
        /// `on` or `off`.
        state: Switch,
    },
    /// The keys that open Herald from anywhere.
    Hotkey {
        /// Such as Ctrl+Alt+U, or `off`.
        keys: String,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Switch {
    On,
    Off,
}

#[derive(Subcommand)]
enum PlaybookAction {
    /// Check a playbook file; says file, line, key and what is allowed.
    Check {
        /// The file.
        file: PathBuf,
    },
    /// Print the rules in force, the user's file laid over the default.
    Show,
}

/// Runs the program inside the app that owns the main thread.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn main_around(app: crate::native::App) -> ExitCode {
    crate::native::inside(app);
    main()
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return wrong_usage(&error),
    };
    match dispatch(cli) {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            complain(&format!("herald: {error:#}"));
            Outcome::Failed.into()
        }
    }
}

/// Says what is wrong with the words that were given. What may be a key among them is not repeated: it would stay on the
/// screen, and in the logs of whatever started Herald.
fn wrong_usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        error.exit();
    }
    let given: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    complain(usage::without_secrets(&error.to_string(), &given).trim_end());
    ExitCode::from(2)
}

fn dispatch(cli: Cli) -> anyhow::Result<Outcome> {
    let folder = || folder::resolve(cli.data_dir.clone());
    match cli.command {
        None => start::start(folder()?, !cli.hidden),
        Some(Commands::Status(format)) => status::run(&folder()?, format.json),
        Some(Commands::Ack { id, answer_here }) => ack::run(&folder()?, &id, answer_here),
        Some(Commands::Set { setting }) => set(&folder()?, &setting),
        Some(Commands::Practice(practice)) => practice::run(practice, cli.data_dir),
        Some(Commands::Doctor(format)) => doctor::run(&folder()?, format.json),
        Some(Commands::Draft { incident }) => incidents::draft(&folder()?, incident),
        Some(Commands::Incidents(format)) => incidents::list(&folder()?, format.json),
        Some(Commands::Publish { incident, dry_run, confirm }) => {
            incidents::publish(&folder()?, incident, dry_run, confirm)
        }
        Some(Commands::Handover { import: Some(file), .. }) => handover::import(&folder()?, &file),
        Some(Commands::Handover { out, import: None }) => handover::write(&folder()?, out.as_deref()),
        Some(Commands::Connect { service }) => connect::run(&folder()?, service),
        Some(Commands::Kpi(kpi)) => past::kpi(&folder()?, &kpi),
        Some(Commands::Export(export)) => past::export(&folder()?, &export),
        Some(Commands::Playbook { action }) => match action {
            PlaybookAction::Check { file } => check_playbook(&file),
            PlaybookAction::Show => show_playbook(&folder()?),
        },
    }
}

fn set(folder: &std::path::Path, setting: &Setting) -> anyhow::Result<Outcome> {
    let patch = match setting {
        Setting::PollInterval { seconds } => SettingsPatch::PollInterval { seconds: *seconds },
        Setting::Shadow { state } => SettingsPatch::Shadow { on: *state == Switch::On },
        Setting::Hotkey { keys } => {
            let off = keys.trim().eq_ignore_ascii_case("off");
            SettingsPatch::Hotkey { keys: (!off).then(|| keys.clone()) }
        }
        // The desktop keeps it, so that it needs no Herald.
        Setting::Autostart { state } => {
            autostart::set(*state == Switch::On, folder).map_err(anyhow::Error::msg)?;
            return Ok(Outcome::Done);
        }
    };
    let tokio = runtime()?;
    let link = Link::open(folder, tokio.handle())?;
    Ok(obeyed(tokio.block_on(link.ask(Ask::Command { command: Command::Set { patch } }))?))
}

/// What became of a command; a refusal is said.
pub(crate) fn obeyed(reply: Reply) -> Outcome {
    let Reply::Refused { code, message } = reply else { return Outcome::Done };
    complain(&message);
    if code == NO_WINDOW { Outcome::NotHere } else { Outcome::Refused }
}

fn check_playbook(file: &std::path::Path) -> anyhow::Result<Outcome> {
    match playbook::read(file) {
        Ok(playbook) => {
            say(&format!("{}: a sound playbook, \"{}\"", file.display(), playbook.name));
            Ok(Outcome::Done)
        }
        Err(error) => {
            complain(&error.to_string());
            Ok(Outcome::Failed)
        }
    }
}

fn show_playbook(folder: &std::path::Path) -> anyhow::Result<Outcome> {
    let own = folder.join(playbook::FILE);
    let playbook = if own.exists() { playbook::read(&own)? } else { playbook::default() };
    let origin =
        if own.exists() { format!("the default, with {} laid over it", own.display()) } else { "the default".into() };
    say(&format!("# {origin}\n{}", toml::to_string_pretty(&playbook).context("the playbook cannot be printed")?));
    Ok(Outcome::Done)
}

/// What waits runs on this: few threads, as Herald waits much and computes little. It is never taken down: a thread
/// that hangs in a name server or a sound system would keep the process from ending.
pub(crate) fn runtime() -> anyhow::Result<&'static tokio::runtime::Runtime> {
    threads(2, "desktop")
}

/// What a Herald that watches asks of other computers runs on one thread: two would wake each other at each poll, and there
/// neither desktop nor disk can hold it up.
pub(crate) fn outward() -> anyhow::Result<&'static tokio::runtime::Runtime> {
    threads(1, "outward")
}

fn threads(count: usize, name: &str) -> anyhow::Result<&'static tokio::runtime::Runtime> {
    let tokio = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(count)
        .thread_name(name)
        .max_blocking_threads(8)
        .enable_all()
        .build()
        .context("no threads can be started")?;
    Ok(Box::leak(Box::new(tokio)))
}

/// Prints to standard output; a closed pipe is no failure.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints to standard error.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// The commands of the guide are those that there are.
    const GUIDE: &str = include_str!("../../../docs/guide.md");

    #[test]
    fn the_guide_names_every_command_and_no_other() {
        let parts = |ticks: &str| GUIDE.split(ticks).map(str::to_owned).collect::<Vec<_>>();
        let blocks = parts("```").into_iter().skip(1).step_by(2).map(|it| it.replace("\\\n", ""));
        let lines = blocks.flat_map(|it| it.lines().map(str::to_owned).collect::<Vec<_>>());
        let plain: String = parts("```").into_iter().step_by(2).collect();
        let spans = plain.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
        let named: Vec<String> =
            lines.chain(spans).filter(|it| it.starts_with("herald ") && !it.contains('…')).collect();
        assert!(named.len() > 30, "{named:?}");
        for command in &named {
            let parsed = Cli::try_parse_from(words(command));
            assert!(parsed.is_ok(), "{command}: {:?}", parsed.err().map(|it| it.to_string()));
        }
        for command in Cli::command().get_subcommands() {
            let begins = format!("herald {}", command.get_name());
            assert!(named.iter().any(|it| it.starts_with(&begins)), "{begins} is not in the guide");
        }
    }

    /// A command as it could be typed: with what may be left out, the first of what there is to choose from, and something
    /// in the place of names.
    fn words(command: &str) -> Vec<String> {
        let command = command.split(" < ").next().and_then(|it| it.split("   # ").next()).unwrap_or_default();
        let mut whole = String::new();
        for (nth, part) in command.replace("\\|", "|").split(['[', ']']).enumerate() {
            whole.push_str(if nth % 2 == 1 { part.split(" | ").next().unwrap_or_default() } else { part });
        }
        let typed = |word: &str| match word.split('|').next().unwrap_or_default() {
            "DATE" => "2026-10-01".to_owned(),
            "SECONDS" | "NUMBER" | "ID" | "N" => "10".to_owned(),
            word => word.to_owned(),
        };
        whole.split_whitespace().map(typed).collect()
    }
}
