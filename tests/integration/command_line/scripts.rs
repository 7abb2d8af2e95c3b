//! Scripts beside templates: `fix` and `diff` edit them as they edit templates.

use super::repository::Repository;
use super::templates;

const SCRIPT: &str =
    "#!/bin/sh\ncurl -H Metadata:true 'http://localhost:50342/oauth2/token?resource=r'\n";
const FIXED: &str = "#!/bin/sh\ncurl -H Metadata:true \
                     'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=r'\n";

#[test]
fn a_script_beside_a_template_with_the_extension_is_fixed_and_a_second_run_changes_nothing() {
    let repository = Repository::with("scripts/token.sh", SCRIPT);
    repository.write("infra/a.json", templates::FIXABLE);
    let diff = repository.run(&["diff"]).quietly(1);
    repository.git(&["apply", "--check", "-"], diff.text());
    let one = repository.run(&["diff", "-j", "1"]).quietly(1);
    assert_eq!(one.text(), diff.text());
    assert_eq!(repository.read("scripts/token.sh"), SCRIPT.as_bytes());
    repository.run(&["fix"]).quietly(0);
    assert_eq!(repository.read("scripts/token.sh"), FIXED.as_bytes());
    let tree = repository.tree();
    repository.run(&["fix"]).quietly(0);
    assert_eq!(repository.tree(), tree);
}

#[test]
fn a_script_that_may_run_elsewhere_is_left_and_gives_1_until_it_is_asked_for() {
    for (name, text) in [
        ("other.txt", ""),
        (
            "notes.sh",
            "# Cloud Shell\n# http://localhost:50342/oauth2/token\n",
        ),
    ] {
        let repository = Repository::with("token.sh", SCRIPT);
        repository.write(name, text);
        if name == "notes.sh" {
            repository.write("a.json", templates::FIXABLE);
        }
        let outcome = repository.run(&["fix"]).quietly(1);
        assert!(
            outcome.text().contains("error[token-endpoint]"),
            "{outcome:#?}"
        );
        assert_eq!(repository.read("token.sh"), SCRIPT.as_bytes());
        repository.run(&["fix", "--unsafe-fixes"]).quietly(0);
        assert_eq!(repository.read("token.sh"), FIXED.as_bytes());
    }
}

#[test]
fn a_script_that_a_template_names_runs_on_its_machine_whatever_speaks_of_cloud_shell() {
    let template = templates::FIXABLE.replacen(
        '{',
        "{ \"comments\": \"runs token.sh, not in Cloud Shell\",",
        1,
    );
    let repository = Repository::with("token.sh", SCRIPT);
    repository.write("a.json", template);
    repository.run(&["fix"]);
    let named = repository.read("token.sh") == FIXED.as_bytes();
    assert!(named);
}
