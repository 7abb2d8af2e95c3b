//! Which room may use which.

use std::collections::BTreeSet;

use super::source::{self, Source};

/// Each room with those that it may use, as `docs/architecture.md` draws them.
const ROOMS: [(&str, &[&str]); 11] = [
    ("text", &[]),
    ("json", &["text"]),
    ("script", &["text"]),
    ("arm", &["text", "json"]),
    ("rules", &["text", "json", "arm", "script"]),
    ("migrate", &["text", "json", "arm", "script", "rules"]),
    ("report", &["text", "rules", "migrate"]),
    ("runbook", &["text", "migrate", "report"]),
    (
        "repository",
        &["text", "json", "arm", "script", "rules", "migrate"],
    ),
    (
        "session",
        &[
            "text",
            "json",
            "arm",
            "rules",
            "migrate",
            "report",
            "repository",
            "runbook",
        ],
    ),
    (
        "cli",
        &[
            "text",
            "json",
            "rules",
            "migrate",
            "report",
            "repository",
            "runbook",
            "session",
        ],
    ),
];

#[test]
fn a_room_uses_only_those_that_it_may() {
    let mut faults = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for source in source::all() {
        let Some(room) = source.room() else { continue };
        seen.insert(room.to_owned());
        let row = ROOMS.iter().find(|(name, _)| *name == room);
        let Some((_, may)) = row else {
            faults.insert(format!("{room} is in no row of the table"));
            continue;
        };
        for path in source.paths() {
            let used = path.first().map_or("", String::as_str);
            if used != room && is_room(used) && !may.contains(&used) {
                faults.insert(format!("{} uses {used}", source.path));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(seen.len() > 8, "{seen:?}");
}

fn is_room(name: &str) -> bool {
    ROOMS.iter().any(|(room, _)| *room == name)
}

#[test]
fn paths_are_read_wherever_they_begin() {
    let source = |path: &str, code: &str| Source {
        path: path.to_owned(),
        code: code.to_owned(),
    };
    let joined = |source: &Source| -> Vec<String> {
        source.paths().iter().map(|path| path.join("/")).collect()
    };
    let nested = source(
        "arm/model/cell.rs",
        "use super::super::{graph::{Edge, self}, Model};",
    );
    assert_eq!(
        joined(&nested),
        ["arm/graph/Edge", "arm/graph", "arm/Model"]
    );
    let plain = source(
        "cli/run.rs",
        "use crate::{json::Document, text};\nlet x = super::exit::code();",
    );
    assert_eq!(joined(&plain), ["json/Document", "text", "cli/exit/code"]);
    let head = source("rules/mod.rs", "pub use self::finding::Finding;");
    assert_eq!(joined(&head), ["rules/finding/Finding"]);
}
