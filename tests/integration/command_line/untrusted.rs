//! `--untrusted`: nothing in the scanned tree hides a finding.

use super::repository::{Outcome, Repository};
use super::templates;

fn check(repository: &Repository, arguments: &[&str]) -> Outcome {
    repository.run(&[&["check", "--output-format", "concise"], arguments].concat())
}

#[track_caller]
fn assert_reported(outcome: &Outcome, names: &[&str]) {
    assert_eq!(
        (outcome.code, outcome.stderr.as_str()),
        (1, ""),
        "{outcome:#?}"
    );
    for name in names {
        assert!(
            outcome.text().contains(&format!("{name}:")),
            "{name}: {outcome:#?}"
        );
    }
}

#[test]
fn configurations_and_ignore_rules_of_the_tree_hide_nothing() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    repository.write("deep/b.json", templates::FIXABLE);
    repository.write(".hidden/c.json", templates::FIXABLE);
    repository.write("msi2imds.toml", "exclude = ['*']\n");
    repository.write("deep/msi2imds.toml", "ignore = ['vm-extension']\n");
    repository.write(".gitignore", "*.json\n");
    let hidden = check(&repository, &[]);
    assert_eq!((hidden.code, hidden.text()), (0, ""), "{hidden:#?}");
    let outcome = check(&repository, &["--untrusted"]);
    assert_reported(&outcome, &["a.json", "deep/b.json", ".hidden/c.json"]);
}

#[test]
fn waivers_in_files_hide_nothing() {
    let repository = Repository::new();
    let entry = "{\n      \"type\": \"Microsoft.Compute/virtualMachines/extensions\",";
    let comments = format!("{entry} \"comments\": \"msi2imds: ignore[vm-extension] fine\",");
    let line = format!("// msi2imds: ignore[vm-extension] fine\n    {entry}");
    for (name, waived) in [("line.json", line), ("comments.json", comments)] {
        let text = templates::FIXABLE.replacen(entry, &waived, 1);
        assert_ne!(text, templates::FIXABLE, "{name}");
        repository.write(name, text);
    }
    let call =
        "# msi2imds: ignore[token-endpoint] fine\ncurl http://localhost:50342/oauth2/token\n";
    repository.write("call.sh", call);
    let all = ["line.json", "comments.json", "call.sh"];
    let waived = check(&repository, &[]);
    for rule in ["vm-extension", "token-endpoint"] {
        assert!(!waived.text().contains(rule), "{waived:#?}");
    }
    assert_reported(&check(&repository, &["--untrusted"]), &all);
}

#[test]
fn an_outside_configuration_waives_by_paths_of_the_tree() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    repository.write("legacy/b.json", templates::FIXABLE);
    let config = repository.outside().join("base.toml");
    let waiver =
        "[[waivers]]\nrules = ['vm-extension']\npaths = ['/legacy/b.json']\nreason = 'retired'\n";
    std::fs::write(&config, waiver).unwrap();
    let config = config.to_str().unwrap();
    let outcome = check(
        &repository,
        &[
            "--untrusted",
            "--config",
            config,
            "--select",
            "vm-extension",
        ],
    );
    assert_reported(&outcome, &["a.json"]);
    assert!(!outcome.text().contains("legacy/b.json:"), "{outcome:#?}");
}

#[test]
fn an_outside_baseline_names_files_of_the_tree() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    let baseline = repository.outside().join("baseline.json");
    let baseline = baseline.to_str().unwrap();
    let flags = ["--untrusted", "--baseline", baseline];
    let made = check(&repository, &[&flags[..], &["--update-baseline"]].concat());
    assert_eq!(made.stderr, "", "{made:#?}");
    check(&repository, &flags).quietly(0);
    repository.write("b.json", templates::FIXABLE);
    assert_reported(&check(&repository, &flags), &["b.json"]);
}

#[test]
fn a_path_of_a_flag_in_the_tree_is_refused() {
    let repository = Repository::with("in/a.json", templates::FIXABLE);
    repository.write("x", "");
    let outside = repository.outside().join("y");
    std::fs::write(&outside, "").unwrap();
    for flags in [
        ["check", "--config", "x"],
        ["check", "--baseline", "x"],
        ["check", "--file-list", "x"],
        ["check", "--output", "json=x"],
        ["diff", "--diff-file", "x"],
        ["fix", "--plan-file", "new"],
        ["plan", "--inventory", "x"],
    ] {
        // The tree is all of the repository, whatever is named in it.
        let outcome = repository.run(&[&flags[..], &["--untrusted", "in"]].concat());
        assert_eq!(outcome.code, 2, "{flags:?}: {outcome:#?}");
        assert!(
            outcome.stderr.contains("the scanned tree"),
            "{flags:?}: {outcome:#?}"
        );
    }
    assert!(!repository.path("new").exists());
    #[cfg(unix)]
    {
        let link = repository.path("link");
        std::os::unix::fs::symlink(&outside, &link).unwrap();
        let into = repository.outside().join("into");
        std::os::unix::fs::symlink(repository.path("x"), &into).unwrap();
        for config in [link, into] {
            let outcome =
                repository.run(&["check", "--untrusted", "--config", config.to_str().unwrap()]);
            assert_eq!(outcome.code, 2, "{outcome:#?}");
            assert!(outcome.stderr.contains("the scanned tree"), "{outcome:#?}");
        }
    }
}
