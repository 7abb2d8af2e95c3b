//! Shell, PowerShell and other code as far as it must be understood to see who asks for what:
//! commands, calls, strings, comments, here-documents and continued lines.
//!
//! One small reader per family of languages, which distinguishes these by their bytes and says where it
//! is in doubt. A text in another one, be it a here-document, a fence of Markdown or the argument of
//! `bash -c`, is read in its own language, with the way back ([`Levels`]). Never knows rules nor
//! ARM. Start at [`visit`] and [`Reading`].

mod cmd;
mod code;
mod cursor;
mod doubt;
mod http;
mod inner;
mod language;
mod lookup;
mod markup;
mod powershell;
mod request;
mod shell;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::ops::Range;

use self::code::Tokens;
use self::language::program_name;
use self::lookup::Lookup;

pub use code::{Token, TokenKind};
pub use doubt::Doubt;
pub use inner::{HOLE, Inner, Levels, Quoting};
pub use language::{Language, guessed, language_of};
pub use request::{Argument, Call, Method, Request, authority_in, call_at, request_at, rewritten};

/// How deep texts may nest.
const MAX_DEPTH: usize = 6;

/// One word of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// All of it, with its quotes.
    pub span: Range<usize>,
    /// What it says.
    pub inner: Inner,
    /// The entries of a literal hashtable of PowerShell.
    pub table: Option<Vec<TableEntry>>,
    /// Why it may be another word than it seems, or several.
    pub doubt: Option<Doubt>,
}

/// An entry of a literal table: `key = value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableEntry {
    /// The key, without quotes.
    pub key: String,
    /// All of it.
    pub span: Range<usize>,
    /// What the key is given.
    pub value: Word,
}

impl Word {
    fn new(span: Range<usize>, inner: Inner, doubt: Option<Doubt>) -> Self {
        Self {
            span,
            inner,
            table: None,
            doubt,
        }
    }

    /// What the word says; a [`HOLE`] represents each part that is not known.
    pub fn text(&self) -> &str {
        &self.inner.text
    }

    /// What the word says, if all of it is known.
    pub fn literal(&self) -> Option<&str> {
        let known = self.table.is_none() && !self.text().contains(HOLE);
        known.then(|| self.text())
    }

    /// Whether it says one of these, in any ASCII case.
    pub fn is_any(&self, words: &[&str]) -> bool {
        words
            .iter()
            .any(|word| self.text().eq_ignore_ascii_case(word))
    }
}

/// A command with its arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// From its first word to the end of its last one.
    pub span: Range<usize>,
    /// `NAME=value` in front of a shell's command, or alone.
    pub assignments: Vec<Word>,
    /// The command and its arguments, without redirections.
    pub words: Vec<Word>,
    /// Whether something is given to its standard input.
    pub has_input: bool,
    /// Why it may be another command than it seems.
    pub doubt: Option<Doubt>,
}

impl Command {
    /// What the command is called, without its folder and ending.
    pub fn name(&self) -> Option<&str> {
        Some(program_name(self.words.first()?.literal()?))
    }

    /// Whether it is called so, in any ASCII case.
    pub fn is_called(&self, name: &str) -> bool {
        self.name()
            .is_some_and(|own| own.eq_ignore_ascii_case(name))
    }

    /// The command behind `sudo`, `exec`, `time` and the like, which run it as it is.
    pub fn unwrapped(&self) -> Command {
        const WRAPPERS: [&str; 7] = ["sudo", "exec", "time", "nohup", "command", "env", "builtin"];
        let mut command = self.clone();
        while command.name().is_some_and(|name| WRAPPERS.contains(&name)) {
            command.words.remove(0);
            let options = command.words.iter().take_while(|word| {
                word.literal()
                    .is_some_and(|text| text.starts_with('-') || is_assignment(text))
            });
            let options = options.count();
            command.words.drain(..options);
        }
        command
    }
}

/// Whether an address cannot hold this character as it is.
fn is_unfit(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == '#' || (!c.is_ascii() && c != HOLE)
}

/// Whether a word is `NAME=…`.
fn is_assignment(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// A text in another language inside a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedded {
    /// Where it is, with its quotes or fences.
    pub span: Range<usize>,
    /// What it says.
    pub inner: Inner,
    /// In which language.
    pub language: Language,
    /// Why what is read in it may not be all, or not be read so.
    pub doubt: Option<Doubt>,
}

impl Embedded {
    fn new(span: Range<usize>, inner: Inner, language: Language, doubt: Option<Doubt>) -> Self {
        Self {
            span,
            inner,
            language,
            doubt,
        }
    }
}

/// What a reader made of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The comments.
    pub comments: Vec<Range<usize>>,
    /// The commands, those inside others too; in languages that have commands.
    pub commands: Vec<Command>,
    /// Names, strings and marks; in languages that have none.
    pub tokens: Vec<Token>,
    /// The texts in other languages.
    pub embedded: Vec<Embedded>,
    /// Where it is not known what is quoted, or what ends what.
    pub doubts: Vec<usize>,
    /// What else keeps commands behind an offset from being vouched for.
    pub holds: Vec<(usize, Doubt)>,
    /// The names of libraries that may mean something else here.
    pub renamed: Vec<&'static str>,
    /// Variables that are set to what an address cannot hold as it is.
    unfit: HashSet<String>,
    lookup: Lookup,
}

impl Reading {
    /// Reads a text in `language`.
    pub fn of(text: &str, language: Language) -> Self {
        let mut reading = match language {
            Language::Shell => shell::read(text),
            Language::PowerShell => powershell::read(text),
            Language::Yaml
            | Language::Markdown
            | Language::Xml
            | Language::Dockerfile
            | Language::Makefile => markup::read(text, language),
            Language::Cmd => cmd::read(text),
            Language::Http => http::read(text),
            Language::TextTemplate | Language::Jsonnet | Language::Document | Language::Plain => {
                Self::default()
            }
            _ => code::read(text, language),
        };
        reading.index();
        reading
    }

    /// The tokens of the text that was read.
    fn tokens_in<'t>(&'t self, text: &'t str) -> Tokens<'t> {
        Tokens {
            text,
            all: &self.tokens,
        }
    }

    /// How much was read up to here.
    fn lengths(&self) -> [usize; 5] {
        [
            self.comments.len(),
            self.commands.len(),
            self.tokens.len(),
            self.embedded.len(),
            self.doubts.len(),
        ]
    }

    /// Forgets what was read behind a point.
    fn truncate(&mut self, [comments, commands, tokens, embedded, doubts]: [usize; 5]) {
        self.comments.truncate(comments);
        self.commands.truncate(commands);
        self.tokens.truncate(tokens);
        self.embedded.truncate(embedded);
        self.doubts.truncate(doubts);
    }

    /// Makes what is found by an offset.
    fn index(&mut self) {
        let open = self.doubts.iter().map(|at| (*at, Doubt::Open));
        self.holds.extend(open);
        self.holds.sort_by_key(|(at, _)| *at);
        self.lookup = Lookup::of(&self.comments, &self.embedded, &self.commands);
    }

    /// Takes the texts inside for text of this one: no one reads them.
    fn forget_embedded(&mut self) {
        self.embedded.clear();
        self.lookup = Lookup::of(&self.comments, &[], &self.commands);
    }

    /// The innermost command around an offset.
    pub fn command_at(&self, offset: usize) -> Option<&Command> {
        self.commands.get(self.lookup.command(offset)?)
    }

    /// Notes a variable that is set to a value, where an address cannot hold that as it is.
    fn note_value(&mut self, name: &str, value: &str) {
        if value.contains(is_unfit) {
            self.unfit.insert(name.to_owned());
        }
    }

    /// Whether what is put in by `written` is set to what an address cannot hold, or is made by a command.
    fn is_unfit(&self, written: &str) -> bool {
        let mut names = written.split(|c: char| !c.is_alphanumeric() && c != '_');
        let is_known =
            |name: &str| self.unfit.contains(name) || self.unfit.contains(&name.to_lowercase());
        written.starts_with(['`', '(']) || written.starts_with("$(") || names.any(is_known)
    }

    /// The first doubt up to an offset.
    pub fn doubt_up_to(&self, offset: usize) -> Option<Doubt> {
        let (at, doubt) = self.holds.first()?;
        (*at <= offset).then_some(*doubt)
    }
}

/// A text that was read, with the texts around it.
pub struct Part<'p> {
    /// The text and the way back.
    pub levels: Levels<'p>,
    /// What it is written in.
    pub language: Language,
    /// What it is made of.
    pub reading: Reading,
    /// The languages of the texts around it, the outermost first.
    pub around: &'p [Language],
    /// Why the text may not be all, or not be read so.
    pub doubt: Option<Doubt>,
}

impl Part<'_> {
    /// The text.
    pub fn text(&self) -> &str {
        &self.levels.inner.text
    }

    /// Whether what is at an offset is said here: not in a comment, and not by a text inside.
    pub fn says(&self, offset: usize) -> bool {
        !self.reading.lookup.is_elsewhere(offset)
    }
}

/// Reads a text in `language`, and what is in it, and gives each to `visitor`.
pub fn visit(inner: &Inner, language: Language, visitor: &mut dyn FnMut(&Part<'_>)) {
    visit_at(Levels { inner, outer: None }, language, &[], None, visitor);
}

/// As [`visit`], for a text that is in others.
pub fn visit_at(
    levels: Levels<'_>,
    language: Language,
    around: &[Language],
    doubt: Option<Doubt>,
    visitor: &mut dyn FnMut(&Part<'_>),
) {
    let mut part = Part {
        levels,
        language,
        reading: Reading::of(&levels.inner.text, language),
        around,
        doubt,
    };
    if levels.depth() >= MAX_DEPTH {
        part.reading.forget_embedded();
        part.doubt = part.doubt.or(Some(Doubt::Deep));
    }
    visitor(&part);
    let mut around = around.to_vec();
    around.push(language);
    for embedded in &part.reading.embedded {
        let inner = Levels {
            inner: &embedded.inner,
            outer: Some(&levels),
        };
        let before = || part.reading.doubt_up_to(embedded.span.start);
        let doubt = doubt.or(embedded.doubt).or_else(before);
        visit_at(inner, embedded.language, &around, doubt, visitor);
    }
}
