//! Pushes that are watched as they pass: how old they are by the clock of who sent them, and which are missing.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::ask::Ask;
use super::key::{Equality, Key, KeySource};
use super::message::Message;

mod window;

use window::Window;

/// So many sources of sequence numbers are followed; what others send is counted, and nothing of it is missed.
const MOST_SOURCES: usize = 65_536;

/// Clocks count to 1 microsecond, and the time of today in seconds is a fraction as exact as that.
const ROUNDING: f64 = 1e-6;

/// What is looked for in pushes of one name.
#[derive(Clone, Debug)]
pub struct Watch {
    /// As what they are recorded.
    pub name: Arc<str>,
    /// Where the clock of the sender stands.
    pub stamp: Option<KeySource>,
    /// Where the number stands that grows by one with each.
    pub sequence: Option<KeySource>,
    /// Where it stands who numbers them; without it one source does.
    pub source: Option<KeySource>,
    /// Whether nobody else gets them.
    pub is_taken: bool,
}

impl Watch {
    /// Whether only Python can tell something of it.
    pub fn needs_python(&self) -> bool {
        let all = [&self.stamp, &self.sequence, &self.source];
        all.into_iter().flatten().any(KeySource::needs_python)
    }

    /// What a push says.
    pub(super) fn read(&self, message: &Message<'_>, ask: &mut dyn Ask) -> Read {
        let mut find = |source: &Option<KeySource>| {
            let source = source.as_ref()?;
            let key = source.find(message, Equality::Text, ask).ok()?;
            Some((key, matches!(source, KeySource::Field { .. })))
        };
        Read {
            sent: find(&self.stamp).and_then(|(key, is_field)| date(&key, is_field)),
            number: find(&self.sequence).and_then(|(key, is_field)| whole(&key, is_field)),
            source: find(&self.source).map(|(key, _)| key),
        }
    }
}

/// What one push has said.
#[derive(Debug)]
pub(super) struct Read {
    /// Seconds since 1970.
    sent: Option<f64>,
    number: Option<u64>,
    source: Option<Key>,
}

impl Read {
    /// Whether it matters when it came.
    pub(super) fn is_stamped(&self) -> bool {
        self.sent.is_some()
    }
}

/// How old a push was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Age {
    /// So old.
    Of(Duration),
    /// It came before it was sent: two clocks differ.
    Negative,
}

/// One push, as it is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Delivery {
    /// By the clock of its sender, if it said.
    pub age: Option<Age>,
    /// How many before it are known now to be missing.
    pub lost: u64,
    /// It had come before.
    pub is_doubled: bool,
}

/// The numbers that have come, by who numbers them.
#[derive(Clone, Debug, Default)]
pub(super) struct Followed {
    /// Of pushes that do not say whose they are.
    own: Option<Window>,
    others: HashMap<Key, Window>,
}

impl Followed {
    /// Takes a push that came so long after 1970, where that is known.
    pub(super) fn add(&mut self, read: Read, arrived: Option<Duration>) -> Delivery {
        let age = read.sent.zip(arrived).map(|(sent, arrived)| {
            let seconds = arrived.as_secs_f64() - sent;
            let is_rounded = (-ROUNDING..0.0).contains(&seconds);
            match Duration::try_from_secs_f64(if is_rounded { 0.0 } else { seconds }) {
                Ok(age) => Age::Of(age),
                Err(_) => Age::Negative,
            }
        });
        let mut delivery = Delivery {
            age,
            ..Delivery::default()
        };
        let Some(number) = read.number else {
            return delivery;
        };
        let window = match read.source {
            None => &mut self.own,
            Some(key) => {
                let has_room = self.others.len() < MOST_SOURCES;
                match self.others.get_mut(&key) {
                    Some(window) => {
                        (delivery.lost, delivery.is_doubled) = window.add(number);
                        return delivery;
                    }
                    None if has_room => self.others.insert(key, Window::new(number)),
                    None => None,
                };
                return delivery;
            }
        };
        match window {
            Some(window) => (delivery.lost, delivery.is_doubled) = window.add(number),
            None => *window = Some(Window::new(number)),
        }
        delivery
    }

    /// How many are missing that are waited for no longer: the session is over.
    pub(super) fn end(&mut self) -> u64 {
        let all = self.own.iter_mut().chain(self.others.values_mut());
        all.map(Window::end).fold(0, u64::saturating_add)
    }
}

/// A whole number: as text, or as the bytes of a field, the greatest first.
fn whole(key: &Key, is_field: bool) -> Option<u64> {
    let bytes = key.as_bytes();
    if is_field {
        return of_bytes(bytes);
    }
    std::str::from_utf8(bytes).ok()?.trim().parse().ok()
}

fn of_bytes(bytes: &[u8]) -> Option<u64> {
    let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
    (bytes.len() <= 8).then(|| bytes.iter().fold(0, add))
}

/// Seconds since 1970, of a number of seconds, milliseconds, microseconds or nanoseconds. Each has a thousand times as
/// many as the one before, so that none of today is taken for another; what lies between is no clock.
fn date(key: &Key, is_field: bool) -> Option<f64> {
    let number = if is_field {
        of_bytes(key.as_bytes())? as f64
    } else {
        let text = std::str::from_utf8(key.as_bytes()).ok()?;
        text.trim().parse::<f64>().ok()?
    };
    [1.0, 1e3, 1e6, 1e9]
        .into_iter()
        .map(|unit| number / unit)
        .find(|seconds| (1e9..1e11).contains(seconds))
}

#[cfg(test)]
mod tests;
