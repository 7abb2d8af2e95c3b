//! One sample of a repository: a folder with a template and what lies beside it. Start at [`Sample`].

use std::path::PathBuf;

use crate::TreeFile;
use crate::chance::Chance;
use crate::template::{self, Shape};

/// Folders that hold samples, some deeper than others.
const GROUPS: [&str; 8] = [
    "quickstarts/microsoft.compute",
    "quickstarts/microsoft.network",
    "quickstarts/microsoft.storage",
    "application-workloads/databases",
    "application-workloads/web/frontends",
    "demos",
    "modules/compute/machines",
    "modules/network",
];

const TOPICS: [&str; 10] = [
    "vm-simple",
    "vm-from-disk",
    "vmss-autoscale",
    "load-balancer",
    "site-to-site",
    "storage-account",
    "web-farm",
    "mysql-replica",
    "jump-host",
    "bastion",
];

/// The templates that a sample links.
const LINKED: [&[&str]; 8] = [
    &[],
    &[],
    &[],
    &[],
    &[],
    &["network"],
    &["network", "machines"],
    &["network", "machines", "storage", "shared"],
];

const WORDS: [&str; 22] = [
    "the",
    "template",
    "deploys",
    "a",
    "virtual",
    "network",
    "with",
    "subnet",
    "and",
    "machine",
    "in",
    "this",
    "resource",
    "group",
    "of",
    "your",
    "subscription",
    "to",
    "which",
    "storage",
    "identity",
    "managed",
];

/// Quantiles of the sizes of pictures, in bytes.
const PICTURES: [usize; 6] = [4_000, 12_000, 25_000, 45_000, 80_000, 180_000];
/// Of the sizes of documentation.
const PAGES: [usize; 6] = [500, 1_200, 2_000, 3_200, 5_000, 14_000];
/// Of the sizes of scripts and of Bicep files.
const SCRIPTS: [usize; 5] = [300, 1_000, 2_200, 4_500, 12_000];
/// Of the numbers of resources in a template, which make its size.
const RESOURCES: [usize; 11] = [1, 2, 3, 5, 7, 8, 10, 14, 20, 32, 90];
/// Of those in a linked template.
const LINKED_RESOURCES: [usize; 4] = [1, 2, 4, 12];

/// The samples of a repository, one after the other.
pub(crate) struct Samples {
    chance: Chance,
    /// How many there were.
    number: usize,
    /// How many of a hundred files shall have the extension.
    percent: usize,
    /// Hundredths of files with the extension that are due: the next template pays a hundred.
    due: usize,
}

impl Samples {
    pub(crate) fn new(seed: u64, percent: usize) -> Self {
        Self {
            chance: Chance::new(seed),
            number: 0,
            percent,
            due: 0,
        }
    }

    /// The files of the next sample.
    pub(crate) fn sample(&mut self) -> Vec<TreeFile> {
        let group = self.chance.one_of(&GROUPS);
        let topic = self.chance.one_of(&TOPICS);
        let mut sample = Sample {
            folder: format!("{group}/{topic}-{}", self.number),
            files: Vec::new(),
        };
        self.number += 1;
        let chance = &mut self.chance;
        let linked = chance.one_of(&LINKED);
        let resources = chance.between(&RESOURCES);
        let mut has_extension = pays(&mut self.due);
        let root = Shape {
            resources,
            linked,
            has_extension,
        };
        sample.template("azuredeploy.json", &root, chance);
        for name in linked {
            let shape = Shape {
                resources: chance.between(&LINKED_RESOURCES),
                linked: &[],
                has_extension: pays(&mut self.due),
            };
            has_extension |= shape.has_extension;
            sample.template(&format!("nestedtemplates/{name}.json"), &shape, chance);
        }
        sample.companions(has_extension, chance);
        self.due += self.percent * sample.files.len();
        sample.files
    }
}

/// Whether the next template has the extension, which is counted off.
fn pays(due: &mut usize) -> bool {
    let pays = *due >= 100;
    *due -= if pays { 100 } else { 0 };
    pays
}

struct Sample {
    folder: String,
    files: Vec<TreeFile>,
}

impl Sample {
    fn add(&mut self, name: &str, bytes: Vec<u8>) {
        self.files.push(TreeFile {
            path: PathBuf::from(format!("{}/{name}", self.folder)),
            bytes,
            has_extension: false,
        });
    }

    fn template(&mut self, name: &str, shape: &Shape<'_>, chance: &mut Chance) {
        let bytes = template::styled(&template::template(shape, chance), chance);
        self.add(name, bytes);
        if let Some(file) = self.files.last_mut() {
            file.has_extension = shape.has_extension;
        }
    }

    /// What lies beside the templates.
    fn companions(&mut self, has_extension: bool, chance: &mut Chance) {
        let parameters = template::parameter_file(chance);
        if chance.percent(20) {
            self.add("azuredeploy.parameters.us.json", parameters.clone().into());
        }
        self.add("azuredeploy.parameters.json", parameters.into());
        self.add("metadata.json", metadata(&self.folder, chance).into());
        self.add("README.md", page(&self.folder, chance).into());
        for number in 0..chance.one_of(&[0, 0, 0, 1, 1, 2]) {
            self.add(&format!("images/{number}.png"), picture(chance));
        }
        for number in 0..chance.one_of(&[0, 0, 1, 1, 2]) {
            let (ending, line) = chance.one_of(&[
                ("sh", "sudo apt-get install --yes "),
                ("ps1", "Install-WindowsFeature -Name "),
            ]);
            let mut text = lines(line, chance.between(&SCRIPTS), chance);
            if has_extension && chance.percent(30) {
                text.push_str(CALLER);
            }
            self.add(&format!("scripts/install{number}.{ending}"), text.into());
        }
        if chance.percent(45) {
            let text = lines("param name string = '", chance.between(&SCRIPTS), chance);
            self.add("main.bicep", text.into());
        }
        if chance.percent(10) {
            let text = lines("- script: ", 900, chance);
            self.add("pipeline.yml", text.into());
        }
    }
}

/// A line of a script that asks the extension for a token.
const CALLER: &str = "curl --silent --header Metadata:true \
    'http://localhost:50342/oauth2/token?resource=https://management.azure.com/'\n";

fn metadata(folder: &str, chance: &mut Chance) -> String {
    let description = sentence(20, chance);
    format!(
        r#"{{
  "$schema": "https://aka.ms/azure-quickstart-templates-metadata-schema#",
  "itemDisplayName": "{folder}",
  "description": "{description}",
  "summary": "{description}",
  "githubUsername": "somebody",
  "type": "QuickStart",
  "environments": [ "AzureCloud" ],
  "dateUpdated": "2021-04-27"
}}
"#
    )
}

fn page(folder: &str, chance: &mut Chance) -> String {
    let size = chance.between(&PAGES);
    let mut text =
        format!("# {folder}\n\n[![Deploy](images/deploy.svg)](https://portal.azure.com/)\n");
    while text.len() < size {
        text.push('\n');
        for _ in 0..4 {
            text.push_str(&sentence(14, chance));
            text.push_str(".\n");
        }
    }
    text
}

/// Lines that begin like this, until there are this many bytes.
fn lines(beginning: &str, size: usize, chance: &mut Chance) -> String {
    let mut text = String::new();
    while text.len() < size {
        text.push_str("# ");
        text.push_str(&sentence(8, chance));
        text.push('\n');
        for _ in 0..3 {
            text.push_str(beginning);
            text.push_str(&sentence(3, chance).replace(' ', "-"));
            text.push('\n');
        }
    }
    text
}

fn sentence(words: usize, chance: &mut Chance) -> String {
    let words: Vec<&str> = (0..words).map(|_| chance.one_of(&WORDS)).collect();
    words.join(" ")
}

/// The beginning of a picture, and what compresses no more.
fn picture(chance: &mut Chance) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(chance.bytes(chance.clone().between(&PICTURES)));
    bytes
}
