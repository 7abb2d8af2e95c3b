//! In what guise a generated template stands in its file.
//!
//! What a template means does not depend on it: the value is dressed before it is written, and what
//! became of it is undressed before it is checked. Start at [`Guise`].

use super::lists;
use super::surroundings::Surrounding;
use super::symbols;
use super::template::Template;
use super::tree::Tree;

/// A way to write a template's value, and to read it again.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Guise {
    /// As it is.
    Plain,
    /// Inside of something else.
    Within(&'static Surrounding),
    /// With lists of extensions in variables.
    Lists,
    /// With symbolic names, which is for templates without loops.
    Symbols,
}

impl Guise {
    /// Lets a template be one that looks different in the guise.
    pub(crate) fn prepare(self, template: &mut Template) {
        if matches!(self, Self::Symbols) {
            symbols::prepare(template);
        }
    }

    /// The file's value.
    pub(crate) fn on(self, template: &Template, tree: &Tree) -> Tree {
        match self {
            Self::Plain => tree.clone(),
            Self::Within(surrounding) => surrounding.around(tree),
            Self::Lists => lists::outside(&template.root, tree),
            Self::Symbols => symbols::outside(&template.root, tree),
        }
    }

    /// The template's value in that of the file.
    pub(crate) fn off(self, template: &Template, file: &Tree) -> Result<Tree, String> {
        match self {
            Self::Plain => Ok(file.clone()),
            Self::Within(surrounding) => surrounding.inside(file),
            Self::Lists => lists::inside(&template.root, file),
            Self::Symbols => symbols::inside(&template.root, file),
        }
    }
}
