//! Real desktops without a screen: brought up from their distribution's packages and driven as a person drives them.
//!
//! Fakes record and assert; these are what the fakes have to agree with. `make desktops` runs them, `make test` does not.

pub mod access;
pub mod calls;
pub mod front;
pub mod gnome;
pub mod hands;
pub mod kind;
pub mod notes;
pub mod panel;
pub mod path;
pub mod report;
pub mod session;
pub mod two;

pub use kind::Kind;
pub use session::Real;
