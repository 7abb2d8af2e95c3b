//! A name stands for one type. The few that several rooms need may not become more.

use std::collections::BTreeMap;

use regex::Regex;

use super::source;

/// How many names may stand for several types.
const MOST: usize = 15;

#[test]
fn few_names_stand_for_several_types() {
    let declared = Regex::new(
        r"(?m)^ *(?:pub(?:\([^)]*\))? )?(?:struct|enum|union|trait) ([A-Z]\w*)|^(?:pub(?:\([^)]*\))? )?type ([A-Z]\w*)",
    )
    .unwrap();
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in source::all() {
        for found in declared.captures_iter(&source.code) {
            let name = found.get(1).or(found.get(2)).unwrap().as_str();
            files
                .entry(name.to_owned())
                .or_default()
                .push(source.path.clone());
        }
    }
    assert!(files.len() > 500, "{}", files.len());
    files.retain(|_, files| files.len() > 1);
    assert!(files.len() <= MOST, "{files:#?}");
}
