//! What ARM templates mean: expressions, scopes, resources, the dependency graph, extensions and
//! identities.
//!
//! Knows the document below it; never knows what a rule makes of it. Start at [`Model`].

pub mod expression;

mod consumers;
mod cuts;
mod described;
mod discovery;
mod embedding;
mod extension;
mod flow;
mod graph;
mod identities_default;
mod identity;
mod instances;
mod linked_template;
mod machines;
mod model;
mod named;
mod nesting;
mod order;
mod parts;
mod passers;
mod places;
mod policy;
mod recognition;
mod resource;
mod resource_id;
mod scope;
mod sites;
mod sources;
mod strays;
mod usage;
mod uses;
mod whereabouts;

pub use consumers::Cut;
pub use cuts::cut_out;
pub use discovery::extensions;
pub use extension::{Extension, Home, SharedEntry};
pub use graph::{
    Candidates, DeclaredEdge, DependentRepair, Edge, Inherited, Instances, Obstacle, Origin, Reach,
    Rewrite, circular, contract, contracted_edges, edge_to, resolved_target,
};
pub use identities_default::{Host, IdentityParts, IdentityRead, identity_reads};
pub use identity::{
    ApiVersion, IdentityBlock, identity_block, lacks_system_identity, takes_identity,
};
pub use linked_template::{Link, linked_paths};
pub use model::{DependsOn, Model, Resource, ResourceIndex, is_template, is_template_source};
pub use parts::ProvisionAfter;
pub use passers::{ParameterSources, passed_in_vain};
pub use places::MachineIdentity;
pub use policy::policy_asks_for;
pub use recognition::Recognition;
pub use resource_id::{Target, target};
pub use scope::Case;
pub use sites::ExpressionSite;
pub use sources::{Sources, companion_kind, template_of_parameter_file, templates_of_companion};
pub use strays::{StrayExtension, stray_extensions};
pub use usage::{Orphan, lost_declaration, orphans};
pub use uses::Declared;
pub use whereabouts::{DeployedTo, Said};
