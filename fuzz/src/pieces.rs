//! Templates from bytes: each byte picks the next piece, so that few bytes reach what random text hardly
//! would. Knows what templates look like; never knows what must come of them. Start at [`template`].

use std::fmt::Write as _;

/// The byte in front of picks; no text starts with it.
const PICKS: u8 = 0x01;

const NAMES: [&str; 12] = [
    "vm",
    "[parameters('vm')]",
    "[variables('vm')]",
    "[concat(parameters('vm'), copyIndex())]",
    "[concat(parameters('vm'), '-', copyIndex(1))]",
    "[format('{0}-{1}', variables('vm'), copyIndex('loop'))]",
    "[variables('vms')[copyIndex()]]",
    "[if(parameters('on'), 'vm', 'other')]",
    "[toLower(parameters('vm'))]",
    "[concat('v', 'm')]",
    "other",
    "[parameters('names')[0]]",
];
const TYPES: [&str; 9] = [
    "Microsoft.Compute/virtualMachines",
    "Microsoft.Compute/virtualMachines/extensions",
    "Microsoft.Compute/virtualMachineScaleSets",
    "Microsoft.Compute/virtualMachineScaleSets/extensions",
    "Microsoft.Authorization/roleAssignments",
    "Microsoft.Resources/deployments",
    "Microsoft.Network/networkInterfaces",
    "extensions",
    "Microsoft.Compute/virtualMachines/providers/roleAssignments",
];
const ENDS: [&str; 5] = [
    "msi",
    "ManagedIdentityExtensionForLinux",
    "other",
    "[parameters('ext')]",
    "MSI",
];
const VERSIONS: [&str; 6] = [
    "2018-06-01",
    "2017-03-30",
    "2015-06-15",
    "[variables('api')]",
    "[parameters('api')]",
    "2019-07-01",
];
const IDENTITIES: [&str; 7] = [
    "",
    "",
    r#""identity": {"type": "SystemAssigned"}"#,
    r#""identity": {"type": "UserAssigned", "userAssignedIdentities": {"[parameters('id')]": {}}}"#,
    r#""identity": "[variables('identity')]""#,
    r#""identity": {"type": "userAssigned", "identityIds": ["[parameters('id')]"]}"#,
    r#""Identity": {"type": "None"}"#,
];
const COPIES: [&str; 4] = [
    "",
    r#""copy": {"name": "loop", "count": "[parameters('count')]"}"#,
    r#""copy": {"name": "loop", "count": 2, "mode": "serial"}"#,
    r#""condition": "[parameters('on')]""#,
];
const EXTRAS: [&str; 9] = [
    "",
    "",
    r#""tags": {"a": "[reference('vm/msi').x]"}"#,
    r#""scope": "[resourceId('Microsoft.Compute/virtualMachines', 'vm')]""#,
    r#""comments": "[reference(resourceId('Microsoft.Compute/virtualMachines/extensions', 'vm', 'msi')).outputs]""#,
    r#""tags": {"id": "[reference(concat(resourceId('Microsoft.Compute/virtualMachines', 'vm'), '/providers/Microsoft.ManagedIdentity/Identities/default'), '2015-08-31-PREVIEW').principalId]"}"#,
    r#""existing": true"#,
    r#""dependsOn": "[variables('deps')]""#,
    r#""type": "Microsoft.Compute/disks""#,
];
const SETTINGS: [&str; 6] = [
    r#""settings": {"port": 50342}"#,
    r#""settings": {"port": "[parameters('port')]"}"#,
    r#""protectedSettings": {}"#,
    r#""autoUpgradeMinorVersion": true, "typeHandlerVersion": "1.0""#,
    r#""settings": {"commandToExecute": "curl http://localhost:50342/oauth2/token --data resource=x -H Metadata:true"}"#,
    r#""provisionAfterExtensions": ["msi", "other"]"#,
];
const PUBLISHERS: [&str; 6] = [
    "Microsoft.ManagedIdentity",
    "microsoft.managedidentity",
    "[variables('publisher')]",
    "Microsoft.Azure.Extensions",
    "[parameters('publisher')]",
    "Microsoft.ManagedIdentity",
];
const KINDS: [&str; 5] = [
    "ManagedIdentityExtensionForLinux",
    "ManagedIdentityExtensionForWindows",
    "[concat('ManagedIdentityExtensionFor', parameters('os'))]",
    "CustomScript",
    "[variables('kind')]",
];
const EDGES: [&str; 12] = [
    "[resourceId('Microsoft.Compute/virtualMachines/extensions', NAME, 'msi')]",
    "[concat('Microsoft.Compute/virtualMachines/', NAME, '/extensions/msi')]",
    "[resourceId('Microsoft.Compute/virtualMachines', NAME)]",
    "[concat('Microsoft.Compute/virtualMachines/', NAME)]",
    "Microsoft.Compute/virtualMachines/vm/extensions/msi",
    "msi",
    "vm",
    "loop",
    "[concat(NAME, '/msi')]",
    "[variables('extId')]",
    "[resourceId('Microsoft.Resources/deployments', NAME)]",
    "r0",
];
const COMMENTS: [&str; 6] = ["", "", "", " // a note\n", "/* why */", "\n\n"];

/// The template that `data` picks, if it starts with the mark of picks.
pub(crate) fn template(data: &[u8]) -> Option<Vec<u8>> {
    let picks = data.strip_prefix(&[PICKS])?;
    let mut author = Author {
        picks,
        symbols: false,
        text: String::new(),
    };
    author.symbols = author.below(5) == 0;
    author.root(0);
    let text = match author.below(3) {
        0 => author.text.replace('\n', "\r\n"),
        1 => format!("{}\n", author.text),
        _ => author.text,
    };
    Some(text.into_bytes())
}

struct Author<'d> {
    picks: &'d [u8],
    /// Whether resources have symbolic names.
    symbols: bool,
    text: String,
}

impl Author<'_> {
    fn below(&mut self, bound: usize) -> usize {
        let Some((first, rest)) = self.picks.split_first() else {
            return 0;
        };
        self.picks = rest;
        usize::from(*first) % bound
    }

    fn pick<'p>(&mut self, from: &[&'p str]) -> &'p str {
        from[self.below(from.len())]
    }

    fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn gap(&mut self) {
        let comment = self.pick(&COMMENTS);
        self.put(comment);
        let space = self.pick(&["\n  ", " ", "", "\n\t\t", "\n      "]);
        self.put(space);
    }

    fn root(&mut self, depth: usize) {
        let version = if self.symbols {
            r#""languageVersion": "2.0", "#
        } else {
            ""
        };
        self.put("{");
        self.put(version);
        self.put(
            r#""contentVersion": "1.0.0.0", "parameters": {"vm": {"type": "string"}, "on": {"type": "bool"}, "count": {"type": "int", "defaultValue": 2}, "names": {"type": "array"}, "ext": {"type": "string", "defaultValue": "msi"}, "port": {"type": "int", "defaultValue": 50342}, "id": {"type": "string"}, "os": {"type": "string", "allowedValues": ["Linux", "Windows"]}, "api": {"type": "string"}, "publisher": {"type": "string"}}"#,
        );
        self.put(
            r#", "variables": {"vm": "vm", "vms": ["vm", "other"], "api": "2018-06-01", "identity": {"type": "SystemAssigned"}, "publisher": "Microsoft.ManagedIdentity", "kind": "ManagedIdentityExtensionForLinux", "extId": "[resourceId('Microsoft.Compute/virtualMachines/extensions', 'vm', 'msi')]", "deps": ["[variables('extId')]", "vm"]"#,
        );
        if self.below(4) == 0 {
            self.put(r#", "list": ["#);
            self.entries();
            self.put("]");
        }
        self.put("}, \"resources\": ");
        self.resources(depth);
        if self.below(3) == 0 {
            let edge = self.edge();
            let read = self.pick(&["reference(", "string(", "resourceInfo(", "listKeys("]);
            let edge = edge
                .trim_start_matches('[')
                .trim_end_matches(']')
                .to_owned();
            let _ = write!(
                self.text,
                r#", "outputs": {{"o": {{"type": "object", "value": "[{read}{edge})]"}}}}"#
            );
        }
        self.put("}");
    }

    fn resources(&mut self, depth: usize) {
        let (open, close) = if self.symbols { ("{", "}") } else { ("[", "]") };
        self.put(open);
        let count = self.below(6);
        for at in 0..count {
            if at > 0 {
                self.put(",");
            }
            self.gap();
            if self.symbols {
                let _ = write!(self.text, "\"r{at}\": ");
            }
            self.resource(depth);
        }
        self.gap_or_break();
        self.put(close);
    }

    /// A line comment must end.
    fn gap_or_break(&mut self) {
        let gap = self.pick(&["", "\n", " /* end */ ", " // end\n"]);
        self.put(gap);
    }

    fn resource(&mut self, depth: usize) {
        let kind = self.pick(&TYPES);
        let name = self.pick(&NAMES);
        let name = match kind.ends_with("xtensions") {
            true => joined(name, self.pick(&ENDS)),
            false => name.to_owned(),
        };
        let version = self.pick(&VERSIONS);
        let _ = write!(
            self.text,
            r#"{{"type": "{kind}", "apiVersion": "{version}", "name": "{name}""#
        );
        for list in [&IDENTITIES[..], &COPIES, &EXTRAS] {
            let member = self.pick(list);
            if !member.is_empty() {
                self.put(",");
                self.gap();
                self.put(member);
            }
        }
        if self.below(2) == 0 {
            self.put(", \"dependsOn\": [");
            for at in 0..self.below(4) {
                if at > 0 {
                    self.put(",");
                }
                self.gap();
                let edge = self.edge();
                let _ = write!(self.text, "\"{edge}\"");
            }
            self.gap_or_break();
            self.put("]");
        }
        self.put(", \"properties\": {");
        self.properties(kind, depth);
        self.put("}");
        if depth < 3 && self.below(5) == 0 {
            self.put(", \"resources\": ");
            self.resources(depth + 1);
        }
        self.put("}");
    }

    fn properties(&mut self, kind: &str, depth: usize) {
        if kind.ends_with("xtensions") {
            return self.extension();
        }
        match kind {
            "Microsoft.Resources/deployments" if depth < 2 => {
                let scope = self.pick(&["inner", "outer"]);
                let _ = write!(
                    self.text,
                    r#""mode": "Incremental", "expressionEvaluationOptions": {{"scope": "{scope}"}}, "template": "#
                );
                self.root(depth + 1);
            }
            "Microsoft.Compute/virtualMachineScaleSets" => {
                self.put(r#""virtualMachineProfile": {"extensionProfile": {"extensions": ["#);
                self.entries();
                self.put("]}}");
            }
            _ => {}
        }
    }

    fn entries(&mut self) {
        for at in 0..self.below(4) {
            if at > 0 {
                self.put(",");
            }
            self.gap();
            let name = self.pick(&ENDS);
            let _ = write!(self.text, r#"{{"name": "{name}", "properties": {{"#);
            self.extension();
            self.put("}}");
        }
        self.gap_or_break();
    }

    fn extension(&mut self) {
        let (publisher, kind) = (self.pick(&PUBLISHERS), self.pick(&KINDS));
        let settings = self.pick(&SETTINGS);
        let _ = write!(
            self.text,
            r#""publisher": "{publisher}", "type": "{kind}", {settings}"#
        );
    }

    fn edge(&mut self) -> String {
        let edge = self.pick(&EDGES);
        let name = self.pick(&NAMES);
        edge.replace("NAME", &inner(name))
    }
}

/// A name of two segments, each of which may be an expression.
fn joined(machine: &str, end: &str) -> String {
    match machine.starts_with('[') || end.starts_with('[') {
        true => format!("[concat({}, '/', {})]", inner(machine), inner(end)),
        false => format!("{machine}/{end}"),
    }
}

/// A name as a part of an expression.
fn inner(name: &str) -> String {
    match name.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').unwrap_or(rest).to_owned(),
        None => format!("'{name}'"),
    }
}
