//! What the running Herald answers: each question of the door, led to whoever knows.

use std::path::Path;

use herald_core::shift::{HandedBy, ShiftId, ShiftWish};
use herald_core::state::Channel;
use herald_core::{Command, SettingsPatch, View};
use herald_engine::clock::wall_now;
use herald_engine::store::StoreError;
use herald_engine::{Connected, Herald, files, playbook};
use herald_practice::builtin_scenarios;

use crate::app::Running;
use crate::control::Answers;
use crate::door::{Ask, Reply};
use crate::window::{Goto, Window};
use crate::{autostart, clipboard, handover, logs, practice, sound};

impl Answers for Running {
    fn window(&self) -> &Window {
        &self.channels.window
    }

    async fn answer(&self, ask: Ask) -> Reply {
        match ask {
            Ask::Show { token } => self.channels.window.show(None, token.into()).await,
            Ask::ShowPage { page, token } => {
                self.channels.window.show(Some(Goto::page(page, false)), token.into()).await
            }
            Ask::Compose { incident, token } => {
                let next = || Goto::next_update(&self.herald.shown().view);
                let goto = incident.map_or_else(next, |id| Goto::incident(id, true));
                self.channels.window.show(Some(goto), token.into()).await
            }
            #[cfg(target_os = "linux")]
            Ask::Succeed { session } => self.give_way_to(&session).await,
            Ask::Check => {
                self.channels.notifier.check().await;
                self.herald.channel_seen(Channel::Sound, sound::look().await);
                Reply::Done
            }
            Ask::Copy { text } => beside(move || copy(&text)).await,
            Ask::Play { sound } => {
                let volume = self.herald.shown().view.settings.sound(sound).volume;
                done(self.channels.speaker.trial(sound, volume).await)
            }
            Ask::Autostart => beside(|| Reply::Autostart { on: autostart::is_on() }).await,
            Ask::SetAutostart { on } => {
                let folder = self.folder.clone();
                beside(move || done(autostart::set(on, &folder))).await
            }
            Ask::Browse { url } => {
                let shown = self.herald.shown();
                beside(move || done(open_link(&shown.view, &url))).await
            }
            Ask::AdoptPlaybook { file } => self.beside_folder(move |folder| adopt(&file, folder)).await,
            Ask::Scenarios => {
                let all =
                    |folder: &Path| builtin_scenarios().into_iter().chain(practice::own_scenarios(folder)).collect();
                self.beside_folder(move |folder| Reply::Scenarios { scenarios: all(folder) }).await
            }
            Ask::Practise { scenario } => {
                self.beside_folder(move |folder| match practice::spawn(folder, scenario.as_deref()) {
                    Ok(()) => Reply::Done,
                    Err(error) => Reply::failed(format!("The practice world did not start: {error}")),
                })
                .await
            }
            Ask::PracticeEvent => Reply::Event { event: self.playing.as_ref().map(|playing| playing.told()) },
            Ask::EndPractice => match &self.playing {
                Some(playing) => match playing.end(&self.herald).await {
                    Ok(event) => Reply::Event { event: Some(event) },
                    Err(message) => Reply::failed(message),
                },
                None => Reply::failed("This is not a practice event."),
            },
            Ask::LeavePractice => {
                if self.playing.is_some() {
                    self.channels.window.quit();
                }
                Reply::Done
            }
            ask @ Ask::Command { .. } => {
                let chosen = if let Ask::Command { command } = &ask { chooses_keys(command) } else { false };
                let reply = without_screen(&self.herald, ask).await;
                if chosen {
                    self.channels.hotkey.try_again();
                }
                reply
            }
            ask @ (Ask::Attach { .. }
            | Ask::Hello
            | Ask::Drawn
            | Ask::Choose { .. }
            | Ask::StartWatch
            | Ask::Status
            | Ask::Connect { .. }
            | Ask::Intend { .. }
            | Ask::Test
            | Ask::SearchUpdates { .. }
            | Ask::SearchHistory { .. }
            | Ask::PastIncident { .. }
            | Ask::PastPage { .. }
            | Ask::Kpis { .. }
            | Ask::Export { .. }
            | Ask::Handover { .. }
            | Ask::SaveHandover { .. }
            | Ask::ImportHandover { .. }
            | Ask::Schedules
            | Ask::IssueWords { .. }) => without_screen(&self.herald, ask).await,
        }
    }
}

impl Running {
    async fn beside_folder(&self, work: impl FnOnce(&Path) -> Reply + Send + 'static) -> Reply {
        let folder = self.folder.clone();
        beside(move || work(&folder)).await
    }
}

/// Answers everything that needs no screen; also what a one-shot Herald on the command line answers itself.
pub(crate) async fn without_screen(herald: &Herald, ask: Ask) -> Reply {
    match ask {
        Ask::Status => {
            let shown = herald.shown();
            Reply::Status { view: Box::new(shown.view.clone()), now: shown.now, lines_lost: logs::lost() }
        }
        Ask::Command { command } => match herald.command(command).await {
            Ok(()) => Reply::Done,
            Err(refusal) => refusal.into(),
        },
        Ask::Connect { to } => match herald.connect_any(to.into(), true).await {
            Ok(connected) => {
                let (what, token) = (connected.words(), connected.token());
                let account = if let Connected::PagerDuty(account) = connected { Some(account) } else { None };
                Reply::Connected { what, token, account }
            }
            Err(error) => Reply::coded(error.code, error.message),
        },
        Ask::Intend { incident } => herald.intend(incident).await.map_or_else(Reply::from, |_| Reply::Done),
        Ask::Test => match herald.test_account().await {
            Ok(took) => Reply::Tested { ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX) },
            Err(fault) => Reply::failed(format!("{}. {}", fault.reason(), fault.next_step())),
        },
        Ask::Schedules => match herald.schedules().await {
            Ok(schedules) => Reply::Schedules { schedules },
            Err(fault) => Reply::failed(format!("{}. {}", fault.reason(), fault.next_step())),
        },
        Ask::IssueWords { link } => match herald.issue_words(&link).await {
            Ok(words) => Reply::Words { words },
            Err(error) => Reply::failed(error.to_string()),
        },
        Ask::Handover { shift } => Reply::Handover { handover: herald.handover(shift).await },
        Ask::SaveHandover { shift, file } => save_handover(herald, shift, &file).await,
        Ask::ImportHandover { file } => import_handover(herald, &file).await,
        Ask::SearchUpdates { query } => match herald.search_updates(query).await {
            Ok(found) => Reply::Updates { found },
            Err(error) => Reply::failed(format!("Past updates cannot be read: {error}.")),
        },
        Ask::SearchHistory { query } => {
            read(herald.past(move |past| past.search(&query)).await, |found| Reply::History { found })
        }
        Ask::PastIncident { incident } => {
            let found = herald.past(move |past| past.incident(incident)).await;
            read(found, |incident| Reply::Incident { incident: incident.map(Box::new) })
        }
        Ask::PastPage { page, at } => {
            let found = herald.past(move |past| past.page(&page, at)).await;
            read(found, |page| Reply::Page { page: page.map(Box::new) })
        }
        Ask::Kpis { of } => {
            let counted = herald.past(move |past| past.kpis(of, wall_now())).await;
            read(counted, |kpis| Reply::Kpis { kpis: kpis.map(Box::new) })
        }
        Ask::Export { span, format, file } => {
            let text = herald.past(move |past| past.export(span, format, wall_now())).await;
            match text {
                Ok(text) => beside(move || save(&file, &text)).await,
                Err(error) => read(Err(error), |()| Reply::Done),
            }
        }
        #[cfg(target_os = "linux")]
        Ask::Succeed { .. } => Reply::failed("This is no Herald that watches."),
        Ask::Attach { .. }
        | Ask::Hello
        | Ask::Drawn
        | Ask::Choose { .. }
        | Ask::Show { .. }
        | Ask::ShowPage { .. }
        | Ask::Compose { .. }
        | Ask::Copy { .. }
        | Ask::AdoptPlaybook { .. }
        | Ask::Play { .. }
        | Ask::Autostart
        | Ask::SetAutostart { .. }
        | Ask::Browse { .. }
        | Ask::Scenarios
        | Ask::Practise { .. }
        | Ask::PracticeEvent
        | Ask::EndPractice
        | Ask::LeavePractice => Reply::failed("There is no window here."),
        // Nothing is shown from here, and whoever is asked is there.
        Ask::Check | Ask::StartWatch => Reply::Done,
    }
}

/// What was read of the past, beside the loop.
fn read<T>(found: Result<T, StoreError>, reply: impl FnOnce(T) -> Reply) -> Reply {
    found.map_or_else(|error| Reply::failed(format!("The past cannot be read: {error}.")), reply)
}

fn save(file: &Path, text: &str) -> Reply {
    match files::save(file, text) {
        Ok(()) => Reply::Done,
        Err(error) => Reply::failed(format!("{} cannot be written: {error}", file.display())),
    }
}

async fn save_handover(herald: &Herald, shift: ShiftId, file: &Path) -> Reply {
    let Some(handover) = herald.handover(Some(shift)).await else {
        return Reply::failed("This shift is not at hand any more.");
    };
    let file = file.to_owned();
    let saved = beside(move || save(&file, &handover.markdown)).await;
    if let Reply::Refused { .. } = saved {
        return saved;
    }
    wish(herald, ShiftWish::Done { shift, how: HandedBy::Saved }).await
}

async fn import_handover(herald: &Herald, file: &Path) -> Reply {
    let file = file.to_owned();
    let read = tokio::task::spawn_blocking(move || handover::read(&file)).await;
    match read.unwrap_or_else(|error| Err(std::io::Error::other(error))) {
        Ok(markdown) => wish(herald, ShiftWish::Import { markdown }).await,
        Err(error) => Reply::failed(format!("The file cannot be read: {error}.")),
    }
}

async fn wish(herald: &Herald, wish: ShiftWish) -> Reply {
    let wished = herald.command(Command::Shift { wish: Box::new(wish) }).await;
    wished.map_or_else(Reply::from, |()| Reply::Done)
}

fn adopt(file: &Path, folder: &Path) -> Reply {
    match playbook::adopt(file, folder) {
        Ok(adopted) => Reply::Playbook { name: adopted.name },
        Err(error) => Reply::failed(error.to_string()),
    }
}

fn copy(text: &str) -> Reply {
    let failed = |_| Reply::failed("The text could not be copied. Select it and copy it by hand.");
    clipboard::copy(text).map_or_else(failed, |()| Reply::Done)
}

/// Whether the hotkey is chosen by this; who chooses the same keys once more wants another try.
fn chooses_keys(command: &Command) -> bool {
    matches!(command, Command::Set { patch: SettingsPatch::Hotkey { keys: Some(_) } })
}

/// Opens a link in the browser: web links only (H111), and in practice none that leads to a real service, whoever wrote
/// it.
pub(crate) fn open_link(view: &View, url: &str) -> Result<(), String> {
    let web = url.starts_with("https://") || url.starts_with("http://");
    if !web {
        return Err("Only web links are opened.".into());
    }
    if view.mode.is_practice() && !herald_core::places::leads_nowhere(url) {
        return Err("This leads to a real service. In practice no link does.".into());
    }
    open::that_detached(url).map_err(|_| "No browser could be started.".into())
}

fn done(result: Result<(), String>) -> Reply {
    result.map_or_else(Reply::failed, |()| Reply::Done)
}

/// What may block is done beside the conversations.
async fn beside(work: impl FnOnce() -> Reply + Send + 'static) -> Reply {
    let worked = tokio::task::spawn_blocking(work).await;
    worked.unwrap_or_else(|_| Reply::failed("Herald failed over this. Try again; if it stays so, restart Herald."))
}
