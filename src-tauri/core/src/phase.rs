//! Where an incident stands, how grave it is, and what its components can do: the words of status pages.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where a production incident stands, in the order it usually goes through (H30).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Something is wrong, nobody knows why.
    Investigating,
    /// The cause is known.
    Identified,
    /// A fix is out and is being watched.
    Monitoring,
    /// It is over.
    Resolved,
}

impl Phase {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Investigating, Self::Identified, Self::Monitoring, Self::Resolved];

    /// Its name in the playbook.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Investigating => "investigating",
            Self::Identified => "identified",
            Self::Monitoring => "monitoring",
            Self::Resolved => "resolved",
        }
    }

    /// What people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Investigating => "Investigating",
            Self::Identified => "Identified",
            Self::Monitoring => "Monitoring",
            Self::Resolved => "Resolved",
        }
    }
}

/// How grave an incident is; the gravest is the smallest (H30).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The gravest.
    S1,
    /// Grave.
    S2,
    /// Limited.
    S3,
    /// The mildest.
    S4,
}

impl Severity {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::S1, Self::S2, Self::S3, Self::S4];

    /// Its name in the playbook.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::S1 => "s1",
            Self::S2 => "s2",
            Self::S3 => "s3",
            Self::S4 => "s4",
        }
    }

    /// What people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::S1 => "S1",
            Self::S2 => "S2",
            Self::S3 => "S3",
            Self::S4 => "S4",
        }
    }
}

/// What the affected components can still do: the status that the page shows for them (H45).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Impact {
    /// All is well.
    Operational,
    /// It works, but slowly or with errors.
    Degraded,
    /// Some of it does not work.
    Partial,
    /// It does not work.
    Disruption,
    /// Its security is in question.
    Security,
}

impl Impact {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Operational, Self::Degraded, Self::Partial, Self::Disruption, Self::Security];

    /// What people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Operational => "Operational",
            Self::Degraded => "Degraded Performance",
            Self::Partial => "Partial Service Disruption",
            Self::Disruption => "Service Disruption",
            Self::Security => "Security Event",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_on_disk() {
        let names = |value: Result<String, serde_json::Error>| value.expect("an enum is JSON");
        assert_eq!(
            names(serde_json::to_string(&Phase::ALL)),
            r#"["investigating","identified","monitoring","resolved"]"#
        );
        assert_eq!(names(serde_json::to_string(&Severity::ALL)), r#"["s1","s2","s3","s4"]"#);
        assert_eq!(
            names(serde_json::to_string(&Impact::ALL)),
            r#"["operational","degraded","partial","disruption","security"]"#
        );
    }

    #[test]
    fn the_gravest_severity_comes_first() {
        assert_eq!(Severity::ALL.into_iter().min(), Some(Severity::S1));
    }
}
