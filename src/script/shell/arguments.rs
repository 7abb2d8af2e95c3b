//! What a command does with its arguments: a script that it runs, a file that it sources.
//!
//! Start at [`script`].

use crate::script::inner::HOLE;
use crate::script::language::interpreter;
use crate::script::{Command, Doubt, Embedded, Language, Word};

/// The script that a command gives to an interpreter as an argument.
pub(in crate::script) fn script(command: &Command) -> Option<Embedded> {
    let doubt = command.doubt;
    let command = command.unwrapped();
    let name = command.name()?;
    if name == "eval" {
        let [_, script] = command.words.as_slice() else {
            return None;
        };
        return Some(embedded(script, Language::Shell, doubt));
    }
    let mut language = interpreter(name)?;
    let mut words = command.words.iter().enumerate().skip(1);
    let at = words.find_map(|(at, word)| takes_script(word, language, name).then_some(at + 1))?;
    let script = command.words.get(at)?;
    // `su -s SHELL -c SCRIPT`.
    let shells = command.words.windows(2).filter_map(|pair| match pair {
        [option, shell] if name == "su" && option.is_any(&["-s", "--shell"]) => {
            Some(shell.literal().and_then(interpreter))
        }
        _ => None,
    });
    for shell in shells {
        language = shell.unwrap_or(Language::Plain);
    }
    let is_joined = matches!(language, Language::PowerShell | Language::Cmd);
    let follows = is_joined && command.words.len() > at + 1;
    let doubt = doubt.or(follows.then_some(Doubt::Arguments));
    Some(embedded(script, language, doubt))
}

fn embedded(script: &Word, language: Language, doubt: Option<Doubt>) -> Embedded {
    Embedded::new(
        script.span.clone(),
        script.inner.clone(),
        language,
        doubt.or(script.doubt),
    )
}

/// Whether the word behind this option is a script of the interpreter.
fn takes_script(word: &Word, language: Language, name: &str) -> bool {
    let text = word.text().to_ascii_lowercase();
    let short = || text.starts_with('-') && !text.starts_with("--") && !text.contains(HOLE);
    match language {
        Language::Cmd => matches!(&*text, "/c" | "/k" | "/s"),
        Language::PowerShell => text.len() > 1 && "-command".starts_with(&*text),
        Language::JavaScript => matches!(&*text, "-e" | "--eval" | "-p" | "-pe" | "--print"),
        // Its options have words of their own behind them.
        Language::Shell if name == "ssh" => false,
        Language::Shell if text == "--command" => true,
        _ => {
            short() && text.ends_with('c')
                || (language == Language::Shell && short() && text.contains('c'))
        }
    }
}

/// Whether a command sources a file that is not one of these and is not known.
pub(super) fn sources(command: &Command, harmless: &[&str]) -> bool {
    if !command
        .name()
        .is_some_and(|name| name == "." || name == "source")
    {
        return false;
    }
    let file = command.words.get(1).map_or("", Word::text);
    !harmless.contains(&file) && !file.ends_with("/bin/activate")
}
