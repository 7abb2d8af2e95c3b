//! `--show-files` and `--show-settings`: which files a run looks into, and what counts, each with why.
//!
//! Start at [`show_files`] and [`show_settings`].

use std::collections::BTreeMap;

use serde_json::Value;

use crate::report;
use crate::repository::{self, Config, Settings};
use crate::session::{Input, Session};

use super::args::Common;
use super::output::{self, ERROR, Output, SUCCESS, printed};

/// Lists the files; gives the exit code.
pub(super) fn show_files(common: &Common, session: &Session) -> u8 {
    let (listed, errors) = session.list();
    let lines = listed
        .iter()
        .map(|(name, what)| format!("{}: {what}", String::from_utf8_lossy(name)));
    print(common, lines, &errors)
}

fn print(common: &Common, mut lines: impl Iterator<Item = String>, errors: &[String]) -> u8 {
    errors.iter().for_each(|text| output::error(text));
    let mut output = Output::new(common.color);
    let written = lines.try_for_each(|line| report::write_line(output.report(), &line));
    let code = if errors.is_empty() { SUCCESS } else { ERROR };
    printed(written.and_then(|()| output.flush()), code)
}

/// Prints the settings of each configuration; gives the exit code.
pub(super) fn show_settings(common: &Common, session: &Session) -> u8 {
    let configuration = &session.configuration;
    let mut shown = vec![configuration.of_run.clone()];
    if let Input::Files(selection) = &session.input {
        // A walk comes by the configurations of folders below.
        repository::scan(selection, session.threads, |_, _| None::<()>);
    }
    let of_run = configuration.of_run.path.clone();
    let all = configuration.configs().all().into_iter();
    shown.extend(all.filter(|config| config.path != of_run));
    let texts = shown.iter().map(|config| text(common, config));
    let text = texts.collect::<Vec<String>>().join("\n");
    print(
        common,
        text.lines().map(str::to_owned),
        &configuration.errors(),
    )
}

/// The settings as they would be in a configuration.
fn text(common: &Common, config: &Config) -> String {
    let file = config.path.display();
    let mut text = match config.is_file() {
        true => format!("# {file}\n"),
        false => "# no configuration\n".to_owned(),
    };
    for (name, value, origin) in settings(common, config) {
        text.push_str(&format!("{name} = {value} # {origin}\n"));
    }
    let waivers = config.waivers.len();
    if waivers > 0 {
        text.push_str(&format!("# and {waivers} [[waivers]]\n"));
    }
    text
}

/// The settings that count, with their values as TOML and with where they come from: by their names, as they
/// would be in `config`.
fn settings(common: &Common, config: &Config) -> Vec<(String, String, &'static str)> {
    let layers = [
        (common.flags(), "flag"),
        (config.settings.clone(), "configured"),
        (Settings::defaults(), "default"),
    ];
    let mut shown = BTreeMap::new();
    for (settings, origin) in layers {
        let Ok(Value::Object(settings)) = serde_json::to_value(settings) else {
            continue;
        };
        let given = settings
            .into_iter()
            .filter(|(name, value)| name != "waivers" && !value.is_null());
        for (name, value) in given {
            // What JSON writes of texts, truth values and lists of texts, TOML reads in the same way.
            shown.entry(name).or_insert((value.to_string(), origin));
        }
    }
    let shown = shown.into_iter();
    shown
        .map(|(name, (value, origin))| (name, value, origin))
        .collect()
}
