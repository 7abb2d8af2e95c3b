//! Traps 7 to 15: which extension it is, and the machine that it was on.

use super::{of_file, of_resources, of_resources_unsafely, of_template};

#[test]
fn trap_07_the_name_decides_nothing() {
    let outcome = of_resources(
        r#"[
        {$VM, "name": "web", $ON},
        {$EXT, "name": "web/coreos", "dependsOn": ["web"], "properties": {$MSI}},
        {$EXT, "name": "web/ManagedIdentityExtensionForLinux", "dependsOn": ["web"],
            "properties": {$SCRIPT}}]"#,
    );
    assert_eq!(outcome.said(), ["error vm-extension $.resources[1] safe"]);
    assert_eq!(
        outcome.names("/resources"),
        ["web", "web/ManagedIdentityExtensionForLinux"]
    );
}

#[test]
fn trap_08_neither_publisher_nor_type_alone() {
    let outcome = of_resources(
        r#"[
        {"type": "Microsoft.ManagedIdentity/userAssignedIdentities", "name": "id"},
        {$EXT, "name": "web/theirs", "properties": {"publisher": "Contoso",
            "type": "ManagedIdentityExtensionForLinux"}},
        {$EXT, "name": "web/other", "properties": {"publisher": "Microsoft.ManagedIdentity",
            "type": "SomethingElse"}}]"#,
    );
    assert_eq!(
        outcome.said(),
        [
            "warning vm-extension $.resources[2] held: the type is not a type of the managed identity extension"
        ]
    );
    assert!(!outcome.is_changed);
}

#[test]
fn trap_09_provision_after_extensions() {
    let outcome = of_resources(
        r#"[
        {$VM, "name": "web", $ON},
        {$EXT, "name": "web/msi", "properties": {$MSI, "provisionAfterExtensions": ["health"]}},
        {$EXT, "name": "web/health", "properties": {"publisher": "Contoso", "type": "Health"}},
        {$EXT, "name": "web/setup", "properties": {$SCRIPT, "provisionAfterExtensions": ["msi"]}}]"#,
    );
    assert_eq!(
        outcome.at("/resources/2/properties/provisionAfterExtensions"),
        r#"["health"]"#
    );
}

#[test]
fn trap_09_name_with_an_escape_is_no_expression() {
    let outcome = of_template(
        r#""variables": {"last": {"name": "last", "properties":
            {$SCRIPT, "provisionAfterExtensions": ["msi"]}}}, "resources": [
        {$SET, "name": "web", $ON, "properties": {"virtualMachineProfile": {"extensionProfile": {"extensions": [
            {"name": "first", "properties": {$SCRIPT}},
            {"name": "msi", "properties": {$MSI, "provisionAfterExtensions": ["\u0066irst"]}},
            "[variables('last')]"]}}}}]"#,
    );
    assert_eq!(
        outcome.said(),
        [
            "error vmss-extension $.resources[0].properties.virtualMachineProfile.extensionProfile.extensions[1] safe"
        ]
    );
    assert_eq!(
        outcome.at("/variables/last/properties/provisionAfterExtensions"),
        r#"["first"]"#
    );
}

#[test]
fn trap_10_last_extension_of_a_profile() {
    let outcome = of_resources(
        r#"[{$SET, "name": "farm", $ON, "properties": {"virtualMachineProfile": {"extensionProfile":
            {"extensions": [{"name": "msi", "properties": {$MSI}}]}}}}]"#,
    );
    assert_eq!(
        outcome.at("/resources/0/properties/virtualMachineProfile"),
        r#"{"extensionProfile":{"extensions":[]}}"#
    );
}

/// A machine with these `members`, and the extension on it.
fn machine_with(members: &str) -> String {
    format!(
        r#"[{{$VM, "name": "web"{members}}},
        {{$EXT, "name": "web/msi", "dependsOn": ["web"], "properties": {{$MSI}}}}]"#
    )
}

#[test]
fn trap_11_identity_beside_the_type_and_only_where_there_is_none() {
    let none = of_resources(&machine_with(r#", "properties": {}"#));
    assert_eq!(
        none.said(),
        [
            "warning missing-identity $.resources[0].type safe",
            "error vm-extension $.resources[1] safe",
        ]
    );
    assert_eq!(
        none.at("/resources/0/identity"),
        r#"{"type":"SystemAssigned"}"#
    );
    assert_eq!(none.at("/resources/0/properties"), "{}");
    for identity in [
        r#"{"type":"UserAssigned","userAssignedIdentities":{"id":{}}}"#,
        r#"{"type":"systemAssigned"}"#,
    ] {
        let outcome = of_resources(&machine_with(&format!(r#", "Identity": {identity}"#)));
        assert_eq!(outcome.said(), ["error vm-extension $.resources[1] safe"]);
        assert_eq!(outcome.at("/resources/0/Identity"), identity);
        assert_eq!(outcome.at("/resources/0/identity"), "none");
    }
}

#[test]
fn trap_11_identity_that_is_not_to_be_guessed() {
    let no_tokens = "without the extension, a machine would have no managed identity";
    for (identity, finding, removal, names) in [
        (
            r#"{"type": "None"}"#,
            "warning missing-identity $.resources[0].identity held: identity None contradicts the \
             extension",
            &*format!("held: {no_tokens}"),
            &["web", "web/msi"][..],
        ),
        (
            r#""[if(parameters('on'), json('{\"type\": \"SystemAssigned\"}'), json('null'))]""#,
            "note missing-identity $.resources[0].identity held: the identity block does not show whether it gives an identity",
            "safe",
            &["web"],
        ),
    ] {
        let resources = machine_with(&format!(r#", "identity": {identity}"#));
        let outcome = of_template(&format!(
            r#""parameters": {{"on": {{"type": "bool"}}}}, "resources": {resources}"#
        ));
        assert_eq!(
            outcome.said(),
            [
                finding.to_owned(),
                format!("error vm-extension $.resources[1] {removal}"),
            ]
        );
        assert_eq!(outcome.names("/resources"), names);
    }
}

/// A machine at an apiVersion that a network interface shares, and the extension on it.
const OLD: &str = r#"[
    {"type": "Microsoft.Compute/virtualMachines", "apiVersion": "2015-06-15", "name": "web"},
    {"type": "Microsoft.Network/networkInterfaces", "apiVersion": "2015-06-15", "name": "nic"},
    {$EXT, "name": "web/msi", "dependsOn": ["web"], "properties": {$MSI}}]"#;

#[test]
fn trap_12_api_version_too_old_for_an_identity() {
    let safely = of_resources(OLD);
    assert_eq!(
        safely.said(),
        [
            "warning identity-api-version $.resources[0].apiVersion unsafe",
            "error vm-extension $.resources[2] held: without the extension, a machine would have no managed identity",
        ]
    );
    assert_eq!(safely.at("/resources/0/apiVersion"), r#""2015-06-15""#);
    assert_eq!(safely.at("/resources/0/identity"), "none");
    let unsafely = of_resources_unsafely(OLD);
    assert_eq!(unsafely.at("/resources/0/apiVersion"), r#""2018-06-01""#);
    assert_eq!(
        unsafely.at("/resources/0/identity"),
        r#"{"type":"SystemAssigned"}"#
    );
    assert_eq!(unsafely.at("/resources/1/apiVersion"), r#""2015-06-15""#);
}

#[test]
fn trap_13_identity_ids_beyond_their_versions_are_left_as_they_are() {
    let resources = machine_with(
        r#", "identity": {"type": "UserAssigned", "identityIds": ["[parameters('id')]"]}"#,
    );
    let unsafely = of_resources_unsafely(&resources);
    assert_eq!(unsafely.said(), ["error vm-extension $.resources[1] safe"]);
    assert_eq!(
        unsafely.at("/resources/0/identity"),
        r#"{"identityIds":["[parameters('id')]"],"type":"UserAssigned"}"#
    );
}

/// A deployment with `options` whose template takes the publisher from a variable that stands both
/// inside, with the value `inside`, and around it.
fn publishers(options: &str, inside: &str, around: &str) -> String {
    format!(
        r#""variables": {{"publisher": "{around}"}}, "resources": [
        {{$DEPLOY, "name": "d", "properties": {{{options} "template": {{
            "variables": {{"publisher": "{inside}"}}, "resources": [
            {{$EXT, "name": "web/ext", "properties": {{"publisher": "[variables('publisher')]",
                "type": "ManagedIdentityExtensionForLinux"}}}}]}}}}}}]"#
    )
}

#[test]
fn trap_14_scopes_of_nested_templates() {
    let (it, other) = ("Microsoft.ManagedIdentity", "Contoso");
    let inner = r#""expressionEvaluationOptions": {"scope": "Inner"},"#;
    let list = "/resources/0/properties/template/resources";
    for (options, inside, around, goes) in [
        ("", it, other, false),
        ("", other, it, true),
        (inner, it, other, true),
        (inner, other, it, false),
    ] {
        let outcome = of_template(&publishers(options, inside, around));
        assert_eq!(outcome.at(list) == "[]", goes, "{options} {inside}");
        assert_eq!(outcome.is_changed, goes);
    }
}

#[test]
fn trap_14_scope_that_nothing_says_where_its_default_is_in_doubt() {
    let (it, other) = ("Microsoft.ManagedIdentity", "Contoso");
    for (inside, around) in [(it, other), (other, it)] {
        let members = publishers("", inside, around);
        let outcome = of_template(&format!(r#""languageVersion": "2.0", {members}"#));
        assert!(!outcome.is_changed, "{inside}");
    }
}

#[test]
fn trap_15_escaped_expressions() {
    // What the deployment inherits is escaped as deep as what it had.
    let outcome = of_resources(
        r#"[{"type": "Microsoft.Resources/templateSpecs/versions", "name": "spec/1", "properties":
            {"mainTemplate": {"resources": [
            {$VM, "name": "[[parameters('vm')]", $ON},
            {$EXT, "name": "[[concat(parameters('vm'), '/msi')]", "properties": {$MSI}, "dependsOn":
                ["[[resourceId('Microsoft.Compute/virtualMachines', parameters('vm'))]"]},
            {$DEPLOY, "name": "later", "properties": {"template": {}},
                "dependsOn": ["[[concat(parameters('vm'), '/msi')]"]}]}}}]"#,
    );
    let list = "/resources/0/properties/mainTemplate/resources";
    assert_eq!(
        outcome.at(&format!("{list}/1/dependsOn")),
        r#"["[[parameters('vm')]"]"#
    );
    // At the root itself two brackets make a text, which names no extension.
    let text = of_file(
        r#"{"contentVersion": "1.0.0.0", "resources": [{$EXT, "name": "web/ext", "properties":
            {"publisher": "[[variables('p')]", "type": "ManagedIdentityExtensionForLinux"}}],
            "variables": {"p": "Microsoft.ManagedIdentity"}}"#,
    );
    assert!(!text.is_changed);
}
