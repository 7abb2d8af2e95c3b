//! Traps 23 to 30: what else in the template has to do with it, and must stay or is out of reach.

use super::{of_resources, of_template};

// Trap 22, callers of the old endpoint, is no matter of templates alone.

#[test]
fn trap_23_port_that_the_script_uses_too() {
    let outcome = of_template(
        r#""variables": {"port": 50342, "own": 1}, "resources": [
        {$VM, "name": "web", $ON},
        {$EXT, "name": "web/msi", "properties": {$MSI, "settings":
            {"port": "[variables('port')]", "own": "[variables('own')]"}}},
        {$EXT, "name": "web/setup", "properties": {$SCRIPT, "settings":
            {"commandToExecute": "[concat('sh run.sh ', variables('port'))]"}}}]"#,
    );
    assert_eq!(
        outcome.said(),
        [
            "note orphaned-variable $.variables.own safe",
            "error vm-extension $.resources[1] safe",
        ]
    );
    assert_eq!(outcome.at("/variables"), r#"{"port":50342}"#);
}

#[test]
fn trap_24_nested_deployment_that_is_emptied() {
    let outcome = of_resources(
        r#"[
        {$DEPLOY, "name": "tokens", "properties": {"template": {"resources": [
            {$EXT, "name": "web/msi", "properties": {$MSI}}]}}},
        {$ROLE, "name": "grant", "dependsOn": ["tokens"]}]"#,
    );
    assert_eq!(outcome.names("/resources"), ["tokens", "grant"]);
    assert_eq!(
        outcome.at("/resources/0/properties/template"),
        r#"{"resources":[]}"#
    );
    assert_eq!(outcome.at("/resources/1/dependsOn"), r#"["tokens"]"#);
}

#[test]
fn trap_25_its_words_in_variables() {
    let outcome = of_template(
        r#""variables": {"extension": "ManagedIdentityExtensionForLinux",
            "id": "[concat('web/', variables('extension'))]"}, "resources": [
        {$VM, "name": "web", $ON},
        {$EXT, "name": "[variables('id')]", "dependsOn": ["web"], "properties":
            {"publisher": "Microsoft.ManagedIdentity", "type": "[variables('extension')]"}},
        {$EXT, "name": "web/setup", "dependsOn": ["[variables('id')]"],
            "properties": {$SCRIPT}}]"#,
    );
    assert_eq!(outcome.at("/resources/1/dependsOn"), r#"["web"]"#);
    assert!(
        !outcome.text.contains("ManagedIdentity"),
        "{}",
        outcome.text
    );
}

/// A template with symbolic names, of a machine, the extension on it and `others`.
fn symbolic(others: &str) -> String {
    format!(
        r#""languageVersion": "2.0", "resources": {{
        "web": {{$VM, "name": "web", $ON}},
        "msi": {{$EXT, "name": "web/msi", "dependsOn": ["web"], "properties": {{$MSI}}}}, {others}}}"#
    )
}

#[test]
fn trap_26_symbolic_names_are_told_apart_by_case() {
    let outcome = of_template(&symbolic(
        r#""MSI": {$ROLE, "name": "grant"},
        "setup": {$EXT, "name": "web/setup", "dependsOn": ["MSI", "msi"], "properties": {$SCRIPT}}"#,
    ));
    assert_eq!(outcome.said(), ["error vm-extension $.resources.msi safe"]);
    assert_eq!(outcome.at("/resources/setup/dependsOn"), r#"["MSI","web"]"#);
}

#[test]
fn trap_26_reads_by_symbolic_names_are_told_apart_by_case() {
    let outcome = of_template(
        r#""languageVersion": "2.0", "resources": {
        "web": {$VM, "name": "web", $ON},
        "WEB": {$ROLE, "name": "grant"},
        "msi": {$EXT, "name": "web/msi", "properties": {$MSI, "settings": {
            "a": "[reference('web').vmId]", "b": "[reference('WEB').scope]"}}},
        "setup": {$EXT, "name": "web/setup", "dependsOn": ["msi"], "properties": {$SCRIPT}}}"#,
    );
    assert_eq!(outcome.at("/resources/setup/dependsOn"), r#"["web","WEB"]"#);
}

#[test]
fn trap_26_reads_by_symbolic_name() {
    for other in [
        r#""r": {$ROLE, "name": "[guid('r')]", "properties": {"a": "[reference('msi').settings]"}}"#,
        r#""r": {$ROLE, "name": "[guid('r')]", "properties": {"a": "[references('msi')]"}}"#,
    ] {
        let outcome = of_template(&symbolic(other));
        assert_eq!(
            outcome.said(),
            [
                "error vm-extension $.resources.msi held: reference() or list*() still reads the extension",
                "error extension-reference $.resources.r.properties.a told",
            ]
        );
        assert!(!outcome.is_changed);
    }
}

#[test]
fn trap_26_existing_copy_of_the_extension() {
    let outcome = of_template(&symbolic(
        r#""again": {"existing": true, $EXT, "name": "web/msi"}"#,
    ));
    assert_eq!(
        outcome.said(),
        [
            "error vm-extension $.resources.msi held: an existing resource still reads the extension",
            "error extension-reference $.resources.again told",
        ]
    );
    assert!(!outcome.is_changed);
}

#[test]
fn trap_27_extension_inside_a_string() {
    let text = r#"{\"publisher\": \"Microsoft.ManagedIdentity\",
        \"type\": \"ManagedIdentityExtensionForLinux\"}"#;
    let outcome = of_resources(&format!(
        r#"[{{$SET, "name": "farm", "properties": {{"extra": "[json('{text}')]"}}}},
        {{"type": "Microsoft.Resources/deploymentScripts", "name": "put", "properties":
            {{"scriptContent": "az rest --method put --body '{text}'"}}}}]"#
    ));
    assert_eq!(
        outcome.said(),
        [
            "note extension-in-text $.resources[0].properties.extra told",
            "error vm-extension $.resources[0].properties.extra held: the extension is in a value whose uses cannot be followed, such as a variable that a function selects from",
            "note extension-in-text $.resources[1].properties.scriptContent told",
        ]
    );
    assert!(!outcome.is_changed);
}

// Traps 28, a list from outside, and 29, a machine in another file, stand in `several_files`.

#[test]
fn trap_30_role_assignments_and_their_seeds() {
    let kept = r#"{"type": "Microsoft.Authorization/roleAssignments", "apiVersion": "2022-04-01",
            "name": "[guid(resourceId('Microsoft.Compute/virtualMachines/extensions', 'web', 'msi'))]",
            "dependsOn": ["web"]},
        {"type": "Microsoft.KeyVault/vaults/accessPolicies", "name": "vault/add",
            "properties": {"accessPolicies": [{"objectId":
                "[reference('web', '2019-07-01', 'Full').identity.principalId]"}]}}"#;
    let outcome = of_resources(&format!(
        r#"[{{$VM, "name": "web", $ON}},
        {{$EXT, "name": "web/msi", "dependsOn": ["web"], "properties": {{$MSI}}}}, {kept}]"#
    ));
    assert_eq!(
        outcome.said(),
        [
            "error vm-extension $.resources[1] safe",
            "warning extension-reference $.resources[2].name told",
        ]
    );
    assert!(outcome.text.contains(kept), "{}", outcome.text);
}
