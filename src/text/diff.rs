//! Unified diffs over bytes, as `git apply` and `patch -p1` take them.
//!
//! Lines end at LF only, as for git and patch: a lone CR, U+2028 or bytes that are not UTF-8 are
//! content like any other. Knows nothing of files on disk. Start at [`unified_diff_of_edits`].

use std::ops::Range;

use similar::udiff::UnifiedHunkHeader;
use similar::{Algorithm, DiffOp, DiffTag, capture_diff, capture_diff_slices, group_diff_ops};

use super::edit::Edit;
use super::encoding::Decoded;
use super::line_index::LineIndex;

/// The unchanged lines shown on each side of a change.
const CONTEXT_LINES: usize = 3;

/// A patch for one file: two header lines and its hunks, or nothing where nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct UnifiedDiff(Vec<u8>);

impl UnifiedDiff {
    /// The patch, byte for byte.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether old and new were the same.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The patch that makes `new` of `old`, found by comparing them.
///
/// `path` is the file's name in the headers: relative, with `/`, in any encoding.
pub fn unified_diff(path: &[u8], old: &[u8], new: &[u8]) -> UnifiedDiff {
    let (old_lines, new_lines) = (lines(old), lines(new));
    let ops = capture_diff_slices(Algorithm::Myers, &old_lines, &new_lines);
    patch(path, &old_lines, &new_lines, ops)
}

/// The patch that makes `new` of `old`, where `edits` did that.
///
/// Only the lines that an edit touches are compared, so each hunk shows what an edit did: an entry
/// that was removed is one block, whatever its neighbours have in common with it.
pub fn unified_diff_of_edits(path: &[u8], old: &[u8], new: &[u8], edits: &[Edit]) -> UnifiedDiff {
    let (old_lines, new_lines) = (lines(old), lines(new));
    match edit_ops(old, &old_lines, &new_lines, edits) {
        Some(ops) => patch(path, &old_lines, &new_lines, ops),
        None => unified_diff(path, old, new),
    }
}

/// The patch of [`unified_diff_of_edits`] as a person reads it, in UTF-8, where the file is in UTF-16.
///
/// It is not for applying: nothing finds its lines in the file.
pub fn readable_diff_of_edits(
    path: &[u8],
    old: &[u8],
    new: &[u8],
    edits: &[Edit],
) -> Option<UnifiedDiff> {
    let (old, new) = (Decoded::new(old), Decoded::new(new));
    let edits: Vec<Edit> = edits
        .iter()
        .map(|edit| Edit::replacement(old.text_range(edit.range()), old.decode(edit.text())))
        .collect();
    old.is_utf16()
        .then(|| unified_diff_of_edits(path, old.text(), new.text(), &edits))
}

fn lines(text: &[u8]) -> Vec<&[u8]> {
    let mut start = 0;
    let ends = memchr::memchr_iter(b'\n', text).map(|at| at + 1);
    let lines = ends.chain([text.len()]).filter_map(|end| {
        let line = text.get(std::mem::replace(&mut start, end)..end)?;
        (!line.is_empty()).then_some(line)
    });
    lines.collect()
}

fn patch(path: &[u8], old: &[&[u8]], new: &[&[u8]], ops: Vec<DiffOp>) -> UnifiedDiff {
    let mut patch = Vec::new();
    if old == new {
        return UnifiedDiff(patch);
    }
    for (mark, side) in [("--- ", b"a/"), ("+++ ", b"b/")] {
        patch.extend_from_slice(mark.as_bytes());
        patch.extend_from_slice(&header_name(&[side.as_slice(), path].concat()));
        patch.push(b'\n');
    }
    for hunk in group_diff_ops(ops, CONTEXT_LINES) {
        patch.extend_from_slice(format!("{}\n", UnifiedHunkHeader::new(&hunk)).as_bytes());
        for op in &hunk {
            push_op(&mut patch, op, old, new);
        }
    }
    UnifiedDiff(patch)
}

/// The lines that edits touch, in the old text and in the new one.
struct ChangedLines {
    old: Range<usize>,
    new: Range<usize>,
}

/// The operations on lines that `edits` come to; `None` where old and new are not what they make of
/// each other.
fn edit_ops(old_text: &[u8], old: &[&[u8]], new: &[&[u8]], edits: &[Edit]) -> Option<Vec<DiffOp>> {
    let mut ops = Vec::new();
    let (mut old_at, mut new_at) = (0, 0);
    let end = ChangedLines {
        old: old.len()..old.len(),
        new: new.len()..new.len(),
    };
    for touched in changed_lines(old_text, old.len(), edits)?
        .iter()
        .chain([&end])
    {
        let same = touched.old.start.checked_sub(old_at)?;
        let unchanged = old.get(old_at..touched.old.start)?;
        if unchanged != new.get(new_at..new_at + same)? || new_at + same != touched.new.start {
            return None;
        }
        push_joined(
            &mut ops,
            DiffOp::Equal {
                old_index: old_at,
                new_index: new_at,
                len: same,
            },
        );
        let (old_part, new_part) = (touched.old.clone(), touched.new.clone());
        // The comparison indexes without a look.
        old.get(old_part.clone()).zip(new.get(new_part.clone()))?;
        for op in capture_diff(Algorithm::Myers, old, old_part, new, new_part) {
            push_joined(&mut ops, op);
        }
        (old_at, new_at) = (touched.old.end, touched.new.end);
    }
    Some(ops)
}

/// Adds an operation; unchanged lines behind unchanged lines are one run, or context is miscounted.
fn push_joined(ops: &mut Vec<DiffOp>, op: DiffOp) {
    match (ops.last_mut(), op) {
        (_, DiffOp::Equal { len: 0, .. }) => {}
        (Some(DiffOp::Equal { len, .. }), DiffOp::Equal { len: more, .. }) => *len += more,
        _ => ops.push(op),
    }
}

fn changed_lines(text: &[u8], lines: usize, edits: &[Edit]) -> Option<Vec<ChangedLines>> {
    let index = LineIndex::new(text);
    let mut all: Vec<ChangedLines> = Vec::new();
    for edit in edits {
        let Range { start, end } = edit.range();
        let line = |offset| index.line(offset) - 1;
        let begins = |offset| index.line_start(line(offset) + 1) == offset;
        let whole_lines = begins(start)
            && begins(end)
            && (edit.text().is_empty() || edit.text().ends_with(b"\n"));
        let first = line(start).min(lines);
        let last = if whole_lines {
            line(end)
        } else {
            line(end) + 1
        };
        let last = last.min(lines);
        let breaks = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count();
        let removed = breaks(text.get(start..end)?);
        let added = breaks(edit.text());
        match all.last_mut().filter(|before| before.old.end >= first) {
            Some(before) => {
                let kept = last.max(before.old.end) - before.old.end;
                before.old.end += kept;
                before.new.end = (before.new.end + kept + added).checked_sub(removed)?;
            }
            None => {
                let drift = all
                    .last()
                    .map_or(0, |t| t.new.end.cast_signed() - t.old.end.cast_signed());
                let new_start = first.checked_add_signed(drift)?;
                all.push(ChangedLines {
                    old: first..last,
                    new: new_start..(new_start + (last - first) + added).checked_sub(removed)?,
                });
            }
        }
    }
    Some(all)
}

fn push_op(patch: &mut Vec<u8>, op: &DiffOp, old: &[&[u8]], new: &[&[u8]]) {
    let old = old.get(op.old_range()).unwrap_or_default();
    let new = new.get(op.new_range()).unwrap_or_default();
    if op.tag() == DiffTag::Equal {
        push_lines(patch, b' ', old);
    } else {
        push_lines(patch, b'-', old);
        push_lines(patch, b'+', new);
    }
}

fn push_lines(patch: &mut Vec<u8>, mark: u8, lines: &[&[u8]]) {
    for line in lines {
        patch.push(mark);
        patch.extend_from_slice(line);
        if !line.ends_with(b"\n") {
            patch.extend_from_slice(b"\n\\ No newline at end of file\n");
        }
    }
}

/// A name as it is written behind `--- ` or `+++ `.
///
/// Names with a quote, a backslash or a control byte are quoted as git does. GNU patch takes a
/// name to end at its first space unless a TAB follows the name, and drops spaces at its end unless
/// it is quoted.
fn header_name(name: &[u8]) -> Vec<u8> {
    let mut header = quote(name).unwrap_or_else(|| name.to_vec());
    if name.contains(&b' ') {
        header.push(b'\t');
    }
    header
}

/// The name in git's C-style quotes, or `None` where it needs none.
fn quote(name: &[u8]) -> Option<Vec<u8>> {
    let is_odd = |byte: &u8| byte.is_ascii_control() || matches!(*byte, b'"' | b'\\');
    if !name.iter().any(is_odd) && !name.ends_with(b" ") {
        return None;
    }
    let mut quoted = vec![b'"'];
    for byte in name {
        match byte {
            0x07 => quoted.extend_from_slice(b"\\a"),
            0x08 => quoted.extend_from_slice(b"\\b"),
            b'\t' => quoted.extend_from_slice(b"\\t"),
            b'\n' => quoted.extend_from_slice(b"\\n"),
            0x0b => quoted.extend_from_slice(b"\\v"),
            0x0c => quoted.extend_from_slice(b"\\f"),
            b'\r' => quoted.extend_from_slice(b"\\r"),
            b'"' | b'\\' => quoted.extend_from_slice(&[b'\\', *byte]),
            control if control.is_ascii_control() => {
                quoted.extend_from_slice(format!("\\{control:03o}").as_bytes());
            }
            plain => quoted.push(*plain),
        }
    }
    quoted.push(b'"');
    Some(quoted)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::*;

    #[test]
    fn an_entry_that_an_edit_removes_is_one_block() {
        let old = b"[\n  {\n    a\n  },\n  {\n    a,\n    b\n  }\n]\n";
        let edits = [Edit::deletion(2..17), Edit::replacement(25..26, "B")];
        let new = crate::text::apply(old, &edits).unwrap();
        let diff = unified_diff_of_edits(b"t", old, &new, &edits);
        let expected = "--- a/t\n+++ b/t\n@@ -1,9 +1,6 @@\n [\n-  {\n-    a\n-  },\n   {\n-    a,\n\
                        +    B,\n     b\n   }\n ]\n";
        let found = String::from_utf8_lossy(diff.bytes()).into_owned();
        assert_eq!(found, expected);
    }

    #[test]
    fn edits_that_did_not_make_the_new_text_do_not_spoil_the_patch() {
        let (old, new) = (b"a\nb\n", b"a\nc\n");
        let wrong = [Edit::deletion(0..2)];
        assert_eq!(
            unified_diff_of_edits(b"t", old, new, &wrong),
            unified_diff(b"t", old, new)
        );
    }

    const TOOLS: [(&str, &[&str]); 2] = [
        ("git", &["apply", "--whitespace=nowarn", "change.patch"]),
        (
            "patch",
            &["-p1", "--binary", "--force", "-i", "change.patch"],
        ),
    ];

    /// What the patch applied with `tool` in a fresh folder makes of `old`.
    fn applied(tool: &str, args: &[&str], name: &str, old: &[u8], new: &[u8]) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap_or(Path::new("."))).unwrap();
        std::fs::write(&file, old).unwrap();
        let patch = unified_diff(name.as_bytes(), old, new);
        std::fs::write(folder.path().join("change.patch"), patch.bytes()).unwrap();
        let run = Command::new(tool)
            .args(args)
            .current_dir(folder.path())
            .env("GIT_CEILING_DIRECTORIES", folder.path())
            .output();
        let output = run.unwrap_or_else(|error| {
            panic!("{tool} cannot be run ({error}): the tests need git and patch")
        });
        let shown = String::from_utf8_lossy(patch.bytes()).into_owned();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{tool}: {said}\n{shown}");
        // GNU patch deletes a file that a patch empties.
        std::fs::read(&file).unwrap_or_default()
    }

    fn assert_applies(name: &str, old: &[u8], new: &[u8]) {
        for (tool, args) in TOOLS {
            let result = applied(tool, args, name, old, new);
            assert_eq!(result, new, "{tool} on {name:?}");
        }
    }

    #[test]
    fn equal_texts_make_no_patch() {
        assert!(unified_diff(b"x", b"a\r\n", b"a\r\n").is_empty());
    }

    #[test]
    fn far_changes_make_hunks_with_three_lines_of_context() {
        let old: Vec<u8> = (1..=20)
            .flat_map(|n| format!("{n}\n").into_bytes())
            .collect();
        let new = old
            .strip_prefix(b"1\n")
            .unwrap()
            .strip_suffix(b"20\n")
            .unwrap();
        assert_eq!(
            unified_diff(b"d/x.json", &old, new).bytes(),
            b"--- a/d/x.json\n+++ b/d/x.json\n@@ -1,4 +1,3 @@\n-1\n 2\n 3\n 4\n\
              @@ -17,4 +16,3 @@\n 17\n 18\n 19\n-20\n"
        );
    }

    #[test]
    fn a_missing_final_newline_is_marked_on_its_own_side() {
        assert_eq!(
            unified_diff(b"x", b"a\nb", b"a\nb\n").bytes(),
            b"--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"
        );
    }

    #[test]
    fn git_and_patch_apply_every_kind_of_line() {
        let cases: [(&[u8], &[u8]); 14] = [
            (b"a\nb\nc\n", b"a\nc\n"),
            (b"a\r\nb\r\nc\r\n", b"a\r\nc\r\n"),
            (b"a\r\nb\nc\r\n", b"a\nb\nc\r\n"),
            (b"a\nb\nc", b"a\nc"),
            (b"a\nb", b"a\nb\n"),
            (b"a\nb\n", b"a\nb"),
            (b"a\rb\nc\r", b"a\rX\nc\r"),
            (b"a\rb\rc", b"a\rc"),
            (b"\xef\xbb\xbf{\n1\n}\n", b"\xef\xbb\xbf{\n}\n"),
            (b"\xff\xfe\nb\n\x80c\n", b"\xff\xfe\n\x80c\n"),
            (
                "a\u{2028}b\n\u{b}\u{c}\nc\n".as_bytes(),
                "a\u{2028}b\nc\n".as_bytes(),
            ),
            (b"", b"a\n"),
            (b"a\n", b""),
            (b"one", b"two"),
        ];
        for (old, new) in cases {
            assert_applies("dir/x.json", old, new);
        }
    }

    #[test]
    fn names_are_quoted_only_where_git_or_patch_needs_it() {
        assert_eq!(header_name(b"a/x.json"), b"a/x.json");
        assert_eq!(header_name(b"a/\xff.json"), b"a/\xff.json");
        assert_eq!(header_name(b"a/x y"), b"a/x y\t");
        assert_eq!(header_name(b"a/x "), b"\"a/x \"\t");
        assert_eq!(header_name(b"a/\"\\\x01\x7f"), br#""a/\"\\\001\177""#);
        assert_eq!(
            header_name(b"a/\x07\x08\t\n\x0b\x0c\r"),
            br#""a/\a\b\t\n\v\f\r""#
        );
    }
}
