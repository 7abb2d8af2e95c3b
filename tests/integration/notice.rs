//! Microsoft's notice "Stop using the managed identity VM extension", part by part: what it shows is found
//! wherever it was copied to, with what works instead.

use msi2imds::migrate::{Migration, Options, Source, migrate, migrate_other_text, migrate_text};
use msi2imds::rules::{Finding, Fix, Severity, Surroundings};

/// What comes of a file beside a template with the extension.
fn migrated(name: &str, text: &str) -> Migration {
    let options = Options {
        surroundings: Surroundings {
            extension: true,
            ..Surroundings::default()
        },
        ..Options::default()
    };
    let source = Source::new(name, text.as_bytes());
    if let Some(migration) = migrate_text(name.as_bytes(), &source, &options) {
        return migration;
    }
    let migration = migrate(text.as_bytes(), &options);
    if migration.is_template {
        return migration;
    }
    migrate_other_text(name.as_bytes(), &source, &options)
}

/// The one finding in a file.
#[track_caller]
fn finding(name: &str, text: &str) -> Finding {
    let mut found = migrated(name, text).findings;
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    found.remove(0)
}

fn fixed(name: &str, text: &str) -> String {
    let fixed = migrated(name, text).fixed;
    fixed.map_or_else(String::new, |fixed| String::from_utf8(fixed.bytes).unwrap())
}

const IMDS: &str = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&";

const RESOURCE: &str = r#"{
    "type": "Microsoft.Compute/virtualMachines/extensions",
    "name": "[concat(variables('vmName'),'/ManagedIdentityExtensionForWindows')]",
    "apiVersion": "2018-06-01",
    "location": "[resourceGroup().location]",
    "dependsOn": [
        "[concat('Microsoft.Compute/virtualMachines/', variables('vmName'))]"
    ],
    "properties": {
        "publisher": "Microsoft.ManagedIdentity",
        "type": "ManagedIdentityExtensionForWindows",
        "typeHandlerVersion": "1.0",
        "autoUpgradeMinorVersion": true,
        "settings": {
            "port": 50342
        }
    }
}"#;

const PROFILE: &str = r#""extensionProfile": {
    "extensions": [
        {
            "name": "ManagedIdentityWindowsExtension",
            "properties": {
                "publisher": "Microsoft.ManagedIdentity",
                "type": "ManagedIdentityExtensionForWindows",
                "typeHandlerVersion": "1.0",
                "autoUpgradeMinorVersion": true,
                "settings": {
                    "port": 50342
                }
            }
        }
"#;

#[test]
fn the_address_of_the_workflow_has_no_port_or_any_that_was_configured() {
    for address in [
        "http://localhost",
        "http://localhost:50342",
        "http://localhost:50400",
    ] {
        let text = format!("curl -H Metadata:true '{address}/oauth2/token?resource=r'\n");
        let asks = format!("curl -H Metadata:true '{IMDS}resource=r'\n");
        assert_eq!(fixed("token.sh", &text), asks);
    }
    let told = "The service calls `http://localhost/oauth2/token` with `Metadata: true`.\n";
    assert_eq!(finding("README.md", told).severity, Severity::Note);
}

#[test]
fn the_resource_is_removed_from_a_list_and_reported_alone() {
    let template = format!(
        "{{\"contentVersion\": \"1.0.0.0\", \"variables\": {{\"vmName\": \"web\"}}, \"resources\": [{RESOURCE}]}}"
    );
    let migration = migrated("azuredeploy.json", &template);
    assert_eq!(migration.removed.len(), 1);
    assert!(!fixed("azuredeploy.json", &template).contains("ManagedIdentityExtension"));
    for alone in [
        RESOURCE.to_owned(),
        format!("{RESOURCE},\n"),
        format!("[{RESOURCE}]"),
    ] {
        let found = finding("extension.json", &alone);
        assert_eq!(found.rule.id, "extension-in-text", "{alone}");
        assert_eq!(found.severity, Severity::Warning, "{alone}");
        assert!(
            found
                .help
                .iter()
                .any(|help| help.contains("SystemAssigned"))
        );
    }
}

#[test]
fn the_profile_without_braces_is_found() {
    for (name, end) in [
        ("profile.json", ""),
        ("profile.json", "    ]\n}\n"),
        ("profile.txt", ""),
        ("profile", ""),
    ] {
        let found = finding(name, &format!("{PROFILE}{end}"));
        assert_eq!(found.rule.id, "extension-in-text", "{name}");
    }
    let set = format!(
        "{{\"contentVersion\": \"1\", \"resources\": [{{\"type\": \"Microsoft.Compute/virtualMachineScaleSets\", \
         \"apiVersion\": \"2018-06-01\", \"name\": \"s\", \"identity\": {{\"type\": \"SystemAssigned\"}}, \
         \"properties\": {{\"virtualMachineProfile\": {{{PROFILE}]}} }} }} }}]}}"
    );
    assert!(
        fixed("set.json", &set).contains("\"extensions\": []"),
        "{set}"
    );
}

#[test]
fn the_request_asks_imds_afterwards() {
    let request = |address: &str| {
        format!(
            "GET {address}resource=https%3A%2F%2Fmanagement.azure.com%2F HTTP/1.1\nMetadata: true\n"
        )
    };
    let old = request("http://localhost:50342/oauth2/token?");
    let new = request(IMDS);
    for (name, before, behind) in [
        ("token.http", "", ""),
        (
            "token.rest",
            "# @name token\n",
            "\n###\nGET https://example.com\n",
        ),
        ("token.md", "Ask:\n\n```http\n", "```\n"),
        ("token.py", "REQUEST = '''", "'''\n"),
    ] {
        let file = |request: &str| format!("{before}{request}{behind}");
        assert_eq!(fixed(name, &file(&old)), file(&new), "{name}");
    }
}

#[test]
fn commands_that_install_come_with_those_that_give_an_identity() {
    for (name, text, instead) in [
        (
            "install.ps1",
            "$settings = @{ \"port\" = 50342 }\nSet-AzVMExtension -ResourceGroupName myResourceGroup -Location WestUS \
             -VMName myVM -Name \"ManagedIdentityExtensionForWindows\" -Type \"ManagedIdentityExtensionForWindows\" \
             -Publisher \"Microsoft.ManagedIdentity\" -TypeHandlerVersion \"1.0\" -Settings $settings\n",
            "Update-AzVM -ResourceGroupName myResourceGroup -VM $vm -IdentityType SystemAssigned",
        ),
        (
            "install-set.ps1",
            "Add-AzVmssExtension -VirtualMachineScaleSet $vmss -Name \"ManagedIdentityExtensionForWindows\" -Type \
             \"ManagedIdentityExtensionForWindows\" -Publisher \"Microsoft.ManagedIdentity\"\n",
            "Update-AzVmss -ResourceGroupName GROUP -VMScaleSetName VMSS -IdentityType SystemAssigned",
        ),
        (
            "install.sh",
            "az vm extension set -g shop --vm-name web -n ManagedIdentityExtensionForLinux --publisher \
             Microsoft.ManagedIdentity\n",
            "az vm identity assign -g shop -n web",
        ),
    ] {
        let found = finding(name, text);
        assert_eq!(
            (found.rule.id, found.severity),
            ("imperative-install", Severity::Error)
        );
        assert_eq!(found.fix, Fix::DisplayOnly);
        assert!(
            found.help.iter().any(|help| help.contains(instead)),
            "{:?}",
            found.help
        );
    }
}

#[test]
fn commands_that_remove_work_or_come_with_those_that_do() {
    for (text, instead) in [
        (
            "az vm identity --resource-group shop --vm-name web -n ManagedIdentityExtensionForWindows\n",
            "use: az vm extension delete -g shop --vm-name web -n ManagedIdentityExtensionForWindows",
        ),
        (
            "az vmss identity -n ManagedIdentityExtensionForWindows -g shop -vmss-name pool\n",
            "use: az vmss extension delete -g shop --vmss-name pool -n ManagedIdentityExtensionForWindows",
        ),
    ] {
        let found = finding("remove.sh", text);
        assert_eq!(
            (found.rule.id, found.severity),
            ("imperative-install", Severity::Error)
        );
        assert!(
            found.help.iter().any(|help| help == instead),
            "{:?}",
            found.help
        );
    }
    for (name, text) in [
        (
            "remove.sh",
            "az vm extension delete -g shop --vm-name web -n ManagedIdentityExtensionForLinux\n",
        ),
        (
            "remove.sh",
            "az vmss extension delete -g shop --vmss-name pool -n ManagedIdentityExtensionForLinux\n",
        ),
        (
            "remove.ps1",
            "Remove-AzVMExtension -ResourceGroupName shop -Name \"ManagedIdentityExtensionForWindows\" -VMName web\n",
        ),
    ] {
        let found = finding(name, text);
        assert_eq!(
            (found.rule.id, found.severity),
            ("imperative-install", Severity::Note)
        );
    }
}

#[test]
fn the_restart_after_a_failure_has_no_counterpart() {
    let text = "Set-AzVMExtension -Name msi -Type ManagedIdentityExtensionForLinux -Location westus -Publisher \
                Microsoft.ManagedIdentity -VMName web -ResourceGroupName shop -ForceRerun 2\n";
    let found = finding("restart.ps1", text);
    assert!(
        found
            .help
            .iter()
            .any(|help| help.contains("needs no restart"))
    );
}

#[test]
fn an_exported_template_lost_the_identity() {
    let template = format!(
        "{{\"contentVersion\": \"1.0.0.0\", \"parameters\": {{\"virtualMachines_web_name\": {{\"type\": \"string\", \
         \"defaultValue\": \"web\"}}}}, \"variables\": {{\"vmName\": \"[parameters('virtualMachines_web_name')]\"}}, \
         \"resources\": [{{\"type\": \"Microsoft.Compute/virtualMachines\", \"apiVersion\": \"2018-06-01\", \
         \"name\": \"[variables('vmName')]\"}}, {RESOURCE}]}}"
    );
    let found = migrated("template.json", &template).findings;
    let missing = found
        .iter()
        .find(|one| one.rule.id == "missing-identity")
        .unwrap();
    assert!(missing.message.contains("exported"), "{}", missing.message);
    assert!(
        missing
            .help
            .iter()
            .any(|help| help.contains("az vm identity show"))
    );
    assert!(fixed("template.json", &template).contains("\"identity\""));
}
