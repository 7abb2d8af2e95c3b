//! The five promises, on generated templates.
//!
//! A template is generated as what it means (`template`, by the `author`), given a JSON value
//! (`build`) and a text (`style`). What must come of it is computed from its meaning, and by a reader of expressions of
//! the tests' own (`evaluate`, `graph`); only the JSON parser is the product's. The environment
//! variable `MSI2IMDS_CASES` says how many templates to try.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a test fails by panicking, in the functions that it calls too"
)]

mod author;
mod build;
mod comments;
mod edges;
mod evaluate;
mod forms;
mod graph;
mod guise;
mod holds;
mod identity_reads;
mod linked;
mod lists;
mod naming;
mod order;
mod orphans;
mod part;
mod patch;
mod plan;
mod promises;
mod removal;
mod spelling;
mod style;
mod surroundings;
mod symbols;
mod tally;
mod template;
mod tree;
mod untouched;

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

use self::guise::Guise;
use self::identity_reads::Tried;
use self::plan::{Breadth, Plan};
use self::promises::Case;
use self::surroundings::SURROUNDINGS;
use self::tally::Tally;

fn config() -> ProptestConfig {
    let cases = std::env::var("MSI2IMDS_CASES").ok();
    ProptestConfig {
        cases: cases.map_or(256, |cases| cases.parse().unwrap()),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    }
}

#[test]
fn no_template_without_loops_breaks() {
    none_breaks(Breadth::Plain);
}

#[test]
fn no_template_with_loops_breaks() {
    none_breaks(Breadth::Loops);
}

#[test]
fn no_template_with_edges_to_one_instance_of_a_loop_breaks() {
    none_breaks(Breadth::Instances);
}

#[test]
fn no_template_inside_of_something_else_breaks() {
    let surroundings = (0..SURROUNDINGS.len()).prop_map(|at| Guise::Within(&SURROUNDINGS[at]));
    none_breaks_in(all_plans(), surroundings);
}

#[test]
fn no_template_with_lists_in_variables_breaks() {
    none_breaks_in(all_plans(), Just(Guise::Lists));
}

#[test]
fn no_template_with_symbolic_names_breaks() {
    let plans = plan::plans(Breadth::Plain).prop_map(Plan::with_own_scopes);
    none_breaks_in(plans, Just(Guise::Symbols));
}

#[test]
fn no_linked_template_is_changed_in_another_way_than_a_nested_one() {
    let (cases, changed) = (Cell::new(0), Cell::new(0));
    let inputs = (all_plans().prop_map(Plan::with_own_scopes), style::styles());
    try_all(inputs, |(plan, style)| {
        let case = linked::Case::new(plan, style);
        let one = caught(|| case.check()).map_err(|what| case.described(&what))?;
        cases.set(cases.get() + 1);
        changed.set(changed.get() + one);
        Ok(())
    });
    let (cases, changed) = (cases.get(), changed.get());
    eprintln!("{changed} linked files of {cases} sets are changed");
    // Most templates have no others in them.
    assert!(cases < 100 || 100 * changed >= 2 * cases);
}

#[test]
fn no_read_of_an_identity_breaks() {
    let tried = Cell::new(Tried::default());
    let inputs = (all_plans(), style::styles(), identity_reads::plans());
    try_all(inputs, |(plan, style, reads)| {
        let case = identity_reads::Case::new(plan, style, reads);
        let one = caught(|| case.check()).map_err(|what| case.described(&what))?;
        tried.set(tried.get() + one);
        Ok(())
    });
    tried.get().check();
}

fn none_breaks(breadth: Breadth) {
    none_breaks_in(plan::plans(breadth), Just(Guise::Plain));
}

fn none_breaks_in(plans: impl Strategy<Value = Plan>, guises: impl Strategy<Value = Guise>) {
    let tally = Cell::new(Tally::default());
    try_all((plans, style::styles(), guises), |(plan, style, guise)| {
        let case = Case::new(plan, style, *guise);
        let one = caught(|| case.check()).map_err(|what| case.described(&what))?;
        tally.set(tally.get() + one);
        Ok(())
    });
    tally.get().check();
}

/// Plans of all breadths.
fn all_plans() -> impl Strategy<Value = Plan> {
    prop_oneof![
        plan::plans(Breadth::Plain),
        plan::plans(Breadth::Loops),
        plan::plans(Breadth::Instances),
    ]
}

/// Checks as many of the inputs as the configuration says.
fn try_all<S: Strategy>(inputs: S, check: impl Fn(&S::Value) -> Result<(), String>) {
    // The same templates in each run, so that a failure is found again: more cases try more.
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config(), random);
    let outcome = runner.run(&inputs, |input| check(&input).map_err(TestCaseError::fail));
    if let Err(error) = outcome {
        match error {
            proptest::test_runner::TestError::Fail(reason, _) => panic!("{}", reason.message()),
            other => panic!("{other}"),
        }
    }
}

/// What a check says, or panics with.
fn caught<T>(check: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let said = std::panic::catch_unwind(std::panic::AssertUnwindSafe(check));
    said.unwrap_or_else(|cause| Err(message(cause.as_ref())))
}

fn message(cause: &(dyn std::any::Any + Send)) -> String {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| cause.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic").to_owned()
}
