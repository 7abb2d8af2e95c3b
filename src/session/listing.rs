//! Which files a run looks into, and why it passes over others.
//!
//! Start at [`Session::list`].

use std::collections::BTreeMap;

use crate::migrate::inspect_together;
use crate::repository::{self, Loaded, Skipped};

use super::configuration::Terms;
use super::input::Input;
use super::run::Session;
use super::set::migrated;

/// Said of a file that no rule has a word for.
const NOTHING: &str = "read: contains nothing that a rule looks for";

impl Session {
    /// What there is to say of each file, by name, and what could not be read.
    pub(crate) fn list(&self) -> (BTreeMap<Vec<u8>, String>, Vec<String>) {
        let mut listed = BTreeMap::new();
        match &self.input {
            // A scan of its own: that of a run keeps nothing of files without a word for it.
            Input::Files(selection) => {
                let scan = repository::scan(selection, self.threads, |_, _| Some(()));
                let read = scan.results.into_iter();
                listed.extend(read.map(|(file, ())| (file.name, NOTHING.to_owned())));
                listed.extend(scan.skipped.into_iter().map(passed_over));
            }
            Input::Text(text) => {
                listed.insert(text.file.name.clone(), NOTHING.to_owned());
            }
        }
        let (found, _, errors) =
            self.visit(false, || {}, |set, terms| Some(looked_into(set, terms)));
        listed.extend(found.into_iter().flatten());
        (listed, errors)
    }
}

fn passed_over(passed: Skipped) -> (Vec<u8>, String) {
    let mut name = passed.name;
    if passed.is_folder {
        name.push(b'/');
    }
    (name, format!("skipped: {}", passed.reason))
}

/// What there is to say of the files of a set.
fn looked_into(set: Vec<Loaded>, terms: &Terms<'_>) -> Vec<(Vec<u8>, String)> {
    let files = migrated(set, terms, inspect_together);
    let templates = files.iter().filter(|one| one.migration.is_template).count();
    let said = files.iter().map(|one| {
        let others = templates - usize::from(one.migration.is_template);
        let what = match (one.migration.is_template, one.loaded.member.selected) {
            (true, true) => "checked: a template",
            (true, false) => "read: a template that was not selected",
            (false, _) if one.is_text => "checked: a text",
            (false, _) if others > 0 => "read: its values are passed to templates",
            (false, _) => "read: not a template",
        };
        let together = match others {
            0 => String::new(),
            1 if one.migration.is_template => ", together with another file".to_owned(),
            _ if one.migration.is_template => format!(", together with {others} other files"),
            _ => String::new(),
        };
        let name = one.loaded.member.file.name.clone();
        (name, format!("{what}{together}"))
    });
    said.collect()
}
