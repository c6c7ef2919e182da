//! The series of a TCP connection, which connections that are alike share.
//!
//! Knows nothing of how a dial goes and of how a series is looked up: that is said in `tcp`.

use std::net::IpAddr;
use std::sync::OnceLock;

use super::recent::Recent;
use crate::metrics::{Series, TagSet};

/// The series of connections that are alike.
#[derive(Debug)]
pub(super) struct SharedSeries {
    pub(super) tags: TagSet,
    /// Of resolving, connecting and TLS; those that are recorded.
    pub(super) phases: [Option<Series>; 3],
    /// Of how the dial ended.
    pub(super) end: Series,
    pub(super) duration: Series,
    pub(super) reads: Series,
    /// Where there is a framing: looked up with the first message.
    pub(super) messages: OnceLock<Series>,
    /// Of those that each kind of rule has taken.
    pub(super) ruled: [OnceLock<Series>; 3],
    pub(super) writes: Series,
    /// Of what rules answer, as writes and as what they are: looked up with the first of it.
    pub(super) answers: OnceLock<[Series; 2]>,
    pub(super) partial_writes: Series,
    pub(super) errors: Series,
    pub(super) timeouts: Series,
}

/// The series of the dials that ended last.
pub(super) type RecentTcp = Recent<Alike, SharedSeries>;

/// What makes connections alike, besides the phases that are recorded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Alike {
    pub(super) tags: TagSet,
    pub(super) ip: Option<IpAddr>,
    pub(super) end: DialEnd,
}

/// How a dial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DialEnd {
    /// There is a connection.
    Open,
    /// Nobody waited for it.
    GivenUp,
    /// It failed.
    Failed,
}
