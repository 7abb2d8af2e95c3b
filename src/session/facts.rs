//! What a runbook takes from the files: what is removed, what is not, and who calls the extension.
//!
//! Start at [`add_facts`].

use crate::migrate::SuppressedBy;
use crate::report::SourceText;
use crate::rules::{About, Finding, Fix, Place};
use crate::runbook::{PlacedNote, RemovalFacts};

use super::set::Migrated;

/// Adds what a set says; `is_done` says of each of its files whether its removals are, or will be, made.
pub(super) fn add_facts(
    facts: &mut RemovalFacts,
    set: &[Migrated],
    is_done: impl Fn(usize) -> bool,
) {
    for (index, one) in set.iter().enumerate() {
        let migration = &one.migration;
        // A baseline hides what is known from reports; the machines have it all the same.
        let suppressed = migration.suppressed.iter();
        let baselined = suppressed.filter(|one| one.suppressed == Some(SuppressedBy::Baseline));
        let mut findings: Vec<&Finding> = migration.findings.iter().chain(baselined).collect();
        findings.sort_by_key(|finding| finding.place.span.start);
        if migration.removed.is_empty() && findings.is_empty() {
            continue;
        }
        let name = &one.loaded.member.file.name;
        let page = SourceText::new(name, &one.loaded.bytes);
        let name = String::from_utf8_lossy(name);
        let place = |place: &Place| {
            let start = page.region(&place.span).start;
            format!("{name}:{}:{}", start.line, start.column)
        };
        if migration.fault.is_none() && is_done(index) {
            let removed = migration.removed.iter();
            let removed = removed.map(|removed| (place(&removed.place), removed.clone()));
            facts.removed.extend(removed);
        }
        let note = |finding: &Finding, message: String| PlacedNote {
            place: place(&finding.place),
            message,
        };
        for finding in findings {
            let about = finding.rule.about;
            match &finding.fix {
                Fix::Safe(_) if about == About::Caller => {
                    let message = format!("{} (`fix` rewrites it)", finding.message);
                    facts.callers.push(note(finding, message));
                }
                _ if about == About::Caller => {
                    facts.callers.push(note(finding, finding.message.clone()));
                }
                Fix::Held(hold) if about == About::Extension => {
                    facts.staying.push(note(finding, hold.reason.clone()));
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::migrate::{Fault, Migration, Options, migrate};
    use crate::repository::{Loaded, SetMember, SourceFile};
    use crate::rules::Rule;

    use super::*;

    static CALLER: Rule = Rule {
        id: "token-endpoint",
        about: About::Caller,
        ..Rule::DEFAULT
    };

    fn of(bytes: &[u8], migration: Migration) -> Migrated {
        let file = SourceFile {
            name: b"a.json".to_vec(),
            path: "a.json".into(),
            root: ".".into(),
            canonical: "a.json".into(),
        };
        Migrated {
            loaded: Loaded {
                member: SetMember::new(file, true),
                bytes: bytes.to_vec(),
            },
            migration,
            is_text: false,
        }
    }

    #[test]
    fn callers_are_listed_with_their_place_and_whether_fix_rewrites_them() {
        let caller = |fix| Finding::new(&CALLER, Place::in_text(2..3), "asks").with_fix(fix);
        let findings = vec![
            caller(Fix::Safe("moves it".into())),
            caller(Fix::DisplayOnly),
        ];
        let migration = Migration {
            findings,
            ..Migration::default()
        };
        let mut facts = RemovalFacts::default();
        add_facts(&mut facts, &[of(b"a\nb", migration)], |_| true);
        let notes: Vec<String> = facts
            .callers
            .iter()
            .map(|note| format!("{}: {}", note.place, note.message))
            .collect();
        assert_eq!(
            notes,
            ["a.json:2:1: asks (`fix` rewrites it)", "a.json:2:1: asks"]
        );
    }

    #[test]
    fn what_was_not_written_or_was_refused_is_not_removed() {
        let template = br#"{"contentVersion": "1", "resources": [
            {"type": "Microsoft.Compute/virtualMachines/extensions", "name": "vm/msi",
             "properties": {"publisher": "Microsoft.ManagedIdentity",
                            "type": "ManagedIdentityExtensionForLinux"}}]}"#;
        let migration = migrate(template, &Options::default());
        let removed = |migration: Migration, is_done: bool| {
            let mut facts = RemovalFacts::default();
            add_facts(&mut facts, &[of(template, migration)], |_| is_done);
            facts.removed.len()
        };
        assert_eq!(removed(migration.clone(), true), 1);
        assert_eq!(removed(migration.clone(), false), 0);
        let refused = Migration {
            fault: Some(Fault::new("why")),
            ..migration
        };
        assert_eq!(removed(refused, true), 0);
    }
}
