//! Moves Azure template repositories off the managed identity VM extension and onto IMDS.
//!
//! A [`Migrator`] takes bytes and gives an [`Outcome`]: findings, and a verified result. It reads and writes
//! no file, but for [`Migrator::folder`], which reads.
//!
//! ```
//! use msi2imds::{Error, Migrator};
//!
//! # fn main() -> Result<(), Error> {
//! let template = br#"{
//!   "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
//!   "contentVersion": "1.0.0.0",
//!   "resources": [
//!     {
//!       "type": "Microsoft.Compute/virtualMachines/extensions",
//!       "apiVersion": "2018-06-01",
//!       "name": "build/msi",
//!       "properties": {
//!         "publisher": "Microsoft.ManagedIdentity",
//!         "type": "ManagedIdentityExtensionForLinux"
//!       }
//!     }
//!   ]
//! }
//! "#;
//! let outcome = Migrator::default().template(template)?;
//! assert_eq!(outcome.findings[0].rule.id, "vm-extension");
//! let fixed = outcome.fixed.expect("there is an extension to remove");
//! assert!(String::from_utf8_lossy(&fixed.bytes).contains("\"resources\": []"));
//! # Ok(())
//! # }
//! ```
//!
//! The feature `repository` adds folders, `cli` (default) the program. Without both, nothing here touches a
//! disk, and the library needs few other crates.
//!
//! The modules are those of the program. They are open to its own tests and may change in any version;
//! `docs/architecture.md` describes them.

#[doc(hidden)]
pub mod arm;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod extension;
#[cfg(feature = "repository")]
mod folder;
#[doc(hidden)]
pub mod json;
#[doc(hidden)]
pub mod migrate;
mod migrator;
#[cfg(feature = "repository")]
#[doc(hidden)]
pub mod report;
#[cfg(feature = "repository")]
#[doc(hidden)]
pub mod repository;
#[doc(hidden)]
pub mod rules;
#[cfg(feature = "repository")]
#[doc(hidden)]
pub mod runbook;
#[doc(hidden)]
pub mod script;
#[cfg(feature = "repository")]
mod session;
#[doc(hidden)]
pub mod text;

#[cfg(feature = "repository")]
pub use folder::{FileOutcome, FolderOutcome};
pub use json::{JsonPath, JsonPathError};
pub use migrate::{
    Baseline, BaselineEntry, BaselineError, Date, Deployment, Fate, Fixed, Options, Picture,
    PictureEdge, PictureNode, Removed, Source, TemplateName, Waiver,
};
pub use migrator::{Error, Migrator, Outcome};
pub use rules::{
    Finding, Fix, Hold, HoldCode, IdentityPolicy, Machine, MachineKind, Place, Related, Remedy,
    Rule, Severity, SuppressedBy, Surroundings,
};
pub use text::{Edit, LineIndex, Position};
