//! The pipeline for one file in another language than JSON, and its gate.
//!
//! Never knows templates. Start at [`migrate_text`].

use std::collections::HashSet;

use crate::rules::{self, About, Caller, Finding, Fix, HoldCode, Severity, Surroundings};
use crate::script::{Language, language_of};
use crate::text::{Decoded, Edit, apply};

use super::encoded::encoded;
use super::holds::{Refused, Units};
use super::remaining::shift_offset;
use super::sources::locate_all;
use super::suppressed::{self, locate_suppressed};
use super::waivers::SuppressedBy;
use super::{Fault, Fixed, Migration, Options, Source};

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
    let callers = found(name, decoded.text(), options, false)?;
    Some(migration(name, source, options, &decoded, callers, false))
}

/// Finds the extension and its callers in a file that is no template, by their words alone.
pub fn migrate_other_text(name: &[u8], source: &Source<'_>, options: &Options) -> Migration {
    let decoded = Decoded::new(source.bytes);
    let callers = found(name, decoded.text(), options, true).unwrap_or_default();
    migration(name, source, options, &decoded, callers, true)
}

fn migration(
    name: &[u8],
    source: &Source<'_>,
    options: &Options,
    decoded: &Decoded<'_>,
    mut callers: Vec<Caller>,
    is_other: bool,
) -> Migration {
    if decoded.fault().is_some() {
        for caller in &mut callers {
            if !caller.edits.is_empty() {
                caller.finding.fix =
                    Fix::Held(HoldCode::File.because("the file cannot be written back"));
                caller.edits.clear();
            }
        }
    }
    let file = File {
        name,
        source,
        options,
        is_other,
    };
    let mut migration = file.told(decoded.text(), &callers);
    let is_waived = waived(&migration);
    let mut fixed = file.fixed(decoded, &callers, &is_waived, &Refused::default());
    if let Err(fault) = &fixed {
        let units = file.units(&callers, &is_waived);
        let refused = Refused::find(&units, &fault.to_string(), |refused| {
            let result = file.fixed(decoded, &callers, &is_waived, refused);
            Some(result.err()?.to_string())
        });
        hold_refused(&mut callers, &refused);
        migration = file.told(decoded.text(), &callers);
        fixed = file.fixed(decoded, &callers, &is_waived, &refused);
    }
    match fixed {
        Ok(fixed) => migration.fixed = fixed,
        Err(fault) => migration.fault = Some(fault),
    }
    let files = std::slice::from_ref(decoded);
    migration.findings = locate_all(migration.findings, &[0], files);
    migration.suppressed = locate_suppressed(migration.suppressed, &[0], files);
    migration
}

/// What the rules that run find.
fn found(name: &[u8], text: &[u8], options: &Options, is_other: bool) -> Option<Vec<Caller>> {
    let mut callers = if is_other {
        rules::in_other_text(name, text, &options.surroundings)
    } else {
        rules::in_text(name, text, &options.surroundings)?
    };
    // Nothing in it is selected by a query.
    callers.retain(|caller| options.runs(caller.finding.rule.id) && options.within.is_empty());
    Some(callers)
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
            && finding.fix != Fix::Safe
    };
    if migration.fault.is_some() || migration.findings.iter().any(is_stuck) {
        surroundings.stuck.extend(options.surroundings.scripts);
    }
    surroundings
}

fn is_applied(finding: &Finding, options: &Options) -> bool {
    match finding.fix {
        Fix::Safe => true,
        Fix::Unsafe => options.unsafe_fixes,
        Fix::Held(_) | Fix::DisplayOnly => false,
    }
}

/// What waivers hide, by rule and start.
type WaivedPlaces = HashSet<(&'static str, usize)>;

fn waived(told: &Migration) -> WaivedPlaces {
    let suppressed = told.suppressed.iter();
    let waived = suppressed.filter(|one| one.by != SuppressedBy::Baseline);
    waived.map(|one| key(&one.finding)).collect()
}

fn key(finding: &Finding) -> (&'static str, usize) {
    (finding.rule.id, finding.place.span.start)
}

/// Leaves what the gate refused as it is.
fn hold_refused(callers: &mut [Caller], refused: &Refused) {
    for caller in callers {
        if let Some(reason) = refused.reason(&caller.finding) {
            caller.finding.fix = Fix::Held(HoldCode::Refused.because(reason));
            caller.edits.clear();
        }
    }
}

/// A file on its way.
struct File<'f> {
    name: &'f [u8],
    source: &'f Source<'f>,
    options: &'f Options,
    /// Whether only its words are known.
    is_other: bool,
}

impl File<'_> {
    /// What there is to say of `callers`, with places in the text.
    fn told(&self, text: &[u8], callers: &[Caller]) -> Migration {
        let findings = callers.iter().map(|caller| caller.finding.clone());
        suppressed::in_text(
            self.name,
            self.source,
            text,
            findings.collect(),
            self.options,
        )
    }

    /// Whether the edits of a caller are made.
    fn is_applied(&self, caller: &Caller, waived: &WaivedPlaces) -> bool {
        is_applied(&caller.finding, self.options) && !waived.contains(&key(&caller.finding))
    }

    /// Each caller whose edits are made is a unit of its own.
    fn units(&self, callers: &[Caller], waived: &WaivedPlaces) -> Units {
        let applied = callers.iter().filter(|one| self.is_applied(one, waived));
        let units = applied.map(|one| key(&one.finding));
        units
            .map(|key| (format!("{:020} {}", key.1, key.0), [key].into()))
            .collect()
    }

    /// Applies what is to be applied, and checks what comes of it; `None` where nothing is.
    fn fixed(
        &self,
        decoded: &Decoded<'_>,
        callers: &[Caller],
        waived_before: &WaivedPlaces,
        refused: &Refused,
    ) -> Result<Option<Fixed>, Fault> {
        let applied = callers.iter().filter(|caller| {
            self.is_applied(caller, waived_before) && refused.reason(&caller.finding).is_none()
        });
        let mut edits: Vec<Edit> = applied
            .clone()
            .flat_map(|caller| caller.edits.iter().cloned())
            .collect();
        if edits.is_empty() {
            return Ok(None);
        }
        edits.sort();
        edits.dedup();
        let text = apply(decoded.text(), &edits).map_err(|error| Fault::new(error.to_string()))?;
        let mut fixed = encoded(&text, &edits, self.source.bytes, decoded)?;
        let mut again = found(self.name, &text, self.options, self.is_other)
            .ok_or_else(|| Fault::new("the language of the result is unknown"))?;
        let refused = refused.shifted(|start| shift_offset(start, &edits));
        hold_refused(&mut again, &refused);
        let told = self.told(&text, &again);
        self.verify(callers.len(), applied.count(), &again, &waived(&told))?;
        let files = [Decoded::new(&fixed.bytes)];
        let remaining = locate_all(told.findings, &[0], &files);
        let suppressed = locate_suppressed(told.suppressed, &[0], &files);
        drop(files);
        (fixed.remaining, fixed.suppressed, fixed.entries) = (remaining, suppressed, told.entries);
        Ok(Some(fixed))
    }

    /// Checks that what was applied is found no more, that all else still is, and that nothing is left
    /// to apply.
    fn verify(
        &self,
        old: usize,
        applied: usize,
        again: &[Caller],
        waived: &WaivedPlaces,
    ) -> Result<(), Fault> {
        // A rewritten command may be a sign of what is around it, such as the header.
        if again.len() + applied < old {
            return Err(Fault::new(format!(
                "of the {} other callers in the file, {} would be found again",
                old - applied,
                again.len()
            )));
        }
        let left = again
            .iter()
            .find(|caller| self.is_applied(caller, waived) && !caller.edits.is_empty());
        match left {
            Some(caller) => Err(Fault::new(format!(
                "a second run would change byte {} again",
                caller.finding.place.span.start
            ))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Surroundings;

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
        let file = File {
            name: b"a.sh",
            source: &source,
            options: &options,
            is_other: false,
        };
        let callers = rules::in_text(b"a.sh", GET.as_bytes(), &options.surroundings).unwrap();
        let none = WaivedPlaces::new();
        assert!(file.verify(1, 1, &[], &none).is_ok());
        assert!(file.verify(1, 1, &callers, &none).is_err());
        // Of two that were there, one is left that would be rewritten again, unless it is waived.
        assert!(file.verify(2, 1, &callers, &none).is_err());
        let waived = WaivedPlaces::from([key(&callers[0].finding)]);
        assert!(file.verify(2, 1, &callers, &waived).is_ok());
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
