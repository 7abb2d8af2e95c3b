//! A run as a code quality report of GitLab, which shows what a merge request adds and takes away.
//!
//! It distinguishes findings of two runs by their fingerprints, which therefore know no lines. Start at
//! [`issue`].

use std::collections::{HashMap, HashSet};
use std::io;

use serde_json::{Value, json};

use super::content::Report;
use super::json_text;
use super::reported::ReportedFinding;
use crate::rules::Severity;

pub(super) fn render(out: &mut dyn io::Write, report: &Report<'_>) -> io::Result<()> {
    let mut taken = Taken::default();
    let issues = report.findings();
    let issues = issues.map(|entry| issue(report, entry, &mut taken));
    json_text::write_pretty(out, &issues.collect::<Value>())
}

fn issue(report: &Report<'_>, entry: &ReportedFinding, taken: &mut Taken) -> Value {
    let region = &entry.location.region;
    let file = report.name_in_repository(&region.file);
    json!({
        "description": entry.message,
        "check_name": entry.rule.id,
        "fingerprint": fingerprint(&file, entry, taken),
        "severity": match entry.severity {
            Severity::Error => "critical",
            Severity::Warning => "major",
            Severity::Note => "info",
        },
        "location": {
            "path": String::from_utf8_lossy(&file),
            "lines": {"begin": region.start.line},
        },
    })
}

/// A fingerprint that is not one of the `taken` ones: of the rule, the file, the place in the document
/// and the message. What these do not distinguish is numbered.
fn fingerprint(file: &[u8], entry: &ReportedFinding, taken: &mut Taken) -> String {
    let what = [
        entry.rule.id.as_bytes(),
        file,
        entry.location.path.as_bytes(),
        entry.message.as_bytes(),
    ];
    let hash = what.into_iter().fold(OFFSET_BASIS, |hash, part| {
        // No part holds what separates parts.
        fnv1a(fnv1a(hash, part), b"\0")
    });
    format!("{:032x}", taken.take(hash))
}

/// The fingerprints that were given.
#[derive(Default)]
struct Taken {
    all: HashSet<u128>,
    /// By what is hashed, the one that was given last: thousands of findings may be equal, and each
    /// would try those of all others before it.
    last: HashMap<u128, u128>,
}

impl Taken {
    /// The first fingerprint from `hash` on that was not given yet.
    fn take(&mut self, hash: u128) -> u128 {
        let last = self.last.entry(hash).or_insert(hash);
        while !self.all.insert(*last) {
            *last = fnv1a(*last, b"\0");
        }
        *last
    }
}

/// The constants of FNV-1a with 128 bits (RFC 9923). It stays the same with each compiler.
const OFFSET_BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0100_0000_0000_0000_0000_013b;

fn fnv1a(hash: u128, bytes: &[u8]) -> u128 {
    bytes.iter().fold(hash, |hash, byte| {
        (hash ^ u128::from(*byte)).wrapping_mul(PRIME)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_findings_are_numbered_one_after_another_and_never_collide() {
        let mut taken = Taken::default();
        let first = taken.take(1);
        let second = taken.take(1);
        assert_eq!((first, second), (1, fnv1a(1, b"\0")));
        // What another finding hashes to may be what the second of these was given.
        let other = taken.take(second);
        let third = taken.take(1);
        let all = HashSet::from([first, second, other, third]);
        assert_eq!(all.len(), 4);
        for _ in 0..100_000 {
            taken.take(1);
        }
        assert_eq!(taken.all.len(), 100_004);
    }

    #[test]
    fn the_hash_is_the_one_that_others_compute() {
        assert_eq!(fnv1a(OFFSET_BASIS, b""), OFFSET_BASIS);
        let known = 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964;
        assert_eq!(fnv1a(OFFSET_BASIS, b"a"), known);
    }
}
