//! What of a view differs from the one before: the window is told that, and lays it over what it has.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};
use ts_rs::TS;

use super::incidents::IncidentCard;
use super::{PageCard, View};
use crate::incident::IncidentId;
use crate::page::PageId;

/// What of a view differs from the one before.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Delta {
    /// Every part that differs, by its name, as it is by now.
    #[ts(type = "Partial<Omit<View, \"pages\" | \"incidents\" | \"wrapping\">>")]
    pub parts: Map<String, Value>,
    /// Open pages.
    pub pages: Option<Cards<PageId, PageCard>>,
    /// Incidents that are going on.
    pub incidents: Option<Cards<IncidentId, IncidentCard>>,
    /// Incidents that are over and leave something.
    pub wrapping: Option<Cards<IncidentId, IncidentCard>>,
}

/// What of a list of cards differs.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[ts(concrete(I = PageId))]
pub struct Cards<I, C> {
    /// Which cards there are by now, in this order.
    #[ts(type = "Array<string | number>")]
    pub order: Vec<I>,
    /// Those that differ, or are new.
    pub cards: Vec<Arc<C>>,
}

impl<I: Clone + PartialEq, C> Cards<I, C> {
    fn since(before: &[Arc<C>], after: &[Arc<C>], id: impl Fn(&C) -> I) -> Option<Self> {
        let known = |card: &&Arc<C>| before.iter().any(|before| Arc::ptr_eq(before, card));
        let cards: Vec<Arc<C>> = after.iter().filter(|card| !known(card)).cloned().collect();
        (!same(before, after)).then(|| Self { order: after.iter().map(|card| id(card)).collect(), cards })
    }
}

/// Writes out once what every part of a view is compared with: a part that is forgotten here does not compile.
macro_rules! parts {
    (plain: $($plain:ident)*; shared: $($shared:ident)*) => {
        impl View {
            /// What differs from the view before.
            ///
            /// # Errors
            /// When something cannot be written as JSON.
            pub fn since(&self, before: &Self) -> serde_json::Result<Delta> {
                let Self { $($plain,)* $($shared,)* pages, incidents, wrapping } = self;
                let mut parts = Map::new();
                $(if *$plain != before.$plain {
                    parts.insert(stringify!($plain).into(), serde_json::to_value($plain)?);
                })*
                $(if !Arc::ptr_eq($shared, &before.$shared) {
                    parts.insert(stringify!($shared).into(), serde_json::to_value($shared)?);
                })*
                Ok(Delta {
                    parts,
                    pages: Cards::since(&before.pages, pages, |card| card.id.clone()),
                    incidents: Cards::since(&before.incidents, incidents, |card| card.id),
                    wrapping: Cards::since(&before.wrapping, wrapping, |card| card.id),
                })
            }

            /// Whether nothing differs from another view that was made from the same.
            #[must_use]
            pub fn shares(&self, other: &Self) -> bool {
                $(self.$plain == other.$plain &&)*
                $(Arc::ptr_eq(&self.$shared, &other.$shared) &&)*
                same(&self.pages, &other.pages)
                    && same(&self.incidents, &other.incidents)
                    && same(&self.wrapping, &other.wrapping)
            }
        }
    };
}

parts! {
    plain: mode sign hollow shadow account duty taken_over pages_more writes components tracker status_page slack zendesk
        left source feeds channels store_fault notices testing settings;
    shared: shifts ended ledger training playbook
}

fn same<T>(one: &[Arc<T>], other: &[Arc<T>]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| Arc::ptr_eq(one, other))
}
