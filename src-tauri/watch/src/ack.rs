//! `herald ack ID`: one page, acknowledged from a terminal, with PagerDuty's answer awaited.

use std::path::Path;
use std::time::Duration;

use herald_core::ended::EndedHow;
use herald_core::state::Mode;
use herald_core::{Command, PageId, Refusal, View};
use herald_engine::{Herald, Options};
use tokio::runtime::Handle;

use crate::cli::{Outcome, complain, runtime, say};
use crate::control;
use crate::desktop::NoDesktop;
use crate::door::{Ask, Reply};
use crate::{answers, folder};

/// Longest id or number of a page; PagerDuty's have 14 signs.
const ID_MAX: usize = 16;
/// Longest wait for PagerDuty: the request, and reading back if its answer is lost.
const ANSWER_MAX: Duration = Duration::from_secs(45);
/// Pause between two looks at what is true.
const LOOK_EVERY: Duration = Duration::from_millis(100);

pub(crate) fn run(folder: &Path, named: &str, answer_here: bool) -> anyhow::Result<Outcome> {
    let tokio = runtime()?;
    let link = Link::open(folder, tokio.handle())?;
    tokio
        .block_on(async { tokio::time::timeout(ANSWER_MAX, acknowledge(&link, named, answer_here)).await })
        .unwrap_or_else(|_| {
            complain("PagerDuty's answer is not known. Look at the page there.");
            Ok(Outcome::Unknown)
        })
}

/// The Herald that runs, or one of our own for the length of a command.
pub(crate) enum Link {
    Running(std::path::PathBuf),
    Own(Box<Herald>, #[expect(dead_code, reason = "held until the command ends")] folder::Locked),
}

impl Link {
    /// Finds the running Herald, or starts one without a screen.
    pub fn open(folder: &Path, tokio: &Handle) -> anyhow::Result<Self> {
        match folder::lock(folder)? {
            Some(locked) => {
                let options =
                    Options { folder: folder.to_owned(), mode: Mode::Real, world: None, waits: Options::COMMAND_WAITS };
                let herald = Herald::start(options, Box::new(NoDesktop), tokio.clone());
                // Nobody else will see what this short life was told.
                herald.shown().view.notices.iter().for_each(|notice| complain(notice));
                Ok(Self::Own(Box::new(herald), locked))
            }
            None => Ok(Self::Running(folder.to_owned())),
        }
    }

    pub async fn ask(&self, ask: Ask) -> anyhow::Result<Reply> {
        match self {
            Self::Running(folder) => {
                let reply = control::ask(folder, &ask).await?;
                reply.ok_or_else(|| anyhow::anyhow!("a Herald runs in {} but does not answer", folder.display()))
            }
            Self::Own(herald, _) => {
                let lasts = matches!(ask, Ask::Command { .. } | Ask::Connect { .. });
                let reply = answers::without_screen(herald, ask).await;
                // What is only in memory ends with this command.
                let fault = herald.shown().view.store_fault.clone().filter(|_| lasts);
                match fault {
                    Some(fault) if matches!(reply, Reply::Done | Reply::Connected { .. }) => {
                        Ok(Reply::failed(format!("Nothing was kept: {fault}.")))
                    }
                    Some(_) | None => Ok(reply),
                }
            }
        }
    }

    pub async fn view(&self) -> anyhow::Result<View> {
        let reply = self.ask(Ask::Status).await?;
        let Reply::Status { view, .. } = reply else { anyhow::bail!("the running Herald answered {reply:?}") };
        Ok(*view)
    }

    /// What is true once PagerDuty has answered, or has surely not.
    pub async fn settled_view(&self) -> anyhow::Result<View> {
        loop {
            let view = self.view().await?;
            let answered = !view.source.stale && (view.duty.known_at.is_some() || view.duty.fault.is_some());
            if view.account.is_none() || answered || view.source.failures >= 3 || view.source.key_refused {
                return Ok(view);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

async fn acknowledge(link: &Link, named: &str, answer_here: bool) -> anyhow::Result<Outcome> {
    let view = link.settled_view().await?;
    if view.account.is_none() {
        complain(Refusal::NotConnected.message());
        return Ok(Outcome::Refused);
    }
    if let Some(fault) = &view.source.fault {
        complain(&format!("Not acknowledged: {}. {}", fault.reason, fault.next_step));
        return Ok(Outcome::Refused);
    }
    let Some((page, triggered_at)) = find_page(&view, named) else {
        // What cannot be an id or number may be a key, and is not repeated.
        let short = named.len() <= ID_MAX && named.chars().all(|c| c.is_ascii_alphanumeric());
        let which = if short { format!(" \"{named}\"") } else { " of that id or number".into() };
        complain(&format!("There is no open page{which} among yours. `herald status` lists them."));
        return Ok(Outcome::Refused);
    };
    if answer_here {
        link.ask(Ask::Command { command: Command::AnswerHere { page: page.clone(), triggered_at } }).await?;
    }
    let before = view.writes.clone();
    let command = Command::Acknowledge { page: page.clone(), triggered_at };
    if let Reply::Refused { message, .. } = link.ask(Ask::Command { command }).await? {
        complain(&message);
        return Ok(Outcome::Refused);
    }
    loop {
        let view = link.view().await?;
        let card = view.pages.iter().find(|card| card.id == page);
        if let Some(ended) = view.writes.of_page(&page, &before) {
            let title =
                card.map_or_else(|| page.to_string(), |card| format!("{} #{} {}", card.id, card.number, card.title));
            return Ok(match ended.how {
                EndedHow::Done | EndedHow::ByWord => {
                    say(&format!("Acknowledged: {title}"));
                    Outcome::Done
                }
                EndedHow::Overtaken | EndedHow::Refused => {
                    complain(&ended.says);
                    Outcome::Refused
                }
                EndedHow::Unknown => {
                    complain(&ended.says);
                    Outcome::Unknown
                }
            });
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// The page and trigger that somebody means by PagerDuty's id or by its number.
fn find_page(view: &View, named: &str) -> Option<(PageId, herald_core::Time)> {
    let named = named.trim().trim_start_matches('#');
    let page = view.pages.iter().find(|page| page.id.as_str() == named || page.number.to_string() == named)?;
    Some((page.id.clone(), page.triggered_at))
}
