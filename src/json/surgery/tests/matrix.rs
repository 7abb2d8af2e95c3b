//! What surgery makes of a container against the same container written anew.
//!
//! A container is a list of lines here: taking one out of the list, or putting one in, and writing
//! the list says byte for byte what should come of the operations.

use serde_json::{Value, json};

use super::{item, node, valid};
use crate::json::document::{Document, Kind};
use crate::json::surgery::{Inserted, Operation, WhenEmpty, lower};
use crate::text::apply;

/// What is around one item.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Note {
    None,
    /// A comment on its own line directly above.
    Above,
    /// Two of them.
    TwoAbove,
    /// A comment on the item's line, before it.
    InFront,
    /// A comment between the item and its comma.
    BeforeComma,
    /// A comment on the item's line, behind its comma.
    Behind,
    /// A blank line above.
    Blank,
    /// A comment above, set off by a blank line.
    Loose,
}

const NOTES: [Note; 8] = [
    Note::None,
    Note::Above,
    Note::TwoAbove,
    Note::InFront,
    Note::BeforeComma,
    Note::Behind,
    Note::Blank,
    Note::Loose,
];

/// What can be on one line without an end to it.
const ONE_LINE_NOTES: [Note; 3] = [Note::None, Note::InFront, Note::BeforeComma];

#[derive(Clone, Copy, Debug)]
struct Style {
    line_break: &'static str,
    unit: &'static str,
    /// Everything on one line, with this around and between items.
    one_line: Option<&'static str>,
    object: bool,
    trailing: bool,
    /// A comment behind the opening bracket.
    head: bool,
    /// A comment on its own line above the closing bracket.
    foot: bool,
}

/// A line, or several that belong together.
#[derive(Clone, Debug)]
struct Line {
    blank_above: bool,
    /// Comments on lines above, each with its own.
    above: Vec<String>,
    /// The item with its comments; `None` for comments on their own.
    item: Option<Item>,
}

#[derive(Clone, Debug)]
struct Item {
    number: usize,
    in_front: String,
    before_comma: String,
    behind: String,
}

impl Item {
    fn plain(number: usize) -> Self {
        Self {
            number,
            in_front: String::new(),
            before_comma: String::new(),
            behind: String::new(),
        }
    }
}

fn lines(notes: &[Note], style: Style) -> Vec<Line> {
    let mut lines = Vec::new();
    for (number, note) in notes.iter().enumerate() {
        let mut line = Line {
            blank_above: *note == Note::Blank,
            above: Vec::new(),
            item: None,
        };
        let mut item = Item::plain(number);
        match note {
            Note::None | Note::Blank => {}
            Note::Above => line.above.push(format!("// c{number}")),
            Note::TwoAbove => {
                line.above.push(format!("/* c{number}, [ */"));
                line.above.push(format!("// c{number}"));
            }
            Note::InFront => item.in_front = format!("/* c{number} */ "),
            // The comma that such an item gets later is next to its value.
            Note::BeforeComma if number + 1 == notes.len() && !style.trailing => {
                item.behind = format!(" /* c{number} */");
            }
            Note::BeforeComma => item.before_comma = format!(" /* c{number} */"),
            Note::Behind => item.behind = format!(" // c{number}"),
            Note::Loose => {
                let mut loose = line.clone();
                loose.above.push(format!("// c{number}"));
                lines.push(loose);
                line.blank_above = true;
            }
        }
        line.item = Some(item);
        lines.push(line);
    }
    if style.foot {
        lines.push(Line {
            blank_above: false,
            above: vec!["// foot".to_owned()],
            item: None,
        });
    }
    lines
}

fn written(style: Style, lines: &[Line]) -> String {
    let (open, close) = if style.object { ("{", "}") } else { ("[", "]") };
    let last = lines.iter().rposition(|line| line.item.is_some());
    let own_line = format!("\n{0}{0}", style.unit);
    let colon = if style.one_line == Some("") {
        ":"
    } else {
        ": "
    };
    let mut text = String::from(open);
    if style.head {
        text.push_str(" // head");
    }
    for (index, line) in lines.iter().enumerate() {
        if line.blank_above {
            text.push('\n');
        }
        for comment in &line.above {
            text.push_str(&own_line);
            text.push_str(comment);
        }
        let Some(item) = &line.item else {
            continue;
        };
        let key = match (style.object, item.number) {
            (false, _) => String::new(),
            (true, number) if number > 90 => format!("\"new{number}\"{colon}"),
            (true, number) => format!("\"k{number}\"{colon}"),
        };
        let comma = if Some(index) != last || style.trailing {
            ","
        } else {
            ""
        };
        text.push_str(style.one_line.unwrap_or(&own_line));
        let Item {
            number,
            in_front,
            before_comma,
            behind,
        } = item;
        text += &format!("{in_front}{key}{number}{before_comma}{comma}{behind}");
    }
    match style.one_line {
        Some(_) if lines.is_empty() => {}
        Some(space) => text.push_str(space),
        None if lines.is_empty() && !style.head => {}
        None => text += &format!("\n{}", style.unit),
    }
    text.push_str(close);
    let whole = match style.one_line {
        Some(space) => {
            let before = format!("\"u\"{colon}0,{space}\"v\"{colon}");
            format!("{{{space}{before}{text}{space}}}")
        }
        None => format!("{{\n{}\"v\": {text}\n}}\n", style.unit),
    };
    whole.replace('\n', style.line_break)
}

/// What happens to a container of `notes.len()` items.
#[derive(Clone, Debug)]
struct Cell {
    style: Style,
    notes: Vec<Note>,
    /// A bit for each item that is removed.
    removed: usize,
    /// How many are inserted, and behind which item.
    inserted: (usize, usize),
}

impl Cell {
    fn goes(&self, number: usize) -> bool {
        self.removed & (1 << number) != 0
    }

    fn new_numbers(&self) -> impl Iterator<Item = usize> {
        (91..).take(self.inserted.0)
    }

    /// The lines afterwards.
    fn wanted(&self) -> Vec<Line> {
        let mut lines = lines(&self.notes, self.style);
        let mut new: Vec<usize> = self.new_numbers().collect();
        let (count, after) = self.inserted;
        let at = |lines: &[Line], number: usize| {
            let is = |line: &Line| line.item.as_ref().is_some_and(|item| item.number == number);
            lines.iter().position(is).unwrap()
        };
        let mut replaced = None;
        if count > 0 {
            let mut index = at(&lines, after);
            if self.goes(after) {
                let line = &mut lines[index];
                line.item.as_mut().unwrap().number = new.remove(0);
                replaced = Some(after);
            }
            for number in new.drain(..) {
                index += 1;
                lines.insert(
                    index,
                    Line {
                        blank_above: false,
                        above: Vec::new(),
                        item: Some(Item::plain(number)),
                    },
                );
            }
        }
        for number in (0..self.notes.len()).filter(|number| self.goes(*number)) {
            if replaced != Some(number) {
                let index = at(&lines, number);
                let first = index == 0;
                let gone = lines.remove(index);
                if let Some(next) = lines.get_mut(index) {
                    let next_blank = next.blank_above && !first;
                    next.blank_above = next_blank || gone.blank_above;
                }
            }
        }
        lines
    }

    fn operations(&self, document: &Document<'_>) -> Vec<Operation> {
        let container = node(document, "v");
        let removal = |number| match document.kind(container) {
            Kind::Object => Operation::RemoveMember {
                key: item(document, container, number),
            },
            _ => Operation::RemoveElement {
                element: item(document, container, number),
                when_empty: WhenEmpty::Keep,
            },
        };
        let after = Some(item(document, container, self.inserted.1));
        let insertion = |number| match document.kind(container) {
            Kind::Object => Operation::InsertMember {
                object: container,
                after,
                name: format!("new{number}"),
                value: json!(number),
            },
            _ => Operation::InsertElement {
                array: container,
                after,
                value: Inserted::Value(json!(number)),
            },
        };
        let goes = (0..self.notes.len()).filter(|number| self.goes(*number));
        goes.map(removal)
            .chain(self.new_numbers().map(insertion))
            .collect()
    }

    /// The numbers that a plain removal and insertion leave.
    fn numbers(&self) -> Vec<usize> {
        let mut numbers = Vec::new();
        for number in 0..self.notes.len() {
            numbers.extend((!self.goes(number)).then_some(number));
            if self.inserted.1 == number {
                numbers.extend(self.new_numbers());
            }
        }
        numbers
    }

    fn check(&self) {
        let text = written(self.style, &lines(&self.notes, self.style));
        let document = valid(text.as_bytes());
        let edits = lower(&document, &self.operations(&document));
        let new = String::from_utf8(apply(text.as_bytes(), &edits).unwrap()).unwrap();
        let wanted = written(self.style, &self.wanted());
        let context = || format!("{self:?}\n{text}\nwanted\n{wanted}\ngot\n{new}\n{edits:?}");
        assert_eq!(new, wanted, "{}", context());
        valid(new.as_bytes());
        let value: Value = serde_json::from_str(&strict(&new)).unwrap();
        let found: Vec<usize> = match &value["v"] {
            Value::Object(members) => members.values().map(number).collect(),
            elements => elements.as_array().unwrap().iter().map(number).collect(),
        };
        let mut numbers = self.numbers();
        if self.style.object {
            // serde_json sorts keys, and so the `new` ones behind the others.
            numbers.sort_unstable();
        }
        assert_eq!(found, numbers, "{}", context());
    }
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

/// The text without comments, trailing commas and line breaks; no string in it holds any.
fn strict(text: &str) -> String {
    let mut strict = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find(['\n', '\r']).unwrap()
        } else if rest.starts_with("/*") {
            rest.find("*/").unwrap() + 2
        } else {
            if !next.is_whitespace() {
                strict.push(next);
            }
            next.len_utf8()
        };
        rest = rest.get(skipped..).unwrap();
    }
    strict.replace(",]", "]").replace(",}", "}")
}

const BREAKS: [(&str, &str); 4] = [
    ("\n", "  "),
    ("\r\n", "\t"),
    ("\r", "    "),
    ("\n", "\u{a0}\u{a0}"),
];

/// All ways to give `count` items one of `notes` each.
fn mixtures(notes: &[Note], count: usize) -> Vec<Vec<Note>> {
    let mut mixtures = vec![Vec::new()];
    for _ in 0..count {
        mixtures = mixtures
            .into_iter()
            .flat_map(|mixture: Vec<Note>| {
                notes
                    .iter()
                    .map(move |note| [&mixture[..], &[*note]].concat())
            })
            .collect();
    }
    mixtures
}

/// Checks every removal and insertion on items with these notes; the number of checks.
fn every_change(style: Style, notes: &[Note], most_inserted: usize) -> usize {
    let mut count = 0;
    for removed in 0..1 << notes.len() {
        for inserted in 0..=most_inserted {
            let anchors = 0..notes.len();
            for after in anchors.take(if inserted == 0 { 1 } else { usize::MAX }) {
                let cell = Cell {
                    style,
                    notes: notes.to_vec(),
                    removed,
                    inserted: (inserted, after),
                };
                cell.check();
                count += 1;
            }
        }
    }
    count
}

fn styles(line_break: &'static str, unit: &'static str) -> impl Iterator<Item = Style> {
    (0..4).map(move |bits| Style {
        line_break,
        unit,
        one_line: None,
        object: bits & 1 != 0,
        trailing: bits & 2 != 0,
        head: false,
        foot: false,
    })
}

#[test]
fn items_with_the_same_comments_change_as_if_the_block_were_written_anew() {
    let mut count = 0;
    for (line_break, unit) in BREAKS {
        for style in styles(line_break, unit) {
            for bits in 0..4 {
                let style = Style {
                    head: bits & 1 != 0,
                    foot: bits & 2 != 0,
                    ..style
                };
                for note in NOTES {
                    for items in 1..=3 {
                        count += every_change(style, &vec![note; items], 2);
                    }
                }
            }
        }
    }
    assert_eq!(count, 41_984);
}

#[test]
fn items_with_different_comments_change_as_if_the_block_were_written_anew() {
    let mut count = 0;
    for style in styles("\n", "  ") {
        for items in 2..=3 {
            for notes in mixtures(&NOTES, items) {
                count += every_change(style, &notes, 1);
            }
        }
    }
    assert_eq!(count, 68_608);
}

#[test]
fn items_on_one_line_change_as_if_the_line_were_written_anew() {
    let mut count = 0;
    for space in ["", " ", "  "] {
        for style in styles("\n", "") {
            let style = Style {
                one_line: Some(space),
                ..style
            };
            for items in 1..=3 {
                for notes in mixtures(&ONE_LINE_NOTES, items) {
                    count += every_change(style, &notes, 2);
                }
            }
        }
    }
    assert_eq!(count, 20_520);
}
