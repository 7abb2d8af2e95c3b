//! What parameter files say about the template beside them.

use super::{Outcomes, of_files};

/// A template whose extension has a publisher that only a deployment knows.
const TEMPLATE: &str = r#"{"contentVersion": "1.0.0.0", "parameters": {"publisher": {"type": "string"}}, "resources": [
    {$EXT, "name": "web/given", "properties": {"publisher": "[parameters('publisher')]",
        "type": "ManagedIdentityExtensionForLinux"}}]}"#;

const IS_IT: &str = r#"{"parameters": {"publisher": {"value": "Microsoft.ManagedIdentity"}}}"#;
const IS_NOT: &str = r#"{"parameters": {"publisher": {"value": "Contoso"}}}"#;

/// What becomes of the template beside these parameter files.
#[track_caller]
fn beside(files: &[(&'static str, &str)]) -> Outcomes {
    let template = [("vm.json", TEMPLATE)];
    let all: Vec<_> = template.iter().chain(files).copied().collect();
    of_files(&all)
}

const MAY_BE: &str = "vm.json: warning vm-extension $.resources[0] held: \
     the value of `publisher` is unknown; add a parameter file, or write the publisher out";

#[test]
fn files_that_agree_settle_what_it_is() {
    for files in [
        &[("vm.parameters.json", IS_IT)][..],
        &[("vm.parameters.prod.json", IS_IT)],
        &[("VM.Parameters.json", IS_IT)],
        &[
            ("vm.parameters.json", IS_IT),
            ("vm.parameters.prod.json", IS_IT),
        ],
    ] {
        let outcomes = beside(files);
        assert_eq!(outcomes.of("vm.json").at("/resources"), "[]", "{files:?}");
        assert_eq!(outcomes.changed(), ["vm.json"]);
    }
}

#[test]
fn bare_parameters_count_too() {
    let bare = r#"{"publisher": {"value": "Microsoft.ManagedIdentity"}}"#;
    let outcomes = beside(&[("vm.parameters.json", bare)]);
    assert_eq!(outcomes.changed(), ["vm.json"]);
}

#[test]
fn files_that_differ_leave_it_reported() {
    let outcomes = beside(&[
        ("vm.parameters.json", IS_IT),
        ("vm.parameters.prod.json", IS_NOT),
    ]);
    assert_eq!(outcomes.said(), [MAY_BE]);
    assert_eq!(outcomes.changed(), [""; 0]);
}

#[test]
fn files_that_name_another_publisher_leave_nothing_to_say() {
    let outcomes = beside(&[("vm.parameters.json", IS_NOT)]);
    assert_eq!(outcomes.said(), [""; 0]);
}

#[test]
fn what_no_file_gives_may_be_anything() {
    for file in [
        ("vm.parameters.json", r#"{"parameters": {}}"#),
        ("other.parameters.json", IS_IT),
        ("nested/vm.parameters.json", IS_IT),
        (
            "vm.parameters.json",
            r#"{"parameters": {"publisher": {"reference": {"keyVault": {"id": "x"}, "secretName": "s"}}}}"#,
        ),
    ] {
        let outcomes = beside(&[file]);
        assert_eq!(outcomes.said(), [MAY_BE], "{file:?}");
        assert_eq!(outcomes.changed(), [""; 0]);
    }
}

#[test]
fn file_that_gives_what_a_parent_gives_too_must_agree() {
    let parent = |publisher: &str| {
        format!(
            r#"{{"contentVersion": "1.0.0.0", "resources": [{{$DEPLOY, "name": "d", "properties": {{
                "templateLink": {{"relativePath": "vm.json"}},
                "parameters": {{"publisher": {{"value": "{publisher}"}}}}}}}}]}}"#
        )
    };
    let same = beside(&[
        ("main.json", &parent("Microsoft.ManagedIdentity")),
        ("vm.parameters.json", IS_IT),
    ]);
    assert_eq!(same.changed(), ["vm.json"]);
    let other = beside(&[
        ("main.json", &parent("Contoso")),
        ("vm.parameters.json", IS_IT),
    ]);
    assert_eq!(other.said(), [MAY_BE]);
}

#[test]
fn value_that_a_file_gives_to_the_parent_reaches_the_linked_template() {
    let parent = r#"{"contentVersion": "1.0.0.0", "parameters": {"from": {"type": "string"}}, "resources": [
        {$DEPLOY, "name": "d", "properties": {"templateLink": {"relativePath": "vm.json"},
            "parameters": {"publisher": {"value": "[parameters('from')]"}}}}]}"#;
    let outcomes = beside(&[
        ("main.json", parent),
        (
            "main.parameters.json",
            r#"{"parameters": {"from": {"value": "Microsoft.ManagedIdentity"}}}"#,
        ),
    ]);
    assert_eq!(outcomes.changed(), ["vm.json"]);
    assert_eq!(beside(&[("main.json", parent)]).said(), [MAY_BE]);
}
