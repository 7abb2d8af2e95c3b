//! What a migration changes in the order of deployment, machine by machine: the extension with what is deployed
//! before and after it, and the edges between these before and after the change.
//!
//! Reads the models of the old and of the new text; never knows how a graph is drawn. Start at [`Picture`].

use std::collections::{HashMap, HashSet};

use crate::arm::expression::Text;
use crate::arm::{DeclaredEdge, Home, Recognition, ResourceIndex};
use crate::json::NodeId;
use crate::rules::{Context, Machine, Removal};

/// The neighbourhood of the extension on one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The machine.
    pub machine: Machine,
    /// The machine, the extensions, what they depend on, and what depends on them.
    pub nodes: Vec<PictureNode>,
    /// Which of them is deployed after which. Beyond [`Picture::MOST_NODES`] those are left out that neither
    /// start nor end at what changes.
    pub edges: Vec<PictureEdge>,
}

impl Picture {
    /// A picture of more nodes is no help.
    pub const MOST_NODES: usize = 60;
}

/// A resource, or an extension in the profile of a scale set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureNode {
    /// Its name as the template writes it.
    pub name: String,
    /// Its type as the template writes it.
    pub kind: String,
    /// What becomes of it.
    pub fate: Fate,
}

/// One node is deployed after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureEdge {
    /// The place in [`Picture::nodes`] of what is deployed later.
    pub from: usize,
    /// The place of what is deployed earlier.
    pub to: usize,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a part of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is there before and after.
    Kept,
    /// It is there before.
    Removed,
    /// It is there after.
    Added,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum OrderNode {
    Resource(ResourceIndex),
    /// An extension in a profile, by its place in [`Context::extensions`].
    Entry(usize),
}

/// What a node is deployed after, and what is deployed after it.
type NodeNeighbours = (Vec<OrderNode>, Vec<OrderNode>);

/// Which node is deployed after which.
type Order = HashSet<(OrderNode, OrderNode)>;

/// The pictures of all machines with the extension. `after` is what the result means; without it nothing changes.
pub(super) fn draw(
    context: &Context<'_, '_>,
    removal: &Removal,
    declared: &[DeclaredEdge],
    after: Option<&Context<'_, '_>>,
) -> Vec<Picture> {
    let machines = machines(context);
    if machines.is_empty() {
        return Vec::new();
    }
    let before = order(context, Some, Some);
    let after = after.map(|after| order_after(context, removal, after));
    let mut neighbours: HashMap<OrderNode, NodeNeighbours> = HashMap::new();
    for (from, to) in &before {
        neighbours.entry(*from).or_default().0.push(*to);
        neighbours.entry(*to).or_default().1.push(*from);
    }
    let drawing = PictureDrawing {
        context,
        gone: match after {
            Some(_) => {
                let resources = removal.resources.iter().copied().map(OrderNode::Resource);
                let entries = removal.extensions.iter().copied().map(OrderNode::Entry);
                resources.chain(entries).collect()
            }
            None => HashSet::new(),
        },
        declared,
        before,
        after,
        neighbours,
    };
    let pictures = machines.into_iter();
    pictures
        .map(|(machine, extensions)| drawing.picture(machine, &extensions))
        .collect()
}

/// The machines with what is, or may be, the extension, in the order of the text, each with those extensions.
fn machines(context: &Context<'_, '_>) -> Vec<(Machine, Vec<usize>)> {
    let mut machines: Vec<(Machine, Vec<usize>)> = Vec::new();
    let mut known: HashMap<(usize, String), usize> = HashMap::new();
    for (index, extension) in context.extensions.iter().enumerate() {
        let is_one = matches!(
            extension.recognition,
            Recognition::Match | Recognition::Undecided(_)
        );
        let Some(machine) = Machine::of(context, index).filter(|_| is_one) else {
            continue;
        };
        let key = (machine.place.span.start, machine.name.clone());
        let place = *known.entry(key).or_insert(machines.len());
        match machines.get_mut(place) {
            Some((_, extensions)) => extensions.push(index),
            None => machines.push((machine, vec![index])),
        }
    }
    machines
}

/// The order in a model, in the numbers of another one, which these functions give.
fn order(
    context: &Context<'_, '_>,
    resource: impl Fn(ResourceIndex) -> Option<ResourceIndex>,
    entry: impl Fn(usize) -> Option<usize>,
) -> Order {
    let model = context.model;
    let resource = |index| resource(index).map(OrderNode::Resource);
    let entry = |index| entry(index).map(OrderNode::Entry);
    let mut order = Order::new();
    let mut add = |from: Option<OrderNode>, to: Option<OrderNode>| {
        if let (Some(from), Some(to)) = (from, to)
            && from != to
        {
            order.insert((from, to));
        }
    };
    for index in 0..model.resources().len() {
        for edge in model.edges(index) {
            for target in &edge.reach.resources {
                add(resource(index), resource(*target));
            }
        }
    }
    for (index, extension) in context.extensions.iter().enumerate() {
        let Home::Profile { scale_set, .. } = extension.home else {
            continue;
        };
        add(entry(index), resource(scale_set));
        for name in context
            .order_entries(extension)
            .filter_map(|(_, name)| name)
        {
            for other in context.called(extension, &name) {
                add(entry(index), entry(other));
            }
        }
    }
    order
}

/// The order that the result means, in the numbers of the old model. The gate has seen that the resources that
/// stay have their order.
fn order_after(context: &Context<'_, '_>, removal: &Removal, after: &Context<'_, '_>) -> Order {
    let all = 0..context.model.resources().len();
    let survivors: Vec<ResourceIndex> = all
        .filter(|index| !removal.resources.contains(index))
        .collect();
    let old = |index: ResourceIndex| survivors.get(index).copied();
    let key = |context: &Context<'_, '_>, index: usize| {
        let extension = context.extensions.get(index)?;
        let Home::Profile { scale_set, .. } = extension.home else {
            return None;
        };
        Some((scale_set, extension.name.as_ref().map(Text::name_key)?))
    };
    let gone: HashSet<usize> = removal.extensions.iter().copied().collect();
    let entries = (0..context.extensions.len()).filter(|index| !gone.contains(index));
    let entries: HashMap<_, usize> = entries
        .filter_map(|index| Some((key(context, index)?, index)))
        .collect();
    order(after, old, |index| {
        let (scale_set, name) = key(after, index)?;
        entries.get(&(old(scale_set)?, name)).copied()
    })
}

struct PictureDrawing<'c, 'm, 'd> {
    context: &'c Context<'m, 'd>,
    gone: HashSet<OrderNode>,
    declared: &'c [DeclaredEdge],
    before: Order,
    after: Option<Order>,
    /// What each node is deployed after, and what is deployed after it.
    neighbours: HashMap<OrderNode, NodeNeighbours>,
}

impl PictureDrawing<'_, '_, '_> {
    fn picture(&self, machine: Machine, extensions: &[usize]) -> Picture {
        let on = extensions
            .iter()
            .filter_map(|index| Some((*index, self.context.extensions.get(*index)?)));
        let (mut hosts, mut own) = (Vec::new(), Vec::new());
        for (index, extension) in on {
            match extension.home {
                Home::Resource(resource) | Home::Instance { resource, .. } => {
                    own.push(OrderNode::Resource(resource));
                    hosts.extend(extension.machines.first().copied().map(OrderNode::Resource));
                }
                Home::Profile { scale_set, .. } => {
                    own.push(OrderNode::Entry(index));
                    hosts.push(OrderNode::Resource(scale_set));
                }
            }
        }
        let around = |pick: fn(&NodeNeighbours) -> &Vec<OrderNode>| -> Vec<OrderNode> {
            let all = own.iter().filter_map(|node| self.neighbours.get(node));
            all.flat_map(pick).copied().collect()
        };
        let (later, earlier) = (around(|(_, later)| later), around(|(earlier, _)| earlier));
        let gets_edge = |edge: &&DeclaredEdge| {
            let mut reached = edge.reach.resources.iter();
            reached.any(|resource| hosts.contains(&OrderNode::Resource(*resource)))
        };
        let declared = self.declared.iter().filter(gets_edge);
        let declared = declared
            .map(|edge| OrderNode::Resource(edge.resource))
            .collect();
        let mut seen: HashSet<OrderNode> = HashSet::new();
        let mut fresh = |all: Vec<OrderNode>| {
            let mut all: Vec<OrderNode> =
                all.into_iter().filter(|node| seen.insert(*node)).collect();
            all.sort_unstable();
            all
        };
        let mut nodes = [fresh(hosts), fresh(own), fresh(earlier)].concat();
        let first = nodes.len();
        nodes.extend(fresh(later));
        nodes.extend(fresh(declared));
        // Without the edges between the rest, what is too large for a picture is read as a table.
        let targets = match nodes.len() > Picture::MOST_NODES {
            true => first,
            false => nodes.len(),
        };
        let mut edges = Vec::new();
        for (from, one) in nodes.iter().enumerate() {
            for (to, other) in nodes.iter().enumerate().take(targets) {
                let pair = (*one, *other);
                let is_before = self.before.contains(&pair);
                let is_after = self
                    .after
                    .as_ref()
                    .map_or(is_before, |it| it.contains(&pair));
                let fate = match (is_before, is_after) {
                    (true, true) => Fate::Kept,
                    (true, false) => Fate::Removed,
                    (false, true) => Fate::Added,
                    (false, false) => continue,
                };
                edges.push(PictureEdge { from, to, fate });
            }
        }
        Picture {
            machine,
            nodes: nodes.into_iter().map(|node| self.node(node)).collect(),
            edges,
        }
    }

    fn node(&self, node: OrderNode) -> PictureNode {
        let context = self.context;
        let document = context.model.document();
        let written = |object: Option<NodeId>, member: &str| {
            let value = object.and_then(|object| document.get(object, member));
            value.and_then(|value| document.string(value))
        };
        let (object, kind) = match node {
            OrderNode::Resource(index) => (context.model.resource(index).map(|it| it.node), None),
            OrderNode::Entry(index) => {
                let extension = context.extensions.get(index);
                (
                    extension.map(|it| it.node),
                    Some("extension of the profile"),
                )
            }
        };
        let kind = kind.map(str::to_owned);
        let is_gone = self.gone.contains(&node);
        PictureNode {
            name: written(object, "name").unwrap_or_default(),
            kind: kind.or_else(|| written(object, "type")).unwrap_or_default(),
            fate: if is_gone { Fate::Removed } else { Fate::Kept },
        }
    }
}
