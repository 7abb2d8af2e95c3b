//! How templates link each other: from several parents, to one of several files, in circles.

use super::{Outcomes, of_files, of_selected};

/// A template that links `other` with these parameters.
fn parent(other: &str, parameters: &str) -> String {
    format!(
        r#"{{"contentVersion": "1.0.0.0", "parameters": {{"size": {{"type": "string",
            "allowedValues": ["small", "large"]}}}}, "resources": [
        {{$DEPLOY, "name": "d", "properties": {{"templateLink": {{"relativePath": "{other}"}},
            "parameters": {{{parameters}}}}}}}]}}"#
    )
}

/// A template whose extension has a publisher that it is given.
const GIVEN: &str = r#"{"contentVersion": "1.0.0.0", "parameters": {"publisher": {"type": "string",
        "defaultValue": "Microsoft.ManagedIdentity"}}, "resources": [
    {$EXT, "name": "web/given", "properties": {"publisher": "[parameters('publisher')]",
        "type": "ManagedIdentityExtensionForLinux"}}]}"#;

const IS_IT: &str = r#""publisher": {"value": "Microsoft.ManagedIdentity"}"#;
const IS_NOT: &str = r#""publisher": {"value": "Contoso"}"#;

#[test]
fn parents_that_pass_the_same_settle_what_it_is() {
    let files = of_files(&[
        ("a.json", &parent("given.json", IS_IT)),
        ("b.json", &parent("given.json", IS_IT)),
        ("given.json", GIVEN),
    ]);
    assert_eq!(files.changed(), ["given.json"]);
    assert_eq!(files.of("given.json").at("/resources"), "[]");
}

#[test]
fn parent_that_passes_nothing_leaves_the_default_in_force() {
    let files = of_files(&[("a.json", &parent("given.json", "")), ("given.json", GIVEN)]);
    assert_eq!(files.of("given.json").at("/resources"), "[]");
}

#[test]
fn parents_that_differ_settle_nothing() {
    let files = of_files(&[
        ("a.json", &parent("given.json", IS_IT)),
        ("b.json", &parent("given.json", IS_NOT)),
        ("given.json", GIVEN),
    ]);
    assert_eq!(
        files.said(),
        [
            "given.json: warning vm-extension $.resources[0] held: the value of `publisher` is unknown; add a parameter file, or write the publisher out"
        ]
    );
    assert_eq!(files.changed(), [""; 0]);
}

#[test]
fn parent_that_passes_another_publisher_leaves_nothing_to_say() {
    let files = of_files(&[
        ("a.json", &parent("given.json", IS_NOT)),
        ("given.json", GIVEN),
    ]);
    assert_eq!(files.said(), [""; 0]);
}

/// A template with an extension on the machine that it is told.
const EXTENSION: &str = r#"{"contentVersion": "1.0.0.0", "parameters": {"vm": {"type": "string"}}, "resources": [
    {$EXT, "name": "[concat(parameters('vm'), '/msi')]", "properties": {$MSI}}]}"#;

/// A template with one machine of the name that it is told.
const MACHINE: &str = r#"{"contentVersion": "1.0.0.0", "parameters": {"vm": {"type": "string"}}, "resources": [
    {$VM, "name": "[parameters('vm')]"}]}"#;

/// A template that links one of two files by its size, and `other`, both for the machine `web`.
fn by_size(one_of: &str, other: &str) -> String {
    format!(
        r#"{{"contentVersion": "1.0.0.0", "parameters": {{"size": {{"type": "string",
            "allowedValues": ["small", "large"]}}}}, "resources": [
        {{$DEPLOY, "name": "a", "properties": {{
            "templateLink": {{"relativePath": "[concat('{one_of}-', parameters('size'), '.json')]"}},
            "parameters": {{"vm": {{"value": "web"}}}}}}}},
        {{$DEPLOY, "name": "b", "properties": {{"templateLink": {{"relativePath": "{other}.json"}},
            "parameters": {{"vm": {{"value": "web"}}}}}}}}]}}"#
    )
}

#[test]
fn link_to_one_of_several_machines_gives_each_of_them_an_identity() {
    let files = of_files(&[
        ("main.json", &by_size("machine", "extension")),
        ("machine-small.json", MACHINE),
        ("machine-large.json", MACHINE),
        ("extension.json", EXTENSION),
    ]);
    assert_eq!(
        files.changed(),
        ["extension.json", "machine-large.json", "machine-small.json"]
    );
}

#[test]
fn link_to_one_of_several_extensions_leaves_the_identity_to_a_person() {
    let files = of_files(&[
        ("main.json", &by_size("extension", "machine")),
        ("machine.json", MACHINE),
        ("extension-small.json", EXTENSION),
        ("extension-large.json", EXTENSION),
        ("extension-huge.json", EXTENSION),
    ]);
    // Nothing links the third, so no machine in view loses its tokens by it.
    assert_eq!(files.changed(), ["extension-huge.json"]);
    assert_eq!(
        files.of("machine.json").said(),
        [
            "warning missing-identity $.resources[0].type held: the extension was deployed under a \
             condition, so the identity may be too"
        ]
    );
}

#[test]
fn files_that_link_each_other_are_read_to_an_end() {
    let links = |other: &str, more: &str| {
        format!(
            r#"{{"contentVersion": "1.0.0.0", "parameters": {{"vm": {{"type": "string"}}}}, "resources": [
            {{$DEPLOY, "name": "d", "properties": {{"templateLink": {{"relativePath": "{other}"}},
                "parameters": {{"vm": {{"value": "[parameters('vm')]"}}}}}}}}, {more}]}}"#
        )
    };
    let files = of_files(&[
        (
            "a.json",
            &links("b.json", r#"{$VM, "name": "[parameters('vm')]"}"#),
        ),
        (
            "b.json",
            &links(
                "a.json",
                r#"{$EXT, "name": "[concat(parameters('vm'), '/msi')]", "properties": {$MSI}}"#,
            ),
        ),
        (
            "self.json",
            &links(
                "self.json",
                r#"{$EXT, "name": "x/msi", "properties": {$MSI}}"#,
            ),
        ),
    ]);
    assert!(files.changed().contains(&"b.json"));
    assert!(files.changed().contains(&"self.json"));
    assert!(!files.of("b.json").text.contains("msi"));
}

#[test]
fn template_that_is_linked_with_two_names_gives_both_machines_an_identity() {
    // Both machines carried the extension, each by one of the deployments.
    let files = of_files(&[
        (
            "main.json",
            r#"{"contentVersion": "1.0.0.0", "resources": [
            {$VM, "name": "web"}, {$VM, "name": "db"}, {$VM, "name": "other"},
            {$DEPLOY, "name": "one", "properties": {"templateLink": {"relativePath": "extension.json"},
                "parameters": {"vm": {"value": "web"}}}},
            {$DEPLOY, "name": "two", "properties": {"templateLink": {"relativePath": "extension.json"},
                "parameters": {"vm": {"value": "db"}}}}]}"#,
        ),
        ("extension.json", EXTENSION),
    ]);
    assert_eq!(files.of("extension.json").at("/resources"), "[]");
    for (machine, identity) in [
        (0, r#"{"type":"SystemAssigned"}"#),
        (1, r#"{"type":"SystemAssigned"}"#),
        (2, "none"),
    ] {
        let found = files.of("main.json");
        assert_eq!(
            found.at(&format!("/resources/{machine}/identity")),
            identity
        );
    }
    assert_eq!(files.changed(), ["extension.json", "main.json"]);
}

/// A machine and its extension in templates that are each linked twice, the last time with `more`.
fn linked_twice(more: &str) -> Outcomes {
    let main = format!(
        r#"{{"contentVersion": "1.0.0.0", "parameters": {{"two": {{"type": "bool"}}}}, "resources": [
            {{$DEPLOY, "name": "m1", "properties": {{"templateLink": {{"relativePath": "machine.json"}},
                "parameters": {{"vm": {{"value": "web"}}}}}}}},
            {{$DEPLOY, "name": "m2", "properties": {{"templateLink": {{"relativePath": "machine.json"}},
                "parameters": {{"vm": {{"value": "db"}}}}}}}},
            {{$DEPLOY, "name": "e1", "properties": {{"templateLink": {{"relativePath": "extension.json"}},
                "parameters": {{"vm": {{"value": "web"}}}}}}}},
            {{$DEPLOY, "name": "e2", {more} "properties": {{
                "templateLink": {{"relativePath": "extension.json"}},
                "parameters": {{"vm": {{"value": "db"}}}}}}}}]}}"#
    );
    of_files(&[
        ("main.json", &main),
        ("machine.json", MACHINE),
        ("extension.json", EXTENSION),
    ])
}

#[test]
fn pair_of_templates_that_is_linked_with_two_names_is_known_to_belong_together() {
    let files = linked_twice("");
    assert_eq!(files.of("extension.json").at("/resources"), "[]");
    assert_eq!(files.changed(), ["extension.json", "machine.json"]);
    let machine = files.of("machine.json");
    assert_eq!(
        machine.at("/resources/0/identity"),
        r#"{"type":"SystemAssigned"}"#
    );
}

#[test]
fn pair_of_templates_of_which_one_is_linked_under_a_condition_gets_no_identity() {
    let files = linked_twice(r#""condition": "[parameters('two')]","#);
    assert_eq!(
        files.said(),
        [
            "extension.json: error vm-extension $.resources[0] held: without the extension, a machine would have no managed identity",
            "machine.json: warning missing-identity $.resources[0].type held: the extension was \
             deployed under a condition, so the identity may be too",
        ]
    );
    assert_eq!(files.changed(), [""; 0]);
}

#[test]
fn machine_in_a_file_that_was_not_selected_holds_the_extension() {
    let main = r#"{"contentVersion": "1.0.0.0", "resources": [
        {$DEPLOY, "name": "m", "properties": {"templateLink": {"relativePath": "machine.json"},
            "parameters": {"vm": {"value": "web"}}}},
        {$DEPLOY, "name": "e", "properties": {"templateLink": {"relativePath": "extension.json"},
            "parameters": {"vm": {"value": "web"}}}},
        {$EXT, "name": "db/msi", "properties": {$MSI}}]}"#;
    let files = [
        ("main.json", main),
        ("machine.json", MACHINE),
        ("extension.json", EXTENSION),
    ];
    let outcomes = of_selected(&files, |path| path != "machine.json");
    assert_eq!(
        outcomes.said(),
        [
            "extension.json: error vm-extension $.resources[0] held: machine.json would change too and was not selected: select it as well",
            "main.json: error vm-extension $.resources[2] safe",
        ]
    );
    assert_eq!(outcomes.changed(), ["main.json"]);
    // The machine alone shows nothing.
    let outcomes = of_selected(&files, |path| path == "machine.json");
    assert_eq!(outcomes.said(), [""; 0]);
}

#[test]
fn file_that_does_not_parse_is_left_alone_with_what_needs_it() {
    let main = r#"{"contentVersion": "1.0.0.0", "resources": [
        {$DEPLOY, "name": "m", "properties": {"templateLink": {"relativePath": "machine.json"},
            "parameters": {"vm": {"value": "web"}}}},
        {$EXT, "name": "web/msi", "dependsOn": ["m"], "properties": {$MSI}},
        {$EXT, "name": "db/msi", "properties": {$MSI}}]}"#;
    let broken = MACHINE.replace("\"}]}", "\" \"}]}");
    assert_ne!(broken, MACHINE);
    let outcomes = of_files(&[("main.json", main), ("machine.json", &broken)]);
    assert_eq!(
        outcomes.said(),
        [
            "machine.json: error unparsable-template $ told",
            "machine.json: warning missing-identity $.resources[0].type held: the file does not parse",
            "main.json: error vm-extension $.resources[1] held: the file does not parse",
            "main.json: error vm-extension $.resources[2] safe",
        ]
    );
    assert_eq!(outcomes.changed(), ["main.json"]);
}
