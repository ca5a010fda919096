//! The types of the door, and all that they are made of, in the one file from which the window reads them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use ts_rs::{Config, TS, TypeVisitor};

use super::{Ask, Reply};
use crate::window::Told;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/src/gen/types.ts");
const HEAD: &str = "// Written by `cargo test`, from the types that cross the door. Not to be edited.\n";

/// Declarations by their names.
#[derive(Default)]
struct Types {
    config: Config,
    found: BTreeMap<String, String>,
    twice: Option<String>,
}

impl TypeVisitor for Types {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // What is no type of ours is spelled out where it is used.
        if T::output_path().is_none() {
            return;
        }
        let (name, docs) = (T::ident(&self.config), T::docs().unwrap_or_default());
        let declared = format!("{docs}export {}\n", T::decl(&self.config));
        match self.found.insert(name.clone(), declared.clone()) {
            None => T::visit_dependencies(self),
            Some(known) if known == declared => {}
            Some(_) => self.twice = Some(name),
        }
    }
}

#[test]
fn the_window_has_the_types_of_the_door() -> Result<()> {
    let mut types = Types::default();
    types.visit::<Ask>();
    types.visit::<Reply>();
    types.visit::<Told<'static>>();
    ensure!(types.twice.is_none(), "two types are called {:?}", types.twice);
    let declared: Vec<String> = types.found.into_values().collect();
    let file = Path::new(FILE);
    file.parent().map_or(Ok(()), fs::create_dir_all)?;
    Ok(fs::write(file, format!("{HEAD}\n{}", declared.join("\n")))?)
}
