//! What the parts of the last lists held: a part whose bytes are the same is not read again. Nothing else of an unchanged
//! list costs as much as reading it (PERFORMANCE.md).

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use herald_core::{PageId, SeenPage};

/// One item of a list: what it is called, where it could be read, and the page that it is for me.
#[derive(Clone, Default)]
pub(super) struct Item {
    pub id: Option<PageId>,
    pub page: Option<SeenPage>,
}

/// One part of a list, as it was read.
pub(super) struct Part {
    pub items: Vec<Item>,
    /// Whether there is more behind it.
    pub more: bool,
    /// Where the next one begins, after this one.
    pub step: usize,
}

/// The parts of the last lists, by what was asked.
#[derive(Clone, Default)]
pub(crate) struct LastLists {
    parts: Arc<Mutex<Parts>>,
    /// Keyed by chance: nobody can make two answers alike on purpose.
    hasher: Arc<RandomState>,
}

/// By what was asked.
type Parts = HashMap<String, (Print, Arc<Part>)>;

/// What tells one answer from another.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Print {
    bytes: usize,
    hash: u64,
}

/// The parts of the lists that are read now.
pub(super) struct Reading<'a> {
    last: &'a LastLists,
    before: Parts,
    now: Parts,
}

impl LastLists {
    /// Begins to read them anew. What is not asked for meanwhile is forgotten at the end.
    pub(super) fn reading(&self) -> Reading<'_> {
        let before = std::mem::take(&mut *self.parts.lock().unwrap_or_else(PoisonError::into_inner));
        Reading { last: self, before, now: Parts::new() }
    }
}

impl Reading<'_> {
    /// The part that this answer is: as it was read last time where it is the same, else read now.
    pub fn part<E>(
        &mut self,
        asked: String,
        body: &[u8],
        read: impl FnOnce() -> Result<Part, E>,
    ) -> Result<Arc<Part>, E> {
        let print = Print { bytes: body.len(), hash: self.last.hasher.hash_one(body) };
        let part = match self.before.remove(&asked) {
            Some((before, part)) if before == print => part,
            Some(_) | None => Arc::new(read()?),
        };
        self.now.insert(asked, (print, Arc::clone(&part)));
        Ok(part)
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        *self.last.parts.lock().unwrap_or_else(PoisonError::into_inner) = std::mem::take(&mut self.now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(id: &str) -> Part {
        Part { items: vec![Item { id: Some(PageId::new(id)), page: None }], more: false, step: 100 }
    }

    #[test]
    fn only_what_is_the_same_is_not_read_again() {
        let lists = LastLists::default();
        let read = |asked: &[(&'static str, &'static str)]| {
            let mut reading = lists.reading();
            let mut read = vec![];
            for (url, body) in asked {
                let anew = || Ok::<_, ()>((read.push(*body), part(body)).1);
                let id = reading.part((*url).to_owned(), body.as_bytes(), anew).expect("reads").items[0].id.clone();
                assert_eq!(id, Some(PageId::new(body)), "whoever read it");
            }
            read
        };
        assert_eq!(read(&[("a", "1"), ("b", "1")]), ["1", "1"], "nothing is known yet");
        assert_eq!(read(&[("a", "1"), ("b", "2")]), ["2"]);
        assert_eq!(read(&[("b", "2")]), [""; 0]);
        assert_eq!(read(&[("a", "1"), ("b", "2")]), ["1"], "what was not asked for is not kept");
    }

    #[test]
    fn what_could_not_be_read_is_read_again() {
        let lists = LastLists::default();
        assert!(lists.reading().part("a".into(), b"1", || Err::<Part, _>("broken")).is_err());
        let mut again = false;
        let read = lists.reading().part("a".into(), b"1", || Ok::<_, ()>((again = true, part("1")).1));
        assert!(read.is_ok() && again);
    }
}
