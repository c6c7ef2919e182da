//! The text of a JSON value, taken apart without building anything.
//!
//! `serde_json` reads it: it checks all of the text, and skips what is inside of a value without a stack of calls, so
//! that no depth is too deep. It was measured beside `jiter` on messages of 100 to 2,000 bytes: within a tenth of each
//! other for a whole message (90 to 130 ns for 100 bytes), and `jiter` refuses what is nested deeper than 200. To stop
//! at the member that is looked for would be faster still, but then a message that is broken behind it would be
//! taken for JSON, or not, by the order of its members.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The text of one value, without the spaces around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<'a>(&'a str);

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl<'a> Value<'a> {
    /// The value of a document. Of an array and an object nothing is checked yet: [`Value::walk`] does it.
    pub(super) fn of_document(text: &'a str) -> Option<Self> {
        if let [b'{' | b'[', .., b'}' | b']'] = text.as_bytes() {
            return Some(Self(text));
        }
        let text = text.trim_matches([' ', '\t', '\n', '\r']);
        if text.starts_with(['{', '[']) {
            return Some(Self(text));
        }
        Some(Self(serde_json::from_str::<&RawValue>(text).ok()?.get()))
    }

    /// The value that this text is, all of it, as somebody has found out.
    pub(super) fn of_text(text: &'a str) -> Self {
        Self(text)
    }

    /// As it was written.
    pub fn raw(self) -> &'a str {
        self.0
    }

    /// What it is.
    pub fn kind(self) -> Type {
        match self.0.as_bytes().first() {
            Some(b'n') => Type::Null,
            Some(b't' | b'f') => Type::Boolean,
            Some(b'"') => Type::String,
            Some(b'[') => Type::Array,
            Some(b'{') => Type::Object,
            _ => Type::Number,
        }
    }

    /// What a string says; nothing of what is no string, or of one that no text can hold (half a surrogate pair).
    pub fn string(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
            return Some(Cow::Borrowed(inner));
        }
        serde_json::from_str(self.0).ok().map(Cow::Owned)
    }

    /// Calls `each` with the name (empty in an array) and the value of each member of an object or an array. Nothing
    /// comes back if that was none, or is broken anywhere.
    pub(super) fn walk(self, each: impl FnMut(Name<'a>, Value<'a>)) -> Option<()> {
        let mut json = serde_json::Deserializer::from_str(self.0);
        match self.kind() {
            Type::Object => json.deserialize_map(Members(each)).ok()?,
            Type::Array => json.deserialize_seq(Members(each)).ok()?,
            _ => return None,
        }
        json.end().ok()
    }
}

/// The name of a member: UTF-8, unless it has half a surrogate pair, which no text can hold.
pub(super) type Name<'a> = Cow<'a, [u8]>;

/// Takes the text of each member.
struct Members<F>(F);

impl<'a, F: FnMut(Name<'a>, Value<'a>)> Visitor<'a> for Members<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array or an object")
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key_seed(NameOnly)? {
            let value = members.next_value::<&'a RawValue>()?;
            (self.0)(name, Value(value.get()));
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(mut self, mut members: A) -> Result<(), A::Error> {
        while let Some(value) = members.next_element::<&'a RawValue>()? {
            (self.0)(Name::default(), Value(value.get()));
        }
        Ok(())
    }
}

/// Takes a name as bytes: as text a single half of a surrogate pair would spoil all of the document.
struct NameOnly;

impl<'a> DeserializeSeed<'a> for NameOnly {
    type Value = Name<'a>;

    #[inline]
    fn deserialize<D: Deserializer<'a>>(self, name: D) -> Result<Name<'a>, D::Error> {
        name.deserialize_bytes(self)
    }
}

impl<'a> Visitor<'a> for NameOnly {
    type Value = Name<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    #[inline]
    fn visit_borrowed_bytes<E>(self, name: &'a [u8]) -> Result<Name<'a>, E> {
        Ok(Cow::Borrowed(name))
    }

    /// One with an escape.
    fn visit_bytes<E>(self, name: &[u8]) -> Result<Name<'a>, E> {
        Ok(Cow::Owned(name.to_vec()))
    }
}
