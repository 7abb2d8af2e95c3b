//! A file's text in UTF-8, and the way between its bytes and the file's.
//!
//! A byte order mark shows a file in UTF-16, which is decoded; all else is taken as it is, UTF-8 or
//! not. The mark stays in the text, so nothing is lost on the way back. Knows nothing of lines or
//! JSON. Start at [`Decoded`].

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use super::utf16_units::Utf16Units;

/// The text of a file.
#[derive(Clone, Debug)]
pub struct Decoded<'f> {
    text: Cow<'f, [u8]>,
    /// `None` for a file that was not decoded.
    utf16: Option<Utf16>,
}

#[derive(Clone, Debug)]
struct Utf16 {
    order: ByteOrder,
    /// The length of the file.
    length: usize,
    /// The first character of the text that represents what is no UTF-16.
    fault: Option<usize>,
    /// Counted once somebody asks.
    units: OnceCell<Utf16Units>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    fn of(file: &[u8]) -> Option<Self> {
        match file {
            [0xff, 0xfe, ..] => Some(Self::Little),
            [0xfe, 0xff, ..] => Some(Self::Big),
            _ => None,
        }
    }

    /// The text of `bytes`, and where it first represents what is no UTF-16: half of a surrogate
    /// pair, or half of a unit at the end.
    fn decode(self, bytes: &[u8]) -> (String, Option<usize>) {
        let (units, rest) = bytes.as_chunks::<2>();
        let units = units.iter().map(|unit| match self {
            Self::Little => u16::from_le_bytes(*unit),
            Self::Big => u16::from_be_bytes(*unit),
        });
        let mut text = String::with_capacity(bytes.len());
        let mut fault = None;
        let cut = (!rest.is_empty()).then_some(None);
        let characters = char::decode_utf16(units).map(Result::ok);
        for character in characters.chain(cut) {
            if character.is_none() {
                fault.get_or_insert(text.len());
            }
            text.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        (text, fault)
    }

    fn encode(self, text: &str) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| match self {
                Self::Little => unit.to_le_bytes(),
                Self::Big => unit.to_be_bytes(),
            })
            .collect()
    }
}

impl<'f> Decoded<'f> {
    /// Decodes `file` if it is in UTF-16. What is no UTF-16 comes out as U+FFFD.
    pub fn new(file: &'f [u8]) -> Self {
        let Some(order) = ByteOrder::of(file) else {
            return Self {
                text: Cow::Borrowed(file),
                utf16: None,
            };
        };
        let (text, fault) = order.decode(file);
        Self {
            text: Cow::Owned(text.into_bytes()),
            utf16: Some(Utf16 {
                order,
                length: file.len(),
                fault,
                units: OnceCell::new(),
            }),
        }
    }

    /// The text, with its byte order mark: in UTF-8, or the file's own bytes, whatever they are.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether the file is in UTF-16.
    pub fn is_utf16(&self) -> bool {
        self.utf16.is_some()
    }

    /// The offset in the text of the first thing that is no UTF-16. A text with a fault does not
    /// encode to the bytes that it was decoded from.
    pub fn fault(&self) -> Option<usize> {
        self.utf16.as_ref()?.fault
    }

    /// The file's bytes of a range of the text.
    pub fn file_range(&self, text: Range<usize>) -> Range<usize> {
        let Some(utf16) = &self.utf16 else {
            return text;
        };
        let file = |offset: usize| {
            let units = self.units(utf16).before(&self.text, offset);
            // Half of a unit at the end decodes to a whole one.
            units.saturating_mul(2).min(utf16.length)
        };
        file(text.start)..file(text.end)
    }

    /// The bytes of the text for a range of the file.
    pub fn text_range(&self, file: Range<usize>) -> Range<usize> {
        let Some(utf16) = &self.utf16 else {
            return file;
        };
        let text = |offset: usize| self.units(utf16).offset(&self.text, offset / 2);
        text(file.start)..text(file.end)
    }

    /// A piece of the file, without a byte order mark of its own, as text.
    pub fn decode<'p>(&self, piece: &'p [u8]) -> Cow<'p, [u8]> {
        match &self.utf16 {
            Some(utf16) => Cow::Owned(utf16.order.decode(piece).0.into_bytes()),
            None => Cow::Borrowed(piece),
        }
    }

    /// A piece of text as the file holds it; `None` where it is no text.
    pub fn encode<'p>(&self, piece: &'p [u8]) -> Option<Cow<'p, [u8]>> {
        match &self.utf16 {
            Some(utf16) => {
                let text = std::str::from_utf8(piece).ok()?;
                Some(Cow::Owned(utf16.order.encode(text)))
            }
            None => Some(Cow::Borrowed(piece)),
        }
    }

    fn units<'u>(&self, utf16: &'u Utf16) -> &'u Utf16Units {
        utf16.units.get_or_init(|| Utf16Units::new(&self.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDERS: [ByteOrder; 2] = [ByteOrder::Little, ByteOrder::Big];

    #[test]
    fn both_byte_orders_are_read_and_all_else_is_left() {
        let little = Decoded::new(b"\xff\xfea\0\xac\x20");
        assert_eq!(little.text(), "\u{feff}a\u{20ac}".as_bytes());
        assert!(little.is_utf16() && little.fault().is_none());
        assert_eq!(Decoded::new(b"\xfe\xff\0a").text(), "\u{feff}a".as_bytes());
        for other in [&b"\xef\xbb\xbfa"[..], b"a\0\xff", b"\xff", b""] {
            let decoded = Decoded::new(other);
            assert_eq!(decoded.text(), other);
            assert!(!decoded.is_utf16() && decoded.fault().is_none());
            assert_eq!(decoded.file_range(1..2), 1..2);
            assert_eq!(decoded.text_range(1..2), 1..2);
        }
    }

    #[test]
    fn characters_are_found_in_the_file_and_back() {
        let text = "\u{feff}{\"\u{e9}\u{1f600}\u{2028}\": 1\r\n}";
        for order in ORDERS {
            let file = order.encode(text);
            let decoded = Decoded::new(&file);
            for (start, character) in text.char_indices() {
                let range = start..start + character.len_utf8();
                let bytes = decoded.file_range(range.clone());
                let encoded = order.encode(character.encode_utf8(&mut [0; 4]));
                assert_eq!(file[bytes.clone()], encoded);
                assert_eq!(decoded.text_range(bytes), range);
            }
            let end = text.len()..text.len();
            assert_eq!(decoded.file_range(end.clone()), file.len()..file.len());
            assert_eq!(decoded.text_range(file.len()..file.len() + 7), end);
        }
    }

    /// Every file of up to four units out of these: a fault is reported exactly where the way back is
    /// closed.
    #[test]
    fn a_text_without_a_fault_encodes_to_the_same_bytes_and_one_with_a_fault_does_not() {
        let units = [
            0x0000_u16, 0x000a, 0x0061, 0xd83d, 0xde00, 0xfeff, 0xfffd, 0xffff,
        ];
        let mut files: Vec<Vec<u16>> = vec![vec![0xfeff]];
        let mut checked = 0;
        for _ in 0..4 {
            files = files
                .iter()
                .flat_map(|file| units.map(|unit| [file.as_slice(), &[unit]].concat()))
                .collect();
            for (file, order) in files
                .iter()
                .flat_map(|file| ORDERS.map(|order| (file, order)))
            {
                let whole: Vec<u8> = file
                    .iter()
                    .flat_map(|unit| match order {
                        ByteOrder::Little => unit.to_le_bytes(),
                        ByteOrder::Big => unit.to_be_bytes(),
                    })
                    .collect();
                for bytes in [&whole[..], &whole[..whole.len() - 1]] {
                    let decoded = Decoded::new(bytes);
                    let back = decoded.encode(decoded.text()).unwrap();
                    assert_eq!(decoded.fault().is_none(), back == bytes, "{bytes:x?}");
                    let end = decoded.text().len();
                    assert_eq!(decoded.file_range(end..end).end, bytes.len());
                    checked += 1;
                }
            }
        }
        assert_eq!(checked, 4 * (8 + 64 + 512 + 4096));
    }

    #[test]
    fn what_is_no_utf16_is_reported_where_it_is() {
        for (file, at) in [
            (&b"\xff\xfea\0\x3d\xd8b\0"[..], 4),
            (b"\xff\xfea\0\0\xdeb\0", 4),
            (b"\xff\xfea\0b", 4),
            (b"\xfe\xff\0a\xd8\x3d", 4),
        ] {
            let decoded = Decoded::new(file);
            assert_eq!(decoded.fault(), Some(at), "{file:x?}");
            assert_eq!(decoded.file_range(at..at).start, 4);
        }
    }

    #[test]
    fn pieces_are_encoded_without_a_mark_and_never_from_what_is_no_text() {
        let decoded = Decoded::new(b"\xfe\xff");
        assert_eq!(decoded.encode(b"a\n").as_deref(), Some(&b"\0a\0\n"[..]));
        assert_eq!(decoded.decode(b"\0a\0\n").as_ref(), b"a\n");
        assert_eq!(decoded.encode(b"\xff"), None);
    }
}
