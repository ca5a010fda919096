//! How cost grows with what exists: from 10 to 10,000 pages, from 1 to 1,000 incidents, from 10^3 to 10^6 past updates.
//! Part of `make bench`; `cargo bench -p herald-engine -p herald-watch -p herald --bench growth -- WORD` for some of it.

mod incidents;
mod pages;
mod past;

use std::sync::Arc;

use chrono::DateTime;
use criterion::{Criterion, criterion_group, criterion_main};
use herald_core::account::{KeyKind, TokenPlace};
use herald_core::state::{Mode, Session};
use herald_core::{Account, Input, State, Time, step};
use herald_engine::playbook;

criterion_group!(growth, pages::poll, incidents::change, past::searches, past::figures);
criterion_main!(growth);

/// A moment of our days, the same in every run.
fn noon() -> Time {
    DateTime::from_timestamp(1_785_585_600, 0).expect("in range")
}

/// A Herald that has just started, with an account.
fn started() -> State {
    let session = Session::new(Mode::Real, chrono_tz::Tz::UTC, noon());
    let mut state = State::new(Arc::new(playbook::default()), session.clone());
    take(&mut state, Input::Started(Box::new(session)));
    let account = Account {
        user_id: "PME".into(),
        name: "Me".into(),
        email: "me@example.com".into(),
        base_url: "https://api.pagerduty.com".into(),
        key: KeyKind::Personal,
        read_only: false,
        token: TokenPlace::Keychain,
    };
    take(&mut state, Input::Connected(account));
    state
}

/// What the loop does with everything that arrives.
fn take(state: &mut State, input: Input) {
    for change in step(state, input, noon()) {
        state.apply(&change);
    }
}

/// Few rounds are enough where one takes long.
fn unhurried(
    criterion: &mut Criterion,
    name: &str,
    curve: impl FnOnce(&mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>),
) {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).warm_up_time(std::time::Duration::from_millis(300));
    group.measurement_time(std::time::Duration::from_secs(2));
    curve(&mut group);
    group.finish();
}
