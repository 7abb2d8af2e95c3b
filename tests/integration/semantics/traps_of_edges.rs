//! Traps 1 to 6: what waits for the extension.

use super::{of_resources, of_template};

/// A machine, the extension on it, and a script that waits for the extension by `edge`.
fn waiting_by(edge: &str) -> String {
    format!(
        r#"[
        {{$VM, "name": "web", $ON}},
        {{$EXT, "name": "web/msi", "dependsOn": ["web"], "properties": {{$MSI}}}},
        {{$EXT, "name": "web/setup", "dependsOn": [{edge}], "properties": {{$SCRIPT}}}}]"#
    )
}

#[test]
fn trap_01_edge_left_dangling() {
    let outcome = of_resources(&waiting_by(r#""web/msi""#));
    assert!(!outcome.text.contains("web/msi"));
    // One that dangles already is not guessed at.
    let outcome = of_resources(
        r#"[{$VM, "name": "web", $ON}, {$EXT, "name": "web/setup", "properties": {$SCRIPT},
            "dependsOn": ["web/ManagedIdentityExtensionForLinux"]}]"#,
    );
    assert_eq!(
        outcome.said(),
        [
            "error dangling-dependency $.resources[1].dependsOn[0] held: the resources that the missing extension depended on are unknown"
        ]
    );
    assert!(!outcome.is_changed);
}

#[test]
fn trap_02_edge_dropped_without_its_heirs() {
    let outcome = of_resources(
        r#"[
        {$VM, "name": "web", $ON},
        {$ROLE, "name": "grant"},
        {$EXT, "name": "web/msi", "dependsOn": ["web", "grant"], "properties": {$MSI}},
        {$EXT, "name": "web/setup", "dependsOn": ["web/msi"], "properties": {$SCRIPT}}]"#,
    );
    assert_eq!(outcome.at("/resources/2/dependsOn"), r#"["web","grant"]"#);
}

#[test]
fn trap_03_machine_that_is_not_in_the_template() {
    let outcome = of_resources(
        r#"[
        {$EXT, "name": "web/msi", "properties": {$MSI}},
        {$EXT, "name": "web/setup", "properties": {$SCRIPT}, "dependsOn":
            ["[resourceId('Microsoft.Compute/virtualMachines/extensions', 'web', 'msi')]"]}]"#,
    );
    assert_eq!(outcome.said(), ["error vm-extension $.resources[0] safe"]);
    assert_eq!(outcome.names("/resources"), ["web/setup"]);
    assert_eq!(outcome.at("/resources/0/dependsOn"), "none");
}

#[test]
fn trap_04_edge_in_other_words() {
    for (edge, left) in [
        (r#""WEB/Msi""#, r#"["WEB"]"#),
        (
            r#""Microsoft.Compute/virtualMachines/web/extensions/msi""#,
            r#"["Microsoft.Compute/virtualMachines/web"]"#,
        ),
        (
            r#""['Microsoft.Compute/virtualMachines/web/extensions/msi']""#,
            r#"["Microsoft.Compute/virtualMachines/web"]"#,
        ),
        (
            r#""[concat('Microsoft.Compute/virtualMachines/', 'web', '/extensions/msi')]""#,
            r#"["[concat('Microsoft.Compute/virtualMachines/', 'web')]"]"#,
        ),
        (
            r#""[resourceId('Microsoft.Compute/virtualMachines/extensions/', 'web', 'msi')]""#,
            r#"["[resourceId('Microsoft.Compute/virtualMachines/', 'web')]"]"#,
        ),
        (
            r#""[ResourceID('microsoft.compute/VirtualMachines/Extensions', 'web', 'MSI')]""#,
            r#"["[ResourceID('microsoft.compute/VirtualMachines', 'web')]"]"#,
        ),
    ] {
        let outcome = of_resources(&waiting_by(edge));
        assert_eq!(outcome.at("/resources/1/dependsOn"), left, "{edge}");
    }
}

#[test]
fn trap_04_edge_by_a_short_name_from_outside() {
    let outcome = of_resources(
        r#"[
        {$VM, "name": "web", $ON, "resources": [
            {"type": "extensions", "name": "msi", "dependsOn": ["web"], "properties": {$MSI}}]},
        {$DEPLOY, "name": "later", "dependsOn": ["msi"], "properties": {"template": {}}}]"#,
    );
    assert_eq!(outcome.at("/resources/1/dependsOn"), r#"["web"]"#);
}

#[test]
fn trap_04_edge_by_a_variable_that_holds_the_id() {
    let resources = waiting_by(r#""[variables('msiId')]""#);
    let outcome = of_template(&format!(
        r#""variables": {{"msiId":
            "[resourceId('Microsoft.Compute/virtualMachines/extensions', 'web', 'msi')]"}},
        "resources": {resources}"#
    ));
    assert_eq!(
        outcome.said(),
        [
            "note orphaned-variable $.variables.msiId safe",
            "error vm-extension $.resources[1] safe",
        ]
    );
    assert_eq!(outcome.at("/resources/1/dependsOn"), r#"["web"]"#);
    assert_eq!(outcome.at("/variables"), "{}");
}

/// A loop of machines and one of extensions, and a resource that waits for the loop `edge`.
fn loops(machines: &str, extensions: &str, edge: &str) -> String {
    format!(
        r#"[
        {{$VM, "name": "[concat('web', copyIndex())]", $ON,
            "copy": {{"name": "{machines}", "count": 3}}}},
        {{$EXT, "name": "[concat('web', copyIndex(), '/msi')]", "properties": {{$MSI}},
            "copy": {{"name": "{extensions}", "count": 3}},
            "dependsOn": ["[concat('web', copyIndex())]"]}},
        {{$DEPLOY, "name": "later", "dependsOn": ["{edge}"], "properties": {{"template": {{}}}}}}]"#
    )
}

#[test]
fn trap_05_shared_and_unique_loop_names() {
    let shared = of_resources(&loops("nodes", "nodes", "nodes"));
    assert_eq!(shared.said(), ["error vm-extension $.resources[1] safe"]);
    assert_eq!(shared.at("/resources/1/dependsOn"), r#"["nodes"]"#);
    let unique = of_resources(&loops("nodes", "tokens", "tokens"));
    assert_eq!(unique.said(), ["error vm-extension $.resources[1] safe"]);
    assert_eq!(unique.at("/resources/1/dependsOn"), r#"["nodes"]"#);
}

#[test]
fn trap_06_copy_index_in_another_place() {
    // What waits for one instance is in no loop, so it waits for that instance's machine by number.
    let edge = "[resourceId('Microsoft.Compute/virtualMachines/extensions', 'web1', 'msi')]";
    let numbered = of_resources(&loops("nodes", "tokens", edge));
    assert_eq!(
        numbered.at("/resources/1/dependsOn"),
        r#"["[resourceId('Microsoft.Compute/virtualMachines', 'web1')]"]"#
    );
    let offset = of_resources(
        r#"[
        {$VM, "name": "[concat('web', copyIndex(1))]", $ON, "copy": {"name": "nodes", "count": 3}},
        {$EXT, "name": "[concat('web', copyIndex(1), '/msi')]", "properties": {$MSI},
            "copy": {"name": "tokens", "count": 3}, "dependsOn": ["[concat('web', copyIndex(1))]"]},
        {$EXT, "name": "[concat('web', copyIndex(2), '/setup')]", "properties": {$SCRIPT},
            "copy": {"name": "scripts", "count": 2},
            "dependsOn": ["[concat('web', copyIndex(2), '/msi')]"]}]"#,
    );
    assert_eq!(
        offset.at("/resources/1/dependsOn"),
        r#"["[concat('web', copyIndex(2))]"]"#
    );
}
