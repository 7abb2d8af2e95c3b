//! A JSON value that keeps the order of its members, and the way from text to it.

use serde_json::Value;

use msi2imds::json::{Document, Kind, NodeId};

/// A JSON value. Numbers and the like are kept as they are spelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tree {
    Text(String),
    Other(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

/// A text value.
pub(crate) fn text(text: impl Into<String>) -> Tree {
    Tree::Text(text.into())
}

/// An object of these members.
pub(crate) fn object<const N: usize>(members: [(&str, Tree); N]) -> Tree {
    let named = members
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value));
    Tree::Object(named.collect())
}

impl Tree {
    /// Reads a text that has no syntax errors.
    pub(crate) fn parse(source: &[u8]) -> Self {
        let document = Document::parse(source);
        assert!(document.errors().is_empty(), "{:?}", document.errors());
        Self::of(&document, document.root().unwrap())
    }

    fn of(document: &Document<'_>, node: NodeId) -> Self {
        match document.kind(node) {
            Kind::String => Self::Text(document.string(node).unwrap()),
            Kind::Array => {
                let children = document.children(node);
                Self::List(children.map(|child| Self::of(document, child)).collect())
            }
            Kind::Object => {
                let member = |key| {
                    let value = Self::of(document, document.value(key).unwrap());
                    (document.string(key).unwrap(), value)
                };
                Self::Object(document.children(node).map(member).collect())
            }
            _ => Self::Other(String::from_utf8_lossy(document.raw(node)).into_owned()),
        }
    }

    /// The member called `name`, in any case.
    pub(crate) fn get(&self, name: &str) -> Option<&Tree> {
        let Self::Object(members) = self else {
            return None;
        };
        let mut found = members
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next_back().map(|(_, value)| value)
    }

    /// The value at the end of a way through members.
    pub(crate) fn at(&self, names: &[&str]) -> Option<&Tree> {
        names.iter().try_fold(self, |tree, name| tree.get(name))
    }

    pub(crate) fn str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of a list; none of anything else.
    pub(crate) fn elements(&self) -> &[Tree] {
        match self {
            Self::List(elements) => elements,
            _ => &[],
        }
    }

    /// The texts in the list called `name`; none where the member is not there.
    pub(crate) fn texts(&self, name: &str) -> Vec<&str> {
        let list = self.get(name).map_or(&[][..], Tree::elements);
        list.iter().filter_map(Tree::str).collect()
    }

    /// The value with another one in the place of the member called `name`, where that is there.
    pub(crate) fn with(&self, name: &str, change: impl FnOnce(&Tree) -> Tree) -> Tree {
        let mut changed = self.clone();
        if let Tree::Object(members) = &mut changed {
            let mut found = members.iter_mut().rev();
            let found = found.find(|(key, _)| key.eq_ignore_ascii_case(name));
            if let Some((_, value)) = found {
                *value = change(value);
            }
        }
        changed
    }

    /// The same for the value at the end of a way through members.
    pub(crate) fn with_at(&self, way: &[&str], change: &dyn Fn(&Tree) -> Tree) -> Tree {
        match way.split_first() {
            None => change(self),
            Some((name, way)) => self.with(name, |inside| inside.with_at(way, change)),
        }
    }

    /// The value with each text and each name as `change` makes it.
    pub(crate) fn mapped(&self, change: &dyn Fn(&str) -> String) -> Tree {
        match self {
            Self::Text(text) => Self::Text(change(text)),
            Self::Other(raw) => Self::Other(raw.clone()),
            Self::List(elements) => {
                Self::List(elements.iter().map(|one| one.mapped(change)).collect())
            }
            Self::Object(members) => {
                let members = members.iter();
                let members = members.map(|(key, value)| (change(key), value.mapped(change)));
                Self::Object(members.collect())
            }
        }
    }

    /// The members called `name` that a later one makes dead.
    pub(crate) fn dead(&self, name: &str) -> Vec<&Tree> {
        let Self::Object(members) = self else {
            return Vec::new();
        };
        let found = members.iter();
        let found = found.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let mut found: Vec<&Tree> = found.map(|(_, value)| value).collect();
        found.pop();
        found
    }

    /// The value as another crate has it: of two members of one name the last.
    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Text(text) => Value::from(text.as_str()),
            Self::Other(raw) => serde_json::from_str(raw).unwrap(),
            Self::List(elements) => elements.iter().map(Tree::value).collect(),
            Self::Object(members) => {
                let members = members.iter();
                members
                    .map(|(key, value)| (key.clone(), value.value()))
                    .collect()
            }
        }
    }

    /// The value without the members called one of `names`, at any depth.
    pub(crate) fn without(&self, names: &[&str]) -> Tree {
        match self {
            Self::List(elements) => Self::List(
                elements
                    .iter()
                    .map(|element| element.without(names))
                    .collect(),
            ),
            Self::Object(members) => {
                let kept = members
                    .iter()
                    .filter(|(key, _)| !names.iter().any(|name| key.eq_ignore_ascii_case(name)));
                let kept = kept.map(|(key, value)| (key.clone(), value.without(names)));
                Self::Object(kept.collect())
            }
            other => other.clone(),
        }
    }
}
