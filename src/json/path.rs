//! RFC 9535 normalized paths of nodes.

use std::fmt::Write as _;

use super::document::{Document, Kind, NodeId};

impl Document<'_> {
    /// The RFC 9535 normalized path of a node, such as `$['resources'][0]`; a key has its value's.
    pub fn path(&self, id: NodeId) -> String {
        let mut steps = Vec::new();
        let mut at = id;
        if self.kind(at) == Kind::Key {
            steps.push(self.name_step(at));
            at = self.parent(at).unwrap_or(at);
        }
        while let Some(parent) = self.parent(at) {
            match self.kind(parent) {
                Kind::Key => steps.push(self.name_step(parent)),
                Kind::Array => {
                    steps.push(format!("[{}]", self.element_index(at)));
                }
                _ => {}
            }
            at = parent;
        }
        steps.push("$".to_owned());
        steps.reverse();
        steps.concat()
    }

    /// The place of an element in its array. All places are counted at the first question: asking
    /// for many must not count the same siblings again.
    fn element_index(&self, element: NodeId) -> u32 {
        let indices = self.element_indices.get_or_init(|| {
            let mut indices = vec![0; self.len()];
            let arrays = self.nodes().filter(|node| self.kind(*node) == Kind::Array);
            for array in arrays {
                for (index, child) in (0..).zip(self.children(array)) {
                    if let Some(place) = indices.get_mut(child.0 as usize) {
                        *place = index;
                    }
                }
            }
            indices
        });
        indices.get(element.0 as usize).copied().unwrap_or_default()
    }

    fn name_step(&self, key: NodeId) -> String {
        let mut step = String::from("['");
        for character in self.string(key).unwrap_or_default().chars() {
            match character {
                '\'' => step.push_str("\\'"),
                '\\' => step.push_str("\\\\"),
                '\u{8}' => step.push_str("\\b"),
                '\u{c}' => step.push_str("\\f"),
                '\n' => step.push_str("\\n"),
                '\r' => step.push_str("\\r"),
                '\t' => step.push_str("\\t"),
                '\u{0}'..='\u{1f}' => {
                    // Writing to a String cannot fail.
                    let _ = write!(step, "\\u{:04x}", u32::from(character));
                }
                other => step.push(other),
            }
        }
        step.push_str("']");
        step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalized_and_escaped() {
        let document = Document::parse(br#"{"a": [0, {"it's\n\u0001": 7}]}"#);
        let seven = document.nodes().last().unwrap();
        assert_eq!(document.path(seven), r"$['a'][1]['it\'s\n\u0001']");
        let key = document.parent(seven).unwrap();
        assert_eq!(document.path(key), document.path(seven));
        assert_eq!(document.path(document.root().unwrap()), "$");
    }
}
