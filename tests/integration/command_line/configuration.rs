//! What `msi2imds.toml` says, and what ranks above it.

use super::repository::Repository;
use super::templates;

/// A repository with a template in three folders, and a configuration at its root.
fn configured(config: &str) -> Repository {
    let repository = Repository::with("msi2imds.toml", config);
    for folder in ["a", "b", "vendor"] {
        repository.write(format!("{folder}/vm.json"), templates::without_identity());
    }
    repository
}

/// The findings of a check, as `file rule`.
fn found(repository: &Repository, arguments: &[&str]) -> Vec<String> {
    let flags = ["check", "-q", "--output-format", "concise"];
    let outcome = repository.run(&[&flags, arguments].concat());
    assert_eq!(outcome.stderr, "", "{outcome:#?}");
    let lines = outcome.text().lines();
    lines
        .map(|line| {
            let (place, rest) = line.split_once(": ").unwrap();
            let file = place.split(':').next().unwrap();
            format!("{file} {}", rest.split(['[', ']']).nth(1).unwrap())
        })
        .collect()
}

#[test]
fn rules_and_globs_are_taken_and_flags_rank_above_them() {
    let config = "ignore = ['missing-identity']\nexclude = ['vendor/', '/b']\n";
    let repository = configured(config);
    assert_eq!(found(&repository, &[]), ["a/vm.json vm-extension"]);
    // A named file is looked at unless exclusion is forced.
    let named = ["vendor/vm.json"];
    assert_eq!(found(&repository, &named), ["vendor/vm.json vm-extension"]);
    let forced = ["vendor/vm.json", "--force-exclude"];
    assert_eq!(found(&repository, &forced), [""; 0]);
    let flags = ["--ignore", "lookalike", "--exclude", "vendor/"];
    let expected = [
        "a/vm.json missing-identity",
        "a/vm.json vm-extension",
        "b/vm.json missing-identity",
        "b/vm.json vm-extension",
    ];
    assert_eq!(found(&repository, &flags), expected);
    assert_eq!(found(&repository, &["--isolated"]).len(), 6);
    repository.write(
        "other/c.toml",
        "ignore = ['missing-identity']\ninclude = ['*.json']",
    );
    // Globs are relative to the configuration's own folder.
    assert_eq!(found(&repository, &["--config", "other/c.toml"]).len(), 3);
    let outcome = repository.run(&["check", "--config", "absent.toml"]);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome
            .stderr
            .contains("absent.toml: the configuration cannot be read")
    );
}

#[test]
fn the_nearest_configuration_counts_for_each_file() {
    let repository = configured("ignore = ['missing-identity']\n");
    // Nothing is taken from the one around it.
    repository.write("b/msi2imds.toml", "ignore = ['lookalike']\n");
    let expected = [
        "a/vm.json vm-extension",
        "b/vm.json missing-identity",
        "b/vm.json vm-extension",
        "vendor/vm.json vm-extension",
    ];
    assert_eq!(found(&repository, &[]), expected);
    let outcome = repository.run_in("a", &["check", "-q", "--output-format", "concise"]);
    assert!(outcome.text().starts_with("vm.json:") && !outcome.text().contains("missing"));
}

#[test]
fn policies_of_the_run_are_taken() {
    let repository = configured("fail-on = 'error'\nidentity = 'report'\nunsafe-fixes = true\n");
    repository.run(&["fix", "-q"]).quietly(0);
    let fixed = String::from_utf8(repository.read("a/vm.json")).unwrap();
    assert!(
        !fixed.contains("SystemAssigned") && !fixed.contains("shop/msi"),
        "{fixed}"
    );
    repository.write("a/vm.json", templates::without_identity());
    let flags = [
        "fix",
        "-q",
        "--identity",
        "system-assigned",
        "--fail-on",
        "note",
    ];
    repository.run(&flags).quietly(0);
    let fixed = String::from_utf8(repository.read("a/vm.json")).unwrap();
    assert!(fixed.contains("SystemAssigned"), "{fixed}");
}

#[test]
fn a_configuration_that_cannot_be_taken_stops_what_it_is_for_and_nothing_else() {
    let repository = configured("");
    repository.write("b/msi2imds.toml", "# é\nexlude = []\n");
    let before = repository.read("b/vm.json");
    let outcome = repository.run(&["fix", "-q"]);
    assert_eq!(outcome.code, 2);
    let said = "error: b/msi2imds.toml:2:1: unknown field `exlude`";
    assert!(outcome.stderr.contains(said), "{outcome:#?}");
    assert!(
        outcome.stderr.contains("did you mean `exclude`?"),
        "{outcome:#?}"
    );
    assert_eq!(repository.read("b/vm.json"), before);
    let fixed = String::from_utf8(repository.read("a/vm.json")).unwrap();
    assert!(!fixed.contains("shop/msi"), "{fixed}");
    // A text is given back, so that nothing that waits for it loses it.
    let named = ["fix", "-", "--stdin-filename", "b/x.json"];
    let outcome = repository.run_fed(&named, &before);
    assert_eq!((outcome.code, outcome.stdout), (2, before));
}

#[test]
fn configured_waivers_waive_by_path_and_query_and_are_told_of_once() {
    let waivers = "
[[waivers]]
rules = ['vm-extension']
paths = ['a/']
reason = 'retired soon'

[[waivers]]
rules = ['vm-extension']
paths = ['/b']
within = '$.resources[0]'
reason = 'not here'

[[waivers]]
rules = ['vm-extension']
until = '2000-01-01'
reason = 'was so'
";
    let repository = configured(waivers);
    let expected = [
        "b/vm.json missing-identity",
        "b/vm.json vm-extension",
        "msi2imds.toml unused-waiver",
        "msi2imds.toml expired-waiver",
        "vendor/vm.json missing-identity",
        "vendor/vm.json vm-extension",
    ];
    assert_eq!(found(&repository, &[]), expected);
    // Who has not seen all files cannot tell that a waiver waives nothing.
    let part = found(&repository, &["b"]);
    assert!(
        !part.contains(&"msi2imds.toml unused-waiver".to_owned()),
        "{part:?}"
    );
    let before = repository.read("a/vm.json");
    repository.run(&["fix", "-q"]).quietly(1);
    assert_eq!(repository.read("a/vm.json"), before);
    let fixed = String::from_utf8(repository.read("b/vm.json")).unwrap();
    assert!(!fixed.contains("shop/msi"), "{fixed}");
}

/// The entries of a list that no Azure service knows are removed as those of a scale set are.
#[test]
fn lists_of_ones_own_are_looked_into() {
    let template = r#"{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "resources": [
    {
      "type": "Contoso.Fleet/agents",
      "apiVersion": "2024-01-01",
      "name": "farm",
      "properties": {
        "agents": [
          { "name": "msi", "publisher": "Microsoft.ManagedIdentity", "type": "ManagedIdentityExtensionForLinux" },
          { "name": "kept", "publisher": "Contoso", "type": "Agent" }
        ]
      }
    }
  ]
}
"#;
    let repository = Repository::with("farm.json", template);
    // Without a word about the list it is not touched.
    repository.run(&["fix", "-q"]).quietly(1);
    assert_eq!(repository.read("farm.json"), template.as_bytes());
    let lists = "extension-lists = ['$.resources[*].properties.agents']\n";
    repository.write("msi2imds.toml", lists);
    repository.run(&["fix", "-q"]).quietly(0);
    let fixed = String::from_utf8(repository.read("farm.json")).unwrap();
    let line = template
        .lines()
        .find(|line| line.contains("\"msi\""))
        .unwrap();
    assert_eq!(fixed, template.replace(&format!("{line}\n"), ""));
    repository.run(&["fix", "-q"]).quietly(0);
}

#[test]
fn the_configured_baseline_is_found_from_everywhere() {
    let repository = configured("baseline = 'known.json'\n");
    let outcome = repository.run(&["check"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("no such baseline"), "{outcome:#?}");
    repository
        .run(&["check", "-q", "--update-baseline"])
        .quietly(0);
    assert_eq!(found(&repository, &[]), [""; 0]);
    repository.run_in("a", &["check", "-q"]).quietly(0);
    repository.run(&["check", "-q", "--isolated"]).quietly(1);
    let outcome = repository.run(&["check", "--isolated", "--update-baseline"]);
    assert!(
        outcome.stderr.contains("name one with --baseline"),
        "{outcome:#?}"
    );
}

#[test]
fn settings_are_shown_with_where_they_come_from() {
    let repository = configured("ignore = ['lookalike']\nidentity = 'report'\n");
    repository.write("b/msi2imds.toml", "exclude = ['x \"y\"']\n");
    let flags = [
        "check",
        "--show-settings",
        "--fail-on",
        "note",
        "--no-unsafe-fixes",
    ];
    let outcome = repository.run(&flags).quietly(0);
    let root = repository.root().canonicalize().unwrap();
    let text = outcome.text().replace(root.to_str().unwrap(), "ROOT");
    let expected = "\
# ROOT/msi2imds.toml
baseline = \"\" # default
exclude = [] # default
extension-lists = [] # default
fail-on = \"note\" # flag
identity = \"report\" # configured
ignore = [\"lookalike\"] # configured
include = [] # default
select = [] # default
unsafe-fixes = false # flag

# ROOT/b/msi2imds.toml
baseline = \"\" # default
exclude = [\"x \\\"y\\\"\"] # configured
";
    assert!(text.starts_with(expected), "{text}");
}
