//! What became of a request; and what came while it waited, for whoever asks why it has no reply.

use std::time::Duration;

use smallvec::SmallVec;

use crate::conversation::message::{Kind, Message};

/// Why a request has no good reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// None came in time.
    Timeout,
    /// The session ended first, or was over.
    Closed,
    /// One came, and it was wrong.
    Check,
    /// It could not be sent.
    Send,
    /// Its VU was cut.
    Cut,
}

impl Failure {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Timeout,
        Self::Closed,
        Self::Check,
        Self::Send,
        Self::Cut,
    ];

    /// Why requests fail that are under way when their session ends.
    pub fn of_end(is_cut: bool) -> Self {
        if is_cut { Self::Cut } else { Self::Closed }
    }

    /// The value of the tag `error`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Closed => "closed",
            Self::Check => "check",
            Self::Send => "send",
            Self::Cut => "cut",
        }
    }
}

/// A received message that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// As what it came.
    pub kind: Kind,
    /// All of it.
    pub bytes: Box<[u8]>,
}

impl Received {
    pub(super) fn of(message: &Message<'_>) -> Self {
        Self {
            kind: message.kind(),
            bytes: message.bytes().into(),
        }
    }
}

/// The messages of a reply: one, mostly.
pub type Reply = SmallVec<[Received; 1]>;

/// What became of a request.
#[derive(Debug)]
pub enum Outcome {
    /// It was answered. The messages of the reply: one, or all of them where all are wanted.
    Answered(Reply),
    /// It was answered, and what came is wrong: which of its checks did not hold.
    Wrong(Reply, usize),
    /// Its messages are more than are kept, which is as wrong; more of them may come.
    TooLong {
        /// This was the last of them.
        is_complete: bool,
    },
    /// It was not; what came instead.
    Failed(Failure, Meanwhile),
}

impl Outcome {
    /// Whether more of its reply may come, for which nobody waits any more.
    pub(super) fn may_be_followed(&self) -> bool {
        matches!(
            self,
            Self::Failed(Failure::Timeout, _) | Self::TooLong { is_complete: false }
        )
    }
}

/// Received messages, by whose they were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Came {
    /// The script's: nobody here knew them.
    pub script: u32,
    /// Taken by rules.
    pub rules: u32,
    /// Parts of replies, and whole ones.
    pub replies: u32,
    /// Replies to requests that had timed out.
    pub late: u32,
}

impl Came {
    /// Those since there were so many.
    fn since(self, before: Self) -> Self {
        Self {
            script: self.script.wrapping_sub(before.script),
            rules: self.rules.wrapping_sub(before.rules),
            replies: self.replies.wrapping_sub(before.replies),
            late: self.late.wrapping_sub(before.late),
        }
    }
}

/// What a request had instead of its reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meanwhile {
    /// How long it was given.
    pub allowed: Option<Duration>,
    /// Messages of its own reply, which lacks its last one.
    pub parts: u32,
    /// All others.
    pub came: Came,
}

impl Meanwhile {
    /// Of a request that began when `before` had come, and has had so many parts of its reply.
    pub(super) fn new(allowed: Option<Duration>, parts: u32, before: Came, now: Came) -> Self {
        let mut came = now.since(before);
        came.replies = came.replies.wrapping_sub(parts);
        Self {
            allowed,
            parts,
            came,
        }
    }
}
