//! The policies of the examples forbid the extension: they want nothing of it, and are no finding.

use super::repository::Repository;

#[test]
fn a_policy_that_audits_or_denies_is_silent_and_one_that_wants_it_is_held() {
    let repository = Repository::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/policy");
    for name in ["audit.json", "deny.json"] {
        let policy = std::fs::read_to_string(format!("{folder}/{name}")).unwrap();
        repository.write(name, &policy);
    }
    let silent = repository.run(&["check", "--fail-on", "note"]).quietly(0);
    assert!(silent.text().starts_with("no findings"), "{silent:?}");
    // One that deploys it where it is missing.
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/vm-extension");
    let wants = format!("{fixtures}/policy-that-tests-for-the-extension-is-held.json");
    repository.write("wants.json", std::fs::read(wants).unwrap());
    let found = repository.run(&["check"]);
    assert_eq!(found.code, 1, "{found:?}");
    assert!(found.text().contains("wants.json"), "{found:?}");
}
