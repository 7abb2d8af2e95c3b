//! One resource of a template, as its own object and its place say. Never knows other resources. Start at
//! [`Resource`].

use crate::json::NodeId;

use super::expression::Text;

/// The place of a resource in [`super::Model::resources`].
pub type ResourceIndex = usize;

/// A resource's `dependsOn`.
#[derive(Clone, Debug)]
pub struct DependsOn {
    /// The key of the member.
    pub key: NodeId,
    /// Its array; `None` where it is something else.
    pub array: Option<NodeId>,
    /// The entries.
    pub entries: Vec<NodeId>,
}

/// One resource of a template.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its object.
    pub node: NodeId,
    /// The template it is deployed by, as an index; edges never leave a template.
    pub template: usize,
    /// Its symbolic name, where the template's resources have such.
    pub symbol: Option<String>,
    /// Whether an earlier member has the same symbolic name, and would be deployed without this one.
    pub overrides: bool,
    /// Whether it is only read: the template does not deploy it.
    pub existing: bool,
    /// The resource in whose `resources` it is.
    pub parent: Option<ResourceIndex>,
    /// Its full type in lower case, without slashes at the ends; empty where it is no literal.
    pub type_name: String,
    /// Its full name; `None` where it cannot be evaluated to a text.
    pub name: Option<Text>,
    /// For a nested child with a short type: its own name without the parent's.
    pub short_name: Option<Text>,
    /// Type and name in one key, as [`super::Target::Id`] has it; `None` too where the name is never
    /// the same as another.
    pub key: Option<String>,
    /// The value of `condition`; `None` too where that is certainly true.
    pub condition: Option<NodeId>,
    /// The name of the copy loop that it is in: its own, or that of the resource around it.
    pub loop_name: Option<String>,
    /// Whether it is in a copy loop, named or not.
    pub looped: bool,
    /// Whether the loop is its own. A nested child is there for each instance of its parent, but the
    /// loop's name means those who declare it.
    pub copies: bool,
    /// What it depends on by `dependsOn`.
    pub depends_on: Option<DependsOn>,
}
