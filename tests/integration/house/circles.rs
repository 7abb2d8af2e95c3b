//! No modules of a room need each other, but for those that did when this was written down.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{self, Source};

/// The modules that need each other, a line for each set of them. Only ever taken from, never added to.
const KNOWN: &str = include_str!("circles.txt");

/// Which modules of a room use which.
type Uses = BTreeMap<String, BTreeSet<String>>;

#[test]
fn circles_of_modules_are_the_known_ones_and_no_more() {
    let sources = source::all();
    let rooms: BTreeSet<&str> = sources.iter().filter_map(Source::room).collect();
    let found = rooms.iter().flat_map(|room| {
        let circles = circles(&uses(room, &sources)).into_iter();
        circles.map(move |circle| {
            format!(
                "{room}: {}",
                circle.into_iter().collect::<Vec<_>>().join(" ")
            )
        })
    });
    let found: Vec<String> = found.collect();
    let known: Vec<&str> = KNOWN
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    for circle in &found {
        let is_known = known.iter().any(|known| is_part(circle, known));
        assert!(is_known, "break this new circle: {circle}");
    }
    for known in known {
        let is_there = found.iter().any(|circle| is_part(circle, known));
        assert!(
            is_there,
            "this circle is gone, take it out of circles.txt: {known}"
        );
    }
}

/// Whether all of the words of a line are in the other.
fn is_part(line: &str, of: &str) -> bool {
    let words: BTreeSet<&str> = of.split_whitespace().collect();
    line.split_whitespace().all(|word| words.contains(word))
}

fn uses(room: &str, sources: &[Source]) -> Uses {
    let of_room: Vec<&Source> = sources
        .iter()
        .filter(|source| source.room() == Some(room))
        .collect();
    let modules: BTreeSet<&str> = of_room
        .iter()
        .filter_map(|source| source.module())
        .collect();
    // What the room's head gives further under its own name.
    let mut given = BTreeMap::new();
    for source in of_room.iter().filter(|source| source.module().is_none()) {
        for path in source.paths() {
            if let [_, module, .., name] = path.as_slice()
                && modules.contains(module.as_str())
            {
                given.insert(name.clone(), module.clone());
            }
        }
    }
    let mut uses = Uses::new();
    for source in &of_room {
        let Some(module) = source.module() else {
            continue;
        };
        for path in source.paths() {
            let [first, second, ..] = path.as_slice() else {
                continue;
            };
            if first != room {
                continue;
            }
            let used = if modules.contains(second.as_str()) {
                Some(second)
            } else {
                given.get(second)
            };
            if let Some(used) = used.filter(|used| *used != module) {
                uses.entry(module.to_owned())
                    .or_default()
                    .insert(used.clone());
            }
        }
    }
    uses
}

/// The sets of modules that reach each other.
fn circles(uses: &Uses) -> BTreeSet<BTreeSet<String>> {
    let reached: BTreeMap<&String, BTreeSet<&String>> = uses
        .keys()
        .map(|from| {
            let mut reached = BTreeSet::new();
            let mut open = vec![from];
            while let Some(module) = open.pop() {
                for used in uses.get(module).into_iter().flatten() {
                    if reached.insert(used) {
                        open.push(used);
                    }
                }
            }
            (from, reached)
        })
        .collect();
    let circle = |from: &String| -> BTreeSet<String> {
        let both = reached
            .iter()
            .filter(|(to, back)| reached[from].contains(*to) && back.contains(from));
        both.map(|(to, _)| (*to).clone()).collect()
    };
    uses.keys()
        .map(circle)
        .filter(|circle| circle.len() > 1)
        .collect()
}

#[test]
fn a_circle_is_found_and_a_chain_is_none() {
    let of = |edges: &[(&str, &str)]| {
        let mut uses = Uses::new();
        for (from, to) in edges {
            uses.entry((*from).to_owned())
                .or_default()
                .insert((*to).to_owned());
        }
        circles(&uses).len()
    };
    assert_eq!(of(&[("a", "b"), ("b", "c")]), 0);
    assert_eq!(of(&[("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")]), 1);
}
