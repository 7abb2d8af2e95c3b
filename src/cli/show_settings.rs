//! `--show-settings`: what counts, and where it comes from.
//!
//! Start at [`show_settings`].

use std::io;

use crate::report;
use crate::repository::{self, Config};
use crate::rules::IdentityPolicy;

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
    for Setting {
        name,
        value,
        origin,
    } in settings(common, config)
    {
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

/// A setting that counts.
struct Setting {
    name: &'static str,
    /// As TOML.
    value: String,
    origin: &'static str,
}

/// What counts, as it would stand in `config`.
fn settings(common: &Common, config: &Config) -> Vec<Setting> {
    let (settings, options) = (&config.settings, common.options(config));
    let (include, exclude) = common.inputs.globs();
    let by_globs = !include.is_empty() || !exclude.is_empty();
    let list = |texts: Vec<String>| format!("[{}]", texts.join(", "));
    let all = |texts: &[String]| list(texts.iter().map(|text| toml_string(text)).collect());
    let globs = |flags: &[String], configured: &Option<Vec<String>>| match configured {
        Some(globs) if !by_globs => all(globs),
        _ => all(flags),
    };
    let queries = settings.extension_lists.iter().flatten();
    let queries: Vec<String> = queries.map(|query| query.text.clone()).collect();
    let baseline = common.baseline_path(config).ok().flatten();
    let severity = common.threshold(config);
    let identity = match options.identity {
        IdentityPolicy::SystemAssigned => "system-assigned",
        IdentityPolicy::Report => "report",
    };
    let rows = [
        (
            "select",
            all(&options.select),
            !common.select.is_empty(),
            settings.select.is_some(),
        ),
        (
            "ignore",
            all(&options.ignore),
            !common.ignore.is_empty(),
            settings.ignore.is_some(),
        ),
        (
            "include",
            globs(include, &settings.include),
            by_globs,
            settings.include.is_some(),
        ),
        (
            "exclude",
            globs(exclude, &settings.exclude),
            by_globs,
            settings.exclude.is_some(),
        ),
        (
            "identity",
            toml_string(identity),
            common.identity.is_some(),
            settings.identity.is_some(),
        ),
        (
            "unsafe-fixes",
            options.unsafe_fixes.to_string(),
            common.unsafe_fixes || common.no_unsafe_fixes,
            settings.unsafe_fixes.is_some(),
        ),
        (
            "extension-lists",
            all(&queries),
            false,
            settings.extension_lists.is_some(),
        ),
        (
            "fail-on",
            toml_string(severity.word()),
            common.fail_on.is_some(),
            settings.fail_on.is_some(),
        ),
        (
            "baseline",
            baseline.map_or_else(
                || toml_string(""),
                |path| toml_string(&path.to_string_lossy()),
            ),
            common.baseline.path().is_some(),
            settings.baseline.is_some(),
        ),
    ];
    let rows = rows.into_iter();
    rows.map(|(name, value, by_flag, configured)| Setting {
        name,
        value,
        origin: match (by_flag, configured) {
            (true, _) => "flag",
            (false, true) => "configured",
            (false, false) => "default",
        },
    })
    .collect()
}

fn toml_string(text: &str) -> String {
    // What JSON escapes, TOML does in the same way.
    serde_json::Value::from(text).to_string()
}
