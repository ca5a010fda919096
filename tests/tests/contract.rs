//! The contract with PagerDuty: what Herald's engine sends over HTTP, and what it makes of each answer.

#[allow(dead_code, reason = "the journeys use another part of it")]
#[macro_use]
#[path = "journeys/rig.rs"]
mod rig;

mod contract {
    mod connect;
    mod doubt;
    mod feeds;
    mod headers;
    mod list;
    mod oncall;
    mod scribe;
    mod tls;
    mod writes;
}
