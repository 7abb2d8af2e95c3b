//! Rows and traps about several files: linked templates, and a VM and its extension in two of them.

use super::{of_files, of_resources, of_template};

/// A template that links those of a machine and of its extensions, and names the machine to both.
const PARENT: &str = r#"{"contentVersion": "1.0.0.0", "parameters": {"vm": {"type": "string"}}, "resources": [
    {$DEPLOY, "name": "machine", "properties": {"templateLink": {"relativePath": "machine.json"},
        "parameters": {"vm": {"value": "[parameters('vm')]"}}}},
    {$DEPLOY, "name": "extensions", "dependsOn": ["machine"], "properties": {
        "templateLink": {"uri": "[uri(deployment().properties.templateLink.uri, 'extensions.json')]"},
        "parameters": {"vm": {"value": "[parameters('vm')]"}, "port": {"value": 50342}}}}]}"#;

const MACHINE: &str = r#"{"contentVersion": "1.0.0.0", "parameters": {"vm": {"type": "string"}},
    "resources": [{$VM, "name": "[parameters('vm')]"}]}"#;

const EXTENSIONS: &str = r#"{"contentVersion": "1.0.0.0",
    "parameters": {"vm": {"type": "string"}, "port": {"type": "int"}}, "resources": [
    {$EXT, "name": "[concat(parameters('vm'), '/msi')]",
        "properties": {$MSI, "settings": {"port": "[parameters('port')]"}}},
    {$EXT, "name": "[concat(parameters('vm'), '/setup')]",
        "dependsOn": ["[concat(parameters('vm'), '/msi')]"], "properties": {$SCRIPT}}]}"#;

#[test]
fn row_i_file_that_links_a_template_that_is_not_there() {
    let outcome = of_resources(
        r#"[
        {$VM, "name": "web", $ON},
        {$EXT, "name": "web/msi", "dependsOn": ["web"], "properties": {$MSI}},
        {$DEPLOY, "name": "linked", "dependsOn": ["web/msi"], "properties": {
            "templateLink": {"uri": "[uri(deployment().properties.templateLink.uri, 'setup.json')]"},
            "parameters": {"vm": {"value": "web"}}}}]"#,
    );
    assert_eq!(outcome.said(), ["error vm-extension $.resources[1] safe"]);
    assert_eq!(outcome.names("/resources"), ["web", "linked"]);
    assert_eq!(outcome.at("/resources/1/dependsOn"), r#"["web"]"#);
}

#[test]
fn row_i_linked_templates() {
    let files = of_files(&[
        ("main.json", PARENT),
        ("machine.json", MACHINE),
        ("extensions.json", EXTENSIONS),
    ]);
    assert_eq!(
        files.said(),
        [
            "extensions.json: note orphaned-parameter $.parameters.port told",
            "extensions.json: error vm-extension $.resources[0] safe",
            "machine.json: warning missing-identity $.resources[0].type safe",
        ]
    );
    assert_eq!(files.changed(), ["extensions.json", "machine.json"]);
    let extensions = files.of("extensions.json");
    assert_eq!(
        extensions.names("/resources"),
        ["[concat(parameters('vm'), '/setup')]"]
    );
    assert_eq!(extensions.at("/resources/0/dependsOn"), "none");
}

#[test]
fn trap_17_parameter_that_a_parent_passes() {
    let files = of_files(&[
        ("main.json", PARENT),
        ("machine.json", MACHINE),
        ("extensions.json", EXTENSIONS),
    ]);
    assert_eq!(
        files.of("extensions.json").at("/parameters"),
        r#"{"port":{"type":"int"},"vm":{"type":"string"}}"#
    );
}

#[test]
fn trap_17_parameter_that_a_parameter_file_passes() {
    let files = of_files(&[
        ("extensions.json", EXTENSIONS),
        (
            "extensions.parameters.json",
            r#"{"parameters": {"vm": {"value": "web"}, "port": {"value": 50342}}}"#,
        ),
    ]);
    assert_eq!(
        files.of("extensions.json").at("/parameters"),
        r#"{"port":{"type":"int"},"vm":{"type":"string"}}"#
    );
    assert_eq!(files.changed(), ["extensions.json"]);
}

#[test]
fn trap_17_parameter_that_a_deployment_passes() {
    let outcome = of_resources(
        r#"[{$DEPLOY, "name": "tokens", "properties": {
            "expressionEvaluationOptions": {"scope": "inner"},
            "parameters": {"port": {"value": 50342}},
            "template": {"parameters": {"port": {"type": "int"}}, "resources": [
                {$EXT, "name": "web/msi", "properties":
                    {$MSI, "settings": {"port": "[parameters('port')]"}}}]}}}]"#,
    );
    assert!(outcome.is_changed);
    let properties = "/resources/0/properties";
    assert_eq!(
        outcome.at(&format!("{properties}/parameters")),
        r#"{"port":{"value":50342}}"#
    );
    assert_eq!(
        outcome.at(&format!("{properties}/template")),
        r#"{"parameters":{"port":{"type":"int"}},"resources":[]}"#
    );
}

#[test]
fn trap_28_loop_over_a_list_from_outside() {
    let outcome = of_template(
        r#""parameters": {"all": {"type": "array", "defaultValue":
            [{"name": "msi", $MSI}, {"name": "setup", $SCRIPT}]}}, "resources": [
        {$EXT, "name": "[concat('web/', parameters('all')[copyIndex()].name)]",
            "copy": {"name": "loop", "count": "[length(parameters('all'))]"}, "properties": {
                "publisher": "[parameters('all')[copyIndex()].publisher]",
                "type": "[parameters('all')[copyIndex()].type]"}}]"#,
    );
    assert_eq!(
        outcome.said(),
        [
            "error vm-extension $.parameters.all.defaultValue[0] held: the defaultValue is not trusted: a deployment may pass something else"
        ]
    );
    assert!(!outcome.is_changed);
}

#[test]
fn trap_28_loop_of_which_nothing_would_be_left() {
    let outcome = of_template(
        r#""variables": {"all": [{"name": "msi", $MSI}]}, "resources": [
        {$EXT, "name": "[concat('web/', variables('all')[copyIndex()].name)]",
            "copy": {"name": "loop", "count": "[length(variables('all'))]"}, "properties": {
                "publisher": "[variables('all')[copyIndex()].publisher]",
                "type": "[variables('all')[copyIndex()].type]"}}]"#,
    );
    assert_eq!(
        outcome.said(),
        [
            "error vm-extension $.variables.all[0] held: the extension is the only item of a list that a copy loop runs over, and older API versions refuse a count of 0"
        ]
    );
    assert!(!outcome.is_changed);
}

/// A template that makes all extensions of a list that it is given.
const LOOP: &str = r#"{"contentVersion": "1.0.0.0", "parameters": {"all": {"type": "array"}}, "resources": [
    {$EXT, "name": "[concat('web/', parameters('all')[copyIndex()].name)]",
        "copy": {"name": "loop", "count": "[length(parameters('all'))]"}, "properties": {
            "publisher": "[parameters('all')[copyIndex()].publisher]",
            "type": "[parameters('all')[copyIndex()].type]"}}]}"#;

#[test]
fn trap_28_list_that_a_parent_passes() {
    let files = of_files(&[
        (
            "main.json",
            r#"{"contentVersion": "1.0.0.0", "resources": [{$DEPLOY, "name": "d", "properties": {
                "templateLink": {"relativePath": "loop.json"}, "parameters": {"all": {"value":
                    [{"name": "msi", $MSI}, {"name": "setup", $SCRIPT}]}}}}]}"#,
        ),
        ("loop.json", LOOP),
    ]);
    assert_eq!(
        files.said(),
        [
            "main.json: error vm-extension $.resources[0].properties.parameters.all.value[0] held: the extension is in a value whose uses cannot be followed, such as a variable that a function selects from"
        ]
    );
    assert_eq!(files.changed(), [""; 0]);
}

#[test]
fn trap_28_list_in_a_parameter_file() {
    let files = of_files(&[
        ("loop.json", LOOP),
        (
            "loop.parameters.json",
            r#"{"parameters": {"all": {"value":
                [{"name": "msi", $MSI}, {"name": "setup", $SCRIPT}]}}}"#,
        ),
    ]);
    assert_eq!(
        files.said(),
        [
            "loop.parameters.json: error vm-extension $.parameters.all.value[0] held: the extension is in a value whose uses cannot be followed, such as a variable that a function selects from"
        ]
    );
    assert_eq!(files.changed(), [""; 0]);
}

#[test]
fn trap_29_machine_in_a_file_that_is_not_there() {
    // The script waits for the deployment of the machine, and no other machine gets an identity.
    let outcome = of_resources(
        r#"[
        {$VM, "name": "other"},
        {$DEPLOY, "name": "machine", "properties": {
            "templateLink": {"relativePath": "machine.json"}}},
        {$EXT, "name": "web/msi", "dependsOn": ["machine"], "properties": {$MSI}},
        {$EXT, "name": "web/setup", "dependsOn": ["web/msi"], "properties": {$SCRIPT}}]"#,
    );
    assert_eq!(outcome.said(), ["error vm-extension $.resources[2] safe"]);
    assert_eq!(
        outcome.names("/resources"),
        ["other", "machine", "web/setup"]
    );
    assert_eq!(outcome.at("/resources/2/dependsOn"), r#"["machine"]"#);
    assert_eq!(outcome.at("/resources/0/identity"), "none");
}

#[test]
fn trap_29_machine_in_a_sibling_file() {
    let files = of_files(&[
        ("shop/main.json", PARENT),
        ("shop/machine.json", MACHINE),
        ("shop/extensions.json", EXTENSIONS),
    ]);
    assert_eq!(
        files.of("shop/machine.json").at("/resources/0/identity"),
        r#"{"type":"SystemAssigned"}"#
    );
}

#[test]
fn trap_29_machine_in_the_parent() {
    let files = of_files(&[
        (
            "main.json",
            r#"{"contentVersion": "1.0.0.0", "variables": {"vm": "web"}, "resources": [
            {$VM, "name": "[variables('vm')]"}, {$VM, "name": "other"},
            {$DEPLOY, "name": "d", "dependsOn": ["[variables('vm')]"], "properties": {
                "templateLink": {"uri": "[concat(parameters('base'), '/nested/extensions.json', parameters('token'))]"},
                "parameters": {"vm": {"value": "[variables('vm')]"}, "port": {"value": 1}}}}]}"#,
        ),
        ("nested/extensions.json", EXTENSIONS),
    ]);
    assert_eq!(files.changed(), ["main.json", "nested/extensions.json"]);
    let main = files.of("main.json");
    assert_eq!(
        main.at("/resources/0/identity"),
        r#"{"type":"SystemAssigned"}"#
    );
    assert_eq!(main.at("/resources/1/identity"), "none");
    assert_eq!(
        main.at("/resources/2/dependsOn"),
        r#"["[variables('vm')]"]"#
    );
}
