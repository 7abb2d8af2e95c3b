//! The texts that strings of a template say: scripts, command lines and what cloud-init runs.
//!
//! A string is decoded from JSON, and from the expression that makes it (`expression_texts`), each with
//! the way back. Knows which machine runs a string. Start at [`callers`].

use std::collections::HashMap;

use crate::arm::expression::{self, Parsed};
use crate::arm::{Extension, Recognition, ResourceIndex};
use crate::json::surgery::Operation;
use crate::json::{Document, Kind, NodeId};
use crate::script::{Doubt, Inner, Language, Levels, Part, Quoting, guessed, visit_at};
use crate::text::{Edit, Pattern, apply};

use super::callers::{CUSTOM_DATA, Caller, RUNS_AGAIN, SAID, Setting};
use super::endpoint::Signs;
use super::expression_texts::Flattening;
use super::{Context, OwnFix, Place, Root, Rule, in_part};

/// What `rule` finds in the strings of a template. They are read once for all rules.
pub(super) fn callers(context: &Context<'_, '_>, rule: &'static Rule) -> Vec<Root> {
    let all = context.callers(|| found(context)).iter();
    all.filter(|root| root.finding.rule == rule)
        .cloned()
        .collect()
}

fn found(context: &Context<'_, '_>) -> Vec<Root> {
    let document = context.model.document();
    let mut strings = context.strings_with(&SAID);
    strings.retain(|node| may_say_something(document.raw(*node)));
    if strings.is_empty() {
        return Vec::new();
    }
    let around = Around::new(context);
    let mut roots = Vec::new();
    for node in strings {
        let Some((setting, reader)) = around.setting(node) else {
            continue;
        };
        let mut found = Vec::new();
        around.read(node, reader, &mut |part| {
            found.extend(in_part(part, &setting))
        });
        roots.extend(found.into_iter().map(|caller| Root {
            runs_on: around.runs_on(node),
            ..root(context, node, caller)
        }));
    }
    roots
}

/// Whether a string holds what these rules change: an address of the endpoint, or a login.
pub fn may_hold_a_caller(raw: &[u8]) -> bool {
    static CHANGED: Pattern =
        Pattern::new(r"(?i-u)oauth2\\?/token|5034[23]|--msi|identity-port|msi_endpoint");
    CHANGED.is_in(raw)
}

fn root(context: &Context<'_, '_>, node: NodeId, mut caller: Caller) -> Root {
    if !still_parses(context, node, &caller.edits) {
        caller.hold("the new address cannot be written in these quotes");
    }
    let mut finding = caller.finding;
    finding.place = Place::within(context.model.document(), node, finding.place.span);
    let operations = caller.edits.iter().map(|edit| Operation::ReplaceText {
        node,
        range: edit.range(),
        raw: edit.text().to_vec(),
    });
    let is_fixed = finding.fix.action().is_some();
    Root {
        own_fix: is_fixed.then(|| OwnFix {
            operations: operations.collect(),
            ..OwnFix::default()
        }),
        ..Root::report(finding)
    }
}

/// Whether edits leave a string what it was: a string, and an expression if it was one.
fn still_parses(context: &Context<'_, '_>, node: NodeId, edits: &[Edit]) -> bool {
    let document = context.model.document();
    let (raw, start) = (document.raw(node), document.span(node).start);
    let edits = edits.iter().map(|edit| {
        let range = edit.range();
        Edit::replacement(range.start - start..range.end - start, edit.text())
    });
    let edits: Vec<Edit> = edits.collect();
    let is_whole = |raw: &[u8]| {
        let document = Document::parse(raw);
        let text = document.root().and_then(|root| document.string(root))?;
        Some(!matches!(expression::parse(&text), Parsed::Invalid(_)))
    };
    edits.is_empty() || apply(raw, &edits).is_ok_and(|edited| is_whole(&edited) == is_whole(raw))
}

/// Whether a string with its quotes is more than a name: a command has blanks, an address a colon.
fn may_say_something(raw: &[u8]) -> bool {
    raw.iter().any(|byte| b" :\\\n".contains(byte)) || is_base64(raw.trim_ascii_start())
}

/// Whether a text, with its quotes or without, is in base64.
fn is_base64(text: &[u8]) -> bool {
    const SHORTEST: usize = 24;
    let letters = text.strip_prefix(b"\"").unwrap_or(text);
    let letters = letters.strip_suffix(b"\"").unwrap_or(letters);
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    letters.len() >= SHORTEST && letters.iter().all(is_letter)
}

/// The strings of a template with what is around them.
struct Around<'c, 'm, 'd> {
    context: &'c Context<'m, 'd>,
    /// The resources by their objects.
    resources: HashMap<NodeId, ResourceIndex>,
    /// The extensions by their objects, of any publisher.
    extensions: HashMap<NodeId, usize>,
    /// What holds where nothing else is known.
    setting: Setting,
    /// Whether a machine has customData, which a variable may become.
    has_custom_data: bool,
}

/// How the types of VMs, scale sets and what is below them start.
const MACHINE: &str = "microsoft.compute/virtualmachine";

impl<'c, 'm, 'd> Around<'c, 'm, 'd> {
    fn new(context: &'c Context<'m, 'd>) -> Self {
        let document = context.model.document();
        let ours = || {
            let all = context.extensions.iter();
            all.filter(|extension| extension.recognition == Recognition::Match)
        };
        let ports = ours().filter_map(|extension| {
            let settings = document.get(extension.body?, "settings")?;
            let port = document.get(settings, "port")?;
            let value = context.model.value(extension.owner(), port);
            value.as_int().or_else(|| value.as_literal()?.parse().ok())
        });
        let ports = ports.filter_map(|port| u32::try_from(port).ok());
        Self {
            context,
            resources: context.model.resources_by_node(),
            extensions: {
                let all = context.extensions.iter().enumerate();
                all.map(|(index, extension)| (extension.node, index))
                    .collect()
            },
            setting: Setting {
                signs: Signs::new(ports, ours().next().is_some()),
                ..Setting::default()
            },
            has_custom_data: memchr::memmem::find(document.text(), b"customData").is_some(),
        }
    }

    /// The innermost resource around a node.
    fn resource(&self, node: NodeId) -> Option<ResourceIndex> {
        let document = self.context.model.document();
        let mut above = document.ancestors(node);
        above.find_map(|at| self.resources.get(&at).copied())
    }

    /// The innermost resource around a node, unless a template is nearer, and the template.
    fn holder(&self, node: NodeId) -> (Option<ResourceIndex>, Option<usize>) {
        let document = self.context.model.document();
        let known = |at: NodeId| self.resources.get(&at).copied();
        let template = |index| {
            let resource = self.context.model.resource(index);
            resource.map(|resource| resource.template)
        };
        let mut above = document.ancestors(node);
        let found = above.find_map(|at| {
            let own = known(at).map(|index| (Some(index), template(index)));
            own.or_else(|| {
                let resources = document.get(at, "resources")?;
                let mut below = document.children(resources);
                below.find_map(known).map(|index| (None, template(index)))
            })
        });
        found.unwrap_or_default()
    }

    /// The extensions on the machines that run what a string says. What no resource holds may be for
    /// each of them.
    fn runs_on(&self, node: NodeId) -> Vec<usize> {
        let context = self.context;
        let document = context.model.document();
        let above = || document.ancestors(node);
        let around = above().find_map(|at| self.extensions.get(&at));
        let around = around.and_then(|index| context.extensions.get(*index));
        let on_machine = around.map(|extension| context.on_machine_of(extension));
        let (resource, template) = self.holder(node);
        let holder = resource.and_then(|index| context.model.resource(index));
        let is_machine = holder.is_none_or(|resource| resource.type_name.starts_with(MACHINE));
        let all = context.extensions.iter().enumerate();
        let belongs = |extension: &Extension| {
            let owner = extension.owner();
            let own = context.model.resource(owner).map(|owner| owner.template);
            match resource {
                Some(resource) => extension.machines.contains(&resource) || owner == resource,
                // What the outermost template says may be for the machines of those in it.
                None => template.is_none_or(|template| template == 0 || own == Some(template)),
            }
        };
        let here = all.filter(|(_, extension)| is_machine && belongs(extension));
        let found = on_machine.unwrap_or_else(|| here.map(|(index, _)| index).collect());
        let ours = found.into_iter().filter(|index| {
            let extension = context.extensions.get(*index);
            extension.is_some_and(|extension| extension.recognition == Recognition::Match)
        });
        ours.collect()
    }

    /// The setting of a string, and what reads it if that is known; `None` where it runs in a container.
    fn setting(&self, node: NodeId) -> Option<(Setting, Option<Language>)> {
        let context = self.context;
        let document = context.model.document();
        let mut setting = self.setting.clone();
        let index = self.resource(node);
        let resource = index.and_then(|index| context.model.resource(index));
        let kind = resource.map_or("", |resource| &*resource.type_name);
        let text = document.string(node).unwrap_or_default();
        setting.look_for_signs(&text);
        if kind.starts_with("microsoft.resources/deploymentscripts")
            || kind.starts_with("microsoft.containerinstance/")
        {
            return None;
        }
        setting.app_service = kind.starts_with("microsoft.web/");
        let within = |name: &str| {
            let mut above = document.ancestors(node);
            above.any(|at| document.kind(at) == Kind::Key && document.is_called(at, name))
        };
        let on_machine = kind.starts_with(MACHINE);
        if on_machine {
            setting.signs.proven = true;
            setting.other_host = false;
            let name = resource.and_then(|resource| resource.name.as_ref()?.is_literal());
            setting.machine = name.map(|name| name.split('/').next().unwrap_or(name).to_owned());
        }
        let declared = within("variables") || within("parameters");
        if self.is_piece(node) {
            setting.hold = setting.hold.or(Some(Doubt::Piece.reason()));
        }
        setting.own = !self.runs_on(node).is_empty();
        setting.frozen = within("customData") || (declared && self.has_custom_data);
        setting.consequence = match (setting.frozen, on_machine || declared) {
            (true, _) => Some(CUSTOM_DATA),
            (false, true) => Some(RUNS_AGAIN),
            (false, false) => None,
        };
        let windows = |key: &str| {
            let object = document.ancestors(node);
            let mut kinds = object.filter_map(|at| document.get(at, key));
            kinds.any(|kind| {
                document
                    .string(kind)
                    .is_some_and(|kind| kind.eq_ignore_ascii_case("CustomScriptExtension"))
            })
        };
        let reader = (within("commandToExecute") && windows("type")).then_some(Language::Cmd);
        Some((setting, reader))
    }

    /// Whether a string is a variable that an expression joins with something else.
    fn is_piece(&self, node: NodeId) -> bool {
        let document = self.context.model.document();
        let mut above = document.ancestors(node);
        let mut key = None;
        let is_variable = above.any(|at| {
            let is_key = document.kind(at) == Kind::Key;
            let found = is_key && document.is_called(at, "variables");
            if is_key && !found {
                key = Some(at);
            }
            found
        });
        let Some(name) = key
            .filter(|_| is_variable)
            .and_then(|key| document.string(key))
        else {
            return false;
        };
        let text = document.text();
        let mention = format!("variables('{name}')");
        memchr::memmem::find_iter(text, mention.as_bytes()).any(|at| {
            let before = text.get(..at).unwrap_or_default();
            let behind = text.get(at + mention.len()..).unwrap_or_default();
            let alone = before.ends_with(b"\"[") && behind.starts_with(b"]\"");
            let encoded = before.ends_with(b"\"[base64(") && behind.starts_with(b")]\"");
            !alone && !encoded
        })
    }

    /// The text that a string is in base64.
    fn decoded(&self, node: NodeId, text: &str) -> Option<String> {
        if !is_base64(text.as_bytes()) {
            return None;
        }
        let owner = self.resource(node).unwrap_or_default();
        let value = self
            .context
            .model
            .text_value(owner, &format!("[base64ToString('{text}')]"));
        value.as_literal().map(str::to_owned)
    }

    /// Reads what a string says in its language.
    fn read(&self, node: NodeId, reader: Option<Language>, visitor: &mut dyn FnMut(&Part<'_>)) {
        let context = self.context;
        let document = context.model.document();
        let Some((text, map)) = document.map_string(node) else {
            return;
        };
        let quote = match document.raw(node).first() {
            Some(b'\'') => '\'',
            _ => '"',
        };
        // Brackets that only escape an expression are not part of its text.
        let (_, template) = self.holder(node);
        let read = template.and_then(|template| context.model.text(template, node));
        let escapes = read.map_or(0, |read| text.len() - read.len());
        let mut json = Inner::default();
        let mut buffer = [0; 4];
        for (at, character) in text.char_indices().skip(escapes) {
            let said = character.encode_utf8(&mut buffer);
            let source = map.source(at)..map.source(at + said.len());
            json.push(said, source, Quoting::Escaped(quote));
        }
        let levels = Levels {
            inner: &json,
            outer: None,
        };
        let language = |text: &str| reader.or_else(|| guessed(text)).unwrap_or(Language::Plain);
        let text = json.text.clone();
        match expression::parse(&text) {
            Parsed::Literal(_) => match self.decoded(node, &text) {
                // `script` and `customData` are base64 by definition.
                Some(script) => {
                    let mut inner = Inner::default();
                    inner.push(&script, 0..text.len(), Quoting::Fixed);
                    let inside = Levels {
                        inner: &inner,
                        outer: Some(&levels),
                    };
                    visit_at(inside, language(&script), &[], None, visitor);
                }
                None => visit_at(levels, language(&text), &[], None, visitor),
            },
            Parsed::Invalid(_) => {}
            Parsed::Expression(expression) => {
                let flattening = Flattening {
                    model: context.model,
                    resource: self.resource(node),
                    text: &text,
                };
                let mut texts = Vec::new();
                flattening.texts(&expression, None, &mut texts);
                for (inner, doubt) in &texts {
                    let inside = Levels {
                        inner,
                        outer: Some(&levels),
                    };
                    visit_at(inside, language(&inner.text), &[], *doubt, visitor);
                }
            }
        }
    }
}
