//! Which files git tracks, as its index lists them.
//!
//! An ignore rule counts for git only where a file is not tracked yet, so a file that is tracked is looked
//! at although a rule matches it. The index is read here, without git, and only where a rule matched.
//! An index may be hostile: its size, its names and what they take together are bounded. Knows the
//! versions 2 to 4, with hashes of either length, split and sparse; never knows why a file is asked
//! for. Start at [`TrackedFiles::of`].

use std::io;
use std::path::Path;

use super::bounded_read::{LARGEST_LIST, read_plain};
use super::source_file::slashed;

/// The longest name of a file, in bytes: that of Linux's `PATH_MAX`.
const LONGEST_NAME: usize = 4_096;
/// What all names may take together, in bytes: version 4 repeats their beginnings for nothing.
const MOST_NAME_BYTES: usize = 256 << 20;
/// The lengths of a hash in bytes: SHA-1 and SHA-256.
const HASHES: [usize; 2] = [20, 32];
/// What is in front of the hash in an entry: times, device, inode, mode, owner and size.
const STATS: usize = 40;

/// The names of the tracked files of a repository, from its root.
#[derive(Debug, Default)]
pub(super) struct TrackedFiles {
    /// Sorted; a folder in a sparse index ends with `/`.
    names: Vec<Box<[u8]>>,
}

impl TrackedFiles {
    /// Those of the index in the folder `git` of git's own; none where there is no index.
    ///
    /// # Errors
    /// Those of the system; an index that cannot be understood, or goes beyond a bound.
    pub(super) fn of(git: &Path) -> io::Result<Self> {
        let index = match read_plain(&git.join("index"), LARGEST_LIST) {
            Ok(index) => index,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error),
        };
        let mut names = Vec::new();
        if let Some(shared) = names_in(&index, &mut names)? {
            // What the split index takes out of the shared one stays in: a file too many is looked at.
            let shared = read_plain(&git.join(format!("sharedindex.{shared}")), LARGEST_LIST)?;
            names_in(&shared, &mut names)?;
        }
        names.sort_unstable();
        Ok(Self { names })
    }

    /// Whether git tracks the file `below` the repository's root, or anything in a folder of that name.
    pub(super) fn has(&self, below: &Path, is_folder: bool) -> bool {
        let name = slashed(below);
        let start = self.names.partition_point(|known| **known < *name);
        // A submodule is an entry of its own.
        if self.names.get(start).is_some_and(|known| **known == *name) {
            return true;
        }
        let inside = [name.as_slice(), b"/"].concat();
        let start = self.names.partition_point(|known| **known < *inside);
        if is_folder
            && self
                .names
                .get(start)
                .is_some_and(|known| known.starts_with(&inside))
        {
            return true;
        }
        // A folder that a sparse index does not unfold has all that is in it.
        let mut around = below.ancestors().skip(usize::from(!is_folder));
        around.any(|folder| {
            let folder = [slashed(folder).as_slice(), b"/"].concat();
            self.names
                .binary_search_by(|known| (**known).cmp(&folder))
                .is_ok()
        })
    }
}

/// Adds the names in an index; gives the hash in the name of the index that it shares, in hexadecimal.
fn names_in(index: &[u8], names: &mut Vec<Box<[u8]>>) -> io::Result<Option<String>> {
    let known = names.len();
    // The index does not say which hash it has; the other one's entries do not come out even.
    for hash in HASHES {
        if let Some(shared) = IndexEntries::new(index, hash).and_then(|entries| entries.read(names))
        {
            return Ok(shared);
        }
        names.truncate(known);
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidData,
        "not a git index of version 2 to 4, or its names are too long",
    ))
}

/// The entries of an index.
struct IndexEntries<'i> {
    /// Without the checksum at its end.
    index: &'i [u8],
    hash: usize,
    version: u32,
    count: u32,
    at: usize,
}

impl<'i> IndexEntries<'i> {
    fn new(index: &'i [u8], hash: usize) -> Option<Self> {
        let index = index.get(..index.len().checked_sub(hash)?)?;
        let (version, count) = (number(index, 4)?, number(index, 8)?);
        (index.starts_with(b"DIRC") && (2..=4).contains(&version)).then_some(Self {
            index,
            hash,
            version,
            count,
            at: 12,
        })
    }

    fn read(mut self, names: &mut Vec<Box<[u8]>>) -> Option<Option<String>> {
        let mut name = Vec::new();
        let mut left = MOST_NAME_BYTES;
        for _ in 0..self.count {
            self.next(&mut name)?;
            left = left.checked_sub(name.len())?;
            // One that the shared index names has no name in the split one.
            if !name.is_empty() {
                names.push(name.as_slice().into());
            }
        }
        self.shared()
    }

    /// Puts the next entry's name in the place of the one before.
    fn next(&mut self, name: &mut Vec<u8>) -> Option<()> {
        let start = self.at;
        let flags = self.at + STATS + self.hash;
        let is_extended = self.index.get(flags)? & 0x40 != 0;
        self.at = flags + 2 + 2 * usize::from(is_extended && self.version > 2);
        let kept = match self.version {
            4 => name.len().checked_sub(self.varint()?)?,
            _ => 0,
        };
        let rest = self.index.get(self.at..)?;
        let rest = rest.get(..memchr::memchr(0, rest)?)?;
        name.truncate(kept);
        name.extend_from_slice(rest);
        self.at += rest.len() + 1;
        if self.version < 4 {
            // NUL bytes, one at least, end the entry at a multiple of eight.
            self.at = start + (self.at - start).next_multiple_of(8);
        }
        (name.len() <= LONGEST_NAME).then_some(())
    }

    /// How much of the last name to drop: seven bits a byte, as git packs offsets.
    fn varint(&mut self) -> Option<usize> {
        let mut value: usize = 0;
        loop {
            let byte = *self.index.get(self.at)?;
            self.at += 1;
            value |= usize::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                return Some(value);
            }
            value = value
                .checked_add(1)
                .filter(|value| *value <= LONGEST_NAME)?
                << 7;
        }
    }

    /// Reads the extensions, which must end where the checksum starts.
    fn shared(mut self) -> Option<Option<String>> {
        let mut shared = None;
        while self.at < self.index.len() {
            let size = usize::try_from(number(self.index, self.at + 4)?).ok()?;
            let content = self.index.get(self.at + 8..)?.get(..size)?;
            if self.index.get(self.at..)?.starts_with(b"link") {
                let hash = content.get(..self.hash)?;
                let is_shared = hash.iter().any(|byte| *byte != 0);
                let hex = || hash.iter().map(|byte| format!("{byte:02x}")).collect();
                shared = is_shared.then(hex);
            }
            self.at += 8 + size;
        }
        (self.at == self.index.len()).then_some(shared)
    }
}

fn number(index: &[u8], at: usize) -> Option<u32> {
    let bytes = index.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An index of version 2 or 4 with these names.
    fn index(version: u32, hash: usize, names: &[&str]) -> Vec<u8> {
        let mut bytes = b"DIRC".to_vec();
        bytes.extend(version.to_be_bytes());
        bytes.extend(u32::try_from(names.len()).unwrap().to_be_bytes());
        let mut last = 0;
        for name in names {
            let start = bytes.len();
            bytes.extend(vec![1; STATS + hash]);
            bytes.extend([0, 1]);
            if version == 4 {
                assert!(last < 128, "one byte");
                bytes.push(u8::try_from(last).unwrap());
                last = name.len();
            }
            bytes.extend(name.bytes());
            bytes.push(0);
            while version < 4 && !(bytes.len() - start).is_multiple_of(8) {
                bytes.push(0);
            }
        }
        bytes.extend(vec![7; hash]);
        bytes
    }

    fn tracked(bytes: &[u8]) -> io::Result<TrackedFiles> {
        let git = tempfile::tempdir().unwrap();
        std::fs::write(git.path().join("index"), bytes).unwrap();
        TrackedFiles::of(git.path())
    }

    #[test]
    fn files_and_the_folders_around_them_are_tracked_in_every_version() {
        for (version, hash) in [(2, 20), (2, 32), (4, 20), (4, 32)] {
            let bytes = index(version, hash, &["a/b/c.json", "a.json", "sparse/"]);
            let tracked = tracked(&bytes).unwrap();
            for (name, is_folder, expected) in [
                ("a/b/c.json", false, true),
                ("a", true, true),
                ("a/b", true, true),
                ("a", false, false),
                ("a/b/c", true, false),
                ("b", true, false),
                ("c.json", false, false),
                ("sparse", true, true),
                ("sparse/deep/x.json", false, true),
            ] {
                let has = tracked.has(Path::new(name), is_folder);
                assert_eq!(has, expected, "{name} in version {version}, {hash}");
            }
        }
    }

    #[test]
    fn a_repository_without_an_index_tracks_nothing() {
        let git = tempfile::tempdir().unwrap();
        let tracked = TrackedFiles::of(git.path()).unwrap();
        assert!(!tracked.has(Path::new("a.json"), false));
    }

    #[test]
    fn a_split_index_has_the_names_of_the_one_that_it_shares() {
        let git = tempfile::tempdir().unwrap();
        let mut split = index(2, 20, &["", "new.json"]);
        split.truncate(split.len() - 20);
        split.extend(b"link\0\0\0\x14");
        split.extend([0xab; 20]);
        split.extend([7; 20]);
        std::fs::write(git.path().join("index"), split).unwrap();
        assert!(
            TrackedFiles::of(git.path()).is_err(),
            "the shared one is not there"
        );
        let shared = git.path().join(format!("sharedindex.{}", "ab".repeat(20)));
        std::fs::write(shared, index(2, 20, &["old.json"])).unwrap();
        let tracked = TrackedFiles::of(git.path()).unwrap();
        for name in ["old.json", "new.json"] {
            assert!(tracked.has(Path::new(name), false), "{name}");
        }
    }

    #[test]
    fn a_hostile_index_is_refused_and_takes_no_more_than_its_bound() {
        let whole = index(2, 20, &["a.json"]);
        for end in 0..whole.len() {
            assert!(tracked(&whole[..end]).is_err(), "cut at {end}");
        }
        let long = "x".repeat(LONGEST_NAME + 1);
        assert!(tracked(&index(2, 20, &[&long])).is_err());
        let mut counted = whole.clone();
        counted[8..12].copy_from_slice(&u32::MAX.to_be_bytes());
        assert!(tracked(&counted).is_err());
        // Each entry of version 4 repeats the name before it.
        let mut bytes = index(4, 20, &["x"]);
        bytes.truncate(bytes.len() - 20);
        let first = [
            vec![1; STATS + 20],
            vec![0, 1, 1],
            vec![b'y'; 4_000],
            vec![0],
        ]
        .concat();
        bytes.extend(first);
        let again = [vec![1; STATS + 20], vec![0, 1, 0, 0]].concat();
        for _ in 0..100_000 {
            bytes.extend(&again);
        }
        bytes.extend([7; 20]);
        bytes[8..12].copy_from_slice(&100_002_u32.to_be_bytes());
        assert!(tracked(&bytes).is_err());
    }
}
