//! A template with a machine and its extensions in one file, and the same split into a parent and two
//! linked files: both must be changed in the same way.

use super::{Outcomes, of_files};

/// One way to write the template, of many.
#[derive(Clone, Copy, Debug)]
struct Way {
    /// How the machine is named, in the one file and where it is passed on from.
    name: &'static str,
    /// More members of the machine.
    identity: &'static str,
    /// The publisher, in the same words where it is passed on.
    publisher: &'static str,
    /// How the script names the extension that it waits for.
    edge: &'static str,
    /// Whether what there is about the extensions has a condition.
    conditional: bool,
    /// What the parameter file of the one file or of the parent gives.
    given: &'static str,
}

const NAMES: [&str; 3] = [
    "web",
    "[parameters('vm')]",
    "[concat('web-', uniqueString('x'))]",
];
const IDENTITIES: [&str; 3] = ["", ", $ON", r#", "identity": {"type": "None"}"#];
const PUBLISHERS: [&str; 3] = [
    "Microsoft.ManagedIdentity",
    "[concat('Microsoft.', 'ManagedIdentity')]",
    "[parameters('publisher')]",
];
const EDGES: [&str; 2] = [
    "[concat(NAME, '/msi')]",
    "[resourceId('Microsoft.Compute/virtualMachines/extensions', NAME, 'msi')]",
];
const GIVEN: [&str; 3] = [
    "",
    r#""publisher": {"value": "Microsoft.ManagedIdentity"}"#,
    r#""publisher": {"value": "Contoso"}, "vm": {"value": "web"}"#,
];

const PARAMETERS: &str = r#"{"vm": {"type": "string"}, "publisher": {"type": "string"}}"#;

impl Way {
    fn machine(self, name: &str) -> String {
        format!(r#"{{$VM, "name": "{name}"{}}}"#, self.identity)
    }

    /// The extensions on the machine called `name`, with members that the first resource has more.
    fn extensions(self, name: &str, publisher: &str, more: &str) -> String {
        let inner = match name.strip_prefix('[') {
            Some(rest) => rest.trim_end_matches(']').to_owned(),
            None => format!("'{name}'"),
        };
        let edge = self.edge.replace("NAME", &inner);
        format!(
            r#"{{$EXT, "name": "[concat({inner}, '/msi')]"{more}, "properties": {{
                "publisher": "{publisher}", "type": "ManagedIdentityExtensionForLinux"}}}},
            {{$EXT, "name": "[concat({inner}, '/setup')]"{more}, "dependsOn": ["{edge}"],
                "properties": {{$SCRIPT}}}}"#
        )
    }

    /// What becomes of all in one file.
    fn whole(self) -> Outcomes {
        let condition = self.condition();
        let machine = self.machine(self.name);
        let extensions = self.extensions(self.name, self.publisher, condition);
        let whole = template(&format!("{machine}, {extensions}"));
        of_files(&[
            ("main.json", &whole),
            ("main.parameters.json", &self.parameter_file()),
        ])
    }

    /// What becomes of it in three files.
    fn split(self) -> Outcomes {
        let deployment = |file: &str, more: &str| {
            format!(
                r#"{{$DEPLOY, "name": "{file}"{more}, "properties": {{
                    "templateLink": {{"uri": "[uri(parameters('base'), '{file}.json')]"}},
                    "parameters": {{"vm": {{"value": "{}"}}, "publisher": {{"value": "{}"}}}}}}}}"#,
                self.name, self.publisher
            )
        };
        let parent = template(&format!(
            "{}, {}",
            deployment("machine", ""),
            deployment("extensions", self.condition()),
        ));
        let own = "[parameters('vm')]";
        let machine = template(&self.machine(own));
        let extensions = template(&self.extensions(own, "[parameters('publisher')]", ""));
        of_files(&[
            ("main.json", &parent),
            ("main.parameters.json", &self.parameter_file()),
            ("machine.json", &machine),
            ("extensions.json", &extensions),
        ])
    }

    fn condition(self) -> &'static str {
        match self.conditional {
            true => r#", "condition": "[equals(parameters('vm'), 'x')]""#,
            false => "",
        }
    }

    fn parameter_file(self) -> String {
        format!(r#"{{"parameters": {{{}}}}}"#, self.given)
    }
}

fn template(resources: &str) -> String {
    format!(
        r#"{{"contentVersion": "1.0.0.0", "parameters": {PARAMETERS}, "resources": [{resources}]}}"#
    )
}

/// Every way.
fn ways() -> Vec<Way> {
    let mut ways = Vec::new();
    for name in NAMES {
        for identity in IDENTITIES {
            for publisher in PUBLISHERS {
                for edge in EDGES {
                    for conditional in [false, true] {
                        for given in GIVEN {
                            ways.push(Way {
                                name,
                                identity,
                                publisher,
                                edge,
                                conditional,
                                given,
                            });
                        }
                    }
                }
            }
        }
    }
    ways
}

/// What is said about the extension and the machine, without where.
fn verdicts(outcomes: &Outcomes) -> Vec<String> {
    let said = outcomes.said().into_iter();
    let said = said.filter(|line| !line.contains("orphaned-parameter"));
    let mut said: Vec<String> = said
        .map(|line| {
            let words: Vec<&str> = line.splitn(5, ' ').collect();
            format!("{} {} {}", words[1], words[2], words[4])
        })
        .collect();
    said.sort();
    said
}

#[test]
fn what_is_split_into_linked_files_is_changed_as_in_one() {
    let (mut removed, mut kept, mut identities) = (0, 0, 0);
    for way in ways() {
        let (whole, split) = (way.whole(), way.split());
        let main = whole.of("main.json");
        let (machine, extensions) = (split.of("machine.json"), split.of("extensions.json"));
        assert!(!split.changed().contains(&"main.json"), "{way:?}");
        assert_eq!(verdicts(&whole), verdicts(&split), "{way:?}");
        let identity = main.at("/resources/0/identity");
        assert_eq!(identity, machine.at("/resources/0/identity"), "{way:?}");
        identities += usize::from(machine.is_changed);
        let names = main.names("/resources").len() - 1;
        assert_eq!(names, extensions.names("/resources").len(), "{way:?}");
        let setup = main.at(&format!("/resources/{names}/dependsOn")) == "none";
        let in_split = extensions.at(&format!("/resources/{}/dependsOn", names - 1)) == "none";
        assert_eq!(setup, in_split, "{way:?}");
        assert_eq!(setup, names == 1, "{way:?}");
        match names {
            1 => removed += 1,
            _ => kept += 1,
        }
    }
    assert!(
        removed > 100 && kept > 30 && identities > 20,
        "{removed} {kept} {identities}"
    );
}
