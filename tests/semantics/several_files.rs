//! Rows and traps about several files, as far as one of them shows.
//!
//! Each file is migrated for itself, so that neither needs the other to stay deployable with it.

use super::{of_resources, of_template};

#[test]
fn row_i_file_that_links_a_template() {
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
fn row_i_file_that_is_linked_keeps_its_parameters() {
    let outcome = of_template(
        r#""parameters": {"vm": {"type": "string"}, "port": {"type": "int"}}, "resources": [
        {$EXT, "name": "[concat(parameters('vm'), '/msi')]",
            "properties": {$MSI, "settings": {"port": "[parameters('port')]"}}}]"#,
    );
    assert_eq!(
        outcome.said(),
        [
            "note orphaned-parameter $.parameters.vm told",
            "note orphaned-parameter $.parameters.port told",
            "error vm-extension $.resources[0] safe",
        ]
    );
    assert_eq!(outcome.at("/resources"), "[]");
    assert_eq!(
        outcome.at("/parameters"),
        r#"{"port":{"type":"int"},"vm":{"type":"string"}}"#
    );
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
            "error vm-extension $.parameters.all.defaultValue[0] held: a deployment may pass \
             something else than this default"
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
            "error vm-extension $.variables.all[0] held: nothing else is in the list that a copy \
             loop goes over, and older deployments refuse a count of 0"
        ]
    );
    assert!(!outcome.is_changed);
}

#[test]
fn trap_29_machine_in_another_file() {
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
