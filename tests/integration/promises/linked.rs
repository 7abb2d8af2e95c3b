//! Nested templates in files of their own, which are linked: what becomes of them must be what becomes
//! of them where they stand in their deployments.
//!
//! That is checked by itself, elsewhere. Start at [`Case`].

use msi2imds::migrate::{Migration, Options, Source, migrate, migrate_together};

use super::author;
use super::build;
use super::naming;
use super::plan::Plan;
use super::promises::described;
use super::removal;
use super::style::Style;
use super::template::Template;
use super::tree::{Tree, object, text};

/// A template with nested ones, and what became of it in one file and in several.
pub(crate) struct Case {
    template: Template,
    source: Vec<u8>,
    inline: Migration,
    files: Vec<(String, Vec<u8>)>,
    linked: Vec<Migration>,
}

impl Case {
    /// All nested templates must have scopes of their own.
    pub(crate) fn new(plan: &Plan, style: &Style) -> Self {
        let template = author::template(plan);
        let tree = build::tree(&template);
        let source = style.render(&tree);
        let inline = migrate(&source, &Options::default());
        let files = apart(&template, &tree).into_iter();
        let files: Vec<(String, Vec<u8>)> = files
            .map(|(path, tree)| (path, style.render(&tree)))
            .collect();
        let sources = files.iter().map(|(path, bytes)| Source {
            path,
            bytes,
            selected: true,
            waivers: &[],
        });
        let sources: Vec<Source<'_>> = sources.collect();
        let linked = migrate_together(&sources, &Options::default());
        Self {
            template,
            source,
            inline,
            files,
            linked,
        }
    }

    /// What is wrong, with the texts.
    pub(crate) fn described(&self, what: &str) -> String {
        let files = self.files.iter().zip(&self.linked);
        let files = files.map(|((path, bytes), migration)| described(path, bytes, migration));
        let inline = described("inline", &self.source, &self.inline);
        format!("{what}\n{}\n{inline}", files.collect::<String>())
    }

    /// Compares both; says how many of the linked files are changed.
    pub(crate) fn check(&self) -> Result<usize, String> {
        let after = result(&self.source, &self.inline)?;
        let expected = apart(&self.template, &after);
        let mut changed = 0;
        for (((path, bytes), migration), (_, expected)) in
            self.files.iter().zip(&self.linked).zip(&expected)
        {
            if result(bytes, migration)? != *expected {
                return Err(format!("{path} is not what it is inline"));
            }
            let fixed = migration.fixed.as_ref();
            let is_changed = fixed.is_some_and(|fixed| fixed.bytes != *bytes);
            changed += usize::from(is_changed && path != "main.json");
        }
        let linked = self.linked.iter().flat_map(verdicts);
        let mut linked: Vec<String> = linked.collect();
        let mut inline = verdicts(&self.inline);
        linked.sort();
        inline.sort();
        match linked == inline {
            true => Ok(changed),
            false => Err(format!("{linked:?} is said, and inline {inline:?}")),
        }
    }
}

/// The value afterwards.
fn result(source: &[u8], migration: &Migration) -> Result<Tree, String> {
    match (&migration.fault, &migration.fixed) {
        (Some(fault), _) => Err(format!("the gate refused: {fault}")),
        (None, Some(fixed)) => Ok(Tree::parse(&fixed.bytes)),
        (None, None) => Ok(Tree::parse(source)),
    }
}

/// What is said, without where.
fn verdicts(migration: &Migration) -> Vec<String> {
    let findings = migration.findings.iter();
    findings
        .map(|finding| format!("{} {:?}", finding.rule.id, finding.fix))
        .collect()
}

/// The values of the files, of which the first has the root.
fn apart(template: &Template, tree: &Tree) -> Vec<(String, Tree)> {
    let mut files = vec![("main.json".to_owned(), tree.clone())];
    let mut nested = Vec::new();
    let resources = tree.get("resources").unwrap().elements().iter();
    let resources = resources.map(|resource| {
        let index = removal::index(&template.root, None, resource).unwrap();
        if !template.nested.contains_key(&index) {
            return resource.clone();
        }
        let path = format!("nested/{}.json", naming::letter(index));
        let inside = resource.at(&["properties", "template"]).unwrap();
        nested.push((path.clone(), inside.clone()));
        resource.with("properties", |_| {
            object([
                ("mode", text("Incremental")),
                ("templateLink", object([("relativePath", text(path))])),
            ])
        })
    });
    let resources = Tree::List(resources.collect());
    files[0].1 = tree.with("resources", |_| resources);
    files.extend(nested);
    files
}
