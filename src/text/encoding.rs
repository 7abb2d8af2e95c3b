//! Encodings other than UTF-8, as far as they are told apart.

/// Whether the text starts with a byte order mark of UTF-16, in either byte order.
pub fn is_utf16(text: &[u8]) -> bool {
    text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff")
}

/// The text in UTF-8, if it starts with a byte order mark of UTF-16. What is no UTF-16 comes out as
/// U+FFFD.
pub fn from_utf16(text: &[u8]) -> Option<String> {
    let read: fn([u8; 2]) -> u16 = match text {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let (units, _) = text.as_chunks::<2>();
    let units = units.iter().skip(1).map(|unit| read(*unit));
    let decoded = char::decode_utf16(units);
    Some(
        decoded
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_byte_orders_are_read_and_utf8_is_left() {
        assert_eq!(
            from_utf16(b"\xff\xfea\0\xac\x20").as_deref(),
            Some("a\u{20ac}")
        );
        assert_eq!(from_utf16(b"\xfe\xff\0a").as_deref(), Some("a"));
        assert_eq!(from_utf16(b"\xef\xbb\xbfa"), None);
        assert!(is_utf16(b"\xff\xfe") && !is_utf16(b"\xef\xbb\xbf"));
    }
}
