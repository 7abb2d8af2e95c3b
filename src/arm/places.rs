//! Where extensions of machines are declared, by the type of the resource, and what is done about them.
//!
//! Source: the template reference of each resource type. Never knows which extension it is. Start at
//! [`PLACES`].

/// A place for extensions.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The full type of the resource, in lower case.
    pub(super) resource_type: &'static str,
    /// The way from the resource to the list of entries, on which `*` is every element of a list;
    /// nothing where the resource itself is the extension.
    pub(super) list: &'static [&'static str],
    /// What an extension looks like there.
    pub(super) shape: Shape,
    /// What its machine takes as identity.
    pub(super) identity: MachineIdentity,
    /// Why the extension is not removed there, if it is not.
    pub(super) kept: Option<&'static str>,
}

/// What an extension looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A name, and `properties` with publisher and type.
    Nested,
    /// All members at one level.
    Flat,
}

/// What a machine takes as identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MachineIdentity {
    /// An `identity` block beside `type`, of any kind.
    Block,
    /// Identities that were made before, at this member of the resource, and no other.
    UserAssigned(&'static [&'static str]),
}

const PER_INSTANCE: &str = "the extension is set on a single instance of a scale set, and the scale \
                            set's model may add it again";
const FLEET: &str =
    "Azure does not document what a fleet does to its machines when their profile changes";
const BULK: &str = "Azure does not document what a second deployment of a bulk action does to its \
                    machines";

/// A resource that is itself the extension of a machine with an `identity` block.
const RESOURCE: Place = Place {
    resource_type: "",
    list: &[],
    shape: Shape::Nested,
    identity: MachineIdentity::Block,
    kept: None,
};

/// The places that are known.
pub(super) static PLACES: &[Place] = &[
    Place {
        resource_type: "microsoft.compute/virtualmachines/extensions",
        ..RESOURCE
    },
    Place {
        resource_type: "microsoft.compute/virtualmachinescalesets/extensions",
        ..RESOURCE
    },
    Place {
        resource_type: "microsoft.compute/virtualmachinescalesets/virtualmachines/extensions",
        kept: Some(PER_INSTANCE),
        ..RESOURCE
    },
    Place {
        resource_type: "microsoft.compute/virtualmachinescalesets",
        list: &[
            "properties",
            "virtualMachineProfile",
            "extensionProfile",
            "extensions",
        ],
        ..RESOURCE
    },
    Place {
        resource_type: "microsoft.servicefabric/managedclusters/nodetypes",
        list: &["properties", "vmExtensions"],
        identity: MachineIdentity::UserAssigned(&[
            "properties",
            "vmManagedIdentity",
            "userAssignedIdentities",
        ]),
        ..RESOURCE
    },
    Place {
        resource_type: "microsoft.batch/batchaccounts/pools",
        list: &[
            "properties",
            "deploymentConfiguration",
            "virtualMachineConfiguration",
            "extensions",
        ],
        shape: Shape::Flat,
        identity: MachineIdentity::UserAssigned(&["identity", "userAssignedIdentities"]),
        ..RESOURCE
    },
    Place {
        resource_type: "microsoft.azurefleet/fleets",
        list: &[
            "properties",
            "computeProfile",
            "baseVirtualMachineProfile",
            "extensionProfile",
            "extensions",
        ],
        kept: Some(FLEET),
        ..RESOURCE
    },
    Place {
        resource_type: "microsoft.azurefleet/fleets",
        list: &[
            "properties",
            "additionalLocationsProfile",
            "locationProfiles",
            "*",
            "virtualMachineProfileOverride",
            "extensionProfile",
            "extensions",
        ],
        kept: Some(FLEET),
        ..RESOURCE
    },
];

/// What is said of the extension anywhere in resources whose types start so.
static HOSTS: &[(&str, Stray)] = &[
    ("microsoft.azurefleet/", Stray::Kept(FLEET)),
    ("microsoft.computebulkactions/", Stray::Kept(BULK)),
    ("microsoft.compute/bulkactions", Stray::Kept(BULK)),
    ("microsoft.hybridcompute/", Stray::AnotherHost),
    ("microsoft.connectedvmwarevsphere/", Stray::AnotherHost),
    ("microsoft.scvmm/", Stray::AnotherHost),
    ("microsoft.azurestackhci/", Stray::AnotherHost),
    ("microsoft.compute/cloudservices", Stray::AnotherHost),
];

/// What to make of the extension's publisher and type away from the [`PLACES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stray {
    /// It is the extension, and stays for this reason.
    Kept(&'static str),
    /// It has the shape only: these hosts are no virtual machines of Azure.
    AnotherHost,
    /// Who takes it is unknown.
    Unknown,
}

/// The places in a resource of type `resource_type`, which is in lower case.
pub(super) fn places(resource_type: &str) -> impl Iterator<Item = &'static Place> {
    PLACES
        .iter()
        .filter(move |place| place.resource_type == resource_type)
}

/// What to make of the extension somewhere in a resource of type `resource_type`.
pub(super) fn stray(resource_type: &str) -> Stray {
    let row = HOSTS
        .iter()
        .find(|(start, _)| resource_type.starts_with(start));
    row.map_or(Stray::Unknown, |(_, stray)| *stray)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_lower_case_so_that_types_are_found() {
        let types = PLACES.iter().map(|place| place.resource_type);
        for name in types.chain(HOSTS.iter().map(|(start, _)| *start)) {
            assert_eq!(name, name.to_ascii_lowercase());
        }
    }

    #[test]
    fn machines_that_are_not_azures_are_other_hosts() {
        for name in [
            "microsoft.hybridcompute/machines/extensions",
            "microsoft.connectedvmwarevsphere/virtualmachines/extensions",
            "microsoft.scvmm/virtualmachines/extensions",
            "microsoft.azurestackhci/clusters/arcsettings/extensions",
            "microsoft.compute/cloudservices",
        ] {
            assert_eq!(stray(name), Stray::AnotherHost, "{name}");
            assert_eq!(places(name).count(), 0, "{name}");
        }
        assert_eq!(stray("microsoft.compute/virtualmachines"), Stray::Unknown);
    }

    #[test]
    fn only_a_list_has_entries_that_are_flat() {
        for place in PLACES {
            assert!(place.shape == Shape::Nested || !place.list.is_empty());
        }
    }
}
