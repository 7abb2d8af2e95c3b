//! The scripts as they are printed, from inventories and from templates of every kind.

use super::inventory;
use super::repository::Repository;

/// What `plan` prints for these inventories; names of files without the folder of the fixtures.
fn printed(names: &[&str], shell: &str) -> String {
    let repository = Repository::new();
    let mut arguments = vec!["plan", "--check-identity", "--shell", shell];
    let paths: Vec<String> = names.iter().map(|name| inventory(name)).collect();
    for path in &paths {
        arguments.extend(["--inventory", path]);
    }
    let outcome = repository.run(&arguments).quietly(1);
    outcome.text().replace(&inventory(""), "")
}

#[test]
fn each_inventory_gives_concrete_lines() {
    for name in [
        "vm-list/machines.json",
        "vm-extension-list/web.json",
        "vmss-list/sets.json",
        "resource-graph/page.json",
        "resource-graph/rows.json",
        "resource-list/resources.json",
        "exported-template/template.json",
    ] {
        let text = printed(&[name], "bash");
        let start = text.find("set -euo pipefail").unwrap();
        let steps = text
            .find("\n# VM ")
            .or(text.find("\n# Scale set "))
            .unwrap();
        let shown = format!("{}\n…\n{}", &text[..start], &text[steps..]);
        insta::assert_snapshot!(name.replace(['/', '.'], "-"), shown);
    }
}

#[test]
fn inventories_together_say_more_than_each() {
    let names = [
        "vm-list/machines.json",
        "vm-extension-list/web.json",
        "vmss-list/sets.json",
    ];
    insta::assert_snapshot!("together-bash", printed(&names, "bash"));
    insta::assert_snapshot!("together-powershell", printed(&names, "powershell"));
}

const TEMPLATE: &str = r#"{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": { "vmName": { "type": "string" }, "useMsi": { "type": "bool" } },
  "resources": [
    { "type": "Microsoft.Compute/virtualMachines/extensions", "apiVersion": "2023-03-01",
      "name": "[concat(parameters('vmName'), '/msi')]", "condition": "[parameters('useMsi')]",
      "properties": { "publisher": "Microsoft.ManagedIdentity", "type": "ManagedIdentityExtensionForLinux" } },
    { "type": "Microsoft.Compute/virtualMachines/extensions", "apiVersion": "2023-03-01",
      "name": "[concat('web', copyIndex(1), '/msi')]", "copy": { "name": "vms", "count": 2 },
      "properties": { "publisher": "Microsoft.ManagedIdentity", "type": "ManagedIdentityExtensionForLinux" } },
    { "type": "Microsoft.Resources/deployments", "apiVersion": "2021-04-01", "name": "data",
      "resourceGroup": "[concat('data-', parameters('vmName'))]", "subscriptionId": "00000000-aaaa",
      "properties": { "mode": "Incremental", "template": {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "resources": [
        { "type": "Microsoft.Compute/virtualMachines/extensions", "apiVersion": "2023-03-01", "name": "db/msi",
          "properties": { "publisher": "Microsoft.ManagedIdentity", "type": "ManagedIdentityExtensionForWindows" } },
        { "type": "Microsoft.Compute/virtualMachines/extensions", "apiVersion": "2023-03-01", "name": "db/setup",
          "properties": { "publisher": "Microsoft.Compute", "type": "CustomScriptExtension",
            "provisionAfterExtensions": [ "msi" ] } } ] } } },
    { "type": "Microsoft.ServiceFabric/managedClusters/nodeTypes", "apiVersion": "2022-01-01", "name": "c/n",
      "properties": { "vmExtensions": [ { "name": "msi", "properties": { "publisher": "Microsoft.ManagedIdentity",
        "type": "ManagedIdentityExtensionForWindows" } } ] } },
    { "type": "Microsoft.Batch/batchAccounts/pools", "apiVersion": "2023-05-01", "name": "b/p",
      "properties": { "deploymentConfiguration": { "virtualMachineConfiguration": { "extensions": [
        { "name": "msi", "publisher": "Microsoft.ManagedIdentity",
          "type": "ManagedIdentityExtensionForWindows" } ] } } } }
  ]
}
"#;

#[test]
fn a_template_tells_what_it_knows_and_asks_for_the_rest() {
    let repository = Repository::with("main.json", TEMPLATE);
    let bash = repository.run(&["plan"]).quietly(1);
    insta::assert_snapshot!("template-bash", bash.text());
    let powershell = repository
        .run(&["plan", "--shell", "powershell"])
        .quietly(1);
    insta::assert_snapshot!("template-powershell", powershell.text());
}
