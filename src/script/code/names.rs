//! Whether the names of libraries that ask web servers mean in a file what they seem to.
//!
//! A name that the file declares itself or imports from elsewhere, and a library whose parts it sets, are
//! none that a reader can vouch for. Start at [`renamed`].

use std::ops::Range;

use super::{Token, Tokens};
use crate::script::Language;

/// A library's name and the modules that it is imported from.
struct Library {
    name: &'static str,
    language: Language,
    /// Modules, and those that keep what they have.
    modules: &'static [&'static str],
    /// Parts that change what all calls do.
    settings: &'static [&'static str],
}

const fn library(
    language: Language,
    name: &'static str,
    modules: &'static [&'static str],
    settings: &'static [&'static str],
) -> Library {
    Library {
        name,
        language,
        modules,
        settings,
    }
}

const URLLIB: &[&str] = &["urllib.request", "urllib2", "six.moves.urllib.request"];
const FETCH: &[&str] = &["node-fetch", "cross-fetch", "undici", "isomorphic-fetch"];

const LIBRARIES: &[Library] = &[
    library(Language::Python, "requests", &[], &[]),
    library(Language::Python, "urllib", &[], &["install_opener"]),
    library(Language::Python, "urllib2", &[], &["install_opener"]),
    library(Language::Python, "Request", URLLIB, &[]),
    library(Language::JavaScript, "fetch", FETCH, &[]),
    library(
        Language::JavaScript,
        "axios",
        &["axios"],
        &["defaults", "interceptors"],
    ),
];

/// How far beside a name its module is looked for, in tokens.
const NEAR: usize = 16;

struct LibraryNames<'t> {
    tokens: Tokens<'t>,
    /// What `from … import` names, and from where.
    imports: Vec<(Range<usize>, String)>,
}

/// The libraries whose names may mean something else.
pub(super) fn renamed(tokens: Tokens<'_>, language: Language) -> Vec<&'static str> {
    let mut names = LibraryNames {
        tokens,
        imports: Vec::new(),
    };
    if language == Language::Python {
        names.imports = names.imports();
    }
    let known = LIBRARIES
        .iter()
        .filter(|library| library.language == language);
    let strange = known.filter(|library| {
        let mut places = (0..tokens.all.len()).filter(|at| tokens.word(*at) == Some(library.name));
        let missing = library.name == "Request" && !names.imports_from(library);
        missing || places.any(|at| names.is_strange(at, library))
    });
    let mut renamed: Vec<&str> = strange.map(|library| library.name).collect();
    let dispatches = |at: usize| tokens.word(at) == Some("setGlobalDispatcher");
    if language == Language::JavaScript && (0..tokens.all.len()).any(dispatches) {
        renamed.push("fetch");
    }
    renamed
}

impl LibraryNames<'_> {
    /// Whether the token at `at` is `=` and sets something.
    fn sets(&self, at: usize) -> bool {
        self.tokens.is(at, '=') && !self.tokens.is(at + 1, '=')
    }

    /// The lists of `from MODULE import …` as ranges of tokens.
    fn imports(&self) -> Vec<(Range<usize>, String)> {
        let mut imports = Vec::new();
        let mut at = 0;
        while at < self.tokens.all.len() {
            let from = at;
            at += 1;
            if self.tokens.word(from) != Some("from") {
                continue;
            }
            let list = (at..at + NEAR).find(|at| self.tokens.word(*at) == Some("import"));
            let Some(list) = list else { continue };
            let module = (at..list)
                .filter_map(|at| self.tokens.get(at).map(|token| self.tokens.written(token)));
            let module: String = module.collect();
            let bracketed = self.tokens.is(list + 1, '(');
            let start = self.tokens.get(list).map_or(0, |token| token.span.end);
            let rest = self.tokens.text.get(start..).unwrap_or_default();
            let end = start
                + rest
                    .find(if bracketed { ')' } else { '\n' })
                    .unwrap_or(rest.len());
            at = self.tokens.behind(end).max(list + 1);
            imports.push((list..at, module));
        }
        imports
    }

    fn imports_from(&self, library: &Library) -> bool {
        let mut imports = self.imports.iter();
        imports.any(|(list, module)| {
            library.modules.contains(&module.as_str())
                && list
                    .clone()
                    .any(|at| self.tokens.word(at) == Some(library.name))
        })
    }

    /// Whether the library's name at `at` is declared there, set, or given away.
    fn is_strange(&self, at: usize, library: &Library) -> bool {
        let before = at.checked_sub(1);
        let word_before = self.tokens.word(before);
        if self.tokens.is(before, '.') {
            // `globalThis.fetch = …`
            return self.sets(at + 1);
        }
        let mut imports = self.imports.iter();
        if let Some((_, module)) = imports.find(|(list, _)| list.contains(&at)) {
            let own = library.modules.contains(&module.as_str());
            return !own || word_before == Some("as") || self.tokens.word(at + 1) == Some("as");
        }
        if ["function", "def", "class", "as"].contains(&word_before.unwrap_or_default()) {
            return true;
        }
        if self.tokens.is(at + 1, '.') {
            return self.sets_a_part(at, library);
        }
        if self.tokens.is(at + 1, '(') {
            return false;
        }
        if library.language == Language::JavaScript {
            let beside = self
                .tokens
                .all
                .get(at.saturating_sub(NEAR)..)
                .unwrap_or_default();
            let mut strings = beside.iter().take(2 * NEAR).filter_map(Token::string);
            let imported = strings.any(|module| library.modules.contains(&&*module.text));
            let made = (at..at + NEAR).any(|at| self.tokens.word(at) == Some("create"));
            return word_before != Some("typeof") && (!imported || made);
        }
        // `import os, requests`
        let start = self.tokens.get(at).map_or(0, |token| token.span.start);
        let line = self.tokens.text.get(..start).unwrap_or_default();
        let line = line.rsplit('\n').next().unwrap_or_default().trim_start();
        let imported = line.starts_with("import ") || line.contains("; import ");
        !(imported || word_before == Some("from"))
    }

    /// Whether a chain of parts from the name on is set, or holds what all calls read.
    fn sets_a_part(&self, at: usize, library: &Library) -> bool {
        let mut at = at + 1;
        loop {
            if self.tokens.is(at, '.') {
                let Some(part) = self.tokens.word(at + 1) else {
                    return true;
                };
                if library.settings.contains(&part) {
                    return true;
                }
                at += 2;
            } else if self.tokens.is(at, '[') {
                let close = (at..at + NEAR).find(|at| self.tokens.is(*at, ']'));
                let Some(close) = close else { return true };
                at = close + 1;
            } else {
                return self.sets(at);
            }
        }
    }
}
