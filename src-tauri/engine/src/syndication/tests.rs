//! Feeds as services send them, as they are misused, and as nobody should send them.

use herald_core::FaultKind;
use herald_core::feed::Update;

use super::*;

fn at(text: &str) -> Time {
    text.parse().expect("a time")
}

fn rss(items: &str) -> String {
    format!("<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel><title>Status</title>\n{items}\n</channel></rss>")
}

fn item(html: &str, at: &str) -> String {
    format!(
        "<item><title><![CDATA[Delayed jobs]]></title><description><![CDATA[{html}]]></description>\
         <link>https://status.io/pages/incident/5b36/5a11</link><guid isPermaLink=\"false\">5a11</guid>\
         <pubDate>{at}</pubDate></item>"
    )
}

fn read(feed: &str) -> (Vec<PostSeen>, u32, bool) {
    posts(&xml::entries(feed).expect("a feed"), at("2026-06-04T13:00:00Z"))
}

/// The updates of the only incident, as (time, phase, text).
fn updates(html: &str, published: &str) -> Vec<(String, Option<Phase>, String)> {
    let (posts, _, _) = read(&rss(&item(html, published)));
    let told = |it: &Update| (it.at.format("%m-%d %H:%M:%S").to_string(), it.phase, it.text.clone());
    posts.first().map(|post| post.updates.iter().map(told).collect()).unwrap_or_default()
}

#[test]
fn both_services_shapes_tell_the_same() {
    let oldest_first = "<small>June 4, 2026 05:15 PDT</small><br /><b>Investigating</b> - We see delays. See \
                        https://gl.example/-/issues/1<br /><br /><small>June 4, 2026 05:42 PDT</small><br />\
                        <b>Identified</b> - The cause is known &amp; a fix is on its way.<br /><br />";
    let newest_first = "<p><small>Jun <var data-var='date'> 4</var>, <var data-var='time'>12:42</var> UTC</small><br />\
                        <strong>Identified</strong> - The cause is known &amp; a fix is on its way.</p>\
                        <p><small>Jun  4, 12:15 UTC</small><br><strong>Investigating</strong> - We see delays. See \
                        <a href=\"https://gl.example/-/issues/1\">https://gl.example/-/issues/1</a></p>";
    let expected = vec![
        (
            "06-04 12:15:00".into(),
            Some(Phase::Investigating),
            "We see delays. See https://gl.example/-/issues/1".into(),
        ),
        ("06-04 12:42:00".into(), Some(Phase::Identified), "The cause is known & a fix is on its way.".into()),
    ];
    for html in [oldest_first, newest_first] {
        assert_eq!(updates(html, "Thu, 04 Jun 2026 12:42:31 GMT"), expected, "{html}");
    }
}

#[test]
fn updates_of_every_shape_are_read() {
    const IDENTIFIED: Option<Phase> = Some(Phase::Identified);
    const MONITORING: Option<Phase> = Some(Phase::Monitoring);
    const RESOLVED: Option<Phase> = Some(Phase::Resolved);
    let when = "Thu, 04 Jun 2026 12:42:31 +0000";
    for (why, html, expected) in [
        ("no updates inside: all is one", "Mail is late.", vec![("06-04 12:42:31", None, "Mail is late.")]),
        ("the phase stands in the text", "Identified - Found.", vec![("06-04 12:42:31", IDENTIFIED, "Found.")]),
        (
            "an unknown word leaves the phase",
            "<small>Jun 4, 12:40 UTC</small><b>Monitoring</b> - a<br><small>Jun 4, 12:42 UTC</small><b>Update</b> - b",
            vec![("06-04 12:40:00", MONITORING, "a"), ("06-04 12:42:00", MONITORING, "b")],
        ),
        (
            "a zone that the feed itself explains",
            "<small>June 4, 2026 18:27 +0545x</small><br /><b>Monitoring</b> - a",
            vec![("06-04 12:42:00", MONITORING, "a")],
        ),
        (
            "a name that many zones have",
            "<small>June 4, 2026 13:42 IST</small><br /><b>Monitoring</b> - a",
            vec![("06-04 12:42:00", MONITORING, "a")],
        ),
        (
            "a riddle of a zone: the newest is dated by the entry, the others are left out",
            "<small>June 4, 2026 03:00 LMT</small><b>Monitoring</b> - a<br><small>June 4, 2026 01:00 LMT</small><b>Identified</b> - b",
            vec![("06-04 12:42:31", MONITORING, "a")],
        ),
        (
            "two in one minute stand in their order",
            "<small>Jun 4, 12:42 UTC</small><b>Resolved</b> - b<br><small>Jun 4, 12:42 UTC</small><b>Monitoring</b> - a",
            vec![("06-04 12:42:00", MONITORING, "a"), ("06-04 12:42:01", RESOLVED, "b")],
        ),
        (
            "bold and small words inside a text are its own",
            "<small>Jun 4, 12:42 UTC</small><b>Identified</b> - <b>All</b> of it, <small>even this</small>, is text",
            vec![("06-04 12:42:00", IDENTIFIED, "All of it, even this, is text")],
        ),
        (
            "script is no text, and signs that hide are taken out",
            "<small>Jun 4, 12:42 UTC</small><b>Identified</b> - <script>alert(1)</script>a\u{202e}b<img src=x onerror=y>",
            vec![("06-04 12:42:00", IDENTIFIED, "ab")],
        ),
        ("nothing at all", "", vec![("06-04 12:42:31", None, "")]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|(at, phase, text)| (at.into(), phase, text.into())).collect();
        assert_eq!(updates(html, when), expected, "{why}");
    }
}

#[test]
fn the_year_turns() {
    let html = "<p><small>Jan  1, 00:10 UTC</small><br><strong>Monitoring</strong> - b</p>\
                <p><small>Dec 31, 23:50 UTC</small><br><strong>Identified</strong> - a</p>";
    let (posts, ..) = read(&rss(&item(html, "Thu, 01 Jan 2026 00:10:00 GMT")));
    let times: Vec<Time> = posts[0].updates.iter().map(|it| it.at).collect();
    assert_eq!(times, [at("2025-12-31T23:50:00Z"), at("2026-01-01T00:10:00Z")]);
}

#[test]
fn what_goes_on_is_told_from_what_is_over() {
    let going = |word: &str| format!("<small>June 4, 2026 12:00 UTC</small><br /><b>{word}</b> - text");
    for (html, published, open) in [
        (going("Monitoring"), "Thu, 04 Jun 2026 12:00:00 GMT", true),
        (going("Monitoring"), "Thu, 04 Jun 2020 12:00:00 GMT", true),
        (going("Resolved"), "Thu, 04 Jun 2026 12:00:00 GMT", false),
        (going("Postmortem"), "Thu, 04 Jun 2026 12:00:00 GMT", false),
        (going("Update"), "Thu, 04 Jun 2026 12:00:00 GMT", true),
        ("in no form that is known".into(), "Thu, 04 Jun 2026 12:00:00 GMT", true),
        ("in no form that is known".into(), "Mon, 01 Jun 2026 12:00:00 GMT", false),
    ] {
        assert_eq!(read(&rss(&item(&html, published))).0[0].open, open, "{html} at {published}");
    }
    let planned = "<small>June 4, 2026 12:00 UTC</small><br /><b>In progress</b> - Work on the database";
    assert_eq!(read(&rss(&item(planned, "Thu, 04 Jun 2026 12:00:00 GMT"))), (vec![], 0, true), "planned work");
    let planned = item(&going("Active"), "Thu, 04 Jun 2026 12:00:00 GMT").replace("/incident/", "/maintenance/");
    assert_eq!(read(&rss(&planned)), (vec![], 0, true), "planned work");
}

#[test]
fn atom_is_read_too() {
    let feed = "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?><feed xmlns=\"http://www.w3.org/2005/Atom\">\
                <title>Status</title><link rel=\"self\" href=\"https://s.example/history.atom\"/>\
                <entry><id>tag:s.example,2005:Incident/77</id><published>2026-06-04T12:00:00Z</published>\
                <updated>2026-06-04T12:42:31Z</updated>\
                <link rel=\"self\" href=\"https://s.example/77.atom\"/>\
                <link rel=\"alternate\" type=\"text/html\" href=\"https://s.example/incidents/77?a=1&amp;b=2\"/>\
                <title>Mail &amp; more</title>\
                <content type=\"html\">&lt;p&gt;&lt;small&gt;Jun  4, 12:42 UTC&lt;/small&gt;&lt;br /&gt;\
                &lt;strong&gt;Resolved&lt;/strong&gt; - Done.&lt;/p&gt;</content></entry>\
                <entry><id>tag:s.example,2005:Incident/78</id><updated>2026-06-04T12:50:00Z</updated>\
                <content type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\"><p><small>Jun 4, 12:50 UTC</small>\
                <br/><strong>Monitoring</strong> - Watching <a href=\"https://gl.example/1\">it</a></p></div></content>\
                </entry></feed>";
    let (posts, skipped, complete) = read(feed);
    assert_eq!((posts.len(), skipped, complete), (2, 0, true));
    let (over, going) = (&posts[0], &posts[1]);
    assert_eq!((over.id.as_str(), over.title.as_str(), over.open), ("77", "Mail & more", false));
    assert_eq!(over.url.as_deref(), Some("https://s.example/incidents/77?a=1&b=2"));
    assert_eq!(over.updates[0].text, "Done.");
    assert_eq!((going.id.as_str(), going.open), ("78", true));
    assert_eq!(going.updates[0].text, "Watching it (https://gl.example/1)");
}

#[test]
fn entries_under_one_name_are_one_incident() {
    let one = |word: &str, minute: u8| {
        let html = format!("<small>June 4, 2026 12:{minute} UTC</small><br /><b>{word}</b> - {word} text");
        item(&html, &format!("Thu, 04 Jun 2026 12:{minute}:00 GMT"))
    };
    let feed = rss(&[one("Resolved", 40), one("Monitoring", 20), one("Monitoring", 20)].concat());
    let (posts, _, complete) = read(&feed);
    let phases: Vec<Phase> = posts[0].updates.iter().filter_map(|it| it.phase).collect();
    assert_eq!(
        (posts.len(), phases, posts[0].open, complete),
        (1, vec![Phase::Monitoring, Phase::Resolved], false, true)
    );
}

#[test]
fn one_bad_entry_costs_only_itself() {
    let good = item("<small>June 4, 2026 12:00 UTC</small><b>Monitoring</b> - a", "Thu, 04 Jun 2026 12:00:00 GMT");
    let feed = rss(&format!("<item><title>no date</title><guid>1</guid></item>{good}<item></item>"));
    let (posts, skipped, complete) = read(&feed);
    assert_eq!((posts.len(), skipped, complete), (1, 2, false), "what is lacking must not count as gone");
    assert_eq!(posts[0].url.as_deref(), Some("https://status.io/pages/incident/5b36/5a11"));
    let far = |year: u32| item("<small>May 4, 12:00</small><b>Monitoring</b> - a", &format!("{year}-05-04T12:00:00Z"));
    for year in [1999, 2100, 9999] {
        assert_eq!(read(&rss(&far(year))).0.iter().map(|post| post.updates.len()).sum::<usize>(), 0, "in {year}");
    }
    let script = good.replace("https://status.io/pages/incident/5b36/5a11", "javascript:alert(1)");
    assert_eq!(read(&rss(&script)).0[0].url, None, "only web links are kept");
}

#[test]
fn what_is_no_feed_is_a_failure_and_not_an_empty_one() {
    let deep = format!("<rss><channel>{}", "<a>".repeat(200_000));
    let good = rss(&item("a", "Thu, 04 Jun 2026 12:00:00 GMT"));
    let half = &good[..good.len() / 2];
    for (why, text, expected) in [
        ("a captive portal", "<!DOCTYPE html><html><body>Sign in</body></html>", FaultKind::NotTheService),
        ("a page that is no XML", "<html><br><p>Sign in", FaultKind::NotTheService),
        (
            "another service",
            "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>",
            FaultKind::NotTheService,
        ),
        ("text", "no_service", FaultKind::NotTheService),
        ("nothing", "", FaultKind::NotTheService),
        ("JSON", "{\"result\": {}}", FaultKind::NotTheService),
        ("cut off", half, FaultKind::Broken),
        ("tags that cross", "<rss><channel></rss></channel>", FaultKind::Broken),
        ("too deep", &deep, FaultKind::TooLarge),
    ] {
        assert_eq!(xml::entries(text).map_err(|fault| fault.kind), Err(expected), "{why}");
    }
    assert_eq!(read(&rss("")), (vec![], 0, true), "an empty feed is one");
}

#[test]
fn entities_are_not_expanded() {
    let bomb = "<!DOCTYPE rss [<!ENTITY a \"aaaaaaaaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">\
                <!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
    let items = "<item><guid>1</guid><title>t&c;&x;&amp;</title><pubDate>Thu, 04 Jun 2026 12:00:00 GMT</pubDate>\
                 <description>a&c;b</description></item>";
    let (posts, ..) = read(&format!("<?xml version=\"1.0\"?>{bomb}<rss><channel>{items}</channel></rss>"));
    assert_eq!((posts[0].title.as_str(), posts[0].updates[0].text.as_str()), ("t&", "ab"));
}

#[test]
fn a_hostile_feed_is_read_within_limits() {
    let started = std::time::Instant::now();
    let when = "Thu, 04 Jun 2026 12:00:00 GMT";
    let many = item("<small>June 4, 2026 12:00 UTC</small><b>Monitoring</b> - a", when).repeat(2_000);
    assert!(!read(&rss(&many)).2, "what is too much is not complete");
    for html in ["<a \"", "&#x", "<", "<small>", "<b>", "<script>", "<!--", "<small>Jun 4, 12:00</small>", "<a href='"]
    {
        let (posts, ..) = read(&rss(&item(&html.repeat(1_000_000 / html.len()), when)));
        let post = &posts[0];
        assert!(
            post.updates.len() <= UPDATES_MAX && post.updates.iter().all(|it| it.text.len() <= 64 * 1024),
            "{html}"
        );
    }
    assert!(started.elapsed().as_secs() < 30, "it took {:?}", started.elapsed());
}

/// An item of a feed in which nothing is dated but the item, as (title, text, further elements).
fn undated(title: &str, html: &str, more: &str) -> String {
    format!(
        "<item><title><![CDATA[{title}]]></title><description><![CDATA[{html}]]></description>\
         <link>https://status.quillbrook.example/incidents/5a11</link><guid>5a11</guid>\
         <pubDate>Thu, 04 Jun 2026 12:42:31 GMT</pubDate>{more}</item>"
    )
}

/// What is stated in words, in the forms that pages use. Sources: incident.io's feeds as recorded in public test suites
/// (`Status: …` in bold, then the text and the affected components), Better Stack's and Kener's feed documents
/// (`[Resolved] …`, `[Maintenance] …`), the AWS feed as quoted by Grafana's documentation, Heroku's feed as quoted by
/// `lastpost`, Google Cloud's titles, x.ai's feed (`Status: ACTIVE` as a heading, state as a category), Statuspage's own
/// header of planned work.
#[test]
fn a_state_in_words_is_read_wherever_it_stands() {
    use Phase::{Identified, Investigating, Monitoring, Resolved};
    let components = "<br/><br/><b>Affected components</b>\n<ul>\n<li>Mail (Operational)</li></ul>";
    let status = |word: &str| format!("<b>Status: {word}</b><br/><br/>Mail is late.{components}");
    let category = |word: &str| format!("<category>{word}</category>");
    for (title, html, more, phase, open) in [
        ("Mail is late", status("Resolved"), String::new(), Some(Resolved), false),
        ("Mail is late", status("Monitoring"), String::new(), Some(Monitoring), true),
        ("Mail is late", status("Identified"), String::new(), Some(Identified), true),
        ("Mail is late", status("Investigating"), String::new(), Some(Investigating), true),
        ("Mail is late", status("Deferred"), String::new(), None, true),
        ("Mail is late", "<p>Status : RESOLVED</p>Mail is late.".into(), String::new(), Some(Resolved), false),
        ("Mail is late", "<h3>Status: ACTIVE</h3><p>Mail is late.</p>".into(), String::new(), None, true),
        ("Mail is late", "Current status: Fixed | Mail\nMail is late.".into(), String::new(), Some(Resolved), false),
        ("[Resolved] Mail is late", "Mail is late.".into(), String::new(), Some(Resolved), false),
        ("[INVESTIGATING] Mail is late", "Mail is late.".into(), String::new(), Some(Investigating), true),
        ("Resolved: Mail is late", "Mail is late.".into(), String::new(), Some(Resolved), false),
        ("RESOLVED - Mail is late", "Mail is late.".into(), String::new(), Some(Resolved), false),
        ("Mail is late (resolved)", "Mail is late.".into(), String::new(), Some(Resolved), false),
        ("Mail is late – Monitoring", "Mail is late.".into(), String::new(), Some(Monitoring), true),
        ("Informational message: Mail is late", "Mail is late.".into(), String::new(), None, true),
        (
            "Service is operating normally: [RESOLVED] Mail is late",
            "Mail is late.".into(),
            String::new(),
            Some(Resolved),
            false,
        ),
        ("[Incident] Mail is late", "Status: Identified\nMail is late.".into(), String::new(), Some(Identified), true),
        ("Mail is late", "Mail is late.".into(), category("resolved"), Some(Resolved), false),
        ("Mail is late", "Mail is late.".into(), category("outage") + &category("active"), None, true),
        ("Mail is late", "<strong>RESOLVED</strong> - Mail is late.".into(), String::new(), Some(Resolved), false),
        ("Mail is late", "<b>Update</b> - Mail is late.".into(), String::new(), None, true),
        ("Mail is late", "Monitoring: Mail is late.".into(), String::new(), Some(Monitoring), true),
        ("Mail is late", "Mail is late.".into(), String::new(), None, true),
        // The text is newer than a title that somebody forgot.
        ("Investigating: Mail is late", status("Resolved"), String::new(), Some(Resolved), false),
    ] {
        let (posts, skipped, complete) = read(&rss(&undated(title, &html, &more)));
        let post = &posts[0];
        let update = &post.updates[0];
        assert_eq!((update.phase, post.open), (phase, open), "{title} / {html} / {more}");
        assert_eq!(post.title, "Mail is late", "{title}: the card keeps its title");
        let told = html.contains("Deferred") || update.text == "Mail is late.";
        assert!(told, "{title} / {html}: {:?}", update.text);
        assert_eq!((posts.len(), skipped, complete), (1, 0, true), "{title}");
    }
}

#[test]
fn a_text_that_lists_several_states_is_read_from_its_newer_end() {
    for (words, expected) in [
        (vec!["Resolved", "Monitoring", "Investigating"], Some(Phase::Resolved)),
        (vec!["Investigating", "Identified", "Update"], Some(Phase::Identified)),
        (vec!["Update", "Monitoring", "Update"], Some(Phase::Monitoring)),
        (vec!["Investigating", "Resolved", "Investigating"], None),
    ] {
        let html: String = words.iter().map(|word| format!("<p><strong>{word}</strong> - text</p>")).collect();
        let (posts, ..) = read(&rss(&undated("Mail is late", &html, "")));
        assert_eq!(posts[0].updates[0].phase, expected, "{words:?}");
    }
}

#[test]
fn planned_work_is_no_incident_however_it_is_marked() {
    for (title, html, more) in [
        ("Upgrade", "<b>Status: Scheduled</b><br/>We replace a disk.", ""),
        ("Upgrade", "<p><strong>THIS IS A SCHEDULED EVENT Jun 7, 13:00 - 23:45 UTC</strong></p>", ""),
        ("[Maintenance] Upgrade", "We replace a disk.", ""),
        ("[Scheduled] Upgrade", "We replace a disk.", ""),
        ("Maintenance: Upgrade", "We replace a disk.", ""),
        ("Upgrade", "<strong>Completed</strong> - It is done.", ""),
        ("Upgrade", "We replace a disk.", "<category>maintenance</category>"),
    ] {
        assert_eq!(read(&rss(&undated(title, html, more))), (vec![], 0, true), "{title} / {html} / {more}");
    }
    for place in ["maintenance", "maintenances", "scheduled_maintenances"] {
        let item = undated("Upgrade", "We replace a disk.", "").replace("/incidents/", &format!("/{place}/"));
        assert_eq!(read(&rss(&item)), (vec![], 0, true), "{place}");
    }
    let mentioned = undated("Mail is late", "Investigating - It is late.\nMaintenance: none is planned.", "");
    assert_eq!(read(&rss(&mentioned)).0.len(), 1, "what a text mentions is not what it is");
}

/// What was last said long ago still holds; only what says nothing is over by and by.
#[test]
fn an_old_entry_that_says_where_it_stands_is_believed() {
    let old = |html: &str| undated("Mail is late", html, "").replace("04 Jun 2026", "02 Jun 2026");
    for (html, open) in [
        ("<b>Status: Investigating</b><br/>It is late.", true),
        ("<h3>Status: ACTIVE</h3>It is late.", true),
        ("<b>Status: Resolved</b><br/>It is not late.", false),
        ("It is late.", false),
    ] {
        assert_eq!(read(&rss(&old(html).replace("Thu,", "Tue,"))).0[0].open, open, "{html}");
    }
}

/// Better Stack's feed document and AWS' feed have an entry for each update, named after the incident and the update.
#[test]
fn entries_that_name_their_update_are_one_incident() {
    let one = |guid: &str, title: &str, minute: u8| {
        format!(
            "<item><title>{title}</title><description>text of {minute}</description><guid>{guid}</guid>\
             <link>https://status.quillbrook.example/</link><pubDate>Thu, 04 Jun 2026 12:{minute}:00 GMT</pubDate></item>"
        )
    };
    let stack = "https://status.quillbrook.example/incidents/98765#update-";
    let cloud = "http://status.quillbrook.example/#mail-eu_17806";
    for (base, id) in [(stack, "98765"), (cloud, "mail-eu Mail is late")] {
        let items = [
            one(&format!("{base}3"), "[Resolved] Mail is late", 40),
            one(&format!("{base}2"), "[Monitoring] Mail is late", 30),
            one(&format!("{base}1"), "[Investigating] Mail is late", 20),
        ];
        let (posts, ..) = read(&rss(&items.concat()));
        let phases: Vec<Option<Phase>> = posts[0].updates.iter().map(|it| it.phase).collect();
        let expected = [Phase::Investigating, Phase::Monitoring, Phase::Resolved].map(Some);
        assert_eq!((posts.len(), posts[0].id.as_str(), posts[0].open), (1, id, false));
        assert_eq!(phases, expected, "{base}");
    }
    let of = |title: &str, day: u8| one(&format!("{cloud}{day}"), title, 20).replace("04 Jun", &format!("0{day} Jun"));
    let items = [of("Resolved: Mail is late", 1).replace("Thu", "Mon"), of("Investigating: Mail is late", 4)];
    let (posts, ..) = read(&rss(&items.concat()));
    assert_eq!((posts.len(), posts[0].updates.len(), posts[0].open), (1, 1, true), "the same once more is another");
}
