//! What a run removes from templates, so that it can be removed from the machines that run too.
//!
//! Reads the plan; never knows commands nor what is live. Names are given where the template shows
//! them, else as its author wrote them. Start at [`removed`].

use std::collections::HashSet;

use crate::arm::expression::{Piece, Text};
use crate::arm::{Extension, Home, Model, Resource, ResourceIndex, Said};
use crate::rules::{ByMachine, Context, Machine, MachineKind, Place, Removal};

/// The instances of a copy loop are distinguished up to this many; a longer list serves nobody.
const MAX_INSTANCES: i64 = 100;

/// Those behind an extension are listed up to this many, for the same reason.
const MOST_BEHIND: usize = 100;

/// An extension that a run removes: one for each machine where these can be distinguished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Its object in the old bytes.
    pub place: Place,
    /// What it is on.
    pub host: MachineKind,
    /// The machine's name; for a node type, pool or instance with the names of what is around it,
    /// such as `cluster/type`.
    pub machine: TemplateName,
    /// Its own name.
    pub name: TemplateName,
    /// The types that it may have, as far as the template shows.
    pub types: Vec<String>,
    /// The resource group; `None` where it is the one that the file is deployed to.
    pub resource_group: Option<TemplateName>,
    /// The subscription; `None` where it is the one that the file is deployed to.
    pub subscription: Option<TemplateName>,
    /// The condition under which it is deployed, as the author wrote it.
    pub condition: Option<String>,
    /// Whether it means all instances of a copy loop, which cannot be distinguished.
    pub looped: bool,
    /// The scale set's `upgradePolicy.mode`, where the template shows it.
    pub upgrade_mode: Option<String>,
    /// The extensions of its machine that came after it by `provisionAfterExtensions`.
    pub behind: Vec<TemplateName>,
}

/// A name in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateName {
    /// The template shows it.
    Known(String),
    /// It does not: what its author wrote.
    Written(String),
}

/// The extensions of a removal, in the order of the text.
pub(super) fn list_removed(context: &Context<'_, '_>, removal: &Removal) -> Vec<Removed> {
    let going: HashSet<usize> = removal.extensions.iter().copied().collect();
    let followers = followers(context, &going);
    let extensions = removal.extensions.iter();
    let mut all: Vec<Removed> = extensions
        .filter_map(|index| instances(context, &followers, *index))
        .flatten()
        .collect();
    all.sort_by_key(|one| one.place.span.start);
    all
}

fn instances(
    context: &Context<'_, '_>,
    followers: &ByMachine,
    index: usize,
) -> Option<Vec<Removed>> {
    let model = context.model;
    let extension = context.extensions.get(index)?;
    let owner = extension.owner();
    let resource = model.resource(owner)?;
    let own = OwnNames::of(context, index)?;
    let whereabouts = model.whereabouts(owner);
    let place = |said: Option<Said>| said.map(|said| resolve_name(&said));
    let template = Removed {
        place: context.place(extension.node),
        host: MachineKind::of_type(&resource.type_name),
        machine: own.machine.resolve(None),
        name: own.name.resolve(None),
        types: types(context, extension),
        resource_group: place(whereabouts.group),
        subscription: place(whereabouts.subscription),
        condition: condition(model, resource),
        looped: extension.looped,
        upgrade_mode: upgrade_mode(model, extension),
        behind: dependents(context, followers, extension),
    };
    let turns = (extension.looped && own.varies_by_turn())
        .then(|| turns(model, owner))
        .flatten();
    let Some(turns) = turns else {
        return Some(vec![template]);
    };
    let each = turns.into_iter().map(|turn| Removed {
        machine: own.machine.resolve(Some(&turn)),
        name: own.name.resolve(Some(&turn)),
        looped: false,
        ..template.clone()
    });
    Some(each.collect())
}

/// The names of an extension and its machine.
struct OwnNames {
    machine: WrittenName,
    name: WrittenName,
}

/// A name with what its author wrote.
struct WrittenName {
    text: Option<Text>,
    written: String,
}

impl OwnNames {
    fn of(context: &Context<'_, '_>, index: usize) -> Option<Self> {
        let extension = context.extensions.get(index)?;
        let resource = context.model.resource(extension.owner())?;
        let document = context.model.document();
        let is_profile = matches!(extension.home, Home::Profile { .. });
        let machine = resource.name.as_ref().and_then(|name| {
            if is_profile {
                return Some(name.clone());
            }
            let segments = name.segments();
            let (_, machine) = segments.split_last()?;
            (!machine.is_empty()).then(|| joined(machine))
        });
        let name = document.get(extension.node, "name");
        let name = name.and_then(|name| document.string(name));
        Some(Self {
            machine: WrittenName {
                text: machine,
                written: Machine::of(context, index)?.name,
            },
            name: WrittenName {
                text: extension.name.clone(),
                written: name.unwrap_or_default(),
            },
        })
    }

    fn varies_by_turn(&self) -> bool {
        let machine = self.machine.text.as_ref();
        machine.is_some_and(Text::mentions_copy_index)
    }
}

impl WrittenName {
    /// The name in a turn of a loop, or out of one.
    fn resolve(&self, turn: Option<&LoopTurn>) -> TemplateName {
        let known = self.text.as_ref().and_then(|text| spelled(text, turn));
        match known {
            Some(known) => TemplateName::Known(known),
            None => TemplateName::Written(self.written.clone()),
        }
    }
}

/// One turn of a copy loop.
struct LoopTurn {
    loop_name: Option<String>,
    number: i64,
}

/// The turns of the loop that the resource at `index` is in, where their number is known and small.
fn turns(model: &Model<'_>, index: ResourceIndex) -> Option<Vec<LoopTurn>> {
    let document = model.document();
    let mut at = Some(index);
    while let Some((index, resource)) = at.and_then(|at| Some((at, model.resource(at)?))) {
        let Some(copy) = document.get(resource.node, "copy") else {
            at = resource.parent;
            continue;
        };
        let count = model.value(index, document.get(copy, "count")?).as_int()?;
        let turn = |number| LoopTurn {
            loop_name: resource.loop_name.clone(),
            number,
        };
        return (1..=MAX_INSTANCES)
            .contains(&count)
            .then(|| (0..count).map(turn).collect());
    }
    None
}

/// The text in a turn of a loop, where all of it is known.
fn spelled(text: &Text, turn: Option<&LoopTurn>) -> Option<String> {
    let mut known = String::new();
    for piece in text.pieces() {
        match piece {
            Piece::Literal(literal) => known.push_str(literal),
            Piece::Symbol(symbol) => {
                let (name, offset) = symbol.loop_variable()?;
                let turn = turn.filter(|turn| {
                    let own = turn.loop_name.as_deref();
                    name.is_none() || name == own
                })?;
                known.push_str(&turn.number.checked_add(offset)?.to_string());
            }
        }
    }
    Some(known)
}

fn joined(segments: &[Text]) -> Text {
    let mut text = Text::new();
    for (position, segment) in segments.iter().enumerate() {
        if position > 0 {
            text.push_literal("/");
        }
        text.append(segment);
    }
    text
}

fn resolve_name(said: &Said) -> TemplateName {
    match said.value.as_literal() {
        Some(known) => TemplateName::Known(known.to_owned()),
        None => TemplateName::Written(said.written.clone()),
    }
}

fn condition(model: &Model<'_>, resource: &Resource) -> Option<String> {
    let document = model.document();
    let node = resource.condition?;
    let text = document.string(node);
    text.or_else(|| Some(String::from_utf8_lossy(document.raw(node)).into_owned()))
}

fn types(context: &Context<'_, '_>, extension: &Extension) -> Vec<String> {
    let document = context.model.document();
    let body = extension.body;
    let Some(node) = body.and_then(|body| document.get(body, "type")) else {
        return Vec::new();
    };
    let value = context.model.value(extension.owner(), node);
    let known = value.alternatives().into_iter();
    known
        .filter_map(|value| value.as_literal().map(str::to_owned))
        .collect()
}

/// The mode of the scale set's `upgradePolicy`.
fn upgrade_mode(model: &Model<'_>, extension: &Extension) -> Option<String> {
    let index = match extension.home {
        Home::Profile { scale_set, .. } => scale_set,
        Home::Resource(_) | Home::Instance { .. } => *extension.machines.first()?,
    };
    let document = model.document();
    let way = ["properties", "upgradePolicy", "mode"];
    let start = model.resource(index)?.node;
    let node = way
        .iter()
        .try_fold(start, |node, member| document.get(node, member))?;
    model.value(index, node).as_literal().map(str::to_owned)
}

/// The extensions that stay, by the names of those that they come after.
fn followers(context: &Context<'_, '_>, going: &HashSet<usize>) -> ByMachine {
    let mut followers = ByMachine::default();
    for (index, other) in context.extensions.iter().enumerate() {
        if going.contains(&index) {
            continue;
        }
        for name in context.order_entries(other).filter_map(|(_, name)| name) {
            followers.add(context.model, other, Some(&name), index);
        }
    }
    followers
}

/// The names of those that stay and came after the extension.
fn dependents(
    context: &Context<'_, '_>,
    followers: &ByMachine,
    extension: &Extension,
) -> Vec<TemplateName> {
    let own = extension.name.as_ref().map(Text::name_key);
    let Some(own) = own else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for index in followers
        .of(context.model, extension, Some(&own))
        .iter()
        .take(MOST_BEHIND)
    {
        let name = OwnNames::of(context, *index).map(|own| own.name.resolve(None));
        found.extend(name.filter(|name| !found.contains(name)));
    }
    found
}

#[cfg(test)]
mod tests;
