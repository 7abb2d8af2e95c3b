//! Which configuration is for which file: the nearest one upward in its repository.
//!
//! Each folder is asked once. One that cannot be read stops what it is for, and nothing else. Start at
//! [`Configs`].

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::bounded_read::{LARGEST_RULES, read_named_rules};
use super::config::{CONFIG_NAME, Config, ConfigError};
use super::source_file::{SourceFile, folder_of};
use super::tree::Tree;

/// The configurations of a run.
#[derive(Clone, Debug, Default)]
pub struct Configs {
    source: ConfigSource,
    /// What is known of folders, and what was wrong.
    found: Arc<Mutex<FoundConfigs>>,
}

#[derive(Clone, Debug, Default)]
enum ConfigSource {
    /// There is none, whatever files there are.
    #[default]
    Isolated,
    /// This one for all files.
    Named(Arc<Config>),
    /// The nearest one upward in this tree.
    Nearest(Tree),
}

#[derive(Debug, Default)]
struct FoundConfigs {
    /// By canonical paths, which need no comparing part by part; `None` where there is one that cannot
    /// be taken.
    of_folder: HashMap<OsString, Option<Arc<Config>>>,
    errors: BTreeSet<ConfigError>,
}

impl Configs {
    /// The nearest file upward for each file.
    pub fn nearest(tree: Tree) -> Self {
        Self {
            source: ConfigSource::Nearest(tree),
            ..Self::default()
        }
    }

    /// The file at `path` for all files. Its globs are relative to the canonical
    /// `tree`, or else to its folder.
    ///
    /// # Errors
    /// Why that is no configuration.
    pub fn from_file(path: &Path, tree: Option<&Path>) -> Result<Self, ConfigError> {
        let unreadable = |error: io::Error| ConfigError::Unreadable {
            path: path.to_path_buf(),
            why: error.to_string(),
        };
        let home = folder_of(path).canonicalize().map_err(unreadable)?;
        let text = read_named_rules(path).map_err(unreadable)?;
        let config = Config::parse(path, tree.unwrap_or(&home), text)?;
        Ok(Self {
            source: ConfigSource::Named(Arc::new(Config { home, ..config })),
            ..Self::default()
        })
    }

    /// The configuration for what is in the canonical `folder`, which is an empty one where there is no
    /// file; `None` where that cannot be taken. Outside of repositories none is looked for above `top`.
    pub fn of_folder(&self, folder: &Path, top: &Path) -> Option<Arc<Config>> {
        match &self.source {
            ConfigSource::Isolated => Some(Arc::default()),
            ConfigSource::Named(config) => Some(Arc::clone(config)),
            ConfigSource::Nearest(tree) => self.found().of_folder(tree, folder, top),
        }
    }

    /// The configuration for a file, as [`Configs::of_folder`].
    pub fn of_file(&self, file: &SourceFile) -> Option<Arc<Config>> {
        let folder = file.canonical.parent().unwrap_or(&file.canonical);
        self.of_folder(folder, &file.root)
    }

    /// Why files that were come by are no configurations.
    pub fn errors(&self) -> Vec<ConfigError> {
        self.found().errors.iter().cloned().collect()
    }

    /// Those that were come by, by their paths.
    pub fn all(&self) -> Vec<Arc<Config>> {
        if let ConfigSource::Named(config) = &self.source {
            return vec![Arc::clone(config)];
        }
        let found = self.found();
        let found = found.of_folder.values().flatten();
        let files: BTreeMap<&Path, &Arc<Config>> = found
            .filter(|config| config.is_file())
            .map(|config| (config.path.as_path(), config))
            .collect();
        files.into_values().cloned().collect()
    }

    fn found(&self) -> MutexGuard<'_, FoundConfigs> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FoundConfigs {
    fn of_folder(&mut self, tree: &Tree, folder: &Path, top: &Path) -> Option<Arc<Config>> {
        let mut asked = Vec::new();
        let mut config = Some(Arc::default());
        for at in folder.ancestors() {
            if let Some(known) = self.of_folder.get(at.as_os_str()) {
                config = known.clone();
                break;
            }
            asked.push(at.as_os_str().to_owned());
            if let Some(found) = self.in_folder(tree, at) {
                config = found;
                break;
            }
            if at.as_os_str() == top.as_os_str() && tree.repository_of(at).is_none()
                || tree.holds_repository(at)
            {
                break;
            }
        }
        let asked = asked.into_iter().map(|folder| (folder, config.clone()));
        self.of_folder.extend(asked);
        config
    }

    /// The file in one folder, if there is one.
    fn in_folder(&mut self, tree: &Tree, folder: &Path) -> Option<Option<Arc<Config>>> {
        let path = folder.join(CONFIG_NAME);
        let text = match tree.read_plain(&path, LARGEST_RULES) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            // In a folder that cannot be searched there may be none, and nothing else is read either.
            Err(_) if matches!(tree, Tree::Disk) && path.symlink_metadata().is_err() => {
                return None;
            }
            Err(error) => {
                let why = error.to_string();
                self.errors.insert(ConfigError::Unreadable { path, why });
                return Some(None);
            }
        };
        match Config::parse(&path, folder, text) {
            Ok(config) => Some(Some(Arc::new(config))),
            Err(error) => {
                self.errors.insert(error);
                Some(None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_folder::folder_with;
    use super::*;

    #[test]
    fn the_nearest_file_upward_in_the_repository_counts() {
        let base = folder_with(&[
            ("msi2imds.toml", "exclude = ['outside']"),
            ("repo/.git/HEAD", ""),
            ("repo/msi2imds.toml", "exclude = ['outer']"),
            ("repo/a/msi2imds.toml", "exclude = ['inner']"),
            ("repo/a/b/x", ""),
            ("repo/c/x", ""),
            ("repo/sub/.git/HEAD", ""),
            ("plain/d/x", ""),
            ("repo/broken/msi2imds.toml", "exclude = 1"),
            ("repo/broken/in/x", ""),
        ]);
        let root = base.path().canonicalize().unwrap();
        let configs = Configs::nearest(Tree::Disk);
        let excluded = |folder: &str, top: &str| {
            let config = configs.of_folder(&root.join(folder), &root.join(top))?;
            let exclude = config.settings.exclude.clone();
            Some(exclude.unwrap_or_default().join(","))
        };
        let found = |text: &str| Some(text.to_owned());
        assert_eq!(excluded("repo/a/b", "repo/a/b"), found("inner"));
        assert_eq!(excluded("repo/c", "repo/c"), found("outer"));
        assert_eq!(excluded("repo", "repo"), found("outer"));
        assert_eq!(excluded("repo/sub", "repo"), found(""));
        // Without a repository nothing above what was named counts.
        assert_eq!(excluded("plain/d", "plain"), found(""));
        assert_eq!(excluded("repo/broken/in", "repo"), None);
        let errors = configs.errors();
        assert_eq!(errors.len(), 1);
        assert!(
            errors[0].to_string().contains("msi2imds.toml:1:11"),
            "{errors:?}"
        );
        assert_eq!(configs.all().len(), 2);
        let isolated = Configs::default().of_folder(&root.join("repo"), &root);
        assert!(!isolated.unwrap().is_file());
        let named = Configs::from_file(&root.join("msi2imds.toml"), None).unwrap();
        let config = named.of_folder(&root.join("repo/a"), &root).unwrap();
        assert_eq!(
            config.settings.exclude.as_deref(),
            Some(&["outside".to_owned()][..])
        );
        assert!(Configs::from_file(&root.join("absent.toml"), None).is_err());
    }
}
