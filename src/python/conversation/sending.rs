//! How a request leaves, and what Python is told of it.

use pyo3::prelude::*;

use super::super::answers::Answers;
use crate::conversation::desk::Taker;
use crate::conversation::message::Message;
use crate::conversation::requests::{Failure, RequestId};
use crate::engine::Runtime;
use crate::engine::conversation::{Carrier, Replies};
use crate::socket::queue::{Origin, SendError};

pub(super) const ACCEPTED: u8 = 0;
pub(super) const NOT_OPEN: u8 = 1;
pub(super) const FULL: u8 = 2;
const GIVEN_UP: u8 = 3;
/// There is no connection just now; another one may follow.
pub(super) const DOWN: u8 = 4;

/// Sends a request; one that finds its session over has failed, as does one for which there will be no room.
pub(super) fn send(
    py: Python<'_>,
    carrier: &dyn Carrier,
    runtime: &Runtime,
    message: &Message<'_>,
    id: RequestId,
) -> u8 {
    match carrier.carry(runtime, message, Origin::Request(id.to_number())) {
        Ok(false) => ACCEPTED,
        Ok(true) => {
            py.detach(|| runtime.turn());
            ACCEPTED
        }
        Err(SendError::NotOpen) if carrier.conversation().is_lasting() => {
            carrier.conversation().queued(id, false);
            DOWN
        }
        Err(SendError::NotOpen) => {
            carrier.conversation().fail(runtime, id, Failure::Closed);
            NOT_OPEN
        }
        Err(SendError::Full) => {
            carrier.conversation().queued(id, false);
            FULL
        }
        Err(SendError::GivenUp) => {
            carrier.conversation().fail(runtime, id, Failure::Send);
            GIVEN_UP
        }
    }
}

/// What `decide` and `obey` say: it was taken; it is the script's; else the callable that is to be asked.
const TAKEN: isize = -1;
const SCRIPT: isize = -2;

/// Sends what rules have to say of a message, and tells who takes it.
pub(super) fn told(
    py: Python<'_>,
    carrier: &dyn Carrier,
    runtime: &Runtime,
    (taker, replies): (Taker, Replies),
    answers: &Answers,
) -> isize {
    for (kind, bytes) in replies {
        if carrier.answer(runtime, &Message::new(kind, &bytes)) {
            py.detach(|| runtime.turn());
        }
    }
    match taker {
        Taker::Request | Taker::Rule(_) => TAKEN,
        Taker::Script => SCRIPT,
        Taker::Unknown => answers.lacking(),
    }
}
