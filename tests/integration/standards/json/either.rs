//! Texts about which the standard says that readers may differ.

/// What the document does.
pub(super) enum Ours {
    /// It has this value, with numbers as they are spelled.
    Accepts(&'static str),
    Refuses,
}

use Ours::{Accepts, Refuses};

const SPELLED: &str = "a number is kept as it is spelled, so none is too large";
const LOSSY: &str = "a file is decoded as .NET does it: what is no UTF-8 stands for U+FFFD, and stays as it is in the file";
const SURROGATE: &str = "half a surrogate pair stands for U+FFFD, and stays as it is in the file";
const MARK: &str = "a byte order mark tells the encoding";
const NO_MARK: &str = "UTF-16 without a byte order mark is not guessed";

pub(super) const EITHER: &[(&str, &[u8], Ours, &str)] = &[
    ("a fraction below the least double", b"[654.321e-789]", Accepts("[654.321e-789]"), SPELLED),
    (
        "an exponent of a hundred digits",
        b"[0.5e00779999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999979999999007]",
        Accepts("[0.5e00779999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999979999999007]"),
        SPELLED,
    ),
    ("a negative integer with a huge exponent", b"[-2e+9999]", Accepts("[-2e+9999]"), SPELLED),
    ("a fraction with a huge exponent", b"[2.5e+9999]", Accepts("[2.5e+9999]"), SPELLED),
    ("a number beyond the least double", b"[-321321e100000]", Accepts("[-321321e100000]"), SPELLED),
    ("a number beyond the largest double", b"[321321e100000]", Accepts("[321321e100000]"), SPELLED),
    ("a number that is zero as a double", b"[321e-10000000]", Accepts("[321e-10000000]"), SPELLED),
    ("a negative integer of 30 digits", b"[-321321321321321321321321321321]", Accepts("[-321321321321321321321321321321]"), SPELLED),
    ("an integer of 21 digits", b"[200000000000000000000]", Accepts("[200000000000000000000]"), SPELLED),
    ("a negative integer of 48 digits", b"[-337462374673276894279832749832423479823246327846]", Accepts("[-337462374673276894279832749832423479823246327846]"), SPELLED),
    ("a second surrogate alone in a name", br#"{"\uDFAB":1}"#, Accepts("{\"\u{fffd}\":1}"), SURROGATE),
    ("a first surrogate alone", br#"["\uDADB"]"#, Accepts("[\"\u{fffd}\"]"), SURROGATE),
    ("a first surrogate before another character", br#"["\uD889\u1235"]"#, Accepts("[\"\u{fffd}\u{1235}\"]"), SURROGATE),
    ("UTF-16 with its mark", b"\xff\xfe[\0\"\0\xea\0\"\0]\0", Accepts("[\"\u{ea}\"]"), MARK),
    ("a letter that is cut off behind others", b"[\"\xe6\x97\xa6\xd1\x89\xfa\"]", Accepts("[\"\u{65e6}\u{449}\u{fffd}\"]"), LOSSY),
    ("a surrogate in UTF-8", b"[\"\xed\xa0\x81\"]", Accepts("[\"\u{fffd}\u{fffd}\u{fffd}\"]"), LOSSY),
    ("a first surrogate before a short escape", br#"["\uD801\t"]"#, Accepts("[\"\u{fffd}\\t\"]"), SURROGATE),
    ("a second surrogate before a letter", br#"["\uDd1fa"]"#, Accepts("[\"\u{fffd}a\"]"), SURROGATE),
    ("two first surrogates before a short escape", br#"["\uD801\uD801\t"]"#, Accepts("[\"\u{fffd}\u{fffd}\\t\"]"), SURROGATE),
    ("a first surrogate in small letters", br#"["\ud801"]"#, Accepts("[\"\u{fffd}\"]"), SURROGATE),
    ("a first surrogate before letters", br#"["\ud801xyz"]"#, Accepts("[\"\u{fffd}xyz\"]"), SURROGATE),
    ("a byte that is never in UTF-8", b"[\"\xfe\"]", Accepts("[\"\u{fffd}\"]"), LOSSY),
    ("a surrogate pair the wrong way round", br#"["\uDd1f\uD834"]"#, Accepts("[\"\u{fffd}\u{fffd}\"]"), SURROGATE),
    ("a letter of Latin 1", b"[\"\xea\"]", Accepts("[\"\u{fffd}\"]"), LOSSY),
    ("a second surrogate alone", br#"["\uDFAB"]"#, Accepts("[\"\u{fffd}\"]"), SURROGATE),
    ("a continuation byte alone", b"[\"\x82\"]", Accepts("[\"\u{fffd}\"]"), LOSSY),
    ("a code point behind the last one", b"[\"\xf4\xbe\xbf\xbf\"]", Accepts("[\"\u{fffd}\u{fffd}\u{fffd}\u{fffd}\"]"), LOSSY),
    ("a slash in two bytes", b"[\"\xc0\xaf\"]", Accepts("[\"\u{fffd}\u{fffd}\"]"), LOSSY),
    ("a character in six bytes", b"[\"\xfc\x84\xbf\xbf\xbf\xbf\"]", Accepts("[\"\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\"]"), LOSSY),
    ("NUL in six bytes", b"[\"\xfc\x80\x80\x80\x80\x80\"]", Accepts("[\"\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\"]"), LOSSY),
    ("the first of three bytes before a stray one", b"[\"\xe1\xfe\"]", Accepts("[\"\u{fffd}\u{fffd}\"]"), LOSSY),
    ("UTF-16 without its mark, high bytes first", b"\0[\0\"\0\xea\0\"\0]", Refuses, NO_MARK),
    ("UTF-16 without its mark, low bytes first", b"[\0\"\0\xea\0\"\0]\0", Refuses, NO_MARK),
    ("a mark before an object", b"\xef\xbb\xbf{}", Accepts("{}"), MARK),
];
