//! What one change costs, by the number of incidents that go on: deciding about it, and the view after it.

use std::cell::RefCell;

use criterion::{BatchSize, BenchmarkId, Criterion};
use herald_core::incident::Own;
use herald_core::view::Gallery;
use herald_core::{Command, IncidentWish, Input, Severity, State, step};

use crate::{noon, started, take, unhurried};

const SIZES: [i64; 4] = [1, 10, 100, 1_000];

pub fn change(criterion: &mut Criterion) {
    unhurried(criterion, "step after one change", |group| {
        for size in SIZES {
            group.bench_with_input(BenchmarkId::from_parameter(size), &size, |bencher, size| {
                let (mut state, mut round) = (with(*size), 0);
                let mut next = || {
                    round += 1;
                    correct(*size, round)
                };
                bencher.iter_batched(&mut next, |input| take(&mut state, input), BatchSize::PerIteration);
            });
        }
    });
    unhurried(criterion, "view after one change", |group| {
        for size in SIZES {
            group.bench_with_input(BenchmarkId::from_parameter(size), &size, |bencher, size| {
                let (state, mut round) = (with(*size), 0);
                let story = RefCell::new((Gallery::new(&state, noon()), state));
                bencher.iter_batched(
                    || {
                        round += 1;
                        let (gallery, state) = &mut *story.borrow_mut();
                        for change in step(state, correct(*size, round), noon()) {
                            gallery.touch(state, &change);
                            state.apply(&change);
                        }
                    },
                    |()| {
                        let (gallery, state) = &mut *story.borrow_mut();
                        gallery.renew(state, noon())
                    },
                    BatchSize::PerIteration,
                );
            });
        }
    });
}

/// A state with so many incidents.
fn with(incidents: i64) -> State {
    let mut state = started();
    for number in 0..incidents {
        let own = own(&format!("Sign-in fails in region {number}"));
        wish(&mut state, IncidentWish::Open { own, page: None });
    }
    state
}

fn wish(state: &mut State, wish: IncidentWish) {
    take(state, Input::User(Command::Incident { wish: Box::new(wish) }));
}

/// Something was corrected by hand, and differs from before.
fn correct(incident: i64, round: u32) -> Input {
    let own = own(&format!("Sign-in fails, {round}"));
    Input::User(Command::Incident { wish: Box::new(IncidentWish::Correct { incident, own }) })
}

fn own(title: &str) -> Own {
    Own { title: Some(title.into()), severity: Some(Severity::S2), ..Own::default() }
}
