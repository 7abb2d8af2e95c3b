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

use super::opening::{FOUND_LIVE, opening};
use super::quoting::{az_option, bash, comment};
use super::steps::{Asked, AskedFor, Part, Runbook, Step, Target};

/// A function of the script.
struct Function {
    name: &'static str,
    /// What it calls.
    calls: &'static [&'static str],
    text: &'static str,
}

/// All functions, each behind those that it calls.
static FUNCTIONS: &[Function] = &[
    Function {
        name: "ours",
        calls: &[],
        text: r#"
# Prints the names in lines NAME PUBLISHER TYPE that are the managed identity extension's: publisher and
# type tell, never the name.
ours() {
    local name publisher type
    while IFS=$'\t' read -r name publisher type; do
        type=${type%$'\r'}
        if [[ ${publisher%$'\r'} == Microsoft.ManagedIdentity ]] &&
            [[ -z $type || $type == None || $type == ManagedIdentityExtensionFor* ]]; then
            printf '%s\n' "$name"
        fi
    done <<<"$1"
}
"#,
    },
    Function {
        name: "carries",
        calls: &[],
        text: r#"
# Whether NAME is among NAMES, compared without case as Azure does.
carries() {
    local name
    while IFS= read -r name; do
        if [[ -n $name && $name == "$1" ]]; then
            return 0
        fi
    done <<<"$2"
    if [ -n "$2" ]; then
        printf 'note: not under the name %q, but still there under: %q\n' "$1" "$2" >&2
    fi
    return 1
}
"#,
    },
    Function {
        name: "vm_names",
        calls: &["ours"],
        text: r#"
# Prints the names under which a VM carries the extension. Takes the options of `az vm extension list`.
vm_names() {
    local lines
    lines=$(az vm extension list "$@" --output tsv \
        --query '[].[name,publisher,typePropertiesType||virtualMachineExtensionType]' </dev/null) || exit
    ours "$lines"
}
"#,
    },
    Function {
        name: "vm_has",
        calls: &["vm_names", "carries"],
        text: r#"
# Whether a VM carries the extension under NAME; what cannot be told ends the script.
vm_has() {
    local names
    names=$(vm_names "${@:2}") || exit
    carries "$1" "$names"
}
"#,
    },
    Function {
        name: "vmss_names",
        calls: &["ours"],
        text: r#"
# Prints the names under which a scale set's model carries the extension. Takes the options of
# `az vmss extension list`.
vmss_names() {
    local lines
    lines=$(az vmss extension list "$@" --output tsv \
        --query '[].[name,publisher||properties.publisher,typePropertiesType||properties.type||type]' \
        </dev/null) || exit
    ours "$lines"
}
"#,
    },
    Function {
        name: "vmss_has",
        calls: &["vmss_names", "carries"],
        text: r#"
# Whether a scale set's model carries the extension under NAME; what cannot be told ends the script.
vmss_has() {
    local names
    names=$(vmss_names "${@:2}") || exit
    carries "$1" "$names"
}
"#,
    },
    Function {
        name: "show_outdated",
        calls: &[],
        text: r#"
# Prints, as comments, the upgrades of the instances whose model is not the latest, 20 at a time. Takes the
# options of `az vmss list-instances`.
show_outdated() {
    local ids id count=0
    ids=$(az vmss list-instances "$@" --output tsv \
        --query '[?!latestModelApplied].instanceId' </dev/null) || exit
    while IFS= read -r id; do
        id=${id%$'\r'}
        if [ -z "$id" ]; then
            continue
        fi
        if [ $((count % 20)) -eq 0 ]; then
            printf '\n# az vmss update-instances'
            printf ' %q' "$@"
            printf ' --instance-ids'
        fi
        printf ' %q' "$id"
        count=$((count + 1))
    done <<<"$ids"
    printf '\n'
}
"#,
    },
    Function {
        name: "show",
        calls: &[],
        text: r#"
# Prints a command.
show() {
    printf '%q' "$1"
    printf ' %q' "${@:2}"
    printf '\n'
}
"#,
    },
    Function {
        name: "find_vms",
        calls: &["vm_names", "show"],
        text: r#"
# Prints the commands for the VMs of a group that carry the extension: which of them are meant is for a
# person to say. Takes the options of `az vm list`.
find_vms() {
    local machines machine names name
    machines=$(az vm list "$@" --output tsv --query '[].name' </dev/null) || exit
    while IFS= read -r machine; do
        machine=${machine%$'\r'}
        if [ -z "$machine" ]; then
            continue
        fi
        names=$(vm_names "$@" --vm-name "$machine") || exit
        while IFS= read -r name; do
            if [ -n "$name" ]; then
                show az vm extension delete "$@" --vm-name "$machine" -n "$name"
            fi
        done <<<"$names"
    done <<<"$machines"
}
"#,
    },
    Function {
        name: "find_scale_sets",
        calls: &["vmss_names", "show"],
        text: r#"
# Prints the commands for the scale sets of a group whose model carries the extension: which of them are
# meant is for a person to say. Takes the options of `az vmss list`.
find_scale_sets() {
    local sets scale_set names name
    sets=$(az vmss list "$@" --output tsv --query '[].name' </dev/null) || exit
    while IFS= read -r scale_set; do
        scale_set=${scale_set%$'\r'}
        if [ -z "$scale_set" ]; then
            continue
        fi
        names=$(vmss_names "$@" --vmss-name "$scale_set") || exit
        while IFS= read -r name; do
            if [ -n "$name" ]; then
                show az vmss extension delete "$@" --vmss-name "$scale_set" -n "$name"
            fi
        done <<<"$names"
    done <<<"$sets"
}
"#,
    },
];

/// The words of one kind of machine.
struct Words {
    what: &'static str,
    /// `az …`, in front of `extension`, `identity` and the like.
    az: &'static str,
    /// The option that names the machine to the extension commands.
    option: &'static str,
    has: &'static str,
    names: &'static str,
    find: &'static str,
}

static VM: Words = Words {
    what: "VM",
    az: "az vm",
    option: "--vm-name",
    has: "vm_has",
    names: "vm_names",
    find: "find_vms",
};

static SCALE_SET: Words = Words {
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
    let mut needed: Vec<&str> = steps.iter().flat_map(|(needs, _)| needs.clone()).collect();
    // Each function stands behind those that it calls.
    for function in FUNCTIONS.iter().rev() {
        if needed.contains(&function.name) {
            needed.extend(function.calls);
            needed.sort_unstable();
            needed.dedup();
        }
    }
    if needed.contains(&"ours") {
        out.push_str("\n# Publishers and types are compared without case.\nshopt -s nocasematch\n");
    }
    for function in FUNCTIONS {
        if needed.contains(&function.name) {
            out.push_str(function.text);
        }
    }
    for (_, text) in steps {
        out.push('\n');
        out.push_str(&text);
    }
    out
}

/// A step, and the functions that it calls.
fn of_step(runbook: &Runbook, step: &Step) -> (Vec<&'static str>, String) {
    let words = match step.target {
        Target::VirtualMachine => &VM,
        Target::ScaleSet => &SCALE_SET,
        Target::Words(advice) => return (Vec::new(), in_words(step, advice)),
    };
    let mut out = String::new();
    let title = match (&step.machine, &step.extension) {
        (Some(machine), Some(extension)) => format!("{} {machine}: {extension}", words.what),
        (Some(machine), None) => format!("{} {machine}", words.what),
        (None, _) => format!("{}: names are found live", words.what),
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
    if step.target == Target::ScaleSet {
        needs.push("show_outdated");
        out.push_str("# Each upgrade that this prints applies every pending change of the model, not only this one.\n");
        out.push_str(&format!("show_outdated {called}\n"));
    }
    (needs, out)
}

/// What is said in place of a command.
const UNSPEAKABLE: &str = "no command: `az` cannot be given one of these names";

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

fn part(runbook: &Runbook, short: &str, long: &str, part: &Part) -> Option<String> {
    match part {
        Part::Known(name) => az_option(short, long, name),
        Part::Asked(index) => {
            let name = runbook.asked.get(*index).map(variable)?;
            Some(format!("{short} \"${name}\""))
        }
    }
}

fn variable(asked: &Asked) -> String {
    match asked.what {
        AskedFor::FilesGroup => "RESOURCE_GROUP".to_owned(),
        AskedFor::Group => format!("GROUP_{}", asked.number),
        AskedFor::Subscription => format!("SUBSCRIPTION_{}", asked.number),
    }
}

fn meaning(asked: &Asked) -> String {
    let name = variable(asked);
    let written = asked.written.as_deref().unwrap_or_default();
    match asked.what {
        AskedFor::FilesGroup => {
            format!("{name}: the resource group that the templates are deployed to.")
        }
        AskedFor::Group => format!("{name}: the resource group {written}"),
        AskedFor::Subscription => format!("{name}: the subscription {written}"),
    }
}

fn push_comment(out: &mut String, mark: &str, text: &str) {
    let line = format!("# {mark}{}", comment(text));
    out.push_str(line.trim_end());
    out.push('\n');
}
