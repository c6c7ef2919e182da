//! An answer that is written from the message that it answers.
//!
//! `{1}` and `{name}` are groups of the pattern that has matched, `{/pointer}` is a value of its JSON as it was written
//! there. Any other brace is a brace, and `{{1}` is the text `{1}`.

use super::fault::Fault;
use super::matcher::Matcher;
use super::message::{Kind, Message, Side};
use super::pattern::Pattern;
use super::pointer::Pointer;

/// An answer, compiled with the match whose messages it answers.
#[derive(Clone, Debug)]
pub struct Template {
    is_text: bool,
    pieces: Box<[Piece]>,
    pattern: Option<Pattern>,
}

#[derive(Clone, Debug)]
enum Piece {
    Literal(Box<[u8]>),
    Group(usize),
    Value(Pointer),
}

impl Template {
    /// An answer of text, with what it takes from messages that `answered` matches.
    ///
    /// # Errors
    ///
    /// It names a group or a value that these cannot have.
    pub fn of_text(text: &str, answered: &Matcher) -> Result<Self, Fault> {
        let mut pieces = Vec::new();
        let (mut literal, mut rest) = (String::new(), text);
        while let Some(at) = rest.find('{') {
            literal += &rest[..at];
            rest = &rest[at..];
            if rest.starts_with("{{") && name_in(&rest[1..]).is_some() {
                literal.push('{');
                rest = &rest[2..];
            } else if let Some(name) = name_in(rest) {
                if !literal.is_empty() {
                    pieces.push(Piece::Literal(
                        std::mem::take(&mut literal).into_bytes().into(),
                    ));
                }
                pieces.push(piece(name, answered)?);
                rest = &rest[name.len() + 2..];
            } else {
                literal.push('{');
                rest = &rest[1..];
            }
        }
        literal += rest;
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal.into_bytes().into()));
        }
        Ok(Self {
            is_text: true,
            pieces: pieces.into(),
            pattern: pattern_of(answered).cloned(),
        })
    }

    /// An answer of bytes, which is always the same.
    ///
    /// # Errors
    ///
    /// It says something that would be taken from the message if it were text.
    pub fn of_bytes(bytes: &[u8], answered: &Matcher) -> Result<Self, Fault> {
        let text = String::from_utf8_lossy(bytes);
        let names = text.match_indices('{');
        let mut names = names.filter_map(|(at, _)| name_in(&text[at..]));
        if let Some(name) = names.find(|name| piece(name, answered).is_ok()) {
            return Err(Fault::new(
                format!("the answer takes {{{name}}} and is bytes, which are sent as they stand"),
                "write it as text, which TCP sends as UTF-8; a function may return bytes, these too",
            ));
        }
        Ok(Self {
            is_text: false,
            pieces: Box::new([Piece::Literal(bytes.into())]),
            pattern: None,
        })
    }

    /// Whether it is text.
    pub fn is_text(&self) -> bool {
        self.is_text
    }

    /// Appends the answer to a message. `false`, and nothing appended, if the message has not what the answer takes:
    /// it is no JSON, has no such place, or no text where the answer is text.
    #[must_use]
    pub fn fill(&self, message: &Message<'_>, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        let is_filled = self.append(message, out).is_some();
        if !is_filled {
            out.truncate(start);
        }
        is_filled
    }

    fn append(&self, message: &Message<'_>, out: &mut Vec<u8>) -> Option<()> {
        let is_grouped = self.pieces.iter().any(|one| matches!(one, Piece::Group(_)));
        let groups = match &self.pattern {
            Some(pattern) if is_grouped => Some(pattern.find_all(message)?),
            _ => None,
        };
        for piece in &self.pieces {
            match piece {
                Piece::Literal(bytes) => out.extend_from_slice(bytes),
                Piece::Group(group) => {
                    // A group that took no part is empty.
                    if let Some((start, end)) = groups.as_ref()?.get(*group) {
                        let bytes = &message.bytes()[start..end];
                        let is_sure = message.kind() != Kind::Binary;
                        (is_sure || std::str::from_utf8(bytes).is_ok()).then_some(())?;
                        out.extend_from_slice(bytes);
                    }
                }
                Piece::Value(pointer) => {
                    out.extend_from_slice(message.find(pointer)?.raw().as_bytes());
                }
            }
        }
        Some(())
    }
}

/// What stands between the brace that `rest` begins with and the next one, if it names something.
fn name_in(rest: &str) -> Option<&str> {
    let name = &rest[1..rest.find('}')?];
    let mut chars = name.chars();
    let is_name = match chars.next()? {
        '/' => true,
        first if first.is_ascii_digit() => chars.all(|char| char.is_ascii_digit()),
        first if first.is_alphabetic() || first == '_' => {
            chars.all(|char| char.is_alphanumeric() || char == '_')
        }
        _ => false,
    };
    is_name.then_some(name)
}

fn piece(name: &str, answered: &Matcher) -> Result<Piece, Fault> {
    if name.starts_with('/') {
        let pointer = Pointer::parse(name)?;
        if let Some((side, bytes)) = whole_of(answered) {
            let kind = if side == Side::Text {
                Kind::Text
            } else {
                Kind::Binary
            };
            if Message::new(kind, bytes).find(&pointer).is_none() {
                return Err(Fault::new(
                    format!("the answer takes {{{name}}} of a message that has no such place"),
                    format!("write {{{{{name}}} for the text itself"),
                ));
            }
        }
        return Ok(Piece::Value(pointer));
    }
    let Some(pattern) = pattern_of(answered) else {
        return Err(Fault::new(
            format!(
                "the answer takes {{{name}}}, and no pattern has matched whose group it could be"
            ),
            format!(
                "match by one regex(…), alone or joined by `&`; or write {{{{{name}}} for the text itself"
            ),
        ));
    };
    let group = match name.parse::<usize>() {
        Ok(number) => (number <= pattern.groups()).then_some(number),
        Err(_) => pattern.group_of(name),
    };
    group.map(Piece::Group).ok_or_else(|| {
        let names: Vec<_> = pattern.names().collect();
        let also = if names.is_empty() {
            String::new()
        } else {
            format!(" ({})", names.join(", "))
        };
        Fault::new(
            format!("the answer takes {{{name}}}, and the pattern has no such group"),
            format!(
                "it has {}{also}; or write {{{{{name}}} for the text itself",
                match pattern.groups() {
                    0 => "no groups".to_owned(),
                    1 => "one group".to_owned(),
                    many => format!("{many} groups"),
                }
            ),
        )
    })
}

/// The one pattern that has matched for sure whenever `answered` has. Of two it would not be known which is meant.
fn pattern_of(answered: &Matcher) -> Option<&Pattern> {
    match answered {
        Matcher::Regex(pattern) => Some(pattern),
        Matcher::And(all) => {
            let mut found = all.iter().filter_map(pattern_of);
            let first = found.next()?;
            found.next().is_none().then_some(first)
        }
        _ => None,
    }
}

/// All of every message that is matched, where that is always the same.
fn whole_of(answered: &Matcher) -> Option<(Side, &[u8])> {
    match answered {
        Matcher::Equals(side, bytes) => Some((*side, bytes)),
        Matcher::And(all) => all.iter().find_map(whole_of),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
