//! All that some part of a document uses, and whether something declared is among it.
//!
//! Never knows where a use is, but for the scope it means. Start at [`Used`].

use std::collections::HashSet;

use super::super::uses::Use;
use super::declarations::{Declaration, Key, Place};

/// How many bytes are searched for names in texts that are not understood, and how many prefixes are compared with
/// names. Beyond it they mention everything, so that time stays linear.
const MAX_SEARCH: usize = 1 << 26;

/// Uses, gathered.
#[derive(Default)]
pub(in crate::arm) struct Used {
    names: HashSet<Key>,
    prefixes: HashSet<Key>,
    texts: String,
    searched: usize,
    all: bool,
}

impl Used {
    /// Adds a use by an expression that is in `place`.
    pub(in crate::arm) fn add(&mut self, place: Place, used: Use) {
        match (place, used) {
            (_, Use::All) | (Place::Unknown, Use::Prefix(..)) => self.all = true,
            (_, Use::Text(text)) | (Place::Unknown, Use::Name(_, text)) => {
                self.texts.push_str(&text);
                self.texts.push('\n');
            }
            (Place::Function, _) => {}
            (Place::Scope(scope), Use::Name(declared, name)) => {
                self.names.insert((scope, declared, name));
            }
            (Place::Scope(scope), Use::Prefix(declared, start)) => {
                self.prefixes.insert((scope, declared, start));
            }
        }
    }

    /// Whether one of the prefixes is that of a name.
    fn has_prefix_of(&self, (scope, declared, name): &Key) -> bool {
        let mut prefixes = self.prefixes.iter();
        prefixes.any(|one| (one.0, one.1) == (*scope, *declared) && name.starts_with(&one.2))
    }

    /// Whether one of the uses may be of `declaration`.
    pub(in crate::arm) fn has(&mut self, declaration: &Declaration) -> bool {
        let name = &declaration.key;
        if self.all || self.names.contains(name) {
            return true;
        }
        let length = self.texts.len() + self.prefixes.len();
        self.searched = self.searched.saturating_add(length);
        self.searched > MAX_SEARCH || self.has_prefix_of(name) || self.texts.contains(&name.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arm::uses::Declared;
    use crate::json::Document;

    fn used(uses: &[(Place, Use)]) -> Used {
        let mut used = Used::default();
        for (place, one) in uses {
            used.add(*place, one.clone());
        }
        used
    }

    fn prefix(start: &str) -> Use {
        Use::Prefix(Declared::Variable, start.to_owned())
    }

    #[test]
    fn a_prefix_is_found_whatever_others_there_are() {
        let here = Place::Scope(0);
        let starts = ["msib", "msi", "msic", "a", "msi", "n"];
        let used = used(&starts.map(|start| (here, prefix(start))));
        let has =
            |scope, name: &str| used.has_prefix_of(&(scope, Declared::Variable, name.to_owned()));
        for name in ["msi", "msiport", "msibc", "msizz", "ab", "n"] {
            assert!(has(0, name), "{name}");
        }
        for name in ["ms", "", "o", "mt"] {
            assert!(!has(0, name), "{name}");
        }
        assert!(!has(1, "msi"));
    }

    fn declaration(name: &str, scope: usize) -> Declaration {
        let document = Document::parse(b"0");
        let node = document.root().unwrap();
        Declaration {
            key: (scope, Declared::Variable, name.to_owned()),
            name: node,
            node,
            unique: true,
        }
    }

    #[test]
    fn a_name_in_an_unknown_scope_is_used_in_all() {
        let name = Use::Name(Declared::Variable, "port".to_owned());
        let port = declaration("port", 3);
        assert!(!used(&[(Place::Scope(0), name.clone())]).has(&port));
        assert!(!used(&[(Place::Function, name.clone())]).has(&port));
        assert!(used(&[(Place::Unknown, name)]).has(&port));
        assert!(used(&[(Place::Unknown, prefix("any"))]).has(&port));
    }

    #[test]
    fn a_long_name_takes_no_more_than_its_length() {
        let mut used = used(&[(Place::Scope(0), prefix("port"))]);
        assert!(!used.has(&declaration(&"x".repeat(1 << 20), 0)));
        assert!(used.has(&declaration(&"port".repeat(1 << 18), 0)));
    }

    #[test]
    fn texts_without_end_mention_everything() {
        let text = "x".repeat(MAX_SEARCH / 2);
        let mut used = used(&[(Place::Scope(0), Use::Text(text))]);
        let port = declaration("port", 0);
        assert!(!used.has(&port));
        assert!(used.has(&port));
    }
}
