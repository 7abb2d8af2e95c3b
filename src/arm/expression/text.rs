//! Strings that are partly known: a list of literals and symbols in normal form. It never knows where
//! a string is.

use super::symbol::Symbol;

/// A part of a [`Text`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    /// Known text, never empty.
    Literal(String),
    /// Unknown text.
    Symbol(Symbol),
}

/// A string in normal form: no empty literal, no two literals side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Text {
    pieces: Vec<Piece>,
}

impl Text {
    /// The empty string.
    pub fn new() -> Self {
        Self::default()
    }

    /// A known string.
    pub fn literal(text: impl AsRef<str>) -> Self {
        let mut result = Self::new();
        result.push_literal(text.as_ref());
        result
    }

    /// An unknown string.
    pub fn symbol(symbol: Symbol) -> Self {
        Self {
            pieces: vec![Piece::Symbol(symbol)],
        }
    }

    /// Adds known text at the end.
    pub fn push_literal(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(Piece::Literal(last)) = self.pieces.last_mut() {
            last.push_str(text);
        } else {
            self.pieces.push(Piece::Literal(text.to_owned()));
        }
    }

    /// Adds an unknown part at the end.
    pub fn push_symbol(&mut self, symbol: Symbol) {
        self.pieces.push(Piece::Symbol(symbol));
    }

    /// Adds another string at the end.
    pub fn append(&mut self, other: &Text) {
        for piece in &other.pieces {
            match piece {
                Piece::Literal(literal) => self.push_literal(literal),
                Piece::Symbol(symbol) => self.push_symbol(symbol.clone()),
            }
        }
    }

    /// The segments with a slash between each two.
    pub(in crate::arm) fn of_segments<'t>(segments: impl IntoIterator<Item = &'t Text>) -> Self {
        let mut text = Self::new();
        for (place, segment) in segments.into_iter().enumerate() {
            if place > 0 {
                text.push_literal("/");
            }
            text.append(segment);
        }
        text
    }

    /// The parts in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The whole string, where all of it is known.
    pub fn is_literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Literal(literal)] => Some(literal),
            _ => None,
        }
    }

    fn symbols(&self) -> impl Iterator<Item = &Symbol> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Symbol(symbol) => Some(symbol),
            Piece::Literal(_) => None,
        })
    }

    /// Whether some part equals nothing but itself, so that the string is never the same as another.
    pub fn is_unique(&self) -> bool {
        self.symbols().any(Symbol::holds_unique)
    }

    /// Whether some part is known, which makes it a string for certain.
    pub fn has_literal(&self) -> bool {
        self.pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Literal(_)))
    }

    /// The known text in front of the first symbol; empty where a symbol comes first.
    pub fn leading_literal(&self) -> &str {
        match self.pieces.first() {
            Some(Piece::Literal(literal)) => literal,
            _ => "",
        }
    }

    /// Everything behind [`Text::leading_literal`].
    pub(super) fn behind_leading_literal(&self) -> Text {
        let known = matches!(self.pieces.first(), Some(Piece::Literal(_)));
        Self {
            pieces: self
                .pieces
                .iter()
                .skip(usize::from(known))
                .cloned()
                .collect(),
        }
    }

    /// The known text behind the last symbol; empty where a symbol comes last.
    pub fn trailing_literal(&self) -> &str {
        match self.pieces.last() {
            Some(Piece::Literal(literal)) => literal,
            _ => "",
        }
    }

    /// Whether the string is known to start with `prefix`, compared without ASCII case.
    pub fn starts_with_literal(&self, prefix: &str) -> bool {
        self.leading_literal()
            .get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    }

    /// Whether the string is known to end with `suffix`, compared without ASCII case.
    pub fn ends_with_literal(&self, suffix: &str) -> bool {
        let literal = self.trailing_literal();
        literal
            .len()
            .checked_sub(suffix.len())
            .and_then(|start| literal.get(start..))
            .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    }

    /// The parts between literal slashes; symbols are taken as names, which hold none. An empty
    /// string has one empty segment, and a leading slash makes the first segment empty.
    pub fn segments(&self) -> Vec<Text> {
        self.split("/")
    }

    /// The parts between the places where `separator` is in known text.
    pub(super) fn split(&self, separator: &str) -> Vec<Text> {
        let mut segments = Vec::new();
        let mut current = Text::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(literal) => {
                    for (position, part) in literal.split(separator).enumerate() {
                        if position > 0 {
                            segments.push(std::mem::take(&mut current));
                        }
                        current.push_literal(part);
                    }
                }
                Piece::Symbol(symbol) => current.push_symbol(symbol.clone()),
            }
        }
        segments.push(current);
        segments
    }

    /// A key under which equal names are found: compared without ASCII case, `toLower()` and
    /// `toUpper()` around symbols dropped, the loop variable written `{i}` whichever loop it
    /// belongs to. Symbols are in braces and literal braces are doubled.
    pub fn name_key(&self) -> String {
        let mut key = String::with_capacity(self.size() + 2 * self.pieces.len());
        for piece in &self.pieces {
            match piece {
                Piece::Literal(literal) => {
                    for letter in literal.chars() {
                        key.push(letter.to_ascii_lowercase());
                        if matches!(letter, '{' | '}') {
                            key.push(letter);
                        }
                    }
                }
                Piece::Symbol(symbol) => {
                    key.push('{');
                    key.push_str(symbol.key());
                    key.push('}');
                }
            }
        }
        key
    }

    /// Whether some part differs from one instance of a copy loop to the next.
    pub fn mentions_copy_index(&self) -> bool {
        self.symbols().any(Symbol::mentions_copy_index)
    }

    /// The length of all spellings together, in bytes.
    pub(super) fn size(&self) -> usize {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Literal(literal) => literal.len(),
                Piece::Symbol(symbol) => symbol.as_str().len(),
            })
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed() -> Text {
        let mut text = Text::literal("A.B/c/");
        text.push_symbol(Symbol::parameter("VM"));
        text.push_literal("-");
        text.push_literal("");
        text.push_literal("x/d/Name");
        text
    }

    #[test]
    fn literals_side_by_side_are_one_piece() {
        assert_eq!(mixed().pieces().len(), 3);
        assert_eq!(Text::literal("").pieces(), []);
    }

    #[test]
    fn segments_are_cut_at_literal_slashes_only() {
        let keys: Vec<String> = mixed().segments().iter().map(Text::name_key).collect();
        assert_eq!(keys, ["a.b", "c", "{parameters('vm')}-x", "d", "name"]);
        assert_eq!(Text::new().segments(), [Text::new()]);
        assert_eq!(Text::literal("/a").segments().len(), 2);
    }

    #[test]
    fn ends_are_compared_without_case() {
        assert!(mixed().ends_with_literal("/D/NAME"));
        assert!(mixed().starts_with_literal("a.b/C/"));
        assert!(!mixed().starts_with_literal("a.b/c/v"));
        assert!(!Text::literal("é").ends_with_literal("x"));
        assert!(Text::literal("a").ends_with_literal(""));
    }

    #[test]
    fn a_literal_in_braces_is_not_a_symbol() {
        assert_ne!(
            Text::literal("{i}").name_key(),
            Text::symbol(Symbol::copy_index(None, 0)).name_key()
        );
    }
}
