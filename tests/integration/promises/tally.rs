//! How much the generated templates try: one that is always held proves nothing.

/// What came of the cases of a run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) cases: usize,
    /// Those that have the extension.
    pub(crate) concerned: usize,
    /// Those in which something was removed.
    pub(crate) changed: usize,
    /// Those in which something was held.
    pub(crate) held: usize,
    /// Those in which an edge was rewritten.
    pub(crate) rewired: usize,
    /// Those that another JSON reader read too.
    pub(crate) strict: usize,
}

impl std::ops::Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            cases: self.cases + other.cases,
            concerned: self.concerned + other.concerned,
            changed: self.changed + other.changed,
            held: self.held + other.held,
            rewired: self.rewired + other.rewired,
            strict: self.strict + other.strict,
        }
    }
}

impl Tally {
    /// Checks that most of the templates tried something. The templates are the same in each run,
    /// so this cannot come and go.
    pub(crate) fn check(&self) {
        #[expect(clippy::print_stderr, reason = "the counts are what a long run is for")]
        {
            eprintln!("{self:?}");
        }
        if self.cases < 100 {
            return;
        }
        let share = |part: usize| 100 * part / self.cases;
        assert!(share(self.changed) >= 50, "{self:?}");
        assert!(share(self.rewired) >= 12, "{self:?}");
        assert!(share(self.strict) >= 5, "{self:?}");
        assert!(self.held > 0, "{self:?}");
    }
}
