//! Where a VM extension can live, rows n to s: in lists that are no resources, and where it does not.

use super::{of_resources, of_template};

#[test]
fn row_n_service_fabric_node_type() {
    let outcome = of_resources(
        r#"[{"type": "Microsoft.ServiceFabric/managedClusters/nodeTypes",
            "apiVersion": "2022-01-01", "name": "cluster/front", "properties": {"vmExtensions": [
                {"name": "msi", "properties": {$MSI}},
                {"name": "setup", "properties": {$SCRIPT, "provisionAfterExtensions": ["msi"]}}]}}]"#,
    );
    assert_eq!(
        outcome.said(),
        [
            "warning missing-identity $.resources[0].type held: these machines support user-assigned identities only; create the identity first",
            "error vmss-extension $.resources[0].properties.vmExtensions[0] safe",
        ]
    );
    let list = "/resources/0/properties/vmExtensions";
    assert_eq!(outcome.names(list), ["setup"]);
    assert_eq!(
        outcome.at(&format!("{list}/0/properties/provisionAfterExtensions")),
        "none"
    );
}

#[test]
fn row_o_batch_pool_with_flat_entries() {
    let outcome = of_resources(
        r#"[{"type": "Microsoft.Batch/batchAccounts/pools", "apiVersion": "2022-10-01",
            "name": "batch/pool", "identity": {"type": "UserAssigned",
                "userAssignedIdentities": {"id": {}}},
            "properties": {"deploymentConfiguration": {"virtualMachineConfiguration": {
                "extensions": [{"name": "msi", $MSI},
                    {"name": "setup", $SCRIPT, "provisionAfterExtensions": ["msi"]}]}}}}]"#,
    );
    let list =
        "/resources/0/properties/deploymentConfiguration/virtualMachineConfiguration/extensions";
    assert_eq!(
        outcome.said(),
        [
            "error vmss-extension $.resources[0].properties.deploymentConfiguration\
             .virtualMachineConfiguration.extensions[0] safe"
        ]
    );
    assert_eq!(outcome.names(list), ["setup"]);
    assert_eq!(
        outcome.at(&format!("{list}/0/provisionAfterExtensions")),
        "none"
    );
}

#[test]
fn row_p_fleets_and_bulk_actions() {
    let outcome = of_resources(
        r#"[
        {"type": "Microsoft.AzureFleet/fleets", "name": "fleet", "properties": {"computeProfile": {
            "baseVirtualMachineProfile": {"extensionProfile": {"extensions": [
                {"name": "msi", "properties": {$MSI}}]}}}}},
        {"type": "Microsoft.ComputeBulkActions/locations/launchBulkInstancesOperations",
            "name": "place/launch", "properties": {"computeProfile": {"extensions": [
                {"name": "msi", "properties": {$MSI}}]}}}]"#,
    );
    assert_eq!(
        outcome.said(),
        [
            "error vmss-extension $.resources[0].properties.computeProfile\
             .baseVirtualMachineProfile.extensionProfile.extensions[0] held: Azure does not document what a fleet does to its machines when their profile changes",
            "error vm-extension $.resources[1].properties.computeProfile.extensions[0].properties \
             held: Azure does not document what a second deployment of a bulk action does to its machines",
        ]
    );
    assert!(!outcome.is_changed);
}

#[test]
fn row_q_extensions_of_other_hosts() {
    for host in [
        "Microsoft.HybridCompute/machines",
        "Microsoft.ConnectedVMwarevSphere/virtualMachines",
        "Microsoft.ScVmm/virtualMachines",
        "Microsoft.AzureStackHCI/clusters/arcSettings",
    ] {
        let outcome = of_resources(&format!(
            r#"[{{"type": "{host}/extensions", "name": "a/b/c", "properties": {{$MSI}}}}]"#
        ));
        assert_eq!(outcome.said(), [""; 0], "{host}");
        assert!(!outcome.is_changed, "{host}");
    }
    let cloud_service = of_resources(
        r#"[{"type": "Microsoft.Compute/cloudServices", "name": "service", "properties":
            {"extensionProfile": {"extensions": [{"name": "msi", "properties": {$MSI}}]}}}]"#,
    );
    assert_eq!(cloud_service.said(), [""; 0]);
}

/// A scale set whose extensions are `list`.
fn scale_set(list: &str) -> String {
    format!(
        r#"{{$SET, "name": "farm", $ON, "properties":
            {{"virtualMachineProfile": {{"extensionProfile": {list}}}}}}}"#
    )
}

const EXTENSION_PROFILE: &str = "/resources/0/properties/virtualMachineProfile/extensionProfile";

#[test]
fn row_r_list_in_a_variable() {
    let set = scale_set(r#"{"extensions": "[variables('all')]"}"#);
    let outcome = of_template(&format!(
        r#""variables": {{"all": [{{"name": "msi", "properties": {{$MSI}}}},
            {{"name": "setup", "properties": {{$SCRIPT, "provisionAfterExtensions": ["msi"]}}}}]}},
        "resources": [{set}]"#
    ));
    assert_eq!(
        outcome.said(),
        ["error vmss-extension $.variables.all[0] safe"]
    );
    assert_eq!(outcome.names("/variables/all"), ["setup"]);
    assert_eq!(
        outcome.at("/variables/all/0/properties/provisionAfterExtensions"),
        "none"
    );
    assert_eq!(
        outcome.at(EXTENSION_PROFILE),
        r#"{"extensions":"[variables('all')]"}"#
    );
}

#[test]
fn row_r_literals_that_a_function_joins() {
    let set = scale_set(
        r#"{"extensions": "[concat(createArray(variables('msi')), variables('others'))]"}"#,
    );
    let outcome = of_template(&format!(
        r#""variables": {{"msi": {{"name": "msi", "properties": {{$MSI}}}},
            "others": [{{"name": "setup", "properties": {{$SCRIPT}}}}]}},
        "resources": [{set}]"#
    ));
    assert!(outcome.is_changed);
    assert_eq!(outcome.at("/variables/msi"), "none");
    assert_eq!(outcome.names("/variables/others"), ["setup"]);
}

#[test]
fn row_r_property_copy_over_a_list() {
    let set = scale_set(
        r#"{"copy": [{"name": "extensions", "count": "[length(variables('all'))]",
            "input": "[variables('all')[copyIndex('extensions')]]"}]}"#,
    );
    let outcome = of_template(&format!(
        r#""variables": {{"all": [{{"name": "msi", "properties": {{$MSI}}}},
            {{"name": "setup", "properties": {{$SCRIPT}}}}]}},
        "resources": [{set}]"#
    ));
    assert_eq!(
        outcome.said(),
        ["error vmss-extension $.variables.all[0] safe"]
    );
    assert_eq!(outcome.names("/variables/all"), ["setup"]);
}

#[test]
fn row_r_resource_loop_over_a_list() {
    let outcome = of_template(
        r#""variables": {"all": [{"name": "msi", $MSI}, {"name": "setup", $SCRIPT}]}, "resources": [
        {$VM, "name": "web", $ON},
        {$EXT, "name": "[concat('web/', variables('all')[copyIndex()].name)]", "dependsOn": ["web"],
            "copy": {"name": "loop", "count": "[length(variables('all'))]"}, "properties": {
                "publisher": "[variables('all')[copyIndex()].publisher]",
                "type": "[variables('all')[copyIndex()].type]"}}]"#,
    );
    assert_eq!(
        outcome.said(),
        ["error vm-extension $.variables.all[0] safe"]
    );
    assert_eq!(outcome.names("/variables/all"), ["setup"]);
    assert_eq!(outcome.names("/resources").len(), 2);
}

#[test]
fn row_r_list_in_a_parameter_default() {
    let set = scale_set(r#"{"extensions": "[parameters('all')]"}"#);
    let outcome = of_template(&format!(
        r#""parameters": {{"all": {{"type": "array", "defaultValue":
            [{{"name": "msi", "properties": {{$MSI}}}}]}}}},
        "resources": [{set}]"#
    ));
    assert_eq!(
        outcome.said(),
        [
            "error vmss-extension $.parameters.all.defaultValue[0] held: the defaultValue is not trusted: a deployment may pass something else"
        ]
    );
    assert!(!outcome.is_changed);
}

#[test]
fn row_r_publisher_from_outside() {
    let outcome = of_template(
        r#""parameters": {"publisher": {"type": "string"}}, "resources": [
        {$EXT, "name": "web/ext", "properties": {"publisher": "[parameters('publisher')]",
            "type": "ManagedIdentityExtensionForLinux"}}]"#,
    );
    assert_eq!(
        outcome.said(),
        [
            "warning vm-extension $.resources[0] held: the value of `publisher` is unknown; add a parameter file, or write the publisher out"
        ]
    );
    assert!(!outcome.is_changed);
}

#[test]
fn row_s_what_only_mentions_it() {
    let outcome = of_resources(
        r#"[
        {$VM, "name": "web", "tags": {"was": "ManagedIdentityExtensionForLinux"},
            "plan": {"publisher": "Microsoft.ManagedIdentity", "name": "p", "product": "p"},
            "properties": {"storageProfile": {"imageReference":
                {"publisher": "Microsoft.ManagedIdentity", "offer": "o", "sku": "s"}}}},
        {"type": "Microsoft.ManagedIdentity/userAssignedIdentities", "name": "id"},
        {$ROLE, "name": "[guid(concat(resourceId('Microsoft.Compute/virtualMachines/', 'web'),
            'vmidentity'))]", "properties": {"description": "for Microsoft.ManagedIdentity"}}]"#,
    );
    assert_eq!(outcome.said(), [""; 0]);
    assert!(!outcome.is_changed);
}
