//! Random histories: the real core and the real store against a pretend PagerDuty, a hand-moved clock and every fault
//! at every step. Each found bug stays as a journey. `PROPTEST_CASES=5000 SIMULATION_SEED=7` looks further.

#[path = "simulation/disk.rs"]
mod disk;
#[expect(clippy::wildcard_enum_match_arm, reason = "a rule names the inputs it is about, and no other says anything")]
#[path = "simulation/errand_rules.rs"]
mod errand_rules;
#[path = "simulation/handing_over.rs"]
mod handing_over;
#[path = "simulation/herald.rs"]
mod herald;
#[path = "simulation/incident_moves.rs"]
mod incident_moves;
#[expect(clippy::wildcard_enum_match_arm, reason = "a rule names the inputs it is about, and no other says anything")]
#[path = "simulation/incident_rules.rs"]
mod incident_rules;
#[path = "simulation/journeys.rs"]
mod journeys;
#[path = "simulation/leave.rs"]
mod leave;
#[path = "simulation/moves.rs"]
mod moves;
#[path = "simulation/net.rs"]
mod net;
#[path = "simulation/page_world.rs"]
mod page_world;
#[path = "simulation/pictures.rs"]
mod pictures;
#[path = "simulation/public_journeys.rs"]
mod public_journeys;
#[expect(clippy::wildcard_enum_match_arm, reason = "a rule names the inputs it is about, and no other says anything")]
#[path = "simulation/public_model.rs"]
mod public_model;
#[path = "simulation/rules.rs"]
mod rules;
#[path = "simulation/setup.rs"]
mod setup;
#[path = "simulation/sky.rs"]
mod sky;
#[path = "simulation/tickets.rs"]
mod tickets;
#[path = "simulation/witness.rs"]
mod witness;
#[path = "simulation/world.rs"]
mod world;

use std::cell::Cell;
use std::panic::{set_hook, take_hook};
use std::sync::Once;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, FileFailurePersistence, RngAlgorithm, TestError, TestRng, TestRunner};

use crate::herald::Herald;
use crate::moves::{History, history, public_history};

/// Histories of one run, unless `PROPTEST_CASES` says otherwise.
const HISTORIES: u32 = 400;
/// The same about incidents.
const PUBLIC_HISTORIES: u32 = 160;
/// Where the dice start, unless `SIMULATION_SEED` says otherwise: a check that everybody runs has to say the same to
/// everybody. Explore with other seeds and more histories.
const SEED: u32 = 1;
/// Steps in which a history that breaks a rule is made small.
const SHRINKS_MAX: u32 = 20_000;
/// Moves of one history at the most.
const MOVES: usize = 80;

#[test]
fn no_page_is_lost_and_nothing_is_done_twice() {
    explore(HISTORIES, "simulation", history(MOVES), Herald::new);
}

#[test]
fn no_update_is_late_without_a_word_and_nothing_typed_is_lost() {
    explore(PUBLIC_HISTORIES, "updates", public_history(MOVES), Herald::with_feeds);
}

/// Makes histories, and makes the first that breaks a rule small.
fn explore(histories: u32, name: &str, strategy: impl Strategy<Value = History>, begin: impl Fn() -> Herald) {
    let number = |name: &str| std::env::var(name).ok().and_then(|it| it.parse::<u32>().ok());
    let found: &'static str = Box::leak(format!("proptest-regressions/{name}.txt").into_boxed_str());
    let found = FileFailurePersistence::Direct(found);
    let config = Config {
        cases: number("PROPTEST_CASES").unwrap_or(histories),
        max_shrink_iters: number("PROPTEST_MAX_SHRINK_ITERS").unwrap_or(SHRINKS_MAX),
        failure_persistence: Some(Box::new(found)),
        ..Config::default()
    };
    let mut seed = [0; 32];
    seed[..4].copy_from_slice(&number("SIMULATION_SEED").unwrap_or(SEED).to_le_bytes());
    let dice = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let result = quietly(|| {
        TestRunner::new_with_rng(config, dice).run(&strategy, |History(moves)| {
            let mut herald = begin();
            moves.into_iter().for_each(|it| herald.make(it));
            herald.heal();
            Ok(())
        })
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(why, history)) => panic!("{why}\nin the history\n{history:?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

/// Runs `act` without a word about its panics: thousands of them are how a history is made small.
fn quietly<T>(act: impl FnOnce() -> T) -> T {
    thread_local! {
        static QUIET: Cell<bool> = const { Cell::new(false) };
    }
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = take_hook();
        set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                loud(panic)
            }
        }));
    });
    QUIET.set(true);
    let result = act();
    QUIET.set(false);
    result
}
