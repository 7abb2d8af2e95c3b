//! Words, numbers, names and white space, distinguished as Newtonsoft.Json does.

use super::Kind;

/// Whether a byte may be in a number or in a word such as `true`.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'-' | b'+' | b'.')
}

/// The length of the name without quotes that `text` starts with: letters and digits of any script,
/// `_` and `$`.
pub(super) fn name_length(text: &[u8]) -> usize {
    let mut length = 0;
    while let Some(letter) = first_character(text.get(length..).unwrap_or_default())
        && (letter.is_alphanumeric() || matches!(letter, '_' | '$'))
    {
        length += letter.len_utf8();
    }
    length
}

/// The character that `text` starts with; `None` for bytes that are none. No more of the text is read: where
/// it makes no sense, this is asked at each byte.
fn first_character(text: &[u8]) -> Option<char> {
    let window = text.get(..text.len().min(4))?;
    window.utf8_chunks().next()?.valid().chars().next()
}

/// What a word represents; `None` for one that is no value.
pub(super) fn kind(word: &[u8]) -> Option<Kind> {
    match word {
        b"true" | b"false" => Some(Kind::Bool),
        b"null" | b"undefined" => Some(Kind::Null),
        b"NaN" | b"Infinity" | b"-Infinity" => Some(Kind::Number),
        [b'0', b'x' | b'X', digits @ ..] => {
            let is_hexadecimal = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
            is_hexadecimal.then_some(Kind::Number)
        }
        [b'0', digits @ ..] if digits.first().is_some_and(u8::is_ascii_digit) => {
            let is_octal = digits.iter().all(|digit| matches!(digit, b'0'..=b'7'));
            is_octal.then_some(Kind::Number)
        }
        _ => is_decimal(word).then_some(Kind::Number),
    }
}

/// JSON's numbers, and those with nothing on one side of the decimal point or with zeros behind a minus.
fn is_decimal(word: &[u8]) -> bool {
    let (whole, rest) = digits(word.strip_prefix(b"-").unwrap_or(word));
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] => digits(rest),
        _ => (0, rest),
    };
    let ends = match rest {
        [] => true,
        [b'e' | b'E', b'+' | b'-', rest @ ..] | [b'e' | b'E', rest @ ..] => {
            matches!(digits(rest), (1.., []))
        }
        _ => false,
    };
    ends && whole + fraction > 0
}

/// How many digits `text` starts with, and what is behind them.
fn digits(text: &[u8]) -> (usize, &[u8]) {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (count, text.get(count..).unwrap_or_default())
}

/// The length of the Unicode white space character that `rest` starts with, as .NET sees it.
pub(super) fn white_space(rest: &[u8]) -> Option<usize> {
    let first = first_character(rest)?;
    first.is_whitespace().then(|| first.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_newtonsoft() {
        for word in [
            "0",
            "-0",
            "10",
            "1.5",
            "-1.5e3",
            "1E+2",
            "1e-2",
            "5.",
            ".5",
            "-.5",
            "5.e1",
            "010",
            "-08.5",
            "0x1F",
            "0Xa",
            "NaN",
            "Infinity",
            "-Infinity",
        ] {
            assert_eq!(kind(word.as_bytes()), Some(Kind::Number), "{word}");
        }
        for word in [
            "",
            "-",
            ".",
            "-.",
            "+1",
            "--1",
            "1-2",
            "1.2.3",
            "1e",
            "1e+",
            "e1",
            ".e1",
            "1a",
            "08",
            "00.5",
            "00e1",
            "0x",
            "0xg",
            "-0x1",
            "+Infinity",
            "-NaN",
            "nan",
            "1_000",
        ] {
            assert_eq!(kind(word.as_bytes()), None, "{word}");
        }
    }

    #[test]
    fn names_may_have_letters_of_any_script() {
        for (text, length) in [
            ("a1_$:", 5 - 1),
            ("é1 :", 3),
            ("a-b", 1),
            ("\u{a0}a", 0),
            ("\u{1F600}", 0),
            ("", 0),
        ] {
            assert_eq!(name_length(text.as_bytes()), length, "{text}");
        }
        assert_eq!(name_length(b"ab\xff"), 2);
    }
}
