//! The recipes of a Makefile. Source: the GNU make manual, 5 (Writing Recipes in Rules) and 3.1.
//!
//! Each line of a recipe is given to a shell of its own, or all of them to one with `.ONESHELL`. `$$` is a
//! dollar there, and a variable of make is a hole. What `define` holds is no recipe yet. Start at [`read`].

use std::ops::Range;

use super::text_lines;
use crate::script::cursor::Cursor;
use crate::script::inner::{Inner, Quoting};
use crate::script::language::interpreter;
use crate::script::{Doubt, Embedded, Language, Reading};

/// Directives that leave a recipe open.
const CONDITIONALS: [&str; 6] = ["ifeq", "ifneq", "ifdef", "ifndef", "else", "endif"];

struct Makefile<'t> {
    text: &'t str,
    reading: Reading,
    language: Language,
    doubt: Option<Doubt>,
}

/// Reads a Makefile.
pub(super) fn read(text: &str) -> Reading {
    let lines = text_lines(text);
    let mut shells = lines.iter().filter_map(|(_, line)| shell(line));
    let first = shells.next();
    let agree = shells.all(|other| Some(other) == first);
    let language = first.filter(|_| agree).flatten();
    let mut makefile = Makefile {
        text,
        reading: Reading::default(),
        language: match first {
            None => Language::Shell,
            Some(_) => language.unwrap_or(Language::Plain),
        },
        doubt: (first.is_some() && language.is_none()).then_some(Doubt::Reader),
    };
    if text.contains(".RECIPEPREFIX") {
        makefile.reading.doubts.push(0);
        return makefile.reading;
    }
    let is_one = text.contains(".ONESHELL");
    let mut recipe: Vec<Range<usize>> = Vec::new();
    let (mut in_rule, mut in_define) = (false, false);
    let mut lines = lines.into_iter().peekable();
    while let Some((range, line)) = lines.next() {
        let mut end = range.start + line.len();
        let mut last = line;
        // A line that ends with a backslash goes on.
        while is_continued(last)
            && let Some((range, line)) = lines.next()
        {
            (end, last) = (range.start + line.len(), line);
        }
        let trimmed = line.trim_start();
        let word = trimmed.split(|c: char| !c.is_alphabetic()).next();
        let word = word.unwrap_or_default();
        if word == "define" || in_define {
            in_define = word != "endef";
        } else if line.starts_with('\t') && in_rule {
            recipe.push(range.start..end);
            if is_one {
                continue;
            }
        } else if trimmed.starts_with('#') {
            makefile.reading.comments.push(range.start..end);
        } else if !trimmed.is_empty() && !CONDITIONALS.contains(&word) {
            makefile.recipe(&std::mem::take(&mut recipe));
            let colon = line.find(':').filter(|at| {
                let (before, behind) = line.split_at_checked(*at).unwrap_or_default();
                !before.contains('=') && !behind.trim_start_matches(':').starts_with('=')
            });
            in_rule = colon.is_some();
            // `target: prerequisites; command`
            let semicolon = colon.and_then(|at| line.get(at..)?.find(';').map(|more| at + more));
            recipe.extend(semicolon.map(|at| range.start + at + 1..end));
        }
        if !is_one {
            makefile.recipe(&std::mem::take(&mut recipe));
        }
    }
    makefile.recipe(&recipe);
    makefile.reading
}

fn is_continued(line: &str) -> bool {
    (line.len() - line.trim_end_matches('\\').len()) % 2 == 1
}

/// What reads recipes, where a line sets that: `None` inside for a program that is not known.
fn shell(line: &str) -> Option<Option<Language>> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim_end_matches([':', '?', '+', '!']).trim_end();
    let name = name.rsplit([' ', '\t', ':']).next()?;
    let program = value.split_whitespace().next().unwrap_or_default();
    (name == "SHELL").then(|| interpreter(program))
}

impl Makefile<'_> {
    /// Adds the lines of a recipe as a script.
    fn recipe(&mut self, lines: &[Range<usize>]) {
        let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
            return;
        };
        let mut inner = Inner::default();
        for (index, line) in lines.iter().enumerate() {
            if index > 0 {
                inner.push("\n", line.start..line.start, Quoting::Fixed);
            }
            self.line(line.clone(), &mut inner);
        }
        self.reading.embedded.push(Embedded::new(
            first.start..last.end,
            inner,
            self.language,
            self.doubt,
        ));
    }

    /// Adds a line of a recipe, with those that it goes on in.
    fn line(&mut self, line: Range<usize>, inner: &mut Inner) {
        let mut cursor = Cursor::new(self.text.get(..line.end).unwrap_or_default());
        cursor.at = line.start;
        cursor.pass_while(|c| c.is_whitespace() || "@-+".contains(c));
        while !cursor.is_at_end() {
            let at = cursor.at;
            cursor.pass_while(|c| !"$\n".contains(c));
            inner.push_passed(&cursor, at, Quoting::Recipe);
            let from = cursor.at;
            if cursor.pass("$$") {
                inner.push("$", from..cursor.at, Quoting::Recipe);
            } else if cursor.pass("$") {
                if !variable(&mut cursor) {
                    self.reading.doubts.push(at);
                }
                inner.push_hole(from..cursor.at);
            } else if cursor.pass("\n") {
                inner.push("\n", from..cursor.at, Quoting::Recipe);
                // The shell gets the backslash, and what comes behind the tab.
                cursor.pass("\t");
            }
        }
    }
}

/// Passes what is behind `$`; whether it has an end.
fn variable(cursor: &mut Cursor<'_>) -> bool {
    let mut open = Vec::new();
    loop {
        match cursor.take() {
            Some('(') => open.push(')'),
            Some('{') => open.push('}'),
            None => return false,
            other if other == open.last().copied() => {
                open.pop();
            }
            Some(_) => {}
        }
        if open.is_empty() {
            return true;
        }
    }
}
