//! UTF-16 code units in front of a byte of a text in UTF-8, and the byte behind a number of units.
//!
//! Editors, language servers and SARIF count columns in these units, and a file in UTF-16 holds one
//! in two bytes. Knows nothing of lines. Start at [`Utf16Units`].

/// How many bytes are counted at most to answer one question, but for one character.
pub(super) const STEP: usize = 4096;

/// The UTF-16 units of `text`; a byte that is not UTF-8 takes one.
pub(super) fn count(text: &[u8]) -> usize {
    text.utf8_chunks()
        .map(|chunk| chunk.valid().encode_utf16().count() + chunk.invalid().len())
        .sum()
}

/// A text's bytes with the units in front of them, at steps of [`STEP`]: counting from the start
/// each time would never end in a long text.
#[derive(Clone, Debug)]
pub(super) struct Utf16Units {
    /// `(byte offset, units in front of it)`, in order.
    steps: Vec<(usize, usize)>,
}

impl Utf16Units {
    /// Counts through `text` once.
    pub(super) fn new(text: &[u8]) -> Self {
        let mut steps = vec![(0, 0)];
        let mut last = 0;
        for (at, units) in boundaries(text) {
            if at - last >= STEP {
                steps.push((at, units));
                last = at;
            }
        }
        Self { steps }
    }

    /// The units in front of the byte at `offset` of the `text` that was counted.
    pub(super) fn before(&self, text: &[u8], offset: usize) -> usize {
        let (at, units) = self.step(|(at, _)| *at <= offset);
        let offset = offset.min(text.len());
        units + count(text.get(at..offset).unwrap_or_default())
    }

    /// The byte of the `text` that was counted with `units` units in front of it; for the second
    /// half of a pair the pair's own, and the text's end for more units than there are.
    pub(super) fn offset(&self, text: &[u8], units: usize) -> usize {
        let (start, counted) = self.step(|(_, counted)| *counted <= units);
        let rest = text.get(start..).unwrap_or_default();
        let mut offset = start;
        for (at, more) in boundaries(rest) {
            if counted + more > units {
                break;
            }
            offset = start + at;
        }
        offset
    }

    /// The last step for which `is_in_front` holds, as it does for all before it.
    fn step(&self, is_in_front: impl Fn(&(usize, usize)) -> bool) -> (usize, usize) {
        let behind = self.steps.partition_point(is_in_front);
        let step = behind
            .checked_sub(1)
            .and_then(|index| self.steps.get(index));
        step.copied().unwrap_or_default()
    }
}

/// The end of each character, and of each run of bytes that are not UTF-8, with the units up to it.
fn boundaries(text: &[u8]) -> impl Iterator<Item = (usize, usize)> + '_ {
    let lengths = text.utf8_chunks().flat_map(|chunk| {
        let characters = chunk.valid().chars();
        let invalid = chunk.invalid().len();
        characters
            .map(|character| (character.len_utf8(), character.len_utf16()))
            .chain(std::iter::once((invalid, invalid)))
    });
    lengths.scan((0, 0), |(at, units), (bytes, more)| {
        (*at, *units) = (*at + bytes, *units + more);
        Some((*at, *units))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_units_lead_to_each_other_in_a_text_of_many_steps() {
        let text = "\u{feff}a\u{1f600}\u{e9}\n".repeat(2000);
        let units = Utf16Units::new(text.as_bytes());
        let mut counted = 0;
        for (offset, character) in text.char_indices() {
            assert_eq!(units.before(text.as_bytes(), offset), counted);
            assert_eq!(units.offset(text.as_bytes(), counted), offset);
            counted += character.len_utf16();
            assert!(units.offset(text.as_bytes(), counted - 1) <= offset);
        }
        assert_eq!(units.offset(text.as_bytes(), counted + 9), text.len());
    }
}
