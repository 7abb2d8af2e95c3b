//! What a list of extensions is made of, wherever its entries are written: in the list itself, or in
//! variables and parameter defaults that expressions put together.
//!
//! Goes from the list to the entries, and writes down in the [`Ledger`] every use that it followed, so
//! that what else uses the same can be seen. Never knows which extension an entry is. Start at
//! [`Flow`].

use std::collections::HashSet;

use crate::json::{Kind, NodeId};

use super::consumers::{Cut, Followed, Ledger};
use super::expression::{Expression, ExpressionKind, Value};
use super::instances::{self, CopyLoop};
use super::model::{Model, Resource};
use super::recognition::names_ours;
use super::scope::Declaration;
use super::uses::Access;

/// How deep variables may refer to each other.
const MAX_DEPTH: usize = 48;

/// An entry of a list.
#[derive(Clone, Debug)]
pub(super) struct FlowEntry {
    /// Its object.
    pub(super) object: NodeId,
    /// The loop that makes an extension of each such object; `None` where the object is one.
    pub(super) input: Option<NodeId>,
    /// The expression that gives it, where it is not written out.
    pub(super) computed: Option<String>,
    /// Whether it is in a variable or parameter, or is made by functions.
    pub(super) declared: bool,
}

/// A walk down to the entries of one list.
pub(super) struct Flow<'w, 'm, 'd> {
    model: &'m Model<'d>,
    ledger: &'w mut Ledger,
    template: usize,
    seen: HashSet<NodeId>,
    /// What was found, in the order of the list.
    pub(super) entries: Vec<FlowEntry>,
    /// Whether that is all there is.
    pub(super) complete: bool,
}

/// How the walk came to where it is.
#[derive(Clone, Default)]
struct Way<'p> {
    /// The members that are still to go down, the next one last.
    rest: Vec<&'p str>,
    /// Whether an entry is looked for rather than the list.
    entry: bool,
    /// The value of the variable or parameter around.
    inside: Option<NodeId>,
    /// What takes the entry out.
    cut: Option<Cut>,
    /// Whether a condition chooses the entry.
    chosen: bool,
    depth: usize,
}

impl<'w, 'm, 'd> Flow<'w, 'm, 'd> {
    /// The entries of the list at the end of the members `list` of `resource`.
    pub(super) fn of(
        model: &'m Model<'d>,
        ledger: &'w mut Ledger,
        resource: &Resource,
        list: &[&str],
    ) -> Self {
        let mut flow = Self::new(model, ledger, resource);
        let way = Way {
            rest: list.iter().rev().copied().collect(),
            ..Way::default()
        };
        flow.node(resource.node, way);
        flow
    }

    /// The objects of which the loop of `resource` makes an extension each.
    pub(super) fn of_loop(
        model: &'m Model<'d>,
        ledger: &'w mut Ledger,
        resource: &Resource,
    ) -> Self {
        let mut flow = Self::new(model, ledger, resource);
        let copy = model.document.get(resource.node, "copy");
        let count = copy.and_then(|copy| model.document.get(copy, "count"));
        if let Some(count) = count.filter(|_| resource.copies) {
            flow.instances(&CopyLoop {
                input: resource.node,
                count,
                name: resource.loop_name.clone(),
                of_resource: true,
            });
        }
        flow
    }

    fn new(model: &'m Model<'d>, ledger: &'w mut Ledger, resource: &Resource) -> Self {
        Self {
            model,
            ledger,
            template: resource.template,
            seen: HashSet::new(),
            entries: Vec::new(),
            complete: true,
        }
    }

    fn node(&mut self, node: NodeId, mut way: Way<'_>) {
        if way.depth > MAX_DEPTH || (way.inside.is_some() && !self.ledger.step()) {
            self.unknown(&way);
            return;
        }
        let document = self.model.document;
        match document.kind(node) {
            Kind::String => match self.model.expression(self.template, node) {
                Some(expression) => self.expression(node, &expression, way),
                None => self.unknown(&way),
            },
            Kind::Object => match way.rest.pop() {
                Some(step) => match document.get(node, step) {
                    Some(member) => self.node(member, way),
                    None => self.copied(node, step, &way),
                },
                None if way.entry => self.entry(node, way),
                None => self.unknown(&way),
            },
            Kind::Array if !way.entry && way.rest.last().is_none_or(|step| *step == "*") => {
                let is_list = way.rest.pop().is_none();
                for child in document.children(node) {
                    let way = way.clone();
                    self.node(
                        child,
                        match is_list {
                            true => Way {
                                entry: true,
                                cut: Some(Cut::Element(child)),
                                chosen: false,
                                ..way
                            },
                            false => way,
                        },
                    );
                }
            }
            Kind::Null => self.nothing(&way),
            _ => self.unknown(&way),
        }
    }

    /// Follows `part` of the expression in the string `node`.
    fn expression(&mut self, node: NodeId, part: &Expression, mut way: Way<'_>) {
        if !self.ledger.step() {
            self.unknown(&way);
            return;
        }
        let (name, args) = match &part.kind {
            ExpressionKind::Call {
                namespace: None,
                name,
                args,
            } => (name, args),
            ExpressionKind::Member { base, name } => {
                return self.expression(node, base, below(way, name));
            }
            ExpressionKind::Index { base, index } => {
                return match index.string() {
                    Some(name) => self.expression(node, base, below(way, name)),
                    None => self.unknown(&way),
                };
            }
            _ => return self.unknown(&way),
        };
        let is_list = !way.entry && way.rest.is_empty();
        match (name.to_ascii_lowercase().as_str(), args.as_slice()) {
            ("if", [_, then, otherwise]) => {
                way.chosen |= way.entry;
                self.expression(node, then, way.clone());
                self.expression(node, otherwise, way);
            }
            ("concat" | "union", lists) if is_list => {
                for list in lists {
                    self.expression(node, list, way.clone());
                }
            }
            ("createarray", entries) if is_list => {
                for (index, entry) in entries.iter().enumerate() {
                    let cut = Cut::Argument {
                        string: node,
                        template: self.template,
                        call: (part.span.start, part.span.end),
                        index,
                    };
                    let way = Way {
                        entry: true,
                        cut: Some(cut),
                        chosen: false,
                        ..way.clone()
                    };
                    self.expression(node, entry, way);
                }
            }
            ("map", [list, lambda]) if is_list => self.mapped(node, part, list, lambda, &way),
            ("variables" | "parameters", [_]) => self.declared(node, part, way),
            _ => {
                let scope = self.model.scope(self.template);
                let value = scope.map(|scope| scope.expression_value(part, None));
                match value {
                    Some(Value::Null) => self.nothing(&way),
                    Some(Value::Array(none)) if none.is_empty() && !way.entry => {}
                    Some(value @ Value::Object(_)) if way.entry && way.rest.is_empty() => {
                        self.made(node, part, &value, way);
                    }
                    _ => self.unknown(&way),
                }
            }
        }
    }

    fn declared(&mut self, node: NodeId, call: &Expression, way: Way<'_>) {
        let scope = self.model.scope(self.template);
        let found = Access::of(call).and_then(|read| scope?.declaration(read.declared, read.name));
        let Some(found) = found else {
            return self.unknown(&way);
        };
        self.follow(found, node, call.span.start, way.inside);
        let way = Way {
            inside: Some(found.value),
            depth: way.depth + 1,
            ..way
        };
        self.node(found.value, way);
    }

    fn follow(&mut self, found: Declaration, string: NodeId, start: usize, inside: Option<NodeId>) {
        let followed = Followed {
            string,
            start,
            inside,
        };
        self.ledger.follow(found, followed);
    }

    /// The words of a part of the expression in `string`.
    fn words(&self, string: NodeId, part: &Expression) -> Option<String> {
        let text = self.model.text(self.template, string)?;
        text.get(part.span.clone()).map(str::to_owned)
    }

    /// An entry that `part` makes of known values. Of those that one string makes only the extension
    /// counts: the string is the entry's place.
    fn made(&mut self, string: NodeId, part: &Expression, value: &Value, way: Way<'_>) {
        let body = value.get("properties");
        let publisher = body.and_then(|body| body.get("publisher"));
        let publisher = publisher.or_else(|| value.get("publisher"));
        let is_ours = match publisher.map(Value::as_literal) {
            Some(Some(publisher)) => names_ours(publisher),
            Some(None) => return self.unknown(&way),
            None => false,
        };
        // What it comes after is no list that is written out.
        let has_order = body
            .unwrap_or(value)
            .get("provisionAfterExtensions")
            .is_some();
        match way.cut {
            Some(cut) if is_ours => self.ledger.found(string, way.inside, cut, way.chosen),
            Some(cut) => self.ledger.open(cut),
            None => return,
        }
        if is_ours || has_order {
            self.entries.push(FlowEntry {
                object: string,
                input: None,
                computed: self.words(string, part),
                declared: is_ours,
            });
        }
    }

    /// The entries that `map()` makes of a declared list, one of each object.
    fn mapped(
        &mut self,
        string: NodeId,
        call: &Expression,
        list: &Expression,
        lambda: &Expression,
        way: &Way<'_>,
    ) {
        let document = self.model.document;
        let scope = self.model.scope(self.template);
        let read = Access::of(list).and_then(|access| Some((scope?.read(&access)?, access.start)));
        let read = read.filter(|((_, array), _)| document.kind(*array) == Kind::Array);
        let (Some(((found, array), start)), Some(words)) = (read, self.words(string, call)) else {
            return self.unknown(way);
        };
        self.follow(found, string, start, way.inside);
        let counts = lambda.call("lambda").is_none_or(|parts| parts.len() > 2);
        self.objects(found, array, counts, |index, object| {
            let strings = document.strings_below(object).into_iter();
            let mut texts = strings.filter_map(|string| document.string(string));
            // One that the function makes of each object is not in the list.
            texts.any(|text| names_ours(&text)).then(|| FlowEntry {
                object,
                input: None,
                computed: Some(format!("{words}[{index}]")),
                declared: true,
            })
        });
    }

    /// The entries that are made of the objects in a declared list.
    fn objects(
        &mut self,
        found: Declaration,
        list: NodeId,
        counts_elsewhere: bool,
        entry: impl Fn(usize, NodeId) -> Option<FlowEntry>,
    ) {
        let document = self.model.document;
        for (index, object) in document.children(list).enumerate() {
            if document.kind(object) != Kind::Object || !self.ledger.step() {
                self.complete = false;
                continue;
            }
            let Some(entry) = entry(index, object) else {
                continue;
            };
            let cut = Cut::Element(object);
            self.ledger.found(object, Some(found.value), cut, false);
            let looped = entry.input.map(|_| list);
            self.ledger.counted(object, looped, counts_elsewhere);
            self.entries.push(entry);
        }
    }

    fn entry(&mut self, object: NodeId, way: Way<'_>) {
        let Some(cut) = way.cut else { return };
        let is_declared = way.inside.is_some() || cut != Cut::Element(object);
        if is_declared {
            self.ledger.found(object, way.inside, cut, way.chosen);
        }
        if self.seen.insert(object) {
            self.entries.push(FlowEntry {
                object,
                input: None,
                computed: None,
                declared: is_declared,
            });
        }
    }

    /// The list `name` of `object`, where a property copy makes it.
    fn copied(&mut self, object: NodeId, name: &str, way: &Way<'_>) {
        let document = self.model.document;
        let loops = document.get(object, "copy").into_iter();
        let mut loops = loops.flat_map(|list| document.children(list));
        let found = loops.find(|entry| {
            let own = document.get(*entry, "name");
            let own = own.and_then(|own| document.string(own));
            own.is_some_and(|own| own.eq_ignore_ascii_case(name))
        });
        let Some(found) = found else { return };
        let part = |name| document.get(found, name);
        match (part("input"), part("count")) {
            (Some(input), Some(count))
                if way.rest.is_empty() && !way.entry && way.inside.is_none() =>
            {
                let iteration = CopyLoop {
                    input,
                    count,
                    name: Some(name.to_lowercase()),
                    of_resource: false,
                };
                self.instances(&iteration);
            }
            _ => self.unknown(way),
        }
    }

    /// The objects that a loop goes over.
    fn instances(&mut self, iteration: &CopyLoop) {
        let Some(over) = instances::read(self.model, self.template, iteration) else {
            self.complete = false;
            return;
        };
        for (string, start) in &over.uses {
            self.follow(over.found, *string, *start, None);
        }
        self.objects(over.found, over.list, over.counts_elsewhere, |_, object| {
            Some(FlowEntry {
                object,
                input: Some(iteration.input),
                computed: None,
                declared: true,
            })
        });
    }

    /// No list, or an entry that is none but would go with others of its cut.
    fn nothing(&mut self, way: &Way<'_>) {
        if let Some(cut) = &way.cut {
            self.ledger.open(cut.clone());
        }
    }

    /// Something that brings what is not known.
    fn unknown(&mut self, way: &Way<'_>) {
        self.complete = false;
        self.nothing(way);
    }
}

/// The way that goes down the member `name` first.
fn below<'p>(way: Way<'p>, name: &'p str) -> Way<'p> {
    let mut way = way;
    way.rest.push(name);
    way
}
