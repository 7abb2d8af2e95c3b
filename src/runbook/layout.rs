//! What the scripts of both shells have in common: comments, titles, and functions where they are called.
//!
//! Never knows a command. Start at [`push_title`].

use super::quoting::comment;
use super::steps::{RequestedValue, Step, StepTarget, ValueKind};

/// A function of a script: its name, which a blank follows where it is called, and its text.
pub(super) type ShellFunction = (&'static str, &'static str);

/// Those of the functions that a script calls, and those that these call, which are in front of them.
pub(super) fn called_functions(all: &[ShellFunction], script: &str) -> String {
    let mut called = String::new();
    for (name, text) in all.iter().rev() {
        let call = format!("{name} ");
        if script.contains(&call) || called.contains(&call) {
            called.insert_str(0, text);
        }
    }
    called
}

/// Adds what a step is about, and what to read before its commands.
pub(super) fn push_title(out: &mut String, step: &Step) {
    let what = match step.target {
        StepTarget::VirtualMachine => "VM ",
        StepTarget::ScaleSet => "Scale set ",
        StepTarget::Words(_) => "",
    };
    let title = match (&step.machine, &step.extension) {
        (Some(machine), Some(extension)) => format!("{what}{machine}: {extension}"),
        (Some(machine), None) => format!("{what}{machine}"),
        (None, _) => format!(
            "{}: names are looked up when this script runs",
            what.trim_end()
        ),
    };
    push_comment(out, "", &title);
    for remark in &step.remarks {
        push_comment(out, "- ", remark);
    }
}

/// Adds a line that no shell reads.
pub(super) fn push_comment(out: &mut String, mark: &str, text: &str) {
    let line = format!("# {mark}{}", comment(text));
    out.push_str(line.trim_end());
    out.push('\n');
}

/// What to give for a value.
pub(super) fn meaning(asked: &RequestedValue) -> String {
    let written = asked.written.as_deref().unwrap_or_default();
    match asked.what {
        ValueKind::FilesGroup => "the resource group that the templates are deployed to".to_owned(),
        ValueKind::Group => format!("the resource group {written}"),
        ValueKind::Subscription => format!("the subscription {written}"),
    }
}
