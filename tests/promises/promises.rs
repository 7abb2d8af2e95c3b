//! One generated template, and whether the product keeps its promises for it. Start at [`Case`].

use std::collections::{BTreeMap, BTreeSet};

use msi2imds::migrate::{Fixed, Migration, Options, migrate};
use msi2imds::rules::Fix;
use msi2imds::text::{apply, unified_diff};

use crate::build;
use crate::comments;
use crate::graph::{self, Edges, Names, Node};
use crate::order;
use crate::patch::patched;
use crate::style::Style;
use crate::template::{Kind, Plan, Template};
use crate::tree::{Tree, object, text};

/// The members that a migration may write to. `resources` is compared one by one.
const WRITABLE: [&str; 4] = [
    "dependsOn",
    "provisionAfterExtensions",
    "identity",
    "resources",
];

/// A template and what became of it.
pub(crate) struct Case {
    template: Template,
    tree: Tree,
    source: Vec<u8>,
    migration: Migration,
}

impl Case {
    pub(crate) fn new(plan: &Plan, style: &Style) -> Self {
        let template = plan.template();
        let tree = build::tree(&template, plan.order);
        let source = style.render(&tree);
        let migration = migrate(&source, &Options::default());
        Self {
            template,
            tree,
            source,
            migration,
        }
    }

    /// What is wrong, with the texts.
    pub(crate) fn described(&self, what: &str) -> String {
        let old = String::from_utf8_lossy(&self.source);
        let new = self
            .migration
            .fixed
            .as_ref()
            .map(|fixed| fixed.bytes.as_slice());
        let new = new.map_or("nothing".into(), String::from_utf8_lossy);
        format!("{what}\n== from\n{old}\n== came\n{new}")
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        if Tree::parse(&self.source) != self.tree {
            return Err("the text is not the value it was made from".into());
        }
        self.meaning_and_text_agree()?;
        if let Some(fault) = &self.migration.fault {
            return Err(format!("the gate refused: {fault}"));
        }
        let unchanged = self.tree.clone();
        let (new, nothing) = match &self.migration.fixed {
            Some(fixed) => {
                self.bytes(fixed)?;
                (Tree::parse(&fixed.bytes), false)
            }
            None => (unchanged, true),
        };
        let (found, removed) = self.survivors(&new)?;
        self.holds(&removed, nothing)?;
        for (index, after) in &found {
            self.resource(*index, after, &removed)?;
        }
        if let Some(fixed) = &self.migration.fixed {
            comments::check(&self.source, fixed)?;
        }
        if self.tree.without(&["resources"]) != new.without(&["resources"]) {
            return Err("something beside the resources changed".into());
        }
        self.order(&found, &removed)
    }

    /// A test of the test: what edges mean is what their texts say.
    fn meaning_and_text_agree(&self) -> Result<(), String> {
        let names = Names::new(&self.template, &BTreeSet::new());
        for node in graph::nodes(&self.template) {
            for edge in &self.template.resources[node.0].edges {
                let meant = graph::aimed(&self.template, &edge.aim, node.1);
                if names.targets(&edge.text, node.1) != meant {
                    return Err(format!("the generator is wrong about {}", edge.text));
                }
            }
        }
        Ok(())
    }

    fn bytes(&self, fixed: &Fixed) -> Result<(), String> {
        if fixed.bytes == self.source {
            return Err("a fix of nothing".into());
        }
        if apply(&self.source, &fixed.edits).as_ref() != Ok(&fixed.bytes) {
            return Err("the edits do not give the bytes".into());
        }
        let diff = unified_diff(b"template.json", &self.source, &fixed.bytes);
        if patched(&self.source, diff.bytes()) != fixed.bytes {
            return Err("the patch does not give the bytes".into());
        }
        let again = migrate(&fixed.bytes, &Options::default());
        match (&again.fault, &again.fixed) {
            (None, None) => {}
            _ => return Err("a second run is no no-op".into()),
        }
        self.line_ends(fixed)
    }

    fn line_ends(&self, fixed: &Fixed) -> Result<(), String> {
        let ends = |text: &[u8]| {
            let text = String::from_utf8(text.to_vec()).unwrap();
            let bare = text.replace("\r\n", "").contains('\n');
            (
                text.starts_with('\u{feff}'),
                text.contains("\r\n"),
                bare,
                text.ends_with('\n'),
            )
        };
        match ends(&self.source) == ends(&fixed.bytes) {
            true => Ok(()),
            false => Err("the mark, the line ends or the last newline changed".into()),
        }
    }

    /// The resources in the new template by index, and the indices of those that are gone.
    fn survivors<'n>(
        &self,
        new: &'n Tree,
    ) -> Result<(BTreeMap<usize, &'n Tree>, BTreeSet<usize>), String> {
        let by_name = |name: &str| {
            let mut all = self.template.resources.iter();
            all.position(|resource| build::name(resource) == name)
        };
        let mut found = BTreeMap::new();
        let mut open: Vec<&Tree> = new.get("resources").unwrap().elements().iter().collect();
        while let Some(resource) = open.pop() {
            let name = resource.get("name").and_then(Tree::str).unwrap();
            let Some(index) = by_name(name) else {
                return Err(format!("a resource called {name} was not there"));
            };
            found.insert(index, resource);
            open.extend(resource.get("resources").map_or(&[][..], Tree::elements));
        }
        let all = 0..self.template.resources.len();
        let removed: BTreeSet<usize> = all.filter(|index| !found.contains_key(index)).collect();
        match removed.iter().find(|index| !self.template.is_msi(**index)) {
            Some(lost) => Err(format!(
                "{} is lost",
                build::name(&self.template.resources[*lost])
            )),
            None => Ok((found, removed)),
        }
    }

    /// Nothing is held but for a reason, and what is held is said to be.
    fn holds(&self, removed: &BTreeSet<usize>, nothing: bool) -> Result<(), String> {
        let msis = (0..self.template.resources.len()).filter(|index| self.template.is_msi(*index));
        let left = msis.filter(|index| !removed.contains(index)).count();
        let is_held = |finding: &&msi2imds::rules::Finding| {
            finding.rule.id == "vm-extension" && matches!(finding.fix, Fix::Held(_))
        };
        let said: Vec<_> = self.migration.findings.iter().filter(is_held).collect();
        if left != said.len() {
            return Err(format!(
                "{left} extensions are left, {} are said to be",
                said.len()
            ));
        }
        let looped = |resource: &crate::template::Resource| resource.loop_name.is_some();
        let may_hold = self.template.read.is_some() || self.template.resources.iter().any(looped);
        if left > 0 && !may_hold {
            return Err(format!(
                "an extension is held without need: {:?}",
                said[0].fix
            ));
        }
        let profiles = self
            .template
            .resources
            .iter()
            .flat_map(|resource| &resource.profile);
        let has_entry = profiles.filter(|entry| entry.msi).count() > 0;
        match nothing == (removed.is_empty() && !has_entry) {
            true => Ok(()),
            false => Err("what was removed and what was written differ".into()),
        }
    }

    fn resource(
        &self,
        index: usize,
        after: &Tree,
        removed: &BTreeSet<usize>,
    ) -> Result<(), String> {
        let resource = &self.template.resources[index];
        let name = build::name(resource);
        let before = find(self.tree.get("resources").unwrap(), &name).unwrap();
        let steps = [
            "properties",
            "virtualMachineProfile",
            "extensionProfile",
            "extensions",
        ];
        if resource.kind == Kind::ScaleSet {
            let list = after
                .at(&steps)
                .map(Tree::elements)
                .ok_or("a profile is gone")?;
            order::check(&resource.profile, list, true)?;
        }
        let gone: Vec<&str> = resource
            .profile
            .iter()
            .filter(|entry| entry.msi)
            .map(|entry| entry.name.as_str())
            .collect();
        if without_entries(&before.without(&WRITABLE), &gone) != after.without(&WRITABLE) {
            return Err(format!("{name} changed where it should not"));
        }
        let lost = (0..self.template.resources.len()).filter(|child| {
            let child_of = self.template.resources[*child].machine == Some(index);
            child_of && removed.contains(child)
        });
        let lost: Vec<usize> = lost.collect();
        let mut conditions = lost
            .iter()
            .map(|child| self.template.resources[*child].condition);
        let certain = !gone.is_empty() || conditions.any(|conditional| !conditional);
        let old = resource.plan.identity == 6;
        let meant = match before.get("identity") {
            None if certain && !old => Some(object([("type", text("SystemAssigned"))])),
            other => other.cloned(),
        };
        if meant.as_ref() != after.get("identity") {
            return Err(format!("the identity of {name} is wrong"));
        }
        let waits_for_removed = resource.edges.iter().any(|edge| {
            let targets = graph::aimed(&self.template, &edge.aim, 0);
            targets.iter().any(|target| removed.contains(&target.0))
        });
        if !waits_for_removed && before.get("dependsOn") != after.get("dependsOn") {
            return Err(format!("the edges of {name} changed without need"));
        }
        if after
            .get("dependsOn")
            .is_some_and(|list| list.elements().is_empty())
            && !before
                .get("dependsOn")
                .is_some_and(|list| list.elements().is_empty())
        {
            return Err(format!("an empty dependsOn is left at {name}"));
        }
        Ok(())
    }

    /// Survivors wait for each other as before, whichever conditional ones are deployed.
    fn order(
        &self,
        found: &BTreeMap<usize, &Tree>,
        removed: &BTreeSet<usize>,
    ) -> Result<(), String> {
        let names = Names::new(&self.template, removed);
        let before = graph::meant(&self.template);
        let mut after = Edges::new();
        let mut widened = false;
        for node in before.keys().filter(|node| !removed.contains(&node.0)) {
            let resource = &self.template.resources[node.0];
            let mut targets = BTreeSet::new();
            for entry in found[&node.0].texts("dependsOn") {
                if Names::is_misplaced(entry, resource.loop_name.is_some()) {
                    return Err(format!("{entry} stands outside of a loop"));
                }
                let named = names.targets(entry, node.1);
                if named.is_empty() {
                    return Err(format!("{entry} dangles"));
                }
                if named.contains(node) {
                    return Err(format!("by {entry} a resource waits for itself"));
                }
                let is_new = resource.edges.iter().all(|edge| edge.text != entry);
                widened |= is_new && names.is_loop(entry);
                targets.extend(named);
            }
            for edge in resource.edges.iter().filter(|edge| edge.implicit) {
                targets.extend(graph::aimed(&self.template, &edge.aim, node.1));
            }
            after.insert(*node, targets);
        }
        let conditional: Vec<usize> = found
            .keys()
            .copied()
            .filter(|at| self.template.resources[*at].condition)
            .collect();
        for absent in graph::scenarios(&conditional) {
            let is_left =
                |pair: &(Node, Node)| !removed.contains(&pair.0.0) && !removed.contains(&pair.1.0);
            let old = graph::waits(&before, &absent)
                .into_iter()
                .filter(is_left)
                .collect();
            let new = graph::waits(&after, &absent);
            self.same_order(&old, &new, widened)
                .map_err(|what| format!("{what}, where {absent:?} are absent"))?;
        }
        Ok(())
    }

    fn same_order(
        &self,
        old: &BTreeSet<(Node, Node)>,
        new: &BTreeSet<(Node, Node)>,
        widened: bool,
    ) -> Result<(), String> {
        let told = |(a, b): &(Node, Node)| {
            let name = |node: &Node| build::name(&self.template.resources[node.0]);
            format!("{}#{} waits for {}#{}", name(a), a.1, name(b), b.1)
        };
        if let Some(lost) = old.difference(new).next() {
            return Err(format!("it is lost that {}", told(lost)));
        }
        let by_resource: BTreeSet<(usize, usize)> = old.iter().map(|(a, b)| (a.0, b.0)).collect();
        for extra in new.difference(old) {
            if !widened || !by_resource.contains(&(extra.0.0, extra.1.0)) {
                return Err(format!("it is new that {}", told(extra)));
            }
        }
        Ok(())
    }
}

/// The resource of this name in a list of resources, or nested in them.
fn find<'t>(list: &'t Tree, name: &str) -> Option<&'t Tree> {
    list.elements().iter().find_map(|resource| {
        if resource.get("name").and_then(Tree::str) == Some(name) {
            return Some(resource);
        }
        find(resource.get("resources")?, name)
    })
}

/// The value without the list elements that have one of these names.
fn without_entries(tree: &Tree, gone: &[&str]) -> Tree {
    match tree {
        Tree::List(elements) => {
            let is_left = |element: &&Tree| {
                let name = element.get("name").and_then(Tree::str);
                name.is_none_or(|name| !gone.contains(&name))
            };
            let left = elements.iter().filter(is_left);
            Tree::List(left.map(|element| without_entries(element, gone)).collect())
        }
        Tree::Object(members) => {
            let members = members.iter();
            Tree::Object(
                members
                    .map(|(k, v)| (k.clone(), without_entries(v, gone)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}
