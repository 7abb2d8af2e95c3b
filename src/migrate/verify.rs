//! The gate: what a result must pass before it is shown or written.
//!
//! It trusts neither the rules nor the surgery: it reads old and new text side by side. A failure
//! is a fault of this program, never of the input. Start at [`document`] and [`graph`].

use std::collections::{HashMap, HashSet};

use thiserror::Error;

use crate::arm::{self, Edge, Inherited, Instances, Model, ResourceIndex, Target};
use crate::json::surgery::{Inserted, Operation, WhenEmpty};
use crate::json::{Document, Kind, NodeId};

/// Why a result was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Fault(String);

impl Fault {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// Checks that the new text parses and that its value differs from the old one only where an
/// operation meant it to.
pub(super) fn document(
    old: &Document<'_>,
    operations: &[Operation],
    new: &Document<'_>,
) -> Result<(), Fault> {
    if let Some(error) = new.errors().first() {
        return Err(Fault::new(format!(
            "the result does not parse: {} at byte {}",
            error.message, error.offset
        )));
    }
    let (Some(old_root), Some(new_root)) = (old.root(), new.root()) else {
        return Err(Fault::new("the result is empty"));
    };
    Comparison {
        old,
        new,
        meant: Meant::of(old, operations),
    }
    .values(old_root, new_root)
}

/// The operations by the nodes they are about.
#[derive(Default)]
struct Meant<'o> {
    removed: HashSet<NodeId>,
    replaced: HashMap<NodeId, &'o [u8]>,
    /// What is inserted, by the container and the item it follows.
    inserted: HashMap<(NodeId, Option<NodeId>), Vec<&'o Operation>>,
}

impl<'o> Meant<'o> {
    fn of(old: &Document<'_>, operations: &'o [Operation]) -> Self {
        let mut meant = Self::default();
        let mut goes_when_empty = HashSet::new();
        for operation in operations {
            match operation {
                Operation::RemoveElement {
                    element,
                    when_empty,
                } => {
                    meant.removed.insert(*element);
                    if *when_empty == WhenEmpty::RemoveMember {
                        goes_when_empty.extend(old.parent(*element));
                    }
                }
                Operation::RemoveMember { key } => {
                    meant.removed.insert(*key);
                }
                Operation::Replace { node, raw } => {
                    meant.replaced.insert(*node, raw);
                }
                Operation::InsertMember { object, after, .. } => {
                    let at = meant.inserted.entry((*object, *after)).or_default();
                    at.push(operation);
                }
                Operation::InsertElement { array, after, .. } => {
                    let at = meant.inserted.entry((*array, *after)).or_default();
                    at.push(operation);
                }
            }
        }
        for array in goes_when_empty {
            let emptied = old
                .children(array)
                .all(|child| meant.removed.contains(&child))
                && meant
                    .inserted
                    .keys()
                    .all(|(container, _)| *container != array);
            if let Some(key) = old.parent(array).filter(|_| emptied) {
                meant.removed.insert(key);
            }
        }
        meant
    }
}

/// An item that the new container should have.
enum Item<'o> {
    Kept(NodeId),
    New(&'o Operation),
}

struct Comparison<'o, 'a, 'b> {
    old: &'a Document<'a>,
    new: &'b Document<'b>,
    meant: Meant<'o>,
}

impl Comparison<'_, '_, '_> {
    fn values(&self, old: NodeId, new: NodeId) -> Result<(), Fault> {
        if let Some(raw) = self.meant.replaced.get(&old) {
            return self.same(raw, new);
        }
        let kind = self.old.kind(old);
        let same = kind == self.new.kind(new)
            && match kind {
                Kind::Object | Kind::Array => return self.items(old, new),
                Kind::Key | Kind::String => self.old.string(old) == self.new.string(new),
                Kind::Number | Kind::Bool | Kind::Null => self.old.raw(old) == self.new.raw(new),
            };
        if same { Ok(()) } else { Err(self.differs(new)) }
    }

    fn items(&self, old: NodeId, new: NodeId) -> Result<(), Fault> {
        let mut expected = Vec::new();
        let inserted = |after| {
            let operations = self.meant.inserted.get(&(old, after));
            operations.into_iter().flatten().map(|o| Item::New(o))
        };
        expected.extend(inserted(None));
        for child in self.old.children(old) {
            if !self.meant.removed.contains(&child) {
                expected.push(Item::Kept(child));
            }
            expected.extend(inserted(Some(child)));
        }
        let mut found = self.new.children(new);
        for item in expected {
            let Some(found) = found.next() else {
                return Err(self.differs(new));
            };
            match item {
                Item::Kept(child) => self.item(child, found)?,
                Item::New(operation) => self.inserted(operation, found)?,
            }
        }
        match found.next() {
            None => Ok(()),
            Some(extra) => Err(self.differs(extra)),
        }
    }

    fn item(&self, old: NodeId, new: NodeId) -> Result<(), Fault> {
        if self.old.kind(old) != Kind::Key {
            return self.values(old, new);
        }
        match (self.old.value(old), self.new.value(new)) {
            (Some(old_value), Some(new_value)) if self.old.string(old) == self.new.string(new) => {
                self.values(old_value, new_value)
            }
            _ => Err(self.differs(new)),
        }
    }

    fn inserted(&self, operation: &Operation, new: NodeId) -> Result<(), Fault> {
        match operation {
            Operation::InsertMember { name, value, .. } => {
                let named = self.new.string(new).as_ref() == Some(name);
                match self.new.value(new).filter(|_| named) {
                    Some(found) => self.same(value.to_string().as_bytes(), found),
                    None => Err(self.differs(new)),
                }
            }
            Operation::InsertElement {
                value: Inserted::Value(value),
                ..
            } => self.same(value.to_string().as_bytes(), new),
            Operation::InsertElement {
                value: Inserted::Raw(raw),
                ..
            } => self.same(raw, new),
            _ => Err(self.differs(new)),
        }
    }

    /// Whether the new node has the value that `raw` spells.
    fn same(&self, raw: &[u8], new: NodeId) -> Result<(), Fault> {
        let meant = Document::parse(raw);
        let comparison = Comparison {
            old: &meant,
            new: self.new,
            meant: Meant::default(),
        };
        match meant.root().filter(|_| meant.errors().is_empty()) {
            Some(root) => comparison.values(root, new),
            None => Err(Fault::new("an operation inserts text that does not parse")),
        }
    }

    fn differs(&self, new: NodeId) -> Fault {
        Fault::new(format!(
            "the result differs at {} from what was meant",
            self.new.path(new)
        ))
    }
}

/// Checks that the new template has all resources but the `removed` ones, that nothing dangles that
/// did not, and that the edges of each survivor are the contraction of its old ones.
pub(super) fn graph(
    old: &Model<'_>,
    removed: &HashSet<ResourceIndex>,
    new: &Model<'_>,
) -> Result<(), Fault> {
    let survivors: Vec<ResourceIndex> = (0..old.resources().len())
        .filter(|index| !removed.contains(index))
        .collect();
    if survivors.len() != new.resources().len() {
        return Err(Fault::new(
            "the result has not the resources that should be left",
        ));
    }
    let renumbered: HashMap<ResourceIndex, ResourceIndex> = survivors
        .iter()
        .enumerate()
        .map(|(new_index, old_index)| (*old_index, new_index))
        .collect();
    for (new_index, old_index) in survivors.iter().enumerate() {
        let pair = (old.resource(*old_index), new.resource(new_index));
        let (Some(before), Some(after)) = pair else {
            continue;
        };
        if before.key != after.key || before.type_name != after.type_name {
            return Err(Fault::new(format!(
                "the result has another resource where {} stood",
                described(before)
            )));
        }
        let check = EdgeCheck {
            old,
            removed,
            new,
            renumbered: &renumbered,
            before: *old_index,
            after: new_index,
        };
        check
            .run()
            .map_err(|what| Fault::new(format!("{what} for {}", described(before))))?;
    }
    Ok(())
}

fn described(resource: &arm::Resource) -> String {
    let name = resource.key.as_deref().unwrap_or(&resource.type_name);
    format!("the resource {name}")
}

struct EdgeCheck<'c, 'o, 'n> {
    old: &'c Model<'o>,
    removed: &'c HashSet<ResourceIndex>,
    new: &'c Model<'n>,
    renumbered: &'c HashMap<ResourceIndex, ResourceIndex>,
    before: ResourceIndex,
    after: ResourceIndex,
}

impl EdgeCheck<'_, '_, '_> {
    fn run(&self) -> Result<(), &'static str> {
        let before = arm::contracted_edges(self.old, self.removed, self.before);
        let after = self.new.edges(self.after);
        let mut meant: HashSet<ResourceIndex> = HashSet::new();
        let mut unresolved: HashSet<&Target> = HashSet::new();
        for inherited in &before {
            let edge = inherited.edge;
            let wanted = self.survivors_of(edge);
            if edge.reach.resources.is_empty() {
                unresolved.extend(&edge.reach.target);
            }
            for wanted in &wanted {
                if *wanted != self.after && !self.is_kept(*inherited, *wanted) {
                    return Err("an edge is lost");
                }
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
                return Err("an edge dangles that did not");
            }
            if edge
                .reach
                .resources
                .iter()
                .any(|found| !meant.contains(found))
            {
                return Err("an edge is new that nothing stands for");
            }
        }
        Ok(())
    }

    /// What an old edge names, as indices of the new model.
    fn survivors_of(&self, edge: &Edge) -> Vec<ResourceIndex> {
        let resources = edge.reach.resources.iter();
        resources
            .filter_map(|index| self.renumbered.get(index).copied())
            .collect()
    }

    /// Whether the resource still waits for `wanted`: by an edge, or through resources that every
    /// deployment has.
    fn is_kept(&self, inherited: Inherited<'_>, wanted: ResourceIndex) -> bool {
        let edge = inherited.edge;
        let looped = self
            .new
            .resource(wanted)
            .is_some_and(|resource| resource.looped);
        let mut seen = HashSet::new();
        let mut open = Vec::new();
        for own in self.new.edges(self.after) {
            let reach = &own.reach;
            let names = reach.resources.contains(&wanted);
            let kept = match inherited.instances {
                Instances::Own => reach.covers(&edge.reach, wanted, looped),
                Instances::All => names && (!looped || reach.whole_loop),
                // Which instance it was cannot be said in the new words.
                Instances::Other => names,
            };
            if kept {
                return true;
            }
            open.extend(reach.resources.iter().copied());
        }
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

    /// A machine, the extension and a script that waits for it, with this `dependsOn`.
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
        graph(&Model::new(&old), &HashSet::from([1]), &Model::new(&new))
    }

    #[test]
    fn the_contraction_passes() {
        assert_eq!(graph_of(&template("", r#""vm""#)), Ok(()));
    }

    #[test]
    fn a_lost_edge_is_refused() {
        let fault = graph_of(&template("", "")).unwrap_err();
        assert!(fault.to_string().contains("an edge is lost"), "{fault}");
    }

    #[test]
    fn an_edge_left_dangling_is_refused() {
        let fault = graph_of(&template("", r#""vm", "vm/msi""#)).unwrap_err();
        assert!(fault.to_string().contains("dangles"), "{fault}");
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
        let result = graph(&Model::new(&old), &HashSet::from([1]), &Model::new(&new));
        let fault = result.unwrap_err();
        assert!(fault.to_string().contains("nothing stands for"), "{fault}");
    }

    #[test]
    fn a_resource_that_went_too_is_refused() {
        let fault = graph_of(r#"{"resources": []}"#).unwrap_err();
        assert!(fault.to_string().contains("should be left"), "{fault}");
        let renamed = template("", r#""vm""#).replace("vm/script", "vm/other");
        let fault = graph_of(&renamed).unwrap_err();
        assert!(fault.to_string().contains("another resource"), "{fault}");
    }

    /// Removes the second element of `[1, 2, {"a": "b"}]`, and pretends that `new` came out.
    fn document_of(new: &str) -> Result<(), Fault> {
        let old = Document::parse(br#"[1, 2, {"a": "b"}]"#);
        let element = old.children(old.root().unwrap()).nth(1).unwrap();
        let operations = [Operation::RemoveElement {
            element,
            when_empty: WhenEmpty::Keep,
        }];
        document(&old, &operations, &Document::parse(new.as_bytes()))
    }

    #[test]
    fn only_what_was_meant_may_differ() {
        assert_eq!(document_of(r#"[1, {"a": "\u0062"}]"#), Ok(()));
        for sabotaged in [
            "[1, {\"a\": \"b\"}",
            "[1]",
            "[1, 2, {\"a\": \"b\"}]",
            "[1, {\"a\": \"c\"}]",
            "[1, {\"A\": \"b\"}]",
            "[1.0, {\"a\": \"b\"}]",
            "[1, {\"a\": \"b\", \"c\": 1}]",
            "[1, [\"b\"]]",
        ] {
            assert!(document_of(sabotaged).is_err(), "{sabotaged}");
        }
    }

    #[test]
    fn what_is_inserted_must_be_what_was_meant() {
        let old = Document::parse(br#"{"type": 1}"#);
        let root = old.root().unwrap();
        let operations = [Operation::InsertMember {
            object: root,
            after: old.key(root, "type"),
            name: "identity".to_owned(),
            value: serde_json::json!({"type": "SystemAssigned"}),
        }];
        let check = |new: &str| document(&old, &operations, &Document::parse(new.as_bytes()));
        assert_eq!(
            check(r#"{"type": 1, "identity": {"type": "SystemAssigned"}}"#),
            Ok(())
        );
        assert!(check(r#"{"identity": {"type": "SystemAssigned"}, "type": 1}"#).is_err());
        assert!(check(r#"{"type": 1, "identity": {"type": "None"}}"#).is_err());
        assert!(check(r#"{"type": 1}"#).is_err());
    }
}
