//! Which members the JSON of a message has, and where they lie: read once, however many look for something in it.

use std::cell::OnceCell;

use smallvec::SmallVec;

use super::pointer::{Pointer, Token};
use super::value::{Name, Type, Value};

pub(super) mod scan;

/// More members than these are not remembered: a flood of them would take many times the memory of the message.
const MOST_REMEMBERED: usize = 512;

/// The members of one array or object.
#[derive(Debug)]
pub(super) struct Level<'a> {
    value: Value<'a>,
    members: SmallVec<[(Name<'a>, Value<'a>); 4]>,
    is_complete: bool,
    /// The levels inside of the members, once somebody has looked into them. Each level is read once, whoever asks.
    inner: OnceCell<Box<[OnceCell<Option<Level<'a>>>]>>,
}

impl<'a> Level<'a> {
    /// Reads a text, all of which has to be JSON.
    pub(super) fn of_document(text: &'a str) -> Option<Self> {
        Self::of_value(Value::of_document(text)?)
    }

    fn of_value(value: Value<'a>) -> Option<Self> {
        let (mut members, mut count) = (SmallVec::new(), 0_usize);
        if matches!(value.kind(), Type::Array | Type::Object) {
            value.walk(|name, member| {
                count += 1;
                if count <= MOST_REMEMBERED {
                    members.push((name, member));
                }
            })?;
        }
        Some(Self {
            value,
            members,
            is_complete: count <= MOST_REMEMBERED,
            inner: OnceCell::new(),
        })
    }

    pub(super) fn find(&self, pointer: &Pointer) -> Option<Value<'a>> {
        let mut level = self;
        let mut tokens = pointer.tokens();
        loop {
            let Some((token, rest)) = tokens.split_first() else {
                return Some(level.value);
            };
            if !level.is_complete {
                return find_in(level.value, tokens);
            }
            let at = level.position(token)?;
            if rest.is_empty() {
                return Some(level.members[at].1);
            }
            let inner = level
                .inner
                .get_or_init(|| level.members.iter().map(|_| OnceCell::new()).collect());
            level = inner[at]
                .get_or_init(|| Self::of_value(level.members[at].1))
                .as_ref()?;
            tokens = rest;
        }
    }

    fn position(&self, token: &Token) -> Option<usize> {
        if self.value.kind() == Type::Array {
            return token.index().filter(|at| *at < self.members.len());
        }
        let is_it = |(name, _): &(Name<'_>, Value<'_>)| token.names(name);
        self.members.iter().rposition(is_it)
    }
}

/// The same without remembering anything, of a value that lies in one with too many members.
fn find_in<'a>(value: Value<'a>, tokens: &[Token]) -> Option<Value<'a>> {
    let mut value = value;
    for token in tokens {
        let (is_array, mut at, mut found) = (value.kind() == Type::Array, 0, None);
        value.walk(|name, member| {
            let is_it = if is_array {
                token.index() == Some(at)
            } else {
                token.names(&name)
            };
            if is_it {
                found = Some(member);
            }
            at += 1;
        })?;
        value = found?;
    }
    Some(value)
}

#[cfg(test)]
mod tests;
