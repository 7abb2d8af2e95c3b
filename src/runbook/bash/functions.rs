//! The functions of a runbook for bash: the questions that are asked before something is removed.
//!
//! Only those that a step calls are put in front of it, since shellcheck complains of others. Never knows a
//! step. Start at [`behind`].

/// A function of the script.
struct BashFunction {
    name: &'static str,
    /// What it calls.
    calls: &'static [&'static str],
    text: &'static str,
}

/// All functions, each behind those that it calls.
static FUNCTIONS: &[BashFunction] = &[
    BashFunction {
        name: "ours",
        calls: &[],
        text: r#"
# Prints the names in lines NAME PUBLISHER TYPE that are the managed identity extension's: publisher and
# type decide, never the name.
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
    BashFunction {
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
    BashFunction {
        name: "vm_names",
        calls: &["ours"],
        text: r#"
# Prints the names under which a VM has the extension. Takes the options of `az vm extension list`.
vm_names() {
    local lines
    lines=$(az vm extension list "$@" --output tsv \
        --query '[].[name,publisher,typePropertiesType||virtualMachineExtensionType]' </dev/null) || exit
    ours "$lines"
}
"#,
    },
    BashFunction {
        name: "vm_has",
        calls: &["vm_names", "carries"],
        text: r#"
# Whether a VM has the extension under NAME; an unclear answer ends the script.
vm_has() {
    local names
    names=$(vm_names "${@:2}") || exit
    carries "$1" "$names"
}
"#,
    },
    BashFunction {
        name: "vmss_names",
        calls: &["ours"],
        text: r#"
# Prints the names under which a scale set's model has the extension. Takes the options of
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
    BashFunction {
        name: "vmss_has",
        calls: &["vmss_names", "carries"],
        text: r#"
# Whether a scale set's model has the extension under NAME; an unclear answer ends the script.
vmss_has() {
    local names
    names=$(vmss_names "${@:2}") || exit
    carries "$1" "$names"
}
"#,
    },
    BashFunction {
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
    BashFunction {
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
    BashFunction {
        name: "find_vms",
        calls: &["vm_names", "show"],
        text: r#"
# Prints the commands for the VMs of a group that have the extension: a person
# chooses among them. Takes the options of `az vm list`.
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
    BashFunction {
        name: "find_scale_sets",
        calls: &["vmss_names", "show"],
        text: r#"
# Prints the commands for the scale sets of a group whose model has the extension: a person
# chooses among them. Takes the options of `az vmss list`.
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

/// The functions that are `called`, each behind those that it calls itself.
pub(super) fn behind(called: Vec<&'static str>) -> String {
    let mut needed = called;
    for function in FUNCTIONS.iter().rev() {
        if needed.contains(&function.name) {
            needed.extend(function.calls);
            needed.sort_unstable();
            needed.dedup();
        }
    }
    let mut text = String::new();
    if needed.contains(&"ours") {
        text.push_str(
            "\n# Publishers and types are compared without case.\nshopt -s nocasematch\n",
        );
    }
    for function in FUNCTIONS {
        if needed.contains(&function.name) {
            text.push_str(function.text);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_function_stands_behind_those_that_it_calls() {
        let place = |name: &str| FUNCTIONS.iter().position(|one| one.name == name);
        for (at, function) in FUNCTIONS.iter().enumerate() {
            for called in function.calls {
                assert!(place(called).is_some_and(|place| place < at), "{called}");
                assert!(function.text.contains(called), "{called}");
            }
        }
    }
}
