//! The runbook for PowerShell, with the Az modules.
//!
//! Cmdlets and parameters as on the Az.Compute reference pages: `Get-AzVMExtension` (`-ResourceGroupName`,
//! `-VMName`; gives `Name`, `Publisher`, `ExtensionType`), `Remove-AzVMExtension` (with `-Name`, and
//! `-Force` so that it does not ask), `Get-AzVmss` (`-VMScaleSetName`), `Remove-AzVmssExtension`
//! (`-VirtualMachineScaleSet`, `-Name`), which changes an object in memory that `Update-AzVmss` sends,
//! `Get-AzVmssVM` (gives `InstanceId`, `LatestModelApplied`), `Update-AzVmssInstance` (`-InstanceId`),
//! `Update-AzVM` and `Update-AzVmss` (`-IdentityType`), `Start-AzVM`, `Get-AzVM`, and of Az.Accounts
//! `Set-AzContext` (`-Subscription`, `-Scope Process`). The text is ASCII, since PowerShell 5.1 reads a file
//! without a byte order mark in the system's code page. Never knows where the steps come from. Start at
//! [`render`].

use super::layout::{ShellFunction, called_functions, meaning, push_comment, push_title};
use super::opening::{FOUND_LIVE, opening};
use super::quoting::{comment, powershell};
use super::steps::{KnownOrAsked, RequestedValue, Runbook, Step, StepTarget, ValueKind};

/// The functions, each behind those that it calls.
static FUNCTIONS: &[ShellFunction] = &[
    (
        "Get-OnVM",
        r##"
# The managed identity extensions of a VM: publisher and type decide, never the name.
function Get-OnVM([string] $Group, [string] $Machine) {
    Get-AzVMExtension -ResourceGroupName $Group -VMName $Machine | Where-Object {
        $_.Publisher -eq 'Microsoft.ManagedIdentity' -and $_.ExtensionType -like 'ManagedIdentityExtensionFor*'
    }
}
"##,
    ),
    (
        "Get-OnScaleSet",
        r##"
# The managed identity extensions in the model of a scale set. Its publisher shipped no others.
function Get-OnScaleSet($ScaleSet) {
    $ScaleSet.VirtualMachineProfile.ExtensionProfile.Extensions | Where-Object {
        $_.Publisher -eq 'Microsoft.ManagedIdentity'
    }
}
"##,
    ),
    (
        "Test-Name",
        r##"
# Whether one of the extensions has the name.
function Test-Name($Extensions, [string] $Name) {
    $names = @($Extensions | ForEach-Object { $_.Name })
    if ($names -contains $Name) { return $true }
    if ($names) { Write-Warning "not under the name '$Name', but still there under: $names" }
    return $false
}
"##,
    ),
    (
        "Show-Outdated",
        r##"
# Prints, as comments, the upgrades of the instances whose model is not the latest, 20 at a time.
function Show-Outdated([string] $Group, [string] $Name) {
    $ids = @(Get-AzVmssVM -ResourceGroupName $Group -VMScaleSetName $Name |
        Where-Object { -not $_.LatestModelApplied } | ForEach-Object { $_.InstanceId })
    for ($at = 0; $at -lt $ids.Count; $at += 20) {
        $batch = $ids[$at..([Math]::Min($at + 20, $ids.Count) - 1)] -join ','
        "# Update-AzVmssInstance -ResourceGroupName '{0}' -VMScaleSetName '{1}' -InstanceId {2}" -f
            $Group.Replace("'", "''"), $Name.Replace("'", "''"), $batch
    }
}
"##,
    ),
    (
        "Find-OnVMs",
        r##"
# Prints the commands for the VMs of a group that have the extension: a person
# chooses among them.
function Find-OnVMs([string] $Group) {
    foreach ($machine in Get-AzVM -ResourceGroupName $Group) {
        foreach ($extension in Get-OnVM -Group $Group -Machine $machine.Name) {
            "Remove-AzVMExtension -ResourceGroupName '{0}' -VMName '{1}' -Name '{2}' -Force" -f
                $Group.Replace("'", "''"), $machine.Name.Replace("'", "''"), $extension.Name.Replace("'", "''")
        }
    }
}
"##,
    ),
    (
        "Find-OnScaleSets",
        r##"
# Prints the scale sets of a group whose model has the extension: a person
# chooses among them.
function Find-OnScaleSets([string] $Group) {
    foreach ($scaleSet in Get-AzVmss -ResourceGroupName $Group) {
        foreach ($extension in Get-OnScaleSet -ScaleSet $scaleSet) {
            "`$vmss = Get-AzVmss -ResourceGroupName '{0}' -VMScaleSetName '{1}'" -f
                $Group.Replace("'", "''"), $scaleSet.Name.Replace("'", "''")
            "Remove-AzVmssExtension -VirtualMachineScaleSet `$vmss -Name '{0}'" -f
                $extension.Name.Replace("'", "''")
            "Update-AzVmss -ResourceGroupName '{0}' -VMScaleSetName '{1}' -VirtualMachineScaleSet `$vmss" -f
                $Group.Replace("'", "''"), $scaleSet.Name.Replace("'", "''")
        }
    }
}
"##,
    ),
];

/// The whole script.
pub(super) fn render(runbook: &Runbook) -> String {
    let mut out = String::new();
    for line in opening(runbook) {
        push_comment(&mut out, "", &line);
    }
    if runbook.is_empty() {
        return out;
    }
    if !runbook.asked.is_empty() {
        let parameters: Vec<String> = runbook.asked.iter().map(parameter).collect();
        out.push_str(&format!("param(\n{}\n)\n", parameters.join(",\n")));
    }
    out.push_str("$ErrorActionPreference = 'Stop'\n");
    let mut body = String::new();
    let mut subscription = &None;
    for step in &runbook.steps {
        body.push('\n');
        let is_run = !matches!(step.target, StepTarget::Words(_));
        if is_run && step.subscription != *subscription {
            subscription = &step.subscription;
            if let Some(part) = subscription {
                let value = value(runbook, part);
                body.push_str(&format!(
                    "Set-AzContext -Subscription {value} -Scope Process | Out-Null\n\n"
                ));
            }
        }
        push_step(&mut body, runbook, step);
    }
    out.push_str(&called_functions(FUNCTIONS, &body));
    out + &body
}

fn push_step(out: &mut String, runbook: &Runbook, step: &Step) {
    push_title(out, step);
    let group = value(runbook, &step.group);
    let machine = step.machine.as_deref().map(powershell);
    let extension = step.extension.as_deref().map(powershell);
    match (step.target, machine) {
        (StepTarget::Words(advice), _) => push_comment(out, "- ", advice),
        (StepTarget::VirtualMachine, None) => {
            push_comment(out, "", FOUND_LIVE);
            out.push_str(&format!("Find-OnVMs -Group {group}\n"));
        }
        (StepTarget::ScaleSet, None) => {
            push_comment(out, "", FOUND_LIVE);
            out.push_str(&format!("Find-OnScaleSets -Group {group}\n"));
        }
        (StepTarget::VirtualMachine, Some(machine)) => {
            let called = format!("-ResourceGroupName {group} -VMName {machine}");
            if step.lacks_identity {
                out.push_str(&format!(
                    "# Update-AzVM -ResourceGroupName {group} -VM (Get-AzVM -ResourceGroupName {group} -Name \
                     {machine}) -IdentityType SystemAssigned\n"
                ));
            }
            if step.is_stopped {
                out.push_str(&format!(
                    "# Start-AzVM -ResourceGroupName {group} -Name {machine}\n"
                ));
            }
            let found = format!("Get-OnVM -Group {group} -Machine {machine}");
            out.push_str(&match extension {
                Some(name) => format!(
                    "if (Test-Name -Extensions ({found}) -Name {name}) {{\n    Remove-AzVMExtension {called} \
                     -Name {name} -Force\n}}\n"
                ),
                None => format!(
                    "foreach ($extension in {found}) {{\n    Remove-AzVMExtension {called} -Name \
                     $extension.Name -Force\n}}\n"
                ),
            });
        }
        (StepTarget::ScaleSet, Some(machine)) => {
            let called = format!("-ResourceGroupName {group} -VMScaleSetName {machine}");
            if step.lacks_identity {
                out.push_str(&format!(
                    "# Update-AzVmss {called} -IdentityType SystemAssigned\n"
                ));
            }
            let update = format!("Update-AzVmss {called} -VirtualMachineScaleSet $vmss | Out-Null");
            let found = "Get-OnScaleSet -ScaleSet $vmss";
            let remove = "Remove-AzVmssExtension -VirtualMachineScaleSet $vmss -Name";
            out.push_str(&format!("$vmss = Get-AzVmss {called}\n"));
            out.push_str(&match extension {
                Some(name) => format!(
                    "if (Test-Name -Extensions ({found}) -Name {name}) {{\n    {remove} {name} | Out-Null\n    \
                     {update}\n}}\n"
                ),
                None => format!(
                    "foreach ($name in @({found} | ForEach-Object {{ $_.Name }})) {{\n    {remove} $name | \
                     Out-Null\n    {update}\n}}\n"
                ),
            });
            out.push_str("# Each upgrade that this prints applies every pending change of the model, not only this one.\n");
            out.push_str(&format!("Show-Outdated -Group {group} -Name {machine}\n"));
        }
    }
}

fn value(runbook: &Runbook, part: &KnownOrAsked) -> String {
    match part {
        KnownOrAsked::Known(name) => powershell(name),
        KnownOrAsked::Asked(index) => runbook
            .asked
            .get(*index)
            .map(|asked| format!("${}", variable(asked)))
            .unwrap_or_default(),
    }
}

fn variable(asked: &RequestedValue) -> String {
    match asked.what {
        ValueKind::FilesGroup => "ResourceGroup".to_owned(),
        ValueKind::Group => format!("Group{}", asked.number),
        ValueKind::Subscription => format!("Subscription{}", asked.number),
    }
}

fn parameter(asked: &RequestedValue) -> String {
    let (name, meaning) = (variable(asked), comment(&meaning(asked)));
    format!("    # {meaning}\n    [Parameter(Mandatory = $true)] [string] ${name}")
}
