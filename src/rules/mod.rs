//! The rules: one file per rule, each with its metadata, its detection and its repair.
//!
//! Knows the template model; never knows other rules, files on disk or output. A new rule is its file,
//! its page and one line in [`REGISTRY`]; what holds a fix has a code in [`HoldCode`]. Start at [`Rule`].

mod callers;
mod dangling_dependency;
mod duplicate_key;
mod endpoint;
mod expired_waiver;
mod expression_texts;
mod extension_in_text;
mod extension_reference;
pub mod finding;
mod hold;
mod identities_default;
mod identity_api_version;
mod imperative_install;
mod lookalike;
mod machine;
mod malformed_waiver;
mod missing_identity;
mod msi_port;
mod needles;
mod net;
mod orphaned_parameter;
mod orphaned_variable;
mod page;
mod phases;
mod provision_after;
mod removal;
mod replacement;
mod stale_baseline;
mod surroundings;
mod template_strings;
mod texts;
mod token_endpoint;
mod undecided_order;
mod unparsable_template;
mod unused_waiver;
mod vm_extension;
mod vmss_extension;

use crate::arm::Orphan;
use crate::script::Part;

use callers::Setting;

pub(crate) use finding::FindingKey;
pub use finding::{Finding, Fix, Place, Related, Severity, SuppressedBy};
pub use hold::{Hold, HoldCode, holds_page};
pub use machine::{Machine, MachineKind};
pub use needles::is_of_something_else;
pub use page::{NOTICE, description, page};
pub use phases::{
    Access, ByMachine, Context, IdentityPolicy, OwnFix, Policies, Removal, Repair, Root, Safety,
};

/// All that there is to know of a rule. A new rule is its file, its page and one line in [`REGISTRY`]:
/// its `RULE` names the functions that the pipeline calls and the kinds of change that the gate lets
/// pass, and takes the rest from [`Rule::DEFAULT`].
#[derive(Debug)]
pub struct Rule {
    /// The id in kebab-case, such as `vm-extension`.
    pub id: &'static str,
    /// What it finds, as one table cell.
    pub finds: &'static str,
    /// What `fix` does, as one table cell.
    pub fixes: &'static str,
    /// The highest severity of its findings.
    pub severity: Severity,
    /// Texts, compared without ASCII case, of which at least one is in every file that the
    /// rule can have a finding in, and not as part of [something else](is_of_something_else). A rule
    /// without needles needs another rule's finding.
    pub needles: &'static [&'static str],
    /// What fixes its findings.
    pub remedy: Remedy,
    /// Its page, in Markdown from the first heading on; see `page`.
    pub page: &'static str,
    /// What its findings are about.
    pub about: About,
    /// The kinds of change that its operations may make. The gate refuses an operation of a kind that no
    /// rule names.
    pub changes: &'static [Change],
    /// Phase (a): extensions, and whether they are removed.
    pub detect: Option<fn(&Context<'_, '_>) -> Vec<Root>>,
    /// Phase (b): repairs, given what is removed.
    pub repair: Option<fn(&Context<'_, '_>, &Removal) -> Vec<Repair>>,
    /// Phase (c): what becomes of a declaration that nothing uses any more.
    pub clear: Option<fn(&Context<'_, '_>, &Orphan) -> Option<Repair>>,
    /// What it finds in scripts, code and documents, and in strings of templates.
    pub(super) in_text: Option<fn(&Part<'_>, &Setting) -> Vec<Caller>>,
}

impl Rule {
    /// A rule that finds and changes nothing.
    pub const DEFAULT: Self = Self {
        id: "",
        finds: "",
        fixes: "",
        severity: Severity::Note,
        needles: &[],
        remedy: Remedy::None,
        page: "",
        about: About::Template,
        changes: &[],
        detect: None,
        repair: None,
        clear: None,
        in_text: None,
    };
}

/// Rules are distinguished by their ids.
impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Rule {}

/// What the findings of a rule are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A declaration of the extension itself.
    Extension,
    /// What the removal of an extension changes around it.
    Migration,
    /// The extension in a text, a command or a look-alike: nothing removes it there.
    Mention,
    /// A caller of the extension's endpoint.
    Caller,
    /// The template as such.
    Template,
    /// A waiver or the baseline: its findings can be neither waived nor taken into a baseline.
    Suppression,
}

/// A kind of change that an operation makes to a template. A new kind is a variant here and its check in
/// `migrate::verify`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Takes an extension out of its list.
    RemoveExtension,
    /// Changes an entry of `dependsOn` or `provisionAfterExtensions`, or adds one.
    RewriteOrder,
    /// Adds an edge that the original does not have.
    AddEdge,
    /// Adds an identity block.
    AddIdentity,
    /// Raises an apiVersion.
    RaiseApiVersion,
    /// Replaces what a string reads at run time.
    ReplaceRead,
    /// Rewrites a caller in a string.
    RewriteCaller,
    /// Removes a variable.
    RemoveVariable,
}

/// Whether a rule may make changes of this kind.
pub fn may_make(change: Change) -> bool {
    REGISTRY.iter().any(|rule| rule.changes.contains(&change))
}

/// What fixes the findings of a rule, where nothing holds that.
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

/// All rules, in the order of the README's table.
pub static REGISTRY: &[&Rule] = &[
    &vm_extension::RULE,
    &vmss_extension::RULE,
    &missing_identity::RULE,
    &identity_api_version::RULE,
    &dangling_dependency::RULE,
    &extension_reference::RULE,
    &extension_in_text::RULE,
    &orphaned_variable::RULE,
    &orphaned_parameter::RULE,
    &identities_default::RULE,
    &token_endpoint::RULE,
    &msi_port::RULE,
    &imperative_install::RULE,
    &lookalike::RULE,
    &duplicate_key::RULE,
    &unparsable_template::RULE,
    &malformed_waiver::RULE,
    &expired_waiver::RULE,
    &unused_waiver::RULE,
    &stale_baseline::RULE,
];

pub use callers::Caller;
pub use expired_waiver::expired_waiver;
pub use malformed_waiver::malformed_waiver;
pub use stale_baseline::stale_baseline;
pub use surroundings::{Surroundings, asks_for_surroundings};
pub use template_strings::may_hold_a_caller;
pub use texts::{in_other_text, in_text};
pub use unparsable_template::{too_large, undecodable, unparsable};
pub use unused_waiver::unused_waiver;

/// Whether the rule is about waivers or the baseline: its findings can be neither waived nor taken
/// into a baseline.
pub fn is_about_suppression(rule: &Rule) -> bool {
    rule.about == About::Suppression
}

/// A warning about a waiver or the baseline, which a person fixes.
fn on_suppression(rule: &'static Rule, place: Place, message: String, help: String) -> Finding {
    Finding::new(rule, place, message).with_help([help])
}

/// What the rules find in a text, wherever it is.
fn in_part(part: &Part<'_>, setting: &Setting) -> Vec<Caller> {
    let rules = REGISTRY.iter().filter_map(|rule| rule.in_text);
    rules.flat_map(|find| find(part, setting)).collect()
}

/// The rule called `id`.
pub fn rule(id: &str) -> Option<&'static Rule> {
    REGISTRY.iter().copied().find(|rule| rule.id == id)
}
