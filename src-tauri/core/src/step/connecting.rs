//! Another account, and what becomes of what was seen with the one before.

use super::*;

impl Draft<'_> {
    pub(super) fn connect(&mut self, account: Account, now: Time) {
        let other = self
            .state
            .account
            .as_ref()
            .is_none_or(|known| (&known.user_id, &known.base_url) != (&account.user_id, &account.base_url));
        if other {
            self.forget_everything_seen();
        }
        self.put(Change::Account(Some(account)));
        self.source(SourceName::PagerDuty, Source::default());
        self.session(|session| {
            session.watch[SourceName::PagerDuty] = Watch::new(now);
            session.awake_since = now;
            session.oncall_at = now;
            session.oncall_fault = None;
        });
    }

    pub(super) fn forget_everything_seen(&mut self) {
        for (id, job) in self.state.jobs.clone() {
            self.job_gone(id, &job, EndedHow::Unknown, "PagerDuty was disconnected meanwhile. Look at the page there.");
        }
        for id in self.state.pages.keys().cloned().collect::<Vec<_>>() {
            self.put(Change::PageForgotten(id));
        }
        self.put(Change::OnCall(OnCall::default()));
        self.session(|session| {
            session.looks.clear();
            session.watch[SourceName::PagerDuty].last_good_at = None;
        });
    }
}
