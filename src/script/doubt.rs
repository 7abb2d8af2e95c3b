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
    /// An unquoted value ends a word, and may hold blanks and options.
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

impl Doubt {
    /// Why the edit is held, as the end of "not fixed: …".
    pub fn reason(self) -> &'static str {
        match self {
            Self::Open => "a quote or a bracket before it is not closed",
            Self::Array => "the command is an array, and options may be added to it",
            Self::Glued => "an unquoted value in the command may contain blanks and options",
            Self::Several => "the shell splits or expands one of its words",
            Self::Sourced => "a file that is sourced before the command may change it",
            Self::Dialect => "sh may read its quotes differently from bash",
            Self::Arguments => "more arguments follow the script in its command",
            Self::Reader => "the program that runs the text is unknown",
            Self::Cmd => "cmd runs the text, and its quoting is not parsed",
            Self::Piece => "the text is part of a command that is assembled elsewhere",
            Self::Deep => "the text is nested too deeply in other texts",
            Self::Renamed => "this file may redefine the function, or change its defaults",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_callers_explains_each_reason() {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let page = words(include_str!("../rules/token_endpoint.md"));
        let all = [
            Doubt::Open,
            Doubt::Array,
            Doubt::Glued,
            Doubt::Several,
            Doubt::Sourced,
            Doubt::Dialect,
            Doubt::Arguments,
            Doubt::Reader,
            Doubt::Cmd,
            Doubt::Piece,
            Doubt::Deep,
            Doubt::Renamed,
        ];
        for reason in all.map(Doubt::reason) {
            assert!(page.contains(&format!("\"{reason}\"")), "{reason}");
        }
    }
}
