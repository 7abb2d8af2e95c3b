//! One text before all three parsers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use jsonc_parser::ast::{ObjectPropName, Value as Oracle};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};
use msi2imds::json::{Document, Kind, NodeId};

use super::tolerances::{self, Disagreement};

const BOM: &[u8] = b"\xef\xbb\xbf";

/// What was compared.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) texts: usize,
    /// Texts that ours and jsonc-parser accept.
    pub(crate) agreed: usize,
    /// Texts that both refuse.
    pub(crate) refused: usize,
    /// Texts whose values were compared with serde_json's.
    pub(crate) valued: usize,
    pub(crate) nodes: usize,
    pub(crate) comments: usize,
    /// Texts that one accepts and the other does not, by the row of the table.
    pub(crate) tolerated: BTreeMap<&'static str, usize>,
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} texts, {} accepted and {} refused by both, {} compared by value, {} nodes, \
             {} comments, tolerated {:?}",
            self.texts,
            self.agreed,
            self.refused,
            self.valued,
            self.nodes,
            self.comments,
            self.tolerated
        )
    }
}

/// Compares what the parsers make of `bytes`, which are UTF-8; the error says where they differ.
pub(crate) fn compare(bytes: &[u8], counts: &mut Counts) -> Result<(), String> {
    counts.texts += 1;
    let shift = if bytes.starts_with(BOM) { BOM.len() } else { 0 };
    let text = std::str::from_utf8(&bytes[shift..]).unwrap();
    let document = Document::parse(bytes);
    let options = ParseOptions {
        allow_missing_commas: false,
        allow_unary_plus_numbers: false,
        allow_extended_string_escapes: false,
        ..ParseOptions::default()
    };
    let collect = CollectOptions {
        comments: CommentCollectionStrategy::Separate,
        tokens: false,
    };
    let parsed = parse_to_ast(text, &collect, &options);
    let ours = document.errors().first();
    let oracle = match &parsed {
        Ok(result) => result.value.as_ref().ok_or(None),
        Err(error) => Err(Some(error)),
    };
    match (ours, oracle) {
        (Some(_), Err(_)) => counts.refused += 1,
        (None, Ok(value)) => {
            counts.agreed += 1;
            let walk = Walk {
                document: &document,
                shift,
            };
            let root = document.root().ok_or("no root")?;
            counts.nodes += walk.node(root, value)?;
            if counts_nodes(&document) != document.len() {
                return Err("some nodes are not below the root".to_owned());
            }
            let comments: BTreeSet<(usize, usize)> = parsed
                .as_ref()
                .unwrap()
                .comments
                .iter()
                .flat_map(|map| map.values())
                .flat_map(|list| list.iter())
                .map(|comment| (comment.start() + shift, comment.end() + shift))
                .collect();
            let own = document.comments().iter();
            let own: BTreeSet<_> = own.map(|range| (range.start, range.end)).collect();
            if own != comments {
                return Err(format!("comments at {own:?}, oracle's {comments:?}"));
            }
            counts.comments += own.len();
        }
        (ours, oracle) => {
            let error = oracle.err().flatten();
            let disagreement = Disagreement {
                text,
                shift,
                document: &document,
                error,
            };
            let name = tolerances::name(&disagreement)
                .ok_or_else(|| format!("ours says {ours:?}, the oracle says {error:?}"))?;
            *counts.tolerated.entry(name).or_default() += 1;
        }
    }
    if let Ok(value) = serde_json::from_str::<serde_json::Value>(text) {
        if let Some(error) = ours {
            return Err(format!("serde_json accepts what ours refuses: {error:?}"));
        }
        counts.valued += 1;
        same_value(&document, document.root().ok_or("no root")?, &value)?;
    }
    Ok(())
}

fn counts_nodes(document: &Document<'_>) -> usize {
    let mut open: Vec<NodeId> = document.root().into_iter().collect();
    let mut count = 0;
    while let Some(node) = open.pop() {
        count += 1;
        open.extend(document.children(node));
    }
    count
}

/// The tree of jsonc-parser beside ours.
struct Walk<'d> {
    document: &'d Document<'d>,
    /// How far our offsets are behind the oracle's.
    shift: usize,
}

impl Walk<'_> {
    /// How many nodes were compared below `node`, itself included.
    fn node(&self, node: NodeId, oracle: &Oracle<'_>) -> Result<usize, String> {
        let kind = match oracle {
            Oracle::Object(_) => Kind::Object,
            Oracle::Array(_) => Kind::Array,
            Oracle::StringLit(_) => Kind::String,
            Oracle::NumberLit(_) => Kind::Number,
            Oracle::BooleanLit(_) => Kind::Bool,
            Oracle::NullKeyword(_) => Kind::Null,
        };
        self.is(self.document.kind(node), kind)?;
        self.spans(node, oracle)?;
        let children: Vec<NodeId> = self.document.children(node).collect();
        let mut count = 1;
        match oracle {
            Oracle::Object(object) => {
                self.is(children.len(), object.properties.len())?;
                for (key, property) in children.into_iter().zip(&object.properties) {
                    let (name, written) = match &property.name {
                        ObjectPropName::String(name) => (name.value.as_ref(), name.range),
                        ObjectPropName::Word(name) => (name.value, name.range),
                    };
                    self.is(self.document.kind(key), Kind::Key)?;
                    self.spans(key, &written)?;
                    self.is(self.document.string(key).as_deref(), Some(name))?;
                    self.is(self.document.parent(key), Some(node))?;
                    let value = self.document.value(key).ok_or("a key without a value")?;
                    self.is(self.document.parent(value), Some(key))?;
                    count += 1 + self.node(value, &property.value)?;
                }
            }
            Oracle::Array(array) => {
                self.is(children.len(), array.elements.len())?;
                for (child, element) in children.into_iter().zip(&array.elements) {
                    self.is(self.document.parent(child), Some(node))?;
                    count += self.node(child, element)?;
                }
            }
            Oracle::StringLit(string) => {
                self.is(self.document.string(node).as_deref(), Some(&*string.value))?;
            }
            Oracle::NumberLit(number) => {
                self.is(self.document.raw(node), number.value.as_bytes())?;
            }
            Oracle::BooleanLit(truth) => {
                self.is(self.document.raw(node) == b"true", truth.value)?;
            }
            Oracle::NullKeyword(_) => self.is(self.document.raw(node), b"null".as_slice())?,
        }
        Ok(count)
    }

    fn spans(&self, node: NodeId, oracle: &impl Ranged) -> Result<(), String> {
        let expected: Range<usize> = oracle.start() + self.shift..oracle.end() + self.shift;
        self.is(self.document.span(node), expected)
    }

    fn is<T: PartialEq + fmt::Debug>(&self, ours: T, oracle: T) -> Result<(), String> {
        if ours == oracle {
            return Ok(());
        }
        Err(format!("ours is {ours:?}, the oracle's is {oracle:?}"))
    }
}

/// Whether `node` has this value. Numbers are compared as they are written, not by their size.
fn same_value(
    document: &Document<'_>,
    node: NodeId,
    value: &serde_json::Value,
) -> Result<(), String> {
    let raw = String::from_utf8_lossy(document.raw(node));
    let same = match (document.kind(node), value) {
        (Kind::Null, serde_json::Value::Null) => true,
        (Kind::Bool, serde_json::Value::Bool(truth)) => (raw == "true") == *truth,
        (Kind::Number, serde_json::Value::Number(number)) => same_number(&raw, &number.to_string()),
        (Kind::String, serde_json::Value::String(text)) => {
            document.string(node).as_ref() == Some(text)
        }
        (Kind::Array, serde_json::Value::Array(items)) => {
            let children: Vec<NodeId> = document.children(node).collect();
            for (child, item) in children.iter().zip(items) {
                same_value(document, *child, item)?;
            }
            children.len() == items.len()
        }
        (Kind::Object, serde_json::Value::Object(members)) => {
            let mut last = BTreeMap::new();
            for key in document.children(node) {
                let value = document.value(key).ok_or("a key without a value")?;
                last.insert(document.string(key).unwrap_or_default(), value);
            }
            for (name, child) in &last {
                let member = members.get(name).ok_or("a name that serde_json lacks")?;
                same_value(document, *child, member)?;
            }
            last.len() == members.len()
        }
        _ => false,
    };
    same.then_some(())
        .ok_or_else(|| format!("{raw} is {value} to serde_json"))
}

/// serde_json writes an exponent in its own way.
fn same_number(ours: &str, oracle: &str) -> bool {
    let plain = |text: &str| text.to_ascii_lowercase().replace("e+", "e");
    plain(ours) == plain(oracle)
}
