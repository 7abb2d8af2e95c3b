//! What the gate refuses becomes a hold: the units whose operations make the difference stay as they are,
//! and the rest is verified again.
//!
//! Which units these are is found by verifying parts of them alone, so that it does not depend on what a
//! check says. Start at [`hold_refused`].

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::rules::{Finding, FindingKey};

use super::JoinedOutcome;

/// The root findings that have operations, by unit.
pub(super) type Units = BTreeMap<String, BTreeSet<FindingKey>>;

/// In how many parts units are verified to find those that are refused.
const PARTS: usize = 16;

/// The root findings that are held, with the reason.
#[derive(Clone, Debug, Default)]
pub(super) struct Refused(HashMap<FindingKey, String>);

impl Refused {
    /// Why a root finding is held, if it is.
    pub(super) fn reason(&self, finding: &Finding) -> Option<&str> {
        self.0.get(&finding.key()).map(String::as_str)
    }

    /// The same in the text that edits make: `shift` gives the new offset of an old one.
    pub(super) fn shifted(&self, shift: impl Fn(usize) -> Option<usize>) -> Self {
        let all = self.0.iter();
        let all = all
            .filter_map(|((rule, start), reason)| Some(((*rule, shift(*start)?), reason.clone())));
        Self(all.collect())
    }

    /// Holds these.
    fn of<'k>(keys: impl IntoIterator<Item = &'k FindingKey>, reason: &str) -> Self {
        let reason = format!("the result failed a self-check: {reason}");
        let keys = keys.into_iter();
        Self(keys.map(|key| (*key, reason.clone())).collect())
    }

    /// What to hold of `units`, whose result as a whole was refused for this reason. `refuses` verifies a
    /// result without what is held, and gives the reason of a refusal.
    fn find(units: &Units, reason: &str, mut refuses: impl FnMut(&Self) -> Option<String>) -> Self {
        let all: Vec<&BTreeSet<FindingKey>> = units.values().collect();
        let size = all.len().div_ceil(PARTS).max(1);
        let mut refused = Self::default();
        for (part, units) in all.chunks(size).enumerate() {
            let others = all.chunks(size).enumerate().filter(|(at, _)| *at != part);
            let others = others.flat_map(|(_, units)| units.iter().copied().flatten());
            if let Some(reason) = refuses(&Self::of(others, reason)) {
                let held = Self::of(units.iter().copied().flatten(), &reason);
                refused.0.extend(held.0);
            }
        }
        match refused.0.is_empty() || refuses(&refused).is_some() {
            true => Self::of(units.values().flatten(), reason),
            false => refused,
        }
    }
}

/// What comes of `attempt`, which is repeated without the units that the gate refuses, if it refuses any.
pub(super) fn hold_refused(attempt: impl Fn(&Refused) -> (JoinedOutcome, Units)) -> JoinedOutcome {
    let (whole, units) = attempt(&Refused::default());
    let fault = whole.migration.fault.as_ref();
    let Some(fault) = fault.filter(|fault| fault.is_refusal()) else {
        return whole;
    };
    let refused = Refused::find(&units, &fault.to_string(), |refused| {
        let (whole, _) = attempt(refused);
        Some(whole.migration.fault?.to_string())
    });
    attempt(&refused).0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(number: usize) -> Units {
        let unit = |at| (format!("{at:03}"), BTreeSet::from([("vm-extension", at)]));
        (0..number).map(unit).collect()
    }

    /// Which of some units are held where a result with one of `bad` is refused, and with both of `pair`.
    fn held(number: usize, bad: &[usize], pair: Option<(usize, usize)>) -> Vec<usize> {
        let units = units(number);
        let refuses = |held: &Refused| {
            let is_done = |at: &usize| !held.0.contains_key(&("vm-extension", *at));
            let both = pair.is_some_and(|(one, other)| is_done(&one) && is_done(&other));
            (both || bad.iter().any(is_done)).then(|| "why".to_owned())
        };
        let refused = Refused::find(&units, "first", refuses);
        let mut held: Vec<usize> = refused.0.keys().map(|(_, at)| *at).collect();
        held.sort_unstable();
        held
    }

    #[test]
    fn only_the_units_that_are_refused_are_held() {
        assert_eq!(held(1, &[0], None), [0]);
        assert_eq!(held(5, &[1, 4], None), [1, 4]);
        assert_eq!(held(40, &[7], None), [6, 7, 8]);
    }

    #[test]
    fn where_no_part_alone_is_refused_all_are_held() {
        assert_eq!(held(4, &[], Some((0, 3))), [0, 1, 2, 3]);
        assert_eq!(held(4, &[2], Some((0, 3))), [0, 1, 2, 3]);
    }
}
