//! Symbolic links in a repository, which whoever changes it may have put there.
#![cfg(unix)]

use std::os::unix::fs::symlink;

use super::repository::Repository;
use super::templates;

/// A file outside the repository that must stay as it is.
const KEPT: &str = "kept\n";

fn kept(repository: &Repository, name: &str) -> std::path::PathBuf {
    let path = repository.outside().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, KEPT).unwrap();
    path
}

#[test]
fn what_a_run_writes_goes_through_no_link() {
    for (arguments, name) in [
        (&["check", "-q", "--output", "sarif=out"][..], "out"),
        (&["diff", "--diff-file", "out"], "out"),
        (&["fix", "-q", "--plan-file", "out"], "out"),
        (&["check", "-q", "--output", "sarif=in/out", "in"], "in/out"),
    ] {
        let repository = Repository::with("in/a.json", templates::FIXABLE);
        let outside = kept(&repository, "profile");
        symlink(&outside, repository.path(name)).unwrap();
        let outcome = repository.run(arguments);
        assert!(outcome.code < 2, "{arguments:?}: {outcome:#?}");
        assert_eq!(
            std::fs::read_to_string(&outside).unwrap(),
            KEPT,
            "{arguments:?}"
        );
        assert!(!repository.path(name).is_symlink(), "{arguments:?}");
        assert_ne!(repository.read(name), b"", "{arguments:?}");
    }
}

#[test]
fn what_a_run_writes_goes_through_no_linked_folder() {
    for arguments in [
        ["check", "--output", "sarif=to/out"],
        ["diff", "--diff-file", "to/out"],
        ["fix", "--plan-file", "to/out"],
    ] {
        let repository = Repository::with("a.json", templates::FIXABLE);
        let outside = kept(&repository, "other/out");
        symlink(outside.parent().unwrap(), repository.path("to")).unwrap();
        let outcome = repository.run(&arguments);
        assert_eq!(outcome.code, 2, "{arguments:?}: {outcome:#?}");
        assert!(
            outcome
                .stderr
                .contains("is a symbolic link in the scanned tree"),
            "{outcome:#?}"
        );
        assert_eq!(
            std::fs::read_to_string(&outside).unwrap(),
            KEPT,
            "{arguments:?}"
        );
        assert_eq!(repository.read("a.json"), templates::FIXABLE.as_bytes());
    }
}

#[test]
fn a_link_elsewhere_is_the_user_s_own() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    let outside = kept(&repository, "target");
    let link = repository.outside().join("link");
    symlink("target", &link).unwrap();
    let output = format!("concise={}", link.display());
    repository
        .run(&["check", "-q", "--output", &output])
        .quietly(1);
    assert!(link.is_symlink());
    assert_ne!(std::fs::read_to_string(&outside).unwrap(), KEPT);
}

#[test]
fn a_baseline_stays_in_its_repository() {
    let repository = Repository::with("a.json", templates::FIXABLE);
    let outside = kept(&repository, "other/victim.json");
    let folder = outside.parent().unwrap();
    symlink(&outside, repository.path("link.json")).unwrap();
    symlink(folder, repository.path("to")).unwrap();
    let absolute = folder.join("new.json");
    for baseline in [
        "../other/new.json",
        absolute.to_str().unwrap(),
        "link.json",
        "to/new.json",
    ] {
        repository.write("msi2imds.toml", format!("baseline = '{baseline}'\n"));
        let outcome = repository.run(&["check", "--update-baseline"]);
        assert_eq!(outcome.code, 2, "{baseline}: {outcome:#?}");
        assert!(
            outcome.stderr.contains("is outside of"),
            "{baseline}: {outcome:#?}"
        );
    }
    std::fs::remove_file(repository.path("msi2imds.toml")).unwrap();
    std::fs::write(&outside, "{\"schema\": 1, \"entries\": []}").unwrap();
    let before = std::fs::read(&outside).unwrap();
    for baseline in ["link.json", "to/new.json"] {
        let outcome = repository.run(&["check", "--update-baseline", "--baseline", baseline]);
        assert_eq!(outcome.code, 2, "{baseline}: {outcome:#?}");
    }
    assert_eq!(std::fs::read(&outside).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1);
    // A flag may name a file elsewhere.
    let elsewhere = absolute.to_str().unwrap();
    repository.run(&["check", "-q", "--update-baseline", "--baseline", elsewhere]);
    assert!(absolute.exists());
}

#[test]
fn fix_writes_nothing_that_a_link_leads_to_outside_of_the_repository() {
    let repository = Repository::new();
    let outside = repository.outside().join("other/infra/a.json");
    std::fs::create_dir_all(outside.parent().unwrap()).unwrap();
    std::fs::write(&outside, templates::FIXABLE).unwrap();
    symlink("../other/infra", repository.path("infra")).unwrap();
    symlink("../other/infra/a.json", repository.path("a.json")).unwrap();
    symlink("../other", repository.path("deep")).unwrap();
    for named in [
        "infra",
        "infra/a.json",
        "a.json",
        "deep/infra",
        "deep/infra/a.json",
    ] {
        let outcome = repository.run(&["fix", "-q", named]);
        assert_eq!(outcome.code, 2, "{named}: {outcome:#?}");
        assert!(
            outcome.stderr.contains("a symbolic link leads to"),
            "{named}: {outcome:#?}"
        );
        assert_eq!(
            std::fs::read_to_string(&outside).unwrap(),
            templates::FIXABLE,
            "{named}"
        );
    }
    // It is still looked into.
    repository.run(&["check", "-q", "infra"]).quietly(1);
    // A link that stays inside is followed.
    repository.write("real/b.json", templates::FIXABLE);
    symlink("real", repository.path("near")).unwrap();
    repository.run(&["fix", "-q", "near/b.json"]).quietly(0);
    assert_ne!(
        repository.read("real/b.json"),
        templates::FIXABLE.as_bytes()
    );
}

#[test]
fn a_parameter_file_outside_of_the_repository_is_not_read() {
    let repository = Repository::with("vm.json", templates::open());
    let outside = repository.outside().join("secret.json");
    std::fs::write(&outside, templates::GIVEN).unwrap();
    symlink("../secret.json", repository.path("vm.parameters.json")).unwrap();
    let by_link = repository.run(&["check", "vm.json"]);
    std::fs::remove_file(repository.path("vm.parameters.json")).unwrap();
    assert_eq!(by_link, repository.run(&["check", "vm.json"]));
    repository.write("vm.parameters.json", templates::GIVEN);
    assert_ne!(by_link, repository.run(&["check", "vm.json"]));
}
