//! Whether what the result uses, and what is passed, is declared.

use crate::arm::{self, Model};

use super::Fault;

/// Checks that nothing in the new template uses what only the old one declares.
pub(in crate::migrate) fn declarations(old: &Model<'_>, new: &Model<'_>) -> Result<(), Fault> {
    match arm::lost_declaration(old, new) {
        None => Ok(()),
        Some(name) => Err(Fault::new(format!(
            "the result uses {name}, but does not declare it"
        ))),
    }
}

/// Checks that no source passes a parameter to a template in view, which does not declare it, that
/// did not do so before.
pub(in crate::migrate) fn passed(old: &Model<'_>, new: &Model<'_>) -> Result<(), Fault> {
    let before = arm::passed_in_vain(old);
    let more = arm::passed_in_vain(new)
        .into_iter()
        .find(|(passer, count)| before.get(passer).is_none_or(|before| count > before));
    match more {
        None => Ok(()),
        Some(((_, name), _)) => Err(Fault::new(format!(
            "the parameter {name} is passed, but no longer declared"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Document;

    fn declarations_of(old: &str, new: &str) -> Result<(), Fault> {
        let (old, new) = (
            Document::parse(old.as_bytes()),
            Document::parse(new.as_bytes()),
        );
        declarations(&Model::new(&old), &Model::new(&new))
    }

    #[test]
    fn a_declaration_that_went_and_is_used_is_refused() {
        let old = r#"{"parameters": {"os": {}}, "variables": {"port": 1, "x": 2}}"#;
        for (declared, used) in [
            (
                r#"{"os": {}}, "variables": {"x": 2}"#,
                "[variables('Port')]",
            ),
            (
                r#"{"os": {}}, "variables": {"x": "[variables('port')]"}"#,
                "",
            ),
            (
                r#"{"os": {}}, "variables": {}"#,
                "[variables(concat('x', 1))]",
            ),
            (
                r#"{"os": {}}, "variables": {"x": 2}"#,
                "[[variables('port')]",
            ),
            (r#"{"os": {}}"#, "[variables(parameters('os'))]"),
            (
                r#"{}, "variables": {"port": 1, "x": 2}"#,
                "[parameters('os')]",
            ),
        ] {
            let new = format!(r#"{{"parameters": {declared}, "outputs": "{used}"}}"#);
            let fault = declarations_of(old, &new).unwrap_err();
            assert!(fault.to_string().contains("does not declare"), "{fault}");
        }
    }

    #[test]
    fn a_declaration_may_go_that_nothing_uses() {
        let old = r#"{"variables": {"port": 1, "x": 2}, "outputs": "[variables('undeclared')]"}"#;
        for (declared, used) in [
            (r#"{"x": 2}"#, "[variables('undeclared')]"),
            (r#"{"x": 2}"#, "[variables(concat('x', 1))]"),
            (r#"{"PORT": 1}"#, "[variables('port')]"),
            ("{}", "port x"),
        ] {
            let new = format!(r#"{{"variables": {declared}, "outputs": "{used}"}}"#);
            assert_eq!(declarations_of(old, &new), Ok(()), "{new}");
        }
    }
}
