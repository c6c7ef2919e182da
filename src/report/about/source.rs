//! The text of a script, in which the literals that may be secrets are masked.
//!
//! Not a parser of Python: it knows strings, comments and brackets. A literal is masked behind a telling name (`TOKEN =`,
//! `"password":`, `get("API_KEY",`), up to the end of that expression; any other loses users and telling parts of URLs.
//! When in doubt it is masked: whoever wrote the script has it.

use super::words::of_words;
use crate::socket::ws::wire_log::is_telling;

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

/// What a traceback says, in which lines of a script are indented by four.
pub(super) fn of_trace(text: &str) -> String {
    let is_source = |line: &&str| line.starts_with("    ");
    let lines: Vec<&str> = text.split('\n').collect();
    let blocks = lines.chunk_by(|one, other| is_source(one) == is_source(other));
    let shown = blocks.map(|block| {
        let text = block.join("\n");
        if is_source(&block[0]) {
            without_secrets_of(&text)
        } else {
            let lines = text.split('\n').map(of_end);
            lines.collect::<Vec<_>>().join("\n")
        }
    });
    shown.collect::<Vec<_>>().join("\n")
}

/// The line that says what was raised: the name of a class is no name of a secret.
fn of_end(line: &str) -> String {
    let is_class = |name: &str| {
        ["Error", "Exception", "Closed"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    match line.split_once(": ") {
        Some((class, message)) if is_class(class) && !class.contains(' ') => {
            format!("{class}: {}", of_words(message))
        }
        _ => of_words(line),
    }
}

#[derive(Default)]
struct Reader<'a> {
    rest: &'a str,
    shown: String,
    /// Brackets that are open.
    depth: usize,
    /// The last name or literal is a telling one.
    is_telling: bool,
    /// There is a telling name in this statement, which may be what is assigned to.
    is_target: bool,
    /// What is said now is the value of such a name.
    value: Option<Value>,
    /// The last name may have a number for its secret.
    is_numeric: bool,
}

/// Where a value of a telling name is.
#[derive(Clone, Copy)]
struct Value {
    /// So many brackets were open as it began.
    since: usize,
    /// It is all that is assigned or given, commas or not.
    is_whole: bool,
    /// A number in it is a secret as well.
    is_numeric: bool,
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
                let length = if self.rest.starts_with("\\\n") {
                    // The statement goes on.
                    2
                } else {
                    self.sign(first);
                    first.len_utf8()
                };
                let sign = self.take(length);
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
        if name.starts_with(|first: char| first.is_ascii_digit()) {
            let is_secret = self.value.is_some_and(|value| value.is_numeric);
            let shown = if is_secret && name.len() >= SHORTEST_PIN {
                "***"
            } else {
                name
            };
            return self.shown.push_str(shown);
        }
        self.shown.push_str(name);
        if RELATIONS.contains(&name) {
            if std::mem::take(&mut self.is_telling) {
                self.begin(self.depth, false);
            }
        } else if !self.rest.starts_with(['"', '\'']) {
            // Else it is only a prefix of a literal.
            let name = name.to_ascii_lowercase();
            self.is_telling =
                is_telling(&name) && !name.ends_with("encode") && !name.ends_with("decode");
            self.is_target |= self.is_telling;
            self.is_numeric = NUMERIC.iter().any(|end| name.ends_with(end));
        }
    }

    fn sign(&mut self, sign: char) {
        match sign {
            '=' if self.depth == 0 && self.is_target && self.is_assignment() => {
                let is_numeric = self.is_numeric || self.value.is_some_and(|one| one.is_numeric);
                self.value = Some(Value {
                    since: 0,
                    is_whole: true,
                    is_numeric,
                });
            }
            '=' | ':' | ',' if self.is_telling => self.begin(self.depth, false),
            // All that a function of a telling name is given.
            '(' if self.is_telling => self.begin(self.depth + 1, true),
            ',' if self
                .value
                .is_some_and(|one| self.depth <= one.since && !one.is_whole) =>
            {
                self.value = None;
            }
            // Within brackets a line is not the end of anything.
            '\n' if self.depth == 0 => self.value = None,
            _ => {}
        }
        match sign {
            '(' | '[' | '{' => self.depth += 1,
            ')' | ']' | '}' => self.depth = self.depth.saturating_sub(1),
            '\n' if self.depth == 0 => self.is_target = false,
            _ => {}
        }
        let is_over = self.value.is_some_and(|one| self.depth < one.since);
        if is_over {
            self.value = None;
        }
        // `headers["Authorization"] = …` names it within brackets, and `token += …` is one as well.
        let operator = self.rest.trim_start_matches(OPERATORS);
        if !sign.is_whitespace()
            && sign != ']'
            && !(OPERATORS.contains(&sign) && operator.starts_with('='))
        {
            // What a call gives is what its arguments were about.
            self.is_telling = is_over && sign == ')';
        }
    }

    /// What follows is a value, unless it is in one already.
    fn begin(&mut self, since: usize, is_whole: bool) {
        let is_numeric = self.is_numeric;
        let value = self.value.get_or_insert(Value {
            since,
            is_whole,
            is_numeric,
        });
        value.is_numeric |= is_numeric;
    }

    /// Whether the equals sign that comes is no comparison.
    fn is_assignment(&self) -> bool {
        !self.rest[1..].starts_with('=') && !self.shown.ends_with(['=', '!', '<', '>'])
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
        if self.value.is_some() && !text.is_empty() {
            self.shown.push_str("***");
        } else {
            self.shown.push_str(&of_words(text));
        }
        self.shown.push_str(if is_closed { quote } else { "" });
        let name = text.to_ascii_lowercase();
        self.is_telling = text.len() <= LONGEST_NAME && is_telling(&name);
        self.is_target |= self.is_telling;
        self.is_numeric = self.is_telling && NUMERIC.iter().any(|end| name.ends_with(end));
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

/// What compares a name with a value, or gives one in its place.
const RELATIONS: [&str; 6] = ["in", "is", "or", "and", "not", "else"];
const OPERATORS: [char; 12] = ['!', '<', '>', '+', '-', '*', '/', '%', '&', '|', '^', ':'];
/// The ends of names of which a number may be the secret; a code of a close, or how many sessions there are, is none.
const NUMERIC: [&str; 10] = [
    "pin", "otp", "pw", "pwd", "pass", "password", "secret", "token", "key", "passcode",
];
/// Shorter numbers keep nothing secret.
const SHORTEST_PIN: usize = 3;
/// A longer text is no name.
const LONGEST_NAME: usize = 40;

#[cfg(test)]
mod tests;
