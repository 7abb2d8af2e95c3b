//! A reader of unified diffs as strict as `git apply`: every context line must be where the hunk
//! says.

/// The text that `patch` makes of `old`.
pub(crate) fn patched(old: &[u8], patch: &[u8]) -> Vec<u8> {
    let old: Vec<&[u8]> = old.split_inclusive(|byte| *byte == b'\n').collect();
    let mut lines = patch
        .split_inclusive(|byte| *byte == b'\n')
        .skip(2)
        .peekable();
    let (mut new, mut at) = (Vec::new(), 0);
    while let Some(line) = lines.next() {
        // A line without its end is told by the line behind it.
        let open = lines.peek().is_some_and(|next| next.starts_with(b"\\"));
        let body = if open {
            &line[1..line.len() - 1]
        } else {
            &line[1..]
        };
        match line[0] {
            b'@' => {
                let header = std::str::from_utf8(line).unwrap();
                let range = header.split_once('-').unwrap().1.split(' ').next().unwrap();
                let (start, count) = range.split_once(',').unwrap_or((range, "1"));
                let start: usize = start.parse().unwrap();
                let start = if count == "0" { start } else { start - 1 };
                new.extend(old[at..start].concat());
                at = start;
            }
            b'\\' => {}
            b'+' => new.extend_from_slice(body),
            kind => {
                assert_eq!(old[at], body, "the hunk does not fit at line {}", at + 1);
                at += 1;
                if kind == b' ' {
                    new.extend_from_slice(body);
                }
            }
        }
    }
    new.extend(old[at..].concat());
    new
}
