//! One message, as everything that looks into it sees it.
//!
//! Whatever is found out about it (that it is UTF-8, that it is JSON, where its members lie) is kept here, so that
//! rules, keys and matchers share it and nothing is parsed twice.

use std::cell::OnceCell;

use super::document::{Level, scan};
use super::pointer::Pointer;
use super::value::Value;

/// As what it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text message of a WebSocket: valid UTF-8.
    Text,
    /// A binary message of a WebSocket.
    Binary,
    /// What TCP brought: neither, so it compares with both.
    Data,
}

/// What a text or some bytes of a script can be found in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Written as text: looks at text messages, and at what TCP brought.
    Text,
    /// Written as bytes: looks at binary messages, and at what TCP brought.
    Binary,
}

impl Side {
    /// Whether a message of this kind is looked at.
    #[inline]
    pub fn sees(self, kind: Kind) -> bool {
        match self {
            Self::Text => kind != Kind::Binary,
            Self::Binary => kind != Kind::Text,
        }
    }
}

/// A message on its way to its taker.
#[derive(Debug)]
pub struct Message<'a> {
    kind: Kind,
    bytes: &'a [u8],
    text: OnceCell<Option<&'a str>>,
    json: OnceCell<Option<Level<'a>>>,
}

impl<'a> Message<'a> {
    /// All of a message, without its frame.
    #[inline]
    pub fn new(kind: Kind, bytes: &'a [u8]) -> Self {
        Self {
            kind,
            bytes,
            text: OnceCell::new(),
            json: OnceCell::new(),
        }
    }

    /// The same of a text.
    #[inline]
    pub fn of_text(kind: Kind, text: &'a str) -> Self {
        let message = Self::new(kind, text.as_bytes());
        message.text.get_or_init(|| Some(text));
        message
    }

    /// As what it came.
    #[inline]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// All of it.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Its text, if it is UTF-8: of binary messages too.
    pub fn text(&self) -> Option<&'a str> {
        let read = || std::str::from_utf8(self.bytes).ok();
        *self.text.get_or_init(read)
    }

    /// The value at a place in its JSON, if it is JSON and has such a place. Where a name repeats within an object,
    /// the last one counts, as for Python's `json`.
    pub fn find(&self, pointer: &Pointer) -> Option<Value<'a>> {
        // Most messages that have no such place show it without being parsed.
        if !self.is_read() && pointer.cannot_be_in(self.bytes) {
            return None;
        }
        self.document()?.find(pointer)
    }

    /// The same for who is the only one to ask: little is remembered.
    pub(super) fn find_once(&self, pointer: &Pointer) -> Option<Value<'a>> {
        if self.is_read() {
            return self.find(pointer);
        }
        if pointer.cannot_be_in(self.bytes) {
            return None;
        }
        let Ok(found) = scan::find(self.bytes, pointer.tokens()) else {
            return self.document()?.find(pointer);
        };
        if !self.bytes.is_ascii() {
            self.text()?;
        }
        Some(Value::of_text(std::str::from_utf8(found?).ok()?))
    }

    /// Whether it was read as JSON by now: asking it costs little then.
    #[inline]
    pub(super) fn is_read(&self) -> bool {
        self.json.get().is_some()
    }

    /// Its JSON, if it is JSON: read when it is first asked for.
    pub(super) fn document(&self) -> Option<&Level<'a>> {
        let read = || Level::of_document(self.text()?);
        self.json.get_or_init(read).as_ref()
    }
}
