//! Edges that a fix declares: a resource that reads another at run time must depend on it.
//!
//! By id, `reference()` makes no edge, so one is written where the graph has none. Never knows what
//! is read, or why. Start at [`edge_to`] and [`DeclaredEdge`].

use std::collections::HashSet;

use crate::json::NodeId;

use super::super::expression::{self, Text};
use super::super::model::{Model, ResourceIndex};
use super::super::resource_id::is_local;
use super::super::sites::ExpressionSite;
use super::edges::Reach;
use super::inheritance::{Inherited, Instances, contracted_edges, copy_loops, loop_words};
use super::reachability::{Reachability, StepBudget, is_certain};

/// An edge that must hold once a fix is applied.
#[derive(Clone, Debug)]
pub struct DeclaredEdge {
    /// Who waits.
    pub resource: ResourceIndex,
    /// For what: several where they share the name.
    pub reach: Reach,
    /// The decoded text of an entry of `dependsOn` that says so.
    pub text: String,
}

/// The edge that reading the resource with the id `id` at `site` needs; `words` are the id's, as
/// a part of an expression. `None` where no template around the site has that resource, and in
/// outputs, which come last anyway. An error says why the edge cannot be.
pub fn edge_to(
    model: &Model<'_>,
    site: &ExpressionSite,
    id: &Text,
    words: &str,
) -> Result<Option<DeclaredEdge>, &'static str> {
    let Some((resource, reach)) = waiter(model, site, id) else {
        return Ok(None);
    };
    if reach.resources.contains(&resource) {
        return Err(
            "the machine itself reads the identity, and a resource cannot depend on \
                    itself",
        );
    }
    let list = model.resource(resource).map(|own| own.depends_on.as_ref());
    if list.flatten().is_some_and(|list| list.array.is_none()) {
        return Err(
            "the resource must depend on the machine, and its `dependsOn` is not an \
                    array",
        );
    }
    let text = if copies_fit(model, site, resource, words) {
        expression::text_of_words(words)
    } else {
        let name = loop_words(model, &reach.resources, &HashSet::new());
        name.ok_or(
            "the `dependsOn` entry for the machine would use copyIndex() outside its \
                    loop",
        )?
    };
    let written = model.reach(resource, &text);
    if written.resources != reach.resources {
        return Err("the `dependsOn` entry for the machine cannot be written");
    }
    Ok(Some(DeclaredEdge {
        resource,
        reach: written,
        text,
    }))
}

/// Who has to depend on the resource called `id`, and what that is: the resource at `site`, or
/// the deployment of its template where only a template around it has that resource.
fn waiter(model: &Model<'_>, site: &ExpressionSite, id: &Text) -> Option<(ResourceIndex, Reach)> {
    if !is_local(id) {
        return None;
    }
    let (mut at, mut waiting) = (site.template, site.resource);
    loop {
        let template = model.templates.get(at)?;
        let deployment = template
            .holder
            .and_then(|index| Some((index, model.resource(index)?)));
        // In a scope of its own, the same words may mean something else around it.
        let outer = deployment.filter(|(_, deployment)| {
            let around = model.templates.get(deployment.template);
            around.is_some_and(|around| around.scope == template.scope)
        });
        // Ids in an outer scope are those of the resource group of the deployment around it.
        let has =
            |name| outer.is_some_and(|(_, outer)| model.document().key(outer.node, name).is_some());
        let elsewhere =
            id.starts_with_literal("/") && (has("resourceGroup") || has("subscriptionId"));
        let reach = model.reach_value(at, Some(id));
        if !elsewhere && !reach.resources.is_empty() {
            return Some((waiting?, reach));
        }
        let (index, deployment) = outer?;
        (at, waiting) = (deployment.template, Some(index));
    }
}

/// Whether `copyIndex()` in `words` means the same in the `dependsOn` of `resource`.
fn copies_fit(
    model: &Model<'_>,
    site: &ExpressionSite,
    resource: ResourceIndex,
    words: &str,
) -> bool {
    let own = model.resource(resource);
    copy_loops(&format!("[{words}]"))
        .into_iter()
        .all(|name| match name {
            Some(_) => name == own.and_then(|own| own.loop_name.clone()),
            None => {
                site.resource == Some(resource)
                    && own.is_some_and(|own| own.looped && !in_copy(model, site.node, own.node))
            }
        })
}

/// Whether `node` is in a `copy` of a property below the resource `within`.
fn in_copy(model: &Model<'_>, node: NodeId, within: NodeId) -> bool {
    let document = model.document();
    document
        .ancestors(node)
        .take_while(|at| *at != within)
        .any(|at| document.is_called(at, "copy"))
}

impl DeclaredEdge {
    /// Whether the resource waits so without the edge, once the `removed` resources are gone.
    pub fn is_implied(&self, model: &Model<'_>, removed: &HashSet<ResourceIndex>) -> bool {
        let own = contracted_edges(model, removed, self.resource);
        let reached = own.iter().flat_map(|one| one.edge.reach.certain());
        let mut search = Reachability::new(model, removed, is_certain);
        search.add(reached.copied());
        let steps = StepBudget::default();
        let targets = self.reach.resources.iter();
        targets.copied().all(|wanted| {
            let looped = model.resource(wanted).is_some_and(|r| r.looped);
            let direct = |inherited: &Inherited<'_>| {
                let reach = &inherited.edge.reach;
                // An entry that only may name it implies nothing.
                reach.certain().contains(&wanted)
                    && match inherited.instances {
                        Instances::Own => reach.covers(&self.reach, wanted, looped),
                        Instances::All | Instances::Other => !looped || reach.whole_loop,
                    }
            };
            own.iter().any(direct) || (!looped && search.leads_to(wanted, &steps))
        })
    }
}
