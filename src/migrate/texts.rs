//! The pipeline for one file in another language than JSON, and its gate.
//!
//! Never knows templates. Start at [`migrate_text`].

use crate::rules::{self, Caller, Finding, Fix};
use crate::text::{Decoded, Edit, apply};

use super::encoded::encoded;
use super::sources::located;
use super::{Fault, Fixed, Migration, Options};

/// Finds the extension and its callers in a script, in code or in a document called `name`, and
/// rewrites those callers that are understood; `None` if `name` and the start of the text do not say
/// that it is one, so that it may be a template.
///
/// A result was read again: at what was changed nothing is found any more, and a second run would
/// change nothing.
pub fn migrate_text(name: &[u8], source: &[u8], options: &Options) -> Option<Migration> {
    let decoded = Decoded::new(source);
    let mut callers = found(name, decoded.text(), options)?;
    if decoded.fault().is_some() {
        for caller in &mut callers {
            if !caller.edits.is_empty() {
                caller.finding.fix = Fix::Held("the file cannot be written back".to_owned());
                caller.edits.clear();
            }
        }
    }
    let mut migration = Migration::default();
    match fixed(name, source, &decoded, &callers, options) {
        Ok(fixed) => migration.fixed = fixed,
        Err(fault) => migration.fault = Some(fault),
    }
    let findings = callers.into_iter().map(|caller| caller.finding).collect();
    migration.findings = located(findings, &[0], &[decoded]);
    Some(migration)
}

/// What the rules that run find.
fn found(name: &[u8], text: &[u8], options: &Options) -> Option<Vec<Caller>> {
    let mut callers = rules::in_text(name, text, &options.surroundings)?;
    // Nothing in it is selected by a query.
    callers.retain(|caller| options.runs(caller.finding.rule.id) && options.within.is_empty());
    Some(callers)
}

fn is_applied(finding: &Finding, options: &Options) -> bool {
    match finding.fix {
        Fix::Safe => true,
        Fix::Unsafe => options.unsafe_fixes,
        Fix::Held(_) | Fix::DisplayOnly => false,
    }
}

/// Applies what is to be applied, and checks what comes of it; `None` where nothing is.
fn fixed(
    name: &[u8],
    source: &[u8],
    decoded: &Decoded<'_>,
    callers: &[Caller],
    options: &Options,
) -> Result<Option<Fixed>, Fault> {
    let applied = callers
        .iter()
        .filter(|caller| is_applied(&caller.finding, options));
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
    let mut fixed = encoded(&text, &edits, source, decoded)?;
    let again = found(name, &text, options)
        .ok_or_else(|| Fault::new("the result is in no language that is known"))?;
    verify(callers, applied.count(), &again, options)?;
    let findings = again.into_iter().map(|caller| caller.finding).collect();
    let file = Decoded::new(&fixed.bytes);
    let leftovers = located(findings, &[0], &[file]);
    fixed.leftovers = leftovers;
    Ok(Some(fixed))
}

/// Checks that what was applied is found no more, that all else still is, and that nothing is left to
/// apply.
fn verify(
    old: &[Caller],
    applied: usize,
    again: &[Caller],
    options: &Options,
) -> Result<(), Fault> {
    if again.len() + applied != old.len() {
        return Err(Fault::new(format!(
            "{applied} of {} callers were rewritten, and {} are left",
            old.len(),
            again.len()
        )));
    }
    let left = again
        .iter()
        .find(|caller| is_applied(&caller.finding, options) && !caller.edits.is_empty());
    match left {
        Some(caller) => Err(Fault::new(format!(
            "a second run would change byte {} again",
            caller.finding.place.span.start
        ))),
        None => Ok(()),
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

    const GET: &str =
        "curl -s -H Metadata:true \"http://localhost:50342/oauth2/token?resource=r\"\n";

    #[test]
    fn a_second_run_and_a_file_in_utf_16_are_as_they_should_be() {
        let migration = migrate_text(b"a.sh", GET.as_bytes(), &options()).unwrap();
        let fixed = migration.fixed.unwrap();
        let again = migrate_text(b"a.sh", &fixed.bytes, &options()).unwrap();
        assert!(again.fixed.is_none() && again.findings.is_empty());
        let units = std::iter::once(0xfeff).chain(GET.encode_utf16());
        let wide: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
        let fixed_wide = migrate_text(b"a.sh", &wide, &options())
            .unwrap()
            .fixed
            .unwrap();
        let text = Decoded::new(&fixed_wide.bytes).text().to_vec();
        assert_eq!(text.strip_prefix(b"\xef\xbb\xbf"), Some(&*fixed.bytes));
        let broken = [&wide[..], b"\x00\xd8"].concat();
        let held = migrate_text(b"a.sh", &broken, &options()).unwrap();
        assert!(held.fixed.is_none() && matches!(held.findings[0].fix, Fix::Held(_)));
    }

    #[test]
    fn a_result_that_still_holds_the_caller_is_refused() {
        let callers = || rules::in_text(b"a.sh", GET.as_bytes(), &options().surroundings).unwrap();
        assert!(verify(&callers(), 1, &[], &options()).is_ok());
        assert!(verify(&callers(), 1, &callers(), &options()).is_err());
        let two = || callers().into_iter().chain(callers()).collect::<Vec<_>>();
        assert!(verify(&two(), 1, &callers(), &options()).is_err());
    }

    #[test]
    fn bytes_that_are_no_text_stay_as_they_are() {
        let source = [b"# \xff\xfe\n", GET.as_bytes(), b"\xff"].concat();
        let fixed = migrate_text(b"a.sh", &source, &options())
            .unwrap()
            .fixed
            .unwrap();
        assert!(fixed.bytes.starts_with(b"# \xff\xfe\n") && fixed.bytes.ends_with(b"\n\xff"));
    }
}
