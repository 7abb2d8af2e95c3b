//! The runbook for bash, with the Azure CLI.
//!
//! A function per question is put in front where a step needs it, and each step is the exact command behind
//! that question. Flags as in azure-cli 2.91.0: `az vm extension list|delete` (`-g`, `--vm-name`, `-n`),
//! `az vmss extension list|delete` (`-g`, `--vmss-name`, `-n`; it fails on a name in another case, and
//! changes the model only), `az vmss list-instances` (`-g`, `-n`),
//! `az vmss update-instances` (`-g`, `-n`, `--instance-ids`), `az vm list`, `az vmss list`,
//! `az vm start`, `az vm identity assign`, `az vmss identity assign` (`-g`, `-n`), and `--subscription` on
//! all. The text runs in bash 3.2 and later and passes shellcheck. Never knows where the steps come from.
//! Start at [`render`].

mod functions;

use super::opening::{FOUND_LIVE, opening};
use super::quoting::{az_option, bash, comment};
use super::steps::{KnownOrAsked, RequestedValue, Runbook, Step, StepTarget, ValueKind};

/// The words of one kind of machine.
struct BashWords {
    what: &'static str,
    /// `az …`, in front of `extension`, `identity` and the like.
    az: &'static str,
    /// The option that names the machine to the extension commands.
    option: &'static str,
    has: &'static str,
    names: &'static str,
    find: &'static str,
}

static VM: BashWords = BashWords {
    what: "VM",
    az: "az vm",
    option: "--vm-name",
    has: "vm_has",
    names: "vm_names",
    find: "find_vms",
};

static SCALE_SET: BashWords = BashWords {
    what: "Scale set",
    az: "az vmss",
    option: "--vmss-name",
    has: "vmss_has",
    names: "vmss_names",
    find: "find_scale_sets",
};

/// The whole script.
pub(super) fn render(runbook: &Runbook) -> String {
    let mut out = String::from("#!/usr/bin/env bash\n");
    for line in opening(runbook) {
        push_comment(&mut out, "", &line);
    }
    if runbook.is_empty() {
        return out;
    }
    let steps: Vec<(Vec<&'static str>, String)> = runbook
        .steps
        .iter()
        .map(|step| of_step(runbook, step))
        .collect();
    out.push_str("set -euo pipefail\n");
    for asked in &runbook.asked {
        out.push('\n');
        push_comment(&mut out, "", &meaning(asked));
        let name = variable(asked);
        out.push_str(&format!(
            ": \"${{{name}:?is to be set before this is run}}\"\n"
        ));
    }
    let called = steps.iter().flat_map(|(needs, _)| needs.clone());
    out.push_str(&functions::behind(called.collect()));
    for (_, text) in steps {
        out.push('\n');
        out.push_str(&text);
    }
    out
}

/// A step, and the functions that it calls.
fn of_step(runbook: &Runbook, step: &Step) -> (Vec<&'static str>, String) {
    let words = match step.target {
        StepTarget::VirtualMachine => &VM,
        StepTarget::ScaleSet => &SCALE_SET,
        StepTarget::Words(advice) => return (Vec::new(), in_words(step, advice)),
    };
    let mut out = String::new();
    let title = match (&step.machine, &step.extension) {
        (Some(machine), Some(extension)) => format!("{} {machine}: {extension}", words.what),
        (Some(machine), None) => format!("{} {machine}", words.what),
        (None, _) => format!("{}: names are looked up when this script runs", words.what),
    };
    push_comment(&mut out, "", &title);
    for remark in &step.remarks {
        push_comment(&mut out, "- ", remark);
    }
    let group = part(runbook, "-g", "--resource-group", &step.group);
    let subscription = match &step.subscription {
        None => Some(String::new()),
        Some(subscription) => part(runbook, "--subscription", "--subscription", subscription)
            .map(|option| format!(" {option}")),
    };
    let Some((group, subscription)) = group.zip(subscription) else {
        push_comment(&mut out, "- ", UNSPEAKABLE);
        return (Vec::new(), out);
    };
    let Some(machine) = &step.machine else {
        push_comment(&mut out, "", FOUND_LIVE);
        out.push_str(&format!("{} {group}{subscription}\n", words.find));
        return (vec![words.find], out);
    };
    let option = |short, long| az_option(short, long, machine);
    let names = option(words.option, words.option).zip(option("-n", "--name"));
    let extension = step.extension.as_ref();
    let extension = extension.map(|name| az_option("-n", "--name", name).zip(bash(name)));
    let (Some((on, called)), None | Some(Some(_))) = (names, &extension) else {
        push_comment(&mut out, "- ", UNSPEAKABLE);
        return (Vec::new(), out);
    };
    let called = format!("{group} {called}{subscription}");
    let on = format!("{group} {on}");
    if step.lacks_identity {
        out.push_str(&format!("# {} identity assign {called}\n", words.az));
    }
    if step.is_stopped {
        out.push_str(&format!("# {} start {called}\n", words.az));
    }
    let mut needs = Vec::new();
    match extension.flatten() {
        Some((option, word)) => {
            needs.push(words.has);
            out.push_str(&format!(
                "if {} {word} {on}{subscription}; then\n    {} extension delete {on} {option}{subscription}\nfi\n",
                words.has, words.az
            ));
        }
        None => {
            needs.push(words.names);
            out.push_str(&format!(
                "names=$({} {on}{subscription})\nwhile IFS= read -r name; do\n    if [ -n \"$name\" ]; then\n        \
                 {} extension delete {on} -n \"$name\"{subscription} </dev/null\n    fi\ndone <<<\"$names\"\n",
                words.names, words.az
            ));
        }
    }
    if step.target == StepTarget::ScaleSet {
        needs.push("show_outdated");
        out.push_str("# Each upgrade that this prints applies every pending change of the model, not only this one.\n");
        out.push_str(&format!("show_outdated {called}\n"));
    }
    (needs, out)
}

/// What is said in place of a command.
const UNSPEAKABLE: &str = "no command: one of these names cannot be passed to `az`";

fn in_words(step: &Step, advice: &str) -> String {
    let mut out = String::new();
    let machine = step.machine.as_deref().unwrap_or_default();
    let extension = step.extension.as_deref().unwrap_or("the extension");
    push_comment(&mut out, "", &format!("{machine}: {extension}"));
    for remark in &step.remarks {
        push_comment(&mut out, "- ", remark);
    }
    push_comment(&mut out, "- ", advice);
    out
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

fn meaning(asked: &RequestedValue) -> String {
    let name = variable(asked);
    let written = asked.written.as_deref().unwrap_or_default();
    match asked.what {
        ValueKind::FilesGroup => {
            format!("{name}: the resource group that the templates are deployed to.")
        }
        ValueKind::Group => format!("{name}: the resource group {written}"),
        ValueKind::Subscription => format!("{name}: the subscription {written}"),
    }
}

fn push_comment(out: &mut String, mark: &str, text: &str) {
    let line = format!("# {mark}{}", comment(text));
    out.push_str(line.trim_end());
    out.push('\n');
}
