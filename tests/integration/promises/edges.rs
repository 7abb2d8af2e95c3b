//! The edges of a generated resource, and what else it says about others. Start at [`add`].

use super::author::Author;
use super::forms;
use super::naming::number;
use super::plan::{Breadth, EdgePlan};
use super::spelling::odd;
use super::template::{Aim, Edge, Instance, Kind, Manner, Mention, Nest, ROLE, Resource};

/// Adds what the plan of `from`, the resource at `index`, has.
pub(crate) fn add(author: &mut Author, from: &mut Resource, index: usize) {
    if let Some(machine) = from
        .machine
        .filter(|_| from.plan.own_edge < forms::WAYS + 2)
    {
        let instance = if from.looping.is_some() {
            Instance::Own(from.shift)
        } else {
            Instance::Fixed(from.shift)
        };
        let (way, choice) = (from.plan.own_edge, from.plan.looped);
        let text = one(author, from, machine, instance, way, choice);
        from.edges.push(Edge {
            aim: Aim::One(machine, instance),
            manner: Manner::Entry,
            text: odd(&text, from.plan.dead),
            choice,
        });
    }
    if index > 0 {
        for plan in from.plan.edges.clone() {
            add_one(author, from, index, plan);
        }
        after(author, from, index);
    }
}

fn add_one(author: &mut Author, from: &mut Resource, index: usize, plan: EdgePlan) {
    let target = usize::from(plan.target) % index;
    let instance = instance(author, from, target, plan.choice);
    let by_loop = plan.choice > 5 || instance.is_none();
    if by_loop && let Some(name) = loop_name(author, from, target) {
        author.closed.push(name.clone());
        let text = match plan.oddity {
            6 => format!("['{name}']"),
            7 => name.to_uppercase(),
            8 => format!("[concat('{}', '{}')]", &name[..2], &name[2..]),
            _ => name.clone(),
        };
        from.edges.push(Edge {
            aim: Aim::Loop(name),
            manner: Manner::Entry,
            text,
            choice: plan.choice,
        });
        return;
    }
    let Some(instance) = instance else { return };
    let mut text = one(author, from, target, instance, plan.way, plan.choice);
    let other = usize::from(plan.other) % index;
    // Which instance a number inside of a guid() means is not for a reader of names to see.
    let to = &author.part.resources[target];
    let is_sealed = to.type_name == ROLE && to.looping.is_some();
    let can_read = from.kind != Kind::Deployment && !is_sealed;
    let mut manner = Manner::Entry;
    match plan.manner {
        17 => {
            let Some(at) = self::instance(author, from, other, 0) else {
                return;
            };
            let beside = one(author, from, other, at, plan.way / 2, plan.choice);
            text = choice("equals(parameters('stem'), 'x')", &beside, &text);
            manner = Manner::Undecided(other);
        }
        18 => {
            let Some(at) = self::instance(author, from, other, 0) else {
                return;
            };
            let beside = one(author, from, other, at, plan.way / 2, plan.choice);
            text = choice("equals('a', 'a')", &text, &beside);
        }
        19..=21 if can_read => {
            let way = if is_uniquely_short(author, target) {
                forms::WAYS
            } else {
                4 + plan.way % 2
            };
            text = one(author, from, target, instance, way, plan.choice);
            manner = Manner::Implicit;
        }
        22..=23 if can_read => {
            let id = one(author, from, target, instance, 0, plan.choice);
            from.mentions.push(Mention {
                target,
                reads: plan.manner == 22,
                text: odd(&id, plan.oddity),
            });
            return;
        }
        _ => {}
    }
    // White space in front of the name's parts would be part of a `reference()` too.
    from.edges.push(Edge {
        aim: Aim::One(target, instance),
        manner,
        text: odd(&text, plan.oddity),
        choice: plan.choice,
    });
}

fn choice(condition: &str, then: &str, otherwise: &str) -> String {
    let (then, otherwise) = (forms::inner(then), forms::inner(otherwise));
    format!("[if({condition}, {then}, {otherwise})]")
}

/// The loop by which `from` can name the resource at `target`.
fn loop_name(author: &Author, from: &Resource, target: usize) -> Option<String> {
    let to = &author.part.resources[target];
    let name = to.looping.as_ref().filter(|_| to.copies)?.name.clone();
    (!from.carries(&name)).then_some(name)
}

/// The instance of the resource at `target` that `from` can name by a number.
fn instance(author: &Author, from: &Resource, target: usize, choice: u8) -> Option<Instance> {
    let to = &author.part.resources[target];
    let Some(theirs) = &to.looping else {
        return Some(Instance::Fixed(0));
    };
    let any = author.breadth == Breadth::Instances;
    let fixed = Instance::Fixed(usize::from(choice) % theirs.count);
    if let Some(own) = from.looping.as_ref().filter(|_| choice != 5 || !any) {
        let same_machine = from.machine.is_some() && from.machine == to.machine;
        let aligned = same_machine
            .then(|| from.shift.checked_sub(to.shift))
            .flatten();
        let shift = match (any, aligned, choice) {
            (true, Some(aligned), 0..=3) => aligned,
            (true, None, 0..=2) | (false, _, _) => 0,
            _ => usize::from(choice) % 2,
        };
        if own.count + shift <= theirs.count {
            return Some(Instance::Own(shift));
        }
    }
    any.then_some(fixed)
}

/// Whether the resource is a nested child that its short name tells from all others.
fn is_uniquely_short(author: &Author, target: usize) -> bool {
    let to = &author.part.resources[target];
    to.nest == Nest::Short && to.looping.is_none() && to.names[1].starts_with("'e")
}

/// The words for one instance of the resource at `target`.
fn one(
    author: &mut Author,
    from: &Resource,
    target: usize,
    instance: Instance,
    way: u8,
    choice: u8,
) -> String {
    let short = is_uniquely_short(author, target);
    let to = &author.part.resources[target];
    let (type_name, names) = (to.type_name.clone(), to.names.clone());
    let offset = to.looping.as_ref().map_or(0, |looping| looping.offset);
    let number = match instance {
        Instance::Fixed(number) => (number + offset).to_string(),
        Instance::Own(shift) => number(from.looping.as_ref(), shift + offset, choice),
    };
    let text = if way >= forms::WAYS && short {
        forms::property(&names[1])
    } else {
        let variables = &mut author.part.values.variables;
        forms::edge(&type_name, &names, way, variables)
    };
    text.replace('#', &number)
}

/// Lets an extension come after others on its machine.
fn after(author: &Author, from: &mut Resource, index: usize) {
    let siblings: Vec<usize> = (0..index).filter(|at| covers(author, *at, from)).collect();
    if siblings.is_empty() {
        return;
    }
    for choice in &from.plan.after {
        let sibling = siblings[usize::from(*choice) % siblings.len()];
        let text = forms::property(&author.part.resources[sibling].names[1]);
        if from.after.iter().all(|(known, _)| *known != sibling) {
            from.after.push((sibling, text));
        }
    }
}

/// Whether the extension at `index` is on each machine that `from` is on.
fn covers(author: &Author, index: usize, from: &Resource) -> bool {
    let other = &author.part.resources[index];
    let extensions = from.is_extension() && other.is_extension();
    let same = match from.machine {
        Some(machine) => other.machine == Some(machine),
        None => other.machine.is_none() && other.names[0] == from.names[0],
    };
    let start = |resource: &Resource| match (&resource.looping, resource.machine) {
        (Some(looping), None) => looping.offset,
        _ => resource.shift,
    };
    let ends = |resource: &Resource| start(resource) + resource.count();
    extensions && same && start(other) <= start(from) && ends(from) <= ends(other)
}
