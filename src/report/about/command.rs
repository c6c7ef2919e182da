//! The command line, and values that were given by name, without what may be secret in them.

use super::source::without_secrets_of;
use super::words::of_words;
use crate::socket::ws::wire_log::is_telling;

/// The arguments of a command, as a shell reads them.
pub(super) fn of_command(text: &str) -> String {
    let mut is_next_secret = false;
    let arguments = arguments(text).into_iter().map(|argument| {
        let was_secret = std::mem::replace(&mut is_next_secret, is_telling_flag(argument));
        if was_secret && !argument.is_empty() && !argument.starts_with("--") {
            return MASK.to_owned();
        }
        of_value(argument)
    });
    arguments.collect::<Vec<_>>().join(" ")
}

/// One that gives the next argument to something that is telling. `--no-cookies-reset` gives it to nothing.
fn is_telling_flag(argument: &str) -> bool {
    argument.starts_with('-')
        && !argument.starts_with("--no-")
        && !argument.contains('=')
        && is_telling(&argument.to_ascii_lowercase())
}

/// A value by itself: `NAME=value` and `Name: value` are telling to their end; what else is in it is read as a script is.
fn of_value(text: &str) -> String {
    let is_name = |name: &str| !name.contains([' ', '?', '/', '{', '[', '(']);
    if let Some((name, value)) = text.split_once(['=', ':'])
        && is_name(name)
        && !value.is_empty()
        && !value.starts_with("//")
        && is_telling(&name.to_ascii_lowercase())
    {
        let quote = text
            .chars()
            .next()
            .filter(|first| matches!(first, '"' | '\''));
        let close = quote.map(String::from).unwrap_or_default();
        return format!("{}{MASK}{close}", &text[..=name.len()]);
    }
    if !text.contains(['"', '\'']) {
        return of_words(text);
    }
    // The quotes of a shell around it are no literal.
    let quoted = ['"', '\''].into_iter().find_map(|quote| {
        let inside = text.strip_prefix(quote)?.strip_suffix(quote)?;
        Some((quote, inside))
    });
    match quoted {
        Some((quote, inside)) => format!("{quote}{}{quote}", of_value(inside)),
        None => of_words(&without_secrets_of(text)),
    }
}

/// Split at spaces outside quotes.
fn arguments(text: &str) -> Vec<&str> {
    let mut quote = None;
    let mut is_escaped = false;
    text.split(|letter: char| {
        if std::mem::take(&mut is_escaped) {
            return false;
        }
        match (quote, letter) {
            (None, ' ') => return true,
            (None | Some('"'), '\\') => is_escaped = true,
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            _ => {}
        }
        false
    })
    .collect()
}

const MASK: &str = "***";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn arguments_of_a_command_are_masked_wherever_they_are_telling() {
        for (text, shown) in [
            (
                "k6ws run --password s3cret a.py",
                "k6ws run --password *** a.py",
            ),
            (
                "k6ws run --api-key=s3cret a.py",
                "k6ws run --api-key=*** a.py",
            ),
            ("run -e API_KEY=s3cret a.py", "run -e API_KEY=*** a.py"),
            (
                "run -e 'PASSWORD=my s3cret' a.py",
                "run -e 'PASSWORD=***' a.py",
            ),
            (
                "run -e PASSWORD='my s3cret' a.py",
                "run -e PASSWORD=*** a.py",
            ),
            ("--password 'my s3cret' a.py", "--password *** a.py"),
            (
                "--header \"Authorization: Bearer s3cret\" a.py",
                "--header \"Authorization:***\" a.py",
            ),
            (
                "--header 'X-Plain: Bearer s3cret' a.py",
                "--header 'X-Plain: Bearer ***' a.py",
            ),
            (
                "-e 'HDRS={\"Authorization\": \"Bearer s3cret\"}' a.py",
                "-e 'HDRS={\"Authorization\": *** a.py",
            ),
            (
                "-e TARGET=ws://a.example?sig=s3cret",
                "-e TARGET=ws://a.example?sig=***",
            ),
            (
                "run --no-cookies-reset a.py --vus 2 --out csv=a.csv",
                "run --no-cookies-reset a.py --vus 2 --out csv=a.csv",
            ),
        ] {
            let found = of_command(text);
            assert!(!found.contains("s3cret"), "{found}");
            if !text.contains("HDRS") {
                assert_eq!(found, shown);
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_is_too_odd(text in "[a-z'\"\\\\ =:{}\n\u{e4}-]{0,60}") {
            let _ = of_command(&text);
        }
    }
}
