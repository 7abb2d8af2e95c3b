//! Resources, in groups that belong to one machine. Start at [`Group`].

/// A kind of resource.
pub(crate) struct Kind {
    type_name: &'static str,
    /// What its name ends with, behind the prefix; `@` represents the group's number.
    stem: &'static str,
    text: &'static str,
    /// The kinds of the same group that it waits for where they are there, the first of which counts most.
    waits_for: &'static [&'static str],
}

/// The kinds, in the order in which a group has them.
const KINDS: [Kind; 8] = [
    Kind {
        type_name: "Microsoft.Network/networkSecurityGroups",
        stem: "'-nsg@'",
        text: include_str!("resources/security_group.txt"),
        waits_for: &[],
    },
    Kind {
        type_name: "Microsoft.Network/virtualNetworks",
        stem: "'-vnet@'",
        text: include_str!("resources/network.txt"),
        waits_for: &["'-nsg@'"],
    },
    Kind {
        type_name: "Microsoft.Network/publicIPAddresses",
        stem: "'-ip@'",
        text: include_str!("resources/address.txt"),
        waits_for: &[],
    },
    Kind {
        type_name: "Microsoft.Network/networkInterfaces",
        stem: "'-nic@'",
        text: include_str!("resources/interface.txt"),
        waits_for: &["'-vnet@'", "'-ip@'"],
    },
    Kind {
        type_name: "Microsoft.Storage/storageAccounts",
        stem: "'diag@'",
        text: include_str!("resources/storage.txt"),
        waits_for: &[],
    },
    Kind {
        type_name: "Microsoft.Compute/virtualMachines",
        stem: "'-vm@'",
        text: include_str!("resources/machine.txt"),
        waits_for: &["'-nic@'", "'diag@'"],
    },
    Kind {
        type_name: "Microsoft.Compute/virtualMachines/extensions",
        stem: MSI,
        text: include_str!("resources/extension.txt"),
        waits_for: &["'-vm@'"],
    },
    Kind {
        type_name: "Microsoft.Compute/virtualMachines/extensions",
        stem: "'-vm@', '/install'",
        text: include_str!("resources/script.txt"),
        waits_for: &[MSI, "'-vm@'"],
    },
];

/// The stem of the extension.
const MSI: &str = "'-vm@', '/MSILinuxExtension'";

/// How many resources a group without the extension has.
pub(crate) const GROUP: usize = KINDS.len() - 1;

/// A scale set with the extension in its profile.
pub(crate) const SCALE_SET_WITH_EXTENSION: &str = include_str!("resources/scale_set.txt");

/// A machine and what belongs to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    pub(crate) number: usize,
    pub(crate) with_extension: bool,
}

/// A resource of a group.
#[derive(Clone, Copy)]
pub(crate) struct Planned {
    kind: &'static Kind,
    group: Group,
}

impl Group {
    /// Its resources, in an order in which each one waits for earlier ones only.
    pub(crate) fn resources(self) -> impl Iterator<Item = Planned> {
        let has = move |kind: &&'static Kind| kind.stem != MSI || self.with_extension;
        KINDS
            .iter()
            .filter(has)
            .map(move |kind| Planned { kind, group: self })
    }
}

impl Planned {
    /// What it waits for within its group, as entries of `dependsOn`.
    pub(crate) fn natural_edges(&self) -> Vec<String> {
        let stems = self.kind.waits_for.iter();
        let kinds = stems.filter_map(|stem| {
            let mut resources = self.group.resources();
            resources.find(|other| other.kind.stem == *stem)
        });
        kinds.map(|other| other.id()).collect()
    }

    /// Its id, as an entry of `dependsOn`.
    pub(crate) fn id(&self) -> String {
        let number = self.group.number.to_string();
        let (name, last) = match self.kind.stem.split_once(", ") {
            Some((machine, last)) => (machine, format!(", {}", last.replace('/', ""))),
            None => (self.kind.stem, String::new()),
        };
        format!(
            "[resourceId('{}', concat(parameters('prefix'), {}){last})]",
            self.kind.type_name,
            name.replace('@', &number)
        )
    }
}

/// The text of a resource with these entries of `dependsOn`, without a comma or a line end behind it.
pub(crate) fn resource(planned: &Planned, edges: Vec<String>) -> String {
    let text = planned.kind.text.trim_end();
    let text = text.replace('@', &planned.group.number.to_string());
    if edges.is_empty() {
        return text.replace("      \"dependsOn\": [],\n", "");
    }
    let entries: Vec<String> = edges
        .iter()
        .map(|edge| format!("        \"{edge}\""))
        .collect();
    let list = format!(
        "      \"dependsOn\": [\n{}\n      ],\n",
        entries.join(",\n")
    );
    match text.contains("\"dependsOn\": []") {
        true => text.replace("      \"dependsOn\": [],\n", &list),
        false => text.replacen(
            "      \"location\"",
            &format!("{list}      \"location\""),
            1,
        ),
    }
}
