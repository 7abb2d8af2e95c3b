//! Whether the new document is the old one with the operations carried out, node by node.

use crate::json::surgery::{Inserted, Operation};
use crate::json::{Document, Kind, NodeId};
use crate::text::{Edit, apply};

use super::Fault;
use super::meant::Meant;

/// Checks that the new text parses and that its value differs from the old one only where an
/// operation meant it to.
pub(in crate::migrate) fn document(
    old: &Document<'_>,
    operations: &[Operation],
    new: &Document<'_>,
) -> Result<(), Fault> {
    let comparison = Comparison {
        old,
        new,
        meant: Meant::of(old, operations),
        exact: true,
    };
    for source in 0..old.sources() {
        // What did not parse is only read.
        if old.errors_of(source).next().is_some() {
            comparison.untouched(source)?;
            continue;
        }
        if let Some(error) = new.errors_of(source).next() {
            return Err(Fault::new(format!(
                "the result does not parse: {} at byte {}",
                error.message, error.offset
            )));
        }
        let (Some(old_root), Some(new_root)) = (old.root_of(source), new.root_of(source)) else {
            return Err(Fault::new("the result is empty"));
        };
        comparison.values(old_root, new_root)?;
    }
    Ok(())
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
    /// Whether strings must be spelled alike too.
    exact: bool,
}

impl Comparison<'_, '_, '_> {
    /// Checks that a source has not changed at all.
    fn untouched(&self, source: usize) -> Result<(), Fault> {
        let text = |document: &Document<'_>| {
            let span = document.source_span(source);
            document.text().get(span).map(<[u8]>::to_vec)
        };
        if text(self.old) == text(self.new) {
            Ok(())
        } else {
            Err(Fault::new("a file that does not parse has changed"))
        }
    }

    fn values(&self, old: NodeId, new: NodeId) -> Result<(), Fault> {
        if !self.meant.concerns(&self.old.span(old)) && self.is_alike(old, new) {
            return Ok(());
        }
        if let Some(raw) = self.meant.replaced.get(&old) {
            return self.same(raw, new, true);
        }
        if let Some(edits) = self.meant.texts.get(&old) {
            return self.same(&self.rewritten(old, edits)?, new, true);
        }
        let kind = self.old.kind(old);
        let same = kind == self.new.kind(new)
            && match kind {
                Kind::Object | Kind::Array => return self.items(old, new),
                Kind::Key | Kind::String => self.strings(old, new),
                Kind::Number | Kind::Bool | Kind::Null => self.is_alike(old, new),
            };
        if same { Ok(()) } else { Err(self.differs(new)) }
    }

    /// Whether both have the same bytes, which mean the same.
    fn is_alike(&self, old: NodeId, new: NodeId) -> bool {
        self.old.kind(old) == self.new.kind(new) && self.old.raw(old) == self.new.raw(new)
    }

    /// The string `old` with `edits` carried out in it.
    fn rewritten(&self, old: NodeId, edits: &[Edit]) -> Result<Vec<u8>, Fault> {
        let start = self.old.span(old).start;
        let within = |edit: &Edit| {
            let range = edit.range();
            let range = range.start.saturating_sub(start)..range.end.saturating_sub(start);
            Edit::replacement(range, edit.text())
        };
        let mut edits: Vec<Edit> = edits.iter().map(within).collect();
        edits.sort();
        apply(self.old.raw(old), &edits).map_err(|error| Fault::new(error.to_string()))
    }

    fn strings(&self, old: NodeId, new: NodeId) -> bool {
        if self.exact {
            self.old.raw(old) == self.new.raw(new)
        } else {
            self.old.string(old) == self.new.string(new)
        }
    }

    fn items(&self, old: NodeId, new: NodeId) -> Result<(), Fault> {
        let mut expected = Vec::new();
        let inserted = |after| {
            let operations = self.meant.inserted.get(&(old, after));
            operations.into_iter().flatten().map(|o| Item::New(o))
        };
        for child in self.old.children(old) {
            if !self.meant.removed.contains(&child) {
                expected.push(Item::Kept(child));
            }
            expected.extend(inserted(Some(child)));
        }
        expected.extend(inserted(None));
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
            (Some(old_value), Some(new_value)) if self.strings(old, new) => {
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
                    Some(found) => self.same(value.to_string().as_bytes(), found, false),
                    None => Err(self.differs(new)),
                }
            }
            Operation::InsertElement {
                value: Inserted::Value(value),
                ..
            } => self.same(value.to_string().as_bytes(), new, false),
            Operation::InsertElement {
                value: Inserted::Raw(raw),
                ..
            } => self.same(raw, new, true),
            _ => Err(self.differs(new)),
        }
    }

    /// Whether the new node has the value that `raw` spells, and that spelling if `exact`.
    fn same(&self, raw: &[u8], new: NodeId, exact: bool) -> Result<(), Fault> {
        let meant = Document::parse(raw);
        let comparison = Comparison {
            old: &meant,
            new: self.new,
            meant: Meant::default(),
            exact,
        };
        match meant.root().filter(|_| meant.errors().is_empty()) {
            Some(root) => comparison.values(root, new),
            None => Err(Fault::new("an operation inserts text that does not parse")),
        }
    }

    fn differs(&self, new: NodeId) -> Fault {
        Fault::new(format!(
            "the result differs from the plan at {}",
            self.new.path(new)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::surgery::WhenEmpty;

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
        assert_eq!(document_of(r#"[1, {"a": "b"}]"#), Ok(()));
        for sabotaged in [
            "[1, {\"a\": \"b\"}",
            "[1]",
            "[1, 2, {\"a\": \"b\"}]",
            "[1, {\"a\": \"c\"}]",
            "[1, {\"A\": \"b\"}]",
            "[1.0, {\"a\": \"b\"}]",
            "[1, {\"a\": \"b\", \"c\": 1}]",
            "[1, [\"b\"]]",
            "[1, {\"a\": \"\\u0062\"}]",
            "[1, {\"\\u0061\": \"b\"}]",
        ] {
            assert!(document_of(sabotaged).is_err(), "{sabotaged}");
        }
    }

    #[test]
    fn a_string_may_differ_only_in_the_parts_that_were_meant() {
        let old = Document::parse(br#"["abcd"]"#);
        let node = old.children(old.root().unwrap()).next().unwrap();
        let part = |range: std::ops::Range<usize>, raw: &str| Operation::ReplaceText {
            node,
            range,
            raw: raw.as_bytes().to_vec(),
        };
        let operations = [part(5..6, "D"), part(2..3, "")];
        let check = |new: &str| document(&old, &operations, &Document::parse(new.as_bytes()));
        assert_eq!(check(r#"["bcD"]"#), Ok(()));
        assert!(check(r#"["abcD"]"#).is_err());
        assert!(check(r#"["bCD"]"#).is_err());
        assert!(check(r#"["abcd"]"#).is_err());
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
        assert!(check(r#"{"type": 1, "plan": {"type": "SystemAssigned"}}"#).is_err());
        assert!(check(r#"{"type": 1}"#).is_err());
    }

    /// Replaces the second element of `[1, "b"]` by `"c"`, and puts `"d"` behind it.
    #[test]
    fn what_is_replaced_must_be_what_was_meant() {
        let old = Document::parse(br#"[1, "b"]"#);
        let array = old.root().unwrap();
        let element = old.children(array).nth(1).unwrap();
        let operations = [
            Operation::Replace {
                node: element,
                raw: br#""c""#.to_vec(),
            },
            Operation::InsertElement {
                array,
                after: Some(element),
                value: Inserted::Raw(br#""d""#.to_vec()),
            },
        ];
        let check = |new: &str| document(&old, &operations, &Document::parse(new.as_bytes()));
        assert_eq!(check(r#"[1, "c", "d"]"#), Ok(()));
        assert!(check(r#"[1, "b", "d"]"#).is_err());
        assert!(check(r#"[1, "\u0063", "d"]"#).is_err());
        assert!(check(r#"[1, "c", "e"]"#).is_err());
    }
}
