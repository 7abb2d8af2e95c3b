//! From a plan's numbers to a template's meaning. Start at [`template`].

use std::collections::BTreeMap;

use super::edges;
use super::naming::{letter, loop_name};
use super::plan::{Breadth, PartPlan, Plan, ResourcePlan, Scope};
use super::template::{
    DEPLOYMENT, Entry, Kind, Loop, NIC, NODE_TYPE, Nest, POOL, Part, ROLE, Resource, SCALE_SET,
    Template, VM, Values,
};

/// The template that `plan` makes.
pub(crate) fn template(plan: &Plan) -> Template {
    let mut root = Author::new(plan.breadth, "", values(""), plan.nested.len());
    root.write(&plan.root);
    let mut root = root.part;
    let deployments = (0..root.resources.len())
        .filter(|index| root.resources[*index].kind == Kind::Deployment)
        .collect::<Vec<_>>();
    let mut nested = BTreeMap::new();
    for (deployment, (scope, plan_of_part)) in deployments.into_iter().zip(&plan.nested) {
        let inner = *scope == Scope::Inner;
        let tag = if inner { "" } else { ["x", "y"][nested.len()] };
        let seen = if inner {
            values("own-")
        } else {
            std::mem::take(&mut root.values)
        };
        let mut author = Author::new(plan.breadth, tag, seen, 0);
        author.write(plan_of_part);
        let mut part = author.part;
        part.scope = Some(*scope);
        if !inner {
            root.values = part.values.clone();
            part.decoys = Some(values("decoy-"));
        }
        nested.insert(deployment, part);
    }
    // What a nested template adds to the values around it is seen by the ones before it too.
    for part in nested.values_mut() {
        if part.scope != Some(Scope::Inner) {
            part.values = root.values.clone();
        }
    }
    Template { root, nested }
}

fn values(mark: &str) -> Values {
    let shift = |number: usize| (format!("shift{number}"), number.to_string());
    let mut variables = vec![("prefix".to_owned(), format!("{mark}pre"))];
    variables.extend((0..6).map(shift));
    let parameter = |name: &str, value: &str| (name.to_owned(), format!("{mark}{value}"));
    Values {
        variables,
        parameters: vec![
            parameter("stem", "stem"),
            parameter("os", "Linux"),
            parameter("vm", "given"),
        ],
    }
}

/// A template in the making.
pub(crate) struct Author {
    pub(crate) part: Part,
    /// Loops that an edge names: one who carries them later could make a cycle.
    pub(crate) closed: Vec<String>,
    pub(crate) breadth: Breadth,
    /// Tells its variables apart from those of others in one scope.
    pub(crate) tag: &'static str,
    deployments: usize,
}

/// Where an extension belongs.
struct Place {
    machine: Option<usize>,
    machine_type: &'static str,
    machine_name: String,
    nest: Nest,
    looping: Option<Loop>,
    copies: bool,
    shift: usize,
    fixed: bool,
}

impl Author {
    fn new(breadth: Breadth, tag: &'static str, values: Values, deployments: usize) -> Self {
        let part = Part {
            values,
            ..Part::default()
        };
        Self {
            part,
            closed: Vec::new(),
            breadth,
            tag,
            deployments,
        }
    }

    fn write(&mut self, plan: &PartPlan) {
        for (index, plan) in plan.resources.iter().enumerate() {
            let resource = self.resource(index, plan);
            self.part.resources.push(resource);
        }
        let msis: Vec<usize> = self.part.msis().collect();
        if plan.read > 21 && !msis.is_empty() {
            self.part.read = Some(msis[usize::from(plan.read) % msis.len()]);
        }
        self.part.order = plan.order;
    }

    fn resource(&mut self, index: usize, plan: &ResourcePlan) -> Resource {
        let machines: Vec<usize> = (0..index)
            .filter(|at| {
                matches!(
                    self.part.resources[*at].kind,
                    Kind::Machine | Kind::ScaleSet
                )
            })
            .collect();
        let elsewhere = plan.nest == 5;
        let kind = match plan.kind {
            0..=8 if machines.is_empty() && !elsewhere => Kind::Machine,
            0..=5 => Kind::Msi,
            6..=8 => Kind::Script,
            9 | 10 => Kind::Machine,
            11 => Kind::ScaleSet,
            12 | 13 if self.deployments > 0 => {
                self.deployments -= 1;
                Kind::Deployment
            }
            16 => Kind::NodeType,
            17 => Kind::Pool,
            _ => Kind::Other,
        };
        let mut resource = if matches!(kind, Kind::Msi | Kind::Script) {
            let place = match elsewhere {
                true => self.elsewhere(index, plan),
                false => {
                    let machine = machines[usize::from(plan.machine) % machines.len()];
                    self.on_machine(index, machine, plan)
                }
            };
            self.extension(index, kind, place, plan)
        } else {
            self.plain(index, kind, plan)
        };
        edges::add(self, &mut resource, index);
        if !kind.list().is_empty() {
            resource.profile = profile(index, &plan.profile);
        }
        resource
    }

    /// A resource that is no extension.
    fn plain(&mut self, index: usize, kind: Kind, plan: &ResourcePlan) -> Resource {
        let type_name = match kind {
            Kind::Machine => VM,
            Kind::ScaleSet => SCALE_SET,
            Kind::NodeType => NODE_TYPE,
            Kind::Pool => POOL,
            Kind::Deployment => DEPLOYMENT,
            _ if plan.kind.is_multiple_of(2) => NIC,
            _ => ROLE,
        };
        let may_loop = plan.looped > 5 && kind != Kind::Deployment;
        let looping = may_loop.then(|| self.new_loop(index, plan)).flatten();
        let looped = looping.is_some();
        let name = self.base_name(index, plan.name, type_name == ROLE, looped);
        let around = match kind {
            Kind::NodeType => Some("'cluster'"),
            Kind::Pool => Some("concat(variables('prefix'), 'batch')"),
            _ => None,
        };
        let around = around.map(str::to_owned);
        Resource {
            type_name: type_name.to_owned(),
            names: around.into_iter().chain([name]).collect(),
            looping,
            copies: looped,
            ..blank(kind, plan)
        }
    }

    fn extension(
        &mut self,
        index: usize,
        kind: Kind,
        place: Place,
        plan: &ResourcePlan,
    ) -> Resource {
        let own = self.extension_name(index, kind, place.machine, plan);
        Resource {
            type_name: format!("{}/extensions", place.machine_type),
            names: vec![place.machine_name, own],
            nest: place.nest,
            machine: place.machine,
            shift: place.shift,
            fixed: place.fixed,
            looping: place.looping,
            copies: place.copies,
            ..blank(kind, plan)
        }
    }

    /// The place of an extension of a machine that is not in the template.
    fn elsewhere(&self, index: usize, plan: &ResourcePlan) -> Place {
        let looping = (plan.looped > 5)
            .then(|| self.new_loop(index, plan))
            .flatten();
        let name = match (looping.is_some(), plan.machine % 3) {
            (true, 0) => "concat('out', #)",
            (true, 1) => "concat(parameters('vm'), #)",
            (true, _) => "format('{0}{1}', variables('prefix'), #)",
            (false, 0) => "'out'",
            (false, 1) => "parameters('vm')",
            (false, _) => "concat(variables('prefix'), '-out')",
        };
        Place {
            machine: None,
            machine_type: VM,
            machine_name: name.to_owned(),
            nest: Nest::Root,
            copies: looping.is_some(),
            looping,
            shift: 0,
            fixed: false,
        }
    }

    fn on_machine(&self, index: usize, machine: usize, plan: &ResourcePlan) -> Place {
        let home = &self.part.resources[machine];
        let mut place = Place {
            machine: Some(machine),
            machine_type: if home.kind == Kind::ScaleSet {
                SCALE_SET
            } else {
                VM
            },
            machine_name: home.names[0].clone(),
            nest: match plan.nest {
                1 | 2 => Nest::Short,
                3 => Nest::Full,
                _ => Nest::Root,
            },
            looping: None,
            copies: false,
            shift: 0,
            fixed: false,
        };
        let Some(around) = home.looping.clone() else {
            return place;
        };
        if place.nest != Nest::Root {
            place.looping = Some(around);
            return place;
        }
        let (mut count, mut shift) = (around.count, 0);
        if self.breadth == Breadth::Instances {
            count = 2 + usize::from(plan.count) % (around.count - 1);
            shift = usize::from(plan.offset) % (around.count - count + 1);
        }
        if self.breadth == Breadth::Instances && plan.looped == 9 {
            let number = (around.offset + shift).to_string();
            place.machine_name = place.machine_name.replace('#', &number);
            place.shift = shift;
            place.fixed = true;
            return place;
        }
        let shares = plan.looped % 2 == 1 && home.copies && !self.is_closed(&around.name);
        place.shift = shift;
        place.copies = true;
        place.looping = Some(Loop {
            name: if shares {
                around.name
            } else {
                loop_name(index)
            },
            count,
            offset: around.offset + shift,
        });
        place
    }

    /// A loop of its own, or one of a name that others have.
    fn new_loop(&self, index: usize, plan: &ResourcePlan) -> Option<Loop> {
        if self.breadth == Breadth::Plain {
            return None;
        }
        let known = self.part.resources.iter().filter(|other| other.copies);
        let known = known.filter_map(|other| other.looping.as_ref());
        let mut shared = known.filter(|known| !self.is_closed(&known.name));
        let shared = shared.next().filter(|_| plan.looped == 7);
        Some(Loop {
            name: shared.map_or_else(|| loop_name(index), |shared| shared.name.clone()),
            // One instance would let each way of counting mean the same.
            count: 2 + usize::from(plan.count) % 3,
            offset: usize::from(plan.offset) % 3,
        })
    }

    fn is_closed(&self, name: &str) -> bool {
        self.closed.iter().any(|closed| closed == name)
    }
}

/// A resource without a name, for itself.
fn blank(kind: Kind, plan: &ResourcePlan) -> Resource {
    Resource {
        kind,
        type_name: String::new(),
        names: Vec::new(),
        nest: Nest::Root,
        machine: None,
        shift: 0,
        fixed: false,
        looping: None,
        copies: false,
        condition: plan.condition > 5,
        edges: Vec::new(),
        mentions: Vec::new(),
        after: Vec::new(),
        profile: Vec::new(),
        plan: plan.clone(),
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
