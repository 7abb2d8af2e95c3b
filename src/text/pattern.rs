//! Regular expressions of the program's own.
//!
//! Start at [`Pattern`].

use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::{Captures, Regex};

/// A regular expression that is compiled once it is asked for.
pub struct Pattern {
    make: Make,
    regex: OnceLock<Option<Regex>>,
}

enum Make {
    Text(&'static str),
    Function(fn() -> String),
}

impl Pattern {
    /// The pattern that is written so.
    pub const fn new(text: &'static str) -> Self {
        Self::of(Make::Text(text))
    }

    /// The pattern that a function writes.
    pub const fn made(make: fn() -> String) -> Self {
        Self::of(Make::Function(make))
    }

    const fn of(make: Make) -> Self {
        let regex = OnceLock::new();
        Self { make, regex }
    }

    fn regex(&self) -> Option<&Regex> {
        let regex = self.regex.get_or_init(|| {
            let regex = match self.make {
                Make::Text(text) => Regex::new(text),
                Make::Function(make) => Regex::new(&make()),
            };
            debug_assert!(regex.is_ok(), "{regex:?}");
            regex.ok()
        });
        regex.as_ref()
    }

    /// Whether it is somewhere in a text.
    pub fn is_in(&self, text: impl AsRef<[u8]>) -> bool {
        self.regex()
            .is_some_and(|regex| regex.is_match(text.as_ref()))
    }

    /// The places of all that it matches in a text, in order and without overlap.
    pub fn find<'t, T: AsRef<[u8]> + ?Sized>(
        &'static self,
        text: &'t T,
    ) -> impl Iterator<Item = Range<usize>> + use<'t, T> {
        let found = self.regex().map(|regex| regex.find_iter(text.as_ref()));
        found.into_iter().flatten().map(|found| found.range())
    }

    /// All that it matches in a text, with its groups.
    pub fn captures<'t>(&'static self, text: &'t [u8]) -> impl Iterator<Item = Captures<'t>> {
        let found = self.regex().map(|regex| regex.captures_iter(text));
        found.into_iter().flatten()
    }
}
