//! Two parsers made by others beside ours: jsonc-parser for the places of all nodes and comments,
//! serde_json for the values of strict JSON.
//!
//! On generated texts, on those with one character changed, and on files, all must agree; where they
//! do not agree on whether a text is JSON at all, a row of the table in `tolerances` says which of them
//! is right and why. The expressions in the files must parse, but for the rows of `expressions`.
//!
//! `MSI2IMDS_CASES` says how many texts to generate, `MSI2IMDS_CORPUS` names a folder whose JSON files
//! are compared too. Each test prints what it counted (`cargo test oracles:: -- --nocapture`).

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, in the functions that it calls too, and prints its counts"
)]

mod compare;
mod expressions;
mod files;
mod texts;
mod tolerances;

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestError, TestRng, TestRunner};

use self::compare::{Counts, compare};

fn runner() -> TestRunner {
    let cases = std::env::var("MSI2IMDS_CASES").ok();
    let config = ProptestConfig {
        cases: cases.map_or(512, |cases| cases.parse().unwrap()),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    // The same texts in each run, so that a failure is found again: more cases try more.
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Compares on all of `texts`; what was counted is printed under `name`.
fn compare_all(name: &str, texts: &impl Strategy<Value = String>) -> Counts {
    let counts = RefCell::new(Counts::default());
    let outcome = runner().run(texts, |text| {
        compare(text.as_bytes(), &mut counts.borrow_mut()).map_err(TestCaseError::fail)
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(reason, text)) => panic!("{}\n{text:?}\n{text}", reason.message()),
        Err(other) => panic!("{other}"),
    }
    let counts = counts.into_inner();
    println!("{name}: {counts}");
    counts
}

#[test]
fn generated_texts_have_the_nodes_and_values_of_the_oracles() {
    let counts = compare_all("generated", &texts::dialect());
    assert!(counts.agreed > 0 && counts.comments > 0, "{counts}");
}

#[test]
fn generated_strict_texts_have_the_values_of_serde_json() {
    let counts = compare_all("strict", &texts::strict());
    assert_eq!(counts.valued, counts.texts, "{counts}");
}

#[test]
fn texts_with_a_character_changed_are_errors_to_all_or_to_none() {
    let counts = compare_all("changed", &texts::changed());
    assert!(counts.agreed > 0 && counts.refused > 0, "{counts}");
}

#[test]
fn jumbled_tokens_are_errors_to_all_or_to_none() {
    let counts = compare_all("jumbled", &texts::jumbled());
    assert!(counts.agreed > 0 && counts.refused > 0, "{counts}");
}

#[test]
fn every_tolerance_has_a_text_that_needs_it() {
    for tolerance in tolerances::TOLERANCES {
        let mut counts = Counts::default();
        compare(tolerance.example.as_bytes(), &mut counts).unwrap();
        let expected = BTreeMap::from([(tolerance.name, 1)]);
        assert_eq!(counts.tolerated, expected, "{}", tolerance.example);
    }
}

#[test]
fn the_files_of_the_repository_agree_with_the_oracles() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["fixtures", "examples"] {
        files::check(&root.join(folder));
    }
    if let Ok(corpus) = std::env::var("MSI2IMDS_CORPUS") {
        files::check(std::path::Path::new(&corpus));
    }
}
