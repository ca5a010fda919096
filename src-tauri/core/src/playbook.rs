//! The team's rules as data. The default ships with the app; a team lays its own file over it.

pub mod handover;

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::alarm::Sound;
use crate::feed::{IssueState, PageKind, StatusPage};
use crate::phase::{Phase, Severity};
use crate::post::template::{self, Template};
use crate::post::weigh::Limits;
use crate::post::wordings::Wordings;
use crate::stage::{self, Reference, StageRules};
use crate::zendesk::ZendeskRules;

use self::handover::HandoverRules;
use crate::training::TrainingRules;

/// Everything that belongs to one company or team. Unknown keys are errors: a typing slip must not pass silently.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Playbook {
    /// What the team calls this set of rules.
    pub name: String,
    /// How PagerDuty is watched.
    pub pagerduty: PagerDutyRules,
    /// Pages and their target.
    pub page: PageRules,
    /// How alarms repeat and grow, by sound.
    pub alarm: BTreeMap<Sound, AlarmRules>,
    /// Public updates (H30–H48).
    pub updates: UpdateRules,
    /// The issue tracker (H10).
    pub tracker: TrackerRules,
    /// The status page.
    pub status_page: StatusPageRules,
    /// How a shift is handed over (H80).
    pub handover: HandoverRules,
    /// Maintenance (H60–H65).
    pub maintenance: MaintenanceRules,
    /// Texts to start from (H42).
    #[serde(default)]
    pub templates: Vec<Template>,
    /// The stages of the duty and their tasks (H50–H56).
    #[serde(default)]
    pub stages: Vec<StageRules>,
    /// Texts to look things up in (H1–H5, H11–H13, H20, H48).
    #[serde(default)]
    pub reference: Vec<Reference>,
    /// Tickets that an incident brings (H53, H54).
    pub zendesk: ZendeskRules,
    /// What the duty is measured by (H90).
    #[serde(default)]
    pub kpi: KpiRules,
    /// What trainees are asked (H90, H103).
    #[serde(default)]
    pub training: TrainingRules,
    /// Places to open, by slot name (H110).
    #[serde(default)]
    pub links: BTreeMap<String, String>,
}

/// How PagerDuty is watched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PagerDutyRules {
    /// Base URL by region name; the first choice offered is the one named `default_region`.
    pub regions: BTreeMap<String, String>,
    /// The region that is offered first.
    pub default_region: String,
    /// Ids of the schedules on which people only shadow (H24, services.md 1.6).
    pub shadow_schedules: BTreeSet<String>,
    /// Seconds between two polls while I am not on call.
    pub poll_off_shift_s: u32,
    /// Seconds between two look-ups of my on-call times; that endpoint has a tighter rate limit (services.md 1.2).
    pub oncall_interval_s: u32,
    /// Seconds without an answer after which being blind is an alarm.
    pub blind_after_s: u32,
}

impl PagerDutyRules {
    /// Time between two look-ups of my on-call times.
    #[must_use]
    pub fn oncall_interval(&self) -> TimeDelta {
        TimeDelta::seconds(self.oncall_interval_s.into())
    }
}

/// Pages and their target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageRules {
    /// Minutes from the trigger within which a page is to be acknowledged (H21).
    pub target_min: u32,
    /// Minutes that "quiet" lasts.
    pub quiet_min: u32,
    /// Pages that get a notification of their own before the rest share one (faults.md 23).
    pub notifications_max: u32,
}

/// When public updates are due (H30–H36).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateRules {
    /// Minutes to the next update, by phase and severity (H30); a phase that is missing has none.
    pub cadence_min: BTreeMap<Phase, BTreeMap<Severity, u32>>,
    /// Minutes before an update is due at which the first alarm comes.
    pub lead_min: u32,
    /// Minutes of the monitoring period (H36).
    pub monitoring_min: u32,
    /// How long an update may be (H40).
    #[serde(default)]
    pub limits: Limits,
    /// The words by which a text is told to say what it has to (H45).
    #[serde(default)]
    pub wordings: Wordings,
    /// What is said to the incident manager before publishing; `{text}` is the draft (H43).
    pub intend: String,
    /// The same when the phase changes; `{phase}` is the new one.
    pub intend_move: String,
    /// Hours without any change after which Herald asks whether an incident is still going on.
    pub ask_after_h: u32,
    /// Seconds within which what was sent and never answered may still land.
    pub late_write_s: u32,
}

/// How incidents are found in the tracker (H10).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrackerRules {
    /// The API's base URL that is offered first.
    pub base_url: String,
    /// The project that is offered first, as id or path.
    pub project: String,
    /// Labels that an issue must carry to be an incident.
    pub labels: Vec<String>,
    /// What stands before the number in a severity label.
    pub severity_label: String,
    /// The label of an incident that used the status page (H52).
    pub page_label: String,
    /// The labels that say how an incident is.
    #[serde(default)]
    pub states: BTreeMap<IssueState, Vec<String>>,
    /// Words that stand before a fact in an issue's text, by fact.
    pub facts: BTreeMap<IssueFact, Vec<String>>,
    /// Seconds between two polls.
    pub poll_s: u32,
}

/// A fact that is looked for in the text of an issue (H2, H10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueFact {
    /// The incident manager.
    Im,
    /// The engineer on call.
    Eoc,
    /// The Slack channel.
    Channel,
    /// The call.
    Call,
}

/// The status page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusPageRules {
    /// What kind it is.
    pub kind: PageKind,
    /// Where it is written to.
    pub api_url: String,
    /// Where its public feed is read.
    pub feed_url: String,
    /// Where customers read it.
    pub public_url: String,
    /// The page's id at its service.
    pub page_id: String,
    /// Seconds between two polls.
    pub poll_s: u32,
}

impl StatusPageRules {
    /// The page as it is offered when one is connected.
    #[must_use]
    pub fn offer(&self) -> StatusPage {
        StatusPage {
            kind: self.kind,
            api_url: self.api_url.clone(),
            feed_url: self.feed_url.clone(),
            public_url: self.public_url.clone(),
            page_id: self.page_id.clone(),
            token: None,
        }
    }
}

/// Maintenance (H60–H65).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaintenanceRules {
    /// Minutes before the start at which the user is reminded.
    pub remind_min: BTreeSet<u32>,
    /// Minutes between two updates while it is told by hand.
    pub update_every_min: u32,
    /// Minutes after which what automation should have done is asked about, when it was not seen on the page.
    pub unseen_after_min: u32,
    /// Where it is linked for amplification.
    pub amplify_channel: String,
}

impl MaintenanceRules {
    /// How long the page may take to show what automation does.
    #[must_use]
    pub fn unseen_after(&self) -> TimeDelta {
        TimeDelta::minutes(self.unseen_after_min.into())
    }
}

/// What the duty is measured by, beside the target of pages and the cadence of updates (H90).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KpiRules {
    /// The task whose tick says that the bridge was joined; empty where a team has none.
    pub bridge_task: String,
    /// The task whose tick says that stakeholders have their thread (H51); empty where a team has none.
    pub stakeholder_task: String,
}

/// How one kind of alarm repeats and grows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlarmRules {
    /// Seconds between two rounds.
    pub repeat_s: u32,
    /// Loudness of the first round, in per cent of the user's volume.
    pub loudness_start: u8,
    /// By how much each round is louder, in per cent of the user's volume.
    pub loudness_step: u8,
}

impl Playbook {
    /// The time within which a page is to be acknowledged (H21).
    #[must_use]
    pub fn target(&self) -> TimeDelta {
        TimeDelta::minutes(self.page.target_min.into())
    }

    /// How long "quiet" lasts.
    #[must_use]
    pub fn quiet(&self) -> TimeDelta {
        TimeDelta::minutes(self.page.quiet_min.into())
    }

    /// How long what was sent and never answered may still land.
    #[must_use]
    pub fn late_write(&self) -> TimeDelta {
        TimeDelta::seconds(self.updates.late_write_s.into())
    }

    /// How long silence may last before it is an alarm.
    #[must_use]
    pub fn blind_after(&self) -> TimeDelta {
        TimeDelta::seconds(self.pagerduty.blind_after_s.into())
    }

    /// How alarms with this sound repeat and grow; the check of the playbook makes sure that each is there.
    #[must_use]
    pub fn alarm(&self, sound: Sound) -> AlarmRules {
        let calmest = AlarmRules { repeat_s: 300, loudness_start: 100, loudness_step: 0 };
        self.alarm.get(&sound).cloned().unwrap_or(calmest)
    }

    /// Every breach of a rule that the types cannot express, as `(key, what is allowed)`.
    #[must_use]
    pub fn faults(&self) -> Vec<(String, String)> {
        let mut faults = vec![];
        let mut range = |key: &str, value: u32, low: u32, high: u32| {
            if !(low..=high).contains(&value) {
                faults.push((key.to_owned(), format!("is {value}; allowed is {low} to {high}")));
            }
        };
        range("pagerduty.poll_off_shift_s", self.pagerduty.poll_off_shift_s, 2, 300);
        range("pagerduty.oncall_interval_s", self.pagerduty.oncall_interval_s, 60, 3600);
        range("pagerduty.blind_after_s", self.pagerduty.blind_after_s, 20, 600);
        range("page.target_min", self.page.target_min, 1, 240);
        range("page.quiet_min", self.page.quiet_min, 1, 60);
        range("page.notifications_max", self.page.notifications_max, 1, 10);
        range("updates.lead_min", self.updates.lead_min, 1, 30);
        range("updates.monitoring_min", self.updates.monitoring_min, 1, 1440);
        range("updates.late_write_s", self.updates.late_write_s, 5, 60);
        range("updates.ask_after_h", self.updates.ask_after_h, 1, 720);
        range("maintenance.update_every_min", self.maintenance.update_every_min, 5, 1440);
        range("maintenance.unseen_after_min", self.maintenance.unseen_after_min, 1, 1440);
        for minutes in &self.maintenance.remind_min {
            range("maintenance.remind_min", *minutes, 1, 14 * 1440);
        }
        range("tracker.poll_s", self.tracker.poll_s, 10, 300);
        range("status_page.poll_s", self.status_page.poll_s, 10, 300);
        range("zendesk.hours", self.zendesk.hours, 1, 168);
        range("zendesk.poll_s", self.zendesk.poll_s, 120, 3600);
        for (phase, row) in &self.updates.cadence_min {
            for (severity, minutes) in row {
                let key = format!("updates.cadence_min.{}.{}", phase.key(), severity.key());
                range(&key, *minutes, 1, 1440);
            }
        }
        for (sound, rules) in &self.alarm {
            let key = |field: &str| format!("alarm.{}.{field}", sound.key());
            range(&key("repeat_s"), rules.repeat_s, 5, 3600);
            range(&key("loudness_start"), rules.loudness_start.into(), 10, 100);
            range(&key("loudness_step"), rules.loudness_step.into(), 0, 100);
        }
        for sound in Sound::ALL.into_iter().filter(|sound| !self.alarm.contains_key(sound)) {
            faults.push((format!("alarm.{}", sound.key()), "is missing".into()));
        }
        if !self.pagerduty.regions.contains_key(&self.pagerduty.default_region) {
            let known = self.pagerduty.regions.keys().cloned().collect::<Vec<_>>().join(", ");
            faults.push(("pagerduty.default_region".into(), format!("is not among the regions: {known}")));
        }
        for phase in [Phase::Investigating, Phase::Identified, Phase::Monitoring] {
            let row = self.updates.cadence_min.get(&phase);
            for severity in
                Severity::ALL.into_iter().filter(|severity| row.is_none_or(|row| !row.contains_key(severity)))
            {
                faults.push((format!("updates.cadence_min.{}.{}", phase.key(), severity.key()), "is missing".into()));
            }
        }
        let mut said = BTreeSet::new();
        for (state, label) in
            self.tracker.states.iter().flat_map(|(state, labels)| labels.iter().map(move |it| (state, it)))
        {
            if label.trim().is_empty() || !said.insert(label) {
                let key = format!("tracker.states.{}", state.label().to_lowercase());
                faults.push((key, format!("has the label {label:?}, which is empty or says two things")));
            }
        }
        for it in &self.templates {
            let problems = template::problems(it, &self.updates.limits);
            faults.extend(problems.into_iter().map(|problem| (format!("templates.{}", it.id), problem)));
        }
        faults.extend(stage::faults(&self.stages, &self.reference));
        let tasks = [("kpi.bridge_task", &self.kpi.bridge_task), ("kpi.stakeholder_task", &self.kpi.stakeholder_task)];
        for (key, id) in tasks.into_iter().filter(|(_, id)| !id.is_empty()) {
            if stage::task(&self.stages, id).is_none() {
                faults.push((key.into(), format!("is {id:?}, which is no task of any stage")));
            }
        }
        faults.extend(self.zendesk.faults());
        faults.extend(self.handover.faults());
        let slots: Vec<&str> = self.links.keys().map(String::as_str).collect();
        faults.extend(self.training.faults(&slots));
        for (slot, url) in &self.links {
            if !(url.is_empty() || url.starts_with("https://") || url.starts_with("http://")) {
                faults.push((format!("links.{slot}"), "must start with https:// or http://".into()));
            }
        }
        faults
    }
}
