//! What ARM templates mean: expressions, scopes, resources, the dependency graph, extensions and
//! identities.
//!
//! Knows the document below it; never knows what a rule makes of it. Start at [`Model`].

pub mod expression;

mod contraction;
mod declarations;
mod extension;
mod graph;
mod identity;
mod inheritance;
mod linked_template;
mod model;
mod names;
mod orphans;
mod resource_id;
mod scope;
mod sites;
mod use_sites;
mod used;
mod uses;

pub use contraction::{Rewiring, Rewrite, contract};
pub use extension::{Extension, Home, ProvisionAfter, Recognition, extensions, stray_extensions};
pub use graph::{Edge, Origin, Reach, runtime_target};
pub use identity::{ApiVersion, IdentityBlock, IdentityShape, identity_block, identity_shape};
pub use inheritance::{Inherited, Instances, contracted_edges};
pub use linked_template::Link;
pub use model::{DependsOn, Model, Resource, ResourceIndex, is_template};
pub use orphans::{Orphan, lost_declaration, orphans};
pub use resource_id::{Target, target};
pub use sites::ExpressionSite;
pub use uses::Declared;
