//! What is at an offset of a text that was read, found without a look at all of it: a script may have
//! a million commands, and a caller in each. Never knows languages. Start at [`Lookup`].

use std::cmp::Reverse;
use std::ops::Range;

use super::{Command, Embedded};
use crate::text::RangeSet;

/// The ranges of a reading, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lookup {
    /// What comments and texts inside say.
    elsewhere: RangeSet,
    /// The commands by their starts, what is around others before them.
    commands: Vec<Nested>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Nested {
    span: Range<usize>,
    /// Which command of the reading it is.
    index: usize,
    /// The nearest of those before it that is not over where it starts.
    around: Option<usize>,
}

impl Lookup {
    pub(super) fn of(
        comments: &[Range<usize>],
        embedded: &[Embedded],
        commands: &[Command],
    ) -> Self {
        let mut elsewhere = comments.to_vec();
        for one in embedded {
            // What is a hole there is code here.
            let mut start = one.span.start;
            for hole in one.inner.holes() {
                elsewhere.push(start..hole.start.max(start));
                start = hole.end.max(start);
            }
            elsewhere.push(start..one.span.end.max(start));
        }
        Self {
            elsewhere: elsewhere.into_iter().collect(),
            commands: nested(commands),
        }
    }

    /// Whether a comment or a text inside says what is at an offset.
    pub(super) fn is_elsewhere(&self, offset: usize) -> bool {
        self.elsewhere.contains(offset)
    }

    /// The index of the innermost command around an offset.
    pub(super) fn command(&self, offset: usize) -> Option<usize> {
        let behind = self
            .commands
            .partition_point(|nested| nested.span.start <= offset);
        let last = self.commands.get(behind.checked_sub(1)?);
        let around = |nested: &&Nested| self.commands.get(nested.around?);
        std::iter::successors(last, around)
            .filter(|nested| nested.span.contains(&offset))
            .min_by_key(|nested| (nested.span.len(), nested.index))
            .map(|nested| nested.index)
    }
}

fn nested(commands: &[Command]) -> Vec<Nested> {
    let spans = commands.iter().map(|command| command.span.clone());
    let mut nested: Vec<Nested> = spans
        .enumerate()
        .map(|(index, span)| Nested {
            span,
            index,
            around: None,
        })
        .collect();
    nested.sort_by_key(|one| (one.span.start, Reverse(one.span.end), Reverse(one.index)));
    let mut open: Vec<(usize, usize)> = Vec::new();
    for (at, one) in nested.iter_mut().enumerate() {
        while open.last().is_some_and(|(_, end)| *end <= one.span.start) {
            open.pop();
        }
        one.around = open.last().map(|(around, _)| *around);
        open.push((at, one.span.end));
    }
    nested
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(span: Range<usize>) -> Command {
        Command {
            span,
            ..Command::default()
        }
    }

    #[test]
    fn the_innermost_command_is_that_of_a_search_through_all() {
        let spans = [
            0..20,
            2..9,
            3..5,
            3..5,
            5..9,
            10..10,
            10..18,
            12..15,
            21..30,
            25..40,
        ];
        let commands: Vec<Command> = spans.into_iter().map(command).collect();
        let lookup = Lookup::of(&[], &[], &commands);
        for offset in 0..45 {
            let all = commands.iter().enumerate();
            let around = all.filter(|(_, command)| command.span.contains(&offset));
            let innermost = around.min_by_key(|(_, command)| command.span.len());
            let innermost = innermost.map(|(index, _)| index);
            assert_eq!(lookup.command(offset), innermost, "{offset}");
        }
    }

    #[test]
    fn comments_in_any_order_are_found() {
        let comments = [5..8, 0..2, 6..12, 20..21];
        let lookup = Lookup::of(&comments, &[], &[]);
        for offset in 0..25 {
            let is_within = comments.iter().any(|comment| comment.contains(&offset));
            assert_eq!(lookup.is_elsewhere(offset), is_within, "{offset}");
        }
    }
}
