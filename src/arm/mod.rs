//! What ARM templates mean: expressions, scopes, resources, the dependency graph, extensions and
//! identities.
//!
//! Knows the document below it; never knows what a rule makes of it. Start at [`Model`].

pub mod expression;

mod answers;
mod circles;
mod consumers;
mod contraction;
mod cuts;
mod declared_edge;
mod described;
mod embedding;
mod extension;
mod flow;
mod graph;
mod identities_default;
mod identity;
mod inheritance;
mod instances;
mod linked_template;
mod listed;
mod model;
mod named;
mod names;
mod nesting;
mod order;
mod parts;
mod passers;
mod places;
mod policy;
mod reachability;
mod recognition;
mod resource;
mod resource_id;
mod scope;
mod sites;
mod sources;
mod usage;
mod uses;
mod whereabouts;

pub use answers::Candidates;
pub use circles::circular;
pub use consumers::Cut;
pub use contraction::{Obstacle, Rewiring, Rewrite, contract};
pub use cuts::cut_out;
pub use declared_edge::{DeclaredEdge, edge_to};
pub use described::Datum;
pub use extension::{Extension, Home, StrayExtension, extensions, stray_extensions};
pub use graph::{Edge, Origin, Reach, resolved_target};
pub use identities_default::{Host, IdentityParts, IdentityRead, identity_reads};
pub use identity::{
    ApiVersion, IdentityBlock, identity_block, lacks_system_identity, takes_identity,
};
pub use inheritance::{Inherited, Instances, contracted_edges};
pub use linked_template::{Link, linked_paths};
pub use model::{DependsOn, Model, Resource, ResourceIndex, is_template, is_template_source};

pub use parts::ProvisionAfter;
pub use passers::{Passers, passed_in_vain};
pub use places::MachineIdentity;
pub use policy::policy_asks_for;
pub use recognition::Recognition;
pub use resource_id::{Target, target};
pub use scope::Case;
pub use sites::ExpressionSite;
pub use sources::{Sources, companion_kind, template_of_parameter_file, templates_of_companion};
pub use usage::{Orphan, lost_declaration, orphans};
pub use uses::Declared;
pub use whereabouts::{Said, Whereabouts};
