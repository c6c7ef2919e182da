//! The series of a WebSocket, which connections that are alike share.
//!
//! Knows nothing of what a handshake says and of how a series is looked up: that is said in `ws`.

use std::sync::OnceLock;

use super::recent::Recent;
use crate::metrics::{Series, TagSet};

/// The series of connections that are alike.
#[derive(Debug)]
pub(super) struct SharedSeries {
    pub(super) tags: TagSet,
    pub(super) sessions: Series,
    /// Of the whole handshake, then of each phase; those that are recorded.
    pub(super) phases: [Option<Series>; 5],
    pub(super) duration: Series,
    pub(super) received: Series,
    pub(super) sent: Series,
    /// Of how long messages are, where somebody asks.
    pub(super) sizes: Option<Box<SizeSeries>>,
    pub(super) ping: Series,
    pub(super) dropped: Series,
    pub(super) paused: Series,
    /// Of what each kind of rule has taken: looked up with the first of it.
    pub(super) ruled: [OnceLock<Series>; 3],
    /// Of what rules answer, as what is sent and as what that is.
    pub(super) answers: OnceLock<[Series; 2]>,
    /// Of `ws_closes`: with which code and for which cause the first of them ended. Most end alike.
    pub(super) closes: OnceLock<(u16, Option<&'static str>, Series)>,
}

/// As what lengths are recorded, each looked up with the first of its kind: of what arrived and of what left, in each
/// those of no rule first.
#[derive(Debug, Default)]
pub(super) struct SizeSeries {
    pub(super) received: [OnceLock<Series>; 4],
    pub(super) sent: [OnceLock<Series>; 4],
}

/// The series of the handshakes that ended last.
pub(super) type RecentWs = Recent<Alike, SharedSeries>;

/// What makes connections alike: all that their tags come from.
#[derive(Debug)]
pub(super) struct Alike {
    pub(super) tags: TagSet,
    pub(super) url: Box<str>,
    pub(super) is_named: bool,
    /// Status and subprotocol.
    pub(super) answer: Option<(u16, Box<str>)>,
    pub(super) ip: Option<Box<str>>,
}
