//! Any operations on any document: what comes of them parses, says what the operations say, and all
//! other bytes are as before. Start at [`check`].

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use msi2imds::json::surgery::{Inserted, Operation, WhenEmpty, lower};
use msi2imds::json::{Document, Kind, NodeId};
use msi2imds::text::apply;
use serde_json::{Value, json};

use crate::tree::Tree;

/// Operates on the text in front of the first 0xff of `data`; the bytes behind it pick operations.
///
/// # Panics
///
/// Where the result does not parse or is another value.
pub fn check(data: &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == 0xff);
    let text = parts.next().unwrap_or_default();
    let document = Document::parse(text);
    if !document.errors().is_empty() || document.is_empty() {
        return;
    }
    let sum: u8 = text
        .iter()
        .fold(0, |sum, byte| sum.wrapping_mul(31).wrapping_add(*byte));
    let own = [
        sum,
        sum / 3,
        sum.wrapping_mul(7),
        sum / 5,
        sum.wrapping_mul(13),
        2,
    ];
    let picks = parts.next().filter(|picks| picks.len() > 2).unwrap_or(&own);
    let mut operations: Vec<Operation> = Vec::new();
    for pick in picks.chunks_exact(3).take(8) {
        let one = operation(&document, pick);
        // Several on one string must be disjoint.
        let is_text = |one: &&Operation| matches!(one, Operation::ReplaceText { .. });
        let again = |one: &Operation| {
            let mut texts = operations.iter().filter(is_text);
            is_text(&one) && texts.any(|text| text.place() == one.place())
        };
        operations.extend(one.filter(|one| !again(one)));
    }
    let edits = lower(&document, &operations);
    let new = apply(text, &edits);
    let new = new.unwrap_or_else(|error| panic!("{error}: {operations:?} on {text:?}"));
    let shown = || {
        format!(
            "{operations:?}\n== from\n{}\n== came\n{}",
            String::from_utf8_lossy(text),
            String::from_utf8_lossy(&new)
        )
    };
    let after = Document::parse(&new);
    assert_eq!(after.errors(), [], "{}", shown());
    let wanted = Needs::new(&document, &operations);
    let expected = wanted.tree(document.root().expect("a root"));
    assert_eq!(Tree::parse(&new), expected, "{}", shown());
    let open = text.iter().filter(|byte| b"[{".contains(byte)).count();
    // The other parser goes no deeper than 128 levels.
    let strict = |text: &[u8]| serde_json::from_slice::<Value>(text).is_ok();
    if open < 100 && strict(text) {
        assert!(strict(&new), "strict JSON is none any more: {}", shown());
    }
    let loose = wanted.loose();
    for edit in &edits {
        let lost = edit.range().find(|at| !loose[*at]);
        assert_eq!(lost, None, "a byte went that should stay: {}", shown());
    }
    if wanted.removed.is_empty() {
        let kept = wanted.comments();
        let after: Vec<&[u8]> = after.comments().iter().map(|at| &new[at.clone()]).collect();
        assert_eq!(after, kept, "comments went: {}", shown());
    }
}

const RAWS: [&str; 4] = ["{\"type\": \"SystemAssigned\"}", "[]", "\"x\"", "null"];

const TEXTS: [&str; 4] = ["", "a'b\"c\\", "é\n\u{1}😀", "[resourceId('a', 'b')]"];

/// The operation that three bytes pick.
fn operation(document: &Document<'_>, pick: &[u8]) -> Option<Operation> {
    let [what, at, how] = *pick else { return None };
    let nodes = u32::try_from(document.len()).ok()?;
    let node = document
        .nodes()
        .nth((usize::from(at) * 257 + usize::from(what >> 4) * 31) % nodes as usize)?;
    let parent = document.parent(node);
    let kind = document.kind(node);
    let how = usize::from(how);
    let value = || match how % 3 {
        0 => json!({"type": "SystemAssigned"}),
        1 => json!([1, "two", {"three": []}]),
        _ => json!("[parameters('x')]"),
    };
    let after = || document.children(node).nth(how / 4 % 8);
    match (what % 4, kind) {
        (_, Kind::Key) => Some(Operation::RemoveMember { key: node }),
        (0, _) if parent.is_some_and(|parent| document.kind(parent) == Kind::Array) => {
            Some(Operation::RemoveElement {
                element: node,
                when_empty: match how % 2 {
                    0 => WhenEmpty::RemoveMember,
                    _ => WhenEmpty::Keep,
                },
            })
        }
        (1 | 2, Kind::Object) => Some(Operation::InsertMember {
            object: node,
            after: after(),
            name: ["identity", "new \"name\"", "é"][how % 3].to_owned(),
            value: value(),
        }),
        (1 | 2, Kind::Array) => Some(Operation::InsertElement {
            array: node,
            after: after(),
            value: match what & 8 {
                0 => Inserted::Value(value()),
                _ => Inserted::Raw(RAWS[how % 4].into()),
            },
        }),
        (1 | 2, Kind::String) => {
            let span = document.span(node);
            Some(Operation::ReplaceText {
                node,
                range: span.start + 1..span.end - 1,
                raw: document.encoded_for(node, TEXTS[how % 4]),
            })
        }
        (3, _) => Some(Operation::Replace {
            node,
            raw: RAWS[how % 4].into(),
        }),
        _ => None,
    }
}

/// What operations want, worked out on the value.
struct Needs<'d> {
    document: &'d Document<'d>,
    removed: BTreeSet<NodeId>,
    replaced: BTreeMap<NodeId, Tree>,
    texts: BTreeMap<NodeId, String>,
    inserted: Vec<(NodeId, Option<NodeId>, String, Tree)>,
}

impl<'d> Needs<'d> {
    fn new(document: &'d Document<'d>, operations: &[Operation]) -> Self {
        let mut wanted = Self {
            document,
            removed: BTreeSet::new(),
            replaced: BTreeMap::new(),
            texts: BTreeMap::new(),
            inserted: Vec::new(),
        };
        let mut kept = BTreeSet::new();
        for (at, operation) in operations.iter().enumerate() {
            // Equal operations count once.
            if !operations[..at].contains(operation) {
                wanted.add(operation, &mut kept);
            }
        }
        wanted.empty(&kept);
        wanted
    }

    fn add(&mut self, operation: &Operation, kept: &mut BTreeSet<NodeId>) {
        let tree = |value: &Value| Tree::parse(value.to_string().as_bytes());
        let (container, after, name, value) = match operation {
            Operation::RemoveElement {
                element,
                when_empty,
            } => {
                self.removed.insert(*element);
                if *when_empty == WhenEmpty::Keep {
                    kept.extend(self.document.parent(*element));
                }
                return;
            }
            Operation::RemoveMember { key } => {
                self.removed.insert(*key);
                return;
            }
            Operation::Replace { node, raw } => {
                self.replaced
                    .entry(*node)
                    .or_insert_with(|| Tree::parse(raw));
                return;
            }
            Operation::ReplaceText { node, raw, .. } => {
                let written = [b"\"", raw.as_slice(), b"\""].concat();
                let quote = self.document.raw(*node)[0];
                let written = match quote {
                    b'"' => written,
                    _ => [b"'", raw.as_slice(), b"'"].concat(),
                };
                if let Tree::Text(text) = Tree::parse(&written) {
                    self.texts.insert(*node, text);
                }
                return;
            }
            Operation::InsertMember {
                object,
                after,
                name,
                value,
            } => (*object, *after, name.clone(), tree(value)),
            Operation::InsertElement {
                array,
                after,
                value,
            } => {
                let value = match value {
                    Inserted::Value(value) => tree(value),
                    Inserted::Raw(raw) => Tree::parse(raw),
                };
                (*array, *after, String::new(), value)
            }
        };
        let after = after.or_else(|| self.document.children(container).last());
        self.inserted.push((container, after, name, value));
    }

    /// Takes the members whose arrays lose all, where every removal wants it.
    fn empty(&mut self, kept: &BTreeSet<NodeId>) {
        let goes = |array: NodeId| {
            let mut children = self.document.children(array).peekable();
            self.document.kind(array) == Kind::Array
                && children.peek().is_some()
                && children.all(|child| self.removed.contains(&child))
                && !kept.contains(&array)
                && !self.replaced.contains_key(&array)
                && !self.inserted.iter().any(|(into, ..)| *into == array)
        };
        let keys: Vec<NodeId> = self
            .document
            .nodes()
            .filter(|node| goes(*node))
            .filter_map(|array| self.document.parent(array))
            .filter(|key| self.document.kind(*key) == Kind::Key)
            .collect();
        self.removed.extend(keys);
    }

    fn tree(&self, node: NodeId) -> Tree {
        if let Some(tree) = self.replaced.get(&node) {
            return tree.clone();
        }
        if let Some(text) = self.texts.get(&node) {
            return Tree::Text(text.clone());
        }
        let text = || self.document.string(node).unwrap_or_default();
        match self.document.kind(node) {
            Kind::String => Tree::Text(text()),
            Kind::Array => {
                let all = self.items(node, &|child| (String::new(), self.tree(child)));
                Tree::List(all.into_iter().map(|(_, tree)| tree).collect())
            }
            Kind::Object => Tree::Object(self.items(node, &|key| {
                let value = self.document.value(key).expect("a key has a value");
                (
                    self.document.string(key).expect("a key has a name"),
                    self.tree(value),
                )
            })),
            _ => Tree::Other(String::from_utf8_lossy(self.document.raw(node)).into_owned()),
        }
    }

    fn items(
        &self,
        container: NodeId,
        item: &dyn Fn(NodeId) -> (String, Tree),
    ) -> Vec<(String, Tree)> {
        let new = |after: Option<NodeId>| {
            let inserted = self.inserted.iter();
            let here =
                inserted.filter(move |(into, behind, ..)| (*into, *behind) == (container, after));
            here.map(|(.., name, tree)| (name.clone(), tree.clone()))
        };
        let mut items: Vec<(String, Tree)> = new(None).collect();
        for child in self.document.children(container) {
            if !self.removed.contains(&child) {
                items.push(item(child));
            }
            items.extend(new(Some(child)));
        }
        items
    }

    /// The bytes of what is removed and replaced.
    fn gone(&self) -> Vec<Range<usize>> {
        let removed = self.removed.iter().map(|node| {
            let end = self.document.value(*node).unwrap_or(*node);
            self.document.span(*node).start..self.document.span(end).end
        });
        let replaced = self.replaced.keys().chain(self.texts.keys());
        removed
            .chain(replaced.map(|node| self.document.span(*node)))
            .collect()
    }

    /// Which bytes may go: all but those of leaves, brackets and colons that stay.
    fn loose(&self) -> Vec<bool> {
        let mut loose = vec![true; self.document.text().len()];
        for node in self.document.nodes() {
            let span = self.document.span(node);
            match self.document.kind(node) {
                Kind::Array | Kind::Object => {
                    loose[span.start] = false;
                    loose[span.end - 1] = false;
                }
                _ => loose[span].fill(false),
            }
        }
        for range in self.gone() {
            loose[range].fill(true);
        }
        loose
    }

    /// The comments that stay where nothing is removed.
    fn comments(&self) -> Vec<&'d [u8]> {
        let gone = self.gone();
        let stays = |at: &&Range<usize>| !gone.iter().any(|gone| gone.contains(&at.start));
        let comments = self.document.comments().iter().filter(stays);
        comments
            .map(|at| &self.document.text()[at.clone()])
            .collect()
    }
}
