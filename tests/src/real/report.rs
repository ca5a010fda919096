//! What held on which desktop, as a table.

use std::fmt::Write as _;

/// How one thing went on one desktop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was seen to hold.
    Held(String),
    /// The desktop does not offer it, and Herald says so in these words.
    NotOffered(String),
    /// It did not hold.
    Broke(String),
}

/// One line of a desktop's report.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was tried.
    pub what: &'static str,
    /// How it went.
    pub how: Outcome,
}

/// All that was tried on one desktop.
#[derive(Clone, Debug)]
pub struct Report {
    /// Which one, with its version.
    pub desktop: String,
    /// What was tried, in order.
    pub rows: Vec<Row>,
}

impl Report {
    /// How many things broke.
    #[must_use]
    pub fn broke(&self) -> usize {
        self.rows.iter().filter(|it| matches!(it.how, Outcome::Broke(_))).count()
    }
}

/// All reports as one Markdown table, a column for each desktop, and below it what needs words.
#[must_use]
pub fn table(reports: &[Report]) -> String {
    let mut text = String::from("| |");
    // Writing to a String cannot fail.
    for it in reports {
        let _ = write!(text, " {} |", it.desktop);
    }
    let _ = writeln!(text, "\n|---|{}", "---|".repeat(reports.len()));
    let mut whats: Vec<&str> = Vec::new();
    for row in reports.iter().flat_map(|it| &it.rows) {
        if !whats.contains(&row.what) {
            whats.push(row.what);
        }
    }
    for what in whats {
        let _ = write!(text, "| {what} |");
        for it in reports {
            let mark = match it.rows.iter().find(|row| row.what == what).map(|row| &row.how) {
                Some(Outcome::Held(_)) => "held",
                Some(Outcome::NotOffered(_)) => "not offered, told",
                Some(Outcome::Broke(_)) => "**broke**",
                None => "not tried",
            };
            let _ = write!(text, " {mark} |");
        }
        text.push('\n');
    }
    text.push('\n');
    for it in reports {
        for row in &it.rows {
            let (word, said) = match &row.how {
                Outcome::Held(said) => ("held", said),
                Outcome::NotOffered(said) => ("not offered", said),
                Outcome::Broke(said) => ("broke", said),
            };
            let said = said.replace('\n', " ");
            let _ = writeln!(text, "- {}, {}: {word}. {said}", it.desktop, row.what);
        }
    }
    text
}
