//! The commands that show what a deployment of a changed template would do.
//!
//! Start at [`preview`].

use super::sanitize::sanitize;
use crate::migrate::Deployment;

/// A command of the Azure CLI for each parameter file of the template, or one without.
pub(super) fn preview(template: &[u8], deployment: &Deployment) -> Vec<String> {
    let template = String::from_utf8_lossy(template);
    let folder = template
        .rfind('/')
        .map_or("", |end| template.get(..=end).unwrap_or(""));
    let (level, target) = match deployment.level {
        "group" => ("group", "--resource-group GROUP"),
        "mg" => ("mg", "--management-group-id ID --location LOCATION"),
        other => (other, "--location LOCATION"),
    };
    let command = format!(
        "az deployment {level} what-if {target} --template-file {}",
        word(&template)
    );
    if deployment.parameters.is_empty() {
        return vec![command];
    }
    let files = deployment.parameters.iter();
    files
        .map(|file| {
            format!(
                "{command} --parameters {}",
                word(&format!("@{folder}{file}"))
            )
        })
        .collect()
}

/// One word of a shell's command, whatever is in it.
fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./_-".contains(c);
    let text = match text.strip_prefix('-') {
        Some(_) => format!("./{text}"),
        None => text.to_owned(),
    };
    let text = sanitize(&text);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_previewed_with_each_of_its_parameter_files() {
        let deployment = |level, parameters: &[&str]| Deployment {
            level,
            parameters: parameters.iter().map(|file| (*file).to_owned()).collect(),
        };
        assert_eq!(
            preview(b"a/vm.json", &deployment("group", &["vm.parameters.json"])),
            [
                "az deployment group what-if --resource-group GROUP --template-file a/vm.json \
              --parameters @a/vm.parameters.json"
            ]
        );
        assert_eq!(
            preview(b"-it's;`x`.json", &deployment("sub", &[])),
            [
                "az deployment sub what-if --location LOCATION --template-file './-it'\\''s;`x`.json'"
            ]
        );
    }
}
