//! Whether a page is mine to take, and the permit without which nothing can be written to PagerDuty (H24).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::oncall::OnCallEntry;
use crate::page::{Page, PageId};
use crate::state::State;

/// How I stand to one page (APIS.md 1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum Standing {
    /// I am the one who answers it.
    Mine,
    /// I only watch.
    Shadow {
        /// Why.
        why: ShadowWhy,
    },
    /// Herald cannot tell, so it does not write unless I say that I answer the page.
    Unknown {
        /// Why not.
        why: UnknownWhy,
    },
    /// I am asked to help. The answer is given in PagerDuty: Herald cannot.
    Asked,
}

/// Why I only watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ShadowWhy {
    /// My own switch.
    Switch,
    /// The page reached me only through a shadow schedule.
    Schedule,
    /// My key cannot write.
    ReadOnlyKey,
    /// The team's rules could never be read, so nobody knows who only watches.
    NoRules,
}

/// Why Herald cannot tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum UnknownWhy {
    /// PagerDuty has not said when I am on call, or not lately.
    NotLookedUp,
    /// None of my on-call entries explains the page.
    NoEntry,
    /// It was assigned to me directly, not through a schedule.
    Direct,
    /// I only watch the level that is paged first, and answer a later one: the page does not say which of them it reached.
    LaterLevel,
}

/// How I stand to `page` at `now`. Fails closed: everything doubtful is [`Standing::Unknown`].
#[must_use]
pub fn standing(state: &State, page: &Page, now: Time) -> Standing {
    if let Some(why) = watching_only(state) {
        return Standing::Shadow { why };
    }
    if page.seen.only_asks_me() {
        return Standing::Asked;
    }
    match by_schedule(state, page, now) {
        Standing::Unknown { .. } if page.answered_here => Standing::Mine,
        known @ (Standing::Mine | Standing::Shadow { .. } | Standing::Unknown { .. } | Standing::Asked) => known,
    }
}

/// Why every page is only watched, whatever its schedule.
#[must_use]
pub fn watching_only(state: &State) -> Option<ShadowWhy> {
    if state.settings.shadow {
        Some(ShadowWhy::Switch)
    } else if state.account.as_ref().is_some_and(|account| account.read_only) {
        Some(ShadowWhy::ReadOnlyKey)
    } else if state.session.no_rules {
        Some(ShadowWhy::NoRules)
    } else {
        None
    }
}

/// Whether updates may leave for the status page: never in shadow mode, except for the practice world (H24). In practice
/// nothing else is connected, and nothing leaves for any other place.
#[must_use]
pub fn may_publish(state: &State) -> bool {
    watching_only(state).is_none() || state.session.mode.is_practice()
}

/// Whether people on this schedule only watch: by the user's own word, or else by the playbook (H24).
#[must_use]
pub fn is_shadow_schedule(state: &State, schedule: &str) -> bool {
    let own = state.settings.shadow_schedules.get(schedule).copied();
    own.unwrap_or_else(|| state.playbook.pagerduty.shadow_schedules.contains(schedule))
}

fn by_schedule(state: &State, page: &Page, now: Time) -> Standing {
    let unknown = |why| Standing::Unknown { why };
    if !state.oncall_known(now) {
        return unknown(UnknownWhy::NotLookedUp);
    }
    if !page.seen.via_policy {
        return unknown(UnknownWhy::Direct);
    }
    let Some(policy) = &page.seen.policy else { return unknown(UnknownWhy::NoEntry) };
    let reached_at = page.seen.assigned_at.unwrap_or(now);
    let watches =
        |entry: &&OnCallEntry| entry.schedule.as_ref().is_some_and(|schedule| is_shadow_schedule(state, &schedule.id));
    let entries = || state.oncall.at(reached_at).filter(|entry| entry.policy.id == policy.id);
    let answers_from = entries().filter(|entry| !watches(entry)).map(|entry| entry.level).min();
    let watches_from = entries().filter(watches).map(|entry| entry.level).min();
    match (answers_from, watches_from) {
        (None, None) => unknown(UnknownWhy::NoEntry),
        (None, Some(_)) => Standing::Shadow { why: ShadowWhy::Schedule },
        (Some(answers), Some(watches)) if watches < answers => unknown(UnknownWhy::LaterLevel),
        (Some(_), Some(_) | None) => Standing::Mine,
    }
}

/// Leave to write to PagerDuty about one trigger of one page. Only [`permit`] makes it, and only for a page that is
/// mine: in shadow mode there is no value of this type, and so no client that could write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WritePermit {
    page: PageId,
    triggered_at: Time,
    from: String,
}

impl WritePermit {
    /// The page it is for.
    #[must_use]
    pub fn page(&self) -> &PageId {
        &self.page
    }

    /// The trigger it is for.
    #[must_use]
    pub fn triggered_at(&self) -> Time {
        self.triggered_at
    }

    /// The e-mail to name in the `From` header.
    #[must_use]
    pub fn from(&self) -> &str {
        &self.from
    }
}

/// Gives leave to write about the page as it was triggered at `triggered_at`, if it is mine and still that trigger.
#[must_use]
pub fn permit(state: &State, id: &PageId, triggered_at: Time, now: Time) -> Option<WritePermit> {
    let page = state.pages.get(id)?;
    let mine = page.open() && page.seen.triggered_at == triggered_at && standing(state, page, now) == Standing::Mine;
    let account = state.account.as_ref()?;
    mine.then(|| WritePermit { page: id.clone(), triggered_at, from: account.email.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::tests::{at, connected, entry, page};

    /// Every way in which a page can have reached me, against what Herald then lets me do.
    #[test]
    fn standing_by_schedule() {
        use Standing::{Mine, Shadow, Unknown};
        let schedule = Shadow { why: ShadowWhy::Schedule };
        let no_entry = Unknown { why: UnknownWhy::NoEntry };
        let later = Unknown { why: UnknownWhy::LaterLevel };
        for (name, entries, expected) in [
            ("primary only", vec![entry("PRIMARY", "POLICY", 0, 60)], Mine),
            ("shadow only", vec![entry("SHADOW", "POLICY", 0, 60)], schedule),
            ("both", vec![entry("SHADOW", "POLICY", 0, 60), entry("PRIMARY", "POLICY", 0, 60)], Mine),
            (
                "shadow of what is paged first",
                vec![entry("SHADOW", "POLICY", 0, 60), OnCallEntry { level: 2, ..entry("MANAGERS", "POLICY", 0, 60) }],
                later,
            ),
            (
                "shadow of what is paged later",
                vec![OnCallEntry { level: 2, ..entry("SHADOW", "POLICY", 0, 60) }, entry("PRIMARY", "POLICY", 0, 60)],
                Mine,
            ),
            ("primary of another policy", vec![entry("PRIMARY", "OTHER", 0, 60)], no_entry),
            (
                "shadow here, primary elsewhere",
                vec![entry("SHADOW", "POLICY", 0, 60), entry("PRIMARY", "OTHER", 0, 60)],
                schedule,
            ),
            ("not at that time", vec![entry("PRIMARY", "POLICY", 30, 60)], no_entry),
            ("ended at that very moment", vec![entry("PRIMARY", "POLICY", 0, 10)], no_entry),
            ("no entries", vec![], no_entry),
            (
                "directly on the policy",
                vec![OnCallEntry { schedule: None, start: None, end: None, ..entry("", "POLICY", 0, 0) }],
                Mine,
            ),
        ] {
            let mut state = connected();
            state.oncall.known_at = Some(at(0));
            state.oncall.entries = entries;
            let page = page("P1", 10);
            assert_eq!(standing(&state, &page, at(11)), expected, "{name}");
            let answered = Page { answered_here: true, ..page };
            let expected = if matches!(expected, Unknown { .. }) { Mine } else { expected };
            assert_eq!(standing(&state, &answered, at(11)), expected, "{name}, \"I answer this page\"");
        }
    }

    /// The user's own word on a schedule lies over the playbook's.
    #[test]
    fn standing_by_own_choice() {
        use Standing::{Mine, Shadow};
        let schedule = Shadow { why: ShadowWhy::Schedule };
        for (on, own, expected) in [
            ("SHADOW", None, schedule),
            ("SHADOW", Some(false), Mine),
            ("PRIMARY", None, Mine),
            ("PRIMARY", Some(true), schedule),
        ] {
            let mut state = connected();
            state.oncall.known_at = Some(at(0));
            state.oncall.entries = vec![entry(on, "POLICY", 0, 60)];
            state.settings.shadow_schedules.extend(own.map(|own| (on.to_owned(), own)));
            let page = page("P1", 10);
            assert_eq!(standing(&state, &page, at(11)), expected, "{on}, own word {own:?}");
            let banner = crate::view::shadowing(&state, at(11)).is_some();
            assert_eq!(banner, expected == schedule, "{on}, own word {own:?}: the banner says the same");
        }
    }

    #[test]
    fn doubt_and_switches_never_permit() {
        let mut state = connected();
        let mine = page("P1", 10);
        state.pages.insert(mine.seen.id.clone(), mine.clone());
        let permitted = |state: &State| permit(state, &mine.seen.id, at(10), at(11)).is_some();
        assert!(!permitted(&state), "not looked up: fail closed");
        state.oncall.known_at = Some(at(0));
        state.oncall.entries = vec![entry("PRIMARY", "POLICY", 0, 60)];
        assert!(permitted(&state), "mine");
        assert!(permit(&state, &mine.seen.id, at(9), at(11)).is_none(), "another trigger of the same page");
        for (now, failing, slept, expected, name) in [
            (15, true, false, true, "two readings were missed"),
            (16, true, false, false, "nobody knows whose it is by now"),
            (70, false, false, true, "the clock jumped ahead, and the next reading is on its way"),
            (70, false, true, false, "it was read before the computer slept"),
        ] {
            let mut state = state.clone();
            state.session.oncall_fault = failing.then(|| crate::Fault::new(crate::FaultKind::Timeout, "none"));
            state.session.awake_since = if slept { at(60) } else { state.session.awake_since };
            assert_eq!(permit(&state, &mine.seen.id, at(10), at(now)).is_some(), expected, "{name}");
        }
        let switched = State { settings: crate::Settings { shadow: true, ..state.settings.clone() }, ..state.clone() };
        assert!(!permitted(&switched), "shadow by switch");
        let mut watching = state.clone();
        watching.account.as_mut().expect("connected").read_only = true;
        assert!(!permitted(&watching), "read-only key");
        let mut direct = state.clone();
        let page = direct.pages.get_mut(&mine.seen.id).expect("there");
        std::sync::Arc::make_mut(&mut page.seen).via_policy = false;
        assert!(!permitted(&direct), "direct assignment");
    }
}
