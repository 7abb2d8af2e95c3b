//! The runbook: what a migration of templates leaves on the machines that run, as commands to take it off.
//!
//! In go facts of what was removed and inventories of live resources; out comes a script for bash or
//! PowerShell that may be read, run, stopped and run again. It asks Azure before each removal whether the
//! extension is there, by publisher and type, deletes nothing else, and ends at the first real error.
//! Whatever is in a name, it is one word of a command, or part of one line of a comment. Never knows the
//! bytes of a template, the command line, or what is on disk. Start at [`Runbook`].

mod bash;
mod inventory;
mod layout;
mod opening;
mod powershell;
mod quoting;
mod resource_id;
mod steps;

pub use inventory::{INVENTORY_QUERY, Inventory, InventoryError};
pub use steps::{PlacedNote, RemovalFacts, Runbook};

/// The shell that a runbook is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Shell {
    /// The Azure CLI in bash
    Bash,
    /// The Az modules in PowerShell
    #[cfg_attr(feature = "cli", value(name = "powershell"))]
    PowerShell,
}

impl Runbook {
    /// The script: printable ASCII and line feeds, without a log command.
    pub fn script(&self, shell: Shell) -> String {
        match shell {
            Shell::Bash => bash::render(self),
            Shell::PowerShell => powershell::render(self),
        }
    }
}
