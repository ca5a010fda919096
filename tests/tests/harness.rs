//! Proves the parts that the other tests stand on, each against a program that is not ours.

use std::time::Duration;

use anyhow::{Context as _, Result};
use herald_tests::audio::{Heard, Sound, write_tone};
use herald_tests::desktop::Desktop;
use herald_tests::keyring::Keyring;
use herald_tests::logind::{Inhibitor, Logind};
use herald_tests::notifications::{Closed, Manners, Notifications, PLAIN, Telling};
use herald_tests::process;
use herald_tests::tray::Tray;
use herald_tests::wait::{self, SOON};

mod item;

use item::Pretend;

#[tokio::test]
async fn screen_shows_a_window_and_a_picture_of_it_is_not_empty() -> Result<()> {
    let desktop = Desktop::start().await?;
    let empty = desktop.dir().join("empty.png");
    desktop.picture(&empty).await?;
    let (_, colours) = desktop.look_at(&empty).await?;
    assert_eq!(colours, 1, "an empty screen has one colour");

    desktop.spawn("xev", "xev", &["-name", "A window"])?;
    wait::until("the window", SOON, async || {
        Ok(desktop.window_titles().await?.contains(&"A window".to_owned()).then_some(()))
    })
    .await?;
    let shown = desktop.dir().join("shown.png");
    wait::until("its picture", SOON, async || {
        desktop.picture(&shown).await?;
        let (brightness, colours) = desktop.look_at(&shown).await?;
        Ok((brightness > 0.01 && colours > 1).then_some(()))
    })
    .await
}

#[tokio::test]
async fn desktop_ends_everything_it_started_even_grandchildren() -> Result<()> {
    let desktop = Desktop::start().await?;
    let mark = format!("HERALD_TEST_DESKTOP={}", desktop.dir().display());
    desktop.spawn("grandchild", "sh", &["-c", "setsid tail -f /dev/null & exec tail -f /dev/null"])?;
    let tails = || process::with_environment(&mark).len();
    wait::until_true("both to run", SOON, || tails() >= 6).await.with_context(|| tails().to_string())?;
    let folder = desktop.dir().to_owned();
    drop(desktop);
    wait::until_true("all to end", SOON, || tails() == 0).await?;
    assert!(!folder.exists(), "the folder stayed");
    Ok(())
}

#[tokio::test]
async fn two_desktops_do_not_meet() -> Result<()> {
    let (one, other) = tokio::try_join!(Desktop::start(), Desktop::start())?;
    assert_ne!(one.env()["DISPLAY"], other.env()["DISPLAY"]);
    let here = Notifications::start(&one).await?;
    let there = Notifications::start(&other).await?;
    one.run("notify-send", &["here"]).await?;
    assert_eq!((here.visible().len(), there.visible().len()), (1, 0));
    Ok(())
}

#[tokio::test]
async fn desktop_without_a_display_has_buses_only() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    assert!(!desktop.env().contains_key("DISPLAY"));
    for bus in [desktop.session_bus()?, desktop.system_bus()?] {
        assert!(bus.build().await.is_ok());
    }
    let bare = Desktop::bare()?;
    assert!(bare.session_bus()?.build().await.is_err(), "the machine's own bus must be out of reach");
    Ok(())
}

#[tokio::test]
async fn notifications_are_recorded_pressed_and_closed() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    let daemon = Notifications::start(&desktop).await?;
    // Waits for an answer, prints the pressed button, and ends.
    let args = ["--urgency=critical", "--action=ack=Acknowledge", "--action=open=Open", "Page", "DB is down"];
    let asked = desktop.spawn("asked", "notify-send", &args)?;
    let note = daemon.until_visible("the page", SOON, |note| note.summary == "Page").await?;
    assert_eq!((note.id, note.urgency, note.body.as_str()), (1, 2, "DB is down"));
    assert_eq!(note.keys(), ["ack", "open"]);
    assert!(daemon.press(note.id, "quiet").await.is_err(), "there is no such button");
    daemon.press(note.id, "ack").await?;
    asked.until_logged("ack", SOON).await?;
    assert_eq!(daemon.visible(), []);
    assert_eq!(daemon.closed(), [(1, Closed::Dismissed)]);
    Ok(())
}

#[tokio::test]
async fn notification_is_replaced_in_place() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    let manners = Manners { capabilities: PLAIN, telling: Telling::Everybody, ..Manners::default() };
    let daemon = Notifications::start_with(&desktop, manners).await?;
    desktop.run("notify-send", &["first"]).await?;
    // Its sender has left the bus, so that anybody may.
    desktop.run("notify-send", &["--replace-id=1", "second"]).await?;
    let visible: Vec<_> = daemon.visible().into_iter().map(|note| (note.id, note.summary)).collect();
    assert_eq!(visible, [(1, "second".to_owned())]);
    assert_eq!(daemon.history().len(), 2);
    Ok(())
}

#[tokio::test]
async fn notification_daemon_vanishes_and_counts_anew() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    let mut daemon = Notifications::start(&desktop).await?;
    desktop.run("notify-send", &["before"]).await?;
    daemon.vanish().await?;
    assert!(desktop.run("notify-send", &["during"]).await.is_err(), "nobody must answer");
    assert_eq!(daemon.visible(), []);
    daemon.come_back(&desktop).await?;
    desktop.run("notify-send", &["after"]).await?;
    let history: Vec<_> = daemon.history().into_iter().map(|note| (note.id, note.summary)).collect();
    assert_eq!(history, [(1, "before".to_owned()), (1, "after".to_owned())]);
    Ok(())
}

#[tokio::test]
async fn keychain_keeps_a_secret_until_it_is_locked() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    let keyring = Keyring::start(&desktop).await?;
    let store = "printf token | secret-tool store --label=test service herald";
    desktop.run("sh", &["-c", store]).await?;
    assert_eq!(desktop.run("secret-tool", &["lookup", "service", "herald"]).await?, "token");
    keyring.lock().await?;
    assert!(keyring.locked().await?);
    keyring.vanish();
    assert!(desktop.run("secret-tool", &["lookup", "service", "herald"]).await.is_err(), "nobody must answer");
    Ok(())
}

#[tokio::test]
async fn sound_is_heard_with_its_frequency() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    let sound = Sound::start(&desktop).await?;
    for (player, hz) in [("aplay", 880.0), ("paplay", 445.0)] {
        let wav = desktop.dir().join("tone.wav");
        write_tone(&wav, hz, Duration::from_millis(600))?;
        let mark = sound.mark();
        desktop.spawn(player, player, &[&wav.to_string_lossy()])?;
        let heard = sound.until_heard(mark, SOON).await.with_context(|| desktop.log(player))?;
        let (found, rms, length) = (heard.frequency_hz(), heard.rms(), heard.length());
        assert!((found - hz).abs() <= 5.0, "{player}: heard {found} Hz, not {hz}");
        assert!((0.25..0.45).contains(&rms), "{player}: half-scale sine, but RMS is {rms}");
        assert!((400..800).contains(&length.as_millis()), "{player}: 0.6 s, but heard {length:?}");
        assert_eq!(heard.sounds().len(), 1, "{player}: one sound");
    }
    assert!(sound.listen(sound.mark(), Duration::from_millis(300)).await?.is_silent());
    Ok(())
}

#[tokio::test]
async fn sound_card_is_absent_pulled_and_plugged_in_again() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    let wav = desktop.dir().join("tone.wav");
    let path = wav.to_string_lossy();
    write_tone(&wav, 660.0, Duration::from_millis(300))?;
    Sound::none(&desktop)?;
    assert!(desktop.run("aplay", &[&path]).await.is_err(), "there must be no device");

    let mut sound = Sound::start(&desktop).await?;
    desktop.run("aplay", &[&path]).await?;
    sound.unplug();
    assert!(desktop.run("aplay", &[&path]).await.is_err(), "the card was pulled");
    sound.plug(&desktop).await?;
    let mark = sound.mark();
    desktop.run("aplay", &[&path]).await?;
    assert!((sound.until_heard(mark, SOON).await?.frequency_hz() - 660.0).abs() <= 5.0);
    Ok(())
}

#[test]
fn heard_tells_sounds_apart() {
    let tone = |hz: f32, ms: u16| {
        (0..u32::from(ms) * 16).map(move |at| (std::f32::consts::TAU * hz * at as f32 / 16_000.0).sin())
    };
    let silence = |ms: usize| vec![0.0; ms * 16];
    let samples = [silence(100), tone(500.0, 200).collect(), silence(400), tone(900.0, 200).collect(), silence(50)];
    let sounds = Heard::new(samples.concat()).sounds();
    let found: Vec<f32> = sounds.iter().map(Heard::frequency_hz).collect();
    assert_eq!(found, [500.0, 900.0]);
    assert_eq!(Heard::new(silence(500)).frequency_hz(), 0.0);
}

#[tokio::test]
async fn tray_reads_an_item_and_clicks_its_menu() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    let mut tray = Tray::start(&desktop).await?;
    let pretend = Pretend::start(&desktop).await?;
    pretend.register().await?;
    tray.until_item().await?;
    let item = tray.item().await?;
    assert_eq!((item.id.as_str(), item.status.as_str()), ("pretend", "Active"));
    assert_eq!(item.icon_pixmaps, [(1, 1, vec![255, 0, 0, 0])]);
    assert_eq!(item.says(), "Pretend\nall quiet");
    let menu = "Open the window\n-\nQuiet\n  5 minutes\n  [x] Until the target\nNothing to take (grey)\n";
    assert_eq!(tray.menu_text().await?, menu);
    tray.click("Quiet › 5 minutes").await?;
    tray.click("Open the window").await?;
    tray.activate().await?;
    assert!(tray.click("Nothing to take").await.is_err(), "grey entries cannot be clicked");
    assert_eq!(pretend.clicked(), ["4", "1", "Activate"]);

    tray.vanish().await?;
    tray.come_back(&desktop).await?;
    assert_eq!(tray.items().await?, [], "a new panel knows nothing");
    pretend.register().await?;
    tray.until_item().await?;
    assert_eq!(tray.registrations(), 2);
    drop(pretend);
    wait::until("the item to go", SOON, async || Ok(tray.items().await?.is_empty().then_some(()))).await
}

#[tokio::test]
async fn login_manager_sends_to_sleep_and_wakes() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    let logind = Logind::start(&desktop).await?;
    let watch = ["--system", "type='signal',interface='org.freedesktop.login1.Manager'"];
    let monitor = desktop.spawn("monitor", "dbus-monitor", &watch)?;
    // The monitor says so when it has lost its own name, which is when it listens.
    monitor.until_logged("NameLost", SOON).await?;
    logind.suspend().await?;
    monitor.until_logged("boolean true", SOON).await?;
    logind.resume().await?;
    monitor.until_logged("boolean false", SOON).await?;

    let bus = desktop.system_bus()?.build().await?;
    let request = ("sleep", "Herald", "poll before sleeping", "delay");
    let manager = Some("org.freedesktop.login1.Manager");
    bus.call_method(Some("org.freedesktop.login1"), "/org/freedesktop/login1", manager, "Inhibit", &request).await?;
    let asked = Inhibitor {
        what: "sleep".into(),
        who: "Herald".into(),
        why: "poll before sleeping".into(),
        mode: "delay".into(),
    };
    assert_eq!(logind.inhibitors(), [asked]);
    Ok(())
}

#[tokio::test]
async fn waiting_ends_at_the_deadline_and_says_for_what() {
    let short = Duration::from_millis(50);
    let never = wait::until::<()>("the impossible", short, async || anyhow::bail!("it is not there")).await;
    let message = never.map_err(|error| format!("{error:#}"));
    assert_eq!(message, Err("waited 50ms for the impossible: it is not there".to_owned()));
    let hung = wait::until::<()>("an answer", short, async || std::future::pending().await).await;
    assert!(hung.is_err(), "a look that hangs must not outlive the deadline");
}
