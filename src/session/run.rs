//! One run: files in, what became of them out.
//!
//! Start at [`Session::run`].

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use crate::migrate::{Fixed, inspect_together, migrate_together};
use crate::report::{Needs, Results};
use crate::repository::{self, Loaded, SourceFile};
use crate::runbook::RemovalFacts;

use super::baseline::BaselineFile;
use super::configuration::{Configuration, Terms};
use super::facts::add_facts;
use super::gather::{Files, gather};
use super::goal::Goal;
use super::input::Input;
use super::overrides::Overrides;
use super::patch::Patch;
use super::set::{Migrated, Together, migrated, refusals, results};

/// What a run starts with.
pub(crate) struct Session {
    pub(crate) input: Input,
    pub(crate) configuration: Configuration,
    pub(crate) overrides: Overrides,
    pub(crate) baseline: Option<Arc<BaselineFile>>,
    pub(crate) threads: NonZeroUsize,
    /// What makes results; the gate's refusals come from it too.
    pub(super) migrate: Together,
}

/// What came of a run.
#[derive(Default)]
pub(crate) struct Ran {
    /// What there is to say.
    pub(crate) results: Results,
    /// What changes, or was changed, in the order of the files' names; for [`Goal::Diff`] and [`Goal::Fix`].
    pub(crate) patches: Vec<(SourceFile, Patch)>,
    /// For [`Goal::Fix`] and [`Goal::Plan`].
    pub(crate) facts: RemovalFacts,
    /// What became of a text that is no file, if it was changed.
    pub(crate) text: Option<Vec<u8>>,
    /// How many files were read.
    pub(crate) files_scanned: usize,
    /// See [`crate::report::Report::folder`].
    pub(crate) folder: Vec<u8>,
    /// What does not make the run fail.
    pub(crate) warnings: Vec<String>,
    /// What could not be read, written or verified.
    pub(crate) errors: Vec<String>,
}

/// What became of one set.
#[derive(Default)]
struct RunPart {
    results: Results,
    patches: Vec<(SourceFile, Patch)>,
    facts: RemovalFacts,
    errors: Vec<String>,
    /// The set itself, where it is to be written.
    set: Vec<Migrated>,
}

impl Session {
    pub(crate) fn new(
        input: Input,
        configuration: Configuration,
        overrides: Overrides,
        baseline: Option<Arc<BaselineFile>>,
        threads: NonZeroUsize,
    ) -> Self {
        Self {
            input,
            configuration,
            overrides,
            baseline,
            threads,
            migrate: migrate_together,
        }
    }

    /// Runs, and gives of what is found what `needs` says. Each file that is read is counted by `on_file`; once
    /// all are, `on_read` takes what there is to say of that.
    pub(crate) fn run(
        &self,
        goal: Goal,
        needs: Needs,
        on_file: impl Fn() + Sync,
        on_read: impl FnOnce(&mut Ran),
    ) -> Ran {
        let is_inspection = goal == Goal::Check && !needs.change;
        let together = match is_inspection {
            true => inspect_together,
            false => self.migrate,
        };
        let (parts, files, errors) = self.visit(needs.pictures, on_file, |set, terms| {
            let set = migrated(set, terms, together);
            self.part(set, goal, needs)
        });
        let mut ran = Ran {
            files_scanned: files.scanned,
            folder: files.folder,
            warnings: files.warning.into_iter().collect(),
            errors,
            ..Ran::default()
        };
        if goal == Goal::Fix {
            let left = repository::remove_leftovers(files.temporary);
            ran.warnings.extend(left.iter().map(ToString::to_string));
        }
        // What could not be read is said before anything is written.
        on_read(&mut ran);
        let mut all = Vec::new();
        for part in parts {
            ran.errors.extend(part.errors);
            ran.patches.extend(part.patches);
            ran.facts.join(part.facts);
            all.push(match part.set.as_slice() {
                [] => part.results,
                set => self.write(set, needs, &mut ran),
            });
        }
        ran.patches.sort_by(|(one, _), (other, _)| one.cmp(other));
        all.extend(self.conclude(needs, files.neighbour.as_ref(), &mut ran.errors));
        ran.results = all.into_iter().collect();
        ran
    }

    /// Reads all files, puts those that may be templates together with what belongs to them, and gives
    /// what `visit` makes of each such set, the files, and what could not be read. What changes is drawn where
    /// `pictures` are wanted.
    pub(crate) fn visit<T: Send>(
        &self,
        pictures: bool,
        on_file: impl Fn() + Sync,
        visit: impl Fn(Vec<Loaded>, &Terms<'_>) -> Option<T> + Sync,
    ) -> (Vec<T>, Files, Vec<String>) {
        let baseline = self.baseline.as_ref();
        let mut files = gather(
            &self.input,
            baseline.map(AsRef::as_ref),
            self.threads,
            on_file,
        );
        let gathered = std::mem::take(&mut files.gathered);
        let given = self.input.given();
        let tree = self.input.tree();
        let (found, unread) =
            repository::visit_sets(tree, gathered.sets, self.threads, given, |set| {
                // What a configuration that cannot be taken is for is left alone.
                let mut terms = self.configuration.terms(&self.overrides, &set)?;
                terms.options.baseline = baseline.map(|baseline| baseline.baseline());
                // All files of a set are in one repository.
                let mut roots = set.iter().map(|loaded| &loaded.member.file.root);
                let surroundings = roots.find_map(|root| files.surroundings.get(root));
                terms.options.surroundings = surroundings.cloned().unwrap_or_default();
                terms.options.pictures = pictures;
                visit(set, &terms)
            });
        let mut seen = BTreeSet::new();
        let unread = gathered.errors.into_iter().chain(unread);
        // A file may be read more than once.
        let unread = unread.filter(|error| seen.insert(error.path.clone()));
        let mut errors: Vec<String> = unread.map(|error| error.to_string()).collect();
        errors.extend(self.configuration.errors());
        (found.into_iter().flatten().collect(), files, errors)
    }

    /// What there is to say of a set, or the set itself where it is to be written.
    fn part(&self, set: Vec<Migrated>, goal: Goal, needs: Needs) -> Option<RunPart> {
        if goal == Goal::Fix {
            return set.iter().any(Migrated::is_concerned).then(|| RunPart {
                errors: refusals(&set),
                set,
                ..RunPart::default()
            });
        }
        self.record(&set, &[]);
        let mut part = RunPart {
            results: results(&set, None, needs),
            errors: refusals(&set),
            ..RunPart::default()
        };
        match goal {
            Goal::Diff => part.patches = set.iter().filter_map(Migrated::named_patch).collect(),
            Goal::Check | Goal::Plan | Goal::Fix => {}
        }
        if goal == Goal::Plan || needs.pictures {
            add_facts(&mut part.facts, &set, |_| true);
        }
        Some(part)
    }

    /// Writes the results of a set, until one cannot be written; gives what is left to report.
    fn write(&self, set: &[Migrated], needs: Needs, ran: &mut Ran) -> Results {
        let mut goes_on = true;
        let mut done = Vec::new();
        for one in set {
            let fixed = one.migration.fixed.as_ref().filter(|_| goes_on);
            let is_written = fixed.is_some_and(|fixed| self.replace(&one.loaded, fixed, ran));
            goes_on &= is_written || fixed.is_none();
            done.push(is_written);
            if is_written {
                ran.patches.extend(one.named_patch());
            }
        }
        self.record(set, &done);
        add_facts(&mut ran.facts, set, |index| done.get(index) == Some(&true));
        results(set, Some(&done), needs)
    }

    /// Writes a result, if it is another one than what is there; whether that is done.
    fn replace(&self, loaded: &Loaded, fixed: &Fixed, ran: &mut Ran) -> bool {
        if fixed.edits.is_empty() {
            return true;
        }
        let file = &loaded.member.file;
        if let Input::Text(_) = &self.input {
            ran.text = Some(fixed.bytes.clone());
            return true;
        }
        match repository::replace(file, &loaded.bytes, &fixed.bytes) {
            Ok(replaced) => {
                if replaced.broke_hard_link {
                    let name = String::from_utf8_lossy(&file.name);
                    ran.warnings.push(format!(
                        "{name}: had several hard links; the others keep the old content"
                    ));
                }
                true
            }
            Err(error) => {
                ran.errors.push(error.to_string());
                false
            }
        }
    }

    fn record(&self, set: &[Migrated], written: &[bool]) {
        if let Some(baseline) = &self.baseline {
            baseline.record(set, written);
        }
    }

    /// What there is to say of configured waivers and of the baseline themselves; what fails goes to
    /// `errors`.
    fn conclude(
        &self,
        needs: Needs,
        neighbour: Option<&SourceFile>,
        errors: &mut Vec<String>,
    ) -> Vec<Results> {
        let (overrides, configuration) = (&self.overrides, &self.configuration);
        let mut all = configuration.conclude(overrides, &self.input, needs, neighbour);
        if let Some(baseline) = &self.baseline {
            let folders: &[PathBuf] = match &self.input {
                Input::Files(selection) => &selection.paths,
                Input::Text(_) => &[],
            };
            let options = overrides.options(&configuration.of_run);
            match baseline.conclude(&options, self.input.tree(), folders, needs, neighbour) {
                Ok(results) => all.push(results),
                Err(error) => errors.push(error),
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use crate::migrate::Fault;
    use crate::repository::{Configs, Selection};

    use super::*;

    const TEMPLATE: &str = r#"{"contentVersion": "1", "resources": [
        {"type": "Microsoft.Compute/virtualMachines/extensions", "name": "vm/msi",
         "properties": {"publisher": "Microsoft.ManagedIdentity",
                        "type": "ManagedIdentityExtensionForLinux"}}]}"#;

    /// The template whose result is refused.
    fn refused() -> String {
        TEMPLATE.replace("vm/msi", "refused/msi")
    }

    /// Runs on `a.json` and `b.json` as if the gate had refused the first; gives what came of it, and both
    /// files.
    fn with_a_refused(goal: Goal) -> (Ran, [String; 2]) {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["a.json", "b.json"].map(|name| folder.path().join(name));
        std::fs::write(&paths[0], refused()).unwrap();
        std::fs::write(&paths[1], TEMPLATE).unwrap();
        let input = Input::Files(Selection {
            paths: vec![folder.path().to_path_buf()],
            ..Selection::default()
        });
        let configuration = Configuration::of(Configs::default(), &input).unwrap();
        let threads = NonZeroUsize::MIN;
        let mut session = Session::new(input, configuration, Overrides::default(), None, threads);
        session.migrate = |sources, options| {
            let mut migrations = migrate_together(sources, options);
            for (source, migration) in sources.iter().zip(&mut migrations) {
                assert!(migration.fixed.is_some());
                if source.bytes == refused().as_bytes() {
                    migration.fixed = None;
                    migration.fault = Some(Fault::new("sabotage"));
                }
            }
            migrations
        };
        let ran = session.run(goal, Needs::default(), || {}, |_| {});
        (
            ran,
            paths.map(|path| std::fs::read_to_string(path).unwrap()),
        )
    }

    fn assert_refused(ran: &Ran) {
        let [error] = ran.errors.as_slice() else {
            panic!("{:?}", ran.errors);
        };
        assert!(error.contains("This is a bug in msi2imds"), "{error}");
        let names = ran.patches.iter().map(|(file, _)| file.name.as_slice());
        assert!(names.eq([b"b.json"]));
    }

    #[test]
    fn a_refused_result_is_an_error_and_the_other_file_is_fixed() {
        let (ran, [a, b]) = with_a_refused(Goal::Fix);
        assert_refused(&ran);
        assert_eq!(a, refused());
        assert!(b.contains("\"resources\": []"), "{b}");
    }

    #[test]
    fn a_refused_result_is_an_error_where_nothing_is_written_too() {
        let (ran, files) = with_a_refused(Goal::Diff);
        assert_refused(&ran);
        assert_eq!(files, [refused().as_str(), TEMPLATE]);
    }
}
