//! Evaluation by cases: the finite set of values that an expression can take.
//!
//! Many expressions are unknown only because of something that has few values: the condition of an `if()`,
//! a parameter of type `bool` or with `allowedValues`, the number of an instance of a loop whose count is
//! known, an unknown index into a known array or object. Each of these *unknowns* is assumed to have each
//! of its values in turn, and the expression is evaluated anew, so that two parts that hang on the same
//! unknown always agree. Start at [`TemplateScope::cases`]. It never knows what a value names.

use std::cell::RefCell;
use std::collections::HashMap;

use super::super::expression::{self, Symbol, Value};
use super::{Basis, Defaults, Remembered, ScopeName, TemplateScope};

/// Combinations of assumptions for one expression; beyond them the value is left as it is.
pub(in crate::arm) const MAX_CASES: usize = 256;

/// The name of a copy loop around an expression, compared without case, and how many instances it makes.
type KnownLoop<'t> = (&'t str, i64);

/// One case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What the expression gives in it. What no case settles is unknown in it still.
    pub value: Value,
    /// What was assumed: the unknowns with their values, in the order of their evaluation. The unknown of
    /// a loop is [`Symbol::copy_index`], that of a condition its own spelling.
    pub assumed: Vec<(Symbol, Value)>,
}

impl Case {
    /// Which instance of the loop called `name` the case is for.
    pub fn instance(&self, name: &str) -> Option<i64> {
        let symbol = Symbol::copy_index(Some(name), 0);
        let found = self.assumed.iter().find(|(unknown, _)| *unknown == symbol);
        found.and_then(|(_, value)| value.as_int())
    }
}

/// An unknown. The names of parameters differ from scope to scope already; loops are distinguished by the
/// scope that they belong to.
type Unknown = (usize, Symbol);

/// What is assumed while an expression is evaluated.
pub(super) struct Assumptions<'t> {
    /// The scope that the loops belong to.
    scope: usize,
    known_loop: Option<KnownLoop<'t>>,
    assumed: Vec<(Unknown, Value)>,
    /// The first unknown that was met and has no value yet, with all that it can have.
    open: RefCell<Option<(Unknown, Vec<Value>)>>,
    /// Values of names under these assumptions.
    pub(super) memo: RefCell<HashMap<(usize, Defaults, ScopeName), Remembered>>,
}

impl Assumptions<'_> {
    /// The value that is assumed for `symbol`. Where none is yet, `domain` gives all that it can have.
    pub(super) fn value(
        &self,
        scope: usize,
        symbol: &Symbol,
        domain: &dyn Fn() -> Vec<Value>,
    ) -> Option<Value> {
        let owner = if symbol.mentions_copy_index() {
            scope
        } else {
            0
        };
        let is_it = |(known, _): &&(Unknown, Value)| known.0 == owner && known.1 == *symbol;
        if let Some((_, value)) = self.assumed.iter().find(is_it) {
            return Some(value.clone());
        }
        let mut open = self.open.borrow_mut();
        if open.is_none() {
            let domain = domain();
            let is_finite = !domain.is_empty() && domain.len() <= MAX_CASES;
            *open = is_finite.then(|| ((owner, symbol.clone()), domain));
        }
        None
    }

    /// The number of the instance of the loop called `name`, if it is one whose count is known.
    pub(super) fn loop_index(&self, scope: usize, name: &str) -> Option<i64> {
        let known = self.known_loop.filter(|_| scope == self.scope);
        let (_, count) = known.filter(|(known, _)| known.eq_ignore_ascii_case(name))?;
        let domain = || (0..count.min(1 + MAX_CASES as i64)).map(Value::Int);
        let symbol = Symbol::copy_index(Some(name), 0);
        let assumed = self.value(scope, &symbol, &|| domain().collect());
        assumed.and_then(|value| value.as_int())
    }
}

impl TemplateScope<'_> {
    /// All values that a text of a template (an expression, or plain text) can take in the loop around it.
    ///
    /// Together the cases are complete: whatever is deployed, one of them holds. A case whose value is still
    /// unknown, or unknown in part, may be whatever [`Text::could_equal`](expression::Text::could_equal)
    /// allows. Where there are more than [`MAX_CASES`], the answer is one case without assumptions.
    pub(in crate::arm) fn cases(
        &self,
        text: &str,
        loop_name: Option<&str>,
        known_loop: Option<KnownLoop<'_>>,
    ) -> Vec<Case> {
        let mut cases = Vec::new();
        let mut open = vec![Vec::new()];
        while let Some(assumed) = open.pop() {
            let assumptions = Assumptions {
                scope: self.address(),
                known_loop,
                assumed,
                open: RefCell::default(),
                memo: RefCell::default(),
            };
            let basis = Basis {
                defaults: Defaults::Ignored,
                assumptions: Some(&assumptions),
            };
            let view = self.view(loop_name, basis);
            let found = self
                .frame
                .steps
                .measured(|| expression::evaluate_text(text, &view));
            let unknown = assumptions.open.take();
            let (Some((value, false)), false) = (found, cases.len() + open.len() >= MAX_CASES)
            else {
                let value = self.text_value(text, loop_name, Defaults::Ignored);
                let assumed = Vec::new();
                return vec![Case { value, assumed }];
            };
            let Some((unknown, domain)) = unknown else {
                let assumed = assumptions.assumed.into_iter();
                let assumed = assumed
                    .map(|((_, symbol), value)| (symbol, value))
                    .collect();
                cases.push(Case { value, assumed });
                continue;
            };
            open.extend(domain.into_iter().rev().map(|value| {
                let mut assumed = assumptions.assumed.clone();
                assumed.push((unknown.clone(), value));
                assumed
            }));
        }
        cases
    }
}
