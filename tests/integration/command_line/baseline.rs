//! The baseline: what is known is not told, wherever it moves to, and what is gone is.

use super::repository::{Outcome, Repository};
use super::templates::{FIXABLE, clean, fixable_with_a_warning, held, machine, two_machines};

const MAKE: [&str; 4] = ["check", "--baseline", "known.json", "--update-baseline"];
const CHECK: [&str; 5] = [
    "check",
    "--baseline",
    "known.json",
    "--output-format",
    "concise",
];

/// A repository with a template whose findings are in the baseline.
fn known(text: &str) -> Repository {
    let repository = Repository::with("infra/a.json", text);
    repository.run(&MAKE).quietly(0);
    repository
}

fn baseline(repository: &Repository) -> String {
    String::from_utf8(repository.read("known.json")).unwrap()
}

#[track_caller]
fn assert_known(repository: &Repository, summary: &str) {
    let check = repository.run(&CHECK).quietly(0);
    assert_eq!(
        check.text(),
        format!("no findings ({summary} in the baseline)\n")
    );
}

#[track_caller]
fn assert_told(check: &Outcome, rule: &str) {
    assert!(check.text().contains(&format!("[{rule}] ")), "{check:#?}");
}

#[test]
fn what_is_known_is_not_told_and_counts_for_nothing() {
    let repository = known(FIXABLE);
    let lines: Vec<String> = baseline(&repository).lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 6, "{lines:#?}");
    assert!(
        lines[3].starts_with(
            "    {\"file\":\"infra/a.json\",\"rule\":\"vm-extension\",\"path\":\"/resources/\
             [Microsoft.Compute/virtualMachines/extensions shop/msi]\",\"fingerprint\":\""
        ),
        "{lines:#?}"
    );
    assert_known(&repository, "2 files scanned, 1");
    // Made anew it is the same.
    let before = baseline(&repository);
    let again = repository.run(&MAKE).quietly(0);
    assert!(again.text().contains("1 in the baseline"), "{again:?}");
    assert_eq!(baseline(&repository), before);
}

#[test]
fn a_new_finding_is_told() {
    let repository = known(FIXABLE);
    repository.write("infra/b.json", machine("depot"));
    let check = repository.run(&CHECK).quietly(1);
    assert!(check.text().starts_with("infra/b.json:"), "{check:?}");
    assert_eq!(check.text().lines().count(), 2, "{check:?}");
    // An entry of another name is another one.
    let repository = known(FIXABLE);
    let other = FIXABLE.replace("shop/msi", "shop/identity");
    repository.write("infra/a.json", other);
    let check = repository.run(&CHECK).quietly(1);
    assert_told(&check, "vm-extension");
    assert_told(&check, "stale-baseline");
}

#[test]
fn what_moves_or_is_reformatted_stays_known() {
    let text = two_machines();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    // This sorts the members, too.
    let compact = value.to_string();
    let mut reversed = value.clone();
    reversed["resources"].as_array_mut().unwrap().reverse();
    let reversed = serde_json::to_string_pretty(&reversed).unwrap();
    let commented = text.replace("    {\n", "\n    // a resource\n    {\n");
    for other in [compact, reversed, commented, text.replace('\n', "\r\n")] {
        let repository = known(&text);
        repository.write("infra/a.json", other);
        assert_known(&repository, "2 files scanned, 2");
    }
}

#[test]
fn entries_that_are_alike_are_counted() {
    let start = FIXABLE
        .find("    {\n      \"type\": \"Microsoft.Compute/virtualMachines/extensions\"")
        .unwrap();
    let end = FIXABLE.rfind("    {\n      \"type\"").unwrap();
    let entry = FIXABLE.get(start..end).unwrap();
    let times = |count: usize| FIXABLE.replacen(entry, &entry.repeat(count), 1);
    let repository = known(&times(2));
    assert!(
        baseline(&repository).contains("\"count\":2}"),
        "{}",
        baseline(&repository)
    );
    assert_known(&repository, "2 files scanned, 2");
    repository.write("infra/a.json", times(3));
    let check = repository.run(&CHECK).quietly(1);
    assert_eq!(check.text().lines().count(), 2, "{check:?}");
    assert_told(&check, "vm-extension");
    repository.write("infra/a.json", FIXABLE);
    let check = repository.run(&CHECK).quietly(1);
    assert_told(&check, "stale-baseline");
    assert!(
        check
            .text()
            .contains("a finding of vm-extension in infra/a.json that is gone"),
        "{check:?}"
    );
}

#[test]
fn what_is_gone_is_told_at_its_line_and_removed_by_an_update() {
    for write in [true, false] {
        let repository = known(FIXABLE);
        if write {
            repository.write("infra/a.json", clean());
        } else {
            std::fs::remove_file(repository.path("infra/a.json")).unwrap();
        }
        let check = repository.run(&CHECK).quietly(1);
        assert!(
            check
                .text()
                .starts_with("known.json:4:5: warning[stale-baseline] "),
            "{check:?}"
        );
        // Told only where all was looked for, and where the file would have been seen.
        for partial in [
            &["--select", "lookalike"][..],
            &["--ignore", "lookalike"],
            &["--within", "$"],
            &["known.json"],
        ] {
            repository.run(&[&CHECK[..], partial].concat()).quietly(0);
        }
        repository
            .run(&[&CHECK[..], &["--ignore", "stale-baseline"]].concat())
            .quietly(0);
        // An update that did not see everything keeps what it did not see.
        let before = baseline(&repository);
        repository
            .run(&[&MAKE[..], &["--select", "lookalike"]].concat())
            .quietly(0);
        assert_eq!(baseline(&repository), before);
        repository.run(&MAKE).quietly(0);
        assert_eq!(
            baseline(&repository),
            "{\n  \"schema\": 1,\n  \"entries\": []\n}\n"
        );
        repository.run(&CHECK).quietly(0);
    }
}

#[test]
fn what_is_ignored_is_neither_seen_nor_gone() {
    let repository = known(FIXABLE);
    repository.write(".gitignore", "infra/\n");
    repository.run(&CHECK).quietly(0);
    let before = baseline(&repository);
    repository.run(&MAKE).quietly(0);
    assert_eq!(baseline(&repository), before);
}

#[test]
fn a_baseline_elsewhere_names_files_from_its_own_folder() {
    let repository = Repository::with("infra/a.json", FIXABLE);
    repository.write("ci/x", "");
    repository
        .run(&["check", "--baseline", "ci/known.json", "--update-baseline"])
        .quietly(0);
    let text = String::from_utf8(repository.read("ci/known.json")).unwrap();
    assert!(text.contains("\"file\":\"../infra/a.json\""), "{text}");
    repository
        .run_in("infra", &["check", "--baseline", "../ci/known.json"])
        .quietly(0);
    repository.write("infra/a.json", clean());
    let concise = [
        "check",
        "--baseline",
        "../ci/known.json",
        "--output-format",
        "concise",
    ];
    let check = repository.run_in("infra", &concise).quietly(1);
    assert!(
        check
            .text()
            .starts_with("../ci/known.json:4:5: warning[stale-baseline] "),
        "{check:?}"
    );
}

#[test]
fn what_is_known_is_fixed_all_the_same() {
    let repository = known(&fixable_with_a_warning());
    assert!(baseline(&repository).contains("extension-reference"));
    let diff = repository
        .run(&["diff", "--baseline", "known.json"])
        .quietly(1);
    assert!(
        diff.text().contains("-      \"name\": \"shop/msi\","),
        "{diff:?}"
    );
    // What is fixed is no longer known to be there.
    let fix = repository
        .run(&[
            "fix",
            "--baseline",
            "known.json",
            "--output-format",
            "concise",
        ])
        .quietly(1);
    assert_told(&fix, "stale-baseline");
    assert!(
        fix.text().contains("1 finding fixed, 2 warnings left"),
        "{fix:?}"
    );
    let check = repository.run(&CHECK).quietly(1);
    // A check after it finds what it told.
    let stale = |outcome: &Outcome| -> Vec<String> {
        let lines = outcome.text().lines();
        let stale = lines.filter(|line| line.contains("stale-baseline"));
        stale.map(str::to_owned).collect()
    };
    assert_eq!(stale(&check), stale(&fix));

    let repository = known(&fixable_with_a_warning());
    let fix = ["fix", "--baseline", "known.json", "--update-baseline"];
    repository.run(&fix).quietly(0);
    assert_eq!(baseline(&repository).lines().count(), 4);
    let check = repository.run(&CHECK).quietly(0);
    assert_eq!(check.text(), "no findings (2 files scanned)\n");
}

#[test]
fn what_cannot_be_fixed_stays_known() {
    let repository = known(&held());
    let before = baseline(&repository);
    repository
        .run(&["fix", "--baseline", "known.json"])
        .quietly(0);
    assert_known(&repository, "2 files scanned, 2");
    assert_eq!(baseline(&repository), before);
}

#[test]
fn a_waived_finding_is_in_no_baseline_and_a_broken_template_can_be() {
    let repository = Repository::with(
        "infra/a.json",
        FIXABLE.replace(
            "\"name\": \"shop/msi\",",
            "\"name\": \"shop/msi\", \"comments\": \"msi2imds: ignore[vm-extension] needed\",",
        ),
    );
    repository.run(&MAKE).quietly(0);
    assert!(!baseline(&repository).contains("vm-extension"));
    let repository = known(&super::templates::broken());
    assert!(baseline(&repository).contains("unparsable-template"));
    repository.run(&CHECK).quietly(0);
}

#[test]
fn lines_of_other_languages_are_known_by_what_they_say() {
    let bicep = "resource msi 'Microsoft.Compute/virtualMachines/extensions@2019-07-01' = {\n  properties: {\n    publisher: 'Microsoft.ManagedIdentity'\n  }\n}\n";
    let repository = Repository::with("a.bicep", bicep);
    let strict = |arguments: &[&'static str]| [arguments, &["--fail-on", "note"]].concat();
    repository.run(&strict(&CHECK[..1])).quietly(1);
    repository.run(&strict(&MAKE)).quietly(0);
    repository.write(
        "a.bicep",
        format!(
            "// moved\n\n{}",
            bicep.replace("    publisher", "\tpublisher")
        ),
    );
    repository.run(&strict(&CHECK)).quietly(0);
    repository.write("a.bicep", format!("{bicep}{bicep}"));
    repository.run(&strict(&CHECK)).quietly(1);
}

#[test]
fn a_baseline_that_is_none_is_an_error_that_says_what_to_do() {
    let repository = Repository::with("infra/a.json", FIXABLE);
    let missing = repository.run(&CHECK);
    assert_eq!((missing.code, missing.text()), (2, ""));
    assert_eq!(
        missing.stderr,
        "error: known.json: no such baseline; check the path, or create it with --update-baseline\n"
    );
    let broken = "{\n  \"schema\": 1,\n  \"entries\": [{]\n}\n";
    repository.write("known.json", broken);
    for arguments in [&CHECK[..], &MAKE, &["fix", "--baseline", "known.json"]] {
        let outcome = repository.run(arguments);
        assert_eq!((outcome.code, outcome.text()), (2, ""));
        assert!(
            outcome
                .stderr
                .starts_with("error: known.json:3:16: not a baseline: "),
            "{outcome:?}"
        );
        assert!(
            outcome
                .stderr
                .ends_with("fix it, or remove it and run again with --update-baseline\n")
        );
    }
    assert_eq!(baseline(&repository), broken);
    assert_eq!(repository.read("infra/a.json"), FIXABLE.as_bytes());
    for arguments in [
        &["check", "--update-baseline"][..],
        &["diff", "--baseline", "new.json", "--update-baseline"],
        &[
            "check",
            "--baseline",
            "nowhere/known.json",
            "--update-baseline",
        ],
    ] {
        assert_eq!(repository.run(arguments).code, 2, "{arguments:?}");
    }
    assert!(!repository.path("new.json").exists());
}

#[test]
fn what_changes_elsewhere_in_its_resource_stays_known() {
    let text = two_machines();
    let changed = text.replace("2019-07-01", "2021-03-01");
    assert_ne!(text, changed);
    let repository = known(&text);
    repository.write("infra/a.json", changed);
    assert_known(&repository, "2 files scanned, 2");
}
