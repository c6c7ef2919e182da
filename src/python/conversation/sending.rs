//! How a request leaves, and what Python is told of it.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::super::answers::Answers;
use crate::conversation::desk::Taker;
use crate::conversation::message::{Kind, Message};
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
/// The message does not go as it is.
pub(super) const UNFIT: u8 = 5;

/// A message that goes as it is: bytes, or text without half a surrogate pair.
pub(super) fn fit<'a>(data: &'a Bound<'_, PyAny>, is_tcp: bool) -> Option<Message<'a>> {
    if let Ok(text) = data.cast::<PyString>() {
        let kind = if is_tcp { Kind::Data } else { Kind::Text };
        return Some(Message::of_text(kind, text.to_str().ok()?));
    }
    let bytes = data.cast::<PyBytes>().ok()?.as_bytes();
    let kind = if is_tcp { Kind::Data } else { Kind::Binary };
    Some(Message::new(kind, bytes))
}

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
    for said in &replies {
        if carrier.answer(runtime, said) {
            py.detach(|| runtime.turn());
        }
    }
    match taker {
        Taker::Request | Taker::Rule(_) => TAKEN,
        Taker::Script => SCRIPT,
        Taker::Unknown => answers.lacking(),
    }
}
