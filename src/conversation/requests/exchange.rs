//! One request on its way: its clock, and what came of its reply so far.
//!
//! The clock runs from just before the write that took its last byte until what completed its reply arrived, or was read
//! where nobody knows that. What lies before is *blocked*: our own waiting, told apart.

use std::sync::Arc;
use std::time::Duration;

use smallvec::smallvec;

use super::outcome::{Received, Reply};
use crate::clock::Instant;
use crate::conversation::ask::Ask;
use crate::conversation::matcher::Matcher;
use crate::conversation::message::Message;
use crate::conversation::requests::outcome::{Came, Meanwhile};

/// So many bytes of the messages of a reply are kept at most, where all of them are wanted and one alone may not be longer.
/// As long as a message may be where nobody says otherwise.
const MOST_KEPT: usize = 16 << 20;

/// The times of a request that was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// From the write of its last byte to the read of the reply's last.
    pub took: Duration,
    /// From the call to that write.
    pub blocked: Duration,
    /// Of a reply in several messages: until the first, and the longest time between two.
    pub spread: Option<(Duration, Duration)>,
}

/// What one message did to the request that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// More is to come; the time since the message before, if there was one.
    Part(Option<Duration>),
    /// The reply is complete, and right; with the time since the message before, of several.
    Done(Answer, Option<Duration>),
    /// The reply is complete, and this check does not hold.
    Wrong(usize),
    /// With it the reply is longer than what is kept of one.
    TooLong {
        /// It was the last.
        is_complete: bool,
    },
}

/// What a reply has to fulfil.
#[derive(Clone, Debug)]
pub struct Check {
    /// As which it is recorded, if it is.
    pub name: Option<Arc<str>>,
    /// Whether it holds.
    pub matches: Matcher,
}

/// Keeps what criteria refer to, until it is dropped.
pub trait Lease: std::fmt::Debug + Send + Sync {}

/// What tells whether a reply is complete, and whether it is right.
#[derive(Clone, Debug, Default)]
pub struct Criteria {
    /// It is the reply, for a request that knows it by this alone.
    pub matches: Option<Matcher>,
    /// Its last message; without one it has a single message.
    pub done: Option<Matcher>,
    /// What the message that is returned has to fulfil.
    pub checks: Vec<Check>,
    /// All its messages are wanted, not only the last.
    pub is_many: bool,
    /// Of the callables that are asked.
    pub lease: Option<Arc<dyn Lease>>,
}

impl Criteria {
    /// What this message is as a reply.
    pub fn judge(&self, message: &Message<'_>, ask: &mut dyn Ask) -> Judgement {
        let is_last = self
            .done
            .as_ref()
            .is_none_or(|done| done.matches(message, ask));
        if !is_last {
            return Judgement {
                is_last,
                ..Judgement::GOOD
            };
        }
        let checks = self
            .checks
            .iter()
            .map(|one| one.matches.matches(message, ask));
        let passed: Vec<bool> = checks.collect();
        Judgement {
            is_last,
            wrong: passed.iter().position(|is_passed| !is_passed),
            passed,
        }
    }

    /// Whether a callable of the script is asked.
    pub fn needs_python(&self) -> bool {
        let checks = self.checks.iter().map(|check| &check.matches);
        let matchers = self.matches.iter().chain(&self.done).chain(checks);
        matchers.into_iter().any(Matcher::needs_python)
    }
}

/// What a message is as a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// It completes the reply.
    pub is_last: bool,
    /// The first check that does not hold.
    pub wrong: Option<usize>,
    /// Of each check whether it holds.
    passed: Vec<bool>,
}

impl Judgement {
    /// The one message of a reply that nothing is asked of.
    pub const GOOD: Self = Self {
        is_last: true,
        wrong: None,
        passed: Vec::new(),
    };

    /// The checks that have names, with what came of them.
    pub fn checks(&self, criteria: &Criteria) -> impl Iterator<Item = (Arc<str>, bool)> {
        let checks = criteria.checks.iter().zip(&self.passed);
        checks.filter_map(|(check, is_passed)| Some((check.name.clone()?, *is_passed)))
    }
}

#[derive(Debug)]
struct Several {
    first: Option<Instant>,
    last: Instant,
    longest_gap: Duration,
    parts: u32,
    messages: Vec<Received>,
    /// Bytes of those, and how many may be.
    bytes: usize,
    most: usize,
}

impl Several {
    /// Keeps one more message. One is always kept; false where it is one too many.
    fn keep(&mut self, message: &Message<'_>) -> bool {
        self.bytes += message.bytes().len() + size_of::<Received>();
        if self.bytes > self.most && !self.messages.is_empty() {
            return false;
        }
        self.messages.push(Received::of(message));
        true
    }
}

/// A request under way.
#[derive(Debug)]
pub struct Exchange {
    called: Instant,
    /// How many nanoseconds after that the write of its last byte began, once it has.
    blocked: u64,
    /// How many nanoseconds after that its time is over.
    patience: u64,
    /// Its message has not been refused for want of room.
    pub is_queued: bool,
    /// Which of the names under which its connection's requests are recorded.
    pub name: u32,
    /// Its message is the script's all the same: it is measured and not taken.
    pub is_only_measured: bool,
    /// What had come on its connection when it began.
    before: Came,
    judged: Option<Box<Judged>>,
}

/// There are as many as requests under way.
const _: () = assert!(size_of::<Exchange>() == 64);

/// Of a time that has not come, or never comes.
const NEVER: u64 = u64::MAX;

#[derive(Debug)]
struct Judged {
    criteria: Criteria,
    several: Option<Several>,
}

impl Exchange {
    /// One that is asked for now and has until `deadline`.
    pub fn new(called: Instant, deadline: Option<Instant>, name: u32) -> Self {
        Self {
            called,
            blocked: NEVER,
            patience: deadline.map_or(NEVER, |deadline| nanoseconds(called, deadline)),
            is_queued: true,
            name,
            is_only_measured: false,
            before: Came::default(),
            judged: None,
        }
    }

    /// The same, whose reply is known and judged by this, on a connection on which a message may be so long.
    pub fn judged_by(mut self, criteria: Criteria, longest_message: usize) -> Self {
        let several = criteria.done.is_some().then(|| Several {
            first: None,
            last: self.called,
            longest_gap: Duration::ZERO,
            parts: 0,
            messages: Vec::new(),
            bytes: 0,
            most: MOST_KEPT.max(longest_message),
        });
        self.judged = Some(Box::new(Judged { criteria, several }));
        self
    }

    /// So much had come on its connection when it began.
    pub fn begins_behind(&mut self, came: Came) {
        self.before = came;
    }

    /// What it had instead of a reply, when so much has come.
    pub fn meanwhile(&self, came: Came) -> Meanwhile {
        let allowed = (self.patience != NEVER).then(|| Duration::from_nanos(self.patience));
        let judged = self.judged.as_deref();
        let several = judged.and_then(|judged| judged.several.as_ref());
        let parts = several.map_or(0, |several| several.parts);
        Meanwhile::new(allowed, parts, self.before, came)
    }

    /// What its reply is known and judged by.
    pub fn criteria(&self) -> Option<&Criteria> {
        self.judged.as_deref().map(|judged| &judged.criteria)
    }

    /// Until when it has time.
    pub fn deadline(&self) -> Option<Instant> {
        self.after(self.patience)
    }

    fn after(&self, nanoseconds: u64) -> Option<Instant> {
        let is_ever = nanoseconds != NEVER;
        is_ever.then(|| self.called + Duration::from_nanos(nanoseconds))
    }

    /// Its last byte left with a write that began then.
    pub fn wrote(&mut self, at: Instant) {
        if self.blocked == NEVER {
            self.blocked = nanoseconds(self.called, at);
        }
    }

    /// When the write of its last byte began, if it has.
    pub fn written(&self) -> Option<Instant> {
        self.after(self.blocked)
    }

    /// Whether it was sent, or will be.
    pub fn may_be_answered(&self) -> bool {
        self.is_queued || self.blocked != NEVER
    }

    /// What says which message of its reply is the last, if it may have several.
    pub fn into_done(self) -> Option<Box<Criteria>> {
        let criteria = self.judged?.criteria;
        criteria.done.is_some().then(|| Box::new(criteria))
    }

    /// Whether it had left when something arrived.
    pub fn is_written_by(&self, at: Instant) -> bool {
        self.blocked != NEVER && self.blocked <= nanoseconds(self.called, at)
    }

    /// Whether something that arrived then came too late for it.
    pub fn is_over_by(&self, at: Instant) -> bool {
        self.patience < nanoseconds(self.called, at)
    }

    /// How long it waited to be written.
    pub fn blocked(&self) -> Duration {
        Duration::from_nanos(if self.blocked == NEVER {
            0
        } else {
            self.blocked
        })
    }

    /// A message of its reply arrived; `is_last` as its `done` says, `wrong` the first check that does not hold.
    pub fn step(
        &mut self,
        message: &Message<'_>,
        at: Instant,
        is_last: bool,
        wrong: Option<usize>,
    ) -> Step {
        let written = self.written().unwrap_or(at);
        let mut gap = None;
        let mut spread = None;
        let judged = self.judged.as_deref_mut();
        let is_many = judged.as_ref().is_some_and(|one| one.criteria.is_many);
        if let Some(several) = judged.and_then(|one| one.several.as_mut()) {
            if several.first.is_none() {
                several.first = Some(at);
            } else {
                let since = at.saturating_duration_since(several.last);
                several.longest_gap = several.longest_gap.max(since);
                gap = Some(since);
            }
            several.last = at;
            several.parts += 1;
            let first = several
                .first
                .unwrap_or(at)
                .saturating_duration_since(written);
            // One message alone has nothing between its first and its last.
            spread = gap.map(|_| (first, several.longest_gap));
            if is_many && !several.keep(message) {
                return Step::TooLong {
                    is_complete: is_last,
                };
            }
        }
        if !is_last {
            return Step::Part(gap);
        }
        if let Some(wrong) = wrong {
            return Step::Wrong(wrong);
        }
        let answer = Answer {
            took: at.saturating_duration_since(written),
            blocked: self.blocked(),
            spread,
        };
        Step::Done(answer, gap)
    }

    /// The messages that are kept so far, where all are wanted.
    pub fn kept(&self) -> &[Received] {
        let judged = self.judged.as_deref();
        let several = judged.and_then(|judged| judged.several.as_ref());
        several.map_or(&[], |several| &several.messages)
    }

    /// The messages that are returned of a reply whose last one is `message`.
    pub fn reply(&mut self, message: &Message<'_>) -> Reply {
        if self.is_only_measured {
            return Reply::new();
        }
        let judged = self.judged.as_deref_mut();
        match judged.and_then(|judged| judged.several.as_mut()) {
            Some(several) if !several.messages.is_empty() => {
                std::mem::take(&mut several.messages).into()
            }
            _ => smallvec![Received::of(message)],
        }
    }
}

/// From one instant to another that is later; of what cannot be told so, all that can.
fn nanoseconds(from: Instant, to: Instant) -> u64 {
    let nanoseconds = to.saturating_duration_since(from).as_nanos();
    u64::try_from(nanoseconds).unwrap_or(NEVER).min(NEVER - 1)
}
