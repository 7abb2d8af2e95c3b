//! Tables of expressions and what they give, over a scope with a few parameters and variables.

mod bounds;
mod collections;
mod ids;
mod logic;
mod must_fold;
mod names;
mod properties;
mod text;

use super::{Scope, Symbol, Value, evaluate_text};

struct Names;

impl Scope for Names {
    fn parameter(&self, name: &str) -> Value {
        match name.to_lowercase().as_str() {
            "known" => Value::text("Known"),
            _ => Value::Unknown(Symbol::parameter(name)),
        }
    }

    fn variable(&self, name: &str) -> Value {
        let text = match name.to_lowercase().as_str() {
            "prefix" => "vm-",
            "vmname" => "[concat(variables('prefix'), parameters('suffix'))]",
            "loop" => "[concat(variables('prefix'), copyIndex())]",
            "list" => "[createArray('a', 'b', 'c')]",
            "tree" => {
                "[createObject('Size', createObject('Sku', 'S1'), 'list', createArray(1, 2))]"
            }
            "id" => {
                "[resourceId('Microsoft.Compute/virtualMachines/extensions', 'vm', parameters('e'))]"
            }
            "long" => {
                return Value::Array(vec![
                    Value::text("x".repeat(5_000)),
                    Value::text("y".repeat(5_000)),
                ]);
            }
            _ => return Value::Unknown(Symbol::variable(name)),
        };
        evaluate_text(text, self)
    }

    fn loop_name(&self) -> Option<String> {
        Some("vmLoop".to_owned())
    }
}

fn value(text: &str) -> Value {
    evaluate_text(&format!("[{text}]"), &Names)
}

fn key(text: &str) -> String {
    value(text).as_text().unwrap().name_key()
}

/// The result in the language's own spelling.
fn shown(text: &str) -> String {
    let spelled = Symbol::call(None, "f", &[value(text)]).to_string();
    spelled
        .strip_prefix("f(")
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap()
        .to_owned()
}

fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(shown(text), *expected, "{text}");
    }
}
