//! Patterns as Python's `re` writes them, for the engine that runs them here.
//!
//! The two agree in nearly everything. Where they do not, the pattern is rewritten to mean what it means to `re`, or
//! refused where the engine cannot say it: it never looks back, and so takes the same short time for every message.
//! Source of the rules: <https://docs.python.org/3/library/re.html#regular-expression-syntax>, and
//! <https://docs.rs/regex/latest/regex/#syntax>.

use std::fmt::Write as _;

use super::fault::Fault;

/// A pattern that the engine reads as `re` reads `pattern`.
pub(super) fn translate(pattern: &str, is_verbose: bool) -> Result<String, Fault> {
    let mut reader = Reader {
        rest: pattern,
        out: String::with_capacity(pattern.len() + 8),
        is_verbose,
        around: Vec::new(),
        repeats: Repeats::Nothing,
    };
    while let Some(char) = reader.next() {
        reader.outside(char)?;
    }
    Ok(reader.out)
}

/// What the last thing that was read leaves to be repeated.
#[derive(Clone, Copy, PartialEq)]
enum Repeats {
    /// A thing, or none.
    Nothing,
    /// It was a repetition: `?` makes it lazy, `+` would make it possessive.
    Repetition,
}

struct Reader<'a> {
    rest: &'a str,
    out: String,
    is_verbose: bool,
    /// Whether it was verbose around each group that is open.
    around: Vec<bool>,
    repeats: Repeats,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let char = self.rest.chars().next()?;
        self.rest = &self.rest[char.len_utf8()..];
        Some(char)
    }

    /// Takes `count` bytes, all of them ASCII.
    fn take(&mut self, count: usize) -> &str {
        let (taken, rest) = self.rest.split_at(count);
        self.rest = rest;
        taken
    }

    fn outside(&mut self, char: char) -> Result<(), Fault> {
        let was = std::mem::replace(&mut self.repeats, Repeats::Nothing);
        match char {
            '\\' => self.escape(false),
            '[' => self.class(),
            '(' => self.group(),
            ')' => {
                self.is_verbose = self.around.pop().unwrap_or(self.is_verbose);
                self.out.push(')');
                Ok(())
            }
            '{' => {
                if let Some(length) = bounds(self.rest) {
                    self.repeats = Repeats::Repetition;
                    let bounds = self.take(length).to_owned();
                    // `{,3}` begins at none.
                    self.out += if bounds.starts_with(',') { "{0" } else { "{" };
                    self.out += &bounds;
                } else {
                    self.out += r"\{";
                }
                Ok(())
            }
            '+' if was == Repeats::Repetition => Err(Fault::new(
                "a possessive quantifier is not possible here",
                "leave its \"+\" out: this engine never tries twice, so that it gains nothing",
            )),
            '*' | '+' | '?' => {
                if was == Repeats::Nothing {
                    self.repeats = Repeats::Repetition;
                }
                self.out.push(char);
                Ok(())
            }
            '#' if self.is_verbose => {
                // What stands in a comment is nobody's pattern.
                let end = self.rest.find('\n').unwrap_or(self.rest.len());
                self.rest = &self.rest[end..];
                self.repeats = was;
                Ok(())
            }
            other => {
                if self.is_verbose && other.is_whitespace() {
                    self.repeats = was;
                }
                self.out.push(other);
                Ok(())
            }
        }
    }

    fn group(&mut self) -> Result<(), Fault> {
        let begins = |with: &str| self.rest.starts_with(with);
        if ["?=", "?!", "?<=", "?<!"].into_iter().any(begins) {
            return Err(Fault::new(
                "look-ahead and look-behind are not possible here",
                "match what stands around it as well, and put what you want of it in parentheses; `&` and `~` of \
                 k6ws.match join matchers and turn them round",
            ));
        }
        if begins("?P=") || begins("?(") {
            return Err(back_reference());
        }
        if begins("?>") {
            return Err(Fault::new(
                "an atomic group is not possible here",
                "write (?:…): this engine never tries twice, so that it gains nothing",
            ));
        }
        if begins("?#") {
            let end = self.rest.find(')').map_or(self.rest.len(), |at| at + 1);
            self.rest = &self.rest[end..];
            return Ok(());
        }
        let is_with_flags = begins("?");
        self.out.push('(');
        self.around.push(self.is_verbose);
        if is_with_flags {
            // It is no quantifier here.
            self.take(1);
            self.out.push('?');
            self.flags()?;
        }
        Ok(())
    }

    /// The letters of `(?imsx)`, which hold for what follows in the group around it, and of `(?imsx-imsx:…)`.
    fn flags(&mut self) -> Result<(), Fault> {
        let is_flag = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'-';
        let count = self.rest.bytes().take_while(is_flag).count();
        if !self.rest[count..].starts_with([':', ')']) {
            return Ok(());
        }
        let flags = self.take(count).to_owned();
        let (on, off) = flags.split_once('-').unwrap_or((&flags, ""));
        if on.contains(['a', 'L']) {
            return Err(Fault::new(
                "the flags re.ASCII and re.LOCALE are not possible here",
                "write [0-9] for \\d and [A-Za-z0-9_] for \\w; in a pattern of bytes they are ASCII",
            ));
        }
        self.is_verbose = (self.is_verbose || on.contains('x')) && !off.contains('x');
        if self.rest.starts_with(')')
            && let Some(around) = self.around.last_mut()
        {
            *around = self.is_verbose;
        }
        self.out += &flags;
        Ok(())
    }

    /// What follows a backslash.
    fn escape(&mut self, is_in_class: bool) -> Result<(), Fault> {
        let Some(char) = self.next() else {
            self.out.push('\\');
            return Ok(());
        };
        match char {
            'Z' if !is_in_class => self.out += r"\z",
            'b' if is_in_class => self.out += r"\x08",
            '0' => {
                let length = octal(self.rest, 2);
                self.octal(0, length);
            }
            '1'..='9' => {
                let is_octal = char <= '3' && octal(self.rest, 2) == 2;
                if !is_octal && !is_in_class {
                    return Err(back_reference());
                }
                self.octal(u32::from(char) - u32::from('0'), octal(self.rest, 2));
            }
            // A class of Unicode, which `re` has not, and whose name stands in braces.
            'p' | 'P' if self.rest.starts_with('{') => {
                let length = self.rest.find('}').map_or(self.rest.len(), |at| at + 1);
                let name = self.take(length).to_owned();
                self.out.push('\\');
                self.out.push(char);
                self.out += &name;
            }
            // To the engine these are the ends of words.
            '<' | '>' => self.out.push(char),
            'N' => {
                return Err(Fault::new(
                    r"\N{…} is not possible here",
                    r"write the character itself, or its number as \uXXXX",
                ));
            }
            other if other.is_ascii() => {
                self.out.push('\\');
                self.out.push(other);
            }
            other => self.out.push(other),
        }
        Ok(())
    }

    fn octal(&mut self, first: u32, length: usize) {
        let value = self
            .take(length)
            .bytes()
            .fold(first, |value, digit| value * 8 + u32::from(digit - b'0'));
        let _ = write!(self.out, r"\x{{{value:x}}}");
    }

    /// `[…]`, in which everything but `\`, `]`, a range and a first `^` stands for itself.
    fn class(&mut self) -> Result<(), Fault> {
        self.out.push('[');
        if self.rest.starts_with('^') {
            self.next();
            self.out.push('^');
        }
        let mut is_first = true;
        while let Some(char) = self.next() {
            if char == ']' && !is_first {
                self.out.push(']');
                return Ok(());
            }
            is_first = false;
            self.member(char)?;
            // A range, unless it is the last one, which stands for itself.
            if self.rest.starts_with('-') && !self.rest.starts_with("-]") {
                self.take(1);
                if let Some(end) = self.next() {
                    self.out.push('-');
                    self.member(end)?;
                }
            }
        }
        Ok(())
    }

    /// A character of a class, which stands for itself where two of them would be an operator to the engine.
    fn member(&mut self, char: char) -> Result<(), Fault> {
        match char {
            '\\' => self.escape(true)?,
            '[' | ']' | '&' | '~' | '^' | '-' | '#' => {
                self.out.push('\\');
                self.out.push(char);
            }
            // They count within a class, also where they do not outside of it.
            other if other.is_ascii_whitespace() => {
                let _ = write!(self.out, r"\x{:02x}", u32::from(other));
            }
            other => self.out.push(other),
        }
        Ok(())
    }
}

fn back_reference() -> Fault {
    Fault::new(
        "a back-reference is not possible here",
        "a callable can compare what stands in two places: lambda message: …",
    )
}

/// How many bytes of `rest` are the bounds of a repetition, with their brace; else a brace is a brace.
fn bounds(rest: &str) -> Option<usize> {
    let end = rest.find('}')?;
    let (least, most) = rest[..end].split_once(',').unwrap_or((&rest[..end], "0"));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (end > 0 && is_number(least) && is_number(most)).then_some(end + 1)
}

fn octal(rest: &str, most: usize) -> usize {
    let digits = rest.bytes().take_while(|byte| (b'0'..b'8').contains(byte));
    digits.take(most).count()
}
