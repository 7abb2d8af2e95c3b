//! What a script does when it is run.

use msi2imds::runbook::{Inventory, RemovalFacts, Runbook, Shell};

use super::azure::Azure;
use super::inventory;
use super::repository::Repository;

/// The script for some of the fixtures.
fn script(names: &[&str]) -> String {
    let mut inventory_read = Inventory::default();
    for name in names {
        let bytes = std::fs::read(inventory(name)).unwrap();
        inventory_read.read(name, &bytes).unwrap();
    }
    Runbook::new(RemovalFacts::default(), Some(&inventory_read), false).script(Shell::Bash)
}

/// The script for a template with one resource or more.
fn of_template(resources: &str) -> String {
    let template = format!(
        r#"{{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "parameters": {{"vm": {{"type": "string"}}}}, "resources": [{resources}]}}"#
    );
    let repository = Repository::with("vm.json", template);
    let outcome = repository.run(&["plan"]).quietly(1);
    outcome.text().to_owned()
}

fn extension(name: &str) -> String {
    format!(
        r#"{{"type": "Microsoft.Compute/virtualMachines/extensions", "apiVersion": "2019-07-01",
        "name": "{name}", "properties": {{"publisher": "Microsoft.ManagedIdentity",
        "type": "ManagedIdentityExtensionForLinux", "typeHandlerVersion": "1.0"}}}}"#
    )
}

const WEB: &str = "vm-extension-list/web.json";
const OURS: &str = "ManagedIdentityExtensionForLinux\tMicrosoft.ManagedIdentity\tManagedIdentityExtensionForLinux\n";
const SUBSCRIPTION: &str = "11111111-2222-3333-4444-555555555555";

#[test]
fn an_extension_that_is_there_is_removed_by_the_exact_command() {
    let azure = Azure::new();
    azure.answer("vm-extension-list", OURS);
    let ran = azure.run(&script(&[WEB]), &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let expected = [
        "vm",
        "extension",
        "delete",
        "-g",
        "APPS",
        "--vm-name",
        "web",
        "-n",
        "ManagedIdentityExtensionForLinux",
        "--subscription",
        SUBSCRIPTION,
    ];
    assert_eq!(ran.deletions(), [expected]);
}

#[test]
fn an_extension_that_is_gone_is_no_failure() {
    let azure = Azure::new();
    azure.answer(
        "vm-extension-list",
        "setup\tMicrosoft.Azure.Extensions\tCustomScript\n",
    );
    let ran = azure.run(&script(&[WEB]), &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!((ran.calls.len(), ran.deletions().len()), (1, 0));
}

#[test]
fn another_publishers_extension_of_the_same_name_stays() {
    for line in [
        "ManagedIdentityExtensionForLinux\tMicrosoft.Azure.Extensions\tCustomScript\n",
        "ManagedIdentityExtensionForLinux\tMicrosoft.ManagedIdentity\tSomethingElse\n",
        "ManagedIdentityExtensionForLinux\tMicrosoft.ManagedIdentity.Edp\tManagedIdentityExtensionForLinux\n",
    ] {
        let azure = Azure::new();
        azure.answer("vm-extension-list", line);
        let ran = azure.run(&script(&[WEB]), &[]);
        assert_eq!((ran.code, ran.deletions().len()), (0, 0), "{line}");
    }
}

#[test]
fn publisher_type_and_name_are_compared_without_case() {
    let azure = Azure::new();
    let line = format!("{}\r\n", OURS.trim_end().to_lowercase());
    azure.answer("vm-extension-list", &line);
    let ran = azure.run(&script(&[WEB]), &[]);
    assert_eq!((ran.code, ran.deletions().len()), (0, 1));
}

#[test]
fn an_extension_under_another_name_is_told_and_not_guessed() {
    let azure = Azure::new();
    azure.answer(
        "vm-extension-list",
        &OURS.replacen("ManagedIdentityExtensionForLinux", "msi", 1),
    );
    let ran = azure.run(&script(&[WEB]), &[]);
    assert_eq!((ran.code, ran.deletions().len()), (0, 0));
    assert!(
        ran.stderr.contains("still there under: msi"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_first_real_error_ends_the_script() {
    for (command, calls) in [("vm-extension-list", 1), ("vm-extension-delete", 2)] {
        let azure = Azure::new();
        azure.answer("vm-extension-list", OURS);
        azure.fail(command);
        let ran = azure.run(&script(&[WEB, "vmss-list/sets.json"]), &[]);
        assert_eq!((ran.code, ran.calls.len()), (3, calls), "{command}");
        assert!(ran.stderr.contains("AuthorizationFailed"), "{}", ran.stderr);
    }
}

#[test]
fn a_list_that_fails_ends_the_script_where_names_are_found_live_too() {
    for command in ["vm-list", "vm-extension-list"] {
        let azure = Azure::new();
        azure.answer("vm-list", "web\n");
        azure.fail(command);
        let script = of_template(&extension("[concat(parameters('vm'), '/msi')]"));
        let ran = azure.run(&script, &[("RESOURCE_GROUP", "apps")]);
        assert_eq!(ran.code, 3, "{command}");
    }
    let azure = Azure::new();
    azure.fail("vm-extension-list");
    let ran = azure.run(&script(&["vm-list/machines.json"]), &[]);
    assert_eq!((ran.code, ran.calls.len()), (3, 1));
}

#[test]
fn candidates_are_looked_at_and_only_the_extension_goes() {
    let azure = Azure::new();
    let lines = format!("setup\tMicrosoft.Azure.Extensions\tCustomScript\n{OURS}");
    azure.answer("vm-extension-list", &lines);
    let ran = azure.run(&script(&["vm-list/machines.json"]), &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let names: Vec<&str> = ran.deletions().iter().map(|call| call[6]).collect();
    assert_eq!(names, ["jump", "reports", "web"]);
    let mut deletions = ran.deletions();
    let of_extension = deletions.pop().unwrap();
    assert_eq!(of_extension[8], "ManagedIdentityExtensionForLinux");
}

#[test]
fn upgrades_of_instances_are_printed_as_comments_in_batches() {
    let azure = Azure::new();
    let line = OURS.replacen("ManagedIdentityExtensionForLinux", "MSILinuxExtension", 1);
    azure.answer("vmss-extension-list", &line);
    let ids: Vec<String> = (0..45).map(|id| format!("{id}\r\n")).collect();
    azure.answer("vmss-list-instances", &ids.concat());
    let ran = azure.run(&script(&["vmss-list/sets.json"]), &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.deletions().len(), 1, "the other set's has another name");
    let lines: Vec<&str> = ran.stdout.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 6, "{lines:#?}");
    for line in &lines {
        assert!(
            line.starts_with("# az vmss update-instances -g APPS -n "),
            "{line}"
        );
    }
    let last: Vec<String> = (40..45).map(|id: i32| id.to_string()).collect();
    assert!(
        lines[5].ends_with(&format!("--instance-ids {}", last.join(" "))),
        "{}",
        lines[5]
    );
    let ran_upgrade = ran.calls.iter().any(|call| call[1] == "update-instances");
    assert!(!ran_upgrade, "an upgrade applies every pending change");
}

#[test]
fn a_group_that_nobody_named_is_asked_for_before_anything_runs() {
    let script = of_template(&extension("web/msi"));
    let azure = Azure::new();
    let ran = azure.run(&script, &[]);
    assert!(ran.code != 0 && ran.calls.is_empty());
    assert!(ran.stderr.contains("RESOURCE_GROUP"), "{}", ran.stderr);
    azure.answer(
        "vm-extension-list",
        "msi\tMicrosoft.ManagedIdentity\tNone\n",
    );
    let ran = azure.run(&script, &[("RESOURCE_GROUP", "my group")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.deletions()[0][4], "my group");
}

#[test]
fn machines_that_a_template_does_not_name_are_found_and_shown_and_left() {
    let script = of_template(&extension("[concat(parameters('vm'), '/msi')]"));
    let azure = Azure::new();
    azure.answer("vm-list", "web\nother vm\n");
    azure.answer("vm-extension-list", OURS);
    let ran = azure.run(&script, &[("RESOURCE_GROUP", "apps")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.deletions().is_empty());
    let shown: Vec<&str> = ran.stdout.lines().collect();
    let end = "-n ManagedIdentityExtensionForLinux";
    let expected = [
        format!("az vm extension delete -g apps --vm-name web {end}"),
        format!("az vm extension delete -g apps --vm-name other\\ vm {end}"),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn a_second_run_has_nothing_left_to_remove() {
    let azure = Azure::new();
    let script = script(&["resource-graph/page.json", "vmss-list/sets.json", WEB]);
    let ran = azure.run(&script, &[]);
    assert_eq!((ran.code, ran.deletions().len()), (0, 0), "{}", ran.stderr);
}
