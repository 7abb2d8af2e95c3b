//! The texts that strings of a template say: scripts, command lines and what cloud-init runs.
//!
//! A string is decoded from JSON, and from the expression that makes it of literals by `concat`,
//! `format` and `base64`, each with the way back. What is not a literal is a hole, or a value that
//! cannot be edited. Start at [`callers`].

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::arm::expression::{self, Expression, ExpressionKind, Parsed};
use crate::arm::{Recognition, ResourceIndex};
use crate::json::surgery::Operation;
use crate::json::{Kind, NodeId};
use crate::script::{Inner, Language, Levels, Part, Quoting, guessed, visit_at};

use super::callers::{Caller, SAID, Setting};
use super::texts::said;
use super::{Context, Fix, Mend, Place, Root, Rule};

const RUNS_AGAIN: &str = "changing the settings of a script extension runs it again with the next \
                          deployment, on every machine that has it";
const CUSTOM_DATA: &str = "changing customData of a machine that exists fails \
                           (PropertyChangeNotAllowed): only new machines can get it";

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
        around.read(node, reader, &mut |part| found.extend(said(part, &setting)));
        roots.extend(found.into_iter().map(|caller| root(context, node, caller)));
    }
    roots
}

/// Whether a string holds what these rules change: an address of the endpoint, or a login.
pub fn may_hold_a_caller(raw: &[u8]) -> bool {
    static CHANGED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i-u)oauth2\\?/token|5034[23]|--msi|identity-port|msi_endpoint").ok()
    });
    CHANGED.as_ref().is_some_and(|words| words.is_match(raw))
}

fn root(context: &Context<'_, '_>, node: NodeId, caller: Caller) -> Root {
    let mut finding = caller.finding;
    finding.place = Place::within(context.model.document(), node, finding.place.span);
    let operations = caller.edits.iter().map(|edit| Operation::ReplaceText {
        node,
        range: edit.range(),
        raw: edit.text().to_vec(),
    });
    let mends = matches!(finding.fix, Fix::Safe | Fix::Unsafe);
    Root {
        mend: mends.then(|| Mend {
            operations: operations.collect(),
            ..Mend::default()
        }),
        ..Root::report(finding)
    }
}

/// Whether a string with its quotes is more than a name: a command has blanks, an address a colon.
fn may_say_something(raw: &[u8]) -> bool {
    raw.iter().any(|byte| b" :\\\n".contains(byte))
}

/// The strings of a template with what stands around them.
struct Around<'c, 'm, 'd> {
    context: &'c Context<'m, 'd>,
    /// The resources by their objects.
    resources: HashMap<NodeId, ResourceIndex>,
    /// What holds where nothing else is known.
    setting: Setting,
}

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
        let resources = context.model.resources().iter().enumerate();
        Self {
            context,
            resources: resources
                .map(|(index, resource)| (resource.node, index))
                .collect(),
            setting: Setting::of_template(ports, ours().next().is_some()),
        }
    }

    /// The innermost resource around a node.
    fn resource(&self, node: NodeId) -> Option<ResourceIndex> {
        let document = self.context.model.document();
        let mut above = std::iter::successors(Some(node), |at| document.parent(*at));
        above.find_map(|at| self.resources.get(&at).copied())
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
        setting.app_service |= kind.starts_with("microsoft.web/");
        let within = |name: &str| {
            let mut above = std::iter::successors(Some(node), |at| document.parent(*at));
            above.any(|at| document.kind(at) == Kind::Key && document.is_called(at, name))
        };
        let on_machine = [
            "microsoft.compute/virtualmachines",
            "microsoft.compute/virtualmachinescalesets",
        ]
        .iter()
        .any(|machine| kind.starts_with(machine));
        if on_machine {
            setting.proven = true;
            let name = resource.and_then(|resource| resource.name.as_ref()?.is_literal());
            setting.machine = name.map(|name| name.split('/').next().unwrap_or(name).to_owned());
        }
        setting.consequence = if within("customData") || within("userData") {
            Some(CUSTOM_DATA)
        } else if on_machine {
            Some(RUNS_AGAIN)
        } else if within("variables") || within("parameters") {
            Some(
                "it may become customData of a machine, which cannot be changed, or settings of an extension, which run again",
            )
        } else {
            None
        };
        let windows = |key: &str| {
            let object = std::iter::successors(Some(node), |at| document.parent(*at));
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
        let mut json = Inner::default();
        let mut buffer = [0; 4];
        for (at, character) in text.char_indices() {
            let said = character.encode_utf8(&mut buffer);
            let source = map.source(at)..map.source(at + said.len());
            json.push(said, source, Quoting::Escaped(quote));
        }
        let levels = Levels {
            inner: &json,
            outer: None,
        };
        let language = |text: &str| reader.or_else(|| guessed(text)).unwrap_or(Language::Plain);
        match expression::parse(&text) {
            Parsed::Literal(_) => visit_at(levels, language(&text), &[], None, visitor),
            Parsed::Invalid(_) => {}
            Parsed::Expression(expression) => {
                let flattening = Flattening {
                    context,
                    resource: self.resource(node),
                    text: &text,
                };
                let mut texts = Vec::new();
                flattening.texts(&expression, &mut texts);
                for inner in &texts {
                    let inside = Levels {
                        inner,
                        outer: Some(&levels),
                    };
                    visit_at(inside, language(&inner.text), &[], None, visitor);
                }
            }
        }
    }
}

/// How deep calls are followed.
const MAX_DEPTH: usize = 32;

struct Flattening<'f, 'm, 'd> {
    context: &'f Context<'m, 'd>,
    resource: Option<ResourceIndex>,
    /// The decoded text of the string.
    text: &'f str,
}

impl Flattening<'_, '_, '_> {
    /// The texts that an expression makes: its own, and those of arguments that it does something else with.
    fn texts(&self, expression: &Expression, texts: &mut Vec<Inner>) {
        let mut inner = Inner::default();
        let mut apart = Vec::new();
        self.flatten(expression, &mut inner, &mut apart, 0);
        texts.push(inner);
        for argument in apart {
            self.texts(argument, texts);
        }
    }

    fn flatten<'e>(
        &self,
        expression: &'e Expression,
        inner: &mut Inner,
        apart: &mut Vec<&'e Expression>,
        depth: usize,
    ) {
        if let ExpressionKind::String(_) = expression.kind {
            return self.literal(&expression.span, inner);
        }
        let transparent = ["concat", "base64", "string", "trim"]
            .iter()
            .find_map(|name| expression.call(name));
        if let Some(arguments) = transparent.filter(|_| depth < MAX_DEPTH) {
            for argument in arguments {
                self.flatten(argument, inner, apart, depth + 1);
            }
            return;
        }
        if let Some([format, arguments @ ..]) = expression.call("format")
            && format.string().is_some()
            && depth < MAX_DEPTH
        {
            return self.format(&format.span, arguments, inner);
        }
        let written = self.text.get(expression.span.clone()).unwrap_or_default();
        let value = self.resource.map(|index| {
            self.context
                .model
                .text_value(index, &format!("[{written}]"))
        });
        match value.as_ref().and_then(|value| {
            value
                .as_literal()
                .map(str::to_owned)
                .or_else(|| value.as_int().map(|number| number.to_string()))
        }) {
            Some(known) => inner.push(&known, expression.span.clone(), Quoting::Fixed),
            None => inner.push_hole(expression.span.clone()),
        }
        match &expression.kind {
            ExpressionKind::Call { args, .. } if depth < MAX_DEPTH => {
                apart.extend(args.iter().filter(|argument| {
                    matches!(
                        argument.kind,
                        ExpressionKind::String(_) | ExpressionKind::Call { .. }
                    )
                }))
            }
            _ => {}
        }
    }

    /// Adds a string literal of the expression, which stands with its quotes at `span`.
    fn literal(&self, span: &Range<usize>, inner: &mut Inner) {
        for (source, said) in self.characters(span) {
            inner.push(said, source, Quoting::Doubled);
        }
    }

    /// The characters of a literal, each with its place.
    fn characters(&self, span: &Range<usize>) -> Vec<(Range<usize>, &str)> {
        let content = span.start + 1..span.end.saturating_sub(1).max(span.start + 1);
        let written = self.text.get(content.clone()).unwrap_or_default();
        let mut found = Vec::new();
        let mut characters = written.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            let mut length = character.len_utf8();
            let said = written.get(at..at + length).unwrap_or_default();
            if character == '\'' && characters.next_if(|(_, next)| *next == '\'').is_some() {
                length += 1;
            }
            let start = content.start + at;
            found.push((start..start + length, said));
        }
        found
    }

    /// Adds what `format` makes of its literal: arguments that are literals stand in place.
    fn format(&self, span: &Range<usize>, arguments: &[Expression], inner: &mut Inner) {
        let characters = self.characters(span);
        let mut next = characters.iter().peekable();
        while let Some((source, said)) = next.next() {
            let doubled = next.peek().is_some_and(|(_, following)| following == said);
            match *said {
                "{" | "}" if doubled => {
                    let end = next.next().map_or(source.end, |(source, _)| source.end);
                    inner.push(said, source.start..end, Quoting::Fixed);
                }
                "{" => {
                    let mut number = String::new();
                    let mut end = source.end;
                    for (source, said) in next.by_ref() {
                        end = source.end;
                        if *said == "}" {
                            break;
                        }
                        number.push_str(said);
                    }
                    let argument = number
                        .parse::<usize>()
                        .ok()
                        .and_then(|at| arguments.get(at));
                    match argument.and_then(Expression::string) {
                        Some(known) => inner.push(known, source.start..end, Quoting::Fixed),
                        None => inner.push_hole(source.start..end),
                    }
                }
                _ => inner.push(said, source.clone(), Quoting::Doubled),
            }
        }
    }
}
