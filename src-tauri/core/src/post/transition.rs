//! What the fields of an update are to be when an incident goes from one phase to the next, and why (H45).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Published;
use crate::phase::{Impact, Phase};

/// What an update does to the incident on the status page (H45).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "PostStep")]
pub enum Step {
    /// Opens it.
    Create,
    /// Says what changed.
    Update,
    /// Says that a fix is out.
    Monitor,
    /// Ends it.
    Resolve,
}

/// The fields of the next update before the user touches them (H45).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Prefilled {
    /// What the update does.
    pub step: Step,
    /// The title so far.
    pub title: String,
    /// Where the incident stands then.
    pub phase: Phase,
    /// What the components can do then; to be chosen when it is missing.
    pub impact: Option<Impact>,
    /// The components so far.
    pub components: Vec<String>,
    /// Whether the issue has to be linked (H41).
    pub needs_link: bool,
    /// Whether all broadcast boxes are to be on.
    pub broadcast_all: bool,
    /// Whether set-status-level is to be on.
    pub set_status_level: bool,
    /// The rules that apply.
    pub rules: Vec<String>,
}

/// What an update from `previous` to `next` does. What was resolved and comes back is opened anew (H45).
#[must_use]
pub fn step(previous: Option<Phase>, next: Phase) -> Step {
    match (previous, next) {
        (None, _) => Step::Create,
        (Some(_), Phase::Resolved) => Step::Resolve,
        (Some(Phase::Resolved), Phase::Investigating | Phase::Identified | Phase::Monitoring) => Step::Create,
        (Some(Phase::Investigating | Phase::Identified), Phase::Monitoring) => Step::Monitor,
        (Some(_), Phase::Investigating | Phase::Identified | Phase::Monitoring) => Step::Update,
    }
}

/// The fields of the next update, from the last one that is public (H45).
#[must_use]
pub fn prefill(previous: Option<&Published>, to: Phase) -> Prefilled {
    let text = previous.map(|published| &published.text);
    let step = step(text.map(|text| text.phase), to);
    Prefilled {
        step,
        title: text.map_or_else(String::new, |text| text.title.clone()),
        phase: to,
        impact: impact(text.and_then(|text| text.impact), to),
        components: text.map_or_else(Vec::new, |text| text.components.clone()),
        needs_link: needs_link(step, to),
        broadcast_all: step == Step::Create,
        set_status_level: step != Step::Create,
        rules: rules(step, to),
    }
}

/// Whether the update has to link the issue: when it opens the incident and when it ends it (H41).
#[must_use]
pub fn needs_link(step: Step, to: Phase) -> bool {
    to == Phase::Resolved || step == Step::Create
}

/// Operational comes with Resolved and never before; otherwise nothing changes by itself.
fn impact(previous: Option<Impact>, to: Phase) -> Option<Impact> {
    match to {
        Phase::Resolved => Some(Impact::Operational),
        Phase::Investigating | Phase::Identified | Phase::Monitoring => {
            previous.filter(|impact| *impact != Impact::Operational)
        }
    }
}

/// What belongs into it, in our own words (H45); the link is H41.
fn rules(step: Step, to: Phase) -> Vec<String> {
    const LINK: &str = "Link the issue.";
    const LEVEL: &str = "Leave set-status-level on.";
    const NOT_YET: &str = "The status is not Operational yet: that comes with Resolved.";
    let rules: &[&str] = match step {
        Step::Create => &[
            "The title says in simple terms what the issue is.",
            "Investigating; Identified if IM or EOC already know the cause.",
            "How bad is it? If you are not sure, ask the IM.",
            "Choose each affected component, never the box above them: that one sets all of them.",
            "All broadcast boxes are on; the subject of the message stays as it is.",
            LINK,
        ],
        Step::Update if to == Phase::Monitoring => &["Say what changed since the last update.", NOT_YET, LEVEL],
        Step::Update => &[
            "Say what changed since the last update.",
            "The status stays, unless more or less is affected: then ask the IM.",
            LEVEL,
        ],
        Step::Monitor => &[
            "Say that systems are back to normal, that we watch for recurrence, and how long until we resolve.",
            NOT_YET,
            LEVEL,
        ],
        Step::Resolve => &[
            "Say that it is resolved and back to normal.",
            "The status of every component is Operational.",
            LEVEL,
            LINK,
        ],
    };
    rules.iter().map(|says| (*says).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::Text;

    #[test]
    fn steps() {
        use Phase::{Identified, Investigating, Monitoring, Resolved};
        for (previous, next, expected) in [
            (None, Investigating, Step::Create),
            (None, Identified, Step::Create),
            (None, Monitoring, Step::Create),
            (None, Resolved, Step::Create),
            (Some(Investigating), Investigating, Step::Update),
            (Some(Investigating), Identified, Step::Update),
            (Some(Investigating), Monitoring, Step::Monitor),
            (Some(Identified), Monitoring, Step::Monitor),
            (Some(Monitoring), Monitoring, Step::Update),
            (Some(Monitoring), Identified, Step::Update),
            (Some(Investigating), Resolved, Step::Resolve),
            (Some(Monitoring), Resolved, Step::Resolve),
            (Some(Resolved), Resolved, Step::Resolve),
            (Some(Resolved), Investigating, Step::Create),
        ] {
            assert_eq!(step(previous, next), expected, "{previous:?} to {next:?}");
        }
    }

    #[test]
    fn fields_by_transition() {
        use Phase::{Identified, Investigating, Monitoring, Resolved};
        let (bad, well) = (Some(Impact::Partial), Some(Impact::Operational));
        for (previous, to, impact, needs_link, broadcast_all, set_status_level) in [
            (None, Investigating, None, true, true, false),
            (None, Resolved, well, true, true, false),
            (Some((Investigating, bad)), Identified, bad, false, false, true),
            (Some((Identified, bad)), Monitoring, bad, false, false, true),
            (Some((Monitoring, bad)), Monitoring, bad, false, false, true),
            (Some((Monitoring, well)), Monitoring, None, false, false, true),
            (Some((Monitoring, bad)), Resolved, well, true, false, true),
            (Some((Resolved, well)), Investigating, None, true, true, false),
        ] {
            let published = previous.map(|(phase, impact)| published(phase, impact));
            let found = prefill(published.as_ref(), to);
            let fields = (found.impact, found.needs_link, found.broadcast_all, found.set_status_level);
            assert_eq!(fields, (impact, needs_link, broadcast_all, set_status_level), "{previous:?} to {to:?}");
            assert_eq!(found.phase, to);
        }
    }

    #[test]
    fn title_and_components_stay() {
        let found = prefill(Some(&published(Phase::Investigating, None)), Phase::Identified);
        assert_eq!((found.title.as_str(), found.components), ("Slow", vec!["Pipelines".to_owned()]));
    }

    #[test]
    fn every_transition_is_explained() {
        let phases = Phase::ALL.map(Some).into_iter().chain([None]);
        for previous in phases {
            for to in Phase::ALL {
                let rules = rules(step(previous, to), to);
                assert!(rules.len() >= 3, "{previous:?} to {to:?}: {rules:?}");
                assert!(rules.iter().all(|rule| rule.ends_with('.')), "{rules:?}");
            }
        }
    }

    fn published(phase: Phase, impact: Option<Impact>) -> Published {
        let at = "2026-11-20T14:00:00Z".parse().expect("an instant");
        let (title, components) = ("Slow".into(), vec!["Pipelines".into()]);
        Published { text: Text { title, text: "x".into(), phase, impact, components }, at }
    }
}
