//! One generated file, and whether the product keeps its promises for it. Start at [`Case`].

use std::collections::BTreeSet;

use msi2imds::migrate::{Fixed, Migration, Options, migrate};
use msi2imds::rules::Fix;
use msi2imds::text::{apply, unified_diff, unified_diff_of_edits};

use super::author;
use super::build;
use super::comments;
use super::graph::Names;
use super::guise::Guise;
use super::orphans;
use super::part::{PartCheck, located};
use super::patch::patched;
use super::plan::Plan;
use super::removal::{self, AllGone, LISTS};
use super::style::Style;
use super::tally::Tally;
use super::template::Template;
use super::tree::Tree;
use super::untouched;

/// A template and what became of it.
pub(crate) struct Case {
    template: Template,
    tree: Tree,
    guise: Guise,
    source: Vec<u8>,
    migration: Migration,
}

impl Case {
    pub(crate) fn new(plan: &Plan, style: &Style, guise: Guise) -> Self {
        let mut template = author::template(plan);
        guise.prepare(&mut template);
        let tree = build::tree(&template);
        let source = style.render(&guise.on(&template, &tree));
        let migration = migrate(&source, &Options::default());
        Self {
            template,
            tree,
            guise,
            source,
            migration,
        }
    }

    /// What is wrong, with the texts.
    pub(crate) fn described(&self, what: &str) -> String {
        described(what, &self.source, &self.migration)
    }

    pub(crate) fn check(&self) -> Result<Tally, String> {
        let old = Tree::parse(&self.source);
        if old != self.guise.on(&self.template, &self.tree)
            || self.guise.off(&self.template, &old)? != self.tree
        {
            return Err("the text is not the value it was made from".into());
        }
        if let Some(fault) = &self.migration.fault {
            return Err(format!("the gate refused: {fault}"));
        }
        if self.declares_twice() {
            return Ok(Tally::default());
        }
        let new = match &self.migration.fixed {
            Some(fixed) => {
                self.bytes(fixed)?;
                self.guise.off(&self.template, &Tree::parse(&fixed.bytes))?
            }
            None => self.tree.clone(),
        };
        let mut gone = AllGone::new();
        let mut left = (0, 0);
        for (home, part) in self.parts(&new)? {
            part.meaning_and_text_agree()?;
            part.check().map_err(|what| match home {
                None => what,
                Some(at) => format!("{what}, in deployment {at}"),
            })?;
            let (resources, entries) = part.left();
            left = (left.0 + resources, left.1 + entries);
            gone.insert(home, part.gone);
        }
        self.values(&new, &gone)?;
        self.findings(left)?;
        Ok(self.tally(&gone, left))
    }

    /// Whether two templates happen to declare one resource, whose meaning is not that of either.
    fn declares_twice(&self) -> bool {
        let root = Names::new(&self.template.root, &BTreeSet::new());
        let mut nested = self.template.nested.values();
        nested.any(|part| Names::new(part, &BTreeSet::new()).shares_an_id(&root))
    }

    /// The root and the nested templates, by their deployments.
    fn parts<'c>(&'c self, new: &'c Tree) -> Result<Vec<(Option<usize>, PartCheck<'c>)>, String> {
        let root = PartCheck::new(&self.template.root, &self.template, &self.tree, new)?;
        let mut parts = vec![(None, root)];
        for (deployment, part) in &self.template.nested {
            let template = |tree: &'c Tree| {
                let resources = located(&self.template.root, tree).ok()?;
                resources.get(deployment)?.at(&["properties", "template"])
            };
            let old = template(&self.tree).unwrap();
            let new = template(new).ok_or("a nested template is lost")?;
            parts.push((
                Some(*deployment),
                PartCheck::new(part, &self.template, old, new)?,
            ));
        }
        Ok(parts)
    }

    fn bytes(&self, fixed: &Fixed) -> Result<(), String> {
        if fixed.bytes == self.source {
            return Err("a fix of nothing".into());
        }
        if apply(&self.source, &fixed.edits).as_ref() != Ok(&fixed.bytes) {
            return Err("the edits do not give the bytes".into());
        }
        let name = b"template.json";
        let diffs = [
            unified_diff(name, &self.source, &fixed.bytes),
            unified_diff_of_edits(name, &self.source, &fixed.bytes, &fixed.edits),
        ];
        for diff in diffs {
            if patched(&self.source, diff.bytes()) != fixed.bytes {
                return Err("the patch does not give the bytes".into());
            }
        }
        let again = migrate(&fixed.bytes, &Options::default());
        match (&again.fault, &again.fixed) {
            (None, None) => {}
            _ => return Err("a second run is no no-op".into()),
        }
        untouched::check(&self.source, fixed)?;
        comments::check(&self.source, fixed)?;
        self.line_ends(fixed)
    }

    /// A text that mixes line ends, be it in strings, has no line ends of its own.
    fn line_ends(&self, fixed: &Fixed) -> Result<(), String> {
        let ends = |text: &[u8]| {
            let text = String::from_utf8_lossy(text);
            let crlf = text.contains("\r\n");
            let bare = text.replace("\r\n", "").contains('\n');
            (
                text.starts_with('\u{feff}'),
                text.ends_with('\n'),
                crlf,
                bare,
            )
        };
        let mixes = |(_, _, crlf, bare)| crlf && bare;
        let (old, new) = (ends(&self.source), ends(&fixed.bytes));
        match old == new || (mixes(old) && (old.0, old.1) == (new.0, new.1)) {
            true => Ok(()),
            false => Err("the mark, the line ends or the last newline changed".into()),
        }
    }

    /// The new value is the old one with a plain removal, as two readers have it.
    fn values(&self, new: &Tree, gone: &AllGone) -> Result<(), String> {
        let orphans = orphans::expected(&self.template, &self.tree, new);
        let said = self.migration.findings.iter();
        let said = said.filter(|finding| finding.rule.id == "orphaned-parameter");
        let (said, lost) = (said.count(), &orphans.parameters);
        if said != lost.len() {
            return Err(format!("{said} parameters are told, not {lost:?}"));
        }
        let left = removal::left(&self.template, &self.tree, gone, &orphans).without(&LISTS);
        if left != new.without(&LISTS) {
            return Err("what is left is not what a plain removal leaves".into());
        }
        let Some(fixed) = &self.migration.fixed else {
            return Ok(());
        };
        if removal::strict(&self.source).is_none() {
            return Ok(());
        }
        match removal::strict(&fixed.bytes) {
            None => Err("what was strict JSON is none any more".into()),
            Some(read) if read != Tree::parse(&fixed.bytes).value() => {
                Err("another reader has another value".into())
            }
            Some(_) => Ok(()),
        }
    }

    /// What is held is said to be, and nothing else is.
    fn findings(&self, (resources, entries): (usize, usize)) -> Result<(), String> {
        let held = |id: &str| {
            let findings = self.migration.findings.iter();
            findings
                .filter(|finding| finding.rule.id == id && matches!(finding.fix, Fix::Held(_)))
                .count()
        };
        let said = (held("vm-extension"), held("vmss-extension"));
        match said == (resources, entries) {
            true => Ok(()),
            false => Err(format!(
                "{resources} extensions and {entries} entries are left, {said:?} are said to be"
            )),
        }
    }

    fn tally(&self, gone: &AllGone, left: (usize, usize)) -> Tally {
        let parts = self.template.nested.values();
        let mut parts = parts.chain([&self.template.root]);
        let concerned = parts.any(|part| part.homes().next().is_some());
        let changed = self.migration.fixed.is_some();
        let rewired = self.migration.findings.iter().any(|finding| {
            let related = finding.related.iter();
            let mut messages = related.map(|related| related.message.as_str());
            let words = ["replaced by", "removed: the resource depends", "kept"];
            messages.any(|message| words.iter().any(|words| message.starts_with(words)))
        });
        let removed = gone.values().any(|gone| !gone.resources.is_empty());
        Tally {
            cases: 1,
            concerned: usize::from(concerned),
            changed: usize::from(changed),
            held: usize::from(left != (0, 0)),
            rewired: usize::from(changed && removed && rewired),
            strict: usize::from(changed && removal::strict(&self.source).is_some()),
        }
    }
}

/// What is wrong with what became of `source`, with the texts.
pub(crate) fn described(what: &str, source: &[u8], migration: &Migration) -> String {
    let old = String::from_utf8_lossy(source);
    let fixed = migration.fixed.as_ref();
    let new = fixed.map_or("nothing".into(), |fixed| {
        String::from_utf8_lossy(&fixed.bytes)
    });
    let findings = migration.findings.iter();
    let held = findings.filter_map(|finding| match &finding.fix {
        Fix::Held(reason) => Some(format!("{}: {reason}\n", finding.rule.id)),
        _ => None,
    });
    let held: String = held.collect();
    format!("{what}\n== from\n{old}\n== came\n{new}\n== held\n{held}")
}
