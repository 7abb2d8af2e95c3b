//! `--show-files`: which files a run looks into, and why it passes over others.
//!
//! Start at [`show_files`].

use std::collections::BTreeMap;
use std::io;

use crate::migrate::inspect_together;
use crate::report;
use crate::repository::{self, Loaded, Skipped};

use super::args::Common;
use super::commands::Start;
use super::configuration::{Configuration, Terms};
use super::exit::{ERROR, SUCCESS, printed};
use super::inputs::Input;
use super::output::Output;
use super::run::Run;
use super::set::migrated;
use super::sinks::Sinks;

/// What is said of each file, by name.
type Said = BTreeMap<Vec<u8>, String>;

/// Said of a file that no rule has a word for.
const NOTHING: &str = "read: contains nothing that a rule looks for";

/// Lists the files; gives the exit code.
pub(super) fn show_files(common: &Common, input: Input, configuration: Configuration) -> u8 {
    let mut said = Said::new();
    match &input {
        // A scan of its own: that of a run keeps nothing of files without a word for it.
        Input::Files(selection) => {
            let scan = repository::scan(selection, common.threads(), |_, _| Some(()));
            let read = scan.results.into_iter();
            said.extend(read.map(|(file, ())| (file.name, NOTHING.to_owned())));
            said.extend(scan.skipped.into_iter().map(passed_over));
        }
        Input::Text(text) => {
            said.insert(text.file.name.clone(), NOTHING.to_owned());
        }
    }
    let start = Start {
        input,
        configuration,
        baseline: None,
    };
    let mut run = Run::new(common, start, Sinks::none());
    let found = run.visit(|set, terms| Some(looked_into(set, terms)));
    said.extend(found.into_iter().flatten());
    let code = if run.has_failed() { ERROR } else { SUCCESS };
    printed(print(&said, common), code)
}

fn passed_over(passed: Skipped) -> (Vec<u8>, String) {
    let mut name = passed.name;
    if passed.is_folder {
        name.push(b'/');
    }
    (name, format!("passed over: {}", passed.reason))
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
            (false, _) => "read: no template",
        };
        let together = match others {
            0 => String::new(),
            1 if one.migration.is_template => ", together with another".to_owned(),
            _ if one.migration.is_template => format!(", together with {others} others"),
            _ => String::new(),
        };
        let name = one.loaded.member.file.name.clone();
        (name, format!("{what}{together}"))
    });
    said.collect()
}

fn print(said: &Said, common: &Common) -> io::Result<()> {
    let mut output = Output::new(common.color);
    for (name, what) in said {
        let name = String::from_utf8_lossy(name);
        report::write_line(output.report(), &format!("{name}: {what}"))?;
    }
    output.flush()
}
