//! Keys: who may come in, and what each may do.

use reqwest::Method;
use serde_json::json;

use crate::{Desk, code};
use herald_practice::TokenKind;

#[tokio::test]
async fn only_the_exact_form_of_authorization_is_taken() {
    let mut desk = Desk::quiet().await;
    let tokens = desk.world.tokens();
    for key in [&tokens.user, &tokens.user_read_only, &tokens.account, &tokens.account_read_only, &tokens.shadow_user] {
        assert_eq!(key.chars().count(), 20, "{key}");
    }
    let cases = [
        (format!("Token token={}", tokens.user), 200, TokenKind::User),
        (format!("Token token={}", tokens.account), 200, TokenKind::Account),
        (format!("Token token={}", tokens.shadow_user), 200, TokenKind::ShadowUser),
        (format!("Bearer {}", tokens.oauth), 200, TokenKind::Oauth),
        (String::new(), 401, TokenKind::Missing),
        (format!("Token {}", tokens.user), 401, TokenKind::Malformed),
        (format!("token token={}", tokens.user), 401, TokenKind::Malformed),
        (format!("Token token= {}", tokens.user), 401, TokenKind::Unknown),
        (format!("Bearer {}", tokens.user), 401, TokenKind::Unknown),
        (format!("Token token={}", tokens.oauth), 401, TokenKind::Unknown),
        (format!("Bearer {}", tokens.oauth_account), 200, TokenKind::OauthAccount),
        (format!("Token token={}", tokens.oauth_account), 401, TokenKind::Unknown),
        ("Token token=12345678901234567890".to_owned(), 401, TokenKind::Unknown),
    ];
    for (authorization, status, kind) in cases {
        desk.authorization.clone_from(&authorization);
        let answer = desk.get("/incidents").await;
        assert_eq!(answer.0, status, "{authorization}");
        if status == 401 {
            assert_eq!(code(&answer), (401, 2006), "{authorization}");
        }
        let last = desk.world.requests().pop().expect("written down");
        assert_eq!((last.token, last.status), (kind, Some(status)), "{authorization}");
    }
}

#[tokio::test]
async fn keys_without_a_user_do_not_know_who_i_am() {
    let desk = Desk::quiet().await;
    let (status, body) = desk.get("/users/me").await;
    assert_eq!((status, &body["user"]["name"], &body["user"]["type"]), (200, &json!("Elena Marek"), &json!("user")));
    let trap = body["user"]["http_cal_url"].as_str().expect("calendar link");
    assert!(trap.starts_with("http"), "{trap}");

    let desk = desk.with_key(|tokens| tokens.shadow_user);
    assert_eq!(desk.get("/users/me").await.1["user"]["name"], "Priya Nair");

    let desk = desk.with_key(|tokens| tokens.account);
    let (status, body) = desk.get("/users/me").await;
    assert_eq!(status, 400);
    let error = body["error"].as_str().expect("here the error is a text");
    assert!(error.contains("account-level access token"), "{error}");
}

#[tokio::test]
async fn read_only_keys_do_not_write() {
    let desk = Desk::quiet().await;
    let id = desk.trigger("down");
    let tokens = desk.world.tokens();
    let mut desk = desk;
    desk.from = Some(desk.world.cast().me().email.clone());
    for authorization in [
        format!("Token token={}", tokens.account_read_only),
        format!("Token token={}", tokens.user_read_only),
        format!("Bearer {}", tokens.oauth_read_only),
    ] {
        desk.authorization = authorization;
        assert_eq!(desk.get("/incidents").await.0, 200);
        assert_eq!(code(&desk.put(&id, json!({"status": "acknowledged"})).await), (403, 2010));
        let note = json!({"note": {"content": "x"}});
        assert_eq!(desk.post(&format!("/incidents/{id}/notes"), note).await.0, 403);
    }
    assert_eq!(desk.state(&id).api_writes, 0);
}

#[tokio::test]
async fn account_keys_need_somebody_in_whose_name() {
    let mut desk = Desk::quiet().await.with_key(|tokens| tokens.account);
    let id = desk.trigger("down");
    let acknowledged = json!({"status": "acknowledged"});
    assert_eq!(code(&desk.put(&id, acknowledged.clone()).await), (400, 2016), "From is missing");
    desk.from = Some("nobody@quillbrook.example".to_owned());
    assert_eq!(code(&desk.put(&id, acknowledged.clone()).await), (400, 1008), "From is unknown");
    assert_eq!(desk.state(&id).acknowledged_count, 0);
    desk.from = Some("Elena@quillbrook.example".to_owned());
    assert_eq!(desk.put(&id, acknowledged).await.0, 200);
    assert_eq!(desk.state(&id).acknowledged_by, ["elena"]);
}

#[tokio::test]
async fn user_keys_act_for_their_user_whatever_from_says() {
    let mut desk = Desk::quiet().await;
    let id = desk.trigger("down");
    desk.from = Some("nobody@quillbrook.example".to_owned());
    assert_eq!(desk.put(&id, json!({"status": "acknowledged"})).await.0, 200);
    assert_eq!(desk.state(&id).acknowledged_by, ["elena"]);
}

#[tokio::test]
async fn unknown_paths_are_not_found() {
    let desk = Desk::quiet().await;
    for (method, path) in [
        (Method::GET, "/nothing"),
        (Method::GET, "/"),
        (Method::GET, "/incidents/QNOTHING"),
        (Method::GET, "/incidents/99999"),
        (Method::DELETE, "/incidents"),
        (Method::GET, "/services/PNOTHING"),
        (Method::GET, "/v3/schedules/PNOTHING"),
    ] {
        assert_eq!(code(&desk.ask(method, path, None).await), (404, 2100), "{path}");
    }
}

#[tokio::test]
async fn requests_are_counted_and_refused_above_the_limit() {
    let text = "title = \"x\"\n[limits]\nper_minute = 5\noncalls_per_minute = 2\n";
    let desk = Desk::scenario(text).await;
    let header = |response: &reqwest::Response, name: &str| {
        response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("").to_owned()
    };
    let first = desk.send(Method::GET, "/oncalls", None).await.expect("answer");
    assert_eq!((header(&first, "ratelimit-limit"), header(&first, "ratelimit-remaining")), ("2".into(), "1".into()));
    desk.get("/oncalls").await;
    let third = desk.send(Method::GET, "/oncalls", None).await.expect("answer");
    assert_eq!((third.status().as_u16(), header(&third, "ratelimit-remaining")), (429, "0".to_owned()));
    let reset: i64 = header(&third, "ratelimit-reset").parse().expect("seconds");
    assert!((50..=60).contains(&reset), "{reset}");
    assert!(!third.headers().contains_key("retry-after"), "PagerDuty names none");
    let body: serde_json::Value = third.json().await.expect("json");
    assert_eq!(body, json!({"error": {"message": "Rate Limit Exceeded", "code": 2020}}));

    assert_eq!(desk.get("/incidents").await.0, 200);
    assert_eq!(desk.get("/incidents").await.0, 200);
    assert_eq!(code(&desk.get("/incidents").await), (429, 2020), "the sixth of five");
    let desk = desk.with_key(|tokens| tokens.user_read_only);
    assert_eq!(desk.get("/incidents").await.0, 429, "another key of the same user");
    let desk = desk.with_key(|tokens| tokens.account);
    assert_eq!(desk.get("/incidents").await.0, 200, "the account's own");
}

#[tokio::test]
async fn keys_are_those_that_the_readme_names() {
    let desk = Desk::quiet().await;
    let readme = include_str!("../../scenarios/README.md");
    let tokens = desk.world.tokens();
    let bearer = [format!("Bearer {}", tokens.oauth), format!("Bearer {}", tokens.oauth_read_only)];
    let plain = [tokens.user, tokens.user_read_only, tokens.shadow_user, tokens.account, tokens.account_read_only];
    for key in plain.into_iter().chain(bearer) {
        assert!(readme.contains(&format!("`{key}`")), "{key}");
    }
}
