//! Moves Azure template repositories off the managed identity VM extension and onto IMDS.
//!
//! The heart does no I/O: [`migrate::migrate`] takes a template's bytes and gives findings and
//! verified edits.
//!
//! ```
//! use msi2imds::migrate::{Options, migrate};
//!
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
//! let migration = migrate(template, &Options::default());
//! assert_eq!(migration.findings[0].rule.id, "vm-extension");
//! let fixed = migration.fixed.expect("there is an extension to remove");
//! assert!(String::from_utf8_lossy(&fixed.bytes).contains("\"resources\": []"));
//! ```
//!
//! The floors, each of which uses only those above it in this list: [`text`], [`json`], [`arm`] and
//! [`script`], [`rules`], [`migrate`], then [`repository`], [`report`] and [`runbook`], and [`cli`] at the
//! end.

pub mod arm;
pub mod cli;
pub mod extension;
pub mod json;
pub mod migrate;
pub mod report;
pub mod repository;
pub mod rules;
pub mod runbook;
pub mod script;
pub mod text;
