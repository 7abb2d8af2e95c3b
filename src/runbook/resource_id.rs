//! Resource ids of machines and of extensions on them.
//!
//! Source: the resource id format of Azure Resource Manager
//! (`/subscriptions/S/resourceGroups/G/providers/NAMESPACE/TYPE/NAME[/TYPE/NAME…]`), whose words and names
//! are compared without case. Start at [`MachineId::parse`].

/// What carries the extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum MachineType {
    /// `Microsoft.Compute/virtualMachines`.
    VirtualMachine,
    /// `Microsoft.Compute/virtualMachineScaleSets`.
    ScaleSet,
}

/// A machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MachineId {
    pub(super) kind: MachineType,
    pub(super) subscription: String,
    pub(super) group: String,
    pub(super) name: String,
}

/// Kind, subscription, group and name in lower case.
pub(super) type MachineKey = (MachineType, String, String, String);

/// What an id names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ParsedId {
    Machine(MachineId),
    Extension(MachineId, String),
    /// An extension of one instance of a scale set.
    OfInstance {
        set: MachineId,
        instance: String,
        extension: String,
    },
    /// Something without extensions of VMs.
    Other,
}

impl MachineId {
    /// What an id names; `None` where it is none.
    pub(super) fn parse(id: &str) -> Option<ParsedId> {
        let mut parts = id.strip_prefix('/')?.split('/');
        let mut word = |expected: &str| {
            parts
                .next()
                .filter(|part| part.eq_ignore_ascii_case(expected))
        };
        word("subscriptions")?;
        let subscription = parts.next().filter(|part| !part.is_empty())?;
        let rest: Vec<&str> = parts.collect();
        let [groups, group, providers, namespace, kind, name, below @ ..] = rest.as_slice() else {
            return Some(ParsedId::Other);
        };
        let is = |part: &str, word: &str| part.eq_ignore_ascii_case(word);
        if !is(groups, "resourceGroups") || !is(providers, "providers") {
            return Some(ParsedId::Other);
        }
        let kind = match () {
            () if !is(namespace, "Microsoft.Compute") => return Some(ParsedId::Other),
            () if is(kind, "virtualMachines") => MachineType::VirtualMachine,
            () if is(kind, "virtualMachineScaleSets") => MachineType::ScaleSet,
            () => return Some(ParsedId::Other),
        };
        let machine = Self {
            kind,
            subscription: subscription.to_owned(),
            group: (*group).to_owned(),
            name: (*name).to_owned(),
        };
        Some(match below {
            [] => ParsedId::Machine(machine),
            [word, extension] if is(word, "extensions") => {
                ParsedId::Extension(machine, (*extension).to_owned())
            }
            [machines, instance, word, extension]
                if is(machines, "virtualMachines") && is(word, "extensions") =>
            {
                ParsedId::OfInstance {
                    set: machine,
                    instance: (*instance).to_owned(),
                    extension: (*extension).to_owned(),
                }
            }
            _ => ParsedId::Other,
        })
    }

    /// Equal for two spellings of one machine.
    pub(super) fn key(&self) -> MachineKey {
        (
            self.kind,
            self.subscription.to_lowercase(),
            self.group.to_lowercase(),
            self.name.to_lowercase(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VM: &str =
        "/subscriptions/s/resourcegroups/APPS/providers/microsoft.compute/virtualmachines/Web";

    #[test]
    fn words_of_an_id_are_read_in_any_case_and_names_are_kept() {
        let Some(ParsedId::Machine(machine)) = MachineId::parse(VM) else {
            panic!("{VM}");
        };
        assert_eq!(machine.kind, MachineType::VirtualMachine);
        assert_eq!(
            (machine.group.as_str(), machine.name.as_str()),
            ("APPS", "Web")
        );
        let other = VM
            .to_uppercase()
            .replace("/SUBSCRIPTIONS/S", "/subscriptions/S");
        let Some(ParsedId::Machine(other)) = MachineId::parse(&other) else {
            panic!("{other}");
        };
        assert_eq!(machine.key(), other.key());
    }

    #[test]
    fn an_extension_is_distinguished_from_one_of_an_instance() {
        let extension = MachineId::parse(&format!("{VM}/Extensions/msi"));
        assert!(matches!(extension, Some(ParsedId::Extension(_, name)) if name == "msi"));
        let set = VM.replace("virtualmachines", "virtualMachineScaleSets");
        let instance = MachineId::parse(&format!("{set}/virtualMachines/3/extensions/msi"));
        assert!(matches!(instance, Some(ParsedId::OfInstance { instance, .. }) if instance == "3"));
    }

    #[test]
    fn what_has_no_such_extensions_is_passed_over_and_a_name_is_no_id() {
        let disk = VM.replace("virtualmachines", "disks");
        assert_eq!(MachineId::parse(&disk), Some(ParsedId::Other));
        assert_eq!(MachineId::parse("/subscriptions/s"), Some(ParsedId::Other));
        for text in ["web", "", "/subscriptions//", "/providers/x"] {
            assert_eq!(MachineId::parse(text), None, "{text}");
        }
    }
}
