//! Whether the survivors depend on what they depended on.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use regex::Regex;

use crate::arm::{self, DeclaredEdge, Instances, Model, Reach, ResourceIndex, Target};

use super::Fault;

/// Checks that the new template has all resources but the `removed` ones, that nothing dangles that
/// did not, and that the edges of each survivor are the contraction of its old ones, with the
/// `declared` ones. A resource is known by its type and name, but for the names of the `loops` that go
/// over a list which loses something: the list is a part of them.
pub(in crate::migrate) fn graph(
    old: &Model<'_>,
    removed: &HashSet<ResourceIndex>,
    loops: &HashSet<ResourceIndex>,
    declared: &[DeclaredEdge],
    new: &Model<'_>,
) -> Result<(), Fault> {
    let survivors: Vec<ResourceIndex> = (0..old.resources().len())
        .filter(|index| !removed.contains(index))
        .collect();
    if survivors.len() != new.resources().len() {
        return Err(Fault::new("the result lacks resources that should remain"));
    }
    let renumbered: HashMap<ResourceIndex, ResourceIndex> = survivors
        .iter()
        .enumerate()
        .map(|(new_index, old_index)| (*old_index, new_index))
        .collect();
    let mut declared_by: HashMap<ResourceIndex, Vec<&DeclaredEdge>> = HashMap::new();
    for edge in declared {
        declared_by.entry(edge.resource).or_default().push(edge);
    }
    for (new_index, old_index) in survivors.iter().enumerate() {
        let pair = (old.resource(*old_index), new.resource(new_index));
        let (Some(before), Some(after)) = pair else {
            continue;
        };
        let same_name = before.key == after.key
            || loops.contains(old_index)
            || before.key.as_deref().map(without_reading)
                == after.key.as_deref().map(without_reading);
        if !same_name || before.type_name != after.type_name {
            return Err(Fault::new(format!(
                "the result has another resource in place of {}",
                described(before)
            )));
        }
        let check = EdgeCheck {
            old,
            removed,
            new,
            renumbered: &renumbered,
            declared: declared_by.get(old_index).map_or(&[], Vec::as_slice),
            before: *old_index,
            after: new_index,
        };
        check
            .run()
            .map_err(|what| Fault::new(format!("{what} for {}", described(before))))?;
    }
    Ok(())
}

/// A key in which a machine's principal has one spelling, be it read from the machine or from its
/// Identities/default: names may be made of it, and stay what they were.
fn without_reading(key: &str) -> String {
    static SPELLINGS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?i)/providers/microsoft\.managedidentity/identities/default|,'\d{4}-\d\d-\d\d(-preview)?'|,'full'|\.identity",
        )
        .ok()
    });
    match &*SPELLINGS {
        Some(spellings) if key.contains(".principalid") => {
            spellings.replace_all(key, "").into_owned()
        }
        _ => key.to_owned(),
    }
}

fn described(resource: &arm::Resource) -> String {
    let name = resource.key.as_deref().unwrap_or(&resource.type_name);
    format!("the resource {name}")
}

/// What the edges of a resource reach, by each resource that they do.
type Reaching<'r> = HashMap<ResourceIndex, Vec<&'r Reach>>;

struct EdgeCheck<'c, 'o, 'n> {
    old: &'c Model<'o>,
    removed: &'c HashSet<ResourceIndex>,
    new: &'c Model<'n>,
    renumbered: &'c HashMap<ResourceIndex, ResourceIndex>,
    declared: &'c [&'c DeclaredEdge],
    before: ResourceIndex,
    after: ResourceIndex,
}

impl EdgeCheck<'_, '_, '_> {
    fn run(&self) -> Result<(), &'static str> {
        let before = arm::contracted_edges(self.old, self.removed, self.before);
        let after = self.new.edges(self.after);
        let mut reaching: Reaching<'_> = HashMap::new();
        for edge in after {
            for resource in &edge.reach.resources {
                reaching.entry(*resource).or_default().push(&edge.reach);
            }
        }
        let mut meant: HashSet<ResourceIndex> = HashSet::new();
        let mut unresolved: HashSet<&Target> = HashSet::new();
        for inherited in &before {
            let edge = inherited.edge;
            let wanted = self.survivors_of(&edge.reach);
            if edge.reach.resources.is_empty() {
                unresolved.extend(&edge.reach.target);
            }
            for wanted in &wanted {
                let own = reaching.get(wanted).map_or(&[][..], Vec::as_slice);
                let kept = || self.is_kept(own, &edge.reach, inherited.instances, *wanted);
                if *wanted != self.after && !kept() {
                    return Err("a `dependsOn` entry is lost");
                }
            }
            meant.extend(wanted);
        }
        for edge in self.declared {
            let wanted = self.survivors_of(&edge.reach);
            let kept = |wanted: &ResourceIndex| {
                let own = reaching.get(wanted).map_or(&[][..], Vec::as_slice);
                self.is_kept(own, &edge.reach, Instances::Own, *wanted)
            };
            if !wanted.iter().all(kept) {
                return Err("a `dependsOn` entry that a fix adds is missing");
            }
            meant.extend(wanted);
        }
        for edge in after {
            let dangles = edge.reach.resources.is_empty();
            let known = edge
                .reach
                .target
                .as_ref()
                .is_none_or(|target| unresolved.contains(target));
            if dangles && !known {
                return Err("a `dependsOn` entry of the result has lost its resource");
            }
            if edge
                .reach
                .resources
                .iter()
                .any(|found| !meant.contains(found))
            {
                return Err("the result has a `dependsOn` entry that no removal explains");
            }
        }
        Ok(())
    }

    /// What an old edge names, as indices of the new model.
    fn survivors_of(&self, reach: &Reach) -> Vec<ResourceIndex> {
        let resources = reach.resources.iter();
        resources
            .filter_map(|index| self.renumbered.get(index).copied())
            .collect()
    }

    /// Whether the resource still depends on `wanted`: by an edge, of which `own` are those that reach it,
    /// or through resources that every deployment has.
    fn is_kept(
        &self,
        own: &[&Reach],
        meant: &Reach,
        instances: Instances,
        wanted: ResourceIndex,
    ) -> bool {
        let looped = self
            .new
            .resource(wanted)
            .is_some_and(|resource| resource.looped);
        let keeps = |reach: &&Reach| match instances {
            Instances::Own => reach.covers(meant, wanted, looped),
            Instances::All => !looped || reach.whole_loop,
            // Which instance it was cannot be said in the new words.
            Instances::Other => true,
        };
        if own.iter().any(keeps) {
            return true;
        }
        let mut seen = HashSet::new();
        let edges = self.new.edges(self.after).iter();
        let mut open: Vec<ResourceIndex> = edges
            .flat_map(|edge| edge.reach.resources.iter().copied())
            .collect();
        while let Some(at) = open.pop() {
            let Some(resource) = self.new.resource(at) else {
                continue;
            };
            if resource.condition.is_some() || resource.looped || !seen.insert(at) {
                continue;
            }
            for edge in self.new.edges(at) {
                if !looped && edge.reach.resources.contains(&wanted) {
                    return true;
                }
                open.extend(edge.reach.resources.iter().copied());
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;

    /// A machine, the extension and a script that depends on it, with this `dependsOn`.
    fn template(extension: &str, waits_for: &str) -> String {
        format!(
            r#"{{"resources": [
  {{"type": "Microsoft.Compute/virtualMachines", "name": "vm"}},
  {extension}
  {{"type": "Microsoft.Compute/virtualMachines/extensions", "name": "vm/script",
    "dependsOn": [{waits_for}]}}
]}}"#
        )
    }

    const EXTENSION: &str = r#"{"type": "Microsoft.Compute/virtualMachines/extensions",
    "name": "vm/msi", "dependsOn": ["vm"]},"#;

    fn graph_of(new: &str) -> Result<(), Fault> {
        let old = template(EXTENSION, r#""vm/msi""#);
        let (old, new) = (
            Document::parse(old.as_bytes()),
            Document::parse(new.as_bytes()),
        );
        graph(
            &Model::new(&old),
            &HashSet::from([1]),
            &HashSet::new(),
            &[],
            &Model::new(&new),
        )
    }

    #[test]
    fn the_contraction_passes() {
        assert_eq!(graph_of(&template("", r#""vm""#)), Ok(()));
    }

    #[test]
    fn a_lost_edge_is_refused() {
        let fault = graph_of(&template("", "")).unwrap_err();
        assert!(
            fault.to_string().contains("a `dependsOn` entry is lost"),
            "{fault}"
        );
    }

    #[test]
    fn an_edge_left_dangling_is_refused() {
        let fault = graph_of(&template("", r#""vm", "vm/msi""#)).unwrap_err();
        assert!(
            fault.to_string().contains("has lost its resource"),
            "{fault}"
        );
    }

    #[test]
    fn an_edge_from_nowhere_is_refused() {
        let other = r#"{"type": "Microsoft.Network/networkInterfaces", "name": "nic"},"#;
        let old = template(&format!("{EXTENSION}{other}"), r#""vm/msi""#);
        let new = template(other, r#""vm", "nic""#);
        let (old, new) = (
            Document::parse(old.as_bytes()),
            Document::parse(new.as_bytes()),
        );
        let result = graph(
            &Model::new(&old),
            &HashSet::from([1]),
            &HashSet::new(),
            &[],
            &Model::new(&new),
        );
        let fault = result.unwrap_err();
        assert!(fault.to_string().contains("no removal explains"), "{fault}");
    }

    #[test]
    fn a_declared_edge_must_be_there_and_may_be() {
        let old = template("", "");
        let with = template("", r#""vm""#);
        let (old, with) = (
            Document::parse(old.as_bytes()),
            Document::parse(with.as_bytes()),
        );
        let (old, with) = (Model::new(&old), Model::new(&with));
        let declared = [DeclaredEdge {
            resource: 1,
            reach: old.reach(1, "vm"),
            text: "vm".to_owned(),
        }];
        let none = HashSet::new();
        assert_eq!(graph(&old, &none, &none, &declared, &with), Ok(()));
        assert!(graph(&old, &none, &none, &declared, &old).is_err());
        assert!(graph(&old, &none, &none, &[], &with).is_err());
    }

    #[test]
    fn a_resource_that_went_too_is_refused() {
        let fault = graph_of(r#"{"resources": []}"#).unwrap_err();
        assert!(fault.to_string().contains("should remain"), "{fault}");
        let renamed = template("", r#""vm""#).replace("vm/script", "vm/other");
        let fault = graph_of(&renamed).unwrap_err();
        assert!(fault.to_string().contains("another resource"), "{fault}");
    }
}
