//! The shape of a partly known text: its known pieces with holes between them. It never knows what a hole
//! is, only which letters that may have. Start at [`Text::could_equal`].

use super::symbol::Symbol;
use super::text::{Piece, Text};

/// Comparisons of two places in two texts, beyond which they could be equal.
const MAX_WORK: usize = 1 << 20;

/// Functions that give a number.
const NUMBERS: &[&str] = &[
    "add(",
    "copyindex(",
    "div(",
    "indexof(",
    "int(",
    "lastindexof(",
    "length(",
    "max(",
    "min(",
    "mod(",
    "mul(",
    "sub(",
];

/// Unknown values that are one segment of an id wherever they are used.
const SEGMENTS: &[&str] = &[
    "guid(",
    "uniquestring(",
    "subscription().subscriptionid",
    "resourcegroup().name",
    "resourcegroup().location",
    "deployment().name",
    "managementgroup().name",
];

/// What a hole may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hole {
    Number,
    /// A name, or a part of one.
    Segment,
    Anything,
}

impl Hole {
    /// What `symbol` can be. In front of the first slash it may be a whole id; behind one it is a
    /// name, which holds none, unless it is an id for certain.
    fn of(symbol: &Symbol, is_behind_a_slash: bool) -> Self {
        let spelled = symbol.as_str();
        let starts = |names: &[&str]| names.iter().any(|name| spelled.starts_with(name));
        if starts(NUMBERS) {
            Hole::Number
        } else if starts(SEGMENTS) || is_behind_a_slash && !symbol.may_hold_slash() {
            Hole::Segment
        } else {
            Hole::Anything
        }
    }

    fn may_hold(self, letter: char) -> bool {
        match self {
            Hole::Number => letter.is_ascii_digit() || letter == '-',
            Hole::Segment => letter != '/',
            Hole::Anything => true,
        }
    }
}

/// A part of a shape: a letter in lower case, or a hole and what can fill it.
#[derive(Clone, Copy)]
enum ShapePart<'t> {
    Letter(char),
    Hole(Hole, &'t Symbol),
}

impl ShapePart<'_> {
    /// Whether both have the same value for certain, so that texts that begin or end so are equal where
    /// the rest is.
    fn is(self, other: Self) -> bool {
        match (self, other) {
            (ShapePart::Letter(one), ShapePart::Letter(two)) => one == two,
            (ShapePart::Hole(_, one), ShapePart::Hole(_, two)) => {
                one == two && !one.mentions_copy_index()
            }
            _ => false,
        }
    }
}

impl Text {
    /// Whether some values of the unknown parts make both texts the same name or id, letters compared
    /// without case. It may say yes where that cannot be, never no where it can; the one assumption is
    /// that a symbol behind a literal slash is a name, which holds no slash.
    ///
    /// Both texts must belong to the same template, since the same symbol has the same value in both, but
    /// for `copyIndex()`, which may be that of another instance.
    pub fn could_equal(&self, other: &Text) -> bool {
        let (one, two) = (parts(self), parts(other));
        let (mut one, mut two) = (one.as_slice(), two.as_slice());
        while let ([first, rest @ ..], [second, others @ ..]) = (one, two)
            && first.is(*second)
        {
            (one, two) = (rest, others);
        }
        while let ([rest @ .., last], [others @ .., end]) = (one, two)
            && last.is(*end)
        {
            (one, two) = (rest, others);
        }
        could_meet(one, two)
    }
}

fn parts(text: &Text) -> Vec<ShapePart<'_>> {
    let mut parts = Vec::new();
    let mut is_behind_a_slash = false;
    for piece in text.pieces() {
        match piece {
            Piece::Literal(literal) => {
                is_behind_a_slash |= literal.contains('/');
                let letters = literal.chars().flat_map(char::to_lowercase);
                parts.extend(letters.map(ShapePart::Letter));
            }
            Piece::Symbol(symbol) => {
                parts.push(ShapePart::Hole(Hole::of(symbol, is_behind_a_slash), symbol));
            }
        }
    }
    parts
}

/// Whether one row of letters fits both. Two holes need not share letters: both may be empty instead.
fn could_meet(one: &[ShapePart<'_>], two: &[ShapePart<'_>]) -> bool {
    let width = two.len() + 1;
    let size = (one.len() + 1).saturating_mul(width);
    if size > MAX_WORK {
        return true;
    }
    // Which places in `one` and `two` are reached together.
    let mut reached = vec![false; size];
    mark(0, &mut reached);
    for at in 0..size {
        if reached.get(at) != Some(&true) {
            continue;
        }
        let (first, second) = (one.get(at / width), two.get(at % width));
        let (along, down) = match (first, second) {
            (Some(ShapePart::Letter(one)), Some(ShapePart::Letter(two))) => {
                if one == two {
                    mark(at + width + 1, &mut reached);
                }
                continue;
            }
            (Some(ShapePart::Hole(..)), Some(ShapePart::Hole(..))) => (true, true),
            (Some(ShapePart::Hole(hole, _)), Some(ShapePart::Letter(letter))) => {
                (hole.may_hold(*letter), true)
            }
            (Some(ShapePart::Letter(letter)), Some(ShapePart::Hole(hole, _))) => {
                (true, hole.may_hold(*letter))
            }
            (Some(ShapePart::Hole(..)), None) => (false, true),
            (None, Some(ShapePart::Hole(..))) => (true, false),
            _ => continue,
        };
        if along {
            mark(at + 1, &mut reached);
        }
        if down {
            mark(at + width, &mut reached);
        }
    }
    reached.last() == Some(&true)
}

fn mark(at: usize, reached: &mut [bool]) {
    if let Some(place) = reached.get_mut(at) {
        *place = true;
    }
}

#[cfg(test)]
mod tests {
    use crate::arm::expression::{Text, Unbound, evaluate_text};

    fn text(written: &str) -> Text {
        evaluate_text(written, &Unbound).as_text().unwrap()
    }

    const MSI: &str = "[resourceId('A.B/vms/extensions', parameters('vm'), 'msi')]";

    #[test]
    fn what_could_be_the_same_name_is_seen() {
        for (one, two) in [
            (MSI, "[resourceId('a.b/VMS/extensions', 'x', 'MSI')]"),
            (
                MSI,
                "[resourceId('A.B/vms/extensions', 'x', parameters('ext'))]",
            ),
            (
                MSI,
                "[resourceId('A.B/vms/extensions', parameters('vm'), concat('m', parameters('ext')))]",
            ),
            (MSI, "[parameters('anything')]"),
            (MSI, "[concat(parameters('prefix'), '/msi')]"),
            (MSI, "[concat(parameters('id'), 'I')]"),
            ("[concat('vm', copyIndex(), '/msi')]", "vm0/msi"),
            (
                "[concat('vm', copyIndex(), '/msi')]",
                "[concat('vm', copyIndex(1), '/msi')]",
            ),
            (
                "[concat(parameters('a'), '-', parameters('b'))]",
                "[concat(parameters('b'), '-', parameters('a'))]",
            ),
            ("", ""),
            ("[parameters('a')]", ""),
        ] {
            assert!(text(one).could_equal(&text(two)), "{one} {two}");
            assert!(text(two).could_equal(&text(one)), "{two} {one}");
        }
    }

    #[test]
    fn what_never_is_the_same_name_is_no_doubt() {
        for (one, two) in [
            (
                MSI,
                "[resourceId('A.B/vms/extensions', parameters('vm'), 'cse')]",
            ),
            (MSI, "[resourceId('A.B/vms', parameters('vm'))]"),
            (
                MSI,
                "[resourceId('A.B/nics', concat(parameters('vm'), '-msi'))]",
            ),
            (
                MSI,
                "[concat('A.B/vms/', parameters('vm'), '/extensions/', parameters('ext'), '2')]",
            ),
            ("[concat('vm', copyIndex(), '/msi')]", "vmx/msi"),
            (
                "[concat(parameters('vm'), '/msi')]",
                "[concat(parameters('vm'), '/cse')]",
            ),
            (
                "[concat(parameters('vm'), 'a')]",
                "[concat(parameters('vm'), 'b')]",
            ),
            ("vm/msi", "vm/msi2"),
        ] {
            assert!(!text(one).could_equal(&text(two)), "{one} {two}");
            assert!(!text(two).could_equal(&text(one)), "{two} {one}");
        }
    }
}
