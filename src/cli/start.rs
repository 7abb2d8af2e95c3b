//! From the arguments to a session: what is read, what is configured, what is known already.
//!
//! Start at [`start`].

use std::path::Path;

use crate::repository::{Configs, Tree};
use crate::session::{BaselineFile, Configuration, Goal, Input, Session, UntrustedTrees};

use super::args::{Color, Common, ConfigArguments};
use super::output::Output;
use super::show::{show_files, show_settings};

/// What came of starting.
pub(super) enum Started {
    /// A session may run.
    Session(Box<Session>),
    /// Something was shown in place of a run, with this exit code.
    Shown(u8),
}

/// Reads what a session starts with. `paths` are those of the command's own flags, by their flags;
/// `reads_files` is whether files are looked into at all.
pub(super) fn start(
    common: &Common,
    goal: Goal,
    paths: &[(&str, &Path)],
    reads_files: bool,
) -> Result<Started, String> {
    if let (Some(_), Goal::Fix) = (&common.inputs.rev, goal) {
        return Err(
            "fix --rev: a revision cannot be changed; apply `diff --rev` with `git apply`, or run fix in a \
             checkout"
                .to_owned(),
        );
    }
    let mut input = common.inputs.read()?;
    if let Input::Files(selection) = &mut input {
        // A run that writes takes away what an earlier one left half-way.
        selection.lists_temporary = goal == Goal::Fix;
        if !reads_files {
            selection.paths.clear();
        }
    }
    let trees = common.inputs.untrusted.then(|| UntrustedTrees::of(&input));
    let own = common.paths();
    if let Some(trees) = &trees {
        let mut paths = paths.iter().chain(&own);
        paths.try_for_each(|(flag, path)| trees.refuse(flag, path))?;
    }
    let configs = match reads_files {
        true => configs(&common.configuration, input.tree(), trees.as_ref())?,
        false => Configs::default(),
    };
    input.configure(&configs);
    let configuration = Configuration::of(configs, &input).inspect_err(|_| {
        // Whoever reads the fixed text gets the text.
        if let (Input::Text(text), Goal::Fix) = (&input, goal) {
            let _ = Output::new(Color::Never).exact(&text.bytes);
        }
    })?;
    let overrides = common.overrides();
    let threads = common.threads();
    let path = overrides.baseline_path(&configuration.of_run, input.tree());
    let (shows_settings, shows_files) =
        (common.configuration.show_settings, common.inputs.show_files);
    if shows_settings || shows_files {
        let session = Session::new(input, configuration, overrides, None, threads);
        return Ok(Started::Shown(match shows_settings {
            true => show_settings(common, &session),
            false => show_files(common, &session),
        }));
    }
    let path = path?;
    // A file beside a bare repository names the files in it; a configured one is in the revision too.
    let named = common.baseline.baseline.as_ref();
    let mut tree = named.and_then(|_| input.tree().base().map(Path::to_path_buf));
    let place = named.map_or_else(|| input.tree().clone(), |_| Tree::Disk);
    if let (Some(trees), Some(path)) = (&trees, &path) {
        trees.refuse("the baseline", path)?;
        tree = trees.root();
    }
    let is_updated = common.baseline.update_baseline;
    let baseline = BaselineFile::open(path, is_updated, tree, place, &input, goal)?;
    let session = Session::new(input, configuration, overrides, baseline, threads);
    Ok(Started::Session(Box::new(session)))
}

/// The configurations to look for. Of trees that nobody vouches for, none counts.
///
/// # Errors
/// Why the named one cannot be taken.
fn configs(
    arguments: &ConfigArguments,
    files: &Tree,
    untrusted: Option<&UntrustedTrees>,
) -> Result<Configs, String> {
    let Some(path) = &arguments.config else {
        return Ok(match arguments.isolated || untrusted.is_some() {
            true => Configs::default(),
            false => Configs::nearest(files.clone()),
        });
    };
    let tree = match untrusted {
        Some(trees) => {
            trees.refuse("--config", path)?;
            trees.root()
        }
        None => None,
    };
    Configs::from_file(path, tree.as_deref()).map_err(|error| error.to_string())
}
