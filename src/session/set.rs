//! Files that belong together on their way from bytes to what there is to say about them.
//!
//! Never writes nor prints. Start at [`migrated`].

use std::path::Path;

use crate::migrate::{
    Migration, Options, Source, is_parameter_file, migrate_other_text, migrate_text,
};
use crate::report::{Needs, Outcome, Results, SourceText, Stage};
use crate::repository::{Loaded, SourceFile};

use super::configuration::Terms;
use super::patch::Patch;

/// A file with what is to be done about it.
pub(crate) struct Migrated {
    pub(crate) loaded: Loaded,
    pub(crate) migration: Migration,
    /// Whether it is in another language than templates are.
    pub(super) is_text: bool,
}

/// What makes the migrations of files that belong together.
pub(crate) type Together = fn(&[Source<'_>], &Options) -> Vec<Migration>;

/// Migrates a set; what is in another language is migrated by itself, and comes last. Findings
/// show by its place in what this gives which file they are in.
pub(crate) fn migrated(set: Vec<Loaded>, terms: &Terms<'_>, together: Together) -> Vec<Migrated> {
    let options = &terms.options;
    let mut templates = Vec::new();
    let mut texts = Vec::new();
    for (loaded, waivers) in set.into_iter().zip(&terms.waivers) {
        let source = Source {
            path: &slashed(&loaded.member.file.canonical),
            bytes: &loaded.bytes,
            selected: loaded.member.selected,
            waivers,
        };
        match migrate_text(&loaded.member.file.name, &source, options) {
            Some(migration) => texts.push(Migrated {
                loaded,
                migration,
                is_text: true,
            }),
            None => templates.push((loaded, waivers)),
        }
    }
    let paths: Vec<String> = templates
        .iter()
        .map(|(loaded, _)| slashed(&loaded.member.file.canonical))
        .collect();
    let sources: Vec<Source<'_>> = templates
        .iter()
        .zip(&paths)
        .map(|((loaded, waivers), path)| Source {
            path,
            bytes: &loaded.bytes,
            selected: loaded.member.selected,
            waivers,
        })
        .collect();
    let migrations = together(&sources, options);
    let other_waivers: Vec<&[usize]> = templates
        .iter()
        .map(|(_, waivers)| waivers.as_slice())
        .collect();
    let migrated = templates.into_iter().zip(migrations);
    let mut done: Vec<Migrated> = migrated
        .map(|((loaded, _), migration)| Migrated {
            loaded,
            migration,
            is_text: false,
        })
        .collect();
    let has_template = done.iter().any(|one| one.migration.is_template);
    for (index, one) in done.iter_mut().enumerate() {
        let Loaded { member, bytes } = &one.loaded;
        let is_other = !one.migration.is_template
            && one.migration.fixed.is_none()
            && one.migration.findings.is_empty();
        // What a template of the set reads is explained by it.
        if !is_other || !member.selected || has_template && is_parameter_file(bytes) {
            continue;
        }
        let source = Source {
            path: paths.get(index).map_or("", String::as_str),
            bytes,
            selected: true,
            waivers: other_waivers.get(index).map_or(&[], |waivers| waivers),
        };
        one.migration = migrate_other_text(&member.file.name, &source, options);
        place_in(&mut one.migration, index);
    }
    for mut text in texts.into_iter().filter(|text| text.loaded.member.selected) {
        place_in(&mut text.migration, done.len());
        done.push(text);
    }
    for one in &done {
        terms.note(&one.migration);
    }
    done
}

/// Says which file of a set the findings of a text are in.
fn place_in(migration: &mut Migration, source: usize) {
    let findings = migration.findings.iter_mut();
    for finding in findings.chain(&mut migration.suppressed) {
        finding.place.source = source;
        for related in &mut finding.related {
            related.place.source = source;
        }
    }
}

/// A path as links spell it.
pub(super) fn slashed(path: &Path) -> String {
    path.to_string_lossy()
        .replace(std::path::MAIN_SEPARATOR, "/")
}

impl Migrated {
    /// The patch that the migration makes, with its file; `None` if it changes nothing.
    pub(super) fn named_patch(&self) -> Option<(SourceFile, Patch)> {
        let patch = Patch::new(&self.loaded, self.migration.fixed.as_ref()?)?;
        Some((self.loaded.member.file.clone(), patch))
    }

    /// The gate's refusal to change the file.
    pub(super) fn refusal(&self) -> Option<String> {
        let fault = self.migration.fault.as_ref()?;
        let name = String::from_utf8_lossy(&self.loaded.member.file.name);
        if !fault.is_ours() {
            return Some(format!("{name}: not checked: {fault}"));
        }
        Some(format!(
            "{name}: not changed: the result failed a self-check ({fault}). This is a bug in \
             msi2imds: please report it with the template"
        ))
    }

    /// Whether a run that writes has something to do or to say about it.
    pub(super) fn is_concerned(&self) -> bool {
        let migration = &self.migration;
        !migration.findings.is_empty()
            || !migration.suppressed.is_empty()
            || migration.fixed.is_some()
            || migration.fault.is_some()
    }

    fn page(&self) -> SourceText<'_> {
        SourceText::new(&self.loaded.member.file.name, &self.loaded.bytes)
    }

    fn fixed_page(&self) -> SourceText<'_> {
        match &self.migration.fixed {
            Some(fixed) => SourceText::new(&self.loaded.member.file.name, &fixed.bytes),
            None => self.page(),
        }
    }
}

/// What there is to say about a set that stays as it is, or, where `written` says which of its files were
/// written, about what is left.
pub(super) fn results(set: &[Migrated], written: Option<&[bool]>, needs: Needs) -> Results {
    let outcomes = set.iter().enumerate().map(|(index, one)| Outcome {
        migration: &one.migration,
        stage: match written.map(|written| written.get(index)) {
            None => Stage::Proposed,
            Some(Some(true)) => Stage::Written,
            Some(_) => Stage::Unwritten,
        },
    });
    let outcomes: Vec<Outcome<'_>> = outcomes.collect();
    let old: Vec<SourceText<'_>> = set.iter().map(Migrated::page).collect();
    let new = set.iter().filter(|_| written.is_some());
    let new: Vec<SourceText<'_>> = new.map(Migrated::fixed_page).collect();
    needs.results(&outcomes, &old, &new)
}

/// Why files of a set are not changed.
pub(super) fn refusals(set: &[Migrated]) -> Vec<String> {
    set.iter().filter_map(Migrated::refusal).collect()
}

#[cfg(test)]
mod tests {
    use crate::migrate::Fault;
    use crate::repository::SetMember;

    use super::*;

    #[test]
    fn a_refusal_names_the_file_and_asks_for_a_report() {
        let file = SourceFile {
            name: b"a.json".to_vec(),
            path: "a.json".into(),
            root: ".".into(),
            canonical: "a.json".into(),
        };
        let refused = Migrated {
            loaded: Loaded {
                member: SetMember::new(file, true),
                bytes: Vec::new(),
            },
            migration: Migration {
                fault: Some(Fault::new("why")),
                ..Migration::default()
            },
            is_text: false,
        };
        let said = refused.refusal().unwrap();
        assert!(said.starts_with("a.json: not changed"), "{said}");
        assert!(
            said.contains("(why)") && said.contains("please report it"),
            "{said}"
        );
    }
}
