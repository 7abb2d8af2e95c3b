//! Generated templates as what they mean: resources, and edges that know what they name.
//!
//! A [`Plan`] is a few numbers, which shrink well; each of them makes some [`Template`].

use proptest::collection::vec;
use proptest::prelude::*;

use crate::forms;

pub(crate) const VM: &str = "Microsoft.Compute/virtualMachines";
pub(crate) const SCALE_SET: &str = "Microsoft.Compute/virtualMachineScaleSets";
const NIC: &str = "Microsoft.Network/networkInterfaces";
const ROLE: &str = "Microsoft.Authorization/roleAssignments";

/// The instances of each loop.
pub(crate) const COUNT: usize = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Machine,
    ScaleSet,
    Msi,
    Script,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nest {
    Root,
    Short,
    Full,
}

/// What an edge names.
#[derive(Clone, Debug)]
pub(crate) enum Aim {
    /// The resource at this index; if it is looped, the instance of this number or, by `None`, of
    /// the dependent's own number.
    One(usize, Option<usize>),
    /// All instances of all resources with this loop.
    Loop(String),
}

#[derive(Clone, Debug)]
pub(crate) struct Edge {
    pub(crate) aim: Aim,
    /// Whether it is a `reference()` by name, which `text` has as it would stand in `dependsOn`.
    pub(crate) implicit: bool,
    pub(crate) text: String,
}

/// An extension in the profile of a scale set.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) msi: bool,
    pub(crate) after: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub(crate) kind: Kind,
    pub(crate) type_name: String,
    /// One for each segment, as `forms` has it.
    pub(crate) names: Vec<String>,
    pub(crate) nest: Nest,
    pub(crate) machine: Option<usize>,
    pub(crate) loop_name: Option<String>,
    pub(crate) condition: bool,
    pub(crate) edges: Vec<Edge>,
    pub(crate) profile: Vec<Entry>,
    pub(crate) plan: ResourcePlan,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Template {
    /// A resource waits only for those before it.
    pub(crate) resources: Vec<Resource>,
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) parameters: Vec<(String, String)>,
    /// The extension that the outputs read.
    pub(crate) read: Option<usize>,
    /// Loops that an edge names: one who carries them later could make a cycle.
    closed: Vec<String>,
    breadth: Option<Breadth>,
}

/// The numbers behind a template.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) resources: Vec<ResourcePlan>,
    read: u8,
    /// Orders the text.
    pub(crate) order: u8,
    breadth: Breadth,
}

#[derive(Clone, Debug)]
pub(crate) struct ResourcePlan {
    kind: u8,
    machine: u8,
    nest: u8,
    name: u8,
    looped: u8,
    condition: u8,
    own_edge: u8,
    edges: Vec<(u8, u8, u8)>,
    profile: Vec<(bool, Vec<u8>)>,
    pub(crate) identity: u8,
    /// Which of several spellings other members have.
    pub(crate) spelling: u8,
}

/// How much of ARM the templates use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Breadth {
    /// No copy loops.
    Plain,
    /// Loops, with edges to the own instance or by the loop's name.
    Loops,
    /// Edges to one instance by its number too.
    Instances,
}

pub(crate) fn plans(breadth: Breadth) -> impl Strategy<Value = Plan> {
    (vec(resource_plans(), 1..9), 0..24u8, any::<u8>()).prop_map(move |(resources, read, order)| {
        Plan {
            resources,
            read,
            order,
            breadth,
        }
    })
}

fn resource_plans() -> impl Strategy<Value = ResourcePlan> {
    let place = (0..12u8, any::<u8>(), 0..6u8, 0..6u8, 0..8u8, 0..8u8);
    let edges = vec((any::<u8>(), 0..forms::WAYS, 0..6u8), 0..4);
    let profile = vec((any::<bool>(), vec(any::<u8>(), 0..3)), 0..5);
    let rest = (0..forms::WAYS + 3, edges, profile, 0..7u8, 0..8u8);
    (place, rest).prop_map(|(place, rest)| {
        let (kind, machine, nest, name, looped, condition) = place;
        let (own_edge, edges, profile, identity, spelling) = rest;
        ResourcePlan {
            kind,
            machine,
            nest,
            name,
            looped,
            condition,
            own_edge,
            edges,
            profile,
            identity,
            spelling,
        }
    })
}

impl Plan {
    pub(crate) fn template(&self) -> Template {
        let mut template = Template {
            variables: vec![("prefix".into(), "pre".into())],
            parameters: vec![
                ("stem".into(), "stem".into()),
                ("os".into(), "Linux".into()),
            ],
            breadth: Some(self.breadth),
            ..Template::default()
        };
        for (index, plan) in self.resources.iter().enumerate() {
            template.add(index, plan);
        }
        let msis = (0..template.resources.len()).filter(|index| template.is_msi(*index));
        let msis: Vec<usize> = msis.collect();
        if self.read > 20 && !msis.is_empty() {
            template.read = Some(msis[usize::from(self.read) % msis.len()]);
        }
        template
    }
}

impl Template {
    fn add(&mut self, index: usize, plan: &ResourcePlan) {
        let machines: Vec<usize> = (0..index)
            .filter(|at| self.is(*at, Kind::Machine))
            .collect();
        let kind = match plan.kind {
            _ if machines.is_empty() => Kind::Machine,
            0..=4 => Kind::Msi,
            5..=7 => Kind::Script,
            8 => Kind::Machine,
            9 => Kind::ScaleSet,
            _ => Kind::Other,
        };
        let is_extension = matches!(kind, Kind::Msi | Kind::Script);
        let machine = is_extension.then(|| machines[usize::from(plan.machine) % machines.len()]);
        let own_loop = format!("loop{}", letter(index));
        let (mut nest, mut loop_name) = (Nest::Root, None);
        match machine.map(|at| self.resources[at].loop_name.clone()) {
            Some(Some(shared)) => {
                let shares = plan.looped % 2 == 1 && !self.closed.contains(&shared);
                loop_name = Some(if shares { shared } else { own_loop });
            }
            Some(None) => {
                nest = match plan.nest {
                    1 | 2 => Nest::Short,
                    3 => Nest::Full,
                    _ => Nest::Root,
                };
            }
            None if plan.looped > 5
                && self.breadth > Some(Breadth::Plain)
                && kind != Kind::ScaleSet =>
            {
                loop_name = Some(own_loop)
            }
            None => {}
        }
        let (type_name, names) = match machine {
            Some(at) => {
                let machine = self.resources[at].names[0].clone();
                (
                    format!("{VM}/extensions"),
                    vec![machine, format!("'e{}'", letter(index))],
                )
            }
            None => {
                let type_name = match kind {
                    Kind::Machine => VM,
                    Kind::ScaleSet => SCALE_SET,
                    _ if plan.kind.is_multiple_of(2) => NIC,
                    _ => ROLE,
                };
                let name = self.base_name(index, plan.name, type_name == ROLE, loop_name.is_some());
                (type_name.to_owned(), vec![name])
            }
        };
        let mut resource = Resource {
            kind,
            type_name,
            names,
            nest,
            machine,
            loop_name,
            condition: plan.condition > 5,
            edges: Vec::new(),
            profile: Vec::new(),
            plan: plan.clone(),
        };
        if let Some(machine) = machine.filter(|_| plan.own_edge < forms::WAYS + 2) {
            self.add_edge(&mut resource, machine, plan.own_edge, plan.looped % 3);
        }
        for (target, way, choice) in &plan.edges {
            if index > 0 {
                self.add_edge(&mut resource, usize::from(*target) % index, *way, *choice);
            }
        }
        if is_extension && plan.identity == 5 {
            let target = usize::from(plan.machine) % index;
            let to = &self.resources[target];
            if !self.is_msi(target) && to.loop_name.is_none() {
                let text = forms::full_name(&to.names, 0);
                resource.edges.push(Edge {
                    aim: Aim::One(target, None),
                    implicit: true,
                    text,
                });
            }
        }
        if kind == Kind::ScaleSet {
            resource.profile = profile(index, &plan.profile);
        }
        self.resources.push(resource);
    }

    fn base_name(&mut self, index: usize, way: u8, is_role: bool, looped: bool) -> String {
        let own = letter(index);
        if is_role {
            let number = if looped { ", #" } else { "" };
            return format!("guid(resourceGroup().id, 'role{own}'{number})");
        }
        let name = match way {
            1 => {
                self.variables
                    .push((format!("name{own}"), format!("var-{own}")));
                format!("variables('name{own}')")
            }
            2 => {
                self.parameters
                    .push((format!("name{own}"), format!("par-{own}")));
                format!("parameters('name{own}')")
            }
            3 => format!("concat(variables('prefix'), '-{own}')"),
            4 => format!("format('{{0}}-{own}', parameters('stem'))"),
            5 => {
                let value = format!("[concat(parameters('stem'), '-in-{own}')]");
                self.variables.push((format!("name{own}"), value));
                format!("variables('name{own}')")
            }
            _ => format!("'res{own}'"),
        };
        match (looped, way % 2) {
            (false, _) => name,
            (true, 0) => format!("concat({name}, #)"),
            (true, _) => format!("format('{{0}}{{1}}', {name}, #)"),
        }
    }

    /// Adds an edge to `target` in the way that the numbers choose, if it can be and makes no cycle.
    fn add_edge(&mut self, from: &mut Resource, target: usize, way: u8, choice: u8) {
        let to = &self.resources[target];
        let mut aim = Aim::One(target, None);
        let mut number = "copyIndex()".to_owned();
        if let Some(name) = to.loop_name.clone() {
            let is_own = from.loop_name.as_ref() == Some(&name);
            if !is_own && (choice > 3 || (from.loop_name.is_none() && choice > 0)) {
                self.closed.push(name.clone());
                from.edges.push(Edge {
                    text: name.clone(),
                    aim: Aim::Loop(name),
                    implicit: false,
                });
                return;
            }
            if let Some(own) = from.loop_name.as_ref().filter(|_| choice == 2) {
                number = format!("copyIndex('{own}')");
            }
            if from.loop_name.is_none() || choice == 3 {
                if self.breadth < Some(Breadth::Instances) {
                    return;
                }
                let instance = usize::from(choice) % COUNT;
                number = instance.to_string();
                aim = Aim::One(target, Some(instance));
            }
        }
        let text = if way == forms::WAYS && to.nest == Nest::Short {
            forms::property(&to.names[1])
        } else {
            forms::edge(
                &to.type_name.clone(),
                &to.names.clone(),
                way,
                &mut self.variables,
            )
        };
        let text = text.replace('#', &number);
        from.edges.push(Edge {
            aim,
            implicit: false,
            text,
        });
    }

    pub(crate) fn is(&self, index: usize, kind: Kind) -> bool {
        self.resources[index].kind == kind
    }

    pub(crate) fn is_msi(&self, index: usize) -> bool {
        self.is(index, Kind::Msi)
    }

    /// The instances of the resource at `index`.
    pub(crate) fn count(&self, index: usize) -> usize {
        if self.resources[index].loop_name.is_some() {
            COUNT
        } else {
            1
        }
    }
}

fn profile(index: usize, plan: &[(bool, Vec<u8>)]) -> Vec<Entry> {
    let name = |at: usize| format!("p{}{}", letter(index), letter(at));
    let entry = |(at, (msi, after)): (usize, &(bool, Vec<u8>))| {
        let mut after: Vec<String> = after
            .iter()
            .filter(|_| at > 0)
            .map(|target| name(usize::from(*target) % at))
            .collect();
        after.dedup();
        Entry {
            name: name(at),
            msi: *msi,
            after,
        }
    };
    plan.iter().enumerate().map(entry).collect()
}

/// A name part without digits, which the instances of a loop have.
fn letter(index: usize) -> char {
    char::from(b'a' + u8::try_from(index).unwrap())
}
