//! The functions of a runbook for bash: the questions that are asked before something is removed.
//!
//! Only those that a step calls are put in front of it, since shellcheck complains of others. Never knows a
//! step. Start at [`FUNCTIONS`].

use super::super::layout::ShellFunction;

/// All functions, each behind those that it calls.
pub(super) static FUNCTIONS: &[ShellFunction] = &[
    (
        "extension_names",
        r#"
# Publishers, types and names are compared without case, as Azure does.
shopt -s nocasematch

# Prints the names under which a machine has the managed identity extension: publisher and type decide,
# never the name. Takes `vm` or `vmss`, then the options of `az vm|vmss extension list`.
extension_names() {
    local publisher='publisher' type='typePropertiesType||virtualMachineExtensionType' lines name
    if [ "$1" = vmss ]; then
        publisher='publisher||properties.publisher'
        type='typePropertiesType||properties.type||type'
    fi
    lines=$(az "$1" extension list "${@:2}" --output tsv --query "[].[name,$publisher,$type]" </dev/null) || exit
    while IFS=$'\t' read -r name publisher type; do
        type=${type%$'\r'}
        if [[ ${publisher%$'\r'} == Microsoft.ManagedIdentity ]] &&
            [[ -z $type || $type == None || $type == ManagedIdentityExtensionFor* ]]; then
            printf '%s\n' "$name"
        fi
    done <<<"$lines"
}
"#,
    ),
    (
        "has_extension",
        r#"
# Whether a machine has the extension under NAME; an unclear answer ends the script. Takes NAME, then what
# `extension_names` takes.
has_extension() {
    local names name
    names=$(extension_names "${@:2}") || exit
    while IFS= read -r name; do
        if [[ -n $name && $name == "$1" ]]; then
            return 0
        fi
    done <<<"$names"
    if [ -n "$names" ]; then
        printf 'note: not under the name %q, but still there under: %q\n' "$1" "$names" >&2
    fi
    return 1
}
"#,
    ),
    (
        "show_outdated",
        r#"
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
    ),
    (
        "find_machines",
        r#"
# Prints the commands for the VMs of a group that have the extension, or for the scale sets whose model has
# it: a person chooses among them. Takes `vm` or `vmss`, then the options of `az vm|vmss list`.
find_machines() {
    local machines machine names name
    machines=$(az "$1" list "${@:2}" --output tsv --query '[].name' </dev/null) || exit
    while IFS= read -r machine; do
        machine=${machine%$'\r'}
        if [ -z "$machine" ]; then
            continue
        fi
        names=$(extension_names "$@" "--$1-name" "$machine") || exit
        while IFS= read -r name; do
            if [ -n "$name" ]; then
                printf 'az'
                printf ' %q' "$1" extension delete "${@:2}" "--$1-name" "$machine" -n "$name"
                printf '\n'
            fi
        done <<<"$names"
    done <<<"$machines"
}
"#,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::layout::called_functions;

    #[test]
    fn a_function_that_is_called_is_behind_those_that_it_calls() {
        let both = called_functions(FUNCTIONS, "if has_extension x vm; then\n");
        let place = |name: &str| both.find(&format!("{name}() {{"));
        assert!(place("extension_names") < place("has_extension"));
        assert!(place("extension_names").is_some() && place("find_machines").is_none());
        assert_eq!(called_functions(FUNCTIONS, "has_extensions x\n"), "");
    }
}
