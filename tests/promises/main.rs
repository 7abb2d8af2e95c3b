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
mod holds;
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
mod tally;
mod template;
mod tree;
mod untouched;

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

use crate::plan::Breadth;
use crate::promises::Case;
use crate::tally::Tally;

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

fn none_breaks(breadth: Breadth) {
    // The same templates in each run, so that a failure is found again: more cases try more.
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config(), random);
    let inputs = (plan::plans(breadth), style::styles());
    let tally = Cell::new(Tally::default());
    let outcome = runner.run(&inputs, |(plan, style)| {
        let case = Case::new(&plan, &style);
        let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| case.check()));
        let said = broken.unwrap_or_else(|cause| Err(message(cause.as_ref())));
        match said {
            Ok(one) => tally.set(tally.get() + one),
            Err(what) => return Err(TestCaseError::fail(case.described(&what))),
        }
        Ok(())
    });
    if let Err(error) = outcome {
        match error {
            proptest::test_runner::TestError::Fail(reason, _) => panic!("{}", reason.message()),
            other => panic!("{other}"),
        }
    }
    tally.get().check();
}

fn message(cause: &(dyn std::any::Any + Send)) -> String {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| cause.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic").to_owned()
}
