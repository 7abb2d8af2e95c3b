//! Waivers: what they hide, what they leave alone, and what is said of those that hide nothing.

use super::repository::{Outcome, Repository};
use super::templates::{FIXABLE, machine, two_machines};

/// [`FIXABLE`] with a comment on a line of its own above the extension.
fn waived(comment: &str) -> String {
    let start =
        FIXABLE.find("    {\n      \"type\": \"Microsoft.Compute/virtualMachines/extensions\"");
    let (before, behind) = FIXABLE.split_at(start.unwrap());
    format!("{before}    {comment}\n{behind}")
}

const WAIVER: &str = "// msi2imds: ignore[vm-extension] the image needs it";

fn checked(text: impl AsRef<[u8]>) -> Outcome {
    Repository::with("a.json", text).run(&["check", "--output-format", "concise"])
}

#[track_caller]
fn assert_waived(text: impl AsRef<[u8]>) {
    let check = checked(text).quietly(0);
    assert_eq!(check.text(), "no findings (1 file scanned, 1 waived)\n");
}

/// The ids that a check reports, and its lines.
fn reported(outcome: &Outcome) -> Vec<(usize, &str)> {
    let lines = outcome
        .text()
        .lines()
        .filter(|line| line.starts_with("a.json:"));
    let parsed = lines.map(|line| {
        let mut parts = line.split([':', '[', ']']);
        let line = parts.nth(1).unwrap().parse().unwrap();
        (line, parts.nth(2).unwrap())
    });
    parsed.collect()
}

#[test]
fn a_comment_on_the_line_of_the_entry_or_above_it_waives() {
    assert_waived(waived(WAIVER));
    assert_waived(waived(&format!(
        "{WAIVER}\n\n    // more\n    /* and\n more */"
    )));
    assert_waived(waived(
        "/* msi2imds: ignore[\n  vm-extension] the image\n needs it */",
    ));
    assert_waived(waived(
        "/* msi2imds: ignore[vm-extension] until=9999-12-31 needed */",
    ));
    let entry = "    {\n      \"type\": \"Microsoft.Compute/virtualMachines/extensions\",\n      \"apiVersion\": \"2019-07-01\",\n      \"name\": \"shop/msi\"";
    for waived in [
        format!("    {{ {WAIVER}\n"),
        "    /* msi2imds: ignore[vm-extension] why */ {\n".to_owned(),
    ] {
        assert!(FIXABLE.contains(entry));
        assert_waived(FIXABLE.replace(entry, &entry.replacen("    {\n", &waived, 1)));
    }
    // The line that is shown is one too.
    let publisher = "\"publisher\": \"Microsoft.ManagedIdentity\",";
    assert_waived(FIXABLE.replace(publisher, &format!("{publisher} {WAIVER}")));
    assert_waived(waived(WAIVER).replace('\n', "\r\n"));
}

#[test]
fn the_comments_of_the_resource_waive() {
    let name = "\"name\": \"shop/msi\",";
    let comments =
        "\"comments\": \"see #12; msi2imds: ignore[vm-extension] until=9999-12-31 n\\u0065eded\",";
    assert_waived(FIXABLE.replace(name, &format!("{name}\n      {comments}")));
    // Those of the machine beside it are not meant.
    let machine = "\"name\": \"shop\",";
    let other = checked(FIXABLE.replace(machine, &format!("{machine}\n      {comments}")));
    assert_eq!(
        reported(&other.quietly(1)),
        [(9, "unused-waiver"), (23, "vm-extension")]
    );
}

#[test]
fn a_waiver_somewhere_else_waives_nothing_and_is_reported() {
    let other = waived(WAIVER).replace(&format!("    {WAIVER}\n"), "");
    let below = other.replace("\"shop/msi\",", &format!("\"shop/msi\", {WAIVER}"));
    let check = checked(below).quietly(1);
    assert_eq!(
        reported(&check),
        [(17, "unused-waiver"), (22, "vm-extension")]
    );
    let check = checked(format!("{WAIVER}\n{FIXABLE}")).quietly(1);
    assert_eq!(
        reported(&check),
        [(1, "unused-waiver"), (23, "vm-extension")]
    );
}

#[test]
fn of_several_rules_the_idle_ones_are_told() {
    let comment = "// msi2imds: ignore[lookalike, vm-extension, vmss-extension] why";
    let check = checked(waived(comment)).quietly(1);
    assert_eq!(reported(&check), [(14, "unused-waiver")]);
    assert!(
        check
            .text()
            .contains("no finding of lookalike, vmss-extension here"),
        "{check:?}"
    );
}

#[test]
fn an_unused_waiver_is_told_only_where_every_rule_ran() {
    let clean = super::templates::clean();
    let repository = Repository::with("a.json", format!("{WAIVER}\n{clean}"));
    for partial in [
        &["check", "--select", "lookalike"][..],
        &["check", "--ignore", "lookalike"],
        &["check", "--ignore", "unused-waiver"],
        &["check", "--within", "$.resources[0]"],
    ] {
        repository.run(partial).quietly(0);
    }
    repository.run(&["check"]).quietly(1);
    repository
        .run(&["check", "--select", "unused-waiver"])
        .quietly(0);
    let broken = format!("{WAIVER}\n{FIXABLE}").replace("\"resources\": [", "\"resources\": [ ! ");
    let check = checked(broken);
    assert!(!check.text().contains("unused-waiver"), "{check:?}");
}

#[test]
fn a_waiver_that_cannot_be_read_waives_nothing_and_says_what_to_write() {
    for (words, said) in [
        ("ignore[vm-extension]", "gives no reason"),
        ("ignore vm-extension why", "names no rules in brackets"),
        (
            "ignore[vm-extensions] why",
            "there is no rule vm-extensions",
        ),
        ("ignore[vm-extension] until=soon why", "soon is not a date"),
        ("ignore[unused-waiver] why", "cannot be waived"),
    ] {
        let text = waived(&format!("// msi2imds: {words}"));
        let check = checked(&text).quietly(1);
        assert_eq!(
            reported(&check),
            [(14, "malformed-waiver"), (23, "vm-extension")]
        );
        assert!(check.text().contains(said), "{words}: {check:?}");
        let check = Repository::with("a.json", text).run(&["check"]).quietly(1);
        assert!(check.text().contains("help: "), "{check:?}");
    }
}

#[test]
fn an_expired_waiver_is_told_and_what_it_waived_is_back_and_fixed() {
    let comment = "// msi2imds: ignore[vm-extension] until=2000-01-01 not for long";
    let repository = Repository::with("a.json", waived(comment));
    let check = repository
        .run(&["check", "--output-format", "concise"])
        .quietly(1);
    assert_eq!(
        reported(&check),
        [(14, "expired-waiver"), (23, "vm-extension")]
    );
    assert!(
        check.text().contains("its last day was 2000-01-01"),
        "{check:?}"
    );
    // The comment goes with the entry that it stands above.
    repository.run(&["fix"]).quietly(0);
    let fixed = String::from_utf8(repository.read("a.json")).unwrap();
    assert!(
        !fixed.contains("shop/msi") && !fixed.contains("msi2imds"),
        "{fixed}"
    );
}

#[test]
fn the_comment_of_what_stays_is_kept_beside_what_goes() {
    // On two lines each: a waiver is for all that starts on a line.
    let entry = |name: &str| {
        format!(
            r#"{{ "type": "Microsoft.Compute/virtualMachines/extensions", "name": "{name}", "properties":
            {{ "publisher": "Microsoft.ManagedIdentity", "type": "ManagedIdentityExtensionForLinux" }} }}"#
        )
    };
    let (gone, kept) = (entry("a/msi"), entry("b/msi"));
    let inline = "/* msi2imds: ignore[vm-extension] needed */";
    for list in [
        format!("\n{gone},\n{WAIVER}\n{kept}\n"),
        format!("\n{gone}, // gone\n\n{WAIVER}\n{kept}\n"),
        format!("\n{gone},\n{inline} {kept}"),
        format!("{gone},\n{kept} {WAIVER}\n"),
        format!("\n{WAIVER}\n{kept},\n{gone}\n"),
        format!("{inline} {kept}, {gone}"),
        format!("{kept}, {WAIVER}\n{gone}"),
    ] {
        let text = format!(r#"{{"contentVersion": "1", "resources": [{list}]}}"#);
        let repository = Repository::with("a.json", &text);
        repository.run(&["fix"]);
        let fixed = String::from_utf8(repository.read("a.json")).unwrap();
        assert!(
            !fixed.contains(&gone) && fixed.contains(&kept) && fixed.contains("msi2imds: ignore"),
            "{list}\n{fixed}"
        );
        let second = repository.run(&["check"]).quietly(0);
        assert!(second.text().contains("1 waived"), "{list}\n{second:?}");
    }
}

#[test]
fn what_is_waived_keeps_its_bytes_and_the_rest_is_fixed() {
    let kept = waived(WAIVER);
    let fixed = machine("depot");
    let repository = Repository::with("a.json", &kept);
    repository.write("b.json", &fixed);
    repository.run(&["diff"]).quietly(1);
    repository.run(&["fix"]).quietly(0);
    assert_eq!(repository.read("a.json"), kept.as_bytes());
    assert!(
        !String::from_utf8(repository.read("b.json"))
            .unwrap()
            .contains("depot/msi")
    );
    let second = repository.run(&["fix"]).quietly(0);
    assert_eq!(second.text(), "no findings (2 files scanned, 1 waived)\n");
}

#[test]
fn of_two_machines_in_a_file_only_the_waived_one_stays() {
    let text = two_machines();
    let names: Vec<&str> = text
        .split('"')
        .filter(|name| name.ends_with("/msi"))
        .collect();
    let (first, last) = (names.first().unwrap(), names.last().unwrap());
    for (kept, gone) in [(first, last), (last, first)] {
        let name = format!("\"name\": \"{kept}\",");
        let comments = "\"comments\": \"msi2imds: ignore[vm-extension] needed\",";
        let old = text.replace(&name, &format!("{name}\n      {comments}"));
        assert_ne!(old, text);
        let repository = Repository::with("a.json", &old);
        repository.run(&["fix"]).quietly(0);
        let new = String::from_utf8(repository.read("a.json")).unwrap();
        // Both the entry and what waits for it.
        assert_eq!(
            new.matches(&format!("\"{kept}\"")).count(),
            old.matches(&format!("\"{kept}\"")).count()
        );
        assert!(
            new.contains(comments) && !new.contains(&format!("\"{gone}\"")),
            "{new}"
        );
        let second = repository.run(&["check"]).quietly(0);
        assert!(second.text().contains("1 waived"), "{second:?}");
    }
}

#[test]
fn a_waiver_of_a_repair_hides_what_is_told_and_never_the_repair() {
    let text = super::templates::without_identity();
    let machine = "\"name\": \"shop\",";
    let comments = "\"comments\": \"msi2imds: ignore[missing-identity] known\",";
    let repository = Repository::with(
        "a.json",
        text.replace(machine, &format!("{machine}\n      {comments}")),
    );
    let check = repository.run(&["check"]).quietly(1);
    assert!(!check.text().contains("[missing-identity]"), "{check:?}");
    assert!(check.text().contains("1 waived"), "{check:?}");
    repository.run(&["fix"]);
    let fixed = String::from_utf8(repository.read("a.json")).unwrap();
    assert!(
        fixed.contains("SystemAssigned") && fixed.contains(comments),
        "{fixed}"
    );
}

#[test]
fn what_a_waiver_keeps_keeps_its_machine() {
    // A second entry on the same machine, which no waiver names.
    let start = FIXABLE
        .find("    {\n      \"type\": \"Microsoft.Compute/virtualMachines/extensions\"")
        .unwrap();
    let end = FIXABLE.rfind("    {\n      \"type\"").unwrap();
    let entry = FIXABLE.get(start..end).unwrap();
    let second = entry.replace("shop/msi", "shop/msi2");
    let text = waived(WAIVER).replacen(entry, &format!("{entry}{second}"), 1);
    let repository = Repository::with("a.json", &text);
    let fix = repository.run(&["fix"]).quietly(1);
    assert!(
        fix.text()
            .contains("a waiver keeps another entry of the extension on the same machine"),
        "{fix:?}"
    );
    assert_eq!(repository.read("a.json"), text.as_bytes());
}

#[test]
fn waivers_in_other_languages_are_words_on_the_line_or_above() {
    let bicep = "resource msi 'Microsoft.Compute/virtualMachines/extensions@2019-07-01' = {\n  properties: {\n    publisher: 'Microsoft.ManagedIdentity'\n    type: 'ManagedIdentityExtensionForLinux'\n  }\n}\n";
    let publisher = "    publisher:";
    for (name, comment) in [
        ("a.bicep", "//"),
        ("a.tf", "#"),
        ("a.go", "//"),
        ("a.jsonnet", "/*"),
    ] {
        let text = bicep
            .replace("publisher:", "publisher =")
            .replace("'Microsoft.M", "\"Microsoft.M")
            .replace("Identity'", "Identity\"");
        let text = if name == "a.bicep" {
            bicep.to_owned()
        } else {
            text
        };
        let publisher = if name == "a.bicep" {
            publisher
        } else {
            "    publisher ="
        };
        let repository = Repository::with(name, &text);
        let bare = repository.run(&["check", "--fail-on", "note"]);
        if bare.code == 0 {
            panic!("{name}: {bare:?}");
        }
        let above = format!("    {comment} msi2imds: ignore[extension-in-text] kept\n{publisher}");
        repository.write(name, text.replace(publisher, &above));
        let check = repository.run(&["check", "--fail-on", "note"]).quietly(0);
        assert_eq!(
            check.text(),
            "no findings (1 file scanned, 1 waived)\n",
            "{name}"
        );
        let far = format!("    {comment} msi2imds: ignore[extension-in-text] kept\n\n{publisher}");
        repository.write(name, text.replace(publisher, &far));
        let check = repository
            .run(&["check", "--output-format", "concise"])
            .quietly(1);
        assert!(
            check.text().contains(&format!(
                "{name}:3:{}: warning[unused-waiver]",
                6 + comment.len()
            )),
            "{check:?}"
        );
    }
}

#[test]
fn an_example_in_prose_is_no_waiver() {
    let repository = Repository::with(
        "README.md",
        "Write this:\n\n```json\n// msi2imds: ignore[vm-extension] why\n```\n",
    );
    repository.run(&["check"]).quietly(0);
    repository.write("README.md", "<!-- msi2imds: ignore[vm-extension] why -->\n");
    let check = repository
        .run(&["check", "--output-format", "concise"])
        .quietly(1);
    assert!(
        check
            .text()
            .starts_with("README.md:1:6: warning[unused-waiver]"),
        "{check:?}"
    );
}

#[test]
fn what_a_waiver_or_a_baseline_says_runs_no_command() {
    let command = "##vso[task.complete result=Failed;] ::error::x ##[command]y \\u001b[31m";
    let comment = format!("/* msi2imds: ignore[\n::stop-commands::z {command}");
    let repository = Repository::with("a.json", waived(&format!("{comment} why */")));
    let entry = format!(
        r#"{{"file": "gone\n{command}", "rule": "::warning::{command}", "path": "", "fingerprint": "0123456789abcdef"}}"#
    );
    repository.write(
        "known.json",
        format!(r#"{{"schema": 1, "entries": [{entry}]}}"#),
    );
    for variable in ["TF_BUILD", "GITHUB_ACTIONS"] {
        for format in ["full", "concise", "azure", "github", "markdown"] {
            let arguments = [
                "check",
                "--baseline",
                "known.json",
                "--output-format",
                format,
            ];
            let check = repository.run_under(variable, &arguments).quietly(1);
            let text = check.text();
            assert!(text.contains("malformed-waiver"), "{format}: {text}");
            assert!(text.contains("stale-baseline"), "{format}: {text}");
            let said = ["##vso[task.complete", "##[command]", "\u{1b}"];
            assert!(said.iter().all(|said| !text.contains(said)), "{text}");
            let starts = ["::stop", "::error::x", "::warning::#"];
            let runs = |line: &str| {
                starts
                    .iter()
                    .any(|start| line.trim_start().starts_with(start))
            };
            assert!(!text.lines().any(runs), "{format}: {text}");
        }
    }
}
