//! Who is called for events: Python callables, by number.
//!
//! A number serves again when two have let go of it: the connection, which has told its last event, and
//! Python's half of it, which may still account for messages with it. Where there is no such half the last
//! event is enough.

use std::collections::HashMap;

use pyo3::prelude::*;

use super::acceptance::{Accepted, PySourceBase};
use super::wakes::{Wakes, Woken};
use crate::engine::runtime::mailbox::{Event, EventKind, Payload, ReceiverId};
use crate::engine::runtime::timers::TimerId;

/// The Python callables that events go to.
#[derive(Default)]
pub(super) struct Receivers {
    targets: Vec<Slot>,
    free: Vec<ReceiverId>,
    pub(super) timers: HashMap<TimerId, Py<PyAny>>,
}

/// What a number stands for.
#[derive(Default)]
struct Slot {
    /// Until the last event.
    receiver: Option<Receiver>,
    /// An object of Python's uses the number.
    is_held: bool,
    /// Who waits for a request of its connection and for nothing else; made with the first of them.
    wakes: Option<Box<Wakes>>,
}

/// Who is called, and the socket that message events name as their target, if they are wanted.
pub(super) struct Receiver {
    pub(super) call: Py<PyAny>,
    pub(super) socket: Option<Py<PyAny>>,
    /// Whose method `call` is, where that is a source of events.
    pub(super) source: Option<Py<PySourceBase>>,
}

/// Whom an event is given to.
pub(super) enum Whose {
    /// The handler of an accepted message itself.
    Handler(Direct),
    /// Who waits for a request, and goes on with its outcome.
    Waiting(Woken),
    /// What takes events of every kind.
    Receiver(Receiver),
}

/// A message on its way to its handler itself.
pub(super) struct Direct {
    pub(super) accepted: Accepted,
    pub(super) source: Py<PySourceBase>,
    pub(super) socket: Option<Py<PyAny>>,
}

impl Receiver {
    /// One that is called with the events of a connection; `socket` is what its messages name as their target.
    pub(super) fn of_connection(
        py: Python<'_>,
        call: Py<PyAny>,
        socket: Option<Py<PyAny>>,
    ) -> Self {
        // Only a bound method has one.
        let source = call.bind(py).getattr("__self__").ok();
        let source = source.and_then(|source| source.extract().ok());
        Self {
            call,
            socket,
            source,
        }
    }

    fn clone_ref(&self, py: Python<'_>) -> Self {
        Self {
            call: self.call.clone_ref(py),
            socket: self.socket.as_ref().map(|socket| socket.clone_ref(py)),
            source: None,
        }
    }

    fn timer(call: Py<PyAny>) -> Self {
        Self {
            call,
            socket: None,
            source: None,
        }
    }
}

impl Receivers {
    /// A number for one that nobody else uses: it serves again after the last event.
    pub(super) fn add(&mut self, call: Py<PyAny>) -> ReceiverId {
        self.insert(Receiver::timer(call), false)
    }

    /// A number for a connection, which is used until [`Receivers::let_go`] as well.
    pub(super) fn add_held(&mut self, receiver: Receiver) -> ReceiverId {
        self.insert(receiver, true)
    }

    fn insert(&mut self, receiver: Receiver, is_held: bool) -> ReceiverId {
        let slot = Slot {
            receiver: Some(receiver),
            is_held,
            wakes: None,
        };
        if let Some(id) = self.free.pop() {
            self.targets[id as usize] = slot;
            return id;
        }
        self.targets.push(slot);
        ReceiverId::try_from(self.targets.len() - 1).unwrap_or(ReceiverId::MAX)
    }

    /// Whom an event is given to: its handler itself, if that is wanted and the event is accepted now, or its
    /// receiver. Nobody where that is gone.
    pub(super) fn of(&mut self, py: Python<'_>, event: &Event, is_direct: bool) -> Option<Whose> {
        if is_direct && let Some(direct) = self.accept(py, event) {
            return Some(Whose::Handler(direct));
        }
        if let Payload::Number(number) = event.payload
            && event.kind == EventKind::Answered
            && let Some(Some(wakes)) = self.wakes(event.receiver)
            && let Some(woken) = wakes.wake(number)
        {
            return Some(Whose::Waiting(woken));
        }
        self.receiver(py, event).map(Whose::Receiver)
    }

    fn accept(&self, py: Python<'_>, event: &Event) -> Option<Direct> {
        let receiver = self
            .targets
            .get(event.receiver as usize)?
            .receiver
            .as_ref()?;
        let source = receiver.source.as_ref()?;
        let accepted = source.get().accept(py, event.kind)?;
        Some(Direct {
            accepted,
            source: source.clone_ref(py),
            socket: receiver.socket.as_ref().map(|one| one.clone_ref(py)),
        })
    }

    /// The receiver of an event, given back for good with its last one.
    fn receiver(&mut self, py: Python<'_>, event: &Event) -> Option<Receiver> {
        match event.payload {
            Payload::Timer(id, true) => self.timers.remove(&id).map(Receiver::timer),
            Payload::Timer(id, false) => {
                let call = self.timers.get(&id)?.clone_ref(py);
                Some(Receiver::timer(call))
            }
            _ if matches!(event.kind, EventKind::Refused | EventKind::Ended) => {
                let last = self.remove(event.receiver);
                if last.is_none() {
                    self.let_go(event.receiver);
                }
                last
            }
            _ => self.of_connection(py, event.receiver),
        }
    }

    /// Who waits for requests of the connection with this number, once somebody has.
    pub(super) fn wakes(&mut self, id: ReceiverId) -> Option<&mut Option<Box<Wakes>>> {
        self.targets
            .get_mut(id as usize)
            .map(|slot| &mut slot.wakes)
    }

    fn of_connection(&self, py: Python<'_>, id: ReceiverId) -> Option<Receiver> {
        let slot = self.targets.get(id as usize)?;
        slot.receiver.as_ref().map(|one| one.clone_ref(py))
    }

    /// Takes out a receiver that gets no more events.
    pub(super) fn remove(&mut self, id: ReceiverId) -> Option<Receiver> {
        let slot = self.targets.get_mut(id as usize)?;
        let receiver = slot.receiver.take()?;
        if !slot.is_held {
            self.free.push(id);
        }
        Some(receiver)
    }

    /// Takes out a receiver that wants no more events. Some may be on their way: the number serves again
    /// once an `Ended` that is sent behind them has come.
    pub(super) fn retire(&mut self, id: ReceiverId) -> Option<Receiver> {
        let slot = self.targets.get_mut(id as usize)?;
        let receiver = slot.receiver.take()?;
        slot.is_held = true;
        Some(receiver)
    }

    /// Python's half of a connection is gone.
    /// What it had of its requests is to be dropped where no lock is held.
    pub(super) fn let_go(&mut self, id: ReceiverId) -> Option<Box<Wakes>> {
        let slot = self.targets.get_mut(id as usize)?;
        let was_held = std::mem::replace(&mut slot.is_held, false);
        if was_held && slot.receiver.is_none() {
            self.free.push(id);
        }
        slot.wakes.take()
    }

    /// Takes out all of them; drop them where no lock is held.
    pub(super) fn clear(&mut self) -> Vec<Py<PyAny>> {
        let wakes = self.targets.iter_mut().filter_map(|slot| slot.wakes.take());
        let wakes: Vec<_> = wakes.flat_map(|wakes| wakes.into_calls()).collect();
        let slots = self
            .targets
            .iter_mut()
            .filter_map(|slot| slot.receiver.take());
        let calls = slots.flat_map(|one| {
            let source = one.source.map(Py::into_any);
            std::iter::once(one.call).chain(one.socket).chain(source)
        });
        let timers = std::mem::take(&mut self.timers).into_values();
        calls.chain(timers).chain(wakes).collect()
    }
}
