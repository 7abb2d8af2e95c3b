use crate::migrate::{Options, migrate};

use super::*;

fn known(name: &str) -> TemplateName {
    TemplateName::Known(name.to_owned())
}

fn written(name: &str) -> TemplateName {
    TemplateName::Written(name.to_owned())
}

/// What is removed from a template with these members.
fn of(members: &str) -> Vec<Removed> {
    let template = format!(r#"{{"contentVersion": "1", {members}}}"#);
    migrate(template.as_bytes(), &Options::default()).removed
}

fn extension(name: &str, more: &str) -> String {
    format!(
        r#"{{"type": "Microsoft.Compute/virtualMachines/extensions", "name": "{name}", {more}
            "properties": {{"publisher": "Microsoft.ManagedIdentity",
                            "type": "ManagedIdentityExtensionForLinux"}}}}"#
    )
}

#[test]
fn names_that_the_template_tells_are_known() {
    let found = of(&format!(
        r#""variables": {{"vm": "web"}}, "resources": [{}]"#,
        extension("[concat(variables('vm'), '/msi')]", "")
    ));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].host, MachineKind::VirtualMachine);
    assert_eq!(
        (&found[0].machine, &found[0].name),
        (&known("web"), &known("msi"))
    );
    assert_eq!(found[0].types, ["ManagedIdentityExtensionForLinux"]);
    assert_eq!(found[0].resource_group, None);
}

#[test]
fn what_only_the_deployment_knows_is_as_it_was_written() {
    let name = "[concat(parameters('vmName'), '/msi')]";
    let found = of(&format!(
        r#""parameters": {{"vmName": {{"type": "string", "defaultValue": "web"}}}},
            "resources": [{}]"#,
        extension(name, r#""condition": "[equals(1, parameters('vmName'))]","#)
    ));
    assert_eq!(
        (&found[0].machine, &found[0].name),
        (&written("[parameters('vmName')]"), &known("msi"))
    );
    let condition = found[0].condition.as_deref();
    assert_eq!(condition, Some("[equals(1, parameters('vmName'))]"));
}

#[test]
fn the_machine_of_a_nested_child_is_its_parent() {
    let child = extension("msi", "").replace("Microsoft.Compute/virtualMachines/", "");
    let found = of(&format!(
        r#""resources": [{{"type": "Microsoft.Compute/virtualMachines",
            "name": "[parameters('vm')]", "apiVersion": "2018-06-01", "resources": [{child}]}}]"#
    ));
    let names = (&found[0].machine, &found[0].name);
    assert_eq!(names, (&written("[parameters('vm')]"), &known("msi")));
}

#[test]
fn instances_of_a_loop_are_told_apart_where_their_number_is_known() {
    let looped = |count: &str| {
        let copy = format!(r#""copy": {{"name": "vms", "count": {count}}},"#);
        let name = "[concat('web', copyIndex(1), '/msi')]";
        let found = of(&format!(
            r#""parameters": {{"n": {{"type": "int"}}}}, "resources": [{}]"#,
            extension(name, &copy)
        ));
        let names: Vec<TemplateName> = found.iter().map(|one| one.machine.clone()).collect();
        (names, found.iter().any(|one| one.looped))
    };
    assert_eq!(looped("2"), (vec![known("web1"), known("web2")], false));
    let as_one = vec![written("[concat('web', copyIndex(1))]")];
    assert_eq!(looped("\"[parameters('n')]\""), (as_one.clone(), true));
    assert_eq!(looped("101"), (as_one, true), "too many to list");
}

#[test]
fn a_scale_set_tells_its_upgrade_mode_and_who_stood_behind() {
    let found = of(
        r#""resources": [{"type": "Microsoft.Compute/virtualMachineScaleSets",
        "name": "set", "apiVersion": "2018-06-01", "identity": {"type": "SystemAssigned"},
        "properties": {"upgradePolicy": {"mode": "Rolling"}, "virtualMachineProfile": {
        "extensionProfile": {"extensions": [
        {"name": "msi", "properties": {"publisher": "Microsoft.ManagedIdentity",
         "type": "ManagedIdentityExtensionForWindows"}},
        {"name": "script", "properties": {"publisher": "Microsoft.Compute",
         "type": "CustomScriptExtension", "provisionAfterExtensions": ["MSI"]}}]}}}}]"#,
    );
    assert_eq!(found[0].host, MachineKind::ScaleSet);
    assert_eq!(
        (&found[0].machine, &found[0].name),
        (&known("set"), &known("msi"))
    );
    assert_eq!(found[0].upgrade_mode.as_deref(), Some("Rolling"));
    assert_eq!(found[0].behind, [known("script")]);
}

#[test]
fn a_nested_deployment_tells_its_group() {
    let found = of(&format!(
        r#""resources": [{{"type": "Microsoft.Resources/deployments", "name": "d",
            "resourceGroup": "apps", "subscriptionId": "[parameters('s')]", "properties": {{
            "template": {{"contentVersion": "1", "resources": [{}]}}}}}}]"#,
        extension("web/msi", "")
    ));
    assert_eq!(found[0].resource_group, Some(known("apps")));
    assert_eq!(found[0].subscription, Some(written("[parameters('s')]")));
}

#[test]
fn what_is_held_is_not_removed() {
    let found = of(&format!(
        r#""resources": [{}], "outputs": {{"state": {{"type": "string", "value":
            "[reference(resourceId('Microsoft.Compute/virtualMachines/extensions', 'web', 'msi'),
            '2018-06-01').provisioningState]"}}}}"#,
        extension("web/msi", "")
    ));
    assert_eq!(found, []);
}
