//! What keeps a reader from vouching for a command: one table of reasons, which hold an edit.
//!
//! A doubt is a finding, never silence and never an edit. Start at [`Doubt`].

/// A question about a command that the text does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Doubt {
    /// A quote, a bracket or a here-document has no end.
    Open,
    /// The words are elements of an array, to which others may be added.
    Array,
    /// An unquoted value stands at the end of a word, and may hold blanks and options.
    Glued,
    /// A word becomes several by brace expansion or `"$@"`.
    Several,
    /// A file that is not known is sourced in front of it.
    Sourced,
    /// `sh` may not know this form of quotes.
    Dialect,
    /// More arguments follow the script, and belong to it.
    Arguments,
    /// Which program reads the text is not known.
    Reader,
    /// cmd reads it.
    Cmd,
    /// The text is a piece that others are joined to.
    Piece,
    /// The text is too deep inside others.
    Deep,
    /// Something else in the file has its name, or changes what it does.
    Renamed,
}

/// Each doubt with its reason, as the end of "not fixed: …".
const REASONS: &[(Doubt, &str)] = &[
    (Doubt::Open, "a quote or a bracket before it is not closed"),
    (
        Doubt::Array,
        "the command is an array, and options may be added to it",
    ),
    (
        Doubt::Glued,
        "an unquoted value in the command may contain blanks and options",
    ),
    (
        Doubt::Several,
        "the shell splits or expands one of its words",
    ),
    (
        Doubt::Sourced,
        "a file that is sourced before the command may change it",
    ),
    (
        Doubt::Dialect,
        "sh may read its quotes differently from bash",
    ),
    (
        Doubt::Arguments,
        "more arguments follow the script in its command",
    ),
    (Doubt::Reader, "the program that runs the text is unknown"),
    (
        Doubt::Cmd,
        "cmd runs the text, and its quoting is not parsed",
    ),
    (
        Doubt::Piece,
        "the text is part of a command that is assembled elsewhere",
    ),
    (Doubt::Deep, "the text is nested too deeply in other texts"),
    (
        Doubt::Renamed,
        "this file may redefine the function, or change its defaults",
    ),
];

impl Doubt {
    /// Why the edit is held.
    pub fn reason(self) -> &'static str {
        let found = REASONS.iter().find(|(doubt, _)| *doubt == self);
        found.map_or("", |(_, reason)| reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_callers_explains_each_reason() {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let page = words(include_str!("../rules/token_endpoint.md"));
        for (doubt, reason) in REASONS {
            assert_eq!(doubt.reason(), *reason);
            assert!(page.contains(&format!("\"{reason}\"")), "{reason}");
        }
    }
}
