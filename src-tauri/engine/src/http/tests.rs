//! Limits, and what counts as an answer.

use reqwest::header::{HeaderName, HeaderValue};

use super::*;

#[test]
fn pauses_are_read_and_clamped() {
    let now = DateTime::from_timestamp(1_800_000_000, 0).expect("in range");
    for (name, value, expected_s) in [
        ("retry-after", "30", Some(30)),
        ("retry-after", "0", Some(1)),
        ("retry-after", "-5", Some(1)),
        ("retry-after", "1000000000", Some(300)),
        ("retry-after", "Fri, 15 Jan 2027 08:01:00 GMT", Some(60)),
        ("retry-after", "soon", None),
        ("ratelimit-reset", "12", Some(12)),
        ("ratelimit-reset", "99999", Some(300)),
        ("ratelimit-reset", "1800000042", Some(42)),
        ("ratelimit-reset", "1799999990", Some(1)),
        ("ratelimit-reset", "1000000000", Some(300)),
        ("ratelimit-reset", "1e300", Some(300)),
        ("x-other", "12", None),
    ] {
        let headers = HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static(value))]);
        let expected = expected_s.map(|s| now + TimeDelta::seconds(s));
        assert_eq!(pause(&headers, now), expected, "{name}: {value}");
    }
}

#[test]
fn what_is_on_this_computer_needs_no_proxy() {
    for (url, expected) in [
        ("http://127.0.0.1:8080/incidents", true),
        ("http://127.9.9.9/", true),
        ("http://[::1]:8080/", true),
        ("http://LocalHost/", true),
        ("https://api.pagerduty.com/", false),
        ("http://128.0.0.1/", false),
        ("http://127.0.0.1.example/", false),
        ("http://localhost.example/", false),
        ("nonsense", false),
    ] {
        assert_eq!(is_here(url), expected, "{url}");
    }
}

#[tokio::test]
async fn no_proxy_sees_what_is_for_this_computer() {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::atomic::{AtomicU32, Ordering};

    let listen = |answer: &'static [u8]| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let (address, asked) = (listener.local_addr().expect("bound"), Arc::new(AtomicU32::new(0)));
        let counted = Arc::clone(&asked);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                let _ = stream.read(&mut [0; 4096]).and_then(|_| stream.write_all(answer));
            }
        });
        (address, asked)
    };
    let (service, _) = listen(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let (proxy, through) = listen(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let mut http = Http::new(Arc::default(), Arc::new(Clock::start())).expect("a client");
    let proxied = reqwest::Proxy::all(format!("http://{proxy}")).expect("an address");
    http.client = Client::builder().proxy(proxied).build().expect("a client");
    for (url, status, seen) in [
        (format!("http://{service}/"), StatusCode::OK, 0),
        ("http://service.example/".into(), StatusCode::BAD_GATEWAY, 1),
    ] {
        let request = Request { url: url.clone(), headers: HeaderMap::new() };
        let answer = http.send(request).await.expect("an answer");
        assert_eq!((answer.status, through.load(Ordering::SeqCst)), (status, seen), "{url}");
    }
}

#[test]
fn a_wall_on_the_way_says_nothing_about_the_key() {
    let now = DateTime::from_timestamp(1_800_000_000, 0).expect("in range");
    let (unauthorized, forbidden) = (StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN);
    for (status, kind, expected) in [
        (forbidden, Some("application/json"), FaultKind::Forbidden),
        (forbidden, Some("text/plain"), FaultKind::Forbidden),
        (forbidden, None, FaultKind::Forbidden),
        (forbidden, Some("Text/HTML; charset=utf-8"), FaultKind::NotTheService),
        (unauthorized, Some("application/json"), FaultKind::Unauthorized),
        (unauthorized, Some("text/html"), FaultKind::NotTheService),
    ] {
        let headers = kind.map(|kind| (CONTENT_TYPE, HeaderValue::from_static(kind)));
        let headers = HeaderMap::from_iter(headers);
        let tick = Clock::start().tick();
        let answer = Answer { status, headers, body: b"no".to_vec(), between: [tick, tick] };
        assert_eq!(refusal(&answer, now).kind, expected, "{kind:?}");
    }
}

#[test]
fn only_what_is_whole_and_of_now_is_an_answer() {
    let now = DateTime::from_timestamp(1_800_000_000, 0).expect("in range");
    for (status, age, expected) in [
        (200, None, None),
        (201, None, None),
        (200, Some("9"), None),
        (200, Some("soon"), None),
        (200, Some("11"), Some("an old copy out of a cache, 11 s old")),
        (200, Some("86400"), Some("an old copy out of a cache, 86400 s old")),
        (202, None, Some("it was taken in, and not answered yet (HTTP 202)")),
        (203, None, Some("it was changed on its way (HTTP 203)")),
        (204, None, Some("an empty answer (HTTP 204)")),
        (206, None, Some("only a part of the answer (HTTP 206)")),
        (207, None, Some("HTTP 207")),
        (301, None, Some("it points to another address")),
        (500, Some("86400"), Some("HTTP 500")),
    ] {
        let headers = HeaderMap::from_iter(age.map(|age| (AGE, HeaderValue::from_static(age))));
        let (status, tick) = (StatusCode::from_u16(status).expect("a status"), Clock::start().tick());
        let answer = Answer { status, headers, body: vec![], between: [tick, tick] };
        let told = counts(&answer, PAGES_AGE_MAX, now).err();
        assert_eq!(told.as_ref().map(|it| it.detail.as_str()), expected, "{status}, {age:?}");
        let open = told.is_none_or(|it| may_have_arrived(&it));
        assert_eq!(open, !matches!(status.as_u16(), 207), "{status}: whether a write may have been done");
    }
}

#[test]
fn every_shape_of_error_gives_its_words() {
    for (body, expected) in [
        (
            r#"{"error":{"message":"Invalid Input","code":2001,"errors":["Status must be one of"]}}"#,
            Some("Invalid Input Status must be one of"),
        ),
        (r#"{"error":{"message":"Not Found","code":2100}}"#, Some("Not Found")),
        (r#"{"error":{"message":"Bad","errors":{"event.since":["is past"]}}}"#, Some("Bad")),
        (r#"{"error":"account-level access token"}"#, Some("account-level access token")),
        (r#"{"message":"404 Project Not Found"}"#, Some("404 Project Not Found")),
        (r#"{"message":{"title":["is too long"]}}"#, Some("title is too long")),
        (r#"{"error":"invalid_token","error_description":"revoked"}"#, Some("invalid_token: revoked")),
        (r#"{"error":["name is missing"]}"#, Some("name is missing")),
        (r#"["Incident status is not included"]"#, Some("Incident status is not included")),
        (r#"{"status":{"error":"yes","message":"Authentication failed"}}"#, Some("Authentication failed")),
        ("Retry later\n", Some("Retry later")),
        ("no_service", Some("no_service")),
        ("<html>", None),
        ("{\"error\":", None),
        ("{}", None),
        ("", None),
    ] {
        assert_eq!(message(body.as_bytes()).as_deref(), expected, "{body}");
    }
}
