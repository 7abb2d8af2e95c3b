//! What a query is made of, as far as its running time depends on that. Start at [`QueryParts`].

use jsonpath_rust::parser::model::{
    Comparable, Filter, FilterAtom, FnArg, Segment, Selector, Test, TestFunction,
};

/// Parts of a query, those inside filters and arguments too.
#[derive(Default)]
pub(super) struct QueryParts<'q> {
    /// Whether a filter walks all descendants.
    pub(super) descends_in_filter: bool,
    /// The patterns that functions test for; one may come from the source.
    pub(super) patterns: Vec<&'q FnArg>,
    /// The name of a function that is not one of RFC 9535.
    pub(super) unknown_function: Option<&'q str>,
}

impl<'q> QueryParts<'q> {
    pub(super) fn of(segments: &'q [Segment]) -> Self {
        let mut parts = Self::default();
        parts.add_segments(segments, false);
        parts
    }

    fn add_segments(&mut self, segments: &'q [Segment], in_filter: bool) {
        for segment in segments {
            match segment {
                Segment::Descendant(inner) => {
                    self.descends_in_filter |= in_filter;
                    self.add_segments(std::slice::from_ref(&**inner), in_filter);
                }
                Segment::Selector(selector) => self.add_selector(selector),
                Segment::Selectors(selectors) => {
                    selectors.iter().for_each(|one| self.add_selector(one));
                }
            }
        }
    }

    fn add_selector(&mut self, selector: &'q Selector) {
        if let Selector::Filter(filter) = selector {
            self.add_filter(filter);
        }
    }

    fn add_filter(&mut self, filter: &'q Filter) {
        match filter {
            Filter::Or(filters) | Filter::And(filters) => {
                filters.iter().for_each(|one| self.add_filter(one));
            }
            Filter::Atom(FilterAtom::Filter { expr, .. }) => self.add_filter(expr),
            Filter::Atom(FilterAtom::Test { expr, .. }) => self.add_test(expr),
            Filter::Atom(FilterAtom::Comparison(comparison)) => {
                let (left, right) = comparison.vals();
                for side in [left, right] {
                    // A singular query has names and indices only.
                    if let Comparable::Function(function) = side {
                        self.add_function(function);
                    }
                }
            }
        }
    }

    fn add_test(&mut self, test: &'q Test) {
        match test {
            Test::RelQuery(segments) => self.add_segments(segments, true),
            Test::AbsQuery(query) => self.add_segments(&query.segments, true),
            Test::Function(function) => self.add_function(function),
        }
    }

    fn add_function(&mut self, function: &'q TestFunction) {
        match function {
            TestFunction::Custom(name, arguments) => {
                self.unknown_function = Some(name);
                arguments.iter().for_each(|one| self.add_argument(one));
            }
            TestFunction::Length(argument) => self.add_argument(argument),
            TestFunction::Value(argument) | TestFunction::Count(argument) => {
                self.add_argument(argument);
            }
            TestFunction::Search(text, pattern) | TestFunction::Match(text, pattern) => {
                self.patterns.push(pattern);
                self.add_argument(text);
                self.add_argument(pattern);
            }
        }
    }

    fn add_argument(&mut self, argument: &'q FnArg) {
        match argument {
            FnArg::Literal(_) => {}
            FnArg::Test(test) => self.add_test(test),
            FnArg::Filter(filter) => self.add_filter(filter),
        }
    }
}
