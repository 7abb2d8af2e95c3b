//! The command line of `plan`, and `fix --plan-file`.

use std::io::Write as _;
use std::process::Stdio;

use crate::inventory;
use crate::repository::Repository;

fn template(name: &str, more: &str) -> String {
    format!(
        r#"{{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
"contentVersion": "1.0.0.0", "parameters": {{"vm": {{"type": "string"}}}}, "resources": [
{{"type": "Microsoft.Compute/virtualMachines/extensions", "apiVersion": "2019-07-01", "name": "{name}",
"properties": {{"publisher": "Microsoft.ManagedIdentity", "type": "ManagedIdentityExtensionForLinux"}}}}{more}]}}
"#
    )
}

#[test]
fn the_exit_code_is_that_of_check() {
    let repository = Repository::with("vm.json", template("web/msi", ""));
    repository.run(&["plan"]).quietly(1);
    repository.run(&["plan", "--exit-zero"]).quietly(0);
    repository.write(
        "vm.json",
        template("web/msi", "").replace("Microsoft.ManagedIdentity", "x"),
    );
    repository.run(&["plan"]).quietly(0);
    assert_eq!(repository.run(&["plan", "gone.json"]).code, 2);
}

#[test]
fn fix_writes_the_commands_that_plan_would_have_printed() {
    let repository = Repository::with("vm.json", template("web/msi", ""));
    for (shell, file) in [("bash", "p.sh"), ("powershell", "p.ps1")] {
        repository.write("vm.json", template("web/msi", ""));
        let plan = repository.run(&["plan", "--shell", shell]).quietly(1);
        let fix = ["fix", "-q", "--plan-file", file, "--shell", shell];
        repository.run(&fix).quietly(0);
        assert_eq!(repository.read(file), plan.stdout, "{shell}");
    }
}

#[test]
fn a_log_command_or_a_control_character_is_in_no_runbook() {
    let name = "web/##vso[task.x]\\u001b[2J";
    let repository = Repository::with("##[command]vm.json", template(name, ""));
    let plain = repository.run(&["plan"]).quietly(1);
    let text = plain.text();
    assert!(
        text.bytes()
            .all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte))
    );
    assert!(!text.contains("##vso[") && !text.contains("##["), "{text}");
    let under_ci = repository.run_under("TF_BUILD", &["plan"]).quietly(1);
    assert_eq!(under_ci.text(), text, "what is read is what is run");
}

#[test]
fn what_is_held_is_named_as_staying() {
    let more = r#", {"type": "Microsoft.Resources/tags", "apiVersion": "2021-04-01", "name": "default",
"properties": {"tags": {"state": "[reference('web/msi').provisioningState]"}}}"#;
    let repository = Repository::with("vm.json", template("web/msi", more));
    let plan = repository.run(&["plan"]).quietly(1);
    assert!(
        plan.text().contains("Not in here, since it stays"),
        "{}",
        plan.text()
    );
    assert!(!plan.text().contains("az vm"), "{}", plan.text());
}

#[test]
fn an_inventory_needs_no_files_and_reads_them_where_they_are_named() {
    let repository = Repository::with(
        "vm.json",
        template("WEB/ManagedIdentityExtensionForLinux", ""),
    );
    let web = inventory("vm-extension-list/web.json");
    let alone = repository.run(&["plan", "--inventory", &web]).quietly(1);
    assert!(!alone.text().contains("vm.json"), "{}", alone.text());
    let both = repository
        .run(&["plan", "--inventory", &web, "."])
        .quietly(1);
    let text = both.text();
    assert!(text.contains("# - removed from vm.json:3:1"), "{text}");
    assert!(!text.contains("RESOURCE_GROUP"), "{text}");
    assert_eq!(text.matches("az vm extension delete").count(), 1, "{text}");
}

#[test]
fn an_extension_that_no_inventory_has_keeps_its_lines() {
    let repository = Repository::with("vm.json", template("gone/msi", ""));
    repository.write("b.json", template("[concat(parameters('vm'), '/msi')]", ""));
    let web = inventory("vm-extension-list/web.json");
    let both = repository
        .run(&["plan", "--inventory", &web, "."])
        .quietly(1);
    let text = both.text();
    assert!(
        text.contains("no inventory has the extension on a machine of this name"),
        "{text}"
    );
    assert!(
        text.contains("Note: b.json:3:1: the machine is [concat"),
        "{text}"
    );
    assert!(!text.contains("find_vms"), "{text}");
}

#[test]
fn an_inventory_comes_from_stdin_too() {
    let repository = Repository::new();
    let mut child = repository
        .command("")
        .args(["plan", "--inventory", "-", "--check-identity"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let text = std::fs::read(inventory("vm-list/machines.json")).unwrap();
    child.stdin.take().unwrap().write_all(&text).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("# - in stdin"), "{said}");
    assert!(said.contains("without 2, untold 0"), "{said}");
    let twice = repository.run(&["plan", "--inventory", "-", "--inventory", "-"]);
    assert_eq!(twice.code, 2);
}

#[test]
fn a_file_that_is_no_inventory_is_an_error_with_its_place() {
    let repository = Repository::with("a.json", "[\n  {\"name\": \"web\"},\n  {}\n]\n");
    for (file, said) in [
        (
            "a.json",
            "a.json:2:17: no inventory: neither a list of resources nor one with an id",
        ),
        ("gone.json", "gone.json: cannot be read"),
    ] {
        let outcome = repository.run(&["plan", "--inventory", file]);
        assert_eq!((outcome.code, outcome.text()), (2, ""));
        assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
    }
}

#[test]
fn a_report_goes_to_a_file_since_stdout_holds_the_runbook() {
    let repository = Repository::with("vm.json", template("web/msi", ""));
    repository
        .run(&["plan", "--output", "concise=r.txt"])
        .quietly(1);
    let report = String::from_utf8(repository.read("r.txt")).unwrap();
    assert!(report.contains("vm-extension"), "{report}");
    let refused = repository.run(&["plan", "--output-format", "json"]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("stdout holds the runbook"));
    let no_inventory = repository.run(&["plan", "--check-identity"]);
    assert_eq!(no_inventory.code, 2);
}

#[test]
fn one_file_does_not_hold_a_runbook_and_something_else() {
    let repository = Repository::with("vm.json", template("web/msi", ""));
    for other in ["--diff-file=a", "--output=json=a"] {
        let outcome = repository.run(&["fix", "--plan-file", "a", other]);
        assert_eq!(outcome.code, 2, "{other}");
        assert!(
            outcome.stderr.contains("a: is to be written twice"),
            "{}",
            outcome.stderr
        );
    }
    assert!(!repository.path("a").exists());
}

#[test]
fn a_plan_file_that_cannot_be_made_leaves_the_templates() {
    let repository = Repository::with("vm.json", template("web/msi", ""));
    let before = repository.read("vm.json");
    for file in ["no/such/folder.sh", "-"] {
        assert_eq!(repository.run(&["fix", "--plan-file", file]).code, 2);
        assert_eq!(repository.read("vm.json"), before);
    }
}
