//! Whether a string of code that may be a script is all of it, and which program reads it: others may be
//! joined to it, it may be split, formatted or changed before it runs, and be given to a program in a list.
//!
//! Start at [`hold`].

use std::collections::HashSet;

use super::{Token, TokenKind, Tokens};
use crate::script::language::{interpreter, program_name};
use crate::script::shell::arguments;
use crate::script::{Command, Doubt, HOLE, Language, Reading, Word};

/// Methods that leave a command as it is.
const HARMLESS: [&str; 14] = [
    "encode",
    "strip",
    "lstrip",
    "rstrip",
    "trim",
    "trimStart",
    "trimEnd",
    "trimIndent",
    "trimMargin",
    "stripIndent",
    "toString",
    "getBytes",
    "length",
    "Length",
];

/// How far a bracket is looked for, in tokens.
const FAR: usize = 200;

/// The tokens of a text in a language.
struct Pieces<'t> {
    tokens: Tokens<'t>,
    language: Language,
}

/// Holds what is read in strings that are pieces, and names who reads a command line of Windows.
pub(super) fn hold(text: &str, language: Language, reading: &mut Reading) {
    if reading.embedded.is_empty() || language == Language::Json {
        return;
    }
    let tokens = Tokens {
        text,
        all: &reading.tokens,
    };
    let all = Pieces { tokens, language };
    let find = |start: usize| {
        let at = tokens.behind(start);
        let token = tokens.get(at);
        token.filter(|token| token.span.start == start).map(|_| at)
    };
    let places: Vec<Option<usize>> = reading
        .embedded
        .iter()
        .map(|embedded| find(embedded.span.start))
        .collect();
    let targets = places.iter().flatten().filter_map(|at| all.target(*at));
    let changed = all.changed(&targets.collect());
    let says = |word: &str| {
        let mut strings = tokens.all.iter().filter_map(Token::string);
        strings.any(|inner| inner.text == word)
    };
    let windows = language == Language::Bicep && says("CustomScriptExtension");
    let linux = says("CustomScript") || says("CustomScriptForLinux");
    for (embedded, at) in reading.embedded.iter_mut().zip(places) {
        let Some(at) = at else { continue };
        let target = all.target(at);
        let is_shell = embedded.language == Language::Shell;
        if all.is_piece(at, is_shell) || target.is_some_and(|name| changed.contains(name)) {
            embedded.doubt = embedded.doubt.or(Some(Doubt::Piece));
        }
        if let Some(reader) = all.reader(at) {
            embedded.language = reader;
            // How the program that starts it quotes a list for Windows is not cmd's way.
            let doubt = (reader == Language::Cmd).then_some(Doubt::Cmd);
            let doubt = doubt.or((reader == Language::Plain).then_some(Doubt::Reader));
            embedded.doubt = embedded.doubt.or(doubt);
        }
        let key = tokens.word(at.checked_sub(2));
        if windows && key == Some("commandToExecute") {
            embedded.language = Language::Cmd;
            let doubt = linux.then_some(Doubt::Reader);
            embedded.doubt = embedded.doubt.or(doubt);
        }
    }
}

impl<'t> Pieces<'t> {
    /// The name that is set to the token.
    fn target(&self, at: usize) -> Option<&'t str> {
        let sign = at.checked_sub(1).filter(|at| self.tokens.is(*at, '='))?;
        self.tokens.word(sign.checked_sub(1))
    }

    /// Those of the names that are joined to others, split or changed somewhere.
    fn changed(&self, names: &HashSet<&'t str>) -> HashSet<String> {
        let mut changed = HashSet::new();
        if names.is_empty() {
            return changed;
        }
        for (at, token) in self.tokens.all.iter().enumerate() {
            if let TokenKind::String(inner) = &token.kind {
                let is_part = inner.text.chars().any(|c| c != HOLE);
                let holes = inner.holes().filter(|_| is_part);
                let code = holes.filter_map(|hole| self.tokens.text.get(hole.clone()));
                let words =
                    code.flat_map(|code| code.split(|c: char| !c.is_alphanumeric() && c != '_'));
                changed.extend(words.filter(|word| names.contains(word)).map(str::to_owned));
                continue;
            }
            let Some(name) = self.tokens.word(at).filter(|name| names.contains(name)) else {
                continue;
            };
            let before = at.checked_sub(1);
            let behind = Some(at + 1);
            let method = self
                .tokens
                .is(behind, '.')
                .then(|| self.tokens.word(at + 2))
                .flatten();
            let is_changed = ['+', '%', '[']
                .iter()
                .any(|mark| self.tokens.is(behind, *mark))
                || ['+', '%'].iter().any(|mark| self.tokens.is(before, *mark))
                || method.is_some_and(|method| !HARMLESS.contains(&method));
            if is_changed {
                changed.insert(name.to_owned());
            }
        }
        changed
    }

    /// The program that is given the string at `at` behind its own name and options, in a list or a call.
    fn reader(&self, at: usize) -> Option<Language> {
        let start = self.tokens.get(at)?.span.start;
        let mut words = vec![self.argument(at)?];
        let mut brackets = 0usize;
        for before in (at.saturating_sub(FAR)..at).rev() {
            match self.tokens.get(before).map(|token| &token.kind) {
                Some(TokenKind::String(_)) => words.extend(self.argument(before)),
                // A list may be an argument itself: `spawn('cmd', ['/c', …])`.
                Some(TokenKind::Mark('[' | '(' | '{')) if brackets < 1 => brackets += 1,
                Some(TokenKind::Mark(',')) => continue,
                _ => break,
            }
            let name = program_name(words.last()?.text()).to_lowercase();
            if words.len() > 1 && interpreter(&name).is_some() {
                words.reverse();
                let command = Command {
                    words,
                    ..Command::default()
                };
                let script = arguments::script(&command);
                let script = script.filter(|script| script.span.start == start);
                // ssh has no option in front of it.
                let other = match &*name {
                    "ssh" => Language::Shell,
                    _ => Language::Plain,
                };
                return Some(script.map_or(other, |script| script.language));
            }
        }
        None
    }

    fn argument(&self, at: usize) -> Option<Word> {
        let token = self.tokens.get(at)?;
        Some(Word::new(token.span.clone(), token.string()?.clone(), None))
    }

    fn is_piece(&self, at: usize, is_shell: bool) -> bool {
        let (mut first, mut last) = (at, at);
        // Brackets around it that are no call's.
        while let (Some(open), true) = (first.checked_sub(1), self.tokens.is(last + 1, ')')) {
            let called = self.tokens.word(open.checked_sub(1)).is_some();
            if !self.tokens.is(open, '(') || called {
                break;
            }
            (first, last) = (open, last + 1);
        }
        let said = |at: Option<usize>| self.tokens.string(at).map(|inner| inner.text.as_str());
        let text = said(Some(at)).unwrap_or_default();
        let (before, behind) = (first.checked_sub(1), last + 1);
        let adjoins = |at: Option<usize>| self.language == Language::Python && said(at).is_some();
        // What others are joined to as whole lines is whole.
        let ends = |other: Option<usize>| said(other).is_some_and(|text| text.ends_with('\n'));
        let adds = self.tokens.is(before, '=')
            && self.tokens.is(before.and_then(|at| at.checked_sub(1)), '+');
        let follows = (adjoins(before) && !ends(before))
            || (self.tokens.is(before, '+') && !ends(before.and_then(|at| at.checked_sub(1))))
            || (adds && !text.ends_with('\n'));
        let goes_on = adjoins(Some(behind)) || self.tokens.is(behind, '+');
        let method = self
            .tokens
            .is(behind, '.')
            .then(|| self.tokens.word(behind + 1))
            .flatten();
        let call = before.filter(|at| self.tokens.is(*at, '('));
        let call = call.and_then(|at| self.tokens.word(at.checked_sub(1)));
        let named = |name: &str| {
            let lower = name.to_ascii_lowercase();
            lower.ends_with("format") || lower.ends_with("printf")
        };
        let formats =
            self.tokens.is(behind, '%') || method == Some("format") || call.is_some_and(named);
        let changes =
            method.is_some_and(|method| method != "format" && !HARMLESS.contains(&method));
        let around = self.tokens.around(first, "([{", FAR);
        // What a format puts in is a piece of what it makes.
        let is_put_in = around
            .filter(|at| self.tokens.is(*at, '('))
            .is_some_and(|at| {
                let before = at.checked_sub(1);
                let formats = self.tokens.word(before).is_some_and(named);
                let is_first = at + 1 == first && self.language != Language::Python;
                self.tokens.is(before, '%') || (formats && !is_first)
            });
        (follows && !text.starts_with('\n'))
            || is_put_in
            || self.tokens.is(before, '%')
            || (goes_on && !text.ends_with('\n'))
            || changes
            || (formats && (!is_shell || is_loose(text)))
            || around.is_some_and(|open| self.is_joined(open, last))
    }

    /// Whether it is an element of an array, opened there, whose elements are joined to one line.
    fn is_joined(&self, open: usize, last: usize) -> bool {
        if !self.tokens.is(open, '[') {
            return false;
        }
        let mut depth = 0usize;
        let close = (last + 1..last + FAR).find(|at| {
            match self.tokens.mark(*at) {
                Some('(' | '[' | '{') => depth += 1,
                Some(']') if depth == 0 => return true,
                Some(')' | ']' | '}') => depth = depth.saturating_sub(1),
                _ => {}
            }
            false
        });
        let join = |at: Option<usize>| self.tokens.word(at) == Some("join");
        let back = |by: usize| open.checked_sub(by);
        // `sep.join([…])`, `join(sep, […])`, `join([…], sep)` and `[…].join(sep)`.
        let separator = if join(back(2)) && self.tokens.is(back(3), '.') {
            back(4)
        } else if join(back(4)) {
            back(2)
        } else if join(back(2)) {
            close.map(|at| at + 2)
        } else if join(close.map(|at| at + 2)) {
            close.map(|at| at + 4)
        } else {
            return false;
        };
        let ends_a_line = |text: &str| text.contains('\n') || text.trim_end().ends_with(';');
        let separator = self.tokens.string(separator);
        !separator.is_some_and(|inner| ends_a_line(&inner.text))
    }
}

/// Whether a format puts a value outside the quotes of a shell, where it may be several words.
fn is_loose(text: &str) -> bool {
    let mut quote = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            '\'' | '"' if quote.is_none() => quote = Some(character),
            _ if Some(character) == quote => quote = None,
            '%' if characters.next_if_eq(&'%').is_some() => {}
            '{' if characters.next_if_eq(&'{').is_some() => {}
            '%' if quote.is_none() && characters.peek().is_some_and(|c| "sdirvq(".contains(*c)) => {
                return true;
            }
            '{' if quote.is_none() => return true,
            _ => {}
        }
    }
    false
}
