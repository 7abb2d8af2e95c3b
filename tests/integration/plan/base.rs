//! `--base`: the templates as they were.

use super::repository::Repository;

const TEMPLATE: &str = r#"{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "resources": [
    {
      "type": "Microsoft.Compute/virtualMachines/extensions",
      "apiVersion": "2019-07-01",
      "name": "web/msi",
      "properties": {
        "publisher": "Microsoft.ManagedIdentity",
        "type": "ManagedIdentityExtensionForLinux"
      }
    }
  ]
}
"#;

/// A repository whose first commit has the extension and whose second has it no more.
fn migrated() -> Repository {
    let repository = Repository::with("apps/vm.json", TEMPLATE);
    commit(&repository, "first");
    repository.run(&["fix", "-q"]).quietly(0);
    commit(&repository, "second");
    repository
}

fn commit(repository: &Repository, message: &str) {
    repository.git(&["add", "--all"], "");
    let who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    let commit = ["commit", "--quiet", "--message", message];
    repository.git(&[&who[..], &commit].concat(), "");
}

#[test]
fn what_a_commit_removed_is_still_told_afterwards() {
    let repository = migrated();
    let now = repository.run(&["plan"]).quietly(0);
    assert!(now.text().contains("There is nothing to remove."));
    let then = repository.run(&["plan", "--base", "HEAD~1"]).quietly(1);
    let text = then.text();
    assert!(text.contains("az vm extension delete"), "{text}");
    assert!(text.contains("# - removed from apps/vm.json:5:5"), "{text}");
}

#[test]
fn a_path_is_one_of_the_revision_though_it_is_gone() {
    let repository = migrated();
    repository.git(&["rm", "--quiet", "-r", "apps"], "");
    for path in ["apps", "apps/vm.json", "./apps/../apps"] {
        let then = repository
            .run(&["plan", "--base", "HEAD~1", path])
            .quietly(1);
        assert!(then.text().contains("apps/vm.json:5:5"), "{}", then.text());
    }
    repository.write("other/x.txt", "");
    let inside = repository.run_in("other", &["plan", "--base", "HEAD~1", "../apps"]);
    assert!(inside.quietly(1).text().contains("apps/vm.json:5:5"));
}

#[test]
fn nothing_of_the_repository_is_changed() {
    let repository = migrated();
    let before = repository.tree();
    repository.run(&["plan", "--base", "HEAD~1"]).quietly(1);
    assert_eq!(repository.tree(), before);
}

#[test]
fn links_of_the_revision_are_not_followed() {
    let repository = Repository::with("vm.json", TEMPLATE);
    std::fs::write(repository.outside().join("secret.json"), TEMPLATE).unwrap();
    std::os::unix::fs::symlink("../secret.json", repository.path("link.json")).unwrap();
    commit(&repository, "first");
    let then = repository.run(&["plan", "--base", "HEAD"]).quietly(1);
    assert!(!then.text().contains("link.json"), "{}", then.text());
}

#[test]
fn what_is_wrong_with_a_revision_is_said() {
    let repository = migrated();
    for (arguments, said) in [
        (
            &["--base", "nowhere"][..],
            "nowhere: there is no such revision",
        ),
        (
            &["--base", "--output=x"],
            "--output=x: is no name of a revision",
        ),
        (&["--base=-p"], "-p: is no name of a revision"),
        (
            &["--base", "HEAD", "gone.json"],
            "gone.json: is not there at HEAD",
        ),
        (&["--base", "HEAD", "/"], "is outside the repository"),
    ] {
        let outcome = repository.run(&[&["plan"], arguments].concat());
        assert_eq!((outcome.code, outcome.text()), (2, ""), "{outcome:#?}");
        assert!(outcome.stderr.contains(said), "{outcome:#?}");
        assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:#?}");
    }
}

#[test]
fn without_a_repository_or_without_git_it_is_said() {
    let repository = migrated();
    let outside = repository
        .command("")
        .current_dir(repository.outside())
        .args(["plan", "--base", "HEAD"])
        .output()
        .unwrap();
    assert_eq!(outside.status.code(), Some(2));
    let said = String::from_utf8(outside.stderr).unwrap();
    assert!(said.contains("in no git repository"), "{said}");
    let without = repository
        .command("")
        .env("PATH", repository.outside())
        .args(["plan", "--base", "HEAD"])
        .output()
        .unwrap();
    let said = String::from_utf8(without.stderr).unwrap();
    assert!(
        said.contains("git, which reads revisions, cannot be run"),
        "{said}"
    );
}

#[test]
fn the_configuration_is_that_of_the_revision() {
    let repository = Repository::with("apps/vm.json", TEMPLATE);
    repository.write("kept/vm.json", TEMPLATE);
    let waiver = "[[waivers]]\nrules = ['vm-extension']\npaths = ['kept/']\nreason = 'needed'\n";
    repository.write("msi2imds.toml", waiver);
    commit(&repository, "first");
    repository.git(&["rm", "--quiet", "-r", "apps", "kept"], "");
    repository.write("msi2imds.toml", "exclude = ['apps/']\n");
    commit(&repository, "second");
    let then = repository.run(&["plan", "--base", "HEAD~1"]).quietly(1);
    let text = then.text();
    assert!(text.contains("apps/vm.json:5:5"), "{text}");
    assert!(!text.contains("kept/"), "{text}");
    let all = repository.run(&["plan", "--base", "HEAD~1", "--isolated"]);
    assert!(all.quietly(1).text().contains("kept/vm.json:5:5"));
    let shown = repository.run(&["plan", "--base", "HEAD~1", "--show-settings"]);
    let shown = shown.quietly(0);
    assert!(
        shown.text().starts_with("# HEAD~1:msi2imds.toml\n"),
        "{}",
        shown.text()
    );
    for flag in ["--config", "--baseline"] {
        let refused = repository.run(&["plan", "--base", "HEAD~1", flag, "msi2imds.toml"]);
        assert_eq!((refused.code, refused.text()), (2, ""), "{flag}");
    }
}

#[test]
fn what_is_wrong_with_a_configuration_of_a_revision_is_called_as_git_calls_it() {
    for (text, said) in [
        ("exclude = 1\n", "error: HEAD:msi2imds.toml:1:11: "),
        ("baseline = 'gone.json'\n", "error: HEAD:gone.json: "),
    ] {
        let repository = Repository::with("apps/vm.json", TEMPLATE);
        repository.write("msi2imds.toml", text);
        commit(&repository, "first");
        repository.write("msi2imds.toml", "");
        repository.run(&["plan"]).quietly(1);
        let then = repository.run(&["plan", "--base", "HEAD"]);
        assert_eq!((then.code, then.text()), (2, ""), "{then:#?}");
        assert!(then.stderr.starts_with(said), "{then:#?}");
    }
}

#[test]
fn globs_and_lists_name_files_of_the_revision() {
    let repository = migrated();
    let base = ["plan", "--base", "HEAD~1"];
    let told = |globs: &[&str], code: i32| {
        let outcome = repository.run_in("apps", &[&base[..], globs].concat());
        let outcome = outcome.quietly(code);
        outcome.text().contains("vm.json:5:5")
    };
    assert!(told(&["--include", "/vm.json"], 1));
    assert!(!told(&["--include", "/other.json"], 0));
    assert!(!told(&["--exclude", "/vm.json"], 0));
    repository.git(&["rm", "--quiet", "-r", "apps"], "");
    let list = [&base[..], &["--file-list", "-"]].concat();
    let listed = repository.run_fed(&list, "apps/vm.json\n").quietly(1);
    assert!(listed.text().contains("vm.json:5:5"), "{}", listed.text());
    let gone = repository.run_fed(&list, "gone.json\n");
    assert_eq!(gone.code, 2);
    assert!(gone.stderr.contains("gone.json: is not there at HEAD~1"));
}
