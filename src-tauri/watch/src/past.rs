//! `herald kpi` and `herald export`: the past of a data folder, read whether Herald runs or not.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use herald_core::Time;
use herald_core::kpi::{Kpi as Figure, KpiAsk, KpiItem, Kpis, Verdict, day, day_after, quarter_range};
use herald_engine::clock::wall_now;
use herald_engine::export::{Format, Span};
use herald_engine::store::StoreError;
use herald_engine::{Archive, files};

use crate::cli::{Outcome, complain, say};

/// Things behind a figure that are named in words.
const NAMED_MAX: usize = 5;

/// Which time to measure.
#[derive(Args)]
pub(crate) struct Kpi {
    /// As JSON, for scripts.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    days: Days,
    /// A quarter, such as 2026Q4; the one that runs otherwise.
    #[arg(long, value_name = "QUARTER", conflicts_with_all = ["from", "to"])]
    quarter: Option<String>,
    /// The shift that runs, or the one that ran last.
    #[arg(long, conflicts_with_all = ["quarter", "from", "to"])]
    shift: bool,
}

/// What to write out, and where to.
#[derive(Args)]
pub(crate) struct Export {
    #[command(flatten)]
    days: Days,
    /// For programs, for spreadsheets, or for people.
    #[arg(long, value_enum)]
    format: Form,
    /// The file; standard output otherwise.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// From one day to another, in UTC.
#[derive(Args)]
struct Days {
    /// The first day, such as 2026-10-01, or an instant such as 2026-10-01T08:00:00Z.
    #[arg(long, value_name = "DATE", value_parser = first)]
    from: Option<Time>,
    /// The last day, which is included, or an instant, which is not.
    #[arg(long, value_name = "DATE", value_parser = last)]
    to: Option<Time>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Form {
    Json,
    Csv,
    Markdown,
}

impl Days {
    /// Whether there is any time in them.
    fn check(&self) -> anyhow::Result<()> {
        match (self.from, self.to) {
            (Some(from), Some(to)) if from >= to => bail!("--from lies after --to"),
            (Some(_) | None, Some(_) | None) => Ok(()),
        }
    }
}

pub(crate) fn kpi(folder: &Path, of: &Kpi) -> anyhow::Result<Outcome> {
    of.days.check()?;
    let now = wall_now();
    let ask = match (&of.quarter, of.days.from, of.days.to) {
        (Some(text), _, _) => quarter(text)?,
        (None, None, None) if of.shift => KpiAsk::Shift,
        (None, None, None) => KpiAsk::ThisQuarter,
        (None, from, to) => KpiAsk::Between { from: from.unwrap_or(Time::UNIX_EPOCH), to: to.unwrap_or(now) },
    };
    let Some(kpis) = Archive::of(folder).kpis(ask, now).map_err(|error| unread(folder, error))? else {
        complain("No shift was kept yet. `herald kpi` alone measures the quarter.");
        return Ok(Outcome::Failed);
    };
    if of.json {
        say(&serde_json::to_string_pretty(&kpis)?);
    } else {
        say(words(&kpis).trim_end());
    }
    Ok(Outcome::Done)
}

pub(crate) fn export(folder: &Path, of: &Export) -> anyhow::Result<Outcome> {
    of.days.check()?;
    let format = match of.format {
        Form::Json => Format::Json,
        Form::Csv => Format::Csv,
        Form::Markdown => Format::Markdown,
    };
    let span = Span { from: of.days.from, to: of.days.to };
    let text = Archive::of(folder).export(span, format, wall_now()).map_err(|error| unread(folder, error))?;
    match &of.out {
        None => say(text.trim_end()),
        Some(file) => {
            files::save(file, &text).with_context(|| format!("{} cannot be written", file.display()))?;
            say(&format!("Written to {}", file.display()));
        }
    }
    Ok(Outcome::Done)
}

fn unread(folder: &Path, error: StoreError) -> anyhow::Error {
    if matches!(error, StoreError::PastOwed) {
        return error.into();
    }
    let what = format!("nothing can be read in {}; was Herald ever started there", folder.display());
    anyhow::Error::from(error).context(what)
}

/// The first instant of a day, or an instant.
fn first(text: &str) -> Result<Time, String> {
    text.parse().ok().or_else(|| day(text)).ok_or_else(|| "is neither a day such as 2026-10-01 nor an instant".into())
}

/// The first instant after a day, or an instant.
fn last(text: &str) -> Result<Time, String> {
    if text.parse::<Time>().is_ok() { first(text) } else { first(text).map(day_after) }
}

/// A quarter as people write it: 2026Q4, 2026-q4.
fn quarter(text: &str) -> anyhow::Result<KpiAsk> {
    let parts = text.trim().split_once(['Q', 'q']).map(|(year, quarter)| (year.trim_end_matches('-'), quarter));
    let numbers = parts.and_then(|(year, quarter)| Some((year.parse().ok()?, quarter.parse().ok()?)));
    match numbers.filter(|(year, quarter)| quarter_range(*year, *quarter).is_some()) {
        Some((year, quarter)) => Ok(KpiAsk::Quarter { year, quarter }),
        None => bail!("\"{text}\" is no quarter; write it as 2026Q4"),
    }
}

fn words(kpis: &Kpis) -> String {
    let day = |at: Time| at.format("%Y-%m-%d %H:%M UTC").to_string();
    let mut text = format!("From {} until {}\n", day(kpis.from), day(kpis.to));
    for kpi in &kpis.kpis {
        let _ = writeln!(text, "{}", figure(kpi));
        for item in kpi.items.iter().filter(|item| item.verdict == Verdict::Missed).take(NAMED_MAX) {
            let _ = writeln!(text, "      missed: {}", behind(item));
        }
    }
    text
}

fn figure(kpi: &Figure) -> String {
    let sign = match kpi.met {
        Some(true) => "met",
        Some(false) => "NOT MET",
        None => "-",
    };
    let value = kpi.value.map_or("nothing counts".into(), |value| {
        format!("{value} % ({} of {}), target {} %", kpi.kept, kpi.kept + kpi.missed, kpi.target)
    });
    let waiting = if kpi.waiting > 0 { format!(", {} still open", kpi.waiting) } else { String::new() };
    format!("{sign:<8} {:<26} {value}{waiting}", kpi.name.label())
}

fn behind(item: &KpiItem) -> String {
    let took = match (item.took_s, item.allowed_s) {
        (Some(took), Some(allowed)) => format!(", {} min of {}", took / 60, allowed / 60),
        (Some(_), None) | (None, Some(_) | None) => String::new(),
    };
    let says = if item.says.is_empty() { String::new() } else { format!(", {}", item.says) };
    format!("{} {}{took}{says}", item.at.format("%Y-%m-%d %H:%M"), item.title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_and_days_are_read_as_people_write_them() {
        for (text, expected) in
            [("2026Q4", Some((2026, 4))), ("2026-q1", Some((2026, 1))), ("2026Q5", None), ("Q4", None), ("", None)]
        {
            let read = quarter(text).ok().map(|ask| ask == expected_quarter(expected));
            assert_eq!(read, expected.map(|_| true), "{text}");
        }
        for (text, from, to) in [
            ("2026-12-31", "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("2026-12-31T08:00:00+02:00", "2026-12-31T06:00:00Z", "2026-12-31T06:00:00Z"),
        ] {
            let at = |text: &str| text.parse::<Time>().expect("an instant");
            assert_eq!((first(text), last(text)), (Ok(at(from)), Ok(at(to))), "{text}");
        }
        assert!(first("31.12.2026").is_err() && last("").is_err(), "and nothing else is guessed");
    }

    fn expected_quarter(of: Option<(i32, u32)>) -> KpiAsk {
        of.map_or(KpiAsk::Shift, |(year, quarter)| KpiAsk::Quarter { year, quarter })
    }

    #[test]
    fn a_figure_says_whether_it_is_met_in_words() {
        use herald_core::kpi::KpiName;
        let item = KpiItem {
            at: "2026-12-31T08:00:00Z".parse().expect("an instant"),
            verdict: Verdict::Missed,
            title: "Sign-in fails".into(),
            says: "Acknowledged late".into(),
            took_s: Some(1_200),
            allowed_s: Some(900),
            incident: None,
            page: None,
        };
        let kpi = Figure::new(KpiName::Acknowledge, Some(15), [3, 1, 1], vec![item]);
        let kpis = Kpis { from: Time::UNIX_EPOCH, to: Time::UNIX_EPOCH, kpis: vec![kpi] };
        assert_eq!(
            words(&kpis),
            "From 1970-01-01 00:00 UTC until 1970-01-01 00:00 UTC\n\
             NOT MET  Pages taken in time        75 % (3 of 4), target 100 %, 1 still open\n\
             \x20     missed: 2026-12-31 08:00 Sign-in fails, 20 min of 15, Acknowledged late\n"
        );
    }
}
