//! Which removals cannot be made, by the template's meaning: what must be held is held, and nothing
//! else is. Start at [`removable`].

use std::collections::{BTreeMap, BTreeSet};

use super::graph::{Names, Node, aimed, carriers};
use super::naming::name;
use super::template::{Aim, Edge, Instance, Manner, Part, ROLE, Resource};

/// The homes of extensions (see [`Part::homes`]) of which nothing stands in the way.
pub(crate) fn removable(part: &Part) -> BTreeSet<usize> {
    let names = Names::new(part, &BTreeSet::new());
    let mut left: BTreeSet<usize> = part.homes().collect();
    loop {
        let resources = left.iter().copied();
        let round = Round {
            left: &left,
            part,
            names: &names,
            gone: resources
                .filter(|at| part.resources[*at].is_msi())
                .collect(),
        };
        let blocked = round.blocked();
        if blocked.is_empty() {
            return left;
        }
        let units = Units::of(part, &left);
        let held: BTreeSet<usize> = blocked.iter().map(|at| units.unit(*at)).collect();
        left.retain(|at| !held.contains(&units.unit(*at)));
    }
}

/// Whether what is in the part may be a reason to hold what is in another part of its template: it reads an
/// extension, or has a machine without an identity, and either may have the name of the other part's.
pub(crate) fn may_reach_others(part: &Part) -> bool {
    part.read.is_some()
        || part.resources.iter().any(|resource| {
            let is_bare =
                resource.kind.takes_identity() && !matches!(resource.plan.identity, 1 | 2 | 4);
            is_bare || resource.mentions.iter().any(|mention| mention.reads)
        })
}

/// Whether each instance of the machine has, wherever it is deployed, one of the extensions.
pub(crate) fn is_carried(part: &Part, machine: usize, extensions: &BTreeSet<usize>) -> bool {
    let host = &part.resources[machine];
    let all = extensions.iter().map(|at| &part.resources[*at]);
    let on_it = all.filter(|one| one.machine == Some(machine));
    let certain = on_it.filter(|one| !one.condition || host.condition);
    let mut carried = BTreeSet::new();
    for one in certain {
        match one.looping.is_some() && !one.fixed {
            true => carried.extend((0..one.count()).map(|instance| instance + one.shift)),
            false => carried.extend([one.shift]),
        }
    }
    (0..host.count()).all(|instance| carried.contains(&instance))
}

/// What may go together: the machine's extensions, and what one dependent waits for.
struct Units(BTreeMap<usize, usize>);

impl Units {
    fn of(part: &Part, left: &BTreeSet<usize>) -> Self {
        let mut units = Self(left.iter().map(|at| (*at, *at)).collect());
        for a in left {
            for b in left {
                if machine(part, *a) == machine(part, *b) {
                    units.merge(*a, *b);
                }
            }
        }
        for resource in &part.resources {
            let mut named = resource.edges.iter().flat_map(|edge| named(part, edge));
            let Some(first) = named.find(|at| left.contains(at)) else {
                continue;
            };
            for other in named.filter(|at| left.contains(at)) {
                units.merge(first, other);
            }
        }
        units
    }

    fn unit(&self, at: usize) -> usize {
        self.0[&at]
    }

    fn merge(&mut self, a: usize, b: usize) {
        let (a, b) = (self.0[&a], self.0[&b]);
        for unit in self.0.values_mut().filter(|unit| **unit == b) {
            *unit = a;
        }
    }
}

/// What tells the machines apart, also those that are not in the template.
fn machine(part: &Part, at: usize) -> (Option<usize>, &str) {
    let resource = &part.resources[at];
    match (resource.is_extension(), resource.machine) {
        (true, Some(machine)) => (Some(machine), ""),
        (true, None) => (None, &resource.names[0]),
        _ => (Some(at), ""),
    }
}

/// The resources that an edge names, in whichever deployment.
fn named(part: &Part, edge: &Edge) -> Vec<usize> {
    let mut all: Vec<usize> = match &edge.aim {
        Aim::One(target, _) => vec![*target],
        Aim::Loop(name) => carriers(part, name).iter().map(|node| node.0).collect(),
    };
    if let Manner::Undecided(other) = edge.manner {
        all.push(other);
    }
    all
}

/// The instances that each instance of a dependent waits for by some way.
type Reached = BTreeMap<usize, BTreeSet<Node>>;

struct Round<'p> {
    /// All that is to go.
    left: &'p BTreeSet<usize>,
    part: &'p Part,
    names: &'p Names,
    /// The extensions that are resources and to go.
    gone: BTreeSet<usize>,
}

impl Round<'_> {
    /// Extensions that something stands in the way of.
    fn blocked(&self) -> BTreeSet<usize> {
        let mut blocked: BTreeSet<usize> = self.part.read.into_iter().collect();
        for (index, resource) in self.part.resources.iter().enumerate() {
            if self.gone.contains(&index) {
                continue;
            }
            let read = resource.mentions.iter().filter(|mention| mention.reads);
            blocked.extend(read.map(|mention| mention.target));
            let edges = resource.edges.iter();
            let undecided = edges.filter(|edge| edge.manner != Manner::Entry);
            blocked.extend(undecided.flat_map(|edge| named(self.part, edge)));
            if !self.can_inherit(index, resource) {
                let edges = resource.edges.iter();
                blocked.extend(edges.flat_map(|edge| named(self.part, edge)));
            }
        }
        blocked.retain(|at| self.gone.contains(at));
        let all = self.left.iter().copied();
        blocked.extend(all.filter(|at| self.leaves_no_tokens(*at)));
        blocked
    }

    /// Whether the machine of an extension would be left without an identity: it has none for certain, and
    /// its apiVersion takes none or some of its instances may not have carried the extension.
    fn leaves_no_tokens(&self, at: usize) -> bool {
        let own = &self.part.resources[at];
        let machine = if own.is_msi() { own.machine } else { Some(at) };
        let Some(machine) = machine else {
            return self.may_be_on_one_without(own);
        };
        let resource = &self.part.resources[machine];
        let by_profile = self.left.contains(&machine);
        match resource.plan.identity {
            _ if !resource.kind.takes_identity() => false,
            1 | 2 | 4 => false,
            3 | 6 => true,
            _ => !by_profile && !is_carried(self.part, machine, &self.gone),
        }
    }

    /// Whether the extension, whose machine is not in the template, may be on one without an identity all the
    /// same, since a parameter names either of them.
    fn may_be_on_one_without(&self, own: &Resource) -> bool {
        let by_parameter = |resource: &Resource| name(resource).contains("parameters(");
        self.part.resources.iter().any(|machine| {
            machine.kind.takes_identity()
                && !matches!(machine.plan.identity, 1 | 2 | 4)
                && (by_parameter(own) || by_parameter(machine))
        })
    }

    /// Whether the resource can say all that it inherits.
    fn can_inherit(&self, index: usize, resource: &Resource) -> bool {
        let mut ways: BTreeMap<usize, Reached> = BTreeMap::new();
        for instance in 0..resource.count() {
            for edge in &resource.edges {
                for node in aimed(self.part, &edge.aim, instance) {
                    if self.gone.contains(&node.0) {
                        let way = ways.entry(node.0).or_default();
                        way.entry(instance).or_default().insert(node);
                    }
                }
            }
        }
        // What is reached through a removed extension that says which instance it means, by a number.
        let mut numbered = BTreeSet::new();
        // Edges lead to what stands before.
        while let Some((removed, reached)) = ways.pop_last() {
            for edge in &self.part.resources[removed].edges {
                let mut wanted = Reached::new();
                for (instance, nodes) in &reached {
                    let aims = nodes.iter();
                    let aims = aims.flat_map(|node| aimed(self.part, &edge.aim, node.1));
                    for target in aims.filter(|target| target.0 != index) {
                        if self.gone.contains(&target.0) {
                            if self.is_numbered(edge) {
                                numbered.insert(target.0);
                            }
                            let way = ways.entry(target.0).or_default();
                            way.entry(*instance).or_default().insert(target);
                        } else {
                            wanted.entry(*instance).or_default().insert(target);
                        }
                    }
                }
                let undecided = match edge.manner {
                    Manner::Undecided(_) => named(self.part, edge),
                    _ => Vec::new(),
                };
                if undecided.iter().any(|at| self.gone.contains(at)) {
                    return false;
                }
                let child = (!numbered.contains(&removed)).then_some(removed);
                if !self.can_say(resource, child, edge, &wanted) {
                    return false;
                }
            }
        }
        true
    }

    /// Whether the edge names one instance of a loop by its number.
    fn is_numbered(&self, edge: &Edge) -> bool {
        match edge.aim {
            Aim::One(target, Instance::Fixed(_)) => self.part.resources[target].looping.is_some(),
            _ => false,
        }
    }

    /// Whether `resource` has words for an edge that must name the `wanted` ones. It is the edge of
    /// the removed extension `child`, where its own words may be cut to the machine of that.
    fn can_say(
        &self,
        resource: &Resource,
        child: Option<usize>,
        edge: &Edge,
        wanted: &Reached,
    ) -> bool {
        let counts = edge.text.to_lowercase().contains("copyindex");
        if wanted.is_empty() || !counts {
            return true;
        }
        // Which branch of a condition is taken is not for a reader to see.
        if matches!(edge.manner, Manner::Undecided(_)) {
            return false;
        }
        let own_words = !Names::is_misplaced(&edge.text, resource)
            && (0..resource.count()).all(|instance| {
                let says = self.names.targets(&edge.text, instance);
                let means: BTreeSet<Node> = says.into_iter().collect();
                wanted.get(&instance).unwrap_or(&BTreeSet::new()) == &means
            });
        // Through an entry that cannot be cut, nobody sees which iteration is meant.
        let cut = || self.can_cut(resource);
        own_words
            || self.has_loop_name(edge, resource)
            || cut()
                && (child.is_some_and(|child| self.is_parent(resource, child, wanted))
                    || self.is_listed(resource, wanted))
    }

    /// Whether each entry that names what goes shows where the machine's name ends.
    fn can_cut(&self, resource: &Resource) -> bool {
        let mut children = resource.edges.iter().filter(|own| {
            let named = named(self.part, own);
            named.iter().any(|at| self.gone.contains(at))
        });
        children.all(|own| can_be_cut(&own.text))
    }

    /// Whether what is wanted is the machine of the `removed` extension, which the resource names.
    fn is_parent(&self, resource: &Resource, removed: usize, wanted: &Reached) -> bool {
        resource.edges.iter().any(|own| {
            let Aim::One(target, named) = own.aim else {
                return false;
            };
            let child = &self.part.resources[target];
            let Some(machine) = child.machine.filter(|_| target == removed) else {
                return false;
            };
            wanted.iter().all(|(instance, nodes)| {
                let at = match named {
                    Instance::Fixed(number) => number,
                    Instance::Own(shift) => instance + shift,
                };
                *nodes == BTreeSet::from([(machine, at + child.shift)])
            })
        })
    }

    /// Whether the resource waits for what is wanted anyway, by one of its own edges. Which iteration
    /// a number stands for, and that several make up a loop, is not for a reader to see.
    fn is_listed(&self, resource: &Resource, wanted: &Reached) -> bool {
        wanted.iter().all(|(instance, nodes)| {
            let numberless = resource.edges.iter().filter(|edge| {
                !self.is_numbered(edge) && !matches!(edge.manner, Manner::Undecided(_))
            });
            numberless.into_iter().any(|edge| {
                let own = aimed(self.part, &edge.aim, *instance);
                nodes.is_subset(&own.into_iter().collect())
            })
        })
    }

    /// Whether a loop's name means the edge's target, and nothing else that is left.
    fn has_loop_name(&self, edge: &Edge, resource: &Resource) -> bool {
        let Aim::One(target, instance) = edge.aim else {
            return false;
        };
        let to = &self.part.resources[target];
        // Which instance another number inside of a guid() means is not for a reader to see.
        if to.type_name == ROLE && instance != Instance::Own(0) {
            return false;
        }
        let Some(name) = to.looping.as_ref().filter(|_| to.copies) else {
            return false;
        };
        let carriers = carriers(self.part, &name.name);
        let mut left = carriers.iter().filter(|node| !self.gone.contains(&node.0));
        left.all(|node| node.0 == target) && !resource.carries(&name.name)
    }
}

/// Whether an entry shows where the machine's name ends. With a slash at the end, which of its parts
/// are names is anyone's guess, and what a function makes of the whole cannot be cut.
fn can_be_cut(text: &str) -> bool {
    let text: String = text.to_lowercase().split_whitespace().collect();
    let whole = ["[tolower(", "[if(", "[format('{0}/providers/{1}'"];
    !text.ends_with('/')
        && !text.contains("'/')")
        && !whole.iter().any(|call| text.starts_with(call))
}
