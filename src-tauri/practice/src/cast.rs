//! Who and what the practice world is made of: people, schedules, policies, services.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::span::Span;
use crate::statusio::StatusIoPage;
use crate::statuspage::Statuspage;

/// The people and things of a scenario, as merged from the default cast and the scenario's own.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cast {
    /// The PagerDuty account.
    pub account: Account,
    /// Key of the user whom the app under practice belongs to.
    pub me: String,
    /// Key of the user who is on the shadow schedule only.
    pub shadow_user: String,
    /// All people.
    pub users: Vec<User>,
    /// All teams.
    pub teams: Vec<Named>,
    /// All priorities.
    pub priorities: Vec<Named>,
    /// All on-call schedules.
    pub schedules: Vec<Schedule>,
    /// All escalation policies.
    pub policies: Vec<Policy>,
    /// All services.
    pub services: Vec<Service>,
    /// How many requests are allowed.
    pub limits: Limits,
    /// The Status.io page.
    pub statusio: StatusIoPage,
    /// The Atlassian Statuspage.
    pub statuspage: Statuspage,
    /// Key of the incident manager of incidents that name none.
    pub im: String,
    /// Key of the engineer on call of incidents that name none.
    pub eoc: String,
    /// All GitLab projects; incidents are declared in the first.
    pub projects: Vec<Project>,
    /// How many requests GitLab allows.
    pub gitlab_limits: GitLabLimits,
    /// The Slack channel and its incoming webhook.
    pub slack: SlackHook,
}

/// A GitLab project.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Project {
    /// Name within scenarios.
    pub key: String,
    /// GitLab id; made from the key if left out.
    pub id: u64,
    /// Full path: `group/project`.
    pub path: String,
    /// Shown name.
    pub name: String,
    /// Anybody sees it and those of its issues that are not confidential.
    pub public: bool,
    /// The number of its first issue; 1 if left out.
    pub first_iid: u64,
    /// Paths it had before: they lead on to it.
    pub moved_from: Vec<String>,
    /// Labels it has from the start.
    pub labels: Vec<String>,
    /// Its issues are never confidential, whatever is asked for: a wish is dropped without a word.
    pub drops_confidential: bool,
    /// Texts of its issue templates, by name.
    pub templates: BTreeMap<String, String>,
}

/// How many requests GitLab allows in a minute; the minute runs at the world's speed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GitLabLimits {
    /// Requests of one user.
    pub per_minute: u32,
    /// Requests of all who show no token.
    pub anonymous_per_minute: u32,
    /// Requests of one user for a project itself.
    pub project_per_minute: u32,
    /// Searches of one user.
    pub search_per_minute: u32,
    /// Issues that one user creates.
    pub issues_per_minute: u32,
    /// Notes that one user creates.
    pub notes_per_minute: u32,
}

impl Default for GitLabLimits {
    fn default() -> Self {
        // The documented numbers of gitlab.com.
        GitLabLimits {
            per_minute: 2000,
            anonymous_per_minute: 500,
            project_per_minute: 400,
            search_per_minute: 100,
            issues_per_minute: 200,
            notes_per_minute: 60,
        }
    }
}

/// A Slack channel and its incoming webhook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SlackHook {
    /// The channel that the webhook posts to.
    pub channel: String,
    /// How many messages may come at once; then one a second, at the world's speed.
    pub burst: u32,
}

impl Default for SlackHook {
    fn default() -> Self {
        // Slack tells of "short bursts" without a number.
        SlackHook { channel: "#support_incidents".to_owned(), burst: 4 }
    }
}

/// The PagerDuty account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Account {
    /// Its short name, `quillbrook`.
    pub subdomain: String,
    /// Its full name.
    pub name: String,
    /// The IANA time zone in which on-call times are shown.
    pub time_zone: String,
}

/// A person.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct User {
    /// Name within scenarios.
    pub key: String,
    /// PagerDuty id; made from the key if left out.
    pub id: String,
    /// Full name.
    pub name: String,
    /// Email address; made from the key if left out.
    pub email: String,
    /// IANA time zone; the account's if left out.
    pub time_zone: String,
    /// What they do.
    pub job_title: String,
}

/// A team or a priority.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Named {
    /// Name within scenarios.
    pub key: String,
    /// PagerDuty id; made from the key if left out.
    pub id: String,
    /// Shown name.
    pub name: String,
}

/// An on-call schedule: its people take turns without end.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Schedule {
    /// Name within scenarios.
    pub key: String,
    /// PagerDuty id; made from the key if left out.
    pub id: String,
    /// Shown name.
    pub name: String,
    /// IANA time zone; the account's if left out.
    pub time_zone: String,
    /// User keys in turn; the first is on call when the world starts. A single one is on call always.
    pub rotation: Vec<String>,
    /// Length of a turn; 8 hours if left out.
    pub turn: Span,
    /// How long ago, to the full hour, the first one's turn began when the world starts; 4 hours if left out.
    pub began: Span,
}

/// An escalation policy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Name within scenarios.
    pub key: String,
    /// PagerDuty id; made from the key if left out.
    pub id: String,
    /// Shown name.
    pub name: String,
    /// How many times the levels are gone through again after the last.
    pub loops: u32,
    /// Its levels, first to last.
    pub levels: Vec<Level>,
}

/// A level of an escalation policy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Level {
    /// How long the level has before the next is asked.
    pub delay: Span,
    /// `schedule:KEY` or `user:KEY`; all are asked at once.
    pub targets: Vec<String>,
}

/// A service: what an incident belongs to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Service {
    /// Name within scenarios.
    pub key: String,
    /// PagerDuty id; made from the key if left out.
    pub id: String,
    /// Shown name.
    pub name: String,
    /// Key of its escalation policy.
    pub policy: String,
    /// After how long an acknowledged incident is triggered again; zero = never.
    pub acknowledgement_timeout: Span,
    /// After how long an open incident is resolved by itself; zero = never.
    pub auto_resolve_timeout: Span,
}

/// How many requests are allowed in a minute; the minute runs at the world's speed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Requests of one user, over all their keys.
    pub per_minute: u32,
    /// Requests of one user to `/oncalls`.
    pub oncalls_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        // 960 is PagerDuty's documented number; that of /oncalls is not published, only that it is stricter.
        Limits { per_minute: 960, oncalls_per_minute: 120 }
    }
}

/// Where a level of a policy looks for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Schedule(usize),
    User(usize),
}

impl Cast {
    /// The ids of the schedules on which people only shadow: those whose keys end in `-shadow`.
    #[must_use]
    pub fn shadow_schedules(&self) -> Vec<String> {
        let shadow = self.schedules.iter().filter(|schedule| schedule.key.ends_with("-shadow"));
        shadow.map(|schedule| schedule.id.clone()).collect()
    }

    /// Finds a user by key, id, email or name.
    pub fn user(&self, wanted: &str) -> Option<&User> {
        self.user_index(wanted).map(|index| &self.users[index])
    }

    /// Gives the user whom the app under practice belongs to.
    pub fn me(&self) -> &User {
        self.user(&self.me).expect("checked when the scenario was read")
    }

    pub(crate) fn user_index(&self, wanted: &str) -> Option<usize> {
        self.users.iter().position(|user| {
            [&user.key, &user.id, &user.name].iter().any(|name| *name == wanted)
                || user.email.eq_ignore_ascii_case(wanted)
        })
    }

    pub(crate) fn schedule_index(&self, wanted: &str) -> Option<usize> {
        self.schedules.iter().position(|schedule| schedule.key == wanted || schedule.id == wanted)
    }

    pub(crate) fn policy_index(&self, wanted: &str) -> Option<usize> {
        self.policies.iter().position(|policy| policy.key == wanted || policy.id == wanted)
    }

    pub(crate) fn service_index(&self, wanted: &str) -> Option<usize> {
        self.services.iter().position(|service| service.key == wanted || service.id == wanted)
    }

    pub(crate) fn priority_index(&self, wanted: &str) -> Option<usize> {
        self.priorities.iter().position(|priority| priority.key == wanted || priority.id == wanted)
    }

    pub(crate) fn target(&self, text: &str) -> Option<Target> {
        let (kind, key) = text.split_once(':')?;
        match kind {
            "schedule" => self.schedule_index(key).map(Target::Schedule),
            "user" => self.user_index(key).map(Target::User),
            _ => None,
        }
    }

    /// Fills in what was left out.
    pub(crate) fn fill(&mut self) {
        let domain = format!("{}.example", self.account.subdomain);
        for user in &mut self.users {
            fill_id(&mut user.id, "user", &user.key);
            fill_text(&mut user.email, || format!("{}@{domain}", user.key));
            fill_text(&mut user.time_zone, || self.account.time_zone.clone());
        }
        for schedule in &mut self.schedules {
            fill_id(&mut schedule.id, "schedule", &schedule.key);
            fill_text(&mut schedule.time_zone, || self.account.time_zone.clone());
            if schedule.turn.is_zero() {
                schedule.turn = Span::hours(8);
            }
            if schedule.began.is_zero() {
                schedule.began = Span::hours(4);
            }
        }
        for named in self.teams.iter_mut().chain(&mut self.priorities) {
            fill_id(&mut named.id, "named", &named.key);
        }
        for policy in &mut self.policies {
            fill_id(&mut policy.id, "policy", &policy.key);
        }
        for service in &mut self.services {
            fill_id(&mut service.id, "service", &service.key);
        }
        self.statusio.fill();
        self.statuspage.fill();
        for project in &mut self.projects {
            project.fill();
        }
    }

    /// Finds what does not fit together: the culprit's text, and what is wrong with it.
    pub(crate) fn check(&self) -> Result<(), (String, String)> {
        let wrong = |culprit: &str, message: String| Err((culprit.to_owned(), message));
        for key in [&self.me, &self.shadow_user, &self.im, &self.eoc] {
            if self.user_index(key).is_none() {
                return wrong(key, format!("no user has the key `{key}`"));
            }
        }
        for zone in self.zones() {
            if zone.parse::<chrono_tz::Tz>().is_err() {
                return wrong(zone, format!("`{zone}` is not an IANA time zone"));
            }
        }
        for schedule in &self.schedules {
            if schedule.turn < Span::minutes(1) {
                return wrong(&schedule.key, "a turn is at least a minute long".to_owned());
            }
            for key in &schedule.rotation {
                if self.user_index(key).is_none() {
                    return wrong(key, format!("no user has the key `{key}`"));
                }
            }
        }
        for policy in &self.policies {
            if policy.levels.is_empty() {
                return wrong(&policy.key, "a policy has at least one level".to_owned());
            }
            for target in policy.levels.iter().flat_map(|level| &level.targets) {
                if self.target(target).is_none() {
                    let message = format!("`{target}` is not `schedule:KEY` or `user:KEY` of a known key");
                    return wrong(target, message);
                }
            }
        }
        for service in &self.services {
            if self.policy_index(&service.policy).is_none() {
                return wrong(&service.policy, format!("no policy has the key `{}`", service.policy));
            }
        }
        self.statusio.check()?;
        self.statuspage.check()?;
        for (place, project) in self.projects.iter().enumerate() {
            if project.key.is_empty() || !project.path.contains('/') {
                return wrong(
                    &project.key,
                    format!("`{}` needs a key and a path such as `group/project`", project.key),
                );
            }
            if self.projects[..place].iter().any(|other| other.id == project.id || other.path == project.path) {
                return wrong(&project.key, format!("id or path of `{}` is taken twice", project.key));
            }
        }
        self.check_keys()
    }

    fn zones(&self) -> impl Iterator<Item = &String> {
        let users = self.users.iter().map(|user| &user.time_zone);
        let schedules = self.schedules.iter().map(|schedule| &schedule.time_zone);
        let pages = [&self.statusio.time_zone, &self.statuspage.time_zone];
        std::iter::once(&self.account.time_zone).chain(users).chain(schedules).chain(pages)
    }

    fn check_keys(&self) -> Result<(), (String, String)> {
        let users: Vec<_> = self.users.iter().map(|user| (&user.key, &user.name)).collect();
        let schedules = self.schedules.iter().map(|each| (&each.key, &each.name)).collect();
        let policies = self.policies.iter().map(|each| (&each.key, &each.name)).collect();
        let services: Vec<_> = self.services.iter().map(|each| (&each.key, &each.name)).collect();
        if services.is_empty() {
            return Err(("services".to_owned(), "there is no service".to_owned()));
        }
        for group in [users, schedules, policies, services] {
            for (index, (key, name)) in group.iter().enumerate() {
                if key.is_empty() || name.is_empty() {
                    return Err((key.to_string(), format!("`{key}` needs a key and a name")));
                }
                if group[..index].iter().any(|(other, _)| other == key) {
                    return Err((key.to_string(), format!("the key `{key}` is taken twice")));
                }
            }
        }
        Ok(())
    }
}

impl Project {
    fn fill(&mut self) {
        if self.id == 0 {
            self.id = 7_000_000 + u64::from(self.key.bytes().fold(7, |sum, byte| sum * 31 % 99_991 + u32::from(byte)));
        }
        self.first_iid = self.first_iid.max(1);
        fill_text(&mut self.name, || self.path.rsplit('/').next().unwrap_or_default().to_owned());
    }
}

pub(crate) fn fill_text(text: &mut String, make: impl FnOnce() -> String) {
    if text.is_empty() {
        *text = make();
    }
}

fn fill_id(id: &mut String, kind: &str, key: &str) {
    fill_text(id, || format!("P{}", code(&format!("{kind}/{key}"), 6)));
}

/// Makes a code of capital letters and digits out of a text, always the same one.
pub(crate) fn code(text: &str, length: usize) -> String {
    const LETTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    // FNV-1a, then a mixing step, so that near texts give far codes.
    let mut hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    hash ^= hash >> 29;
    hash = hash.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash ^= hash >> 32;
    let mut out = String::with_capacity(length);
    for _ in 0..length {
        out.push(char::from(LETTERS[(hash % 36) as usize]));
        hash /= 36;
    }
    out
}
