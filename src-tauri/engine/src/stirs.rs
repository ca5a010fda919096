//! What others may change in the data folder while Herald runs, for whoever watches it in order to
//! [tell](crate::Teller::stirred) the loop.

use std::path::{Path, PathBuf};

use crate::{playbook, practised, store};

/// A folder, or a file.
pub struct Place {
    /// Where it is.
    pub path: PathBuf,
    /// Which names in it matter: what else is written there, by Herald above all, is nobody's business.
    pub matters: fn(&str) -> bool,
}

/// What to watch of a data folder, the folder itself first. What is not there yet may come.
#[must_use]
pub fn places(folder: &Path) -> Vec<Place> {
    let own = |name: &str| name == playbook::FILE || name == practised::FOLDER || store::is_file(name);
    vec![
        Place { path: folder.to_owned(), matters: own },
        Place { path: folder.join(practised::FOLDER), matters: practised::says_an_end },
        // Behind a link the file lies elsewhere.
        Place { path: folder.join(playbook::FILE), matters: |_| false },
    ]
}
