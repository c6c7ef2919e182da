//! Frames that end where certain bytes come.

use memchr::memmem::Finder;

use super::error::{FramingError, InvalidFraming};

/// What ends a message.
#[derive(Clone, Debug)]
pub(super) struct End {
    finder: Finder<'static>,
    text: Option<Text>,
}

/// Messages are lines of text.
#[derive(Clone, Debug)]
struct Text {
    /// A carriage return before the end belongs to it.
    strips_return: bool,
    keeps_bad_utf8: bool,
}

impl End {
    pub(super) fn of(bytes: &[u8], most: usize) -> Result<Self, InvalidFraming> {
        let given = bytes.len();
        if !(1..=most).contains(&given) {
            return Err(InvalidFraming::End { given, most });
        }
        let finder = Finder::new(bytes).into_owned();
        Ok(Self { finder, text: None })
    }

    pub(super) fn of_lines(mut self, keeps_bad_utf8: bool) -> Self {
        self.text = Some(Text {
            strips_return: self.bytes() == b"\n",
            keeps_bad_utf8,
        });
        self
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.finder.needle()
    }

    /// Where it begins, the first time that it is there.
    pub(super) fn find(&self, bytes: &[u8]) -> Option<usize> {
        self.finder.find(bytes)
    }

    pub(super) fn is_text(&self) -> bool {
        self.text.is_some()
    }

    pub(super) fn must_be_utf8(&self) -> bool {
        self.text.as_ref().is_some_and(|text| !text.keeps_bad_utf8)
    }

    fn strips_return(&self) -> bool {
        self.text.as_ref().is_some_and(|text| text.strips_return)
    }

    /// The message in what came before the end.
    fn message<'a>(&self, before: &'a [u8]) -> &'a [u8] {
        match before {
            [message @ .., b'\r'] if self.strips_return() => message,
            _ => before,
        }
    }

    /// Adds what belongs to the message that is kept. If its end is there, that is taken off and what comes behind it
    /// is returned.
    pub(super) fn finish<'a>(&self, kept: &mut Vec<u8>, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let (before, size) = (kept.len(), self.bytes().len());
        // An end that began in what is kept ends in the first of these bytes.
        kept.extend_from_slice(&bytes[..bytes.len().min(size - 1)]);
        let looked_at = before.saturating_sub(size - 1);
        if let Some(at) = self.finder.find(&kept[looked_at..]) {
            let at = looked_at + at;
            kept.truncate(at);
            return Some(&bytes[at + size - before..]);
        }
        kept.truncate(before);
        let found = self.finder.find(bytes);
        kept.extend_from_slice(&bytes[..found.unwrap_or(bytes.len())]);
        found.map(|at| &bytes[at + size..])
    }

    /// Whether an end may still come in time.
    pub(super) fn check_kept(&self, kept: &[u8], max: usize) -> Result<(), FramingError> {
        // The beginning of an end is no part of the message.
        let begun = usize::from(self.strips_return() && kept.ends_with(b"\r"));
        let slack = self.bytes().len() - 1 + begun;
        if kept.len() > max.saturating_add(slack) {
            return Err(FramingError::TooLong { told: None, max });
        }
        Ok(())
    }
}

/// Takes the next bytes of a stream; `kept` is the beginning of a message whose end has not come.
pub(super) fn feed(
    end: &End,
    max: usize,
    kept: &mut Vec<u8>,
    bytes: &[u8],
    each: &mut impl FnMut(&[u8]) -> Result<(), FramingError>,
) -> Result<(), FramingError> {
    let mut give = |before: &[u8]| {
        let message = end.message(before);
        if message.len() > max {
            return Err(FramingError::TooLong { told: None, max });
        }
        each(message)
    };
    let mut rest = bytes;
    if !kept.is_empty() {
        let Some(behind) = end.finish(kept, bytes) else {
            return end.check_kept(kept, max);
        };
        give(kept)?;
        kept.clear();
        rest = behind;
    }
    while let Some(at) = end.find(rest) {
        give(&rest[..at])?;
        rest = &rest[at + end.bytes().len()..];
    }
    kept.extend_from_slice(rest);
    end.check_kept(kept, max)
}
