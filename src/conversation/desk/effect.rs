//! What is asked of a desk, and what it says.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Instant;
use crate::conversation::delivered::Delivery;
use crate::conversation::key::{Key, KeyFault};
use crate::conversation::message::Kind;
use crate::conversation::requests::exchange::Criteria;
use crate::conversation::requests::{Answer, Failure, NoPlace, RequestId};
use crate::conversation::rules::Ruled;

/// What follows from a message, or from time: to be recorded, told and sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// A request of this name was answered, and rightly.
    Answered(u32, Answer),
    /// So long it took from the instant at which a timetable had it made.
    Planned(u32, Duration),
    /// One of this name has failed.
    Failed(u32, Failure),
    /// So much time lay between two messages of one reply.
    Gap(u32, Duration),
    /// A named check of a reply was made.
    Check(Arc<str>, bool),
    /// A reply came for a request that has timed out.
    Late,
    /// Somebody waits to be told that this one has ended.
    Ended(RequestId),
    /// A rule took a message and has this to say.
    Reply(Said),
    /// A push of this name came.
    Delivered(Arc<str>, Delivery),
    /// So many pushes of this name have not come, and are waited for no longer.
    Lost(Arc<str>, u64),
}

/// What a rule answers with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Text or binary.
    pub kind: Kind,
    /// The message, before it is framed.
    pub bytes: Vec<u8>,
    /// A callable of the script has made it, in time of Python.
    pub by_script: bool,
}

impl Said {
    pub(super) fn new(kind: Kind, bytes: Vec<u8>, by_script: bool) -> Self {
        Self {
            kind,
            bytes,
            by_script,
        }
    }
}

/// What follows, in order.
pub type Effects = Vec<Effect>;

/// Whose a received message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taker {
    /// A request's: it has gone there, or came too late for it.
    Request,
    /// This kind of rule's.
    Rule(Ruled),
    /// The script's.
    Script,
    /// A callable of the script has to be asked first; nothing has happened.
    Unknown,
}

impl Taker {
    /// The kind of rule that has taken it, if one has.
    pub fn ruled(self) -> Option<Ruled> {
        match self {
            Self::Rule(ruled) => Some(ruled),
            _ => None,
        }
    }

    pub(super) fn request(is_taken: bool) -> Self {
        if is_taken {
            Self::Request
        } else {
            Self::Script
        }
    }
}

/// Why a request cannot be made: a mistake of the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Its message has no key, and no matcher of its own says what answers it.
    NoKey,
    /// Its key is longer than any that is compared.
    KeyTooLong,
    /// Its key belongs to another request, which is under way or whose late reply may still come.
    DuplicateKey,
    /// So many requests before it were not answered, and may still be, in their order.
    Unanswered,
    /// Nothing says how a reply is known: the session has no correlation, and the request no matcher.
    NoCorrelation,
}

impl From<KeyFault> for Refused {
    fn from(fault: KeyFault) -> Self {
        match fault {
            KeyFault::Missing => Self::NoKey,
            KeyFault::TooLong => Self::KeyTooLong,
        }
    }
}

impl From<NoPlace> for Refused {
    fn from(why: NoPlace) -> Self {
        match why {
            NoPlace::DuplicateKey => Self::DuplicateKey,
            NoPlace::Unanswered => Self::Unanswered,
        }
    }
}

/// What a request asks for besides its message.
#[derive(Debug)]
pub struct Asked {
    /// When it was asked for.
    pub called: Instant,
    /// Until when it has time.
    pub deadline: Option<Instant>,
    /// As which of its connection's names it is recorded.
    pub name: u32,
    /// What its reply is known and judged by.
    pub criteria: Option<Criteria>,
    /// Its key, where the script says it.
    pub key: Option<Key>,
    /// When a timetable had it made, if one had.
    pub planned: Option<Instant>,
}
