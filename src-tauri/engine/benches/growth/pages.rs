//! What the core makes of a poll, by the number of open pages: nothing new, and every page changed.

use chrono::TimeDelta;
use criterion::{BatchSize, BenchmarkId, Criterion};
use herald_core::page::{Named, PageStatus, SeenPage, Told};
use herald_core::poll::Snapshot;
use herald_core::{Input, PageId};

use crate::{noon, started, take, unhurried};

const SIZES: [u32; 4] = [10, 100, 1_000, 10_000];

pub fn poll(criterion: &mut Criterion) {
    unhurried(criterion, "poll, unchanged", |group| {
        for size in SIZES {
            group.bench_with_input(BenchmarkId::from_parameter(size), &size, |bencher, size| {
                let mut state = started();
                take(&mut state, polled(*size, 0));
                bencher.iter_batched(|| polled(*size, 0), |input| take(&mut state, input), BatchSize::PerIteration);
            });
        }
    });
    unhurried(criterion, "poll, all changed", |group| {
        for size in SIZES {
            group.bench_with_input(BenchmarkId::from_parameter(size), &size, |bencher, size| {
                let (mut state, mut round) = (started(), 0);
                take(&mut state, polled(*size, round));
                let mut next = || {
                    round += 1;
                    polled(*size, round)
                };
                bencher.iter_batched(&mut next, |input| take(&mut state, input), BatchSize::PerIteration);
            });
        }
    });
}

/// An answer with so many pages that are taken, changed for the so-many-th time.
fn polled(pages: u32, round: u32) -> Input {
    let pages = (0..pages).map(|number| page(number, round)).collect();
    Input::Polled { result: Ok(Snapshot::of(noon(), pages)), jitter: 0.5 }
}

fn page(number: u32, round: u32) -> SeenPage {
    let named = |id: &str, name: &str| Some(Named { id: id.into(), name: name.into() });
    SeenPage {
        id: PageId::new(&format!("Q{number:013}")),
        number,
        title: format!("Service {number} is down, {round}"),
        url: Some(format!("https://example.pagerduty.com/incidents/Q{number:013}")),
        call_url: None,
        call_number: None,
        service: named("PSERVICE", "Web"),
        urgent: true,
        priority: None,
        kind: None,
        policy: named("PPOLICY", "Communications"),
        via_policy: true,
        assigned_at: Some(noon()),
        others: vec![],
        asked: None,
        status: PageStatus::Acknowledged,
        triggered_at: noon(),
        created_at: noon(),
        version: noon() + TimeDelta::seconds(round.into()),
        taken_by: named("PME", "Me"),
        taken_at: Some(noon()),
        escalates_at: None,
        ack_expires_at: None,
        merged_into: None,
        told: Told::default(),
    }
}
