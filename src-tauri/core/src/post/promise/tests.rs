//! Forms that people write, each with its instant, with "not sure", or with no promise at all.

use super::*;

/// A Friday, in winter time.
const NOW: &str = "2026-11-20T14:00:00Z";

mod generated;

#[test]
fn promises() {
    for (text, due, words) in [
        ("Next update in 60 minutes.", "15:00", "Next update in 60 minutes"),
        ("We will update in an hour", "15:00", "will update in an hour"),
        ("Expect another update within 30 min.", "14:30", "another update within 30 min"),
        ("Update by 14:30 UTC", "14:30", "Update by 14:30 UTC"),
        ("We'll post an update in half an hour.", "14:30", "We'll post an update in half an hour"),
        ("We’ll update you in 1h", "15:00", "We’ll update you in 1h"),
        ("The next update will follow at 15:15 UTC.", "15:15", "next update will follow at 15:15 UTC"),
        ("Next update: 14:45 UTC", "14:45", "Next update: 14:45 UTC"),
        ("Next update ~30 minutes", "14:30", "Next update ~30 minutes"),
        ("Next update in about 20 minutes", "14:20", "Next update in about 20 minutes"),
        ("Next update in the next 30 minutes", "14:30", "next update in the next 30 minutes"),
        ("More updates within the hour.", "15:00", "More updates within the hour"),
        ("Next update no later than 15:00 UTC", "15:00", "Next update no later than 15:00 UTC"),
        ("In 30 minutes we will post another update.", "14:30", "In 30 minutes we will post another update"),
        ("We will be back in 45 minutes with an update", "14:45", "in 45 minutes with an update"),
        ("Fixed for most, next update in 30-60 minutes", "15:00", "next update in 30-60 minutes"),
        ("Next update in 90 min. Thank you.", "15:30", "Next update in 90 min"),
        ("Updates every 15 minutes.", "14:15", "Updates every 15 minutes"),
        ("Next update in 60 minutes. Sorry: next update in 2 hours!", "16:00", "next update in 2 hours"),
        ("Next update at 2:30pm", "14:30", "Next update at 2:30pm"),
        ("Next update by 13:30 UTC", "13:30", "Next update by 13:30 UTC"),
        ("We'll share an update at 15:00 UTC (16:00 CET).", "15:00", "We'll share an update at 15:00 UTC"),
        ("Will update again in 15 mins or when we know more", "14:15", "Will update again in 15 mins"),
        ("Updates to follow in 30 min", "14:30", "Updates to follow in 30 min"),
        ("Fix out in 10 minutes. Next update in 60 minutes https://a.com/1", "15:00", "Next update in 60 minutes"),
    ] {
        let found = found(text, at(NOW)).unwrap_or_else(|| panic!("no promise in {text:?}"));
        let clock = found.due.format("%H:%M").to_string();
        let expected = (due, words.to_lowercase());
        assert_eq!((clock.as_str(), found.words.to_lowercase()), expected, "{text:?}");
    }
}

/// Said at 14:00 UTC on Friday, 20 November 2026.
#[test]
fn forms_that_people_write() {
    let rows: &[(&str, &str)] = &[
        // Hours and minutes, 24 hours.
        ("Next update at 15:30 UTC", "20 15:30"),
        ("Next update at 15:30", "20 15:30"),
        ("Next update at 1530 UTC", "20 15:30"),
        ("Next update at 1530 hours UTC", "20 15:30"),
        ("Next update at 15.30 UTC", "20 15:30"),
        ("Next update at 15:30Z", "20 15:30"),
        ("Next update at 15:30 Z", "20 15:30"),
        ("Next update at 15:30:00 UTC", "20 15:30"),
        ("Next update at 15:30 hrs UTC", "20 15:30"),
        ("Next update at 15:30 (UTC)", "20 15:30"),
        ("Next update at 15:30 GMT", "20 15:30"),
        ("Next update by 20h27 UTC", "20 20:27"),
        ("Next update 20h27 UTC", "20 20:27"),
        ("Next update at 20h27", "20 20:27"),
        ("Next update by 16h UTC", "20 16:00"),
        ("Next update at 20:27Z.", "20 20:27"),
        ("Next update at 16 UTC", "20 16:00"),
        ("Next update at 9:15 UTC", "20 09:15"),
        ("Next update at 00:20 UTC", "21 00:20"),
        ("Next update at 24:00 UTC", "21 00:00"),
        ("Next update @ 15:30 UTC", "20 15:30"),
        ("Next update due 14:45 UTC", "20 14:45"),
        ("Next update is due at 14:45 UTC", "20 14:45"),
        ("Next update ETA 14:45 UTC", "20 14:45"),
        ("Next update expected by 14:45 UTC", "20 14:45"),
        ("Next update:\n15:00 UTC", "20 15:00"),
        ("Next update scheduled for 15:00 UTC", "20 15:00"),
        // 12 hours.
        ("Next update at 3pm UTC", "20 15:00"),
        ("Next update at 3 pm UTC", "20 15:00"),
        ("Next update at 3 p.m. UTC", "20 15:00"),
        ("Next update at 3:30 p.m. UTC.", "20 15:30"),
        ("Next update at 3:30 PM UTC", "20 15:30"),
        ("Next update at 3.30pm UTC", "20 15:30"),
        ("Next update by 12 am UTC", "21 00:00"),
        ("Next update by 12:30 am UTC", "21 00:30"),
        ("Next update by 12:30pm UTC", "20 12:30"),
        ("Next update at three pm UTC", "20 15:00"),
        ("Next update at 3 o'clock pm UTC", "20 15:00"),
        // Zones and offsets.
        ("Next update at 21:02 UTC+1", "20 20:02"),
        ("Next update at 21:02 UTC +1", "20 20:02"),
        ("Next update at 21:02 UTC+01:00", "20 20:02"),
        ("Next update at 21:02 GMT+2", "20 19:02"),
        ("Next update at 21:02 (UTC+1)", "20 20:02"),
        ("Next update at 21:02+01:00", "20 20:02"),
        ("Next update at 21:02 +0100", "20 20:02"),
        ("Next update at 20:30 UTC+5:30", "20 15:00"),
        ("Next update at 10:30 AM UTC-5", "20 15:30"),
        ("Next update at 10:30 AM UTC−5", "20 15:30"),
        ("Next update at 10:30 AM (UTC-05:00)", "20 15:30"),
        ("Next update at 3pm PT", "20 23:00"),
        ("Next update at 3pm PST", "20 23:00"),
        ("Next update at 3pm Pacific", "20 23:00"),
        ("Next update at 3pm Pacific time", "20 23:00"),
        ("Next update by 11am ET", "20 16:00"),
        ("Next update by 11:00 EST", "20 16:00"),
        ("Next update by 10am CT", "20 16:00"),
        ("Next update by 9am MT", "20 16:00"),
        ("Next update by 16:00 CET", "20 15:00"),
        ("Next update by 16:00 London time", "20 16:00"),
        ("Next update by 00:30 JST", "20 15:30"),
        ("Next update at 10am PT / 1pm ET / 18:00 UTC", "20 18:00"),
        ("Next update at 3pm CST (21:00 UTC)", "20 21:00"),
        // Words.
        ("Next update by noon UTC", "20 12:00"),
        ("Next update by 12 noon ET", "20 17:00"),
        ("Next update at midday UTC", "20 12:00"),
        ("Next update by midnight UTC", "21 00:00"),
        ("Next update at the top of the hour", "20 15:00"),
        ("Next update at the bottom of the hour", "20 14:30"),
        ("Next update by end of day UTC", "21 00:00"),
        ("Next update by EOD PT", "21 08:00"),
        ("Next update at half past three pm UTC", "20 15:30"),
        ("Next update at quarter to four pm UTC", "20 15:45"),
        ("Next update at quarter past 15 UTC", "20 15:15"),
        ("Hourly updates will follow", "20 15:00"),
        ("Updates will be posted hourly", "20 15:00"),
        // Dates.
        ("Next update by: Friday, November 20, 2026, at 4:30 PM UTC", "20 16:30"),
        ("Next update: 2026-11-20 15:30 UTC", "20 15:30"),
        ("Next update by 2026-11-20T15:30Z", "20 15:30"),
        ("Next update by 2026-11-20T15:30:00Z", "20 15:30"),
        ("Next update by 2026-11-20T15:30:00+01:00", "20 14:30"),
        ("Next update by 2026-11-20T10:30:00-05:00", "20 15:30"),
        ("Next update: 20-11-2026 15:30 UTC", "20 15:30"),
        ("Next update: 20.11.2026 15:30 UTC", "20 15:30"),
        ("Next update: 20/11/2026 15:30 UTC", "20 15:30"),
        ("Next update: 11/20/2026 15:30 UTC", "20 15:30"),
        ("Next update: Nov 20, 15:30 UTC", "20 15:30"),
        ("Next update on Nov. 20 at 15:30 UTC", "20 15:30"),
        ("Next update on 20 November at 15:30 UTC", "20 15:30"),
        ("Next update on the 20th of November, 15:30 UTC", "20 15:30"),
        ("Next update on November 21st at 9am UTC", "21 09:00"),
        ("Next update at 15:30 UTC on November 20", "20 15:30"),
        ("Next update at 09:00 UTC on Monday", "23 09:00"),
        ("Next update on Friday at 16:30 UTC", "20 16:30"),
        ("Next update Sat 10:00 UTC", "21 10:00"),
        ("Next update tomorrow at 09:00 UTC", "21 09:00"),
        ("Next update tomorrow 9 am UTC", "21 09:00"),
        ("Next update by tomorrow, 9am ET", "21 14:00"),
        ("Next update today at 16:00 UTC", "20 16:00"),
        ("Next update tonight at 10pm UTC", "20 22:00"),
        ("Next update tomorrow morning at 9 UTC", "21 09:00"),
        // Spans.
        ("We'll post again in 30 minutes", "20 14:30"),
        ("We will report back in half an hour", "20 14:30"),
        ("Next update in half an hour", "20 14:30"),
        ("Next update in an hour and a half", "20 15:30"),
        ("Next update in 1.5 hours", "20 15:30"),
        ("Next update in 1½ hours", "20 15:30"),
        ("Next update in 1 1/2 hours", "20 15:30"),
        ("Next update in two and a half hours", "20 16:30"),
        ("Next update in 1h30", "20 15:30"),
        ("Next update in 1h 30m", "20 15:30"),
        ("Next update in 1h 30", "20 15:30"),
        ("Next update within 2hrs", "20 16:00"),
        ("Next update in twenty-five minutes", "20 14:25"),
        ("Next update in seven minutes", "20 14:07"),
        ("Next update in three quarters of an hour", "20 14:45"),
        ("Next update in 30–45 minutes", "20 14:45"),
        ("Next update in 30 to 45 minutes", "20 14:45"),
        ("Next update in 30 minutes to an hour", "20 15:00"),
        ("Next update between 14:30 and 15:00 UTC", "20 15:00"),
        ("Next update 14:30–15:00 UTC", "20 15:00"),
        ("Next update 14:30 UTC - 15:00 UTC", "20 15:00"),
        ("Next update 2-3pm UTC", "20 15:00"),
        ("Next update in the next hour", "20 15:00"),
        ("Next update within the hour", "20 15:00"),
        ("Next update in 24 hours", "21 14:00"),
        ("Next update in 2 days", "22 14:00"),
        ("We will keep you updated every 30 minutes", "20 14:30"),
        ("Updates at least every 30 minutes", "20 14:30"),
        ("Updates every half hour", "20 14:30"),
        ("Next update in 30 minutes (14:30 UTC)", "20 14:30"),
        ("Next post in 30 minutes", "20 14:30"),
        ("More information by 15:00 UTC", "20 15:00"),
        ("Further details will follow within the hour", "20 15:00"),
        ("We'll share more information in 45 minutes", "20 14:45"),
        ("Next update in 30 minutes or sooner", "20 14:30"),
        ("No new information yet, next update in 30 minutes", "20 14:30"),
        ("Next update not later than 15:00 UTC", "20 15:00"),
        ("Next update 15:00UTC", "20 15:00"),
        ("Next update at 3pmPST", "20 23:00"),
        ("Next update in up to 30 minutes", "20 14:30"),
        ("Next update in max 30 minutes", "20 14:30"),
        ("Update expected 15:00 UTC", "20 15:00"),
        ("We'll have another update for you by 11am ET", "20 16:00"),
        ("We will advise further by 15:00 UTC", "20 15:00"),
        ("We'll let you know more in 30 minutes", "20 14:30"),
        ("We will continue to provide updates every 30 minutes until 18:00 UTC", "20 14:30"),
        ("Next update tomorrow, 21 Nov, 9:00 UTC", "21 09:00"),
    ];
    assert!(rows.len() >= 120, "{} forms", rows.len());
    let wrong = rows.iter().filter_map(|(text, due)| match heard(text, at(NOW)) {
        Some(Heard::Sure(found)) if found.due.format("%d %H:%M").to_string() == *due => None,
        heard => Some(format!("{text:?} is {due}, not {heard:?}")),
    });
    assert_eq!(wrong.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn what_nobody_can_be_sure_of_is_asked() {
    let texts = [
        "Next update at 3pm CST",
        "Next update at 3pm IST",
        "Next update at 15:00 local time",
        "Next update at 15:00 your time",
        "Next update at 3pm Springfield time",
        "Next update at 15:00 WAT",
        "Next update by 15:00 EDT",
        "Next update by 15:00 CEST",
        "Next update at 3:30",
        "Next update at 3 o'clock UTC",
        "Next update at half past three UTC",
        "Next update at 3 UTC",
        "Next update at 5",
        "Next update in 60",
        "Next update 1h30",
        "Next update 20h27",
        "Next update in 20h27 UTC",
        "Next update at 25:00 UTC",
        "Next update at 14:3 UTC",
        "Next update at 14:60 UTC",
        "Next update at 13 pm UTC",
        "Next update at 21:02 UTC+25",
        "Next update by end of day",
        "Next update by EOD",
        "Next update by close of business",
        "Next update by end of the shift",
        "Next update in a few minutes",
        "Next update in a couple of hours",
        "Next update in an hour or two",
        "Next update in 30 days",
        "Next update in two weeks",
        "Next update tomorrow",
        "Next update tomorrow morning",
        "Next update this afternoon",
        "Next update on Monday",
        "Next update on Friday at 09:00 UTC",
        "Next update next Friday at 16:00 UTC",
        "Next update on Monday, November 20, at 15:30 UTC",
        "Next update: 11/12/2026 15:30 UTC",
        "Next update on December 20 at 15:00 UTC",
        "Next update by 2025-11-20 15:30 UTC",
        "Next update by midnight on Friday",
        "Next update after 15:00 UTC",
        "Next update no earlier than 15:00 UTC",
        "Next update not before 15:00 UTC",
        "No update before 15:00 UTC",
        "There will be no further updates until 15:00 UTC",
        "We will not post another update before 15:00 UTC",
        "Next update at 15:00 UTC at the earliest",
        "Next update in at least 30 minutes",
        "Next update at 15:00 UTC or 16:00 UTC",
        "Next update in 30 minutes (15:00 UTC)",
        "Next update at 10am PT / 3pm ET",
        "Next update on 11/21 at 9am PT",
    ];
    let wrong = texts.into_iter().filter_map(|text| match heard(text, at(NOW)) {
        Some(Heard::Unsure { .. }) => None,
        heard => Some(format!("{text:?} is {heard:?}")),
    });
    assert_eq!(wrong.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn no_promises() {
    for text in [
        "Resolved after 60 minutes.",
        "Updated 10 minutes ago",
        "Last update 10 minutes ago",
        "The last update in 30 minutes was wrong",
        "We posted an update in 20 minutes",
        "Pipelines will start in 60 minutes",
        "We will update the database in 30 minutes",
        "We will update once the migration finishes in 30 minutes",
        "The fix will be live in 30 minutes, the update follows when it is out",
        "In 30 minutes the fix will be out. We will update then.",
        "Update at 13:30 UTC: the fix is out",
        "New update 13:05 UTC: the fix is out",
        "We rolled the update back in 20 minutes",
        "Next update soon",
        "Next update as soon as we know more",
        "We expect normal waiting times within the hour",
        "Services will be back in 30 minutes",
        "Errors began at 13:20 UTC. We look into it.",
        "There were no updates for 30 minutes",
        "",
    ] {
        assert_eq!(heard(text, at(NOW)), None, "{text:?}");
    }
}

#[test]
fn a_day_without_a_time_does_not_hide_a_time() {
    let text = "Next update at 15:00 UTC. More details will follow tomorrow.";
    assert_eq!(found(text, at(NOW)).map(|found| found.due), Some(at("2026-11-20T15:00:00Z")));
    let text = "Next update at 15:00 UTC. Sorry: next update at 3pm CST.";
    assert_eq!(unsure(text, at(NOW)).as_deref(), Some("next update at 3pm CST"), "what is said last counts");
}

/// Summer and winter time: "PT" is whichever holds, "PST" in summer is nobody's time.
#[test]
fn zones_follow_the_season() {
    let summer = at("2026-07-10T14:00:00Z");
    for (said, due) in [
        ("at 11am PT", Some("18:00")),
        ("at 11am PDT", Some("18:00")),
        ("at 11am PST", None),
        ("at 12:00 ET", Some("16:00")),
        ("at 16:00 BST", Some("15:00")),
        ("at 17:00 CEST", Some("15:00")),
        ("at 17:00 CET", None),
        ("at 11:00 EST", None),
    ] {
        let found = found(&format!("Next update {said}"), summer).map(|found| found.due.format("%H:%M").to_string());
        assert_eq!(found.as_deref(), due, "{said}");
    }
    // The clocks of New York show 01:30 twice.
    assert_eq!(found("Next update at 1:30 AM ET", at("2026-10-31T20:00:00Z")), None);
}

#[test]
fn a_time_of_day_is_the_nearest() {
    for (now, said, due) in [
        ("2026-11-20T23:50:00Z", "00:20", "2026-11-21T00:20:00Z"),
        ("2026-11-20T00:10:00Z", "23:50", "2026-11-19T23:50:00Z"),
        ("2026-11-20T14:00:00Z", "13:30", "2026-11-20T13:30:00Z"),
        ("2026-11-20T14:00:00Z", "02:00", "2026-11-21T02:00:00Z"),
    ] {
        let found = found(&format!("Next update by {said} UTC"), at(now)).map(|found| found.due);
        assert_eq!(found, Some(at(due)), "{said} said at {now}");
    }
}

#[test]
fn no_clock_makes_it_stumble() {
    for now in [Time::MIN_UTC, Time::MAX_UTC] {
        for text in [
            "Next update at 00:30 UTC",
            "Next update by 23:59",
            "Next update in 60 minutes",
            "Next update at the top of the hour",
            "Next update by EOD PT",
            "Next update tomorrow at 9am ET",
            "Next update on Monday at 9am UTC+14",
            "Next update on Nov 20 at 9am UTC",
        ] {
            let found = found(text, now);
            assert!(found.is_none_or(|found| found.due > Time::MIN_UTC), "{text:?} at {now}");
        }
    }
}

fn at(text: &str) -> Time {
    text.parse().expect("an instant")
}
