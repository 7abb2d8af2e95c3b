//! The command line of `plan`, and `fix --plan-file`.

use std::io::Write as _;
use std::process::Stdio;

use super::inventory;
use super::repository::Repository;

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
fn the_query_for_an_inventory_is_printed_whatever_there_is() {
    let repository = Repository::with("vm.json", "{");
    let query = repository.run(&["plan", "--inventory-query"]).quietly(0);
    // What the inventory is read by is in it, and one word of a shell takes it.
    for word in [
        "id",
        "type",
        "identity",
        "properties",
        "Microsoft.ManagedIdentity",
    ] {
        assert!(query.text().contains(word), "{word}");
    }
    assert!(query.text().starts_with("resources\n") && query.text().is_ascii());
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
        plan.text()
            .contains("Not in this script, since the templates keep it"),
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
        text.contains("Note: b.json:3:1: the machine is [parameters('vm')]"),
        "{text}"
    );
    assert!(!text.contains("find_machines"), "{text}");
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
    assert!(said.contains("without 2, unknown 0"), "{said}");
    let twice = repository.run(&["plan", "--inventory", "-", "--inventory", "-"]);
    assert_eq!(twice.code, 2);
}

#[test]
fn a_file_that_is_no_inventory_is_an_error_with_its_place() {
    let repository = Repository::with("a.json", "[\n  {\"name\": \"web\"},\n  {}\n]\n");
    for (file, said) in [
        (
            "a.json",
            "a.json:2:17: not an inventory: the value that ends here is neither a list of resources nor a resource with an id",
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
            outcome.stderr.contains("a: two outputs have this path"),
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

/// A repository whose configuration leaves out one template and waives what is in another.
fn configured() -> Repository {
    let repository = Repository::with("vm.json", template("web/msi", ""));
    repository.write("kept/vm.json", template("kept/msi", ""));
    repository.write("old/vm.json", template("old/msi", ""));
    repository.write(
        "msi2imds.toml",
        "exclude = ['old/']\n[[waivers]]\nrules = ['vm-extension']\npaths = ['kept/']\nreason = 'needed'\n",
    );
    repository
}

#[test]
fn what_is_waived_or_excluded_is_in_no_runbook() {
    let repository = configured();
    let told = ["vm.json:3:1", "kept/vm.json:3:1", "old/vm.json:3:1"];
    let told_in = |text: &str| {
        let removed = |place: &&&str| text.contains(&format!("# - removed from {place} "));
        told.iter().filter(removed).count()
    };
    let all = repository.run(&["plan", "--isolated"]).quietly(1);
    assert_eq!(told_in(all.text()), 3, "{}", all.text());
    let plan = repository.run(&["plan"]).quietly(1);
    let text = plan.text();
    assert_eq!(told_in(text), 1, "{text}");
    assert!(!text.contains("kept") && !text.contains("old/"), "{text}");
    let fix = ["fix", "-q", "--plan-file", "p.sh"];
    repository.run(&fix).quietly(0);
    assert_eq!(repository.read("p.sh"), plan.stdout);
}

#[test]
fn files_and_settings_are_shown_in_place_of_a_runbook() {
    let repository = configured();
    let files = repository.run(&["plan", "--show-files"]).quietly(0);
    let text = files.text();
    assert!(
        text.contains("kept/vm.json: checked: a template\n"),
        "{text}"
    );
    assert!(text.contains("old/: skipped"), "{text}");
    let settings = repository.run(&["plan", "--show-settings"]).quietly(0);
    let text = settings.text();
    assert!(text.contains("exclude = [\"old/\"] # configured"), "{text}");
    let web = inventory("vm-extension-list/web.json");
    let alone = ["plan", "--inventory", &web, "--show-files"];
    assert_eq!(repository.run(&alone).quietly(0).text(), "");
    let fix = ["fix", "--plan-file", "p.sh", "--show-files"];
    repository.run(&fix).quietly(0);
    assert!(!repository.path("p.sh").exists());
}

#[test]
fn what_a_baseline_hides_from_reports_is_in_the_runbook_all_the_same() {
    let more = r#", {"type": "Microsoft.Resources/tags", "apiVersion": "2021-04-01", "name": "default",
"properties": {"tags": {"state": "[reference('held/msi').provisioningState]"}}}"#;
    let repository = Repository::with("vm.json", template("web/msi", ""));
    repository.write("held.json", template("held/msi", more));
    let before = repository.run(&["plan"]).quietly(1);
    for said in [
        "Not in this script, since the templates keep it",
        "held.json:4:16",
    ] {
        assert!(before.text().contains(said), "{}", before.text());
    }
    let baseline = ["--baseline", "known.json"];
    let update = ["check", "--update-baseline", "-q"];
    repository
        .run(&[&update[..], &baseline].concat())
        .quietly(0);
    let hidden = repository.run(&[&["check", "-q"][..], &baseline].concat());
    assert_eq!(hidden.quietly(0).text(), "");
    let plan = repository.run(&[&["plan"][..], &baseline].concat());
    assert_eq!(plan.quietly(1).text(), before.text());
    let refused = repository.run(&[&["plan", "--update-baseline"][..], &baseline].concat());
    assert_eq!((refused.code, refused.text()), (2, ""));
    assert!(
        refused.stderr.contains("plan writes no baseline"),
        "{refused:#?}"
    );
}

#[test]
fn a_text_or_a_list_on_stdin_gives_a_runbook_too() {
    let text = template("web/msi", "");
    let repository = Repository::with("vm.json", &text);
    repository.write("b.json", template("b/msi", ""));
    let plan = repository.run_fed(&["plan", "-"], &text).quietly(1);
    assert!(
        plan.text().contains("# - removed from <stdin>:3:1"),
        "{plan:#?}"
    );
    let fixed = repository.run_fed(&["fix", "-", "--plan-file", "p.sh"], &text);
    assert!(fixed.quietly(0).text().contains("\"resources\": []"));
    assert_eq!(repository.read("p.sh"), plan.stdout);
    let listed = repository.run_fed(&["plan", "--file-list", "-"], "vm.json\n");
    let named = repository.run(&["plan", "vm.json"]).quietly(1);
    assert_eq!(listed.quietly(1).text(), named.text());
    for (arguments, said) in [
        (
            &["plan", "-", "--inventory", "-"][..],
            "stdin can be read only once",
        ),
        (
            &["plan", "--file-list", "-", "--inventory", "-"],
            "stdin can be read only once",
        ),
    ] {
        let outcome = repository.run_fed(arguments, "");
        assert_eq!((outcome.code, outcome.text()), (2, ""), "{outcome:#?}");
        assert!(outcome.stderr.contains(said), "{outcome:#?}");
    }
}

#[test]
fn a_configuration_of_files_does_not_stop_what_reads_none() {
    let repository = Repository::with("msi2imds.toml", "exclude = 1\n");
    let web = inventory("vm-extension-list/web.json");
    repository.run(&["plan", "--inventory", &web]).quietly(1);
    let read = repository.run(&["plan", "--inventory", &web, "."]);
    assert_eq!(read.code, 2);
    assert!(read.stderr.contains("msi2imds.toml:1:11"), "{read:#?}");
}
