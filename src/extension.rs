//! What the managed identity VM extension is called: its publisher, types, previews and ports.
//!
//! Never knows where it is declared. A new name is a line here; recognition, the scan's needles and
//! the rules for texts read it.

/// The publisher. It is also a resource provider's name.
pub const PUBLISHER: &str = "Microsoft.ManagedIdentity";

/// The types, which only this publisher shipped.
pub const TYPES: [&str; 2] = [
    "ManagedIdentityExtensionForWindows",
    "ManagedIdentityExtensionForLinux",
];

/// How the types start.
pub const TYPE_PREFIX: &str = "ManagedIdentityExtensionFor";

/// Publishers of previews and tests that carried an extension of the same kind.
pub const PREVIEWS: [&str; 2] = [
    "Microsoft.ManagedIdentity.Edp",
    "Microsoft.Azure.Test.Identity",
];

/// The port of the endpoint, and the one that container service templates gave it.
pub const PORTS: [u32; 2] = [50342, 50343];

/// A part of every name, in lower case: of the publisher, the types and the folder of the logs.
pub const WORD: &str = "managedidentity";

/// The folder that the extension leaves on a Linux machine, in lower case.
pub const LOG_FOLDER: &str =
    "/var/log/azure/microsoft.managedidentity.managedidentityextensionforlinux";
