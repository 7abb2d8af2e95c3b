//! A run over files: sets of files that belong together in, what became of them out.
//!
//! Knows which configuration, waivers and baseline hold for which file, and writes what is fixed. Never
//! prints, and never knows flags, streams, colours or exit codes. Start at [`Session::run`].

mod baseline;
mod configuration;
mod facts;
mod gather;
mod goal;
mod input;
mod listing;
mod not_looked_into;
mod overrides;
mod patch;
mod run;
mod searches;
mod set;
mod untrusted;

pub(crate) use baseline::BaselineFile;
pub(crate) use configuration::Configuration;
pub(crate) use goal::Goal;
pub(crate) use input::{Input, Text};
pub(crate) use overrides::Overrides;
pub(crate) use run::{Ran, Session};
pub(crate) use set::migrated;
pub(crate) use untrusted::UntrustedTrees;
