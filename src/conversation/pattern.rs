//! Regular expressions of scripts, compiled once.

use std::fmt::Write as _;
use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};

use super::dialect;
use super::fault::Fault;
use super::message::{Message, Side};

/// The flags of Python's `re` that have a meaning here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of `re`")]
pub struct Flags {
    /// `re.I`
    pub ignores_case: bool,
    /// `re.M`
    pub is_multi_line: bool,
    /// `re.S`
    pub dot_takes_newline: bool,
    /// `re.X`
    pub is_verbose: bool,
}

/// A compiled pattern: of text, or of bytes.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
    side: Side,
}

impl Pattern {
    /// A pattern that was written as text: it sees text messages and what TCP brought.
    ///
    /// # Errors
    ///
    /// It is no pattern, or one that the engine cannot say.
    pub fn of_text(pattern: &str, flags: Flags) -> Result<Self, Fault> {
        Self::compile(pattern, flags, Side::Text)
    }

    /// A pattern that was written as bytes: it sees binary messages and what TCP brought.
    ///
    /// # Errors
    ///
    /// It is no pattern, or one that the engine cannot say.
    pub fn of_bytes(pattern: &[u8], flags: Flags) -> Result<Self, Fault> {
        Self::compile(&escaped(pattern), flags, Side::Binary)
    }

    fn compile(pattern: &str, flags: Flags, side: Side) -> Result<Self, Fault> {
        let compiled = RegexBuilder::new(&dialect::translate(pattern, flags.is_verbose)?)
            .case_insensitive(flags.ignores_case)
            .multi_line(flags.is_multi_line)
            .dot_matches_new_line(flags.dot_takes_newline)
            .ignore_whitespace(flags.is_verbose)
            // In Python's patterns of bytes \w is ASCII, and a dot is one byte.
            .unicode(side == Side::Text)
            .build();
        let regex = compiled.map_err(|error| match error {
            regex::Error::CompiledTooBig(limit) => Fault::new(
                format!("a pattern is too large: compiled it takes more than {} MiB", limit >> 20),
                "repeat less of it: \\w{1,1000} alone takes many",
            ),
            other => Fault::new(
                format!("a pattern is not valid: {}", last_line(&other.to_string())),
                "the syntax is that of https://docs.rs/regex, which is Python's but for what looks around or back",
            ),
        })?;
        Ok(Self { regex, side })
    }

    /// Which messages it sees.
    pub fn side(&self) -> Side {
        self.side
    }

    /// Whether it is found anywhere in the message.
    #[inline]
    pub fn is_in(&self, message: &Message<'_>) -> bool {
        self.side.sees(message.kind()) && self.regex.is_match(message.bytes())
    }

    /// Where a group of its first match lies in the message; nothing where the group took no part.
    pub fn find(&self, message: &Message<'_>, group: usize) -> Option<Range<usize>> {
        if !self.side.sees(message.kind()) {
            return None;
        }
        if group == 0 {
            return Some(self.regex.find(message.bytes())?.range());
        }
        let mut places = self.regex.capture_locations();
        self.regex.captures_read(&mut places, message.bytes())?;
        let (start, end) = places.get(group)?;
        Some(start..end)
    }

    /// Where all of its groups lie in the message, the whole match first.
    pub fn find_all(&self, message: &Message<'_>) -> Option<regex::bytes::CaptureLocations> {
        let mut places = self.regex.capture_locations();
        let is_seen = self.side.sees(message.kind());
        is_seen.then(|| self.regex.captures_read(&mut places, message.bytes()))??;
        Some(places)
    }

    /// How many groups it has.
    pub fn groups(&self) -> usize {
        self.regex.captures_len() - 1
    }

    /// The number of a group that has a name.
    pub fn group_of(&self, name: &str) -> Option<usize> {
        self.regex.capture_names().position(|one| one == Some(name))
    }

    /// The names of its groups.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.regex.capture_names().flatten()
    }
}

/// A pattern of bytes as text: bytes that are no ASCII by their numbers.
fn escaped(pattern: &[u8]) -> String {
    let mut out = String::with_capacity(pattern.len());
    for byte in pattern {
        if byte.is_ascii() {
            out.push(char::from(*byte));
        } else {
            let _ = write!(out, r"\x{byte:02x}");
        }
    }
    out
}

/// The engine draws the place below the pattern; what is wrong stands at the end.
fn last_line(error: &str) -> &str {
    let line = error.lines().last().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line)
}

#[cfg(test)]
mod tests;
