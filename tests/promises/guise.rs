//! In what guise a generated template stands in its file.
//!
//! What a template means does not depend on it: the value is dressed before it is written, and what
//! became of it is undressed before it is checked. Start at [`Guise`].

use crate::surroundings::Surrounding;
use crate::tree::Tree;

/// A way to write a template's value, and to read it again.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Guise {
    /// As it is.
    Plain,
    /// Inside of something else.
    Within(&'static Surrounding),
}

impl Guise {
    /// The file's value.
    pub(crate) fn on(self, tree: &Tree) -> Tree {
        match self {
            Self::Plain => tree.clone(),
            Self::Within(surrounding) => surrounding.around(tree),
        }
    }

    /// The template's value in that of the file.
    pub(crate) fn off(self, file: &Tree) -> Result<Tree, String> {
        match self {
            Self::Plain => Ok(file.clone()),
            Self::Within(surrounding) => surrounding.inside(file),
        }
    }

    /// Whether it is looked at there which variables and parameters lose their last use.
    pub(crate) fn clears(self) -> bool {
        match self {
            Self::Plain => true,
            Self::Within(surrounding) => surrounding.clears,
        }
    }
}
