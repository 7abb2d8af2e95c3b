//! The flags that choose what is looked for, what is fixed and what counts.

use std::collections::BTreeSet;

use super::repository::Repository;
use super::templates;

/// Whether `fix` leaves an error, a warning, a note or nothing, at each threshold.
#[test]
fn fail_on_moves_the_threshold() {
    for (name, text, [error, warning, note]) in [
        ("error", templates::held(), [1, 1, 1]),
        ("warning", templates::fixable_with_a_warning(), [0, 1, 1]),
        ("note", templates::note_only(), [0, 0, 1]),
        ("nothing", templates::FIXABLE.to_owned(), [0, 0, 0]),
    ] {
        let fix = |arguments: &[&str]| {
            let repository = Repository::with("a.json", &text);
            let outcome = repository.run(&[&["fix"], arguments].concat());
            assert_eq!(outcome.stderr, "");
            outcome.code
        };
        assert_eq!(fix(&["--fail-on", "error"]), error, "{name} left");
        assert_eq!(fix(&["--fail-on", "warning"]), warning, "{name} left");
        assert_eq!(fix(&["--fail-on", "note"]), note, "{name} left");
        assert_eq!(fix(&[]), warning, "{name} left");
    }
}

#[test]
fn what_is_below_the_threshold_is_still_reported() {
    let repository = Repository::with("a.json", templates::note_only());
    let outcome = repository.run(&["check", "--notes"]).quietly(0);
    assert!(outcome.text().contains("note[lookalike]"), "{outcome:#?}");
    repository.run(&["check", "--fail-on", "note"]).quietly(1);
}

#[test]
fn diff_exits_by_the_diff_alone() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    repository.run(&["diff", "--fail-on", "error"]).quietly(1);
    repository.write("a.json", templates::held());
    repository.run(&["diff", "--fail-on", "note"]).quietly(0);
}

#[test]
fn ignoring_a_repair_hides_its_report_and_keeps_its_edit() {
    let repository = Repository::with("a.json", templates::without_identity());
    let full = repository.run(&["check"]).quietly(1);
    assert!(full.text().contains("[missing-identity]"), "{full:#?}");
    let ignoring = ["--ignore", "missing-identity"];
    let hidden = repository
        .run(&["check", "--ignore", "missing-identity"])
        .quietly(1);
    assert!(!hidden.text().contains("[missing-identity]"), "{hidden:#?}");

    repository
        .run(&["fix", ignoring[0], ignoring[1]])
        .quietly(0);
    let fixed = String::from_utf8(repository.read("a.json")).unwrap();
    assert!(fixed.contains("SystemAssigned"), "{fixed}");
    assert!(!fixed.contains("shop/msi"), "{fixed}");
}

#[test]
fn ignoring_the_extension_removes_nothing() {
    for arguments in [
        ["fix", "--ignore", "vm-extension"],
        ["fix", "--select", "vmss-extension"],
    ] {
        let repository = Repository::with("a.json", templates::without_identity());
        let outcome = repository.run(&arguments);
        assert!(!outcome.text().contains("--- a/"), "{outcome:#?}");
        assert_eq!(
            repository.read("a.json"),
            templates::without_identity().as_bytes()
        );
    }
}

#[test]
fn select_takes_several_rules_in_both_spellings() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    repository.write("b.json", templates::note_only());
    let one = repository.run(&["check", "--select", "vm-extension"]);
    let one = one.quietly(1);
    assert!(one.text().contains("[vm-extension]"), "{one:#?}");
    assert!(!one.text().contains("[lookalike]"), "{one:#?}");
    let commas = ["check", "--notes", "--select", "vm-extension,lookalike"];
    let flags = [
        "check",
        "--notes",
        "--select",
        "vm-extension",
        "--select",
        "lookalike",
    ];
    let both = repository.run(&commas).quietly(1);
    assert!(both.text().contains("[lookalike]"), "{both:#?}");
    assert_eq!(both, repository.run(&flags));
}

#[test]
fn ignoring_what_holds_a_unit_does_not_free_it() {
    let repository = Repository::with("a.json", templates::held());
    let arguments = ["fix", "--ignore", "extension-reference"];
    repository.run(&arguments).quietly(1);
    assert_eq!(repository.read("a.json"), templates::held().as_bytes());
}

#[test]
fn ignoring_the_parse_error_does_not_edit_what_does_not_parse() {
    let repository = Repository::with("a.json", templates::broken());
    repository.run(&["fix", "--ignore", "unparsable-template"]);
    assert_eq!(repository.read("a.json"), templates::broken().as_bytes());
}

#[test]
fn an_unknown_rule_is_refused_with_a_way_on() {
    let repository = Repository::new();
    let outcome = repository.run(&["check", "--select", "vm-extnsion"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("vm-extnsion"), "{outcome:#?}");
    assert!(outcome.stderr.contains("'vm-extension'"), "{outcome:#?}");
}

#[test]
fn the_list_of_rules_holds_every_id_that_a_report_shows() {
    let repository = Repository::with("readme.md", "nothing");
    let rules = repository.run(&["rules"]).quietly(0);
    for id in [
        "vm-extension",
        "vmss-extension",
        "missing-identity",
        "extension-reference",
        "identity-api-version",
        "unparsable-template",
        "dangling-dependency",
        "duplicate-key",
        "lookalike",
    ] {
        let start = format!("{id} ");
        let listed = rules.text().lines().any(|line| line.starts_with(&start));
        assert!(listed, "{id}: {rules:#?}");
        repository.run(&["check", "--select", id]).quietly(0);
    }
}

#[test]
fn unsafe_fixes_are_counted_and_applied_only_on_request() {
    let repository = Repository::with("a.json", templates::old_without_identity());
    let check = repository.run(&["check"]).quietly(1);
    assert!(check.text().contains("--unsafe-fixes"), "{check:#?}");

    repository.run(&["fix"]).quietly(1);
    let safe = String::from_utf8(repository.read("a.json")).unwrap();
    // Without an identity the machine would have no tokens: it is held.
    assert!(safe.contains("shop/msi") && !safe.contains("SystemAssigned"));
    assert!(safe.contains("2015-06-15"));

    repository.write("a.json", templates::old_without_identity());
    repository.run(&["fix", "--unsafe-fixes"]).quietly(0);
    let all = String::from_utf8(repository.read("a.json")).unwrap();
    assert!(!all.contains("shop/msi") && all.contains("SystemAssigned"));
    assert!(!all.contains("2015-06-15"));
}

#[test]
fn identity_report_inserts_none_and_says_so() {
    let repository = Repository::with("a.json", templates::without_identity());
    let outcome = repository.run(&["fix", "--identity", "report"]).quietly(0);
    assert!(
        outcome.text().contains("[missing-identity]"),
        "{outcome:#?}"
    );
    let fixed = String::from_utf8(repository.read("a.json")).unwrap();
    assert!(!fixed.contains("SystemAssigned") && !fixed.contains("shop/msi"));

    repository.write("a.json", templates::without_identity());
    repository
        .run(&["fix", "--identity", "system-assigned"])
        .quietly(0);
}

#[test]
fn within_narrows_to_what_the_query_selects() {
    let repository = Repository::with("a.json", templates::two_machines());
    let query = "$.resources[?@.name=='first/msi']";
    let check = repository.run(&["check", "--within", query]).quietly(1);
    assert!(check.text().contains("1 error in 1 file"), "{check:#?}");
    repository.run(&["fix", "--within", query]).quietly(0);
    let fixed = String::from_utf8(repository.read("a.json")).unwrap();
    assert!(!fixed.contains("first/msi") && fixed.contains("second/msi"));

    let nothing = ["check", "--within", "$.outputs"];
    repository.run(&nothing).quietly(0);
}

#[test]
fn several_queries_add_up() {
    let repository = Repository::with("a.json", templates::two_machines());
    let first = "$.resources[?@.name=='first/msi']";
    let second = "$.resources[?@.name=='second/msi']";
    repository
        .run(&["fix", "--within", first, "--within", second])
        .quietly(0);
    let fixed = String::from_utf8(repository.read("a.json")).unwrap();
    assert!(!fixed.contains("first/msi") && !fixed.contains("second/msi"));
}

#[test]
fn quiet_leaves_the_summary_out() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    let loud = repository.run(&["check"]).quietly(1);
    let quiet = repository.run(&["check", "-q"]).quietly(1);
    assert!(loud.text().starts_with(quiet.text()));
    assert!(loud.text().contains("scanned)"));
    assert!(!quiet.text().contains("scanned)"));
    let clean = Repository::with("a.json", templates::clean());
    assert_eq!(clean.run(&["check", "--quiet"]).quietly(0).text(), "");
}

#[test]
fn without_a_command_it_checks_and_a_word_that_is_no_path_is_none() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    repository.write("check/b.json", templates::FIXABLE);
    let check = repository.run(&["check", "."]).quietly(1);
    for arguments in [&[][..], &["."], &["--color", "never"]] {
        assert_eq!(repository.run(arguments), check, "{arguments:?}");
    }
    // A folder with the name of a command is no path.
    assert_eq!(repository.run(&["check"]), check);
    let one = repository.run(&["a.json"]).quietly(1);
    assert!(one.text().contains("(1 file scanned)"), "{one:#?}");
    let mistyped = repository.run(&["chekc"]);
    assert_eq!((mistyped.code, mistyped.text()), (2, ""));
    assert!(mistyped.stderr.contains("'check'"), "{mistyped:#?}");
}

#[test]
fn a_flag_of_another_tool_names_the_command_that_does_it() {
    let repository = Repository::new();
    for (arguments, command) in [
        (["check", "--fix"], "`msi2imds fix`"),
        (["check", "--diff"], "`msi2imds diff`"),
        (["fix", "--dry-run"], "`msi2imds diff`"),
        (["fix", "--check"], "`msi2imds check`"),
    ] {
        let outcome = repository.run(&arguments);
        assert_eq!((outcome.code, outcome.text()), (2, ""));
        assert!(outcome.stderr.contains(command), "{outcome:#?}");
    }
}

#[test]
fn help_has_headings_and_no_option_outside_of_them() {
    let repository = Repository::new();
    for command in ["check", "diff", "fix", "plan"] {
        let help = repository.run(&[command, "--help"]).quietly(0);
        let headings = help.text().lines().filter(|line| {
            line.ends_with(':') && !line.starts_with(' ') && !line.starts_with("Arguments")
        });
        let headings: Vec<&str> = headings.collect();
        let expected = [
            "Options:",
            "Files:",
            "Rules:",
            "Fixes:",
            "Output:",
            "Configuration:",
        ];
        assert_eq!(
            headings.iter().collect::<BTreeSet<_>>(),
            expected.iter().collect::<BTreeSet<_>>(),
            "{command}"
        );
        let own = help.text().split("Options:").nth(1).unwrap();
        let own = own.split("\n\n").next().unwrap();
        assert!(own.matches("--").count() <= 2, "{command}: {own}");
    }
}

#[test]
fn notes_are_counted_and_listed_where_that_is_asked() {
    let repository = Repository::with("a.json", templates::note_only());
    for format in ["full", "concise"] {
        let format = format!("--output-format={format}");
        let counted = repository.run(&["check", &format]).quietly(0);
        let expected = "1 note in 1 file (1 file scanned); --notes shows the note\n";
        assert_eq!(counted.text(), expected);
        let listed = repository.run(&["check", &format, "--notes"]).quietly(0);
        assert!(listed.text().contains("note[lookalike]"), "{listed:#?}");
        assert!(!listed.text().contains("--notes"), "{listed:#?}");
        let failing = ["check", &format, "--fail-on", "note"];
        let failed = repository.run(&failing).quietly(1);
        assert_eq!(failed.stdout, listed.stdout);
        // What `fix` leaves is for a person, and no later run may say it.
        let left = repository.run(&["fix", &format]).quietly(0);
        assert_eq!(left.stdout, listed.stdout);
    }
}

#[test]
fn fix_without_a_diff_says_what_is_left() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    let fixed = repository.run(&["fix", "--no-diff"]).quietly(0);
    assert!(!fixed.text().contains("@@"), "{fixed:#?}");
    assert!(fixed.text().contains("fixed, none left"), "{fixed:#?}");
}

#[test]
fn summary_and_rules_have_colours() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    let check = repository.run(&["check", "--color", "always"]).quietly(1);
    let last = check.text().lines().last().unwrap();
    assert!(
        last.starts_with("\u{1b}[1m\u{1b}[91m1 error\u{1b}[0m"),
        "{last}"
    );
    let mut command = repository.command("");
    let rules = command
        .env("FORCE_COLOR", "1")
        .arg("rules")
        .output()
        .unwrap();
    let rules = String::from_utf8(rules.stdout).unwrap();
    assert!(rules.contains("\u{1b}[1m\u{1b}[91merror"), "{rules}");
}
