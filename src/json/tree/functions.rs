//! The functions in a query's filters, and which of their patterns are fit to be used.
//!
//! Start at [`functions`].

use jsonpath_rust::parser::model::{
    Comparable, Filter, FilterAtom, FnArg, Literal, Segment, Selector, Test, TestFunction,
};
use regex::RegexBuilder;

/// The size of a compiled pattern, in bytes: the engine compiles it for every value that it tests.
const LARGEST_PATTERN: usize = 64 * 1024;

/// The functions that a query calls, those in arguments of others too.
pub(super) fn functions(segments: &[Segment]) -> Vec<&TestFunction> {
    let mut found = Vec::new();
    of_segments(segments, &mut found);
    found
}

/// The pattern that a function tests for, if it tests for one; it may come from the source.
pub(super) fn pattern(function: &TestFunction) -> Option<&FnArg> {
    match function {
        TestFunction::Search(_, pattern) | TestFunction::Match(_, pattern) => Some(pattern),
        _ => None,
    }
}

/// The text of a pattern that stands in the query.
pub(super) fn literal(pattern: &FnArg) -> Option<&str> {
    match pattern {
        FnArg::Literal(Literal::String(text)) => Some(text),
        _ => None,
    }
}

/// Whether a pattern takes more room than it may.
pub(super) fn is_too_large(pattern: &str) -> bool {
    let built = RegexBuilder::new(pattern)
        .size_limit(LARGEST_PATTERN)
        .build();
    // One that is no pattern matches nothing.
    matches!(built, Err(regex::Error::CompiledTooBig(_)))
}

fn of_segments<'q>(segments: &'q [Segment], found: &mut Vec<&'q TestFunction>) {
    for segment in segments {
        match segment {
            Segment::Descendant(inner) => of_segments(std::slice::from_ref(&**inner), found),
            Segment::Selector(selector) => of_selector(selector, found),
            Segment::Selectors(selectors) => {
                for selector in selectors {
                    of_selector(selector, found);
                }
            }
        }
    }
}

fn of_selector<'q>(selector: &'q Selector, found: &mut Vec<&'q TestFunction>) {
    if let Selector::Filter(filter) = selector {
        of_filter(filter, found);
    }
}

fn of_filter<'q>(filter: &'q Filter, found: &mut Vec<&'q TestFunction>) {
    match filter {
        Filter::Or(filters) | Filter::And(filters) => {
            for filter in filters {
                of_filter(filter, found);
            }
        }
        Filter::Atom(FilterAtom::Filter { expr, .. }) => of_filter(expr, found),
        Filter::Atom(FilterAtom::Test { expr, .. }) => of_test(expr, found),
        Filter::Atom(FilterAtom::Comparison(comparison)) => {
            let (left, right) = comparison.vals();
            for side in [left, right] {
                if let Comparable::Function(function) = side {
                    of_function(function, found);
                }
            }
        }
    }
}

fn of_test<'q>(test: &'q Test, found: &mut Vec<&'q TestFunction>) {
    match test {
        Test::RelQuery(segments) => of_segments(segments, found),
        Test::AbsQuery(query) => of_segments(&query.segments, found),
        Test::Function(function) => of_function(function, found),
    }
}

fn of_function<'q>(function: &'q TestFunction, found: &mut Vec<&'q TestFunction>) {
    found.push(function);
    match function {
        TestFunction::Custom(_, arguments) => {
            for argument in arguments {
                of_argument(argument, found);
            }
        }
        TestFunction::Length(argument) => of_argument(argument, found),
        TestFunction::Value(argument) | TestFunction::Count(argument) => {
            of_argument(argument, found);
        }
        TestFunction::Search(text, pattern) | TestFunction::Match(text, pattern) => {
            of_argument(text, found);
            of_argument(pattern, found);
        }
    }
}

fn of_argument<'q>(argument: &'q FnArg, found: &mut Vec<&'q TestFunction>) {
    match argument {
        FnArg::Literal(_) => {}
        FnArg::Test(test) => of_test(test, found),
        FnArg::Filter(filter) => of_filter(filter, found),
    }
}
