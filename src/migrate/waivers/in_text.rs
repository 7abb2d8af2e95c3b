//! Waivers in files of other languages, whose comments are known only by how they start.
//!
//! A finding is waived by the words on its line or on the line above. That one waives nothing is told
//! only where a comment starts with it: elsewhere, such as in an example, it may be meant otherwise.
//! Start at [`in_text`].

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::rules::{self, Finding, Place};
use crate::text::LineIndex;

use super::noted::Noted;
use super::words::{MARK, waivers_in};
use super::{Options, Suppressed, SuppressedBy, Waiver, WaiverUse, is_over};
use crate::migrate::Migration;

/// How comments start.
const OPENERS: [&str; 5] = ["//", "#", "/*", "<!--", "--"];
/// How comments start in Markdown: others there stand in examples.
const MARKDOWN: [&str; 1] = ["<!--"];
/// What ends a comment on its line.
const CLOSERS: [&str; 2] = ["*/", "-->"];

/// Takes those of `findings` out that a waiver in `text` waives, and adds what there is to say of the
/// waivers themselves. `is_complete` tells whether all was looked for that they could waive.
pub(in crate::migrate) fn in_text(
    name: &[u8],
    text: &[u8],
    findings: Vec<Finding>,
    options: &Options,
    is_complete: bool,
) -> (Vec<Finding>, Vec<Suppressed>) {
    let has_mark = || memchr::memmem::find(text, MARK.as_bytes()).is_some();
    if options.disregard_waivers_in_files || !has_mark() {
        return (findings, Vec::new());
    }
    let index = LineIndex::new(text);
    let name = name.to_ascii_lowercase();
    let is_markdown = [&b".md"[..], b".markdown"]
        .iter()
        .any(|end| name.ends_with(end));
    let openers = if is_markdown {
        &MARKDOWN[..]
    } else {
        &OPENERS[..]
    };
    let mut told = Vec::new();
    let mut lines = Vec::new();
    let mut start = 0;
    for (number, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let own = start..start + line.len();
        start = own.end;
        let Ok(line) = std::str::from_utf8(line) else {
            continue;
        };
        let closed = CLOSERS.iter().find_map(|closer| line.find(closer));
        let line = closed.and_then(|end| line.get(..end)).unwrap_or(line);
        for (span, words) in waivers_in(line) {
            let before = line.get(..span.start).unwrap_or_default().trim_end();
            let is_comment = openers.iter().any(|opener| before.ends_with(opener));
            let place = in_line(&own, span);
            match words {
                Err(malformed) if is_comment => {
                    let (message, help) = (malformed.message, malformed.help);
                    told.push(rules::malformed_waiver(place, message, help));
                }
                Err(_) => {}
                Ok(words) => {
                    let noted = Noted { place, words };
                    if !is_over(noted.words.until, options.today) {
                        lines.push((number + 1, is_comment, noted));
                    } else if is_comment {
                        told.extend(noted.expired());
                    }
                }
            }
        }
    }
    // By line and rule: thousands may stand on a line, before thousands of findings.
    let mut first: HashMap<(usize, &str), &Noted> = HashMap::new();
    for (number, _, noted) in &lines {
        for rule in &noted.words.rules {
            first.entry((*number, rule.id)).or_insert(noted);
        }
    }
    let mut used = HashSet::new();
    let mut left = Vec::new();
    let mut suppressed = Vec::new();
    for finding in findings {
        let line = index.position(text, finding.place.span.start).line;
        let near = [line.saturating_sub(1), line].map(|line| (line, finding.rule.id));
        let near = near
            .into_iter()
            .filter_map(|key| Some((key, first.get(&key)?)));
        let near: Vec<_> = near.collect();
        used.extend(near.iter().map(|(key, _)| *key));
        match near.first().map(|(_, noted)| noted.words.reason.clone()) {
            Some(reason) => suppressed.push(Suppressed {
                finding,
                by: SuppressedBy::InSource(reason),
            }),
            None => left.push(finding),
        }
    }
    for (number, is_comment, noted) in &lines {
        if is_complete && *is_comment {
            told.extend(noted.unused(|rule| used.contains(&(*number, rule.id))));
        }
    }
    left.extend(told);
    left.sort_by_key(|finding| (finding.place.span.start, finding.rule.id));
    (left, suppressed)
}

/// Takes those of `findings` out that a waiver waives that was handed in: one of these, for the whole
/// file.
pub(in crate::migrate) fn waive_given_in_text(
    indices: &[usize],
    findings: Vec<Finding>,
    options: &Options,
    migration: &mut Migration,
) -> Vec<Finding> {
    let mut by_rule: HashMap<&str, Vec<(usize, &Waiver)>> = HashMap::new();
    for index in indices {
        let waiver = options.waivers.get(*index);
        let waiver = waiver.filter(|waiver| waiver.within.is_none());
        let Some(waiver) = waiver.filter(|waiver| !waiver.is_expired(options.today)) else {
            continue;
        };
        for rule in &waiver.rules {
            let given = by_rule.entry(rule.id).or_default();
            given.push((*index, waiver));
        }
    }
    let mut seen = HashSet::new();
    let mut left = Vec::new();
    for finding in findings {
        let rule = finding.rule;
        let given = by_rule.get(rule.id).map_or(&[][..], Vec::as_slice);
        if seen.insert(rule.id) {
            let uses = given.iter().map(|(waiver, _)| WaiverUse {
                waiver: *waiver,
                rule,
            });
            migration.used_waivers.extend(uses);
        }
        match given.first() {
            Some((_, waiver)) => migration.suppressed.push(Suppressed {
                finding,
                by: SuppressedBy::Given(waiver.reason.clone()),
            }),
            None => left.push(finding),
        }
    }
    left
}

fn in_line(line: &Range<usize>, span: Range<usize>) -> Place {
    Place {
        source: 0,
        span: line.start + span.start..line.start + span.end,
        path: String::new(),
    }
}
