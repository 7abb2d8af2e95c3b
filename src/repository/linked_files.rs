//! Which templates belong together: those that link each other, and their parameter files.
//!
//! A template is seldom deployed alone, and what one file leaves open another one settles. From the
//! files that a scan picked out, links are followed down to the files that they name and up to the
//! files that name them, inside the repository only, whatever was named on the command line: what
//! was not selected is read and never written. Knows how links are resolved to files; what a link is,
//! the caller says. Start at [`gather`].

#[cfg(test)]
mod tests;
mod union_find;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Component, Path, PathBuf};

use self::union_find::Unions;
use super::config_lookup::Configs;
use super::mentioned_names::{MentionIndex, Mentions};
use super::parameter_files::Companions;
use super::read::ReadError;
use super::read_sets::{Loaded, SetMember, visit_sets};
use super::scan::scan;
use super::selection::Selection;
use super::source_file::SourceFile;
use super::tree::Tree;
use super::walk::filter_walked;
use crate::arm::template_of_parameter_file;

/// What [`gather`] found.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Files that belong together, sorted by name; each picked file is in one set.
    pub sets: Vec<Vec<SetMember>>,
    /// What could not be read, sorted by path.
    pub errors: Vec<ReadError>,
}

impl Gathered {
    /// A file that nothing belongs to, if it is wanted.
    pub fn alone(file: Option<(SourceFile, Seen)>) -> Self {
        let picked = file.filter(|(_, seen)| seen.picked);
        let set = picked.map(|(file, _)| vec![SetMember::new(file, true)]);
        Self {
            sets: set.into_iter().collect(),
            errors: Vec::new(),
        }
    }
}

/// What a scan saw in a file.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Whether the file is wanted with what belongs to it.
    pub picked: bool,
    /// What it mentions, where it may hold a link.
    pub mentions: Option<Mentions>,
    /// The paths, relative to its folder, that it may link to, where they were read at once.
    pub links: Option<Vec<String>>,
}

/// What is known of links in files.
pub struct Linking<S, L> {
    /// What is seen in a file, given it and its bytes, if there is anything.
    pub seen: S,
    /// The paths, relative to its folder, that a file may link to, given the file and its bytes.
    pub links: L,
}

/// Puts the picked files of a scan of `selection` into sets with what belongs to them.
///
/// Where the selection leaves out parts of their repositories, these are scanned for files that link.
pub fn gather<S, L>(
    selection: &Selection,
    threads: NonZeroUsize,
    scanned: Vec<(SourceFile, Seen)>,
    linking: Linking<S, L>,
) -> Gathered
where
    S: Fn(&SourceFile, &[u8]) -> Option<Seen> + Sync,
    L: Fn(&SourceFile, &[u8]) -> Vec<String> + Sync,
{
    let mut neighbours = Neighbours::new(&selection.tree, &linking.links, threads);
    let mut above = neighbours.sort(scanned, true);
    let roots = neighbours.roots_left_out(selection);
    if !roots.is_empty() {
        let outside = Selection {
            paths: roots,
            listed: Vec::new(),
            // What was not to be read for itself may say something of what was.
            globs: selection.globs.clone().without_includes(),
            // Nor does its configuration count, as long as nothing is done there.
            configs: Configs::default(),
            ..selection.clone()
        };
        // What cannot be read there is no matter of what was named.
        let scan = scan(&outside, threads, linking.seen);
        above.extend(neighbours.sort(scan.results, false));
    }
    if neighbours.members.is_empty() {
        return Gathered::default();
    }
    neighbours.add_templates();
    neighbours.follow_down();
    neighbours.follow_up(above);
    neighbours.add_companions();
    let mut errors = std::mem::take(&mut neighbours.errors);
    errors.sort_by(|one, other| one.path.cmp(&other.path));
    let selected = neighbours.select_members(selection);
    Gathered {
        sets: neighbours.into_sets(&selected),
        errors,
    }
}

/// A file that belongs to a picked one, or is one.
struct Neighbour {
    file: SourceFile,
    picked: bool,
    /// Whether it has been picked by itself, though it was not named.
    seed: bool,
    /// What it links, where that was read already.
    linked: Option<Vec<SourceFile>>,
}

/// The files that belong to picked ones, and which of them belong together.
struct Neighbours<'l, L> {
    tree: &'l Tree,
    links: &'l L,
    /// On how many threads files are read.
    threads: NonZeroUsize,
    members: Vec<Neighbour>,
    by_path: HashMap<PathBuf, usize>,
    /// The folders that members are in, and those around them.
    folders: HashSet<PathBuf>,
    /// Those of them that were not looked at yet.
    new_folders: Vec<PathBuf>,
    /// The repository of each [`SourceFile::root`], or the root itself.
    repositories: HashMap<PathBuf, PathBuf>,
    sets: Unions,
    /// How many members have had their links read.
    followed: usize,
    errors: Vec<ReadError>,
}

impl<'l, L: Fn(&SourceFile, &[u8]) -> Vec<String> + Sync> Neighbours<'l, L> {
    fn new(tree: &'l Tree, links: &'l L, threads: NonZeroUsize) -> Self {
        Self {
            tree,
            links,
            threads,
            members: Vec::new(),
            by_path: HashMap::new(),
            folders: HashSet::new(),
            new_folders: Vec::new(),
            repositories: HashMap::new(),
            sets: Unions::default(),
            followed: 0,
            errors: Vec::new(),
        }
    }

    /// Adds what a scan picked, and gives the rest that may link. `named` is whether the scan was of what
    /// was named.
    fn sort(
        &mut self,
        scanned: Vec<(SourceFile, Seen)>,
        named: bool,
    ) -> Vec<(SourceFile, Mentions)> {
        let mut above = Vec::new();
        for (file, seen) in scanned {
            if seen.picked {
                let links = match seen.mentions {
                    Some(_) => seen.links,
                    None => Some(Vec::new()),
                };
                self.add_picked(file, links, named);
            } else if let Some(mentions) = seen.mentions {
                above.push((file, mentions));
            }
        }
        above
    }

    fn add_picked(&mut self, file: SourceFile, links: Option<Vec<String>>, named: bool) {
        if !named && self.by_path.contains_key(&file.canonical) {
            return;
        }
        let linked = links.map(|links| self.linked_files(&file, links));
        let index = self.add(file);
        if let Some(member) = self.members.get_mut(index) {
            (member.picked, member.seed) = (named, !named);
            member.linked = linked;
        }
    }

    /// The member that `file` is.
    fn add(&mut self, file: SourceFile) -> usize {
        if let Some(known) = self.by_path.get(&file.canonical) {
            return *known;
        }
        let index = self.members.len();
        for folder in file.canonical.ancestors().skip(1) {
            if !self.folders.insert(folder.to_path_buf()) {
                break;
            }
            self.new_folders.push(folder.to_path_buf());
        }
        self.by_path.insert(file.canonical.clone(), index);
        self.members.push(Neighbour {
            file,
            picked: false,
            seed: false,
            linked: None,
        });
        self.sets.add();
        index
    }

    /// Adds `file` to what the member at `index` belongs to.
    fn add_beside(&mut self, index: usize, file: SourceFile) {
        let other = self.add(file);
        self.sets.join(index, other);
    }

    /// The repositories of what is selected, as far as the selection does not walk them anyway. Outside
    /// of repositories what was named has no neighbours but those that it names and those beside it.
    fn roots_left_out(&mut self, selection: &Selection) -> Vec<PathBuf> {
        // A walk that leaves files out by their names has not seen all that may link.
        let whole = !selection.globs.has_includes();
        let named = selection.paths.iter().chain(&selection.listed);
        let named: Vec<PathBuf> = named
            .filter_map(|path| self.tree.canonicalize(path).ok())
            .collect();
        let walked: HashSet<&PathBuf> = named.iter().filter(|_| whole).collect();
        let members = self.members.iter().map(|member| &member.file.root);
        let folders: HashSet<&Path> = named
            .iter()
            .map(|path| match self.tree.is_folder(path) {
                true => path.as_path(),
                false => path.parent().unwrap_or(path),
            })
            .chain(members.map(PathBuf::as_path))
            .collect();
        let folders = folders.into_iter();
        let repositories: BTreeSet<&Path> = folders
            .filter_map(|folder| self.tree.repository_of(folder))
            .collect();
        let left_out = repositories.into_iter().map(Path::to_path_buf);
        left_out.filter(|root| !walked.contains(root)).collect()
    }

    /// The repository of the files with this root, or the root, which bounds them then.
    fn repository(&mut self, root: &Path) -> PathBuf {
        if let Some(known) = self.repositories.get(root) {
            return known.clone();
        }
        let repository = self.tree.repository_of(root);
        let repository = repository.unwrap_or(root).to_path_buf();
        self.repositories
            .insert(root.to_path_buf(), repository.clone());
        repository
    }

    /// Adds the templates of those members that are parameter files.
    fn add_templates(&mut self) {
        for index in 0..self.members.len() {
            let template = self.members.get(index).and_then(|member| {
                let name = member.file.path.file_name()?.to_str()?;
                let template = template_of_parameter_file(name)?;
                self.tree.beside(&member.file, Path::new(&template))
            });
            let Some(template) = template else {
                continue;
            };
            if template
                .canonical
                .starts_with(self.repository(&template.root))
            {
                self.add_beside(index, template);
            }
        }
    }

    /// Adds what the members link, and what that links.
    fn follow_down(&mut self) {
        while let Some(member) = self.members.get_mut(self.followed) {
            let from = self.followed;
            self.followed += 1;
            let (file, linked) = (member.file.clone(), member.linked.take());
            for linked in linked.unwrap_or_else(|| self.read_links(&file)) {
                self.add_beside(from, linked);
            }
        }
    }

    /// Adds the files among `above` that link a member, and what else they link.
    ///
    /// Each round looks at what the last one added: a chain of links is as many rounds as it is long.
    fn follow_up(&mut self, above: Vec<(SourceFile, Mentions)>) {
        let mut above: Vec<(SourceFile, Mentions)> = above
            .into_iter()
            .filter(|(file, _)| !self.by_path.contains_key(&file.canonical))
            .collect();
        above.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
        let index = MentionIndex::of(above.iter().map(|(_, mentions)| mentions));
        // A file around a member may make its name from parts.
        let mut by_folder: HashMap<&Path, Vec<usize>> = HashMap::new();
        for (place, (file, _)) in above.iter().enumerate() {
            if let Some(folder) = file.canonical.parent() {
                by_folder.entry(folder).or_default().push(place);
            }
        }
        let mut unread: BTreeSet<usize> = (0..above.len()).collect();
        let mut linked_by: HashMap<PathBuf, Vec<usize>> = HashMap::new();
        let mut links: HashMap<usize, Vec<SourceFile>> = HashMap::new();
        let mut names: HashSet<OsString> = HashSet::new();
        let mut looked_at = 0;
        loop {
            let mut candidates = BTreeSet::new();
            let mut linking = BTreeSet::new();
            for folder in std::mem::take(&mut self.new_folders) {
                candidates.extend(by_folder.remove(folder.as_path()).unwrap_or_default());
            }
            for member in self.members.get(looked_at..).unwrap_or_default() {
                linking.extend(
                    linked_by
                        .remove(&member.file.canonical)
                        .into_iter()
                        .flatten(),
                );
                let name = member.file.path.file_name().unwrap_or_default();
                if names.insert(name.to_owned()) {
                    candidates.extend(index.of_name(name.as_encoded_bytes()));
                }
            }
            looked_at = self.members.len();
            candidates.retain(|place| unread.remove(place));
            for (place, linked) in self.read_candidates(&candidates, &above) {
                for file in &linked {
                    match self.by_path.contains_key(&file.canonical) {
                        true => _ = linking.insert(place),
                        false => {
                            let by = linked_by.entry(file.canonical.clone());
                            by.or_default().push(place);
                        }
                    }
                }
                links.insert(place, linked);
            }
            for place in linking {
                let linked = links.remove(&place);
                if let (Some(linked), Some((file, _))) = (linked, above.get(place)) {
                    let index = self.add(file.clone());
                    if let Some(member) = self.members.get_mut(index) {
                        member.linked = Some(linked);
                    }
                }
            }
            if self.followed == self.members.len() {
                return;
            }
            self.follow_down();
        }
    }

    /// Reads what the candidates link, on several threads: there may be many. What cannot be read links
    /// nothing.
    fn read_candidates(
        &mut self,
        candidates: &BTreeSet<usize>,
        above: &[(SourceFile, Mentions)],
    ) -> Vec<(usize, Vec<SourceFile>)> {
        let files = candidates.iter().filter_map(|place| above.get(*place));
        let unread = files.map(|(file, _)| vec![SetMember::new(file.clone(), false)]);
        let (read, errors) = visit_sets(self.tree, unread.collect(), self.threads, None, |files| {
            let Loaded { member, bytes } = files.into_iter().next()?;
            let links = (self.links)(&member.file, &bytes);
            Some((member.file, links))
        });
        self.errors.extend(errors);
        let mut all = Vec::new();
        for (file, links) in read.into_iter().flatten() {
            let place = above.binary_search_by(|(other, _)| other.name.cmp(&file.name));
            let linked = self.linked_files(&file, links);
            all.extend(place.ok().map(|place| (place, linked)));
        }
        all
    }

    /// Adds the files beside each member that give parameters to it.
    fn add_companions(&mut self) {
        let mut companions = Companions::new(self.tree);
        for index in 0..self.members.len() {
            let Some(member) = self.members.get(index) else {
                continue;
            };
            let template = member.file.clone();
            let repository = self.repository(&template.root);
            for file in companions.of(&template, &repository) {
                self.add_beside(index, file);
            }
        }
    }

    /// Reads what a file links.
    fn read_links(&mut self, file: &SourceFile) -> Vec<SourceFile> {
        match self.tree.read(file) {
            Ok(bytes) => self.linked_files(file, (self.links)(file, &bytes)),
            Err(failure) => {
                self.errors.push(ReadError::new(&file.path, failure));
                Vec::new()
            }
        }
    }

    /// The files at the paths that a file links, as far as they are there and inside its repository.
    fn linked_files(&mut self, file: &SourceFile, links: Vec<String>) -> Vec<SourceFile> {
        if links.is_empty() {
            return Vec::new();
        }
        let repository = self.repository(&file.root);
        let paths: BTreeSet<String> = links.into_iter().collect();
        let paths = paths.iter().map(Path::new);
        paths
            .filter(|path| is_relative(path))
            .filter_map(|path| self.tree.beside(file, path))
            .filter(|linked| linked.canonical.starts_with(&repository))
            .collect()
    }

    /// For each member, whether the selection has it.
    fn select_members(&self, selection: &Selection) -> Vec<bool> {
        let members = self.members.iter();
        // The scan came by what it picked.
        let others = members.filter(|member| !member.picked);
        let walked = filter_walked(
            selection,
            others.map(|member| member.file.canonical.as_path()),
        );
        let is_selected =
            |member: &Neighbour| member.picked || walked.contains(member.file.canonical.as_path());
        self.members.iter().map(is_selected).collect()
    }

    /// The members by what they belong to; what no picked file belongs to is left out.
    fn into_sets(mut self, selected: &[bool]) -> Vec<Vec<SetMember>> {
        let mut sets: BTreeMap<usize, (bool, Vec<SetMember>)> = BTreeMap::new();
        for (index, member) in self.members.into_iter().enumerate() {
            let smallest = self.sets.of(index);
            let (picked, set) = sets.entry(smallest).or_default();
            *picked |= member.picked || member.seed;
            set.push(SetMember {
                selected: selected.get(index).copied().unwrap_or_default(),
                is_cut: self.sets.is_cut(smallest),
                file: member.file,
            });
        }
        let has_selected = |set: &[SetMember]| set.iter().any(|member| member.selected);
        let picked = sets.into_values().filter(|(picked, _)| *picked);
        let sets = picked.map(|(_, set)| set);
        let mut sets: Vec<Vec<SetMember>> = sets.filter(|set| has_selected(set)).collect();
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

fn is_relative(path: &Path) -> bool {
    let mut parts = path.components();
    parts.all(|part| {
        matches!(
            part,
            Component::Normal(_) | Component::ParentDir | Component::CurDir
        )
    })
}
