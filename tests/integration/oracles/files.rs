//! The JSON files of a folder before all parsers.

use std::path::{Path, PathBuf};

use msi2imds::arm::is_template;
use msi2imds::json::Document;

use super::compare::{Counts, compare};
use super::expressions::{self, Expressions};

/// Compares on all JSON files below `folder`, and parses their expressions.
pub(crate) fn check(folder: &Path) {
    let mut counts = Counts::default();
    let mut found = Expressions::default();
    let (mut templates, mut not_text) = (0, 0);
    for path in json_files(folder) {
        let bytes = std::fs::read(&path).unwrap();
        // The oracles take UTF-8 only.
        if std::str::from_utf8(&bytes).is_err() {
            not_text += 1;
            continue;
        }
        compare(&bytes, &mut counts).unwrap_or_else(|what| panic!("{}: {what}", path.display()));
        let document = Document::parse(&bytes);
        if document.errors().is_empty() {
            templates += usize::from(is_template(&document));
            expressions::check(&document, &path, &mut found);
        }
    }
    let name = folder.display();
    println!("{name}: {counts}; {not_text} files are not UTF-8");
    println!("{name}: {templates} templates; {found}");
    assert!(counts.agreed > 0, "no JSON in {name}");
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "json") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
