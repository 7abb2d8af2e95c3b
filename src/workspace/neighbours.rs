//! Which templates belong together: those that link each other, and their parameter files.
//!
//! A template is seldom deployed alone, and what one file leaves open another one settles. From the
//! files that a scan picked out, links are followed down to the files that they name and up to the
//! files that name them, inside the repository only, whatever was named on the command line: what
//! was not selected is read and never written. Knows how links are resolved to files; what a link is,
//! the caller says. Start at [`gather`].

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::num::NonZeroUsize;
use std::path::{Component, Path, PathBuf};

use regex::bytes::RegexBuilder;

use super::ignore_rules::repository_of;
use super::read::{ReadError, read, scan};
use super::source_file::SourceFile;
use super::walk::{Selection, walk};
use crate::arm::{Companion, companion, template_of_parameter_file};

/// The most files that are migrated together; links that would join more are not followed.
const MOST_FILES: usize = 1_000;

/// A file of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The file.
    pub file: SourceFile,
    /// Its path without links, which links between files are resolved from.
    pub canonical: PathBuf,
    /// Whether the selection has it, so that it may be edited.
    pub selected: bool,
}

/// What [`gather`] found.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Files that belong together, sorted by name; each picked file is in one set.
    pub sets: Vec<Vec<Member>>,
    /// What could not be read, sorted by path.
    pub errors: Vec<ReadError>,
}

/// What is known of links in files.
pub struct Linking<M, L> {
    /// The files of the scan that may hold a link.
    pub files: Vec<SourceFile>,
    /// Whether a file with these bytes may hold one.
    pub may_link: M,
    /// The paths, relative to its folder, that a file may link to, given its canonical path and its
    /// bytes.
    pub links: L,
}

/// Puts the `picked` files of a scan of `selection` into sets with what belongs to them.
///
/// Where the selection leaves out parts of their repositories, these are scanned for files that link.
pub fn gather<M, L>(
    selection: &Selection,
    threads: NonZeroUsize,
    picked: Vec<SourceFile>,
    linking: Linking<M, L>,
) -> Gathered
where
    M: Fn(&[u8]) -> bool + Sync,
    L: Fn(&Path, &[u8]) -> Vec<String>,
{
    if picked.is_empty() {
        return Gathered::default();
    }
    let known: HashSet<Vec<u8>> = linking.files.iter().map(|file| file.name.clone()).collect();
    let mut neighbours = Neighbours::new(&linking.links);
    for file in picked {
        let holds_none = !known.contains(&file.name);
        let index = neighbours.add(file);
        if let Some(member) = neighbours.members.get_mut(index) {
            member.picked = true;
            member.holds_none = holds_none;
        }
    }
    let mut above = linking.files;
    let roots = neighbours.roots_left_out(selection);
    if !roots.is_empty() {
        let outside = Selection {
            paths: roots,
            ..selection.clone()
        };
        let scan = scan(&outside, threads, |_, bytes| {
            (linking.may_link)(bytes).then_some(())
        });
        above.extend(scan.results.into_iter().map(|(file, ())| file));
        neighbours.errors.extend(scan.errors);
    }
    neighbours.add_templates();
    neighbours.follow_down();
    neighbours.follow_up(above);
    neighbours.add_companions();
    let mut errors = std::mem::take(&mut neighbours.errors);
    errors.sort_by(|one, other| one.path.cmp(&other.path));
    let selected = neighbours.selected(selection);
    Gathered {
        sets: neighbours.into_sets(&selected),
        errors,
    }
}

/// A file that belongs to a picked one, or is one.
struct Neighbour {
    file: SourceFile,
    canonical: PathBuf,
    picked: bool,
    /// Whether it is known to hold no link.
    holds_none: bool,
}

/// The files that belong to picked ones, and which of them belong together.
struct Neighbours<'l, L> {
    links: &'l L,
    members: Vec<Neighbour>,
    by_path: HashMap<PathBuf, usize>,
    /// The folders that members stand in, and those around them.
    folders: HashSet<PathBuf>,
    sets: Sets,
    /// How many members have had their links read.
    followed: usize,
    errors: Vec<ReadError>,
}

impl<'l, L: Fn(&Path, &[u8]) -> Vec<String>> Neighbours<'l, L> {
    fn new(links: &'l L) -> Self {
        Self {
            links,
            members: Vec::new(),
            by_path: HashMap::new(),
            folders: HashSet::new(),
            sets: Sets::default(),
            followed: 0,
            errors: Vec::new(),
        }
    }

    /// The member that `file` is.
    fn add(&mut self, file: SourceFile) -> usize {
        let canonical = canonical(&file);
        if let Some(known) = self.by_path.get(&canonical) {
            return *known;
        }
        let index = self.members.len();
        for folder in canonical.ancestors().skip(1) {
            if !self.folders.insert(folder.to_path_buf()) {
                break;
            }
        }
        self.by_path.insert(canonical.clone(), index);
        self.members.push(Neighbour {
            file,
            canonical,
            picked: false,
            holds_none: false,
        });
        self.sets.add();
        index
    }

    /// Adds `file` to what the member at `index` belongs to.
    fn add_beside(&mut self, index: usize, file: SourceFile) {
        let other = self.add(file);
        self.sets.join(index, other);
    }

    /// The repositories of the members, or the folders named, as far as the selection does not walk
    /// them anyway.
    fn roots_left_out(&self, selection: &Selection) -> Vec<PathBuf> {
        let walked: HashSet<PathBuf> = selection
            .paths
            .iter()
            .filter_map(|path| path.canonicalize().ok())
            .collect();
        let roots: BTreeSet<&Path> = self
            .members
            .iter()
            .map(|member| root_of(&member.file))
            .filter(|root| !walked.contains(*root))
            .collect();
        roots.into_iter().map(Path::to_path_buf).collect()
    }

    /// Adds the templates of those members that are parameter files.
    fn add_templates(&mut self) {
        for index in 0..self.members.len() {
            let template = self.members.get(index).and_then(|member| {
                let name = member.file.path.file_name()?.to_str()?;
                let template = template_of_parameter_file(name)?;
                let file = member.file.beside(Path::new(&template));
                file.path.is_file().then_some(file)
            });
            if let Some(template) = template {
                self.add_beside(index, template);
            }
        }
    }

    /// Adds what the members link, and what that links.
    fn follow_down(&mut self) {
        while let Some(member) = self.members.get(self.followed) {
            let from = self.followed;
            self.followed += 1;
            if member.holds_none {
                continue;
            }
            let file = member.file.clone();
            for linked in self.linked_files(&file) {
                self.add_beside(from, linked);
            }
        }
    }

    /// Adds the files among `above` that link a member, and what else they link.
    fn follow_up(&mut self, above: Vec<SourceFile>) {
        let mut left: BTreeMap<Vec<u8>, SourceFile> = above
            .into_iter()
            .filter(|file| self.find(file).is_none())
            .map(|file| (file.name.clone(), file))
            .collect();
        loop {
            let names = self.names();
            let candidates: Vec<Vec<u8>> = left
                .iter()
                .filter(|(_, file)| self.may_name_a_member(file, names.as_ref()))
                .map(|(name, _)| name.clone())
                .collect();
            let before = self.members.len();
            for name in candidates {
                let Some(file) = left.get(&name).cloned() else {
                    continue;
                };
                let linked = self.linked_files(&file);
                if linked.iter().any(|linked| self.find(linked).is_some()) {
                    left.remove(&name);
                    self.add(file);
                }
            }
            if self.members.len() == before {
                return;
            }
            self.follow_down();
        }
    }

    fn find(&self, file: &SourceFile) -> Option<usize> {
        self.by_path.get(&canonical(file)).copied()
    }

    /// What finds the file name of a member in a text.
    fn names(&self) -> Option<regex::bytes::Regex> {
        let names: BTreeSet<String> = self
            .members
            .iter()
            .filter_map(|member| member.file.path.file_name()?.to_str())
            .map(regex::escape)
            .collect();
        let pattern = names.into_iter().collect::<Vec<_>>().join("|");
        let mut builder = RegexBuilder::new(&pattern);
        builder.case_insensitive(true).unicode(false).build().ok()
    }

    /// Whether the file names a member, or stands in a folder around one, so that it may make the
    /// name from parts.
    fn may_name_a_member(&self, file: &SourceFile, names: Option<&regex::bytes::Regex>) -> bool {
        let folder = canonical(file).parent().map(Path::to_path_buf);
        folder.is_some_and(|folder| self.folders.contains(&folder))
            || names.is_none_or(|names| read(&file.path).is_ok_and(|bytes| names.is_match(&bytes)))
    }

    /// Adds the files beside each member that give parameters to it.
    fn add_companions(&mut self) {
        for index in 0..self.members.len() {
            let Some(member) = self.members.get(index) else {
                continue;
            };
            let template = member.file.clone();
            for file in companions(&template) {
                self.add_beside(index, file);
            }
        }
    }

    /// The files that a file links and that are there, inside its repository.
    fn linked_files(&mut self, file: &SourceFile) -> Vec<SourceFile> {
        let bytes = match read(&file.path) {
            Ok(bytes) => bytes,
            Err(failure) => {
                self.errors.push(ReadError {
                    path: file.path.clone(),
                    failure,
                });
                return Vec::new();
            }
        };
        let paths: BTreeSet<String> = (self.links)(&canonical(file), &bytes).into_iter().collect();
        paths
            .iter()
            .filter(|path| is_relative(Path::new(path)))
            .map(|path| file.beside(Path::new(path)))
            .filter(|linked| {
                let inside = linked.path.canonicalize();
                linked.path.is_file() && inside.is_ok_and(|path| path.starts_with(root_of(file)))
            })
            .collect()
    }

    /// The canonical paths of the members that the selection has.
    fn selected(&self, selection: &Selection) -> HashSet<PathBuf> {
        let picked = self.members.iter().filter(|member| member.picked);
        let mut selected: HashSet<PathBuf> =
            picked.map(|member| member.canonical.clone()).collect();
        if selected.len() < self.members.len() {
            // What cannot be walked was told by the scan.
            walk(selection, None, |found| {
                let path = found.canonical_path();
                if self.by_path.contains_key(&path) {
                    selected.insert(path);
                }
                selected.len() < self.members.len()
            });
        }
        selected
    }

    /// The members by what they belong to; what no picked file belongs to is left out.
    fn into_sets(self, selected: &HashSet<PathBuf>) -> Vec<Vec<Member>> {
        let mut sets: BTreeMap<usize, (bool, Vec<Member>)> = BTreeMap::new();
        for (index, member) in self.members.into_iter().enumerate() {
            let (picked, set) = sets.entry(self.sets.of(index)).or_default();
            *picked |= member.picked;
            set.push(Member {
                selected: selected.contains(&member.canonical),
                file: member.file,
                canonical: member.canonical,
            });
        }
        let picked = sets.into_values().filter(|(picked, _)| *picked);
        let mut sets: Vec<Vec<Member>> = picked.map(|(_, set)| set).collect();
        for set in &mut sets {
            set.sort_by(|one, other| one.file.cmp(&other.file));
        }
        sets.sort_by(|one, other| {
            one.first()
                .map(|m| &m.file)
                .cmp(&other.first().map(|m| &m.file))
        });
        sets
    }
}

/// Which members belong together.
#[derive(Default)]
struct Sets {
    /// A smaller member of the same set, or itself.
    up: Vec<usize>,
    /// The size of the set, where it is its smallest member.
    sizes: Vec<usize>,
}

impl Sets {
    fn add(&mut self) {
        self.up.push(self.up.len());
        self.sizes.push(1);
    }

    /// The smallest member of the set.
    fn of(&self, index: usize) -> usize {
        let mut at = index;
        while let Some(up) = self.up.get(at).copied().filter(|up| *up != at) {
            at = up;
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.of(one), self.of(other));
        let (smaller, larger) = (one.min(other), one.max(other));
        let size = |index: usize| self.sizes.get(index).copied().unwrap_or_default();
        let together = size(smaller) + size(larger);
        if smaller == larger || together > MOST_FILES {
            return;
        }
        if let Some(up) = self.up.get_mut(larger) {
            *up = smaller;
        }
        if let Some(size) = self.sizes.get_mut(smaller) {
            *size = together;
        }
    }
}

fn canonical(file: &SourceFile) -> PathBuf {
    let resolved = file.path.canonicalize();
    resolved.unwrap_or_else(|_| file.path.clone())
}

/// The repository of a file, or the folder that bounds it.
fn root_of(file: &SourceFile) -> &Path {
    repository_of(&file.root).unwrap_or(&file.root)
}

fn is_relative(path: &Path) -> bool {
    let mut parts = path.components();
    parts.all(|part| {
        matches!(
            part,
            Component::Normal(_) | Component::ParentDir | Component::CurDir
        )
    })
}

/// The files beside a template that give parameters to it.
fn companions(template: &SourceFile) -> Vec<SourceFile> {
    let name = template.path.file_name().and_then(|name| name.to_str());
    let folder = match template.path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let (Some(name), Ok(entries)) = (name, std::fs::read_dir(folder)) else {
        return Vec::new();
    };
    let mut found: Vec<SourceFile> = entries
        .filter_map(|entry| {
            let beside = entry.ok()?.file_name();
            let companion = companion(&beside.to_string_lossy(), name)?;
            let file = template.beside(Path::new(&beside));
            // One for another template of the folder is no matter here.
            let names_it = || {
                read(&file.path).is_ok_and(|bytes| {
                    let mut parts = bytes.windows(name.len());
                    parts.any(|part| part.eq_ignore_ascii_case(name.as_bytes()))
                })
            };
            (file.path.is_file() && (companion != Companion::Bicep || names_it())).then_some(file)
        })
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::workspace::scan;
    use crate::workspace::test_folder::folder_with;

    /// The sets of the files below `selected` that say `pick`, each file with whether it is selected.
    fn sets(base: &Path, selected: &[&str]) -> Vec<Vec<(String, bool)>> {
        let selection = Selection {
            paths: selected.iter().map(|path| base.join(path)).collect(),
            hidden: false,
            respect_gitignore: true,
        };
        let threads = NonZeroUsize::MIN;
        let is_linking = |bytes: &[u8]| bytes.windows(5).any(|at| at == b".json");
        let scan = scan(&selection, threads, |_, bytes| {
            Some((bytes.starts_with(b"pick"), is_linking(bytes)))
        });
        let (mut picked, mut linking) = (Vec::new(), Vec::new());
        for (file, (is_picked, links)) in scan.results {
            if links {
                linking.push(file.clone());
            }
            if is_picked {
                picked.push(file);
            }
        }
        let linking = Linking {
            files: linking,
            may_link: is_linking,
            links: |_: &Path, bytes: &[u8]| {
                let text = String::from_utf8_lossy(bytes).into_owned();
                text.lines().map(str::to_owned).collect()
            },
        };
        let gathered = gather(&selection, threads, picked, linking);
        assert!(gathered.errors.is_empty(), "{:?}", gathered.errors);
        let named = |member: Member| {
            let path = member.file.path.canonicalize().unwrap();
            let below = path.strip_prefix(base.canonicalize().unwrap()).unwrap();
            (below.to_string_lossy().into_owned(), member.selected)
        };
        let sets = gathered.sets.into_iter();
        sets.map(|set| {
            let mut set: Vec<_> = set.into_iter().map(named).collect();
            set.sort();
            set
        })
        .collect()
    }

    fn selected(name: &str) -> (String, bool) {
        (name.to_owned(), true)
    }

    fn context(name: &str) -> (String, bool) {
        (name.to_owned(), false)
    }

    const LINKED: [(&str, &str); 7] = [
        (".git/HEAD", ""),
        ("main.json", "nested/extension.json\nnested/machine.json"),
        ("nested/extension.json", "pick"),
        ("nested/machine.json", "disk.json"),
        ("nested/disk.json", ""),
        ("other.json", "nested/absent.json\n../outside.json"),
        ("alone.json", "pick"),
    ];

    #[test]
    fn parents_siblings_and_what_they_link_belong_to_a_picked_file() {
        let base = folder_with(&LINKED);
        let family = vec![
            selected("main.json"),
            selected("nested/disk.json"),
            selected("nested/extension.json"),
            selected("nested/machine.json"),
        ];
        let expected = vec![vec![selected("alone.json")], family];
        assert_eq!(sets(base.path(), &["."]), expected);
    }

    #[test]
    fn what_belongs_together_does_not_depend_on_what_was_named() {
        let base = folder_with(&LINKED);
        let file = vec![
            context("main.json"),
            context("nested/disk.json"),
            selected("nested/extension.json"),
            context("nested/machine.json"),
        ];
        assert_eq!(sets(base.path(), &["nested/extension.json"]), [file]);
        let folder = vec![
            context("main.json"),
            selected("nested/disk.json"),
            selected("nested/extension.json"),
            selected("nested/machine.json"),
        ];
        assert_eq!(sets(base.path(), &["nested"]), [folder]);
    }

    #[test]
    fn files_outside_of_the_repository_are_not_read() {
        let base = folder_with(&[
            ("repository/.git/HEAD", ""),
            ("repository/main.json", "pick\n../secret.json"),
            ("secret.json", ""),
        ]);
        let expected = vec![vec![selected("repository/main.json")]];
        assert_eq!(sets(base.path(), &["repository"]), expected);
    }

    #[test]
    fn parameter_files_stand_beside_their_template() {
        let base = folder_with(&[
            ("a.json", "pick"),
            ("a.parameters.json", ""),
            ("a.parameters.test.json", ""),
            ("ab.parameters.json", ""),
            ("b.json", "pick"),
        ]);
        let with = vec![
            selected("a.json"),
            selected("a.parameters.json"),
            selected("a.parameters.test.json"),
        ];
        assert_eq!(sets(base.path(), &["."]), [with, vec![selected("b.json")]]);
    }

    #[test]
    fn a_parameter_file_that_is_picked_brings_its_template() {
        let base = folder_with(&[
            ("a.json", "b.json"),
            ("a.parameters.test.json", "pick"),
            ("b.json", ""),
        ]);
        let expected = vec![
            context("a.json"),
            selected("a.parameters.test.json"),
            context("b.json"),
        ];
        assert_eq!(sets(base.path(), &["a.parameters.test.json"]), [expected]);
    }

    #[test]
    fn links_in_a_circle_end() {
        let base = folder_with(&[("a.json", "pick\nb.json"), ("b.json", "a.json")]);
        let expected = vec![vec![selected("a.json"), selected("b.json")]];
        assert_eq!(sets(base.path(), &["."]), expected);
    }
}
