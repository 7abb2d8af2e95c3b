//! The runbook for bash, with the Azure CLI.
//!
//! A function per question is put in front where a step calls it, and each step is the exact command behind
//! that question. Flags as in azure-cli 2.91.0: `az vm extension list|delete` (`-g`, `--vm-name`, `-n`),
//! `az vmss extension list|delete` (`-g`, `--vmss-name`, `-n`; it fails on a name in another case, and
//! changes the model only), `az vmss list-instances` (`-g`, `-n`),
//! `az vmss update-instances` (`-g`, `-n`, `--instance-ids`), `az vm list`, `az vmss list`,
//! `az vm start`, `az vm identity assign`, `az vmss identity assign` (`-g`, `-n`), and `--subscription` on
//! all. The text runs in bash 3.2 and later and passes shellcheck. Never knows where the steps come from.
//! Start at [`render`].

mod functions;

use super::layout::{called_functions, meaning, push_comment, push_title};
use super::opening::{FOUND_LIVE, opening};
use super::quoting::{az_option, bash};
use super::steps::{KnownOrAsked, RequestedValue, Runbook, Step, StepTarget, ValueKind};

/// The whole script.
pub(super) fn render(runbook: &Runbook) -> String {
    let mut out = String::from("#!/usr/bin/env bash\n");
    for line in opening(runbook) {
        push_comment(&mut out, "", &line);
    }
    if runbook.is_empty() {
        return out;
    }
    out.push_str("set -euo pipefail\n");
    for asked in &runbook.asked {
        out.push('\n');
        let name = variable(asked);
        push_comment(&mut out, "", &format!("{name}: {}", meaning(asked)));
        out.push_str(&format!(
            ": \"${{{name}:?is to be set before this is run}}\"\n"
        ));
    }
    let mut steps = String::new();
    for step in &runbook.steps {
        steps.push('\n');
        push_step(&mut steps, runbook, step);
    }
    out.push_str(&called_functions(functions::FUNCTIONS, &steps));
    out + &steps
}

fn push_step(out: &mut String, runbook: &Runbook, step: &Step) {
    push_title(out, step);
    let kind = match step.target {
        StepTarget::VirtualMachine => "vm",
        StepTarget::ScaleSet => "vmss",
        StepTarget::Words(advice) => return push_comment(out, "- ", advice),
    };
    match commands(runbook, step, kind) {
        Some(commands) => out.push_str(&commands),
        None => push_comment(out, "- ", UNSPEAKABLE),
    }
}

/// What is said in place of a command.
const UNSPEAKABLE: &str = "no command: one of these names cannot be passed to `az`";

/// The commands for a machine of this kind, as `az` calls it; `None` where no command can be given a name.
fn commands(runbook: &Runbook, step: &Step, kind: &str) -> Option<String> {
    let group = part(runbook, "-g", "--resource-group", &step.group)?;
    let subscription = match &step.subscription {
        None => String::new(),
        Some(name) => {
            let option = part(runbook, "--subscription", "--subscription", name)?;
            format!(" {option}")
        }
    };
    let Some(machine) = &step.machine else {
        return Some(format!(
            "# {FOUND_LIVE}\nfind_machines {kind} {group}{subscription}\n"
        ));
    };
    let option = format!("--{kind}-name");
    let on = format!("{group} {}", az_option(&option, &option, machine)?);
    let called = format!(
        "{group} {}{subscription}",
        az_option("-n", "--name", machine)?
    );
    let mut out = String::new();
    if step.lacks_identity {
        out.push_str(&format!("# az {kind} identity assign {called}\n"));
    }
    if step.is_stopped {
        out.push_str(&format!("# az {kind} start {called}\n"));
    }
    out.push_str(&match &step.extension {
        Some(name) => {
            let (word, option) = (bash(name)?, az_option("-n", "--name", name)?);
            format!(
                "if has_extension {word} {kind} {on}{subscription}; then\n    az {kind} extension delete {on} \
                 {option}{subscription}\nfi\n"
            )
        }
        None => format!(
            "names=$(extension_names {kind} {on}{subscription})\nwhile IFS= read -r name; do\n    if [ -n \
             \"$name\" ]; then\n        az {kind} extension delete {on} -n \"$name\"{subscription} </dev/null\n    \
             fi\ndone <<<\"$names\"\n"
        ),
    });
    if step.target == StepTarget::ScaleSet {
        out.push_str("# Each upgrade that this prints applies every pending change of the model, not only this one.\n");
        out.push_str(&format!("show_outdated {called}\n"));
    }
    Some(out)
}

fn part(runbook: &Runbook, short: &str, long: &str, part: &KnownOrAsked) -> Option<String> {
    match part {
        KnownOrAsked::Known(name) => az_option(short, long, name),
        KnownOrAsked::Asked(index) => {
            let name = runbook.asked.get(*index).map(variable)?;
            Some(format!("{short} \"${name}\""))
        }
    }
}

fn variable(asked: &RequestedValue) -> String {
    match asked.what {
        ValueKind::FilesGroup => "RESOURCE_GROUP".to_owned(),
        ValueKind::Group => format!("GROUP_{}", asked.number),
        ValueKind::Subscription => format!("SUBSCRIPTION_{}", asked.number),
    }
}
