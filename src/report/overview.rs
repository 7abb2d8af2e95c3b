//! A run from above: the machines with their states, what is left, and what to do next.
//!
//! Knows findings; never knows a format. Start at [`Overview`].

use std::collections::{BTreeMap, HashMap};

use super::content::Report;
use super::fixed_by::FixedBy;
use super::reported::{ReportedFinding, ReportedMachine};
use crate::rules::{About, Fix};

/// What a person wants to know first, and what is to do.
pub(super) struct Overview<'a> {
    /// The machines with the extension, in the order of their folders and files.
    pub(super) machines: Vec<MachineState<'a>>,
    /// What is left beside these, and beside what their migration fixes.
    pub(super) others: Vec<&'a ReportedFinding>,
    /// How many findings of each rule this run fixed that are about no machine.
    pub(super) fixed: BTreeMap<&'static str, usize>,
    /// What to do or to check before the deployment, each once with the number of findings that say so.
    pub(super) advice: Vec<(&'a str, usize)>,
}

/// A machine, and what becomes of it.
pub(super) struct MachineState<'a> {
    pub(super) machine: &'a ReportedMachine,
    pub(super) state: State,
    /// The finding that decides that.
    pub(super) finding: &'a ReportedFinding,
}

/// What becomes of a machine, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum State {
    /// This run migrated it.
    Done,
    /// `fix` migrates it.
    Ready,
    /// `fix --unsafe-fixes` does.
    Unsafe,
    /// A person decides.
    Held,
}

impl State {
    pub(super) const ALL: [Self; 4] = [Self::Done, Self::Ready, Self::Unsafe, Self::Held];

    /// The word for one machine.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Ready => "ready",
            Self::Unsafe => "unsafe",
            Self::Held => "held",
        }
    }

    /// The same of a number of them.
    pub(super) fn counted(self, number: usize) -> String {
        match (self, number) {
            (Self::Unsafe, 1) => "1 needs --unsafe-fixes".to_owned(),
            (Self::Unsafe, number) => format!("{number} need --unsafe-fixes"),
            (state, number) => format!("{number} {}", state.word()),
        }
    }
}

impl<'a> MachineState<'a> {
    /// The code and the reason of a hold.
    pub(super) fn hold(&self) -> Option<(&'static str, &'a str)> {
        match &self.finding.fix {
            Fix::Held(hold) if self.state > State::Ready => Some((hold.code.word(), &hold.reason)),
            _ => None,
        }
    }

    /// Why the machine is not ready, if it is not.
    pub(super) fn reason(&self) -> String {
        match (self.hold(), self.state) {
            (Some((code, reason)), _) => format!("{code}: {reason}"),
            (None, State::Held) => self.finding.message.clone(),
            _ => String::new(),
        }
    }

    /// The folder of its file.
    pub(super) fn folder(&self) -> String {
        let file = self.machine.location.region.name();
        file.rsplit_once('/')
            .map_or_else(|| ".".to_owned(), |(folder, _)| folder.to_owned())
    }

    /// What to call it: its kind and its name.
    pub(super) fn title(&self) -> String {
        format!("{} {}", self.machine.kind.label(), self.machine.name)
    }

    /// Its file and line.
    pub(super) fn place(&self) -> String {
        let region = &self.machine.location.region;
        format!("{}:{}", region.name(), region.start.line)
    }
}

/// How many machines of a list are in each state, in words.
pub(super) fn counted(machines: &[MachineState<'_>]) -> String {
    let number = |state| machines.iter().filter(|one| one.state == state).count();
    let states = State::ALL.into_iter().map(|state| (state, number(state)));
    let words = states
        .filter(|(_, number)| *number > 0)
        .map(|(state, number)| state.counted(number));
    let all = match machines.len() {
        1 => "1 machine".to_owned(),
        more => format!("{more} machines"),
    };
    std::iter::once(all)
        .chain(words)
        .collect::<Vec<_>>()
        .join(", ")
}

impl<'a> Overview<'a> {
    pub(super) fn new(report: &Report<'a>) -> Self {
        let files = || report.results.files.iter();
        let left = files()
            .flat_map(|file| &file.findings)
            .map(|it| (it, false));
        let applied = files().flat_map(|file| &file.applied).map(|it| (it, true));
        let has_applied = report.has_applied();
        let mut all: Vec<MachineState<'a>> = Vec::new();
        let mut known: HashMap<_, usize> = HashMap::new();
        let mut others = Vec::new();
        let mut fixed: BTreeMap<&'static str, usize> = BTreeMap::new();
        let mut advice: BTreeMap<&'a str, usize> = BTreeMap::new();
        for (finding, is_applied) in left.chain(applied) {
            // What is left has its own list: after a fix, this one is about what was done.
            if is_applied || !has_applied {
                for help in &finding.help {
                    *advice.entry(help).or_default() += 1;
                }
            }
            let machine = finding.machine.as_deref();
            let machine = machine.filter(|_| finding.rule.about == About::Extension);
            let Some(machine) = machine else {
                let goes_with = finding.machine.is_some() && finding.fixed_by == FixedBy::Fix;
                match is_applied {
                    true if finding.machine.is_none() => {
                        *fixed.entry(finding.rule.id).or_default() += 1;
                    }
                    false if !goes_with => others.push(finding),
                    _ => {}
                }
                continue;
            };
            let state = match (is_applied, finding.fixed_by) {
                (true, _) => State::Done,
                (false, FixedBy::Fix) => State::Ready,
                (false, FixedBy::UnsafeFixes) => State::Unsafe,
                (false, FixedBy::Hand) => State::Held,
            };
            let one = MachineState {
                machine,
                state,
                finding,
            };
            let region = &machine.location.region;
            let key = (is_applied, &region.file, &machine.name, region.start.offset);
            let place = *known.entry(key).or_insert(all.len());
            match all.get_mut(place) {
                Some(known) if known.state < state => *known = one,
                Some(_) => {}
                None => all.push(one),
            }
        }
        all.sort_by_cached_key(|one| {
            let region = &one.machine.location.region;
            (one.folder(), region.file.to_vec(), region.start.offset)
        });
        Self {
            machines: all,
            others,
            fixed,
            advice: advice.into_iter().collect(),
        }
    }

    /// The machines of each folder.
    pub(super) fn folders(&self) -> impl Iterator<Item = (String, &[MachineState<'a>])> {
        let folders = self
            .machines
            .chunk_by(|one, next| one.folder() == next.folder());
        folders.filter_map(|machines| Some((machines.first()?.folder(), machines)))
    }

    /// The advice, each with what to say of how often it is given.
    pub(super) fn advice_lines(&self) -> impl Iterator<Item = (&str, String)> {
        self.advice.iter().map(|(text, number)| match number {
            1 => (*text, String::new()),
            more => (*text, format!(" ({more} times)")),
        })
    }

    /// How many machines are in this state.
    pub(super) fn number(&self, state: State) -> usize {
        self.machines
            .iter()
            .filter(|one| one.state == state)
            .count()
    }
}
