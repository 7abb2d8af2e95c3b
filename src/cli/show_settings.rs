//! `--show-settings`: what counts, and where it comes from.
//!
//! Start at [`show_settings`].

use std::collections::BTreeMap;
use std::io;

use serde_json::Value;

use crate::report;
use crate::repository::{self, Config, Settings};

use super::args::Common;
use super::configuration::Configuration;
use super::exit::{ERROR, SUCCESS, printed};
use super::inputs::Input;
use super::output::{self, Output};

/// Prints the settings of each configuration; gives the exit code.
pub(super) fn show_settings(common: &Common, input: Input, configuration: Configuration) -> u8 {
    let mut shown = vec![configuration.of_run.clone()];
    if let Input::Files(selection) = &input {
        // A walk comes by the configurations of folders below.
        repository::scan(selection, common.threads(), |_, _| None::<()>);
    }
    let of_run = configuration.of_run.path.clone();
    let all = configuration.configs().all().into_iter();
    shown.extend(all.filter(|config| config.path != of_run));
    for error in configuration.errors() {
        output::error(&error);
    }
    let code = match configuration.errors().as_slice() {
        [] => SUCCESS,
        _ => ERROR,
    };
    let mut output = Output::new(common.color);
    let texts = shown.iter().map(|config| text(common, config));
    let text = texts.collect::<Vec<String>>().join("\n");
    printed(print(&mut output, &text), code)
}

/// The settings as they would stand in a configuration.
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

fn print(output: &mut Output, text: &str) -> io::Result<()> {
    for line in text.lines() {
        report::write_line(output.report(), line)?;
    }
    output.flush()
}

/// The settings that count, with their values as TOML and with where they come from: by their names, as they
/// would stand in `config`.
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
