//! The names of generated resources and loops, and the numbers of instances in them.
//!
//! Names are written as `forms` has it. Start at [`name`].

use super::author::Author;
use super::forms;
use super::plan::ResourcePlan;
use super::template::{Kind, Loop, Nest, Resource};

impl Author {
    /// `text` by a variable or parameter, as `way` has it.
    fn by_name(&mut self, index: usize, way: u8, text: &str) -> Option<String> {
        let name = format!("name{}{}", letter(index), self.tag);
        let values = &mut self.part.values;
        let mark = &values.parameters[0].1;
        let mark = mark.strip_suffix("stem").unwrap_or_default();
        let value = format!("{mark}{text}");
        match way {
            1 => {
                values.variables.push((name.clone(), value));
                Some(format!("variables('{name}')"))
            }
            2 => {
                values.parameters.push((name.clone(), value));
                Some(format!("parameters('{name}')"))
            }
            5 => {
                let value = format!("[concat(parameters('stem'), '-in-{text}')]");
                values.variables.push((name.clone(), value));
                Some(format!("variables('{name}')"))
            }
            _ => None,
        }
    }

    /// The name of an extension, without the machine's.
    pub(crate) fn extension_name(
        &mut self,
        index: usize,
        kind: Kind,
        machine: Option<usize>,
        plan: &ResourcePlan,
    ) -> String {
        let usual = if kind == Kind::Msi {
            "'msi'"
        } else {
            "'script'"
        };
        let taken = self.part.resources.iter().any(|other| {
            let same = other.machine == machine;
            same && other.names.get(1).is_some_and(|name| name == usual)
        });
        let own = letter(index);
        match plan.name {
            0 | 4 if !taken => usual.to_owned(),
            3 => format!("concat('ext', '-{own}')"),
            way => self
                .by_name(index, way, &format!("ext-{own}"))
                .unwrap_or_else(|| format!("'e{own}'")),
        }
    }

    /// The name of a resource that is no extension.
    pub(crate) fn base_name(
        &mut self,
        index: usize,
        way: u8,
        is_role: bool,
        looped: bool,
    ) -> String {
        let own = letter(index);
        if is_role {
            let number = if looped { ", #" } else { "" };
            return format!("guid(resourceGroup().id, 'role{own}'{number})");
        }
        let by_name = self.by_name(index, way, &format!("res-{own}"));
        let name = by_name.unwrap_or_else(|| match way {
            3 => format!("concat(variables('prefix'), '-{own}')"),
            4 => format!("format('{{0}}-{own}', parameters('stem'))"),
            _ => format!("'res{own}'"),
        });
        match (looped, way) {
            (false, _) => name,
            (true, 0) => format!("concat({name}, padLeft(#, 2, '0'))"),
            // As Bicep writes the index of a loop over a range.
            (true, 1) => format!("format('{{0}}{{1}}', {name}, range(0, 20)[#])"),
            (true, way) if way % 2 == 0 => format!("concat({name}, #)"),
            (true, _) => format!("format('{{0}}{{1}}', {name}, #)"),
        }
    }
}

/// The name of a loop of its own.
pub(crate) fn loop_name(index: usize) -> String {
    format!("loop{}", letter(index))
}

/// A name part without digits, which the instances of a loop have.
pub(crate) fn letter(index: usize) -> char {
    char::from(b'a' + u8::try_from(index).unwrap())
}

/// The number behind a name with `#`: the `shift`th of the loop around, in one of several ways.
pub(crate) fn number(around: Option<&Loop>, shift: usize, way: u8) -> String {
    let name = around.map_or("", |around| around.name.as_str());
    match (way % 6, shift) {
        (0 | 5, 0) => "copyIndex()".to_owned(),
        (1, 0) => format!("copyIndex('{name}')"),
        (1, _) => format!("copyIndex('{name}', {shift})"),
        (2, _) => format!("copyIndex(variables('shift{shift}'))"),
        (3, 1..) => format!("add(copyIndex(), {shift})"),
        (4, 0) => format!("copyindex('{}', 0)", name.to_uppercase()),
        _ => format!("copyIndex({shift})"),
    }
}

/// A property that holds a resource's name, as the instance of the loop around has it.
pub(crate) fn name(resource: &Resource) -> String {
    let spelling = resource.plan.spelling;
    let inner = match resource.nest {
        Nest::Short => forms::property(&resource.names[1]),
        _ => forms::full_name(&resource.names, spelling),
    };
    let around = resource.looping.as_ref();
    let shift = around.map_or(0, |around| around.offset);
    inner.replace('#', &number(around, shift, spelling))
}
