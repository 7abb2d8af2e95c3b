//! A rule's page: what an author of templates should know of it, in Markdown.
//!
//! What is said of one rule only is in a file beside the rule; here it gets what is said of all.
//! `docs/rules/` and the formats that carry help hold the same text. Start at [`page`].

use super::{Remedy, Rule, is_about_suppression};

/// Why to leave the extension, in Markdown: its limitations beside the advantages of IMDS.
pub const NOTICE: &str = include_str!("notice.md");

/// The whole page of a rule.
pub fn page(rule: &Rule) -> String {
    let severity = rule.severity.word();
    let remedy = rule.remedy.in_words();
    let (id, own) = (rule.id, rule.page);
    let waiving = if is_about_suppression(rule) {
        UNWAIVABLE
    } else {
        WAIVING
    };
    let waiving = waiving.replace("RULE", id);
    format!("# {id}\n\n**{severity}** · {remedy}\n\n{own}\n{waiving}")
}

/// What a rule finds, as plain text: the first paragraph of its page on one line.
pub fn description(rule: &Rule) -> String {
    let lines = rule.page.lines().skip_while(|line| !line.is_empty());
    let paragraph = lines.skip(1).take_while(|line| !line.is_empty());
    let paragraph: Vec<&str> = paragraph.collect();
    paragraph.join(" ").replace('`', "")
}

const WAIVING: &str = r#"## Waive it

With a reason, on the line of the entry or on the line above it:

```json
// msi2imds: ignore[RULE] until=2027-06-30 why it stays
```

`until=` is optional; after its day the finding is reported again. Where a comment is not possible, put the
same text into the resource's own `"comments"`, which Azure accepts:

```json
"comments": "msi2imds: ignore[RULE] why it stays"
```

`--ignore RULE` skips the rule in a run.
"#;

const UNWAIVABLE: &str = r#"## Waive it

This cannot be waived. `--ignore RULE` skips the rule in a run.
"#;

impl Remedy {
    /// The word of a table: `safe`, `unsafe`, `either` or `none`.
    pub fn word(self) -> &'static str {
        match self {
            Remedy::Safe => "safe",
            Remedy::Unsafe => "unsafe",
            Remedy::Either => "either",
            Remedy::None => "none",
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Remedy::Safe => "fixed by `fix`",
            Remedy::Unsafe => "fixed by `fix --unsafe-fixes`",
            Remedy::Either => "fixed by `fix` or `fix --unsafe-fixes`",
            Remedy::None => "reported only",
        }
    }
}
