//! Whether the operations touch only what a migration may touch.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::arm::{ApiVersion, Cut, DeclaredEdge};
use crate::json::surgery::Operation;
use crate::json::{Document, NodeId};
use crate::rules::{self, Change, Context, Removal, may_make};

use super::Fault;

/// Checks that `operations` remove the extensions that `removal` says, and else only write to lists
/// of what waits or comes after, take out variables, and give those machines an identity that
/// carried an extension.
///
/// An `apiVersion` may change only with `unsafe_fixes`. What reads at run
/// time may read something else, and what `edges` declare may wait.
pub(in crate::migrate) fn operations(
    context: &Context<'_, '_>,
    removal: &Removal,
    edges: &[DeclaredEdge],
    operations: &[Operation],
    unsafe_fixes: bool,
) -> Result<(), Fault> {
    let permitted = Permitted::new(context, removal, edges, unsafe_fixes);
    let document = context.model.document();
    for operation in operations {
        let (node, fits) = match operation {
            Operation::RemoveElement { element, .. } => {
                let fits = may_make(Change::RemoveExtension)
                    && (permitted.extensions.contains(element) || permitted.cuts.contains(element))
                    || may_make(Change::RewriteOrder) && permitted.is_entry(*element)
                    || may_make(Change::RemoveVariable) && permitted.is_variable_copy(*element);
                (*element, fits)
            }
            // A resource with a symbolic name goes with its key.
            Operation::RemoveMember { key } => {
                let member = document.value(*key);
                let goes = member.is_some_and(|member| permitted.extensions.contains(&member));
                let fits = may_make(Change::RemoveExtension) && goes
                    || may_make(Change::RemoveVariable) && permitted.is_variable(*key);
                (*key, fits)
            }
            Operation::Replace { node, raw } => {
                let raised = permitted.versions.contains(node) && is_raised(raw);
                let fits = may_make(Change::RewriteOrder) && permitted.is_entry(*node)
                    || may_make(Change::RaiseApiVersion) && raised;
                (*node, fits)
            }
            Operation::ReplaceText { node, .. } => {
                let fits = may_make(Change::ReplaceRead) && permitted.reads(*node)
                    || may_make(Change::RemoveExtension) && permitted.cuts.contains(node)
                    || may_make(Change::RewriteCaller)
                        && rules::may_hold_a_caller(document.raw(*node));
                (*node, fits)
            }
            Operation::InsertElement { array, .. } => (
                *array,
                may_make(Change::RewriteOrder) && permitted.lists.contains(array),
            ),
            Operation::InsertMember {
                object,
                name,
                value,
                ..
            } => {
                let adds_edge = name == "dependsOn" && permitted.waiting.contains(object);
                let fits = may_make(Change::AddIdentity)
                    && permitted.takes_identity(*object, name, value)
                    || may_make(Change::AddEdge) && adds_edge;
                (*object, fits)
            }
        };
        if !fits {
            return Err(Fault::new(format!(
                "unexpected change at {}",
                document.path(node)
            )));
        }
    }
    let removed = operations.iter().filter_map(|operation| match operation {
        Operation::RemoveElement { element, .. } => Some(*element),
        Operation::RemoveMember { key } => document.value(*key),
        // A call that makes the extension goes out of its string.
        Operation::ReplaceText { node, .. } => permitted.cuts.contains(node).then_some(*node),
        _ => None,
    });
    let removed: HashSet<NodeId> = removed.collect();
    if permitted.extensions.is_subset(&removed) {
        Ok(())
    } else {
        Err(Fault::new("an extension remains that the plan removes"))
    }
}

/// Whether the text is the only apiVersion that another one is raised to, in whatever quotes.
fn is_raised(raw: &[u8]) -> bool {
    let document = Document::parse(raw);
    let text = document.root().and_then(|root| document.string(root));
    text.as_deref() == Some("2018-06-01")
}

struct Permitted<'c, 'm, 'd> {
    context: &'c Context<'m, 'd>,
    /// The objects of the extensions that go.
    extensions: HashSet<NodeId>,
    /// What takes them out of the lists that they are in by an expression: elements, and strings with
    /// calls that lose arguments.
    cuts: HashSet<NodeId>,
    /// The arrays of `dependsOn` and `provisionAfterExtensions`.
    lists: HashSet<NodeId>,
    /// The objects of the machines that lose an extension.
    machines: HashSet<NodeId>,
    /// The values of their API versions, where these may change.
    versions: HashSet<NodeId>,
    /// The objects of the resources that get an edge of their own.
    waiting: HashSet<NodeId>,
}

impl<'c, 'm, 'd> Permitted<'c, 'm, 'd> {
    fn new(
        context: &'c Context<'m, 'd>,
        removal: &Removal,
        edges: &[DeclaredEdge],
        unsafe_fixes: bool,
    ) -> Self {
        let gone = || context.extensions_at(&removal.extensions);
        let machines = || gone().flat_map(|extension| extension.machines.iter().copied());
        let versions =
            machines().filter_map(|machine| match ApiVersion::of(context.model, machine) {
                ApiVersion::Known { node, .. } => Some(node),
                ApiVersion::Unknown => None,
            });
        let waits = context.model.resources().iter();
        let waits = waits.filter_map(|resource| resource.depends_on.as_ref()?.array);
        let orders = context.extensions.iter();
        let orders = orders.filter_map(|extension| Some(extension.provision_after.as_ref()?.value));
        let objects = || machines().filter_map(|machine| context.model.resource(machine));
        let waiting = edges.iter();
        let waiting = waiting.filter_map(|edge| Some(context.model.resource(edge.resource)?.node));
        Self {
            context,
            waiting: waiting.collect(),
            extensions: gone().map(|extension| extension.node).collect(),
            cuts: gone()
                .filter_map(|extension| extension.datum.as_ref())
                .flat_map(|datum| &datum.cuts)
                .map(|cut| match cut {
                    Cut::Element(node) | Cut::Argument { string: node, .. } => *node,
                })
                .collect(),
            lists: waits.chain(orders).collect(),
            machines: objects().map(|machine| machine.node).collect(),
            versions: if unsafe_fixes {
                versions.collect()
            } else {
                HashSet::new()
            },
        }
    }

    fn is_entry(&self, node: NodeId) -> bool {
        let list = self.context.model.document().parent(node);
        list.is_some_and(|list| self.lists.contains(&list))
    }

    /// Whether the string reads something at run time, so that what it reads may be replaced.
    fn reads(&self, node: NodeId) -> bool {
        let text = self.context.model.document().string(node);
        text.is_some_and(|text| text.to_ascii_lowercase().contains("reference("))
    }

    /// Whether the member is in the `variables` of a template. That nothing uses it is checked
    /// in the result.
    fn is_variable(&self, key: NodeId) -> bool {
        let document = self.context.model.document();
        self.is_in_section(key, "variables", |template| {
            document.key(template, "resources").is_some()
        })
    }

    /// Whether the member is in the section called `name` of an object of which `holds` is true.
    fn is_in_section(&self, key: NodeId, name: &str, holds: impl Fn(NodeId) -> bool) -> bool {
        let document = self.context.model.document();
        let object = document.parent(key);
        let section = object.and_then(|object| document.parent(object));
        let section = section.filter(|section| document.is_called(*section, name));
        section
            .and_then(|section| document.parent(section))
            .is_some_and(holds)
    }

    /// Whether the element is in the `copy` of such a section.
    fn is_variable_copy(&self, element: NodeId) -> bool {
        let document = self.context.model.document();
        let list = document.parent(element);
        let copy = list.and_then(|list| document.parent(list));
        copy.is_some_and(|copy| document.is_called(copy, "copy") && self.is_variable(copy))
    }

    fn takes_identity(&self, object: NodeId, name: &str, value: &Value) -> bool {
        self.machines.contains(&object)
            && name == "identity"
            && *value == json!({"type": "SystemAssigned"})
            && self.context.model.document().key(object, name).is_none()
    }
}
