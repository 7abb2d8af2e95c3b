//! Loops over a list of objects, each of which describes an extension: the `copy` of a resource or
//! of a property whose count is the list's length, and whose parts read `list[copyIndex()].member`.
//!
//! Never knows which extension an object describes. Start at [`read`].

use crate::json::{Kind, NodeId};

use super::expression::{Expression, ExpressionKind};
use super::model::Model;
use super::scope::Declaration;
use super::uses::Access;

/// A copy loop.
pub(super) struct CopyLoop {
    /// What there is one of for each number: the resource, or the `input`.
    pub(super) input: NodeId,
    pub(super) count: NodeId,
    /// Its name in lower case.
    pub(super) name: Option<String>,
    /// Whether it is a resource's, which `copyIndex()` without a name means.
    pub(super) of_resource: bool,
}

/// What a loop goes over.
pub(super) struct Over {
    pub(super) found: Declaration,
    /// The array.
    pub(super) list: NodeId,
    /// The calls that read it: the strings, and where in them.
    pub(super) uses: Vec<(NodeId, usize)>,
    /// Whether the loop's number is used for something else than to read the list.
    pub(super) counts_elsewhere: bool,
}

/// What `iteration` goes over, if its count is the length of a list in a variable or parameter.
pub(super) fn read(model: &Model<'_>, template: usize, iteration: &CopyLoop) -> Option<Over> {
    let count = model.expression(template, iteration.count)?;
    let [counted]: &[Expression; 1] = count.call("length")?.try_into().ok()?;
    let list = Access::of(counted)?;
    let (found, array) = model.scope(template)?.read(&list)?;
    let document = model.document;
    if document.kind(array) != Kind::Array {
        return None;
    }
    let mut over = Over {
        found,
        list: array,
        uses: vec![(iteration.count, list.start)],
        counts_elsewhere: false,
    };
    for string in document.strings_below(iteration.input) {
        let Some(expression) = model.expression(template, string) else {
            continue;
        };
        let (mut numbers, mut reads) = (0_usize, 0_usize);
        expression.visit(&mut |part| {
            numbers += usize::from(iteration.is_number(part));
            if let ExpressionKind::Index { base, index } = &part.kind
                && iteration.is_number(index)
                && let Some(base) = Access::of(base).filter(|base| base.is_same(&list))
            {
                reads += 1;
                over.uses.push((string, base.start));
            }
        });
        over.counts_elsewhere |= numbers > reads;
    }
    Some(over)
}

impl CopyLoop {
    fn is_number(&self, part: &Expression) -> bool {
        match part.call("copyIndex") {
            Some([]) => self.of_resource,
            Some([name]) => {
                let name = name.string().map(str::to_lowercase);
                name.is_some() && name == self.name
            }
            _ => false,
        }
    }
}

/// The node that a loop over `object` and others has at the end of the members `way` of its `input`:
/// one within the object, or one of the input that is the same for all.
pub(super) fn member(
    model: &Model<'_>,
    template: usize,
    input: NodeId,
    way: &[&str],
    object: NodeId,
) -> Option<NodeId> {
    let document = model.document;
    let mut at = input;
    let mut rest = way.iter();
    while document.kind(at) == Kind::Object {
        match rest.next() {
            Some(step) => at = document.get(at, step)?,
            None => return Some(at),
        }
    }
    let Some(expression) = model.expression(template, at) else {
        return rest.next().is_none().then_some(at);
    };
    let mut reads = Vec::new();
    expression.visit(&mut |part| reads.extend(below_the_index(part)));
    // The longest way comes first.
    let names = reads.into_iter().next()?;
    let rest = rest.copied();
    names
        .into_iter()
        .chain(rest)
        .try_fold(object, |node, name| document.get(node, name))
}

/// The members that are read of `list[copyIndex()]`.
fn below_the_index(part: &Expression) -> Option<Vec<&str>> {
    let (_, accesses) = part.accesses();
    let is_number = |access: &&Expression| {
        matches!(&access.kind, ExpressionKind::Index { index, .. }
            if index.call("copyIndex").is_some())
    };
    let at = accesses.iter().rposition(is_number)?;
    let below = accesses.get(at + 1..)?.iter();
    below.map(|access| access.member()).collect()
}
