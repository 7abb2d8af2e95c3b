//! What inventories say is to be done.
//!
//! A machine that carries the extension gets a step for each name under which it does; one whose
//! extensions no inventory lists is looked at live. Never knows templates. Start at
//! [`Builder::add_inventory`].

use super::super::inventory::{IdentityState, Inventory, InventoryMachine};
use super::super::resource_id::MachineType;
use super::{Builder, KnownOrAsked, PlacedNote, Step, StepTarget, ValueKind, upgrade_remark};

const INSTANCE: &str = "the extension was set on this instance alone, and the Azure CLI has no \
                        command to remove it: use the REST operation `Virtual Machine Scale Set VM \
                        Extensions - Delete`";

impl Builder<'_> {
    pub(super) fn add_inventory(&mut self, inventory: &Inventory, check_identity: bool) {
        let mut unlisted = 0;
        let mut tally = Identities::default();
        for machine in inventory.machines.values() {
            let steps = self.of_machine(machine, inventory.lists_extensions);
            if steps.is_empty() {
                unlisted += usize::from(!machine.knows_publishers);
                continue;
            }
            if check_identity {
                tally.count(&machine.identity);
                if let Some(first) = steps.first().and_then(|at| self.runbook.steps.get_mut(*at)) {
                    first.lacks_identity = machine.identity == IdentityState::Absent;
                    first.remarks.extend(match &machine.identity {
                        IdentityState::Present(_) => None,
                        IdentityState::Absent => Some(
                            "the machine has no managed identity, so IMDS issues no tokens: assign \
                             one first"
                                .to_owned(),
                        ),
                        IdentityState::Unknown => {
                            Some("no inventory shows whether the machine has a managed identity".to_owned())
                        }
                    });
                }
            }
            let name = machine.id.name.to_lowercase();
            let key = (target_of(machine.id.kind), name);
            self.by_machine.entry(key).or_default().extend(steps);
        }
        self.add_instances(inventory);
        self.add_exported(inventory, check_identity.then_some(&mut tally));
        if unlisted > 0 {
            self.runbook.notes.push(format!(
                "machines that are missing here because no inventory shows their extensions: \
                 {unlisted} (`az vm extension list` shows those of a machine)"
            ));
        }
        if check_identity {
            self.runbook.notes.push(tally.note());
        }
    }

    fn of_machine(&mut self, machine: &InventoryMachine, lists_extensions: bool) -> Vec<usize> {
        let id = &machine.id;
        let mut remarks = vec![format!("in {}", machine.file)];
        let power = machine.power.as_deref();
        let is_stopped = power.is_some_and(|power| !power.eq_ignore_ascii_case("VM running"));
        if let Some(power) = power.filter(|_| is_stopped) {
            remarks.push(format!("the VM's state was {power:?}: start it first"));
        }
        if let Some(mode) = &machine.upgrade_mode {
            remarks.push(upgrade_remark(mode));
        }
        if machine.is_flexible {
            remarks.push("orchestration mode Flexible: the instances are VMs too".to_owned());
        }
        let step = Step {
            target: target_of(id.kind),
            subscription: Some(KnownOrAsked::Known(id.subscription.clone())),
            group: KnownOrAsked::Known(id.group.clone()),
            machine: Some(id.name.clone()),
            extension: None,
            remarks,
            is_stopped,
            lacks_identity: false,
        };
        let ours = machine.extensions.values();
        let ours: Vec<&str> = ours
            .filter(|extension| extension.is_ours == Some(true))
            .map(|extension| extension.name.as_str())
            .collect();
        let mut steps = Vec::new();
        for name in &ours {
            let named = |after: &String| after.eq_ignore_ascii_case(name);
            let all = machine.extensions.values();
            let behind = all.filter(|other| other.after.iter().any(named));
            for other in behind {
                self.runbook.behind.push(PlacedNote {
                    place: format!("{} in {}", id.name, machine.file),
                    message: other.name.clone(),
                });
            }
            steps.push(self.add(Step {
                extension: Some((*name).to_owned()),
                ..step.clone()
            }));
        }
        let mut all = machine.extensions.values();
        let may_be_ours = all.any(|extension| extension.is_ours.is_none());
        let is_open = may_be_ours || (!machine.knows_publishers && !lists_extensions);
        if ours.is_empty() && is_open {
            let mut step = step;
            step.remarks
                .push("the inventory shows no publisher of the extensions: a candidate".to_owned());
            steps.push(self.add(step));
        }
        steps
    }

    fn add_instances(&mut self, inventory: &Inventory) {
        for one in &inventory.instances {
            self.add(Step {
                target: StepTarget::Words(INSTANCE),
                subscription: Some(KnownOrAsked::Known(one.set.subscription.clone())),
                group: KnownOrAsked::Known(one.set.group.clone()),
                machine: Some(format!("{}, instance {}", one.set.name, one.instance)),
                extension: Some(one.extension.clone()),
                remarks: vec![format!("in {}", one.file)],
                is_stopped: false,
                lacks_identity: false,
            });
        }
    }

    fn add_exported(&mut self, inventory: &Inventory, mut tally: Option<&mut Identities>) {
        for one in &inventory.exported {
            let key = (target_of(one.kind), one.name.to_lowercase());
            if self.by_machine.contains_key(&key) {
                continue;
            }
            if let Some(tally) = tally.as_deref_mut() {
                tally.count(&IdentityState::Unknown);
            }
            let group = KnownOrAsked::Asked(self.ask_for(ValueKind::FilesGroup, None));
            self.add(Step {
                target: target_of(one.kind),
                subscription: None,
                group,
                machine: Some(one.name.clone()),
                extension: None,
                remarks: vec![
                    format!("in {}", one.file),
                    "an exported template omits this extension and identities: a candidate"
                        .to_owned(),
                ],
                is_stopped: false,
                lacks_identity: false,
            });
        }
    }
}

/// How many machines have an identity.
#[derive(Default)]
struct Identities {
    present: usize,
    absent: usize,
    untold: usize,
}

impl Identities {
    fn count(&mut self, state: &IdentityState) {
        match state {
            IdentityState::Present(_) => self.present += 1,
            IdentityState::Absent => self.absent += 1,
            IdentityState::Unknown => self.untold += 1,
        }
    }

    fn note(&self) -> String {
        let Self {
            present,
            absent,
            untold,
        } = self;
        format!(
            "identities: machines with one {present}, without {absent}, unknown {untold} (`az vm \
             list` and `az vmss list` show them)"
        )
    }
}

fn target_of(kind: MachineType) -> StepTarget {
    match kind {
        MachineType::VirtualMachine => StepTarget::VirtualMachine,
        MachineType::ScaleSet => StepTarget::ScaleSet,
    }
}
