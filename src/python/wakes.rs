//! Who waits for requests of one connection, each for one: woken by the core itself, with its outcome.

use std::sync::Arc;

use pyo3::prelude::*;

use super::reply::last;
use crate::conversation::requests::outcome::Meanwhile;
use crate::conversation::requests::{Failure, Outcome, RequestId};
use crate::engine::conversation::Carrier;

/// A few at a time, the oldest first: each is looked for among all.
pub(super) struct Wakes {
    carrier: Arc<dyn Carrier>,
    waiting: Vec<(u64, Py<PyAny>)>,
}

/// What is called with `(ANSWERED, (error, reply, number))`.
pub(super) struct Woken {
    pub(super) call: Py<PyAny>,
    number: u64,
    outcome: Outcome,
}

/// Why a request failed, what came as `Last` says it, and which request that was.
pub(super) type Told = (Option<&'static str>, Py<PyAny>, u64);

impl Woken {
    /// What its call is told: with the number, so that who waits for another one by then knows it from its own.
    pub(super) fn told(&self, py: Python<'_>) -> PyResult<Told> {
        let (error, reply) = last(py, &self.outcome)?;
        Ok((error, reply, self.number))
    }
}

impl Wakes {
    /// Nobody waits for requests of this connection yet.
    pub(super) fn of(carrier: Arc<dyn Carrier>) -> Self {
        Self {
            carrier,
            waiting: Vec::new(),
        }
    }

    /// Calls `call` when the request with this number has its outcome.
    pub(super) fn add(&mut self, number: u64, call: Py<PyAny>) {
        self.waiting.push((number, call));
    }

    /// Whoever waits for this request goes on.
    pub(super) fn wake(&mut self, number: u64) -> Option<Woken> {
        let call = self.remove(number)?;
        let taken = self
            .carrier
            .conversation()
            .take(RequestId::of_number(number));
        // Told of by its end, and taken here alone.
        let outcome = taken.unwrap_or(Outcome::Failed(Failure::Closed, Meanwhile::default()));
        Some(Woken {
            call,
            number,
            outcome,
        })
    }

    /// One of those who wait goes on: nothing arrives any more.
    pub(super) fn wake_next(&mut self) -> Option<Woken> {
        let (number, _) = self.waiting.first()?;
        self.wake(*number)
    }

    /// The request that this very object is called for.
    pub(super) fn number_of(&self, call: &Bound<'_, PyAny>) -> Option<u64> {
        let mut waiting = self.waiting.iter();
        let (number, _) = waiting.find(|(_, one)| one.is(call))?;
        Some(*number)
    }

    /// Nobody waits for this request any more.
    pub(super) fn remove(&mut self, number: u64) -> Option<Py<PyAny>> {
        let at = self.waiting.iter().position(|(one, _)| *one == number)?;
        Some(self.waiting.remove(at).1)
    }

    /// What is called, of all who wait.
    pub(super) fn into_calls(self) -> impl Iterator<Item = Py<PyAny>> {
        self.waiting.into_iter().map(|(_, call)| call)
    }
}
