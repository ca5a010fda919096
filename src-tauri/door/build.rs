//! Gives each build its name: watch and window talk only to their like, and a version is too coarse for that.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

/// What both programs are made of, from this folder.
const PARTS: [&str; 8] =
    ["src", "../core", "../engine", "../practice", "../watch", "../src", "../Cargo.toml", "../../ui/dist"];

fn main() {
    let mut hasher = DefaultHasher::new();
    for part in PARTS.map(Path::new) {
        println!("cargo::rerun-if-changed={}", part.display());
        take_in(part, &mut hasher);
    }
    println!("cargo::rustc-env=HERALD_BUILD={}-{:016x}", env!("CARGO_PKG_VERSION"), hasher.finish());
}

fn take_in(path: &Path, hasher: &mut DefaultHasher) {
    if let Ok(entries) = fs::read_dir(path) {
        let mut inside: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        inside.sort();
        inside.iter().for_each(|path| take_in(path, hasher));
    } else if let Ok(bytes) = fs::read(path) {
        path.hash(hasher);
        bytes.hash(hasher);
    }
}
