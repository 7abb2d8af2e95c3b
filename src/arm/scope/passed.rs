//! What the parameters of a template are given: by the deployment around it, by those that link it, by
//! its parameter files.
//!
//! A value that the files in view show is known; where they show several, only what depends on none
//! of them in particular is. Never knows where templates and files are. Start at [`Passed`].

use std::collections::HashMap;
use std::rc::Rc;

use crate::json::NodeId;

use super::super::expression::{Symbol, Value};
use super::{Basis, Defaults, TemplateScope};

/// By parameters' names in lower case; `None` where the value is unknown.
pub(in crate::arm) type ByName<'d> = HashMap<String, Option<Given<'d>>>;

/// What the parameters of a template are given.
#[derive(Default)]
pub(in crate::arm) enum Passed<'d> {
    /// What the files do not show.
    #[default]
    Anything,
    /// These, and nothing else, so that the others have their defaults.
    These(ByName<'d>),
    /// These, and perhaps others: whoever deploys with a parameter file may add to it.
    Partly(ByName<'d>),
    /// What each of several gives, in an order that is the same for all templates.
    Each(Vec<Passed<'d>>),
}

/// A value that a deployment passes.
pub(in crate::arm) enum Given<'d> {
    /// What a node means in the scope around. It is evaluated once it is asked for.
    Node {
        /// The scope around.
        scope: Rc<TemplateScope<'d>>,
        /// The node.
        node: NodeId,
        /// The loop that it is in.
        loop_name: Option<String>,
        /// Of which parameter the node, all that is passed, says the value; `None` where it is the value.
        member: Option<String>,
    },
    /// A value that depends on nothing.
    Plain(Value),
}

impl Given<'_> {
    /// The value; `None` for null, which may leave the default in force.
    fn value(&self, basis: Basis<'_>) -> Option<Value> {
        let value = match self {
            Given::Node {
                scope,
                node,
                loop_name,
                member,
            } => {
                let value = scope.node_value(*node, &scope.view(loop_name.as_deref(), basis));
                match member {
                    Some(name) => value.get(name)?.get("value")?.clone(),
                    None => value,
                }
            }
            Given::Plain(value) => value.clone(),
        };
        (value != Value::Null).then_some(value)
    }
}

impl Passed<'_> {
    /// The value of the parameter called `name`, in lower case. `unpassed` gives what it has where
    /// nothing is passed: its default only if that counts.
    pub(super) fn value(
        &self,
        name: &str,
        basis: Basis<'_>,
        unpassed: &dyn Fn(bool) -> Option<Value>,
    ) -> Option<Value> {
        let assumed = || unpassed(basis.defaults == Defaults::Assumed);
        let of = |given: Option<&Option<Given<'_>>>| given?.as_ref()?.value(basis);
        match self {
            Passed::Anything => assumed(),
            Passed::These(passed) if !passed.contains_key(name) => unpassed(true),
            Passed::These(passed) | Passed::Partly(passed) => of(passed.get(name)).or_else(assumed),
            Passed::Each(all) => {
                let values = all.iter().map(|one| one.value(name, basis, unpassed));
                joined(values.collect::<Option<Vec<_>>>()?, basis)
            }
        }
    }

    /// Whether something may be passed for the parameter called `name`, in lower case.
    pub(super) fn may_pass(&self, name: &str) -> bool {
        match self {
            Passed::Anything | Passed::Partly(_) => true,
            Passed::These(passed) => passed.contains_key(name),
            Passed::Each(all) => all.iter().any(|one| one.may_pass(name)),
        }
    }
}

/// What is passed as one of `values`: that one if all are the same. Several are one unknown value, which
/// is the same wherever the same ones are passed in the same order; what "may be" is any of them.
fn joined(values: Vec<Value>, basis: Basis<'_>) -> Option<Value> {
    let first = values.first()?;
    if values.iter().all(|value| value == first) {
        return Some(first.clone());
    }
    let one_of = Symbol::call(None, "oneOf", &values);
    if let Some(assumptions) = basis.assumptions {
        let assumed = assumptions.value(0, &one_of, &|| values.clone());
        return Some(assumed.unwrap_or(Value::Unknown(one_of)));
    }
    if basis.defaults == Defaults::Ignored {
        return Some(Value::Unknown(one_of));
    }
    let alternatives = values.into_iter().rev();
    alternatives.reduce(|otherwise, then| Value::choice(one_of.clone(), then, otherwise))
}
