//! Stories: what the user of Herald meets, told with the real engine, store and protocol, and a screen that records.

#[allow(dead_code, reason = "the contract tests use another part of it")]
#[macro_use]
#[path = "journeys/rig.rs"]
mod rig;

mod journeys {
    mod alarms;
    mod answers;
    mod elsewhere;
    mod frozen;
    mod handover;
    mod incidents;
    mod ledger;
    mod maintenance;
    mod overtaken;
    mod pages;
    mod playbook;
    mod practice;
    mod publishing;
    mod restart;
    mod rss;
    mod secrets;
    mod shadow;
    mod silence;
    mod slack;
    mod stages;
    mod store;
    mod tickets;
    mod typed;
}
