//! The syntax tree of one expression. It knows spans and names, never what a name means.

use std::ops::Range;

/// One node of an expression, with its place in the decoded text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// What the node is.
    pub kind: ExpressionKind,
    /// Its byte range in the decoded text of the JSON string, white space around it left out.
    pub span: Range<usize>,
}

/// The kinds of nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpressionKind {
    /// A string literal, its `''` already made `'`.
    String(String),
    /// A number as it was written.
    Number(String),
    /// A call: `name(args)` or, for a user function, `namespace.name(args)`; names as written.
    Call {
        /// The namespace of a user function.
        namespace: Option<String>,
        /// The function's name.
        name: String,
        /// The arguments in order.
        args: Vec<Expression>,
    },
    /// `base.name`.
    Member {
        /// What the member is taken from.
        base: Box<Expression>,
        /// The member's name as written.
        name: String,
    },
    /// `base[index]`.
    Index {
        /// What is indexed.
        base: Box<Expression>,
        /// The index.
        index: Box<Expression>,
    },
}

impl Expression {
    /// Calls `visitor` with this node and then with every node below it, in the order of the text.
    pub fn visit<'a>(&'a self, visitor: &mut dyn FnMut(&'a Expression)) {
        visitor(self);
        match &self.kind {
            ExpressionKind::String(_) | ExpressionKind::Number(_) => {}
            ExpressionKind::Call { args, .. } => {
                for argument in args {
                    argument.visit(visitor);
                }
            }
            ExpressionKind::Member { base, .. } => base.visit(visitor),
            ExpressionKind::Index { base, index } => {
                base.visit(visitor);
                index.visit(visitor);
            }
        }
    }

    /// The arguments, where the node calls the built-in function `name` (compared without case).
    pub fn call(&self, name: &str) -> Option<&[Expression]> {
        match &self.kind {
            ExpressionKind::Call {
                namespace: None,
                name: called,
                args,
            } if called.eq_ignore_ascii_case(name) => Some(args),
            _ => None,
        }
    }

    /// What the node reads members or items of, with the nodes around that which do, the innermost first.
    pub fn accesses(&self) -> (&Expression, Vec<&Expression>) {
        let mut at = self;
        let mut accesses = Vec::new();
        while let ExpressionKind::Member { base, .. } | ExpressionKind::Index { base, .. } =
            &at.kind
        {
            accesses.push(at);
            at = base;
        }
        accesses.reverse();
        (at, accesses)
    }

    /// The member that the node reads: `a` of `base.a` and of `base['a']`.
    pub fn member(&self) -> Option<&str> {
        match &self.kind {
            ExpressionKind::Member { name, .. } => Some(name),
            ExpressionKind::Index { index, .. } => index.string(),
            _ => None,
        }
    }

    /// The text of a string literal.
    pub fn string(&self) -> Option<&str> {
        match &self.kind {
            ExpressionKind::String(text) => Some(text),
            _ => None,
        }
    }
}
