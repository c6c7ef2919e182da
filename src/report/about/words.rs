//! Plain text, in which the words that may be secrets are masked: comments, messages.

use crate::socket::ws::wire_log::{is_scheme, is_telling, without_secrets};

/// A text of several lines: what follows a scheme of credentials, or a telling name with a colon or an equals sign, is
/// masked.
pub(super) fn of_words(text: &str) -> String {
    let lines = text.split('\n').map(of_line);
    lines.collect::<Vec<_>>().join("\n")
}

fn of_line(line: &str) -> String {
    let mut next = Next::Plain;
    let mut is_first = true;
    let words = line.split(' ').map(|word| {
        if word.is_empty() {
            return String::new();
        }
        let was_first = std::mem::take(&mut is_first);
        let before = std::mem::replace(&mut next, Next::behind(word));
        let is_credentials = is_scheme(bare(word)) && (before == Next::Value || was_first);
        if is_credentials || next == Next::Secret {
            // The scheme itself is none: `Authorization: Token …`.
            next = Next::Secret;
            return word.to_owned();
        }
        if before != Next::Plain {
            return MASK.to_owned();
        }
        match word.split_once(['=', ':']) {
            Some((name, value))
                if !value.is_empty()
                    && !value.starts_with("//")
                    && !name.contains('?')
                    && is_telling(&name.to_ascii_lowercase()) =>
            {
                if is_scheme(bare(value)) {
                    next = Next::Secret;
                }
                format!("{}{MASK}", &word[..=name.len()])
            }
            _ => without_secrets(word),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What the next word is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Plain,
    /// A secret, or the scheme of one.
    Value,
    Secret,
}

impl Next {
    fn behind(word: &str) -> Self {
        match word.strip_suffix([':', '=']) {
            Some(name) if is_telling(&name.to_ascii_lowercase()) => Self::Value,
            // In prose a token is a token.
            None if is_scheme(word) && !word.eq_ignore_ascii_case("token") => Self::Secret,
            _ => Self::Plain,
        }
    }
}

/// Without the quotes around it.
fn bare(word: &str) -> &str {
    word.trim_matches(['"', '\'', '{', '}', '(', ')', ','])
}

const MASK: &str = "***";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_behind_a_scheme_or_a_telling_name_are_masked() {
        for (text, shown) in [
            ("Authorization: Token s3cret", "Authorization: Token ***"),
            ("Authorization: s3cret", "Authorization: ***"),
            ("Token s3cret", "Token ***"),
            ("x Bearer s3cret now", "x Bearer *** now"),
            ("password: s3cret, really", "password: *** really"),
            ("the token of everybody", "the token of everybody"),
            ("no reply in 5 s", "no reply in 5 s"),
        ] {
            assert_eq!(of_words(text), shown);
        }
    }

    proptest! {
        #[test]
        fn nothing_is_too_odd(text in "[a-z'\"\\\\ =:{}\n\u{e4}-]{0,60}") {
            let _ = of_words(&text);
        }
    }
}
