//! The pipeline for one file in another language than JSON, and its gate.
//!
//! Never knows templates. Start at [`migrate_text`].

use crate::rules::{self, About, Caller, Finding, FindingKey, HoldCode, Severity, Surroundings};
use crate::script::{Language, language_of};
use crate::text::{Decoded, Edit, apply};

use super::entries::EntryIndex;
use super::holds::{Refused, hold_refused};
use super::remaining::shift_offset;
use super::sources::JoinedTexts;
use super::waivers::{Waived, Waivers};
use super::{Fault, Fixed, JoinedOutcome, Migration, Options, Source};

/// The largest text that is read in its language, which takes many times its size.
const MOST_BYTES: usize = 8 << 20;

/// Finds the extension and its callers in a script, in code or in a document called `name`, and
/// rewrites those callers that are understood; `None` if `name` and the start of the text do not say
/// that it is one, so that it may be a template.
///
/// A result was read again: at what was changed nothing is found any more, and a second run would
/// change nothing.
pub fn migrate_text(name: &[u8], source: &Source<'_>, options: &Options) -> Option<Migration> {
    let decoded = Decoded::new(source.bytes);
    if decoded.text().len() > MOST_BYTES && language_of(name, decoded.text()).is_some() {
        return Some(Migration {
            fault: Some(Fault::beyond(format!(
                "the file is larger than {} MiB and not JSON; exclude it, or ignore it",
                MOST_BYTES >> 20
            ))),
            ..Migration::default()
        });
    }
    drop(decoded);
    TextFile {
        name,
        source,
        options,
        is_other: false,
    }
    .migration()
}

/// Finds the extension and its callers in a file that is no template, by their words alone.
pub fn migrate_other_text(name: &[u8], source: &Source<'_>, options: &Options) -> Migration {
    let file = TextFile {
        name,
        source,
        options,
        is_other: true,
    };
    file.migration().unwrap_or_default()
}

/// What a file called `name` says about the files beside it. A script with a caller that stays as it is, also
/// since the gate refuses the result, keeps the extension on machines that run it.
pub fn surroundings_of(name: &[u8], bytes: &[u8]) -> Surroundings {
    let text = Decoded::new(bytes);
    let mut surroundings = Surroundings::of_file(name, text.text());
    let is_script = matches!(
        language_of(name, text.text()),
        Some(Language::Shell | Language::PowerShell | Language::Python)
    );
    drop(text);
    if !is_script {
        return surroundings;
    }
    let options = Options {
        surroundings: Surroundings::of_script(name),
        disregard_waivers_in_files: true,
        ..Options::default()
    };
    let migration = migrate_text(name, &Source::new("", bytes), &options).unwrap_or_default();
    let is_stuck = |finding: &Finding| {
        finding.rule.about == About::Caller
            && finding.severity > Severity::Note
            && !finding.fix.is_safe()
    };
    if migration.fault.is_some() || migration.findings.iter().any(is_stuck) {
        surroundings.stuck.extend(options.surroundings.scripts);
    }
    surroundings
}

/// A file on its way.
struct TextFile<'f> {
    name: &'f [u8],
    source: &'f Source<'f>,
    options: &'f Options,
    /// Whether only its words are known.
    is_other: bool,
}

/// What there is to say of a text, and to do about it.
struct TextPlan {
    findings: Vec<Finding>,
    waived: Vec<Waived>,
    waivers: Waivers,
    /// How many callers there are.
    callers: usize,
    /// Those whose edits are made; each is a unit of its own.
    applied: Vec<FindingKey>,
    edits: Vec<Edit>,
}

impl TextFile<'_> {
    /// `None` where it may be a template.
    fn migration(&self) -> Option<Migration> {
        let texts = JoinedTexts::of_text(self.source);
        let callers = self.callers(texts.text())?;
        let is_writable = texts.fault(0).is_none();
        let mut whole = hold_refused(|refused| {
            let plan = self.plan(texts.text(), callers.clone(), is_writable, refused);
            let units = plan.applied.iter();
            let units = units.map(|key| (format!("{:020} {}", key.1, key.0), [*key].into()));
            let mut whole = JoinedOutcome {
                used_waivers: plan.waivers.uses(&plan.waived),
                ..JoinedOutcome::default()
            };
            match self.fixed(texts.text(), &plan, refused) {
                Ok(fixed) => whole.migration.fixed = fixed,
                Err(fault) => whole.migration.fault = Some(fault.into_refusal()),
            }
            let units = units.collect();
            whole.migration.findings = plan.findings;
            whole.migration.suppressed = suppressed(plan.waived);
            (whole, units)
        });
        if let Some(baseline) = &self.options.baseline {
            let entries = EntryIndex::of_text(texts.text());
            baseline.settle(&texts, &entries, &mut whole);
        }
        texts.apart(whole, &[false]).pop()
    }

    /// What the rules that run find.
    fn callers(&self, text: &[u8]) -> Option<Vec<Caller>> {
        let surroundings = &self.options.surroundings;
        let mut callers = match self.is_other {
            true => rules::in_other_text(self.name, text, surroundings),
            false => rules::in_text(self.name, text, surroundings)?,
        };
        // Nothing in it is selected by a query.
        callers
            .retain(|one| self.options.runs(one.finding.rule.id) && self.options.within.is_empty());
        Some(callers)
    }

    /// What there is to say of `callers`, with places in the text, and what to do about them.
    fn plan(
        &self,
        text: &[u8],
        callers: Vec<Caller>,
        is_writable: bool,
        refused: &Refused,
    ) -> TextPlan {
        let options = self.options;
        let entries = EntryIndex::of_text(text);
        let mut waivers = Waivers::of_text(self.name, text, options);
        waivers.give(0, self.source.waivers, options, |_| Vec::new());
        let mut plan = TextPlan {
            findings: Vec::new(),
            waived: Vec::new(),
            waivers,
            callers: callers.len(),
            applied: Vec::new(),
            edits: Vec::new(),
        };
        for mut caller in callers {
            if !is_writable && !caller.edits.is_empty() {
                caller.hold_by(HoldCode::File, "the file cannot be written back");
            }
            if let Some(reason) = refused.reason(&caller.finding) {
                caller.hold_by(HoldCode::Refused, reason);
            }
            let finding = caller.finding;
            if let Some(waived) = plan.waivers.waive(&entries, &finding, true) {
                plan.waived.push(waived);
                continue;
            }
            if finding.fix.is_applied(options.unsafe_fixes) && !caller.edits.is_empty() {
                plan.applied.push(finding.key());
                plan.edits.extend(caller.edits);
            }
            plan.findings.push(finding);
        }
        plan.edits.sort();
        plan.edits.dedup();
        let (waived, left) = (&plan.waived, &plan.findings);
        let mut of_waivers = plan
            .waivers
            .findings(&entries, waived, left, options.is_complete());
        of_waivers.retain(|finding| options.runs(finding.rule.id));
        plan.findings.extend(of_waivers);
        plan.findings
            .sort_by_key(|finding| (finding.place.span.start, finding.rule.id));
        plan
    }

    /// Applies what is to be applied, and checks what comes of it; `None` where nothing is.
    fn fixed(
        &self,
        old: &[u8],
        plan: &TextPlan,
        refused: &Refused,
    ) -> Result<Option<Fixed>, Fault> {
        if plan.edits.is_empty() {
            return Ok(None);
        }
        let bytes = apply(old, &plan.edits).map_err(|error| Fault::new(error.to_string()))?;
        let callers = self.callers(&bytes);
        let callers = callers.ok_or_else(|| Fault::new("the language of the result is unknown"))?;
        let refused = refused.shifted(|start| shift_offset(start, &plan.edits));
        let again = self.plan(&bytes, callers, true, &refused);
        plan.verify(&again)?;
        let mut fixed = Fixed::of(bytes, plan.edits.clone());
        fixed.found_again = again.findings.iter().map(Finding::key).collect();
        fixed
            .found_again
            .extend(again.waived.iter().map(|one| one.finding.key()));
        fixed.remaining = again.findings;
        fixed.suppressed = suppressed(again.waived);
        Ok(Some(fixed))
    }
}

impl TextPlan {
    /// Checks that the plan for the result finds no less than it should, and has nothing to apply.
    fn verify(&self, again: &Self) -> Result<(), Fault> {
        // A rewritten command may be a sign of what is around it, such as the header.
        let others = self.callers.saturating_sub(self.applied.len());
        if again.callers < others {
            return Err(Fault::new(format!(
                "of the {others} other callers in the file, {} would be found again",
                again.callers
            )));
        }
        match again.applied.first() {
            Some((_, start)) => Err(Fault::new(format!(
                "a second run would change byte {start} again"
            ))),
            None => Ok(()),
        }
    }
}

fn suppressed(waived: Vec<Waived>) -> Vec<Finding> {
    waived.into_iter().map(|one| one.finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Fix;

    fn options() -> Options {
        Options {
            surroundings: Surroundings {
                extension: true,
                ..Surroundings::default()
            },
            ..Options::default()
        }
    }

    fn migrated(bytes: &[u8]) -> Migration {
        let source = Source::new("a.sh", bytes);
        migrate_text(b"a.sh", &source, &options()).unwrap()
    }

    #[test]
    fn a_script_beyond_the_bound_is_left_with_the_reason() {
        let mut text = GET.as_bytes().to_vec();
        text.resize(MOST_BYTES + 1, b'\n');
        let fault = migrated(&text).fault.unwrap();
        assert!(!fault.is_ours(), "{fault}");
        assert!(fault.to_string().contains("8 MiB"), "{fault}");
    }

    const GET: &str =
        "curl -s -H Metadata:true \"http://localhost:50342/oauth2/token?resource=r\"\n";

    #[test]
    fn a_second_run_and_a_file_in_utf_16_are_as_they_should_be() {
        let migration = migrated(GET.as_bytes());
        let fixed = migration.fixed.unwrap();
        let again = migrated(&fixed.bytes);
        assert!(again.fixed.is_none() && again.findings.is_empty());
        let units = std::iter::once(0xfeff).chain(GET.encode_utf16());
        let wide: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
        let fixed_wide = migrated(&wide).fixed.unwrap();
        let text = Decoded::new(&fixed_wide.bytes).text().to_vec();
        assert_eq!(text.strip_prefix(b"\xef\xbb\xbf"), Some(&*fixed.bytes));
        let broken = [&wide[..], b"\x00\xd8"].concat();
        let held = migrated(&broken);
        assert!(held.fixed.is_none() && matches!(held.findings[0].fix, Fix::Held(_)));
    }

    #[test]
    fn a_result_that_still_holds_the_caller_is_refused() {
        let options = options();
        let source = Source::new("a.sh", GET.as_bytes());
        let file = TextFile {
            name: b"a.sh",
            source: &source,
            options: &options,
            is_other: false,
        };
        let plan = |text: &str| {
            let callers = file.callers(text.as_bytes()).unwrap();
            file.plan(text.as_bytes(), callers, true, &Refused::default())
        };
        let (one, none) = (plan(GET), plan("true\n"));
        assert!(one.verify(&none).is_ok());
        assert!(one.verify(&one).is_err());
        // Of two that were there, one is left that would be rewritten again, unless it is waived.
        let two = TextPlan {
            callers: 2,
            ..plan(GET)
        };
        assert!(two.verify(&none).is_err() && two.verify(&one).is_err());
        let waived = plan(&format!("# msi2imds: ignore[token-endpoint] tested\n{GET}"));
        assert_eq!((waived.callers, waived.waived.len()), (1, 1));
        assert!(two.verify(&waived).is_ok());
    }

    #[test]
    fn what_the_gate_refuses_is_held_and_all_else_is_fixed() {
        // Without its authority, nothing else in the file says that the port is the endpoint's.
        let hides = "PORT=50342\ncurl -s -H Metadata:true \
            'http://localhost:50342/oauth2/token?resource=r&authority=/oauth2/token'\n";
        let text = format!("{GET}{hides}{GET}");
        let migration = migrated(text.as_bytes());
        assert!(migration.fault.is_none(), "{:?}", migration.fault);
        let held = |finding: &Finding| match &finding.fix {
            Fix::Held(hold) => hold.code == HoldCode::Refused,
            _ => false,
        };
        assert_eq!(migration.findings.iter().filter(|one| held(one)).count(), 1);
        let fixed = migration.fixed.unwrap();
        let new = String::from_utf8(fixed.bytes.clone()).unwrap();
        assert_eq!(new.matches("169.254.169.254").count(), 2, "{new}");
        assert!(new.contains(hides), "{new}");
        assert!(fixed.remaining.iter().any(held));
        assert!(migrated(&fixed.bytes).fixed.is_none());
        // A machine that runs the script keeps its extension.
        let surroundings = surroundings_of(b"a.sh", text.as_bytes());
        assert!(surroundings.stuck.contains("a.sh"));
        let surroundings = surroundings_of(b"a.sh", GET.as_bytes());
        assert!(surroundings.stuck.is_empty());
    }

    #[test]
    fn bytes_that_are_no_text_stay_as_they_are() {
        let source = [b"# \xff\xfe\n", GET.as_bytes(), b"\xff"].concat();
        let fixed = migrated(&source).fixed.unwrap();
        assert!(fixed.bytes.starts_with(b"# \xff\xfe\n") && fixed.bytes.ends_with(b"\n\xff"));
    }
}
