//! Why a fix is held: a stable code, and the reason in words.
//!
//! A hold is made by its code: `HoldCode::Order.because("…")`. A new code is a variant and a row of
//! [`HOLDS`]; there are at most 15, each with one way out. `docs/holds.md` lists them.

use std::fmt;

/// Why a fix is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The kind of the reason; it stays the same from version to version.
    pub code: HoldCode,
    /// The reason, as the end of "not fixed: …".
    pub reason: String,
    /// Whether `--unsafe-fixes` makes the removal all the same.
    pub releasable: bool,
}

impl Hold {
    /// The same hold, which `--unsafe-fixes` releases.
    pub fn releasable(self) -> Self {
        Self {
            releasable: true,
            ..self
        }
    }
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

/// The kind of a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HoldCode {
    /// Something may name the removed extension.
    MayName,
    /// Publisher or type are not known.
    Undecided,
    /// The order of deployment cannot be written without the extension.
    Order,
    /// Something reads the extension when the template is deployed.
    StillRead,
    /// A resource is below the extension or scoped to it.
    Below,
    /// A policy looks for the extension.
    Policy,
    /// The extension is declared at a place that is not edited.
    Place,
    /// A file is not edited.
    File,
    /// A waiver keeps the extension on the machine.
    Waived,
    /// The machine would have no identity, or not the one that is needed.
    Identity,
    /// A command or call is not understood as a whole.
    Command,
    /// The address is made of parts.
    Address,
    /// IMDS would refuse the request.
    Request,
    /// The text may run on a host with an endpoint of its own.
    OtherHost,
    /// The check of the result refused it.
    Refused,
}

impl HoldCode {
    /// A hold for this reason.
    pub fn because(self, reason: impl Into<String>) -> Hold {
        Hold {
            code: self,
            reason: reason.into(),
            releasable: false,
        }
    }

    /// The code, as reports print it.
    pub fn word(self) -> &'static str {
        let row = HOLDS.iter().find(|(code, ..)| *code == self);
        row.map_or("", |(_, word, ..)| word)
    }
}

/// The codes in the order of their page, each with its word, what it means, and the way out.
static HOLDS: [(HoldCode, &str, &str, &str); 15] = [
    (
        HoldCode::MayName,
        "may-name",
        "An expression names the extension for some of its values, or may name it.",
        "Write the name out, or add the parameter file that decides it. `--unsafe-fixes` removes the \
                 extension and lists the places.",
    ),
    (
        HoldCode::Undecided,
        "undecided",
        "`publisher` or `type` is an expression whose value is unknown.",
        "Add the parameter file that decides it, or write the value out.",
    ),
    (
        HoldCode::Order,
        "order",
        "The order of deployment cannot be written without the extension: a list is an expression, is \
                 shared between machines, or a resource would depend on itself.",
        "Write `dependsOn` or `provisionAfterExtensions` as a list of names, without the extension.",
    ),
    (
        HoldCode::StillRead,
        "still-read",
        "An expression, or an `existing` resource, reads the extension during the deployment.",
        "Remove or replace the expression.",
    ),
    (
        HoldCode::Below,
        "below",
        "A resource is declared below the extension, or its scope is the extension.",
        "Remove that resource, or give it another scope.",
    ),
    (
        HoldCode::Policy,
        "policy",
        "A policy deploys the extension and tests for it.",
        "Retire the policy: delete its assignments and its definition.",
    ),
    (
        HoldCode::Place,
        "place",
        "The extension is declared in a place that msi2imds does not edit, such as a fleet, \
                 or a variable whose uses cannot be followed.",
        "Remove the declaration by hand.",
    ),
    (
        HoldCode::File,
        "file",
        "A file that must change does not parse, cannot be written back, or was not \
                 selected.",
        "Fix the file, or name it on the command line too.",
    ),
    (
        HoldCode::Waived,
        "waived",
        "A waiver keeps another declaration of the extension on the same machine.",
        "Remove the waiver, or waive this finding too.",
    ),
    (
        HoldCode::Identity,
        "identity",
        "The VM or scale set would have no managed identity, or not the one that its \
                 callers need.",
        "Write the `identity` block that the callers need, at an apiVersion from 2018-06-01 on. \
                 `--unsafe-fixes` raises the apiVersion in the run that removes the extension.",
    ),
    (
        HoldCode::Command,
        "command",
        "The command, call or string with the address could not be parsed completely.",
        "Rewrite the request by hand: GET `http://169.254.169.254/metadata/identity/oauth2/token` with \
                 `api-version=2018-02-01` and the header `Metadata: true`.",
    ),
    (
        HoldCode::Address,
        "address",
        "The address is assembled from parts: its host, port or path is elsewhere in the \
                 file.",
        "Replace the whole address by `http://169.254.169.254/metadata/identity/oauth2/token`, and add \
                 `api-version=2018-02-01` to the query.",
    ),
    (
        HoldCode::Request,
        "request",
        "IMDS refuses the request as it is: it goes through a proxy, or sends a header, parameter or \
                 body that IMDS does not accept.",
        "Send a GET without a proxy, with the header `Metadata: true` and the parameters that IMDS knows.",
    ),
    (
        HoldCode::OtherHost,
        "other-host",
        "The text may run in App Service, Cloud Shell or a container, which have endpoints of their own.",
        "Use the identity library of the Azure SDK, which finds the endpoint of its host, or waive the \
                 finding.",
    ),
    (
        HoldCode::Refused,
        "refused",
        "The result failed a check of msi2imds, so that the machine, or the request in a script, stays as it is.",
        "Migrate the machine or the request by hand, and report the finding to msi2imds.",
    ),
];

/// The page of all codes, `docs/holds.md`.
pub fn holds_page() -> String {
    let mut page = HEAD.to_owned();
    for (_, word, meaning, way_out) in &HOLDS {
        page.push_str(&format!("| `{word}` | {meaning} | {way_out} |\n"));
    }
    page
}

const HEAD: &str = "# Why a fix is held

`not fixed: …` gives the reason in words. The formats for machines give its code too (`fix.code` in JSON). \
Codes stay the same from version to version.

| code | what it means | the way out |
| --- | --- | --- |
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_a_word_of_its_own_and_a_row() {
        // `Refused` is the last of the codes.
        let codes = HOLDS.iter().map(|(code, ..)| *code as usize);
        assert!(codes.eq(0..=HoldCode::Refused as usize));
        let words: Vec<&str> = HOLDS.iter().map(|(_, word, ..)| *word).collect();
        let distinct: std::collections::BTreeSet<&&str> = words.iter().collect();
        assert_eq!(distinct.len(), words.len());
        let page = holds_page();
        assert!(
            words
                .iter()
                .all(|word| page.contains(&format!("| `{word}` |")))
        );
    }
}
