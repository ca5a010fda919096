//! Work on the database that takes long: on a thread and a connection of its own, which only reads.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::{Connection, InterruptHandle};

use super::{StoreError, connection};

/// Work that goes on. It is cut short with this value.
pub(super) struct Beside {
    ends: Arc<Mutex<Ends>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Ends {
    /// Nobody wants it any more.
    over: bool,
    handle: Option<InterruptHandle>,
}

impl Beside {
    /// Opens `source` to read, and has `work` go on with it.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn start(
        name: &str,
        source: PathBuf,
        work: impl FnOnce(Result<Connection, StoreError>) + Send + 'static,
    ) -> io::Result<Self> {
        let ends = Arc::<Mutex<Ends>>::default();
        let told = Arc::clone(&ends);
        let thread = std::thread::Builder::new().name(name.into()).spawn(move || {
            let db = connection::read(&source);
            {
                let mut ends = told.lock().unwrap_or_else(PoisonError::into_inner);
                if ends.over {
                    return;
                }
                ends.handle = db.as_ref().ok().map(Connection::get_interrupt_handle);
            }
            work(db);
        })?;
        Ok(Self { ends, thread: Some(thread) })
    }

    pub fn goes_on(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        {
            let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
            ends.over = true;
            if let Some(at) = &ends.handle {
                at.interrupt();
            }
        }
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
