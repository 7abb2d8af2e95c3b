//! A picture as a flowchart of Mermaid, which GitHub, GitLab and Azure DevOps draw in Markdown.
//!
//! Names are labels in quotes, with all that is not a letter, digit or blank as an entity of Mermaid's own, so
//! that none ends its label or becomes markup. Start at [`flowchart`].

use super::layout::{is_drawn, sides};
use super::sanitize::sanitize;
use crate::migrate::{Fate, Picture};

/// The longest label, in characters.
const LONGEST: usize = 60;

/// The lines of a flowchart: the picture before and after, or before alone where nothing changes.
pub(super) fn flowchart(picture: &Picture) -> String {
    let mut chart = String::from("flowchart RL\n");
    for (title, is_after) in sides(picture) {
        let side = title.to_ascii_lowercase();
        chart.push_str(&format!("  subgraph {side}\n"));
        let nodes = picture.nodes.iter().enumerate();
        for (number, node) in nodes.filter(|(_, node)| is_drawn(node.fate, *is_after)) {
            let name = label(&node.name);
            let kind = label(node.kind.rsplit('/').next().unwrap_or_default());
            let node = match node.fate {
                Fate::Removed => format!("{{{{\"removed#58; {name}<br/>{kind}\"}}}}"),
                Fate::Kept | Fate::Added => format!("[\"{name}<br/>{kind}\"]"),
            };
            chart.push_str(&format!("    {side}{number}{node}\n"));
        }
        let edges = picture.edges.iter();
        for edge in edges.filter(|edge| is_drawn(edge.fate, *is_after)) {
            let arrow = match edge.fate {
                Fate::Kept => "-->",
                Fate::Removed => "-. removed .->",
                Fate::Added => "== new ==>",
            };
            let (from, to) = (edge.from, edge.to);
            chart.push_str(&format!("    {side}{from} {arrow} {side}{to}\n"));
        }
        chart.push_str("  end\n");
    }
    chart
}

fn label(text: &str) -> String {
    let text = sanitize(text);
    let mut label = String::new();
    for character in text.chars().take(LONGEST) {
        if character == ' ' || character.is_alphanumeric() {
            label.push(character);
        } else {
            label.push_str(&format!("#{};", u32::from(character)));
        }
    }
    if text.chars().nth(LONGEST).is_some() {
        label.push_str("#8230;");
    }
    label
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_ends_its_label() {
        let name = "a\"]\n  click x href \"javascript:1\" %%{init}%% `</details>";
        let label = label(name);
        assert!(
            label
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || " #;".contains(c)),
            "{label}"
        );
    }
}
