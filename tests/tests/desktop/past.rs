//! Figures, exports and scenario files on the command line: what is printed, and what is said when it cannot be.

use std::path::Path;

use anyhow::{Context as _, Result};
use herald_tests::app::Answer;
use herald_tests::wait::SOON;
use herald_tests::{App, Desktop};
use serde_json::{Value, json};

use crate::desk::Duty;

/// What the command line says, and asserts how it ends.
async fn said(app: &App, desktop: &Desktop, args: &[&str], code: i32) -> Result<Answer> {
    let answer = app.cli(desktop, args).await?;
    assert_eq!(answer.code, Some(code), "{args:?}: {answer:?}");
    Ok(answer)
}

/// A Herald that has kept something: one training event, noted while it ran.
async fn kept() -> Result<Duty> {
    let mut duty = Duty::on(Desktop::start().await?, herald_practice::Scenario::quiet()).await?;
    duty.app.set_args(&["--hidden"]);
    duty.app.restart(&duty.desktop)?;
    let entry = json!({"at": "2026-05-06T09:00:00Z", "kind": "tabletop", "title": "Région, \"lost\"", "notes": "", "practised": null});
    duty.command(json!({"do": "training", "wish": {"wish": "add", "entry": entry}})).await?;
    duty.app.end();
    Ok(duty)
}

#[tokio::test]
async fn figures_are_told_to_people_and_to_scripts() -> Result<()> {
    let duty = kept().await?;
    let (app, desktop) = (&duty.app, &duty.desktop);
    let figures = said(app, desktop, &["kpi", "--quarter", "2026Q2", "--json"], 0).await?.json()?;
    let training = figures["kpis"].as_array().and_then(|it| it.iter().find(|kpi| kpi["name"] == "training"));
    assert_eq!((&figures["from"], training.map(|it| &it["kept"])), (&json!("2026-04-01T00:00:00Z"), Some(&json!(1))));
    let words = said(app, desktop, &["kpi", "--from", "2026-04-01", "--to", "2026-06-30"], 0).await?.stdout;
    assert!(words.starts_with("From 2026-04-01 00:00 UTC until 2026-07-01 00:00 UTC\n"), "{words}");
    assert_eq!(words.lines().count(), 7, "six figures: {words}");
    said(app, desktop, &["kpi"], 0).await?;
    let none = said(app, desktop, &["kpi", "--shift"], 1).await?;
    assert!(none.stderr.contains("No shift was kept yet"), "{none:?}");
    for (args, code, why) in [
        (&["kpi", "--quarter", "2026Q5"][..], 1, "write it as 2026Q4"),
        (&["kpi", "--from", "2026-13-01"], 2, "neither a day such as 2026-10-01 nor an instant"),
        (&["kpi", "--from", "2026-06-01", "--to", "2026-05-01"], 1, "--from lies after --to"),
        (&["kpi", "--quarter", "2026Q2", "--from", "2026-05-01"], 2, "cannot be used with"),
    ] {
        let wrong = said(app, desktop, args, code).await?;
        assert!(wrong.stderr.contains(why) && wrong.stdout.is_empty(), "{args:?}: {wrong:?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_was_kept_is_exported_in_every_form() -> Result<()> {
    let duty = kept().await?;
    let (app, desktop) = (&duty.app, &duty.desktop);
    let whole = said(app, desktop, &["export", "--format", "json"], 0).await?.json()?;
    assert_eq!((&whole["format"], &whole["version"]), (&json!("herald-export"), &json!(1)));
    assert_eq!(whole["trainings"][0]["title"], "Région, \"lost\"", "{whole:#}");
    let of = async |days: &[&str]| -> Result<usize> {
        let args = [&["export", "--format", "json"], days].concat();
        let found: Value = said(app, desktop, &args, 0).await?.json()?;
        Ok(found["trainings"].as_array().context("no list")?.len())
    };
    for (days, expected) in [
        (&["--from", "2026-05-06", "--to", "2026-05-06"][..], 1),
        (&["--to", "2026-05-05"], 0),
        (&["--from", "2026-05-06T09:00:01Z"], 0),
        (&["--from", "2026-05-06T11:00:00+02:00"], 1),
    ] {
        assert_eq!(of(days).await?, expected, "{days:?}");
    }
    let csv = said(app, desktop, &["export", "--format", "csv"], 0).await?.stdout;
    assert!(csv.lines().count() >= 2 && csv.contains("\"Région, \"\"lost\"\"\""), "{csv}");
    let file = desktop.dir().join("kept.md");
    let path = file.to_string_lossy();
    let written = said(app, desktop, &["export", "--format", "markdown", "--out", &path], 0).await?;
    assert!(written.stdout.contains(&*path), "{written:?}");
    let markdown = std::fs::read_to_string(&file)?;
    assert!(markdown.starts_with('#') && markdown.contains("lost"), "{markdown}");

    let nowhere = desktop.dir().join("no/such/folder").to_string_lossy().into_owned();
    let folder = desktop.dir().to_string_lossy().into_owned();
    for (args, code, why) in [
        (&["export", "--format", "csv", "--out", &nowhere][..], 1, "cannot be written"),
        (&["export", "--format", "csv", "--out", &folder], 1, "cannot be written"),
        (&["export", "--format", "csv", "--out", "/dev/full"], 1, "cannot be written"),
        (&["export", "--format", "xml"], 2, "markdown"),
        (&["export"], 2, "--format"),
        (&["export", "--format", "csv", "--to", "yesterday"], 2, "neither a day"),
        (&["export", "--format", "csv", "--from", "2026-06-01", "--to", "2026-05-01"], 1, "--from lies after --to"),
    ] {
        let wrong = said(app, desktop, args, code).await?;
        assert!(wrong.stderr.contains(why) && wrong.stdout.is_empty(), "{args:?}: {wrong:?}");
    }
    assert_eq!(std::fs::read_to_string(&file)?, markdown, "and nothing else was touched");
    Ok(())
}

#[tokio::test]
async fn where_nothing_was_kept_that_is_said() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    let app = App::prepare(&desktop, &[]).await?;
    for args in [&["kpi"][..], &["kpi", "--json"], &["export", "--format", "json"]] {
        let nothing = said(&app, &desktop, args, 1).await?;
        assert!(nothing.stderr.contains("was Herald ever started there"), "{args:?}: {nothing:?}");
    }
    // A command that looks at the handover makes the database; nothing is in it.
    said(&app, &desktop, &["handover"], 0).await?;
    std::fs::write(app.data_dir().join("herald.db"), "no database")?;
    let damaged = said(&app, &desktop, &["kpi"], 1).await?;
    assert!(damaged.stderr.contains("nothing can be read"), "{damaged:?}");
    Ok(())
}

#[tokio::test]
async fn a_scenario_file_is_checked_with_line_and_reason() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    let app = App::prepare(&desktop, &[]).await?;
    let file = desktop.dir().join("own.toml");
    let path = file.to_string_lossy();
    let good = "title = \"Mine\"\n\n[[at]]\nafter = \"3s\"\ndo = \"trigger\"\ntitle = \"Down\"\n";
    std::fs::write(&file, good)?;
    let checked = said(&app, &desktop, &["practice", "--check", &path], 0).await?;
    assert!(checked.stdout.contains("a sound scenario, \"Mine\": 1 steps"), "{checked:?}");
    let late = "\n[[at]]\nafter = \"9s\"\ndo = \"acknowledge\"\npage = \"none\"\nby = \"dana\"\n";
    for (bytes, whys) in [
        (good.replace("3s", "soon").into_bytes(), &["own.toml:4: after: ", "20s"][..]),
        (good.replace("trigger", "explode").into_bytes(), &["own.toml:5: ", "explode"]),
        (format!("{good}{late}").into_bytes(), &["own.toml:8: page: ", "by then"]),
        (b"title = \n".to_vec(), &["own.toml:1: "]),
        (vec![0xff, 0xfe, 0, 1], &["own.toml cannot be read: it is no text"]),
        (vec![b'#'; 10 * 1024 * 1024], &["own.toml cannot be read: it is larger than 256 KiB"]),
        (format!("title = \"x\"\na = {}", "[".repeat(200_000)).into_bytes(), &["own.toml:2: "]),
    ] {
        std::fs::write(&file, bytes)?;
        let bad = said(&app, &desktop, &["practice", "--check", &path], 1).await?;
        assert!(whys.iter().all(|why| bad.stderr.contains(why)) && bad.stdout.is_empty(), "{whys:?}: {bad:?}");
    }
    for (path, why) in [("/dev/zero", "larger than"), ("/", "cannot be read"), ("no-such.toml", "cannot be read")] {
        let bad = said(&app, &desktop, &["practice", "--check", path], 1).await?;
        assert!(bad.stderr.contains(why), "{path}: {bad:?}");
    }
    Ok(())
}

#[tokio::test]
async fn practice_writes_into_no_folder_of_a_herald() -> Result<()> {
    let duty = kept().await?;
    let rules = "name = \"Quillbrook\"\n";
    duty.playbook(rules)?;
    let before = names(duty.app.data_dir())?;
    let refused = said(&duty.app, &duty.desktop, &["practice", "single-page"], 4).await?;
    assert!(refused.stderr.contains("holds something else than practice"), "{refused:?}");
    assert_eq!(std::fs::read_to_string(duty.app.data_dir().join("playbook.toml"))?, rules, "the rules are untouched");
    assert_eq!(names(duty.app.data_dir())?, before, "so is everything else");
    // A new folder is taken, and taken again.
    let folder = duty.desktop.dir().join("practice").to_string_lossy().into_owned();
    for _ in 0..2 {
        let args = ["practice", "quiet", "--data-dir", &folder];
        let practising = duty.desktop.spawn("practising", duty.app.binary(), &args)?;
        duty.until_windows(1).await?;
        practising.end();
        practising.until_ended(SOON).await?;
    }
    Ok(())
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = vec![];
    for entry in std::fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}
