//! Which templates belong together: those that link each other, and their parameter files.
//!
//! A template is seldom deployed alone, and what one file leaves open another one settles. From the
//! templates that a scan picked out, links are followed down to the files that they name and up to
//! the files that name them, inside the repository only, whatever was named on the command line:
//! what was not named is read and never written. Knows how links are resolved to files; what a link
//! is, the caller says. Start at [`gather`].

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::num::NonZeroUsize;
use std::path::{Component, Path, PathBuf};

use regex::bytes::RegexBuilder;

use super::ignore_rules::repository_of;
use super::read::{ReadError, read, scan};
use super::source_file::SourceFile;
use super::walk::Selection;

/// The most files that are migrated together; links that lead further are not followed.
const MOST_FILES: usize = 1_000;

/// What a file is among those that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A template that was picked out: it may be edited.
    Picked,
    /// A template that is read for what it says about the others.
    Context,
    /// A parameter file of one of the templates, which is read only too.
    Parameters,
}

/// A file of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The file.
    pub file: SourceFile,
    /// What it is.
    pub role: Role,
}

/// What [`gather`] found.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Files that belong together, sorted by name; each picked file is in one set.
    pub sets: Vec<Vec<Member>>,
    /// What could not be read, sorted by path.
    pub errors: Vec<ReadError>,
}

/// Puts the `picked` files into sets with what belongs to them.
///
/// `linking` are the files of the scan that hold a link; more of them are looked for with
/// `is_linking` where `selection` leaves parts of a repository out. `links` gives the paths, relative
/// to the folder of the file, that a file may link to.
pub fn gather(
    selection: &Selection,
    threads: NonZeroUsize,
    picked: Vec<SourceFile>,
    linking: Vec<SourceFile>,
    is_linking: impl Fn(&[u8]) -> bool + Sync,
    links: impl Fn(&SourceFile, &[u8]) -> Vec<String> + Sync,
) -> Gathered {
    let mut errors = Vec::new();
    let mut neighbours = Neighbours::default();
    for file in picked {
        neighbours.add(file, Role::Picked);
    }
    if neighbours.members.is_empty() {
        return Gathered::default();
    }
    let mut above = linking;
    let roots = neighbours.roots_left_out(selection);
    if !roots.is_empty() {
        let outside = Selection {
            paths: roots,
            ..selection.clone()
        };
        let scan = scan(&outside, threads, |_, bytes| {
            is_linking(bytes).then_some(())
        });
        above.extend(scan.results.into_iter().map(|(file, ())| file));
        errors.extend(scan.errors);
    }
    neighbours.follow_down(&links, &mut errors);
    neighbours.follow_up(above, &links, &mut errors);
    neighbours.add_parameter_files();
    errors.sort_by(|one, other| one.path.cmp(&other.path));
    Gathered {
        sets: neighbours.into_sets(),
        errors,
    }
}

/// The files that belong to picked ones, and which of them belong together.
#[derive(Default)]
struct Neighbours {
    members: Vec<Member>,
    by_path: HashMap<PathBuf, usize>,
    /// Pairs of members, the first of which links the second.
    edges: BTreeSet<(usize, usize)>,
    /// How many members have had their links read.
    followed: usize,
}

impl Neighbours {
    /// The member that `file` is, in the stronger of its roles.
    fn add(&mut self, file: SourceFile, role: Role) -> usize {
        let path = file
            .path
            .canonicalize()
            .unwrap_or_else(|_| file.path.clone());
        let index = *self.by_path.entry(path).or_insert(self.members.len());
        if index == self.members.len() {
            self.members.push(Member { file, role });
        }
        index
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

    /// Adds what the members link, and what that links.
    fn follow_down(
        &mut self,
        links: &(impl Fn(&SourceFile, &[u8]) -> Vec<String> + Sync),
        errors: &mut Vec<ReadError>,
    ) {
        while let Some(member) = self.members.get(self.followed) {
            let from = self.followed;
            self.followed += 1;
            let file = member.file.clone();
            for linked in linked_files(&file, links, errors) {
                if self.members.len() >= MOST_FILES && self.find(&linked).is_none() {
                    continue;
                }
                let to = self.add(linked, Role::Context);
                self.edges.insert((from, to));
            }
        }
    }

    /// Adds the files among `above` that link a member, and what else they link.
    fn follow_up(
        &mut self,
        above: Vec<SourceFile>,
        links: &(impl Fn(&SourceFile, &[u8]) -> Vec<String> + Sync),
        errors: &mut Vec<ReadError>,
    ) {
        let mut left: BTreeMap<Vec<u8>, SourceFile> = above
            .into_iter()
            .filter(|file| self.find(file).is_none())
            .map(|file| (file.name.clone(), file))
            .collect();
        loop {
            let names = self.names();
            let candidates: Vec<Vec<u8>> = left
                .iter()
                .filter(|(_, file)| self.may_link(file, names.as_ref()))
                .map(|(name, _)| name.clone())
                .collect();
            let before = self.members.len();
            for name in candidates {
                let Some(file) = left.get(&name) else {
                    continue;
                };
                let linked = linked_files(file, links, errors);
                if linked.iter().any(|linked| self.find(linked).is_some())
                    && self.members.len() < MOST_FILES
                    && let Some(file) = left.remove(&name)
                {
                    self.add(file, Role::Context);
                }
            }
            if self.members.len() == before {
                return;
            }
            self.follow_down(links, errors);
        }
    }

    fn find(&self, file: &SourceFile) -> Option<usize> {
        let path = file.path.canonicalize().ok()?;
        self.by_path.get(&path).copied()
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
    fn may_link(&self, file: &SourceFile, names: Option<&regex::bytes::Regex>) -> bool {
        let around = file
            .path
            .parent()
            .and_then(|folder| folder.canonicalize().ok());
        let stands_around = around.is_some_and(|around| {
            let mut paths = self.by_path.keys();
            paths.any(|path| path.starts_with(&around))
        });
        stands_around
            || names.is_none_or(|names| read(&file.path).is_ok_and(|bytes| names.is_match(&bytes)))
    }

    /// Adds `x.parameters.json` and `x.parameters.*.json` beside each `x.json`.
    fn add_parameter_files(&mut self) {
        for index in 0..self.members.len() {
            let Some(member) = self.members.get(index) else {
                continue;
            };
            let template = member.file.clone();
            for name in parameter_files(&template.path) {
                let file = template.beside(&name);
                let to = self.add(file, Role::Parameters);
                self.edges.insert((index, to));
            }
        }
    }

    /// The members by what they belong to; what no picked file belongs to is left out.
    fn into_sets(self) -> Vec<Vec<Member>> {
        let mut set_of: Vec<usize> = (0..self.members.len()).collect();
        for (one, other) in &self.edges {
            let (one, other) = (smallest(&set_of, *one), smallest(&set_of, *other));
            if let Some(set) = set_of.get_mut(one.max(other)) {
                *set = one.min(other);
            }
        }
        let mut sets: BTreeMap<usize, Vec<Member>> = BTreeMap::new();
        for (index, member) in self.members.into_iter().enumerate() {
            sets.entry(smallest(&set_of, index))
                .or_default()
                .push(member);
        }
        let mut sets: Vec<Vec<Member>> = sets.into_values().collect();
        sets.retain(|set| set.iter().any(|member| member.role == Role::Picked));
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

/// The smallest member that `index` is joined to.
fn smallest(set_of: &[usize], index: usize) -> usize {
    let mut at = index;
    while let Some(up) = set_of.get(at).copied().filter(|up| *up != at) {
        at = up;
    }
    at
}

/// The repository of a file, or the folder that bounds it.
fn root_of(file: &SourceFile) -> &Path {
    repository_of(&file.root).unwrap_or(&file.root)
}

/// The files that a file links and that are there, inside its repository.
fn linked_files(
    file: &SourceFile,
    links: &impl Fn(&SourceFile, &[u8]) -> Vec<String>,
    errors: &mut Vec<ReadError>,
) -> Vec<SourceFile> {
    let bytes = match read(&file.path) {
        Ok(bytes) => bytes,
        Err(failure) => {
            errors.push(ReadError {
                path: file.path.clone(),
                failure,
            });
            return Vec::new();
        }
    };
    let paths: BTreeSet<String> = links(file, &bytes).into_iter().collect();
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

fn is_relative(path: &Path) -> bool {
    let mut parts = path.components();
    parts.all(|part| {
        matches!(
            part,
            Component::Normal(_) | Component::ParentDir | Component::CurDir
        )
    })
}

/// The names of the parameter files beside a template.
fn parameter_files(template: &Path) -> Vec<PathBuf> {
    let stem = template.file_stem().and_then(|stem| stem.to_str());
    let folder = match template.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let (Some(stem), Ok(entries)) = (stem, std::fs::read_dir(folder)) else {
        return Vec::new();
    };
    let start = format!("{stem}.parameters.").to_ascii_lowercase();
    let mut names: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.file_name()))
        .filter(|name| {
            let name = name.to_string_lossy().to_ascii_lowercase();
            name.starts_with(&start) && name.ends_with(".json")
        })
        .map(PathBuf::from)
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::workspace::scan;
    use crate::workspace::test_folder::folder_with;

    /// The sets of the files below `selected` that say `pick`.
    fn sets(base: &Path, selected: &[&str]) -> Vec<Vec<(String, Role)>> {
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
        let links = |_: &SourceFile, bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            text.lines().map(str::to_owned).collect()
        };
        let gathered = gather(&selection, threads, picked, linking, is_linking, links);
        assert!(gathered.errors.is_empty(), "{:?}", gathered.errors);
        let named = |member: Member| {
            let path = member.file.path.canonicalize().unwrap();
            let below = path.strip_prefix(base.canonicalize().unwrap()).unwrap();
            (below.to_string_lossy().into_owned(), member.role)
        };
        let sets = gathered.sets.into_iter();
        sets.map(|set| {
            let mut set: Vec<_> = set.into_iter().map(named).collect();
            set.sort();
            set
        })
        .collect()
    }

    fn context(name: &str) -> (String, Role) {
        (name.to_owned(), Role::Context)
    }

    fn picked(name: &str) -> (String, Role) {
        (name.to_owned(), Role::Picked)
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
            context("main.json"),
            context("nested/disk.json"),
            picked("nested/extension.json"),
            context("nested/machine.json"),
        ];
        let expected = vec![vec![picked("alone.json")], family];
        assert_eq!(sets(base.path(), &["."]), expected);
    }

    #[test]
    fn what_belongs_together_does_not_depend_on_what_was_named() {
        let base = folder_with(&LINKED);
        let whole = sets(base.path(), &["."]);
        assert_eq!(sets(base.path(), &["nested/extension.json"]), whole[1..]);
        assert_eq!(sets(base.path(), &["nested"]), whole[1..]);
    }

    #[test]
    fn files_outside_of_the_repository_are_not_read() {
        let base = folder_with(&[
            ("repository/.git/HEAD", ""),
            ("repository/main.json", "pick\n../secret.json"),
            ("secret.json", ""),
        ]);
        let expected = vec![vec![picked("repository/main.json")]];
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
        let parameters = |name: &str| (name.to_owned(), Role::Parameters);
        let with = vec![
            picked("a.json"),
            parameters("a.parameters.json"),
            parameters("a.parameters.test.json"),
        ];
        assert_eq!(sets(base.path(), &["."]), [with, vec![picked("b.json")]]);
    }

    #[test]
    fn links_in_a_circle_end() {
        let base = folder_with(&[("a.json", "pick\nb.json"), ("b.json", "a.json")]);
        let expected = vec![vec![picked("a.json"), context("b.json")]];
        assert_eq!(sets(base.path(), &["."]), expected);
    }
}
