//! Templates of the user's own, as the composer lists them.

use super::*;
use crate::incident::Own;
use crate::settings::{OwnTemplate, SettingsPatch};
use crate::state::tests::{at, on_duty};

#[test]
fn own_templates_come_first_with_their_fields_filled() {
    let own = |name: &str| OwnTemplate { name: name.into(), phase: None, text: "{incident}: we know. {link}".into() };
    let templates = vec![own("One"), own("Two")];
    let mut state = on_duty();
    state.settings = state.settings.with(SettingsPatch::Templates { templates: templates.clone() });
    let mut incident = Incident::new(at(0));
    incident.own = Own { title: Some("Mail is late".into()), ..Own::default() };
    let listed = compose(&state, 1, &incident, at(1)).templates;
    let first: Vec<_> = listed.iter().take(2).map(|it| (it.name.as_str(), it.text.as_str(), it.own)).collect();
    assert_eq!(first, [("One", "Mail is late: we know.", true), ("Two", "Mail is late: we know.", true)]);
    assert!(listed.iter().skip(2).all(|it| !it.own) && listed[0].id != listed[1].id);
    let many = Command::Set { patch: SettingsPatch::Templates { templates: vec![own("x"); 41] } };
    assert_eq!(allowed(&state, &many, at(1)), Err(Refusal::TooMuch));
    let few = Command::Set { patch: SettingsPatch::Templates { templates } };
    assert_eq!(allowed(&state, &few, at(1)), Ok(()));
}
