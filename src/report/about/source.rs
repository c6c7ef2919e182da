//! The text of a script, in which the literals that may be secrets are masked.
//!
//! Not a parser of Python: it knows strings, comments and brackets. A literal is masked behind a telling name (`TOKEN =`,
//! `"password":`, `get("API_KEY",`), up to the end of that expression; any other loses users and telling parts of URLs.
//! When in doubt it is masked: whoever wrote the script has it.

use crate::socket::ws::wire_log::{is_telling, without_secrets};

/// The text without them.
pub(super) fn without_secrets_of(text: &str) -> String {
    let mut reader = Reader {
        rest: text,
        shown: String::with_capacity(text.len()),
        ..Reader::default()
    };
    while !reader.rest.is_empty() {
        reader.step();
    }
    reader.shown
}

#[derive(Default)]
struct Reader<'a> {
    rest: &'a str,
    shown: String,
    /// Brackets that are open.
    depth: usize,
    /// The last name or literal is a telling one.
    is_telling: bool,
    /// What is said now is its value, since so many brackets were open.
    value_since: Option<usize>,
}

impl<'a> Reader<'a> {
    fn step(&mut self) {
        let Some(first) = self.rest.chars().next() else {
            return;
        };
        match first {
            '#' => self.comment(),
            '"' | '\'' => self.literal(),
            _ if first.is_alphanumeric() || first == '_' => self.name(),
            _ => {
                self.sign(first);
                let sign = self.take(first.len_utf8());
                self.shown.push_str(sign);
            }
        }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn comment(&mut self) {
        let line = self.take(self.rest.find('\n').unwrap_or(self.rest.len()));
        self.shown.push_str(&of_words(line));
    }

    fn name(&mut self) {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let name = self.take(end);
        // Only a prefix of a literal.
        if !self.rest.starts_with(['"', '\'']) {
            self.is_telling = is_telling(&name.to_ascii_lowercase());
        }
        self.shown.push_str(name);
    }

    fn sign(&mut self, sign: char) {
        match sign {
            '=' | ':' | ',' if self.is_telling => self.value_since = Some(self.depth),
            ',' | '\n' if self.value_since.is_some_and(|since| self.depth <= since) => {
                self.value_since = None;
            }
            '(' | '[' | '{' => self.depth += 1,
            ')' | ']' | '}' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.value_since.is_some_and(|since| self.depth < since) {
            self.value_since = None;
        }
        // `headers["Authorization"] = …` names it within brackets.
        if !sign.is_whitespace() && sign != ']' {
            self.is_telling = false;
        }
    }

    fn literal(&mut self) {
        let quote = quote_of(self.rest);
        let inside = &self.rest[quote.len()..];
        let end = end_of(inside, quote);
        let text = &inside[..end];
        let is_closed = inside[end..].starts_with(quote);
        let length = quote.len() + end + if is_closed { quote.len() } else { 0 };
        self.take(length);
        self.shown.push_str(quote);
        if self.value_since.is_some() && !text.is_empty() {
            self.shown.push_str("***");
        } else {
            self.shown.push_str(&of_words(text));
        }
        self.shown.push_str(if is_closed { quote } else { "" });
        self.is_telling = text.len() <= LONGEST_NAME && is_telling(&text.to_ascii_lowercase());
    }
}

/// A text of several lines: what follows a scheme of credentials, or a telling name with a colon or an equals sign, is
/// masked.
fn of_words(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let mut is_next_secret = false;
        let words = line.split(' ').map(|word| {
            let was_secret = std::mem::replace(&mut is_next_secret, is_announcing(word));
            if was_secret && !word.is_empty() {
                return "***".to_owned();
            }
            is_next_secret |= was_secret;
            match word.split_once(['=', ':']) {
                Some((name, value))
                    if !value.is_empty()
                        && !value.starts_with("//")
                        && !name.contains('?')
                        && is_telling(&name.to_ascii_lowercase()) =>
                {
                    format!("{}***", &word[..=name.len()])
                }
                _ => without_secrets(word),
            }
        });
        words.collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether the next word is a secret: behind `Bearer`, or `password:`.
fn is_announcing(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    match word.strip_suffix([':', '=']) {
        Some(name) => is_telling(name),
        None => ["basic", "bearer", "digest", "negotiate"].contains(&&*word),
    }
}

fn quote_of(text: &str) -> &'static str {
    ["\"\"\"", "'''", "\"", "'"]
        .into_iter()
        .find(|quote| text.starts_with(quote))
        .unwrap_or("'")
}

/// Where a literal ends that began with this quote: at it, or where the line does.
fn end_of(inside: &str, quote: &str) -> usize {
    let mut is_escaped = false;
    for (at, letter) in inside.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if letter == '\\' {
            is_escaped = true;
        } else if inside[at..].starts_with(quote) || (quote.len() == 1 && letter == '\n') {
            return at;
        }
    }
    inside.len()
}

/// A longer text is no name.
const LONGEST_NAME: usize = 40;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_of_telling_names_are_masked() {
        for (text, shown) in [
            ("TOKEN = 's3cret'", "TOKEN = '***'"),
            (
                "token: str = \"s3cret\"\nx = 'y'",
                "token: str = \"***\"\nx = 'y'",
            ),
            (
                "{\"password\": 's3cret', 'user': 'ann'}",
                "{\"password\": '***', 'user': 'ann'}",
            ),
            (
                "headers['Authorization'] = f'Bearer {x}'",
                "headers['Authorization'] = f'***'",
            ),
            (
                "env.get(\"API_KEY\", 's3cret')",
                "env.get(\"API_KEY\", '***')",
            ),
            (
                "connect(user='ann', password=b's3cret', n=1)",
                "connect(user='ann', password=b'***', n=1)",
            ),
            (
                "SECRETS = [\n  'one',\n  'two',\n]\nopen = 'x'",
                "SECRETS = [\n  '***',\n  '***',\n]\nopen = 'x'",
            ),
            ("KEY = '''a\nb'''", "KEY = '''***'''"),
            (
                "if password == 's3cret': pass\nx = 'y'",
                "if password == '***': pass\nx = 'y'",
            ),
            (
                "ws.open('wss://ann:s3cret@h/?token=s3cret&a=b')",
                "ws.open('wss://***@h/?token=***&a=b')",
            ),
            ("auth('Bearer s3cret now')", "auth('Bearer *** now')"),
            (
                "x = 1  # password: s3cret, really",
                "x = 1  # password: *** really",
            ),
            ("# api_key=s3cret", "# api_key=***"),
        ] {
            assert_eq!(without_secrets_of(text), shown, "{text}");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "from k6ws import ws\n\n\ndef default():\n    with ws.open(URL) as session:\n        session.request('hi', 'say')\n",
            "options = {\"vus\": 3, 'thresholds': {'ws_req_duration{name:say}': ['p(95)<500']}}",
            "x = 'it\\'s' + \"a # no comment\"\n# a comment: with words\n",
            "check(reply, {'is even': lambda n: n % 2 == 0})",
            "url = 'ws://127.0.0.1:8080/room?x=1'",
            "text = '''open",
            "'",
        ] {
            assert_eq!(without_secrets_of(text), text);
        }
    }

    proptest! {
        #[test]
        fn nothing_but_literals_and_comments_changes(text in "[a-z'\"#\\\\ (){}\\[\\]:=,\n\u{e4}]{0,80}") {
            let shown = without_secrets_of(&text);
            prop_assert_eq!(shown.matches('\n').count() <= text.matches('\n').count(), true);
        }
    }
}
