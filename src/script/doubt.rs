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
    (
        Doubt::Open,
        "a quote or a bracket in front of it has no end",
    ),
    (
        Doubt::Array,
        "it is an element of an array, to which options may be added",
    ),
    (
        Doubt::Glued,
        "an unquoted value next to a word of the command may hold blanks and options",
    ),
    (
        Doubt::Several,
        "the shell makes several words of one of its words",
    ),
    (
        Doubt::Sourced,
        "a file that is sourced in front of it may change what the command does",
    ),
    (
        Doubt::Dialect,
        "sh may read its quotes in another way than bash",
    ),
    (
        Doubt::Arguments,
        "more arguments follow the script in its command",
    ),
    (Doubt::Reader, "which program reads it is not known"),
    (Doubt::Cmd, "cmd reads it, whose quoting is not understood"),
    (
        Doubt::Piece,
        "it is a piece of a command that is put together elsewhere",
    ),
    (Doubt::Deep, "too many texts are nested around it"),
    (
        Doubt::Renamed,
        "its name may have another meaning in this file, or its defaults are changed",
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
