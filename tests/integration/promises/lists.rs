//! Lists of extensions that a resource at the root takes from variables, by several expressions.
//!
//! The templates' own checks see the lists where they are taken to. Start at [`outside`].

use super::naming;
use super::removal;
use super::template::{Part, Resource};
use super::tree::{Tree, text};

/// What the names of the variables start with that hold lists and their entries.
const MARK: &str = "held";

/// The value with the lists, or parts of them, in variables.
pub(crate) fn outside(part: &Part, tree: &Tree) -> Tree {
    let mut variables = Vec::new();
    let resources = tree.get("resources").unwrap().elements();
    let resources = resources.iter().map(|tree| {
        let index = removal::index(part, None, tree).unwrap();
        let resource = &part.resources[index];
        let Some(list) = listed(resource, tree).filter(|list| !list.elements().is_empty()) else {
            return tree.clone();
        };
        let mut held = Held {
            name: format!("{MARK}{}", naming::letter(index)),
            variables: &mut variables,
        };
        let list = held.list(list.elements(), resource.plan.spelling);
        tree.with_at(resource.kind.list(), &|_| list.clone())
    });
    let resources = Tree::List(resources.collect());
    tree.with("resources", |_| resources)
        .with("variables", |old| match old {
            Tree::Object(old) => Tree::Object(old.iter().cloned().chain(variables).collect()),
            other => other.clone(),
        })
}

/// The value with the lists where they are taken to. Each variable that holds something must be
/// there where it is used, and used where it is there.
pub(crate) fn inside(part: &Part, tree: &Tree) -> Result<Tree, String> {
    let all = match tree.get("variables") {
        Some(Tree::Object(members)) => members.as_slice(),
        _ => &[],
    };
    let mut reader = Reader {
        variables: all,
        used: Vec::new(),
    };
    let resources = tree.get("resources").map_or(&[][..], Tree::elements);
    let resources = resources.iter().map(|tree| {
        let resource = removal::index(part, None, tree).map(|index| &part.resources[index]);
        let Some((resource, list)) = resource.and_then(|at| Some((at, listed(at, tree)?))) else {
            return Ok(tree.clone());
        };
        let list = Tree::List(reader.list(list)?);
        Ok(tree.with_at(resource.kind.list(), &|_| list.clone()))
    });
    let resources: Result<Vec<Tree>, String> = resources.collect();
    let resources = Tree::List(resources?);
    let (held, left): (Vec<_>, Vec<_>) = all
        .iter()
        .cloned()
        .partition(|(name, _)| name.starts_with(MARK));
    if let Some((unused, _)) = held.iter().find(|(name, _)| !reader.used.contains(name)) {
        return Err(format!("nothing uses {unused}"));
    }
    let left = Tree::Object(left);
    Ok(tree
        .with("resources", |_| resources.clone())
        .with("variables", |_| left.clone()))
}

/// Whether a text is an expression that takes a list or an entry from such a variable.
pub(crate) fn takes(text: &str) -> bool {
    text.contains(&format!("variables('{MARK}"))
}

/// The list of extensions in the value of a resource.
fn listed<'t>(resource: &Resource, tree: &'t Tree) -> Option<&'t Tree> {
    match resource.kind.list() {
        [] => None,
        way => tree.at(way),
    }
}

/// The variables of one list.
struct Held<'v> {
    name: String,
    variables: &'v mut Vec<(String, Tree)>,
}

impl Held<'_> {
    /// The list in one of several ways.
    fn list(&mut self, entries: &[Tree], way: u8) -> Tree {
        let half = entries.len() / 2;
        let whole = |entries: &[Tree]| Tree::List(entries.to_vec());
        match way {
            0 => whole(entries),
            1 | 2 => {
                let call = self.hold("all", whole(entries));
                text(format!("[{call}]"))
            }
            3 => {
                let first = self.hold("first", whole(&entries[..half]));
                let rest = self.hold("rest", whole(&entries[half..]));
                text(format!("[concat({first}, {rest})]"))
            }
            4 | 5 => {
                let calls = self.each(entries).join(", ");
                text(format!("[createArray({calls})]"))
            }
            6 => {
                let first = self.hold("first", whole(&entries[..half]));
                let calls = self.each(&entries[half..]).join(", ");
                text(format!("[concat({first}, createArray({calls}))]"))
            }
            // Every other one stands in the list itself.
            _ => {
                let entry = |(at, entry): (usize, &Tree)| match at % 2 {
                    0 => text(format!("[{}]", self.entry(at, entry))),
                    _ => entry.clone(),
                };
                Tree::List(entries.iter().enumerate().map(entry).collect())
            }
        }
    }

    /// Calls that give the entries, each from a variable of its own.
    fn each(&mut self, entries: &[Tree]) -> Vec<String> {
        let entries = entries.iter().enumerate();
        entries.map(|(at, entry)| self.entry(at, entry)).collect()
    }

    fn entry(&mut self, at: usize, entry: &Tree) -> String {
        self.hold(&format!("entry{at}"), entry.clone())
    }

    /// The call that gives `value`.
    fn hold(&mut self, what: &str, value: Tree) -> String {
        let name = format!("{}{what}", self.name);
        self.variables.push((name.clone(), value));
        format!("variables('{name}')")
    }
}

/// Reads the expressions that take lists from variables.
struct Reader<'t> {
    variables: &'t [(String, Tree)],
    used: Vec<String>,
}

impl Reader<'_> {
    /// The entries of a list.
    fn list(&mut self, list: &Tree) -> Result<Vec<Tree>, String> {
        let Some(expression) = list.str() else {
            let elements = list.elements().iter();
            let entries = elements.map(|entry| match entry.str() {
                Some(text) => self.one(inner(text)?),
                None => Ok(entry.clone()),
            });
            return entries.collect();
        };
        self.joined(inner(expression)?)
    }

    /// The entries that an expression for a list gives.
    fn joined(&mut self, expression: &str) -> Result<Vec<Tree>, String> {
        let squeezed: String = expression.split_whitespace().collect();
        if squeezed == "json('[]')" {
            return Ok(Vec::new());
        }
        if let Some(arguments) = arguments(&squeezed, "createArray(") {
            return arguments.iter().map(|call| self.one(call)).collect();
        }
        if let Some(arguments) = arguments(&squeezed, "concat(") {
            let lists = arguments.iter().map(|call| self.joined(call));
            let lists: Result<Vec<Vec<Tree>>, String> = lists.collect();
            return Ok(lists?.concat());
        }
        let list = self.one(&squeezed)?;
        self.list(&list)
    }

    /// The value of the variable that an expression takes.
    fn one(&mut self, call: &str) -> Result<Tree, String> {
        let name = call
            .strip_prefix("variables('")
            .and_then(|rest| rest.strip_suffix("')"))
            .ok_or(format!("what {call} gives is not known here"))?;
        let found = self.variables.iter().find(|(known, _)| known == name);
        let (name, value) = found.ok_or(format!("{name} is used and not there"))?;
        self.used.push(name.clone());
        Ok(value.clone())
    }
}

fn inner(text: &str) -> Result<&str, String> {
    text.strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .ok_or(format!("{text} is no expression"))
}

/// The arguments of a call of `function`, none of which has a comma at its own level but in calls.
fn arguments<'a>(call: &'a str, function: &str) -> Option<Vec<&'a str>> {
    let inside = call.strip_prefix(function)?.strip_suffix(')')?;
    let mut depth = 0;
    let level = |character: char| {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        character == ',' && depth == 0
    };
    Some(inside.split(level).collect())
}
