//! A table of the state: rows by id, each shared with whoever holds the same row. The state is copied for every decision,
//! so a copy costs nothing until it differs, and then the rows that differ.

use std::borrow::Borrow;
use std::collections::{BTreeMap, btree_map};
use std::ops::Index;
use std::sync::Arc;

/// Rows by id, in the order of the ids.
#[derive(Debug)]
pub struct Table<K, V>(Arc<BTreeMap<K, Arc<V>>>);

/// The rows of a table, in order.
pub type Rows<'a, K, V> = std::iter::Map<btree_map::Iter<'a, K, Arc<V>>, fn((&'a K, &'a Arc<V>)) -> (&'a K, &'a V)>;

/// The same, taken out of it.
pub type OwnRows<K, V> = std::iter::Map<btree_map::IntoIter<K, Arc<V>>, fn((K, Arc<V>)) -> (K, V)>;

impl<K: Ord, V> Table<K, V> {
    /// The row with this id.
    #[must_use]
    pub fn get<Q: Ord + ?Sized>(&self, id: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(id).map(|row| &**row)
    }

    /// Whether there is a row with this id.
    #[must_use]
    pub fn contains_key<Q: Ord + ?Sized>(&self, id: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.contains_key(id)
    }

    /// Every row with its id.
    pub fn iter(&self) -> Rows<'_, K, V> {
        self.0.iter().map(|(id, row)| (id, row))
    }

    /// Every id.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + Clone {
        self.0.keys()
    }

    /// Every row.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + Clone {
        self.0.values().map(|row| &**row)
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether both hold the very same row, or neither has one. Rows that are equal may still be two.
    #[must_use]
    pub fn shares(&self, other: &Self, id: &K) -> bool {
        match (self.0.get(id), other.0.get(id)) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

impl<K: Ord + Clone, V> Table<K, V> {
    /// Puts a row in, or in the place of the one with its id.
    pub fn insert(&mut self, id: K, row: V) {
        Arc::make_mut(&mut self.0).insert(id, Arc::new(row));
    }

    /// Takes a row out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, id: &Q)
    where
        K: Borrow<Q>,
    {
        Arc::make_mut(&mut self.0).remove(id);
    }
}

impl<K: Ord + Clone, V: Clone> Table<K, V> {
    /// The row with this id, to be changed in place.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, id: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        Arc::make_mut(&mut self.0).get_mut(id).map(Arc::make_mut)
    }
}

impl<K, V> Clone for Table<K, V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for Table<K, V> {
    fn eq(&self, other: &Self) -> bool {
        let same = |(one, other): (&Arc<V>, &Arc<V>)| Arc::ptr_eq(one, other) || one == other;
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.len() == other.0.len()
                && self.0.keys().eq(other.0.keys())
                && self.0.values().zip(other.0.values()).all(same))
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Table<K, V> {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(rows: T) -> Self {
        Self(Arc::new(rows.into_iter().map(|(id, row)| (id, Arc::new(row))).collect()))
    }
}

impl<K: Ord + Clone, V> Extend<(K, V)> for Table<K, V> {
    fn extend<T: IntoIterator<Item = (K, V)>>(&mut self, rows: T) {
        Arc::make_mut(&mut self.0).extend(rows.into_iter().map(|(id, row)| (id, Arc::new(row))));
    }
}

impl<'a, K: Ord, V> IntoIterator for &'a Table<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Rows<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K: Ord + Clone, V: Clone> IntoIterator for Table<K, V> {
    type Item = (K, V);
    type IntoIter = OwnRows<K, V>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter().map(|(id, row)| (id, Arc::unwrap_or_clone(row)))
    }
}

impl<K: Ord + Borrow<Q>, Q: Ord + ?Sized, V> Index<&Q> for Table<K, V> {
    type Output = V;

    fn index(&self, id: &Q) -> &V {
        &self.0[id]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_shares_every_row_that_was_not_changed() {
        let one: Table<i64, String> = [(1, "one".to_owned()), (2, "two".to_owned())].into_iter().collect();
        let mut other = one.clone();
        assert!(Arc::ptr_eq(&one.0, &other.0), "a copy costs nothing");
        other.get_mut(&2).expect("there").push('!');
        other.insert(3, "three".into());
        assert_eq!((&*one[&2], &*other[&2]), ("two", "two!"), "what is changed in one is not changed in the other");
        assert_eq!([1, 2, 3, 4].map(|id| one.shares(&other, &id)), [true, false, false, true]);
        assert_ne!(one, other);
        other.remove(&3);
        other.insert(2, "two".into());
        assert_eq!(one, other, "rows are compared by what they say");
        assert!(!one.shares(&other, &2));
    }
}
