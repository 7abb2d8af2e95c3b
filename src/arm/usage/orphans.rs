//! Orphans: parameters and variables that only what a run takes out used.
//!
//! One pass over the strings shows what each of them uses; what stays keeps alive all that it can
//! reach, and whatever is not understood keeps alive what it mentions. Never knows why something is
//! taken out. Start at [`orphans`].

use crate::json::NodeId;
use crate::json::surgery::Operation;

use super::super::model::Model;
use super::super::uses::{Declared, Use};
use super::declarations::{Declaration, Declarations, Place};
use super::mentions::Used;
use super::use_sites::{Changes, UseSite, nothing_is_used_alone, visit_uses};

/// Something declared that nothing uses once the operations are carried out, and that was used
/// before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// What it is.
    pub declared: Declared,
    /// Its name as it is written.
    pub name: String,
    /// The node that has the name.
    pub at: NodeId,
    /// The key of its member, or its entry in the `copy` of the variables.
    pub node: NodeId,
    /// The operation, as an index, that takes out a use of it, or of an orphan that uses it.
    pub cause: usize,
}

/// The parameters and variables of `model` that `operations` leave without a use.
pub fn orphans(model: &Model<'_>, operations: &[Operation]) -> Vec<Orphan> {
    let changes = Changes::of(model.document, operations);
    if operations.is_empty() || nothing_is_used_alone(model, &changes) {
        return Vec::new();
    }
    let declarations = Declarations::of(model);
    let mut users = Users::new(declarations.all.len());
    visit_uses(model.document, &declarations, &changes, |at, one| {
        users.add(&declarations, at, one);
    });
    let alive = users.alive(&declarations.all);
    let each = declarations.all.iter().zip(&users.causes).zip(alive);
    each.filter_map(|((declaration, cause), alive)| {
        let cause = cause.filter(|_| !alive)?;
        Some(Orphan {
            declared: declaration.key.1,
            name: model.document.string(declaration.name)?,
            at: declaration.name,
            node: declaration.node,
            cause,
        })
    })
    .collect()
}

/// The name of something that `old` declares, and that `new`, made of it, uses but does not
/// declare.
pub fn lost_declaration(old: &Model<'_>, new: &Model<'_>) -> Option<String> {
    let (before, after) = (Declarations::of(old), Declarations::of(new));
    let lost: Vec<&Declaration> = before
        .all
        .iter()
        .filter(|d| after.find(&d.key).is_none())
        .collect();
    if lost.is_empty() {
        return None;
    }
    let mut used = Used::default();
    visit_uses(new.document, &after, &Changes::default(), |at, one| {
        used.add(at.place, one);
    });
    let lost = lost.into_iter().find(|lost| used.has(lost))?;
    old.document.string(lost.name)
}

/// Who uses what is declared.
struct Users {
    /// For each declaration, an operation that takes out a use of it.
    causes: Vec<Option<usize>>,
    /// For each declaration, those that it uses by name.
    uses: Vec<Vec<usize>>,
    /// What is used by all else that stays.
    rest: Used,
}

impl Users {
    fn new(declarations: usize) -> Self {
        Self {
            causes: vec![None; declarations],
            uses: vec![Vec::new(); declarations],
            rest: Used::default(),
        }
    }

    fn add(&mut self, declarations: &Declarations, at: UseSite, used: Use) {
        let target = match (&used, at.place) {
            (Use::Name(declared, name), Place::Scope(scope)) => {
                let found = declarations.find(&(scope, *declared, name.clone()));
                found.and_then(|index| Some((index, declarations.all.get(index)?)))
            }
            _ => None,
        };
        if let Some(operation) = at.gone {
            let cause = target.and_then(|(index, _)| self.causes.get_mut(index));
            if let Some(cause) = cause {
                cause.get_or_insert(operation);
            }
            return;
        }
        let user = at
            .declaration
            .and_then(|index| Some((index, declarations.all.get(index)?.key.1)));
        match (user, target) {
            // A parameter stays in the text, whatever uses it.
            (Some((_, Declared::Parameter)), Some((_, target)))
                if target.key.1 == Declared::Variable => {}
            (Some((user, _)), Some((target, _))) => {
                if let Some(targets) = self.uses.get_mut(user) {
                    targets.push(target);
                }
                return;
            }
            _ => {}
        }
        self.rest.add(at.place, used);
    }

    /// Which declarations have a use, or had none to lose.
    fn alive(&mut self, all: &[Declaration]) -> Vec<bool> {
        let mut causes = std::mem::take(&mut self.causes);
        let known = (0..all.len()).filter(|index| causes.get(*index).is_some_and(Option::is_some));
        self.follow(known.collect(), |user, target| {
            let cause = causes.get(user).copied().flatten();
            let unknown = causes.get_mut(target).filter(|known| known.is_none());
            unknown.map(|unknown| *unknown = cause).is_some()
        });
        let mut alive: Vec<bool> = all
            .iter()
            .zip(&causes)
            .map(|(one, cause)| cause.is_none() || !one.unique || self.rest.has(one))
            .collect();
        let living = (0..all.len()).filter(|index| alive.get(*index) == Some(&true));
        self.follow(living.collect(), |_, target| {
            let dead = alive.get_mut(target).filter(|alive| !**alive);
            dead.map(|dead| *dead = true).is_some()
        });
        self.causes = causes;
        alive
    }

    /// Goes from users to what they use, as long as that is `new`.
    fn follow(&self, mut open: Vec<usize>, mut new: impl FnMut(usize, usize) -> bool) {
        while let Some(user) = open.pop() {
            let targets = self.uses.get(user).into_iter().flatten();
            open.extend(targets.copied().filter(|target| new(user, *target)));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::json::Document;
    use crate::json::surgery::{Inserted, WhenEmpty};

    /// The orphans of `template` when the first element of its `resources` goes and `more` happens,
    /// with the indices of the operations that cause them.
    fn orphans_of(template: &str, more: fn(&Document<'_>) -> Vec<Operation>) -> Vec<String> {
        let document = Document::parse(template.as_bytes());
        assert_eq!(document.errors(), []);
        let resources = document.get(document.root().unwrap(), "resources").unwrap();
        let mut operations = vec![Operation::RemoveElement {
            element: document.children(resources).next().unwrap(),
            when_empty: WhenEmpty::Keep,
        }];
        operations.extend(more(&document));
        let found = orphans(&Model::new(&document), &operations);
        let shown = |orphan: Orphan| format!("{} {}", orphan.name, orphan.cause);
        found.into_iter().map(shown).collect()
    }

    fn nothing(_: &Document<'_>) -> Vec<Operation> {
        Vec::new()
    }

    #[test]
    fn what_was_unused_before_is_none() {
        let template = r#"{"variables": {"a": 1, "b": 2}, "resources": ["[variables('b')]"]}"#;
        assert_eq!(orphans_of(template, nothing), ["b 0"]);
    }

    #[test]
    fn what_is_put_in_keeps_what_it_uses() {
        let template = r#"{"variables": {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5},
            "resources": ["[format('{0}{1}{2}{3}{4}', variables('a'), variables('b'),
                variables('c'), variables('d'), variables('e'))]", "x"]}"#;
        let put_in = |document: &Document<'_>| {
            let root = document.root().unwrap();
            let resources = document.get(root, "resources").unwrap();
            let raw = |name: &str| format!("\"[variables('{name}')]\"").into_bytes();
            vec![
                Operation::Replace {
                    node: document.children(resources).nth(1).unwrap(),
                    raw: raw("a"),
                },
                Operation::InsertElement {
                    array: resources,
                    after: None,
                    value: Inserted::Raw(raw("b")),
                },
                Operation::InsertElement {
                    array: resources,
                    after: None,
                    value: Inserted::Value(json!(["[variables('c')]"])),
                },
                Operation::InsertMember {
                    object: root,
                    after: None,
                    name: "[variables('d')]".to_owned(),
                    value: json!(1),
                },
            ]
        };
        assert_eq!(orphans_of(template, put_in), ["e 0"]);
    }

    #[test]
    fn what_is_put_into_what_goes_keeps_nothing() {
        let template = r#"{"variables": {"a": 1}, "resources": [["[variables('a')]"]]}"#;
        let put_in = |document: &Document<'_>| {
            let resources = document.get(document.root().unwrap(), "resources").unwrap();
            vec![Operation::InsertElement {
                array: document.children(resources).next().unwrap(),
                after: None,
                value: Inserted::Value(json!("[variables('a')]")),
            }]
        };
        assert_eq!(orphans_of(template, put_in), ["a 0"]);
    }

    #[test]
    fn a_replaced_text_gives_up_what_it_used() {
        let template = r#"{"variables": {"a": "[variables('b')]", "b": 2},
            "resources": ["x", "[variables('a')]"]}"#;
        let replaced = |document: &Document<'_>| {
            let resources = document.get(document.root().unwrap(), "resources").unwrap();
            vec![Operation::Replace {
                node: document.children(resources).nth(1).unwrap(),
                raw: b"1".to_vec(),
            }]
        };
        assert_eq!(orphans_of(template, replaced), ["a 1", "b 1"]);
    }

    #[test]
    fn a_parameter_stays_and_keeps_the_variables_it_uses() {
        let template = r#"{"parameters": {"p": {"defaultValue": "[variables('v')]"}},
            "variables": {"v": 1},
            "resources": ["[concat(parameters('p'), variables('v'))]"]}"#;
        assert_eq!(orphans_of(template, nothing), ["p 0"]);
    }

    #[test]
    fn a_cycle_of_what_only_serves_itself_goes() {
        let template = r#"{"variables": {"a": "[variables('b')]", "b": "[variables('a')]"},
            "resources": ["[variables('a')]"]}"#;
        assert_eq!(orphans_of(template, nothing), ["a 0", "b 0"]);
    }

    #[test]
    fn a_section_given_twice_counts_where_it_is_dead_too() {
        let template = r#"{"variables": {"b": "[variables('a')]"}, "variables": {"a": 1},
            "resources": ["[variables('a')]"]}"#;
        assert_eq!(orphans_of(template, nothing), Vec::<String>::new());
    }

    #[test]
    fn a_nested_template_is_found_below_symbolic_names_and_in_child_resources() {
        let nested = r#"{"type": "Microsoft.Resources/deployments", "properties": {
            "expressionEvaluationOptions": {"scope": "inner"},
            "template": {"variables": {"a": 1}, "outputs": "[variables('a')]"}}}"#;
        for resources in [
            format!(r#"["[variables('a')]", {{"resources": [{nested}]}}]"#),
            format!(r#"[["[variables('a')]"], {{"resources": {{"sym": {nested}}}}}]"#),
        ] {
            let template = format!(r#"{{"variables": {{"a": 1}}, "resources": {resources}}}"#);
            assert_eq!(orphans_of(&template, nothing), ["a 0"], "{template}");
        }
    }
}
