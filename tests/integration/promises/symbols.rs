//! Templates whose resources have symbolic names: of two that differ only by case, and with `::` in
//! those of extensions.
//!
//! The templates' own checks see lists and ids. Start at [`outside`].

use super::forms;
use super::naming;
use super::removal;
use super::template::{Aim, Kind, Manner, Part, Resource, Template};
use super::tree::{Tree, text};

const VERSION: &str = "languageVersion";

/// Lets most edges of the root be ids of the kind that [`outside`] makes symbolic names of.
pub(crate) fn prepare(template: &mut Template) {
    let part = &mut template.root;
    let ids: Vec<String> = part.resources.iter().map(id).collect();
    for edge in part
        .resources
        .iter_mut()
        .flat_map(|resource| &mut resource.edges)
    {
        let Aim::One(target, _) = edge.aim else {
            continue;
        };
        let may_stay = edge.manner == Manner::Entry && edge.choice % 4 == 0;
        if !may_stay && !matches!(edge.manner, Manner::Undecided(_)) {
            edge.text = ids[target].clone();
        }
    }
}

/// The value with symbolic names at the root.
pub(crate) fn outside(part: &Part, tree: &Tree) -> Tree {
    let translation = Translation::of(part);
    let named = translation.named(None, tree);
    match named {
        Tree::Object(members) => {
            let version = (VERSION.to_owned(), text("2.0"));
            Tree::Object([version].into_iter().chain(members).collect())
        }
        other => other,
    }
}

/// The value without them. What a symbolic name stands for must be what has it.
pub(crate) fn inside(part: &Part, tree: &Tree) -> Result<Tree, String> {
    let version = tree.get(VERSION).and_then(Tree::str);
    if version != Some("2.0") {
        return Err("the version of the language is lost".to_owned());
    }
    let tree = match tree {
        Tree::Object(members) => {
            let rest = members.iter().filter(|(name, _)| name != VERSION);
            Tree::Object(rest.cloned().collect())
        }
        other => other.clone(),
    };
    Translation::of(part).listed(None, &tree)
}

/// The id that edges to a resource have.
fn id(resource: &Resource) -> String {
    forms::edge(&resource.type_name, &resource.names, 0, &mut Vec::new())
}

/// The symbolic name of the resource at `index`.
fn symbol(part: &Part, index: usize) -> String {
    let letter = naming::letter(index / 2);
    let own = match index % 2 {
        0 => format!("item_{letter}"),
        _ => format!("ITEM_{letter}"),
    };
    let around = part.resources[index]
        .machine
        .filter(|_| index.is_multiple_of(3));
    match around {
        Some(machine) => format!("{}::{own}", symbol(part, machine)),
        None => own,
    }
}

/// From ids to symbolic names and back.
struct Translation<'p> {
    part: &'p Part,
    /// The id and the symbolic name of each resource.
    words: Vec<(String, String)>,
}

impl<'p> Translation<'p> {
    fn of(part: &'p Part) -> Self {
        let all = part.resources.iter().enumerate();
        let words = all.map(|(index, resource)| (id(resource), symbol(part, index)));
        Self {
            part,
            words: words.collect(),
        }
    }

    /// A value that has resources, with names for those.
    fn named(&self, parent: Option<usize>, tree: &Tree) -> Tree {
        tree.with("resources", |list| {
            let members = list.elements().iter().map(|resource| {
                let index = removal::index(self.part, parent, resource).unwrap();
                let value = self.named(Some(index), resource);
                let value = self.spelled(index, &value, &|at| self.to_symbol(at));
                (self.words[index].1.clone(), value)
            });
            Tree::Object(members.collect())
        })
    }

    /// A value that has named resources, with a list of them.
    fn listed(&self, parent: Option<usize>, tree: &Tree) -> Result<Tree, String> {
        let members = match tree.get("resources") {
            None => return Ok(tree.clone()),
            Some(Tree::Object(members)) => members,
            Some(_) => return Err("the resources have no names".to_owned()),
        };
        let resources = members.iter().map(|(name, resource)| {
            let index = removal::index(self.part, parent, resource);
            let index = index.filter(|index| self.words[*index].1 == *name);
            let index = index.ok_or(format!("{name} is another resource"))?;
            let value = self.listed(Some(index), resource)?;
            Ok(self.spelled(index, &value, &|at| self.to_id(at)))
        });
        let resources: Result<Vec<Tree>, String> = resources.collect();
        let resources = Tree::List(resources?);
        Ok(tree.with("resources", |_| resources.clone()))
    }

    /// A resource with its edges and the calls in its properties in other words.
    fn spelled(&self, index: usize, tree: &Tree, words: &dyn Fn(usize) -> Words) -> Tree {
        let all = || (0..self.words.len()).map(words);
        let entry = |text: &str| {
            let found = all().find(|words| words.old == text);
            found.map_or_else(|| text.to_owned(), |words| words.new)
        };
        let tree = tree.with("dependsOn", |list| list.mapped(&entry));
        if self.part.resources[index].kind == Kind::Deployment {
            // What is in there has a language of its own.
            return tree;
        }
        let call = |text: &str| {
            let calls = all().flat_map(|words| {
                CALLS.map(|(before, after)| {
                    let call = |word: &str| format!("{before}{}{after}", forms::inner(word));
                    (call(&words.old), call(&words.new))
                })
            });
            calls.fold(text.to_owned(), |text, (old, new)| text.replace(&old, &new))
        };
        tree.with("properties", |properties| properties.mapped(&call))
    }

    fn to_symbol(&self, index: usize) -> Words {
        let (old, new) = self.words[index].clone();
        Words { old, new }
    }

    fn to_id(&self, index: usize) -> Words {
        let (new, old) = self.words[index].clone();
        Words { old, new }
    }
}

/// What names a resource, and what shall.
struct Words {
    old: String,
    new: String,
}

/// What stands around the argument of calls that wait for it.
const CALLS: [(&str, &str); 3] = [
    ("listKeys(", ","),
    ("Reference( ", " )"),
    ("reference(", ")"),
];
