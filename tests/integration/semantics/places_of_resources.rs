//! Where a VM extension can live, rows a to h: in the resources of a template.

use super::{of_resources, of_template};

#[test]
fn row_a_root_resource() {
    let outcome = of_resources(
        r#"[
        {$VM, "name": "web", $ON},
        {$EXT, "name": "web/msi", "dependsOn": ["web"], "properties": {$MSI}},
        {$EXT, "name": "web/setup", "dependsOn": ["web/msi"], "properties": {$SCRIPT}}]"#,
    );
    assert_eq!(outcome.said(), ["error vm-extension $.resources[1] safe"]);
    assert_eq!(outcome.names("/resources"), ["web", "web/setup"]);
    assert_eq!(outcome.at("/resources/1/dependsOn"), r#"["web"]"#);
}

#[test]
fn row_b_nested_in_its_machine() {
    let outcome = of_resources(
        r#"[
        {$VM, "name": "web", $ON, "resources": [
            {"type": "extensions", "name": "msi", "dependsOn": ["web"], "properties": {$MSI}},
            {"type": "extensions", "name": "setup", "dependsOn": ["msi"], "properties": {$SCRIPT}}]}]"#,
    );
    assert_eq!(
        outcome.said(),
        ["error vm-extension $.resources[0].resources[0] safe"]
    );
    assert_eq!(outcome.names("/resources/0/resources"), ["setup"]);
    assert_eq!(
        outcome.at("/resources/0/resources/0/dependsOn"),
        r#"["web"]"#
    );
}

#[test]
fn row_c_nested_with_the_full_type() {
    let outcome = of_resources(
        r#"[
        {$VM, "name": "web", $ON, "resources": [
            {$EXT, "name": "web/msi", "dependsOn": ["web"], "properties": {$MSI}}]},
        {$EXT, "name": "web/setup", "properties": {$SCRIPT}, "dependsOn":
            ["[resourceId('Microsoft.Compute/virtualMachines/extensions', 'web', 'msi')]"]}]"#,
    );
    assert_eq!(
        outcome.said(),
        ["error vm-extension $.resources[0].resources[0] safe"]
    );
    assert_eq!(outcome.at("/resources/0/resources"), "[]");
    assert_eq!(
        outcome.at("/resources/1/dependsOn"),
        r#"["[resourceId('Microsoft.Compute/virtualMachines', 'web')]"]"#
    );
}

#[test]
fn row_c_short_type_with_the_name_of_its_machine() {
    let outcome = of_resources(
        r#"[
        {$VM, "name": "web", $ON, "resources": [
            {"type": "extensions", "name": "web/msi", "properties": {$MSI}}]}]"#,
    );
    assert_eq!(
        outcome.said(),
        ["error vm-extension $.resources[0].resources[0] safe"]
    );
    assert_eq!(outcome.at("/resources/0/resources"), "[]");
}

#[test]
fn row_d_child_of_a_scale_set() {
    let outcome = of_resources(
        r#"[
        {$SET, "name": "farm", $ON, "resources": [
            {"type": "extensions", "name": "msi", "properties": {$MSI}}]},
        {"type": "Microsoft.Compute/virtualMachineScaleSets/extensions", "name": "farm/msi2",
            "properties": {$MSI}},
        {"type": "Microsoft.Compute/virtualMachineScaleSets/extensions", "name": "farm/setup",
            "dependsOn": ["farm/msi2"], "properties": {$SCRIPT}}]"#,
    );
    assert_eq!(
        outcome.said(),
        [
            "error vm-extension $.resources[0].resources[0] safe",
            "error vm-extension $.resources[1] safe",
        ]
    );
    assert_eq!(outcome.names("/resources"), ["farm", "farm/setup"]);
    assert_eq!(outcome.at("/resources/0/resources"), "[]");
    // The extension waited for nothing, so nothing is inherited.
    assert_eq!(outcome.at("/resources/1/dependsOn"), "none");
}

#[test]
fn row_e_below_one_instance_of_a_scale_set() {
    let outcome = of_resources(
        r#"[
        {"type": "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/extensions",
            "name": "farm/0/msi", "properties": {$MSI}}]"#,
    );
    assert_eq!(
        outcome.said(),
        [
            "error vm-extension $.resources[0] held: the extension is set on a single instance of a scale set, and the scale set's model may add it again"
        ]
    );
    assert!(!outcome.is_changed);
}

#[test]
fn row_f_scale_set_profile() {
    let outcome = of_resources(
        r#"[
        {$SET, "name": "farm", $ON, "properties": {"virtualMachineProfile": {"extensionProfile": {
            "extensions": [
                {"name": "health", "properties": {"publisher": "Contoso", "type": "Health"}},
                {"name": "msi", "properties": {$MSI, "provisionAfterExtensions": ["health"]}},
                {"name": "setup", "properties": {$SCRIPT, "provisionAfterExtensions": ["msi"]}}]}}}}]"#,
    );
    let list = "/resources/0/properties/virtualMachineProfile/extensionProfile/extensions";
    assert_eq!(
        outcome.said(),
        [
            "error vmss-extension $.resources[0].properties.virtualMachineProfile\
             .extensionProfile.extensions[1] safe"
        ]
    );
    assert_eq!(outcome.names(list), ["health", "setup"]);
    assert_eq!(
        outcome.at(&format!("{list}/1/properties/provisionAfterExtensions")),
        r#"["health"]"#
    );
}

#[test]
fn row_g_symbolic_names() {
    let outcome = of_template(
        r#""languageVersion": "2.0", "resources": {
        "web": {$VM, "name": "web", $ON},
        "web::msi": {$EXT, "name": "web/msi", "dependsOn": ["web"], "properties": {$MSI}},
        "web::setup": {$EXT, "name": "web/setup", "dependsOn": ["web::msi"], "properties": {$SCRIPT}}}"#,
    );
    assert_eq!(
        outcome.said(),
        ["error vm-extension $.resources.web::msi safe"]
    );
    assert_eq!(outcome.at("/resources/web::msi"), "none");
    assert_eq!(outcome.at("/resources/web::setup/dependsOn"), r#"["web"]"#);
}

#[test]
fn row_g_an_existing_member_is_a_read() {
    let outcome = of_template(
        r#""languageVersion": "2.0", "resources": {
        "msi": {"existing": true, $EXT, "name": "web/msi", "properties": {$MSI}}}"#,
    );
    assert!(!outcome.is_changed);
}

#[test]
fn row_h_nested_deployments() {
    let outcome = of_resources(
        r#"[
        {$DEPLOY, "name": "outer", "properties": {"template": {"resources": [
            {$VM, "name": "web", $ON},
            {$EXT, "name": "web/msi", "dependsOn": ["web"], "properties": {$MSI}},
            {$EXT, "name": "web/setup", "dependsOn": ["web/msi"], "properties": {$SCRIPT}}]}}},
        {$VM, "name": "db", $ON, "resources": [
            {$DEPLOY, "name": "inner", "dependsOn": ["db"], "properties": {
                "expressionEvaluationOptions": {"scope": "inner"},
                "template": {"resources": [
                    {$EXT, "name": "db/msi", "properties": {$MSI}}]}}}]}]"#,
    );
    assert_eq!(
        outcome.said(),
        [
            "error vm-extension $.resources[0].properties.template.resources[1] safe",
            "error vm-extension $.resources[1].resources[0].properties.template.resources[0] safe",
        ]
    );
    let outer = "/resources/0/properties/template/resources";
    assert_eq!(outcome.names(outer), ["web", "web/setup"]);
    assert_eq!(outcome.at(&format!("{outer}/1/dependsOn")), r#"["web"]"#);
    assert_eq!(outcome.at("/resources/1/resources/0/name"), r#""inner""#);
    assert_eq!(
        outcome.at("/resources/1/resources/0/properties/template/resources"),
        "[]"
    );
}

#[test]
fn what_is_no_machine_gets_no_identity_though_the_extension_stands_in_it() {
    let outcome = of_template(
        r#""resources": [{"type": "Microsoft.Compute/availabilitySets", "apiVersion": "2023-09-01",
        "name": "web", "resources": [{$EXT, "name": "web/msi", "properties": {$MSI}}]}]"#,
    );
    assert_eq!(
        outcome.said(),
        ["error vm-extension $.resources[0].resources[0] safe"]
    );
    assert!(!outcome.text.contains("SystemAssigned"), "{}", outcome.text);
}
