//! Where a VM extension can live, rows j to m: in templates that stand in other things.

use super::{of_file, of_resources, of_template};

// Row i, linked templates, stands in `several_files`.

#[test]
fn row_j_template_specs() {
    let list = r#"[
        {$VM, "name": "[[parameters('vm')]", $ON},
        {$EXT, "name": "[[concat(parameters('vm'), '/msi')]", "properties": {$MSI},
            "dependsOn": ["[[parameters('vm')]"]},
        {$EXT, "name": "[[concat(parameters('vm'), '/setup')]", "properties": {$SCRIPT},
            "dependsOn": ["[[concat(parameters('vm'), '/msi')]"]}]"#;
    for (properties, place) in [
        (r#"{"mainTemplate": {"resources": LIST}}"#, "mainTemplate"),
        (r#"{"template": {"resources": LIST}}"#, "template"),
        (
            r#"{"mainTemplate": {"resources": []}, "linkedTemplates":
                [{"path": "a.json", "template": {"resources": LIST}}]}"#,
            "linkedTemplates/0/template",
        ),
    ] {
        let properties = properties.replace("LIST", list);
        let outcome = of_resources(&format!(
            r#"[{{"type": "Microsoft.Resources/templateSpecs/versions", "name": "machines/1",
                "properties": {properties}}}]"#
        ));
        let path = place.replace("/0/", "[0].");
        assert_eq!(
            outcome.said(),
            [format!(
                "error vm-extension $.resources[0].properties.{path}.resources[1] safe"
            )]
        );
        let list = format!("/resources/0/properties/{place}/resources");
        assert_eq!(outcome.names(&list).len(), 2);
        assert_eq!(
            outcome.at(&format!("{list}/1/dependsOn")),
            r#"["[[parameters('vm')]"]"#
        );
    }
}

/// A policy rule that deploys the extension and a script; `$COND` is where it tests for something.
const POLICY_RULE: &str = r#"{"if": {"field": "type", "equals": "Microsoft.Compute/virtualMachines"},
    "then": {"effect": "deployIfNotExists", "details": {
        "type": "Microsoft.Compute/virtualMachines/extensions", $COND
        "deployment": {"properties": {"mode": "incremental",
            "parameters": {"vm": {"value": "[field('name')]"}},
            "template": {"contentVersion": "1.0.0.0", "parameters": {"vm": {"type": "string"}},
                "resources": [
                {$EXT, "name": "[concat(parameters('vm'), '/msi')]", "properties": {$MSI}},
                {$EXT, "name": "[concat(parameters('vm'), '/setup')]", "properties": {$SCRIPT},
                    "dependsOn": ["[concat(parameters('vm'), '/msi')]"]}]}}}}}}"#;

const POLICY_RESOURCES: &str = "policyRule/then/details/deployment/properties/template/resources";

#[test]
fn row_k_policy_file() {
    let rule = POLICY_RULE.replace("$COND", "");
    let outcome = of_file(&format!(r#"{{"properties": {{"policyRule": {rule}}}}}"#));
    let path = POLICY_RESOURCES.replace('/', ".");
    assert_eq!(
        outcome.said(),
        [format!("error vm-extension $.properties.{path}[0] safe")]
    );
    let list = format!("/properties/{POLICY_RESOURCES}");
    assert_eq!(
        outcome.names(&list),
        ["[concat(parameters('vm'), '/setup')]"]
    );
    assert_eq!(outcome.at(&format!("{list}/0/dependsOn")), "none");
}

#[test]
fn row_k_policy_definition_in_a_template() {
    let rule = POLICY_RULE.replace("$COND", "").replace("\"[", "\"[[");
    let outcome = of_resources(&format!(
        r#"[{{"type": "Microsoft.Authorization/policyDefinitions", "name": "machines",
            "properties": {{"policyRule": {rule}}}}}]"#
    ));
    let path = POLICY_RESOURCES.replace('/', ".");
    assert_eq!(
        outcome.said(),
        [format!(
            "error vm-extension $.resources[0].properties.{path}[0] safe"
        )]
    );
    assert_eq!(
        outcome.names(&format!("/resources/0/properties/{POLICY_RESOURCES}")),
        ["[[concat(parameters('vm'), '/setup')]"]
    );
}

#[test]
fn row_k_policy_that_tests_for_the_extension() {
    let condition = r#""existenceCondition": {"field":
        "Microsoft.Compute/virtualMachines/extensions/publisher",
        "equals": "Microsoft.ManagedIdentity"},"#;
    let rule = POLICY_RULE.replace("$COND", condition);
    let outcome = of_file(&format!(r#"{{"properties": {{"policyRule": {rule}}}}}"#));
    let path = POLICY_RESOURCES.replace('/', ".");
    assert_eq!(
        outcome.said(),
        [format!(
            "error vm-extension $.properties.{path}[0] held: the policy tests for the extension, so no machine would comply with it again"
        )]
    );
    assert!(!outcome.is_changed);
    let help = outcome.findings[0].help.join("\n");
    assert!(help.contains("retire the policy"), "{help}");
}

#[test]
fn row_l_blueprint_artifact() {
    let outcome = of_file(
        r#"{"kind": "template", "properties": {
            "parameters": {"vm": {"value": "[parameters('vm')]"}},
            "template": {"contentVersion": "1.0.0.0", "parameters": {"vm": {"type": "string"}},
                "resources": [{$VM, "name": "[parameters('vm')]", $ON, "resources": [
                    {"type": "extensions", "name": "msi", "properties": {$MSI},
                        "dependsOn": ["[parameters('vm')]"]},
                    {"type": "extensions", "name": "setup", "dependsOn": ["msi"],
                        "properties": {$SCRIPT}}]}]}}}"#,
    );
    assert_eq!(
        outcome.said(),
        ["error vm-extension $.properties.template.resources[0].resources[0] safe"]
    );
    let list = "/properties/template/resources/0/resources";
    assert_eq!(outcome.names(list), ["setup"]);
    assert_eq!(
        outcome.at(&format!("{list}/0/dependsOn")),
        r#"["[parameters('vm')]"]"#
    );
}

#[test]
fn row_m_managed_application() {
    // The outputs of the UI definition set the parameters of the main template, so these stay.
    let outcome = of_template(
        r#""parameters": {"vmName": {"type": "string"}, "msiPort": {"type": "int"}}, "resources": [
        {$VM, "name": "[parameters('vmName')]", $ON},
        {$EXT, "name": "[concat(parameters('vmName'), '/msi')]",
            "properties": {$MSI, "settings": {"port": "[parameters('msiPort')]"}}}]"#,
    );
    assert_eq!(
        outcome.said(),
        [
            "note orphaned-parameter $.parameters.msiPort told",
            "error vm-extension $.resources[1] safe",
        ]
    );
    assert_eq!(
        outcome.at("/parameters"),
        r#"{"msiPort":{"type":"int"},"vmName":{"type":"string"}}"#
    );
    let definition = of_file(
        r#"{"handler": "Microsoft.Azure.CreateUIDef", "parameters": {"outputs": {
            "vmName": "web", "msiPort": 50342}}}"#,
    );
    assert!(definition.said().is_empty() && !definition.is_changed);
}
