//! Which program reads a string of PowerShell as a script, and whether the string is all of that script.
//!
//! Asks where the string goes: to the command whose argument it is, through the pipe behind it, or by the
//! variable that is set to it. Start at [`name`].

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::{is_blank, is_double_quote};
use crate::script::language::{interpreter, program_name};
use crate::script::{Command, Doubt, Language, Reading, language_of};

/// Where variables are set and used.
#[derive(Default)]
pub(super) struct Variables {
    /// Behind the sign of each assignment, and what is set.
    assigned: Vec<(usize, String)>,
    /// Each use, and whether it is in a string.
    used: Vec<(Range<usize>, bool)>,
}

impl Variables {
    pub(super) fn assign(&mut self, target: &str, at: usize) {
        self.assigned.push((at, plain_name(target)));
    }

    pub(super) fn note(&mut self, span: Range<usize>, in_string: bool) {
        self.used.push((span, in_string));
    }

    /// The variable that is set to what starts at an offset.
    fn of(&self, text: &str, offset: usize) -> Option<&str> {
        let behind = self.assigned.partition_point(|(at, _)| *at <= offset);
        let (at, name) = self.assigned.get(behind.checked_sub(1)?)?;
        let between = text.get(*at..offset)?.trim();
        between.is_empty().then_some(name)
    }

    /// The variables that are joined to other strings, split or changed somewhere.
    fn changed(&self, text: &str) -> HashSet<String> {
        let changed = self.used.iter().filter(|(span, in_string)| {
            let before = text.get(..span.start).unwrap_or_default();
            let behind = text.get(span.end..).unwrap_or_default();
            if *in_string {
                return !(before.ends_with(is_double_quote) && behind.starts_with(is_double_quote));
            }
            let word_before = before.trim_end_matches(is_blank);
            let word_before = word_before.rsplit(char::is_whitespace).next();
            let word_behind = behind.trim_start_matches(is_blank);
            let word_behind = word_behind.split(char::is_whitespace).next();
            behind.starts_with(['.', '['])
                || word_before.is_some_and(|word| word.ends_with('+') || is_operator(word))
                || word_behind.is_some_and(is_operator)
        });
        let names = changed.filter_map(|(span, _)| text.get(span.clone()));
        names.map(plain_name).collect()
    }
}

/// The name of a variable, without its scope and brackets.
fn plain_name(written: &str) -> String {
    let name = written.rsplit(['$', '{']).next().unwrap_or_default();
    let name = name.trim_end_matches('}').to_lowercase();
    let scopes = ["script:", "global:", "local:", "private:"];
    let bare = scopes.iter().find_map(|scope| name.strip_prefix(scope));
    bare.map_or(name.clone(), str::to_owned)
}

/// Whether a word makes another string of one.
fn is_operator(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let name = lower.strip_prefix('-').unwrap_or_default();
    let name = name.split(['(', '\'', '"', '$']).next().unwrap_or_default();
    let named = ["f", "join", "split", "replace"];
    let cased = name.strip_prefix(['c', 'i']).unwrap_or(name);
    word.starts_with('+') || named.contains(&name) || named.contains(&cased)
}

/// The language in which a word of a command says that scripts are read: by the name of the program or
/// of the file.
fn language_by(word: &str) -> Option<Language> {
    let lower = word.to_ascii_lowercase();
    match program_name(&lower) {
        "invoke-expression" | "iex" | "runpowershellscript" => Some(Language::PowerShell),
        "wsl" | "runshellscript" => Some(Language::Shell),
        name => interpreter(name).or_else(|| language_of(name.as_bytes(), b"")),
    }
}

/// Names the reader of each string that may be a script, or holds what is read in it.
pub(super) fn name(text: &str, reading: &mut Reading, variables: &Variables) {
    let commands = std::mem::take(&mut reading.commands);
    for word in commands.iter().filter_map(|command| command.words.first()) {
        if let Some(name) = variables.of(text, word.span.start) {
            reading.note_value(name, word.text());
        }
    }
    reading.commands = commands;
    if reading.embedded.is_empty() {
        return;
    }
    let changed = variables.changed(text);
    let commands = &reading.commands;
    let mut owners = HashMap::new();
    let mut users: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, command) in commands.iter().enumerate() {
        for (at, word) in command.words.iter().enumerate() {
            owners.insert(word.span.start, (index, at));
            let written = text.get(word.span.clone()).unwrap_or_default();
            if at > 0 && written.trim_matches('"').starts_with('$') {
                let name = plain_name(written.trim_matches('"'));
                users.entry(name).or_default().push(index);
            }
        }
    }
    let mut starts: Vec<(usize, usize)> = commands
        .iter()
        .enumerate()
        .map(|(index, command)| (command.span.start, index))
        .collect();
    starts.sort_unstable();
    let piped = |command: &Command| {
        let behind = starts.partition_point(|(start, _)| *start < command.span.end);
        let next = commands.get(starts.get(behind)?.1)?;
        next.has_input.then_some(next)
    };
    for embedded in &mut reading.embedded {
        let Some((index, at)) = owners.get(&embedded.span.start).copied() else {
            continue;
        };
        let Some(owner) = commands.get(index) else {
            continue;
        };
        let beside = [at.checked_sub(1), Some(at + 1)];
        let mut beside = beside
            .into_iter()
            .flatten()
            .filter_map(|at| owner.words.get(at));
        let variable = variables.of(text, embedded.span.start);
        let is_piece = beside.any(|word| is_operator(word.text()))
            || variable.is_some_and(|name| changed.contains(name));
        let used = variable
            .and_then(|name| users.get(name))
            .into_iter()
            .flatten();
        let takers = used.filter_map(|index| commands.get(*index)).take(100);
        let takers = std::iter::once(owner).chain(takers);
        let takers = takers.flat_map(|command| std::iter::once(command).chain(piped(command)));
        let words = takers.flat_map(|command| &command.words);
        let mut readers = words
            .filter_map(|word| word.literal())
            .filter(|word| !word.contains(char::is_whitespace))
            .filter_map(language_by);
        let reader = readers.next();
        let agree = readers.all(|other| Some(other) == reader);
        let named = embedded.inner.text.trim_start().starts_with("#!");
        if let Some(reader) = reader.filter(|_| !named && agree) {
            embedded.language = reader;
        }
        let unknown =
            !named && (!agree || (reader.is_none() && embedded.language == Language::Shell));
        let joined = matches!(embedded.language, Language::PowerShell | Language::Cmd)
            && owner.name().is_some_and(|name| interpreter(name).is_some())
            && owner.words.len() > at + 1;
        let doubt = is_piece.then_some(Doubt::Piece);
        let doubt = doubt.or(joined.then_some(Doubt::Arguments));
        let doubt = doubt.or(unknown.then_some(Doubt::Reader));
        embedded.doubt = embedded.doubt.or(doubt);
    }
}
