//! Histories of incidents that chance hardly finds. The rules of every history hold here too.

use chrono::TimeDelta;
use herald_core::{Phase, Severity};

use crate::herald::Herald;
use crate::incident_moves::Deed;
use crate::page_world::PublicMove;
use crate::sky::Weather;
use crate::world::WorldMove;

/// What happens next, and how long after.
enum Next {
    Page(PublicMove),
    Me(Deed),
    Minutes(i64),
}

use Next::{Me, Minutes, Page};

fn check(history: impl IntoIterator<Item = Next>) {
    let mut herald = Herald::with_feeds();
    for next in history {
        match next {
            Page(it) => herald.world.happen(WorldMove::Public(it)),
            Me(it) => herald.deed(it),
            Minutes(minutes) => herald.pass(TimeDelta::minutes(minutes), Weather::Fine),
        }
    }
    herald.pass(TimeDelta::minutes(20), Weather::Fine);
    herald.incidents_are_well();
}

#[test]
fn the_same_words_under_lag_are_another_update() {
    for minutes in [1, 10] {
        check([
            Page(PublicMove::Declare(0, Some(Severity::S1))),
            Minutes(1),
            Me(Deed::PublishSame(0)),
            Minutes(1),
            Me(Deed::Publish(0, Phase::Identified, None)),
            Minutes(minutes),
            Page(PublicMove::Lag(299)),
            Me(Deed::PublishSame(0)),
            Minutes(12),
        ]);
    }
}

#[test]
fn what_a_colleague_did_and_no_feed_shows_yet_is_not_overruled() {
    for phase in [Phase::Resolved, Phase::Monitoring] {
        check([
            Page(PublicMove::Declare(0, Some(Severity::S1))),
            Minutes(1),
            Me(Deed::Publish(0, Phase::Identified, None)),
            Minutes(2),
            Page(PublicMove::Lag(299)),
            Page(PublicMove::Post(0, phase)),
            Minutes(1),
            Me(Deed::Publish(0, Phase::Monitoring, None)),
            Minutes(12),
        ]);
    }
}
