//! Traps 16 to 21: the text that is edited, and what reads the extension or its identity.

use super::{of_file, of_resources, of_template};

#[test]
fn trap_16_duplicate_keys() {
    let outcome = of_resources(
        r#"[
        {$VM, "name": "web", $ON},
        {$EXT, "name": "web/msi", "dependsOn": ["web"], "properties": {$MSI}},
        {$EXT, "name": "web/setup", "properties": {$SCRIPT},
            "dependsOn": ["web/msi"], "dependsOn": ["web/msi", "web"]}]"#,
    );
    // The first list is dead and stays so; of the last, what the entry inherits stands there already.
    assert_eq!(
        outcome.said(),
        [
            "error vm-extension $.resources[1] safe",
            "warning duplicate-key $.resources[2].dependsOn told",
        ]
    );
    assert!(
        outcome
            .text
            .contains(r#""dependsOn": ["web/msi"], "dependsOn": ["web"]"#)
    );
}

#[test]
fn trap_16_comments_and_commas() {
    let outcome = of_file(
        "{\"contentVersion\": \"1.0.0.0\", \"resources\": [\n\
         \x20 {$VM, \"name\": \"web\", $ON}, // the machine: } ] \"\n\
         \x20 /* its tokens { [ */\n\
         \x20 {$EXT, \"name\": \"web/msi\", \"properties\": {$MSI}},\n\
         \x20 // its script\n\
         \x20 {$EXT, \"name\": \"web/setup\", \"properties\": {$SCRIPT}}, /* the last */\n\
         ]}",
    );
    let left = super::spelled_out(
        "{\"contentVersion\": \"1.0.0.0\", \"resources\": [\n\
         \x20 {$VM, \"name\": \"web\", $ON}, // the machine: } ] \"\n\
         \x20 // its script\n\
         \x20 {$EXT, \"name\": \"web/setup\", \"properties\": {$SCRIPT}}, /* the last */\n\
         ]}",
    );
    assert_eq!(outcome.text, left);
}

#[test]
fn trap_16_line_ends_tabs_and_marks() {
    let old = "\u{feff}{\r\n\t\"contentVersion\": \"1.0.0.0\",\r\n\t\"resources\": [\r\n\
               \t\t{$VM, \"name\": \"web\"},\r\n\
               \t\t{$EXT, \"name\": \"web/msi\", \"properties\": {$MSI}}\r\n\t]\r\n}";
    let left = "\u{feff}{\r\n\t\"contentVersion\": \"1.0.0.0\",\r\n\t\"resources\": [\r\n\
                \t\t{\"type\": \"Microsoft.Compute/virtualMachines\", $ON, \
                \"apiVersion\": \"2019-07-01\", \"name\": \"web\"}\r\n\t]\r\n}";
    assert_eq!(of_file(old).text, super::spelled_out(left));
}

// Trap 17, parameters that others pass, stands in `several_files`.

/// A machine, the extension on it, and `outputs`.
fn with_outputs(outputs: &str) -> String {
    format!(
        r#""resources": [{{$VM, "name": "web", $ON}},
        {{$EXT, "name": "web/msi", "dependsOn": ["web"], "properties": {{$MSI}}}}],
        "outputs": {{"out": {{"type": "string", "value": "{outputs}"}}}}"#
    )
}

#[test]
fn trap_18_references_to_the_extension() {
    for read in [
        "[reference(resourceId('Microsoft.Compute/virtualMachines/extensions', 'web', 'msi')).x]",
        "[reference('web/msi').settings.port]",
        "[string(listKeys('web/msi', '2019-07-01'))]",
    ] {
        let outcome = of_template(&with_outputs(read));
        assert_eq!(
            outcome.said(),
            [
                "error vm-extension $.resources[1] held: reference() or list*() still reads the extension",
                "error extension-reference $.outputs.out.value told",
            ],
            "{read}"
        );
        assert!(!outcome.is_changed);
    }
}

#[test]
fn trap_18_an_id_of_the_extension_reads_nothing() {
    let id = "[resourceId('Microsoft.Compute/virtualMachines/extensions', 'web', 'msi')]";
    let outcome = of_template(&with_outputs(id));
    assert_eq!(
        outcome.said(),
        [
            "error vm-extension $.resources[1] safe",
            "warning extension-reference $.outputs.out.value told",
        ]
    );
    assert_eq!(outcome.names("/resources"), ["web"]);
    assert_eq!(outcome.at("/outputs/out/value"), format!("\"{id}\""));
}

const MACHINE: &str = "resourceId('Microsoft.Compute/virtualMachines', 'web')";
const OLD_IDENTITY: &str = "/providers/Microsoft.ManagedIdentity/Identities/default";

/// A machine, and a role assignment for `member` of its old identity.
fn reading_identity(member: &str) -> String {
    format!(
        r#"[{{$VM, "name": "web", $ON}},
        {{$ROLE, "name": "[guid('web')]", "properties": {{"principalId":
            "[reference(concat({MACHINE}, '{OLD_IDENTITY}'), '2015-08-31-PREVIEW').{member}]"}}}}]"#
    )
}

#[test]
fn trap_19_identities_default() {
    let outcome = of_resources(&reading_identity("principalId"));
    assert_eq!(
        outcome.said(),
        ["warning identities-default $.resources[1].properties.principalId safe"]
    );
    assert_eq!(
        outcome.at("/resources/1/properties/principalId"),
        format!("\"[reference({MACHINE}, '2019-07-01', 'Full').identity.principalId]\"")
    );
    assert_eq!(
        outcome.at("/resources/1/dependsOn"),
        format!("[\"[{MACHINE}]\"]")
    );
    let outcome = of_resources(&reading_identity("clientId"));
    assert_eq!(
        outcome.said(),
        [
            "warning identities-default $.resources[1].properties.principalId held: the machine's \
             identity has no clientId to read"
        ]
    );
    assert!(!outcome.is_changed);
}

/// An extension with this `type`, in a template that is told the operating system.
fn of_type(expression: &str) -> String {
    format!(
        r#""parameters": {{"os": {{"type": "string"}}}}, "resources": [{{$EXT, "name": "web/msi",
        "properties": {{"publisher": "Microsoft.ManagedIdentity", "type": "{expression}"}}}},
        {{$EXT, "name": "[parameters('os')]", "properties": {{$SCRIPT}}}}]"#
    )
}

#[test]
fn trap_20_linux_or_windows() {
    for expression in [
        "[if(equals(parameters('os'), 'Windows'), 'ManagedIdentityExtensionForWindows', \
         'ManagedIdentityExtensionForLinux')]",
        "[concat('ManagedIdentityExtensionFor', parameters('os'))]",
    ] {
        let outcome = of_template(&of_type(expression));
        assert_eq!(outcome.said(), ["error vm-extension $.resources[0] safe"]);
        assert_eq!(outcome.names("/resources"), ["[parameters('os')]"]);
    }
}

#[test]
fn trap_20_it_or_something_else() {
    let outcome = of_template(
        r#""parameters": {"msi": {"type": "bool"}}, "resources": [{$EXT, "name": "web/msi",
        "properties": {
            "publisher": "[if(parameters('msi'), 'Microsoft.ManagedIdentity', 'Contoso')]",
            "type": "[if(parameters('msi'), 'ManagedIdentityExtensionForLinux', 'Other')]"}}]"#,
    );
    assert_eq!(
        outcome.said(),
        ["warning vm-extension $.resources[0] held: a condition decides `publisher`"]
    );
    assert!(!outcome.is_changed);
}

#[test]
fn trap_21_condition_on_the_extension_only() {
    let template = |others: &str| {
        format!(
            r#""parameters": {{"useMsi": {{"type": "bool"}}}}, "resources": [
            {{$VM, "name": "web", $ON}},
            {{$EXT, "name": "web/msi", "condition": "[parameters('useMsi')]",
                "properties": {{$MSI}}}}{others}]"#
        )
    };
    let alone = of_template(&template(""));
    assert_eq!(
        alone.said(),
        [
            "note orphaned-parameter $.parameters.useMsi told",
            "error vm-extension $.resources[1] safe",
        ]
    );
    assert_eq!(alone.at("/parameters/useMsi"), r#"{"type":"bool"}"#);
    let shared = of_template(&template(
        r#", {$ROLE, "name": "grant", "condition": "[parameters('useMsi')]"}"#,
    ));
    assert_eq!(shared.said(), ["error vm-extension $.resources[1] safe"]);
    assert_eq!(
        shared.at("/resources/1/condition"),
        r#""[parameters('useMsi')]""#
    );
}
