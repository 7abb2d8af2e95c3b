//! The rules: one file per rule, each with its metadata, its detection and its repair.
//!
//! Knows the template model; never knows other rules, files on disk or output. A new rule is one
//! new file and one line in [`REGISTRY`]. Start at [`Rule`].

mod callers;
mod dangling_dependency;
mod duplicate_key;
mod expired_waiver;
mod extension_in_text;
mod extension_reference;
pub mod finding;
mod identities_default;
mod identity_api_version;
mod imperative_install;
mod lookalike;
mod malformed_waiver;
mod missing_identity;
mod msi_port;
mod needles;
mod orphaned_parameter;
mod orphaned_variable;
mod page;
mod phases;
mod provision_after;
mod removal;
mod stale_baseline;
mod template_strings;
mod texts;
mod token_endpoint;
mod undecided_order;
mod unparsable_template;
mod unused_waiver;
mod vm_extension;
mod vmss_extension;

use crate::arm::Orphan;

pub use finding::{Finding, Fix, Place, Related, Severity};
pub use needles::is_of_something_else;
pub use page::{description, page};
pub use phases::{
    Access, ByMachine, Context, Hold, IdentityPolicy, Mend, Policies, Removal, Repair, Root, Safety,
};

/// A rule's metadata: everything that reports, the README and the prefilter need to know of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The id in kebab-case, such as `vm-extension`.
    pub id: &'static str,
    /// What it finds, as one table cell.
    pub finds: &'static str,
    /// What `fix` does, as one table cell.
    pub fixes: &'static str,
    /// How bad its findings are, if nothing tells otherwise.
    pub severity: Severity,
    /// Texts, compared without ASCII case, of which at least one stands in every file that the
    /// rule can have a finding in, and not as part of [something else](is_of_something_else). A rule
    /// without needles needs another rule's finding.
    pub needles: &'static [&'static str],
    /// What mends its findings.
    pub remedy: Remedy,
    /// What its page has to say, in Markdown from the first heading on; see [`page`].
    pub page: &'static str,
}

impl Rule {
    /// Whether it is about what asks the extension for tokens, which a removal leaves without an answer.
    pub fn is_about_callers(&self) -> bool {
        [token_endpoint::RULE.id, msi_port::RULE.id].contains(&self.id)
    }
}

/// What mends the findings of a rule, where nothing holds that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// `fix`.
    Safe,
    /// `fix --unsafe-fixes`.
    Unsafe,
    /// `fix`, and `fix --unsafe-fixes` where that may change something the files do not show.
    Either,
    /// A person.
    None,
}

/// A rule and what it does in each phase of a run.
pub struct Registration {
    /// The rule.
    pub rule: &'static Rule,
    /// Phase (a): extensions, and whether they are removed.
    pub detect: fn(&Context<'_, '_>) -> Vec<Root>,
    /// Phase (b): repairs, given what is removed.
    pub repair: fn(&Context<'_, '_>, &Removal) -> Vec<Repair>,
    /// Phase (c): what becomes of something declared that nothing uses any more.
    pub clear: fn(&Context<'_, '_>, &Orphan) -> Option<Repair>,
}

impl Registration {
    const fn detects(rule: &'static Rule, detect: fn(&Context<'_, '_>) -> Vec<Root>) -> Self {
        Self {
            rule,
            detect,
            repair: |_, _| Vec::new(),
            clear: |_, _| None,
        }
    }

    const fn repairs(
        rule: &'static Rule,
        repair: fn(&Context<'_, '_>, &Removal) -> Vec<Repair>,
    ) -> Self {
        Self {
            rule,
            detect: |_| Vec::new(),
            repair,
            clear: |_, _| None,
        }
    }

    const fn clears(
        rule: &'static Rule,
        clear: fn(&Context<'_, '_>, &Orphan) -> Option<Repair>,
    ) -> Self {
        Self {
            rule,
            detect: |_| Vec::new(),
            repair: |_, _| Vec::new(),
            clear,
        }
    }
}

/// All rules, in the order of the README's table.
pub static REGISTRY: &[Registration] = &[
    Registration::detects(&vm_extension::RULE, vm_extension::detect),
    Registration::detects(&vmss_extension::RULE, vmss_extension::detect),
    Registration::repairs(&missing_identity::RULE, missing_identity::repair),
    Registration::repairs(&identity_api_version::RULE, identity_api_version::repair),
    Registration {
        rule: &dangling_dependency::RULE,
        detect: dangling_dependency::detect,
        repair: dangling_dependency::repair,
        clear: |_, _| None,
    },
    Registration::repairs(&extension_reference::RULE, extension_reference::repair),
    Registration::detects(&extension_in_text::RULE, extension_in_text::detect),
    Registration::clears(&orphaned_variable::RULE, orphaned_variable::clear),
    Registration::clears(&orphaned_parameter::RULE, orphaned_parameter::clear),
    Registration::detects(&identities_default::RULE, identities_default::detect),
    Registration::detects(&token_endpoint::RULE, |context| {
        template_strings::callers(context, &token_endpoint::RULE)
    }),
    Registration::detects(&msi_port::RULE, |context| {
        template_strings::callers(context, &msi_port::RULE)
    }),
    Registration::detects(&imperative_install::RULE, |context| {
        template_strings::callers(context, &imperative_install::RULE)
    }),
    Registration::detects(&lookalike::RULE, lookalike::detect),
    Registration::detects(&duplicate_key::RULE, duplicate_key::detect),
    Registration::detects(&unparsable_template::RULE, |_| Vec::new()),
    Registration::detects(&malformed_waiver::RULE, |_| Vec::new()),
    Registration::detects(&expired_waiver::RULE, |_| Vec::new()),
    Registration::detects(&unused_waiver::RULE, |_| Vec::new()),
    Registration::detects(&stale_baseline::RULE, |_| Vec::new()),
];

pub use callers::{Caller, Surroundings, asks_for_surroundings};
pub use expired_waiver::expired_waiver;
pub use malformed_waiver::malformed_waiver;
pub use stale_baseline::stale_baseline;
pub use template_strings::may_hold_a_caller;
pub use texts::{in_text, surroundings_of};
pub use unparsable_template::{too_large, undecodable, unparsable};
pub use unused_waiver::unused_waiver;

/// Whether the rule is about waivers or the baseline: what it finds can be neither waived nor taken
/// into a baseline.
pub fn is_about_suppression(rule: &Rule) -> bool {
    [
        &malformed_waiver::RULE,
        &expired_waiver::RULE,
        &unused_waiver::RULE,
        &stale_baseline::RULE,
    ]
    .contains(&rule)
}

/// A warning about a waiver or the baseline, which a person mends.
fn on_suppression(rule: &'static Rule, place: Place, message: String, help: String) -> Finding {
    Finding {
        rule,
        severity: rule.severity,
        message,
        place,
        related: Vec::new(),
        help: vec![help],
        fix: Fix::DisplayOnly,
    }
}

/// The rule called `id`.
pub fn rule(id: &str) -> Option<&'static Rule> {
    REGISTRY
        .iter()
        .map(|registration| registration.rule)
        .find(|rule| rule.id == id)
}
