//! The dependency graph: which resources a text names, what each resource depends on, and what becomes of that
//! where some are removed.
//!
//! Never knows why something is removed. Start at [`Edge`], [`Model::reach`](super::Model::reach) and
//! [`contract`].

mod candidates;
mod contraction;
mod cycles;
mod dependency_list;
mod edges;
mod inheritance;
mod lookup;
mod names;
mod new_edges;
mod reachability;

pub use candidates::Candidates;
pub use contraction::{DependentRepair, Obstacle, Rewrite, contract};
pub use cycles::circular;
pub(super) use edges::edges;
pub use edges::{Edge, Origin, Reach, resolved_target};
pub use inheritance::{Inherited, Instances, contracted_edges};
pub(super) use lookup::{CaseNames, Instance};
pub(super) use names::{NameKind, Names, loop_family};
pub use new_edges::{DeclaredEdge, edge_to};
