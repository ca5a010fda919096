//! Incidents as scenarios declare, change and end them.

use herald_practice::{Act, ActError, Declare, ImSays, IssueBy, IssueState, SetSeverity};
use serde_json::json;

use crate::Desk;

fn state(desk: &Desk) -> IssueState {
    desk.world.issues().pop().expect("an issue")
}

#[tokio::test]
async fn an_incident_is_declared_with_a_page_that_links_it() {
    let desk = Desk::quiet().await;
    let touched = desk.act(Act::Declare(Declare {
        incident: Some("login".to_owned()),
        page: Some("login-page".to_owned()),
        title: "Sign-in fails".to_owned(),
        severity: Some(1),
        impact: Some("Nobody can sign in.".to_owned()),
        ..Declare::default()
    }));
    let issue = state(&desk);
    assert_eq!(touched, [issue.iid.to_string(), desk.state("login-page").id]);
    assert!(issue.title.ends_with(": Sign-in fails"), "{}", issue.title);
    assert_eq!(issue.labels, ["Incident::Active", "incident", "severity::1"]);
    for line in [
        "## Customer Impact\n\nNobody can sign in.\n",
        "## Current Status\n",
        "- **Incident Manager (IM):** @mateo\n",
        "- **Engineer on Call (EOC):** @leila\n",
        "- **Slack channel:** [#incident-20101](https://chat.quillbrook.example/archives/incident-20101)\n",
        "- **Call:** https://calls.quillbrook.example/j/20101\n",
    ] {
        assert!(issue.description.contains(line), "{line} in {}", issue.description);
    }
    let (_, page) = desk.get(&format!("/incidents/{}?include[]=conference_bridge", touched[1])).await;
    assert_eq!(page["incident"]["title"], "[S1] Sign-in fails");
    assert!(page.to_string().contains("https://calls.quillbrook.example/j/20101"));
    let web = desk.http.get(&issue.web_url).send().await.expect("an answer").text().await.expect("a page");
    assert!(web.contains("#20101: ") && web.contains("Sign-in fails"), "{web}");
}

#[tokio::test]
async fn an_incident_changes_and_ends() {
    let desk = Desk::quiet().await;
    for act in [
        json!({"do": "declare", "incident": "api", "title": "API is slow"}),
        json!({"do": "set_severity", "incident": "api", "severity": 1}),
        json!({"do": "set_state", "incident": "api", "state": "mitigated", "by": "leila"}),
        json!({"do": "edit_issue", "incident": "api", "status": "Fixed, watching.", "add_labels": ["Service::API"]}),
        json!({"do": "set_confidential", "incident": "api"}),
        json!({"do": "comment", "incident": "api", "by": "dana", "text": "customers ask", "internal": true}),
        json!({"do": "im_says", "incident": "last", "text": "It is over."}),
        json!({"do": "close_issue", "incident": "20101"}),
    ] {
        let (status, body) = desk.post("/practice/act", act.clone()).await;
        assert_eq!((status, &body["incidents"]), (200, &json!(["20101"])), "{act}: {body}");
    }
    let issue = state(&desk);
    assert_eq!(issue.labels, ["Incident::Mitigated", "Service::API", "incident", "severity::1"]);
    assert!(issue.description.contains("## Current Status\n\nFixed, watching.\n"), "{}", issue.description);
    assert!(issue.description.contains("## Customer Impact\n\nTo be determined.\n"), "the rest stays");
    assert_eq!((issue.state.as_str(), issue.confidential, issue.api_writes), ("closed", true, 0));
    let spoken: Vec<(&str, &str)> =
        issue.notes.iter().filter(|note| !note.system).map(|note| (note.by.as_str(), note.text.as_str())).collect();
    assert_eq!(spoken, [("dana", "customers ask"), ("mateo", "It is over.")]);
    let said = desk.world.said().remove(0);
    assert_eq!((said.who.as_str(), said.channel.as_str()), ("Mateo Silva", "#incident-20101"));
    let mitigated = issue.label_changes.iter().find(|change| change.label == "Incident::Mitigated").expect("told");
    assert_eq!((mitigated.by.as_str(), mitigated.added), ("leila", true));
    desk.act(Act::ReopenIssue(IssueBy { incident: "api".to_owned(), by: None }));
    assert_eq!(desk.world.issue(20101).expect("there").state, "opened");
    assert_eq!(desk.world.state().issues, desk.world.issues());
}

#[tokio::test]
async fn what_is_not_possible_is_said() {
    let desk = Desk::quiet().await;
    let error = desk.world.do_now(Act::ImSays(ImSays { incident: "none".to_owned(), text: "x".to_owned() }));
    assert_eq!(error, Err(ActError::NoIssue("none".to_owned())));
    let severity = SetSeverity { incident: "none".to_owned(), severity: 5, by: None };
    assert!(matches!(desk.world.do_now(Act::SetSeverity(severity)), Err(ActError::Field { field: "severity", .. })));
    for act in [
        json!({"do": "declare", "title": ""}),
        json!({"do": "declare", "title": "x", "im": "nobody"}),
        json!({"do": "set_state", "incident": "last", "state": "over"}),
    ] {
        assert_eq!(desk.post("/practice/act", act.clone()).await.0, 400, "{act}");
    }
}
