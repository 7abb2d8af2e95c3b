//! How each language writes comments and strings: one table. Start at [`SYNTAXES`].

use crate::script::Language;
use crate::script::cursor::Cursor;
use crate::script::inner::Quoting;

/// How a string is written.
pub(super) struct Form {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    pub(super) quoting: Quoting,
    /// What starts an interpolation, which a brace ends.
    pub(super) interpolation: Option<&'static str>,
    /// Whether it may reach over lines.
    pub(super) lines: bool,
}

const fn form(open: &'static str, close: &'static str, quoting: Quoting) -> Form {
    Form {
        open,
        close,
        quoting,
        interpolation: None,
        lines: false,
    }
}

const fn lines(form: Form) -> Form {
    Form {
        lines: true,
        ..form
    }
}

const fn with(form: Form, interpolation: &'static str) -> Form {
    Form {
        interpolation: Some(interpolation),
        ..form
    }
}

/// What distinguishes comments and strings of a language from the rest.
pub(super) struct Syntax {
    pub(super) language: Language,
    pub(super) line_comments: &'static [&'static str],
    pub(super) block_comment: Option<(&'static str, &'static str)>,
    /// In the order in which they are tried.
    pub(super) strings: &'static [Form],
    /// Letters that may be in front of a string, in any case and order.
    pub(super) prefixes: &'static str,
}

const DOUBLE: Form = form("\"", "\"", Quoting::Escaped('"'));
const SINGLE: Form = form("'", "'", Quoting::Escaped('\''));

/// A language with the comments of C.
const fn like_c(language: Language, strings: &'static [Form]) -> Syntax {
    Syntax {
        language,
        line_comments: &["//"],
        block_comment: Some(("/*", "*/")),
        strings,
        prefixes: "",
    }
}

/// The languages.
pub(super) const SYNTAXES: &[Syntax] = &[
    Syntax {
        language: Language::Python,
        line_comments: &["#"],
        block_comment: None,
        strings: &[
            lines(form("\"\"\"", "\"\"\"", Quoting::Escaped('"'))),
            lines(form("'''", "'''", Quoting::Escaped('\''))),
            DOUBLE,
            SINGLE,
        ],
        prefixes: "rRbBuUfFtT",
    },
    like_c(
        Language::CSharp,
        &[
            with(lines(form("$@\"", "\"", Quoting::DoubledDouble)), "{"),
            with(lines(form("@$\"", "\"", Quoting::DoubledDouble)), "{"),
            lines(form("@\"", "\"", Quoting::DoubledDouble)),
            lines(form("\"\"\"", "\"\"\"", Quoting::Fixed)),
            with(form("$\"", "\"", Quoting::Escaped('"')), "{"),
            DOUBLE,
            SINGLE,
        ],
    ),
    like_c(
        Language::Go,
        &[DOUBLE, lines(form("`", "`", Quoting::Raw('`'))), SINGLE],
    ),
    like_c(
        Language::Java,
        &[
            lines(form("\"\"\"", "\"\"\"", Quoting::Escaped('"'))),
            lines(form("'''", "'''", Quoting::Escaped('\''))),
            DOUBLE,
            SINGLE,
        ],
    ),
    like_c(
        Language::JavaScript,
        &[
            DOUBLE,
            SINGLE,
            with(lines(form("`", "`", Quoting::Interpolated('`'))), "${"),
        ],
    ),
    Syntax {
        line_comments: &["#", "//"],
        ..like_c(
            Language::Hcl,
            &[with(form("\"", "\"", Quoting::Interpolated('"')), "${")],
        )
    },
    like_c(
        Language::Bicep,
        &[
            lines(form("'''", "'''", Quoting::Raw('\''))),
            with(form("'", "'", Quoting::Interpolated('\'')), "${"),
        ],
    ),
    like_c(Language::Json, &[lines(DOUBLE), lines(SINGLE)]),
];

/// The form of the string that starts here, and the letters in front of it.
pub(super) fn string_form<'t>(
    cursor: &Cursor<'t>,
    syntax: &'static Syntax,
) -> Option<(&'t str, &'static Form)> {
    let rest = cursor.rest();
    let length = rest
        .find(|c| !syntax.prefixes.contains(c))
        .filter(|length| *length <= 2)?;
    let behind = rest.get(length..)?;
    let form = syntax
        .strings
        .iter()
        .find(|form| behind.starts_with(form.open))?;
    Some((rest.get(..length)?, form))
}
