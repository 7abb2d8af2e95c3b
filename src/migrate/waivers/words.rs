//! The words of a waiver, wherever they are.
//!
//! Knows the rules' names; never knows comments, JSON or what a waiver is for. Start at [`waivers_in`].

use std::ops::Range;

use crate::rules::{self, Rule};

use super::super::Date;

/// What every waiver starts with.
pub(in crate::migrate) const MARK: &str = "msi2imds:";

/// How one is written, for those that were written otherwise.
const FORM: &str = "write `msi2imds: ignore[RULE] REASON`, or `msi2imds: ignore[RULE, RULE] \
                    until=YYYY-MM-DD REASON`";

/// What a waiver says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::migrate) struct WaiverText {
    /// What it waives; at least one rule, and none twice.
    pub(in crate::migrate) rules: Vec<&'static Rule>,
    /// The last day on which it does.
    pub(in crate::migrate) until: Option<Date>,
    /// Why, on one line.
    pub(in crate::migrate) reason: String,
}

/// What is wrong with a waiver, and what to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::migrate) struct Malformed {
    /// One sentence without a full stop.
    pub(in crate::migrate) message: String,
    /// What to do.
    pub(in crate::migrate) help: String,
}

/// The waivers of a comment, or of another text, with the bytes that each takes of it. What only starts
/// like one and says nothing of `ignore` is none.
pub(in crate::migrate) fn waivers_in(
    text: &str,
) -> Vec<(Range<usize>, Result<WaiverText, Malformed>)> {
    let starts: Vec<usize> = text.match_indices(MARK).map(|(at, _)| at).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let each = starts.iter().copied().zip(ends);
    each.filter_map(|(start, end)| {
        let whole = text.get(start..end)?;
        let said = whole.strip_prefix(MARK)?.trim_start();
        let rest = said.strip_prefix("ignore")?;
        // `ignored` and the like are other words.
        let is_word = rest
            .chars()
            .next()
            .is_none_or(|next| !next.is_alphanumeric());
        let shown = whole.trim_end().len();
        is_word.then(|| (start..start + shown, words(rest)))
    })
    .collect()
}

/// Reads what follows `ignore`.
fn words(text: &str) -> Result<WaiverText, Malformed> {
    let inner = text.trim_start().strip_prefix('[');
    let Some((names, rest)) = inner.and_then(|inner| inner.split_once(']')) else {
        return Err(Malformed::new(
            "this waiver names no rules in brackets, so it waives nothing",
        ));
    };
    let rules = rules_of(names)?;
    let mut words = rest.split_whitespace().peekable();
    let until = words.next_if(|word| word.starts_with(UNTIL));
    let until = until.map(date).transpose()?;
    let reason = words.collect::<Vec<_>>().join(" ");
    if reason.split(' ').any(|word| word.starts_with(UNTIL)) {
        return Err(Malformed::new(
            "the date of this waiver must follow the bracket directly, so the waiver waives nothing",
        ));
    }
    if !reason.contains(char::is_alphanumeric) {
        return Err(Malformed::new(
            "this waiver gives no reason, so it waives nothing",
        ));
    }
    Ok(WaiverText {
        rules,
        until,
        reason,
    })
}

const UNTIL: &str = "until=";

fn rules_of(names: &str) -> Result<Vec<&'static Rule>, Malformed> {
    let mut rules: Vec<&'static Rule> = Vec::new();
    for name in names.split(',').map(str::trim) {
        if name.is_empty() {
            return Err(Malformed::new(
                "this waiver has an empty entry in its list of rules, so it waives nothing",
            ));
        }
        let Some(rule) = rules::rule(name) else {
            return Err(Malformed {
                message: format!(
                    "there is no rule {}, so this waiver waives nothing",
                    shown(name)
                ),
                help: "name a rule that `msi2imds rules` lists".to_owned(),
            });
        };
        if rules::is_about_suppression(rule) {
            return Err(Malformed {
                message: format!(
                    "{name} is about waivers and the baseline and cannot be waived, so this waiver \
                     waives nothing"
                ),
                help: "fix the waiver or the baseline, or switch the rule off with --ignore"
                    .to_owned(),
            });
        }
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    Ok(rules)
}

fn date(word: &str) -> Result<Date, Malformed> {
    let text = word.strip_prefix(UNTIL).unwrap_or(word);
    Date::parse(text).ok_or_else(|| Malformed {
        message: format!(
            "{} is not a date, so this waiver waives nothing",
            shown(text)
        ),
        help: "write the last day as until=YYYY-MM-DD, such as until=2027-06-30".to_owned(),
    })
}

/// A word of a file as messages show it: a comment may hold anything.
fn shown(word: &str) -> String {
    let words: Vec<&str> = word.split_whitespace().collect();
    let mut shown = words.join(" ");
    if let Some((end, _)) = shown.char_indices().nth(LONGEST_SHOWN) {
        shown.truncate(end);
        shown.push('…');
    }
    shown
}

/// Characters.
const LONGEST_SHOWN: usize = 60;

impl Malformed {
    fn new(message: &str) -> Self {
        Self {
            message: message.to_owned(),
            help: FORM.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The only waiver of `text`.
    fn read(text: &str) -> Result<WaiverText, Malformed> {
        let [(_, words)] = &waivers_in(text)[..] else {
            panic!("{text}");
        };
        words.clone()
    }

    fn ids(words: &WaiverText) -> Vec<&str> {
        words.rules.iter().map(|rule| rule.id).collect()
    }

    #[test]
    fn rules_date_and_reason_are_read() {
        let words = read("// msi2imds: ignore[vm-extension] kept for\n  * now ").unwrap();
        assert_eq!(ids(&words), ["vm-extension"]);
        assert_eq!(
            (words.reason.as_str(), words.until),
            ("kept for * now", None)
        );
        let text =
            "x msi2imds:ignore [ vm-extension,vmss-extension, vm-extension ]until=2027-01-02 y";
        let words = read(text).unwrap();
        assert_eq!(ids(&words), ["vm-extension", "vmss-extension"]);
        assert_eq!(words.until, Date::parse("2027-01-02"));
        assert_eq!(words.reason, "y");
    }

    #[test]
    fn what_is_written_otherwise_waives_nothing_and_says_what_to_write() {
        for (text, said) in [
            ("ignore", "no rules in brackets"),
            ("ignore vm-extension: why", "no rules in brackets"),
            ("ignore[vm-extension why", "no rules in brackets"),
            ("ignore[] why", "an empty entry"),
            ("ignore[vm-extension,] why", "an empty entry"),
            ("ignore[VM-extension] why", "there is no rule VM-extension"),
            ("ignore[*] why", "there is no rule *"),
            ("ignore[unused-waiver] why", "cannot be waived"),
            ("ignore[stale-baseline] why", "cannot be waived"),
            ("ignore[vm-extension]", "no reason"),
            ("ignore[vm-extension] --", "no reason"),
            ("ignore[vm-extension] until=2027-01-01", "no reason"),
            (
                "ignore[vm-extension] until=2027-1-1 why",
                "2027-1-1 is not a date",
            ),
            ("ignore[vm-extension] until= why", " is not a date"),
            (
                "ignore[vm-extension] why until=2027-01-01",
                "must follow the bracket",
            ),
        ] {
            let malformed = read(&format!("msi2imds: {text}")).unwrap_err();
            assert!(malformed.message.contains(said), "{text}: {malformed:?}");
            assert!(!malformed.help.is_empty());
        }
    }

    #[test]
    fn a_message_stays_short_and_on_one_line() {
        let malformed = read(&format!("msi2imds: ignore[a\n{}] b", "é".repeat(500))).unwrap_err();
        assert!(malformed.message.chars().count() < 200 && !malformed.message.contains('\n'));
    }

    #[test]
    fn other_words_of_the_program_are_no_waiver() {
        for text in [
            "msi2imds",
            "msi2imds: see the docs",
            "msi2imds: ignored[x] y",
        ] {
            assert!(waivers_in(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn each_of_several_waivers_has_its_own_bytes() {
        let text = "a msi2imds: ignore[vm-extension] b \n msi2imds: ignore[lookalike] c \n";
        let found = waivers_in(text);
        let said = found.iter().map(|(span, _)| text.get(span.clone()));
        let said: Vec<&str> = said.map(Option::unwrap).collect();
        assert_eq!(
            said,
            [
                "msi2imds: ignore[vm-extension] b",
                "msi2imds: ignore[lookalike] c"
            ]
        );
        assert!(found.iter().all(|(_, words)| words.is_ok()));
    }
}
