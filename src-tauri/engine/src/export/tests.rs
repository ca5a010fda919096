//! An export of everything, with texts that try to be more than text.

use chrono::DateTime;
use herald_core::feed::Update;
use herald_core::incident::{By, Event, Kept, Own};
use herald_core::{Change, Incident, Phase, Severity};

use super::*;
use crate::archive::Archive;
use crate::store::Store;

fn at(minutes: i64) -> Time {
    DateTime::from_timestamp(1_800_000_000 + 60 * minutes, 0).expect("in range")
}

/// A folder with one incident whose title would be a formula.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "Line \"one\", with <b>tags</b>\n=2+2\n# no heading".to_owned();
    let update = Update { at: at(5), phase: Some(Phase::Identified), impact: None, text, mine: true };
    let title = Some("=HYPERLINK(\"http://evil.example\")".into());
    let incident = Incident {
        own: Own { title, severity: Some(Severity::S2), ..Own::default() },
        updates: vec![update],
        kept: vec![Kept { update_at: at(5), due_at: at(4) }],
        log: vec![Event { at: at(1), by: By::Me, what: "Asked [the](http://evil.example) engineer".into() }],
        ended_at: Some(at(30)),
        ..Incident::new(at(0))
    };
    let mut store = Store::open(folder.path(), at(0)).store.unwrap_or_else(|error| panic!("opens: {error}"));
    let old = Own { title: Some("Old".into()), ..Own::default() };
    let forgotten = Incident { own: old, ended_at: Some(at(-60)), ..Incident::new(at(-90)) };
    let joined = Incident { ended_at: None, ..incident.clone() };
    let changes = [
        Change::Incident(1, Box::new(forgotten)),
        Change::IncidentForgotten(1),
        Change::Incident(2, Box::new(incident)),
        Change::Incident(3, Box::new(joined)),
        Change::IncidentForgotten(3),
    ];
    store.commit(&changes).expect("commits");
    folder
}

#[test]
fn json_has_a_version_and_every_kind() {
    let folder = folder();
    let all = Archive::of(folder.path()).export(Span::default(), Format::Json, at(60)).expect("exports");
    let all: serde_json::Value = serde_json::from_str(&all).expect("is JSON");
    assert_eq!((&all["format"], &all["version"]), (&"herald-export".into(), &1.into()));
    let titles: Vec<&str> =
        all["incidents"].as_array().expect("a list").iter().filter_map(|it| it["title"].as_str()).collect();
    assert_eq!(
        titles,
        ["Old", "=HYPERLINK(\"http://evil.example\")"],
        "what was forgotten too, oldest first, and once what was joined"
    );
    assert_eq!(all["updates"].as_array().map(Vec::len), Some(1));
    for kind in ["updates", "pages", "shifts", "contacts", "maintenances", "trainings"] {
        assert!(all[kind].is_array(), "{kind}");
    }
    let update = &all["updates"][0];
    let due = (&update["due_at"], &update["state"], &update["severity"]);
    assert_eq!(due, (&"2027-01-15T08:04:00Z".into(), &"identified".into(), &"s2".into()));
    let span = Span { from: Some(at(5)), to: Some(at(6)) };
    let some = Archive::of(folder.path()).export(span, Format::Json, at(60)).expect("exports");
    let some: serde_json::Value = serde_json::from_str(&some).expect("is JSON");
    let count = |kind: &str| some[kind].as_array().map(Vec::len);
    assert_eq!((count("incidents"), count("updates")), (Some(0), Some(1)), "each thing by its own time");
}

#[test]
fn no_cell_is_a_formula() {
    let folder = folder();
    let text = Archive::of(folder.path()).export(Span::default(), Format::Csv, at(60)).expect("exports");
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert!(lines[0].starts_with("\"kind\",\"id\",\"at\""), "{text}");
    assert!(lines[2].contains(",\"'=HYPERLINK(\"\"http://evil.example\"\")\","), "{text}");
    assert!(lines[3].contains("\"Line \"\"one\"\", with <b>tags</b>\n=2+2\n# no heading\""), "{text}");
    let unseen = [
        "\u{FEFF}",
        "\u{200B}",
        "\u{2060}",
        "\u{200D}",
        "\u{AD}",
        "\u{3164}",
        "\u{FE0F}",
        "\u{E0020}",
        "\u{1}",
        "\u{A0}",
    ];
    let behind = unseen.map(|sign| format!("{sign}=1"));
    let plain =
        ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "  =1", "＝1", " \u{FEFF} \u{200B}+1"].map(str::to_owned);
    for start in plain.into_iter().chain(behind) {
        let record = Record { title: start.clone(), ..Record::of_incident("1", &Incident::new(at(0))).remove(0) };
        let text = csv::write(&[record]);
        assert!(text.contains(&format!("\"'{start}\"")), "{start:?}: {text}");
    }
    for start in ["Line = 1", "é=1", "3-1", "東=1", "(=1)"] {
        let record = Record { title: start.into(), ..Record::of_incident("1", &Incident::new(at(0))).remove(0) };
        assert!(csv::write(&[record]).contains(&format!("\"{start}\"")), "{start}: no formula, no apostrophe");
    }
}

#[test]
fn markdown_holds_texts_as_texts() {
    let folder = folder();
    let span = Span { from: Some(at(0)), to: None };
    let text = Archive::of(folder.path()).export(span, Format::Markdown, at(60)).expect("exports");
    let told = text.split("\n## Pages").next().unwrap_or_default().replace('\u{2060}', "^");
    insta::assert_snapshot!(told, @r##"
    # Herald: what was kept

    From 2027-01-15 08:00 UTC until now. Made 2027-01-15 09:00 UTC.

    ## Incidents (1)

    - 2027-01-15 08:00 UTC **=HYPERLINK("http:^//evil.example")** (S2, identified, until 2027-01-15 08:30)
      - 08:01 Asked \[^the\](http:^//evil.example) engineer

    ## Updates (1)

    - 2027-01-15 08:05 UTC **=HYPERLINK("http:^//evil.example")** (S2, identified, due 08:04)
      Line "one", with \<b\>tags\</b\>
      =2+2
      \# no heading
    "##);
    assert!(text.contains("## Training (0)\n\nNone.\n"), "what there is none of is said: {text}");
}
