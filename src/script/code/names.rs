//! Whether the names of libraries that ask web servers mean in a file what they seem to.
//!
//! A name that the file declares itself or imports from elsewhere, and a library whose parts it sets, are
//! none that a reader can vouch for. Start at [`renamed`].

use std::ops::Range;

use super::{Token, TokenKind};
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

const LIBRARIES: &[Library] = &[
    Library {
        name: "requests",
        language: Language::Python,
        modules: &[],
        settings: &[],
    },
    Library {
        name: "urllib",
        language: Language::Python,
        modules: &[],
        settings: &["install_opener"],
    },
    Library {
        name: "urllib2",
        language: Language::Python,
        modules: &[],
        settings: &["install_opener"],
    },
    Library {
        name: "Request",
        language: Language::Python,
        modules: &["urllib.request", "urllib2", "six.moves.urllib.request"],
        settings: &[],
    },
    Library {
        name: "fetch",
        language: Language::JavaScript,
        modules: &["node-fetch", "cross-fetch", "undici", "isomorphic-fetch"],
        settings: &[],
    },
    Library {
        name: "axios",
        language: Language::JavaScript,
        modules: &["axios"],
        settings: &["defaults", "interceptors"],
    },
];

/// How far beside a name its module is looked for, in tokens.
const NEAR: usize = 16;

struct Names<'t> {
    text: &'t str,
    tokens: &'t [Token],
    /// What `from … import` names, and from where.
    imports: Vec<(Range<usize>, String)>,
}

/// The libraries whose names may mean something else.
pub(super) fn renamed(text: &str, language: Language, tokens: &[Token]) -> Vec<&'static str> {
    let mut names = Names {
        text,
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
        let mut places = (0..tokens.len()).filter(|at| names.word(*at) == Some(library.name));
        let missing = library.name == "Request" && !names.imports_from(library);
        missing || places.any(|at| names.is_strange(at, library))
    });
    let mut renamed: Vec<&str> = strange.map(|library| library.name).collect();
    let dispatches = |at: usize| names.word(at) == Some("setGlobalDispatcher");
    if language == Language::JavaScript && (0..tokens.len()).any(dispatches) {
        renamed.push("fetch");
    }
    renamed
}

impl<'t> Names<'t> {
    fn word(&self, at: usize) -> Option<&'t str> {
        let token = self.tokens.get(at)?;
        let name = token.kind == TokenKind::Name;
        name.then(|| self.text.get(token.span.clone()))?
    }

    fn is(&self, at: usize, mark: char) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is(mark))
    }

    /// Whether the token at `at` is `=` and sets something.
    fn sets(&self, at: usize) -> bool {
        self.is(at, '=') && !self.is(at + 1, '=')
    }

    /// The lists of `from MODULE import …` as ranges of tokens.
    fn imports(&self) -> Vec<(Range<usize>, String)> {
        let mut imports = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            let from = at;
            at += 1;
            if self.word(from) != Some("from") {
                continue;
            }
            let list = (at..at + NEAR).find(|at| self.word(*at) == Some("import"));
            let Some(list) = list else { continue };
            let module =
                (at..list).filter_map(|at| self.text.get(self.tokens.get(at)?.span.clone()));
            let module: String = module.collect();
            let bracketed = self.is(list + 1, '(');
            let start = self.tokens.get(list).map_or(0, |token| token.span.end);
            let rest = self.text.get(start..).unwrap_or_default();
            let end = start
                + rest
                    .find(if bracketed { ')' } else { '\n' })
                    .unwrap_or(rest.len());
            let length = self
                .tokens
                .get(list..)
                .unwrap_or_default()
                .iter()
                .take_while(|token| token.span.start < end)
                .count();
            at = list + length.max(1);
            imports.push((list..at, module));
        }
        imports
    }

    fn imports_from(&self, library: &Library) -> bool {
        let mut imports = self.imports.iter();
        imports.any(|(list, module)| {
            library.modules.contains(&module.as_str())
                && list.clone().any(|at| self.word(at) == Some(library.name))
        })
    }

    /// Whether the library's name at `at` is declared there, set, or given away.
    fn is_strange(&self, at: usize, library: &Library) -> bool {
        let before = at.checked_sub(1);
        let word_before = before.and_then(|at| self.word(at));
        if before.is_some_and(|at| self.is(at, '.')) {
            // `globalThis.fetch = …`
            return self.sets(at + 1);
        }
        let mut imports = self.imports.iter();
        if let Some((_, module)) = imports.find(|(list, _)| list.contains(&at)) {
            let own = library.modules.contains(&module.as_str());
            return !own || word_before == Some("as") || self.word(at + 1) == Some("as");
        }
        if ["function", "def", "class", "as"].contains(&word_before.unwrap_or_default()) {
            return true;
        }
        if self.is(at + 1, '.') {
            return self.sets_a_part(at, library);
        }
        if self.is(at + 1, '(') {
            return false;
        }
        if library.language == Language::JavaScript {
            let beside = self
                .tokens
                .get(at.saturating_sub(NEAR)..)
                .unwrap_or_default();
            let mut strings = beside.iter().take(2 * NEAR).filter_map(Token::string);
            let imported = strings.any(|module| library.modules.contains(&&*module.text));
            let made = (at..at + NEAR).any(|at| self.word(at) == Some("create"));
            return word_before != Some("typeof") && (!imported || made);
        }
        // `import os, requests`
        let start = self.tokens.get(at).map_or(0, |token| token.span.start);
        let line = self.text.get(..start).unwrap_or_default();
        let line = line.rsplit('\n').next().unwrap_or_default().trim_start();
        let imported = line.starts_with("import ") || line.contains("; import ");
        !(imported || word_before == Some("from"))
    }

    /// Whether a chain of parts from the name on is set, or holds what all calls read.
    fn sets_a_part(&self, at: usize, library: &Library) -> bool {
        let mut at = at + 1;
        loop {
            if self.is(at, '.') {
                let Some(part) = self.word(at + 1) else {
                    return true;
                };
                if library.settings.contains(&part) {
                    return true;
                }
                at += 2;
            } else if self.is(at, '[') {
                let close = (at..at + NEAR).find(|at| self.is(*at, ']'));
                let Some(close) = close else { return true };
                at = close + 1;
            } else {
                return self.sets(at);
            }
        }
    }
}
