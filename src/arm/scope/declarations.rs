//! Where the variables and parameters of a template are declared, whatever they give.
//!
//! Start at [`TemplateScope::declaration`].

use std::cell::OnceCell;
use std::collections::HashMap;

use crate::json::{Document, Kind, NodeId};

use super::super::embedding::unescaped;
use super::super::expression::Expression;
use super::super::uses::{Access, Declared};
use super::TemplateScope;

/// Where a variable or parameter is declared.
#[derive(Clone, Copy, Debug)]
pub(in crate::arm) struct Declaration {
    pub(in crate::arm) declared: Declared,
    /// The key of its member.
    pub(in crate::arm) key: NodeId,
    /// Its value or default.
    pub(in crate::arm) value: NodeId,
    /// Whether that is what a deployment has for certain.
    pub(in crate::arm) is_certain: bool,
}

/// The object of all parameters or variables. It may have very many, each of which is looked up.
pub(super) struct Section {
    node: NodeId,
    /// Its keys by their names in lower case.
    keys: OnceCell<HashMap<String, NodeId>>,
}

impl Section {
    pub(super) fn new(node: NodeId) -> Self {
        Self {
            node,
            keys: OnceCell::new(),
        }
    }

    /// The key of the member called `name`, in any case; the last of several.
    fn key(&self, document: &Document<'_>, name: &str) -> Option<NodeId> {
        let keys = self.keys.get_or_init(|| {
            let keys = document.children(self.node);
            let keys = keys.filter(|key| document.kind(*key) == Kind::Key);
            keys.filter_map(|key| Some((document.string(key)?.to_ascii_lowercase(), key)))
                .collect()
        });
        keys.get(&name.to_ascii_lowercase()).copied()
    }

    /// The value of the member called `name`, in any case; that of the last of several.
    fn get(&self, document: &Document<'_>, name: &str) -> Option<NodeId> {
        document.value(self.key(document, name)?)
    }
}

impl TemplateScope<'_> {
    /// The `variables` object.
    pub(in crate::arm) fn variables(&self) -> Option<NodeId> {
        self.variables.as_ref().map(|section| section.node)
    }

    /// The node that a read of something declared gives, with where that is declared; `None` too where not
    /// all that is read is named.
    pub(in crate::arm) fn read(&self, access: &Access<'_>) -> Option<(Declaration, NodeId)> {
        let found = self.declaration(access.declared, access.name)?;
        let mut path = access.path.iter();
        let node = path.try_fold(found.value, |node, name| self.document.get(node, name))?;
        access.whole.then_some((found, node))
    }

    /// The decoded text of the variable that `read` reads, as in `variables('a').b`; `None` where it
    /// is no string.
    pub(in crate::arm) fn variable_text(&self, read: &Expression) -> Option<String> {
        let access = Access::of(read).filter(|access| access.declared == Declared::Variable)?;
        let written = self.document.string(self.read(&access)?.1)?;
        unescaped(&written, self.frame.escapes).map(str::to_owned)
    }

    fn section(&self, declared: Declared) -> Option<&Section> {
        match declared {
            Declared::Parameter => self.parameters.as_ref(),
            Declared::Variable => self.variables.as_ref(),
        }
    }

    /// What is behind the name of a variable, or of a parameter.
    pub(super) fn declared(&self, declared: Declared, name: &str) -> Option<NodeId> {
        self.section(declared)?.get(self.document, name)
    }

    /// Where the value of the variable or the default of the parameter called `name` is; `None`
    /// for one that a loop makes.
    pub(in crate::arm) fn declaration(
        &self,
        declared: Declared,
        name: &str,
    ) -> Option<Declaration> {
        let key = self.section(declared)?.key(self.document, name)?;
        let value = self.document.value(key)?;
        if declared == Declared::Variable {
            let is_loop = name.eq_ignore_ascii_case("copy");
            return (!is_loop).then_some(Declaration {
                declared,
                key,
                value,
                is_certain: true,
            });
        }
        let is_passed = self.frame.passed.may_pass(&name.to_ascii_lowercase());
        let is_limited = self.document.key(value, "allowedValues").is_some();
        Some(Declaration {
            declared,
            key,
            value: self.document.get(value, "defaultValue")?,
            is_certain: !is_passed && !is_limited,
        })
    }
}
