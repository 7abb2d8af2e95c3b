//! Where ours and jsonc-parser do not agree on what is JSON: the table of reasons. Newtonsoft.Json,
//! with which Azure reads templates, decides which of them is right.

use jsonc_parser::ParseStringErrorKind;
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use msi2imds::json::{Document, Kind, NodeId};

/// A text that one of the two refuses.
pub(crate) struct Disagreement<'a> {
    /// The text without a byte order mark.
    pub(crate) text: &'a str,
    /// The length of that mark.
    pub(crate) shift: usize,
    pub(crate) document: &'a Document<'a>,
    /// Why jsonc-parser refuses; `None` where ours does.
    pub(crate) error: Option<&'a ParseError>,
}

/// A reason, with the shortest text that needs it.
pub(crate) struct Tolerance {
    pub(crate) name: &'static str,
    pub(crate) example: &'static str,
    holds: fn(&Disagreement<'_>) -> bool,
}

/// The first ones are those that ours accepts, the last ones those that the oracle accepts.
pub(crate) const TOLERANCES: &[Tolerance] = &[
    // Newtonsoft.Json holds UTF-16 and takes half a pair.
    Tolerance {
        name: "a lone surrogate in an escape",
        example: r#"["\ud800"]"#,
        holds: |case| {
            matches!(
                kind(case),
                Some(ParseErrorKind::String(
                    ParseStringErrorKind::InvalidUnicodeEscapeSequence(_)
                ))
            ) && strings(case).any(|text| text.contains('\u{fffd}'))
        },
    },
    // Newtonsoft.Json takes both quotes after a backslash in both kinds of strings.
    Tolerance {
        name: "an escaped quote of the other kind",
        example: r#"["\'"]"#,
        holds: |case| {
            matches!(
                kind(case),
                Some(ParseErrorKind::String(
                    ParseStringErrorKind::InvalidEscapeInDoubleQuoteString
                        | ParseStringErrorKind::InvalidEscapeInSingleQuoteString
                ))
            ) && strings(case).any(|text| text.contains(['"', '\'']))
        },
    },
    Tolerance {
        name: "undefined",
        example: "[undefined]",
        holds: |case| rest(case).starts_with("undefined") && has(case, |raw| raw == b"undefined"),
    },
    // Newtonsoft.Json reads them as octal.
    Tolerance {
        name: "a number with leading zeros",
        example: "[010]",
        holds: |case| {
            kind(case).is_some()
                && has(case, |raw| {
                    let digits = raw.strip_prefix(b"-").unwrap_or(raw);
                    matches!(digits, [b'0', b'0'..=b'9', ..])
                })
        },
    },
    // The oracle wants a colon or white space there, and to it a vertical tab is none there.
    Tolerance {
        name: "a comment or a vertical tab that touches a bare name",
        example: "{a/**/:1}",
        holds: |case| {
            let is_word = rest(case)
                .split_once(['/', '\u{b}'])
                .is_some_and(|(word, _)| !word.is_empty() && word.chars().all(is_name));
            matches!(kind(case), Some(ParseErrorKind::UnexpectedToken)) && is_word
        },
    },
    Tolerance {
        name: "a bare name that starts like a value",
        example: "{1a:1}",
        holds: |case| {
            let starts_so = |raw: &[u8]| {
                let words: [&[u8]; 5] = [b"true", b"false", b"null", b"NaN", b"Infinity"];
                raw.first().is_some_and(u8::is_ascii_digit)
                    || words.iter().any(|word| raw.starts_with(word))
            };
            case.error.is_some_and(|error| {
                let at = error.range().start + case.shift;
                of_kind(case, &[Kind::Key]).any(|node| {
                    let span = case.document.span(node);
                    span.start <= at && at <= span.end && starts_so(case.document.raw(node))
                })
            })
        },
    },
    // The oracle counts an object and its property apart, so 256 objects are its limit.
    Tolerance {
        name: "objects nested deeper than the oracle goes",
        example: DEEP,
        holds: |case| matches!(kind(case), Some(ParseErrorKind::NestingDepthExceeded)),
    },
    Tolerance {
        name: "oracle: a hexadecimal number with a sign",
        example: "[-0x1F]",
        holds: |case| refused(case).1.to_ascii_lowercase().starts_with("-0x"),
    },
    Tolerance {
        name: "oracle: a NaN with a sign",
        example: "[-NaN]",
        holds: |case| refused(case).1.starts_with("-NaN"),
    },
    Tolerance {
        name: "oracle: a number with a point or a sign as a name",
        example: "{.5:1}",
        holds: |case| {
            let (before, after) = refused(case);
            let letter = |letter: char| is_name(letter) || "+-.".contains(letter);
            let start = before.trim_end_matches(letter).len();
            let end = case.text.len() - after.trim_start_matches(letter).len();
            let number = case.text.get(start..end).unwrap_or_default();
            number.contains(['.', '-', '+'])
                && number
                    .starts_with(|letter: char| letter.is_ascii_digit() || "-.".contains(letter))
        },
    },
    Tolerance {
        name: "oracle: a hyphen in a bare name",
        example: "{a-b:1}",
        holds: |case| refused(case).1.starts_with('-'),
    },
];

/// 260 objects, one in the other.
const DEEP: &str = include_str!("deep.json");

/// The one row that explains the disagreement.
pub(crate) fn name(case: &Disagreement<'_>) -> Option<&'static str> {
    let mut rows = TOLERANCES.iter().filter(|row| {
        row.name.starts_with("oracle: ") == case.error.is_none() && (row.holds)(case)
    });
    rows.next().map(|row| row.name)
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '$'
}

fn kind<'a>(case: &Disagreement<'a>) -> Option<&'a ParseErrorKind> {
    case.error.map(ParseError::kind)
}

/// What stands at the place where the oracle stopped.
fn rest<'a>(case: &Disagreement<'a>) -> &'a str {
    let at = case.error.map(|error| error.range().start);
    at.and_then(|at| case.text.get(at..)).unwrap_or_default()
}

/// What stands in front of and behind the place where ours stopped.
fn refused<'a>(case: &Disagreement<'a>) -> (&'a str, &'a str) {
    let at = case
        .document
        .errors()
        .first()
        .map_or(0, |error| error.offset);
    case.text.split_at(at.saturating_sub(case.shift))
}

fn has(case: &Disagreement<'_>, wanted: impl Fn(&[u8]) -> bool) -> bool {
    let mut nodes = case.document.nodes();
    nodes.any(|node| wanted(case.document.raw(node)))
}

fn of_kind<'a>(case: &'a Disagreement<'a>, kinds: &'a [Kind]) -> impl Iterator<Item = NodeId> + 'a {
    let nodes = case.document.nodes();
    nodes.filter(|node| kinds.contains(&case.document.kind(*node)))
}

fn strings<'a>(case: &'a Disagreement<'a>) -> impl Iterator<Item = String> + 'a {
    of_kind(case, &[Kind::String, Kind::Key]).filter_map(|node| case.document.string(node))
}
