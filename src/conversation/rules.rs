//! What a session does with messages by itself: answer them, ignore them, watch them pass. In the order of
//! registration, the first that takes a message is the last that sees it.

use std::sync::Arc;
use std::time::Duration;

use smallvec::SmallVec;

use super::ask::Ask;
use super::delivered::{Delivery, Followed, Read, Watch};
use super::matcher::Matcher;
use super::message::{Kind, Message};
use super::template::Template;

/// What a rule does with a message that matches.
#[derive(Clone, Debug)]
pub enum Action {
    /// Nothing: nobody is told of it.
    Ignore,
    /// It is answered with this, filled with what the matcher captured.
    Answer(Kind, Arc<Template>),
    /// The script's callable with this number says what it is answered with.
    Call(usize),
    /// It is recorded, and goes on to whom it belongs unless it is taken.
    Watch(Box<Watch>),
}

/// What kind of rule has taken a message, for the accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruled {
    /// One that answers.
    Auto,
    /// One that ignores.
    Ignore,
    /// One that watches, and lets nobody else have it.
    Delivered,
}

impl Ruled {
    /// The value of the tag `rule`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Ignore => "ignore",
            Self::Delivered => "delivered",
        }
    }
}

impl Action {
    /// What it is in the accounts.
    pub(super) fn ruled(&self) -> Ruled {
        match self {
            Self::Answer(..) | Self::Call(_) => Ruled::Auto,
            Self::Ignore => Ruled::Ignore,
            Self::Watch(_) => Ruled::Delivered,
        }
    }
}

/// One rule of a session.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Which messages it takes.
    pub matches: Matcher,
    /// What becomes of them.
    pub action: Action,
}

/// The rules of one session.
#[derive(Debug, Default)]
pub struct Rules {
    rules: Vec<Standing>,
    numbers: u32,
}

#[derive(Debug)]
struct Standing {
    number: u32,
    rule: Rule,
    /// Of one that watches.
    followed: Followed,
}

/// What rules have seen pass, by their places.
pub(super) type Seen = SmallVec<[(usize, Read); 1]>;

impl Rules {
    /// One more, behind those that are there; its number.
    pub fn add(&mut self, rule: Rule) -> u32 {
        self.numbers += 1;
        self.rules.push(Standing {
            number: self.numbers,
            rule,
            followed: Followed::default(),
        });
        self.numbers
    }

    /// This one is over: what it still waited for and now does not come, if it watched.
    pub(super) fn remove(&mut self, number: u32) -> Option<(Arc<str>, u64)> {
        let place = self.rules.iter().position(|one| one.number == number)?;
        self.rules.remove(place).missing()
    }

    /// All of them are over.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether a callable of the script is asked.
    pub fn needs_python(&self) -> bool {
        self.rules.iter().any(|Standing { rule, .. }| {
            rule.matches.needs_python()
                || match &rule.action {
                    Action::Call(_) => true,
                    Action::Watch(watch) => watch.needs_python(),
                    Action::Ignore | Action::Answer(..) => false,
                }
        })
    }

    /// What is to be done with a message, if any rule takes it, and who has seen it before. Rules with numbers below
    /// `from` have met it already.
    pub(super) fn find(
        &self,
        message: &Message<'_>,
        from: u32,
        ask: &mut dyn Ask,
    ) -> (Option<&Action>, Seen) {
        let mut seen = Seen::new();
        for (place, Standing { number, rule, .. }) in self.rules.iter().enumerate() {
            if *number < from || !rule.matches.matches(message, ask) {
                continue;
            }
            let Action::Watch(watch) = &rule.action else {
                return (Some(&rule.action), seen);
            };
            seen.push((place, watch.read(message, ask)));
            if watch.is_taken {
                return (Some(&rule.action), seen);
            }
        }
        (None, seen)
    }

    /// Takes what they have seen of one message, which came so long after 1970.
    pub(super) fn saw(
        &mut self,
        seen: Seen,
        arrived: Option<Duration>,
    ) -> impl Iterator<Item = (Arc<str>, Delivery)> {
        seen.into_iter().filter_map(move |(place, read)| {
            let Standing { rule, followed, .. } = self.rules.get_mut(place)?;
            let Action::Watch(watch) = &rule.action else {
                return None;
            };
            Some((watch.name.clone(), followed.add(read, arrived)))
        })
    }

    /// What they still wait for does not come any more: how many of each name.
    pub(super) fn end(&mut self) -> impl Iterator<Item = (Arc<str>, u64)> {
        self.rules.iter_mut().filter_map(Standing::missing)
    }
}

impl Standing {
    fn missing(&mut self) -> Option<(Arc<str>, u64)> {
        let Action::Watch(watch) = &self.rule.action else {
            return None;
        };
        let lost = self.followed.end();
        (lost > 0).then(|| (watch.name.clone(), lost))
    }
}

#[cfg(test)]
mod tests;
