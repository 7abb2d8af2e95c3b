//! The entries of `dependsOn` for edges that fixes declare.
//!
//! Whether one is needed, and can be, is known only once it is decided what is removed. Start at
//! [`EdgeWriter`].

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use crate::arm::{self, DeclaredEdge, ResourceIndex, Target};
use crate::json::surgery::{Inserted, Operation};
use crate::rules::{Context, Fix, HoldCode, Related, Removal, Root};

/// Holds the fixes whose edges would let a resource depend on itself.
pub(super) fn hold_circles(context: &Context<'_, '_>, removal: &Removal, roots: &mut [Root]) {
    let removed = &removal.resources;
    let edges = roots.iter().enumerate().flat_map(|(index, root)| {
        let edges = root.own_fix.iter().flat_map(|fix| &fix.edges);
        edges.map(move |edge| (index, edge))
    });
    let (owners, edges): (Vec<usize>, Vec<&DeclaredEdge>) = edges
        .filter(|(_, edge)| !removed.contains(&edge.resource))
        .unzip();
    if edges.is_empty() {
        return;
    }
    let circular = arm::circular(context.model, removed, &edges);
    for (owner, _) in owners
        .into_iter()
        .zip(circular)
        .filter(|(_, closes)| *closes)
    {
        if let Some(root) = roots.get_mut(owner)
            && let Some(fix) = root.own_fix.take()
        {
            let (reason, help) = fix.circular;
            root.finding.fix = Fix::Held(HoldCode::Order.because(reason));
            root.finding.help = vec![help];
        }
    }
}

/// Collects declared edges, and what must be written for them.
pub(super) struct EdgeWriter<'c, 'm, 'd> {
    context: &'c Context<'m, 'd>,
    removal: &'c Removal,
    edges: Vec<DeclaredEdge>,
    known: HashSet<(ResourceIndex, Option<Target>)>,
    entries: BTreeMap<ResourceIndex, Vec<String>>,
}

impl<'c, 'm, 'd> EdgeWriter<'c, 'm, 'd> {
    pub(super) fn new(context: &'c Context<'m, 'd>, removal: &'c Removal) -> Self {
        Self {
            context,
            removal,
            edges: Vec::new(),
            known: HashSet::new(),
            entries: BTreeMap::new(),
        }
    }

    /// Sees to it that `edge` holds; what to say if that takes an entry.
    pub(super) fn add(&mut self, edge: DeclaredEdge) -> Option<Related> {
        if self.removal.resources.contains(&edge.resource)
            || !self
                .known
                .insert((edge.resource, edge.reach.target.clone()))
        {
            return None;
        }
        let model = self.context.model;
        let implied = edge.is_implied(model, &self.removal.resources);
        let related = (!implied).then(|| {
            let entries = self.entries.entry(edge.resource).or_default();
            entries.push(edge.text.clone());
            let resource = model.resource(edge.resource)?;
            let document = model.document();
            let key = resource.depends_on.as_ref().map(|list| list.key);
            let place = match key.or_else(|| document.key(resource.node, "name")) {
                Some(key) => self.context.member_place(key),
                None => self.context.place(resource.node),
            };
            let message = format!("depends on {} afterwards", edge.text);
            Some(Related::new(place, message))
        });
        self.edges.push(edge);
        related.flatten()
    }

    /// The edges that must hold, and the operations that write those that do not.
    pub(super) fn finish(self) -> (Vec<DeclaredEdge>, Vec<Operation>) {
        let mut operations = Vec::new();
        for (index, texts) in &self.entries {
            operations.extend(self.write(*index, texts));
        }
        (self.edges, operations)
    }

    fn write(&self, index: ResourceIndex, texts: &[String]) -> Vec<Operation> {
        let model = self.context.model;
        let document = model.document();
        let Some(resource) = model.resource(index) else {
            return Vec::new();
        };
        let written = |text: &String| model.written(resource.template, text);
        let Some(list) = &resource.depends_on else {
            // Before the properties, where it usually is.
            let properties = document.key(resource.node, "properties");
            let mut before = document.children(resource.node);
            let first = before.next();
            let before = before.take_while(|key| Some(*key) != properties);
            return vec![Operation::InsertMember {
                object: resource.node,
                after: before.last().or(first),
                name: "dependsOn".to_owned(),
                value: texts.iter().map(written).collect(),
            }];
        };
        let Some(array) = list.array else {
            return Vec::new();
        };
        let entry = |text: &String| Operation::InsertElement {
            array,
            after: list.entries.last().copied(),
            value: Inserted::Value(Value::from(written(text))),
        };
        texts.iter().map(entry).collect()
    }
}
