//! The options of a client's command, by one table of what they mean for its request. Start at [`read`].

use std::ops::Range;

use super::super::{Command, Word};

/// What an option means for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Nothing, without a value.
    Switch,
    /// Nothing, with a value.
    Valued,
    /// It is the address, or is in front of it.
    Url,
    Header,
    Method,
    Data,
    /// Data of which the client encodes what a query cannot hold.
    EncodedData,
    /// Data that the client cannot send in a query.
    PostedData,
    /// The data is sent in the query.
    InQuery,
    Proxy,
    /// Hosts that no proxy is used for.
    Unproxied,
    /// No proxy is used.
    NoProxy,
}

impl Meaning {
    fn takes_value(self) -> bool {
        !matches!(self, Self::Switch | Self::InQuery | Self::NoProxy)
    }
}

/// Meanings, each with the options that have it, separated by blanks.
pub(super) type Meanings = &'static [(Meaning, &'static str)];

/// An option as it was written, or a word that is none.
pub(super) struct Flag<'w> {
    pub(super) meaning: Meaning,
    /// The word that its value is the end of.
    pub(super) word: &'w Word,
    /// What it is given.
    pub(super) value: String,
    /// From the option to the end of its value.
    pub(super) span: Range<usize>,
}

/// The options of a command, as `spelled` spells them, and why not all is understood.
pub(super) fn read<'w>(
    command: &'w Command,
    meanings: Meanings,
    spelled: fn(&str) -> String,
) -> (Vec<Flag<'w>>, Option<String>) {
    let meaning = |name: &str| {
        let mut all = meanings.iter();
        let found = all.find(|(_, names)| names.split_ascii_whitespace().any(|it| it == name));
        found.map(|(meaning, _)| *meaning)
    };
    let mut flags = Vec::new();
    let mut unknown = None;
    let mut words = command.words.iter().skip(1);
    while let Some(word) = words.next() {
        let text = spelled(word.text());
        let is_long = text.starts_with("--");
        let mut add = |meaning: Meaning, glued: Option<&str>| {
            let takes_next = meaning.takes_value() && glued.is_none();
            let next = takes_next.then(|| words.next()).flatten();
            let value = glued.or(next.map(Word::text)).unwrap_or_default();
            flags.push(Flag {
                meaning,
                word: next.unwrap_or(word),
                value: value.to_owned(),
                span: word.span.start..next.unwrap_or(word).span.end,
            });
        };
        if !text.starts_with('-') || text == "-" {
            add(Meaning::Url, Some(&text));
            continue;
        }
        let (name, glued) = match text.split_once('=').filter(|_| is_long) {
            Some((name, value)) => (name, Some(value)),
            None => (&*text, None),
        };
        if let Some(found) = meaning(name) {
            add(found, glued);
            continue;
        }
        if is_long {
            unknown.get_or_insert(format!("the option {name} is unknown"));
            continue;
        }
        // Letters in one word, the last of which may have its value behind it.
        for (at, letter) in text.char_indices().skip(1) {
            let Some(found) = meaning(&format!("-{letter}")) else {
                unknown.get_or_insert(format!("the option -{letter} is unknown"));
                break;
            };
            let rest = text.get(at + letter.len_utf8()..);
            add(
                found,
                rest.filter(|rest| found.takes_value() && !rest.is_empty()),
            );
            if found.takes_value() {
                // Others in front of it are not taken apart.
                if at > 1 && matches!(found, Meaning::Data | Meaning::Method) {
                    unknown.get_or_insert("several options are written as one word".to_owned());
                }
                break;
            }
        }
    }
    (flags, unknown)
}
