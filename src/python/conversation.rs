//! `k6ws._core.Conversation`: the requests and rules of one connection, as Python has them.
//!
//! Callables of the script are never called from here: no Python runs below a Rust frame. Where one has a say,
//! [`PyConversation::decide`] tells which, and is asked again with what it said.

use std::sync::Arc;

use pyo3::PyTraverseError;
use pyo3::exceptions::PyValueError;
use pyo3::gc::PyVisit;
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBytes, PyDict};

use super::answers::Answers;
use super::arrival::PyArrival;
use super::asking::with_message;
use super::convert::duration;
use super::correlating::PyCorrelation;
use super::criteria::GivenCriteria;
use super::event_loop::PyLoop;
use super::matching::PyMatcher;
use super::refused::refused;
use super::reply::{PyReplyBase, Requested, message};
use super::template::PyTemplate;
use super::under_gil::UnderGil;
use super::wakes::Told;
use crate::clock::{self, Instant};
use crate::conversation::ask::Nobody;
use crate::conversation::desk::{Asked, Taker};
use crate::conversation::requests::{Failure, RequestId};
use crate::engine::conversation::Carrier;
use crate::engine::measure::milliseconds;
use crate::engine::runtime::mailbox::ReceiverId;

mod asked;
mod callables;
mod plain;
mod rules;
mod sending;
mod standing;

use asked::{asked, key_of, times};
use callables::Named;
use sending::{FULL, NOT_OPEN};

/// The requests and rules of one connection.
#[pyclass(frozen, name = "Conversation", module = "k6ws._core")]
pub(super) struct PyConversation {
    owner: Py<PyLoop>,
    carrier: Arc<dyn Carrier>,
    /// What comes is neither text nor binary.
    is_tcp: bool,
    /// Whom the events of its connection go to.
    receiver: ReceiverId,
    /// What the core knows by numbers.
    callables: UnderGil<Named>,
    /// The latest arrival that the latest rule has not looked at.
    unmet: UnderGil<Option<Instant>>,
}

#[pymethods]
impl PyConversation {
    /// The number of the requests with this name.
    fn name(&self, name: &str) -> u32 {
        self.inner().name(name)
    }

    /// Replies are known by this from now on.
    fn correlate(&self, py: Python<'_>, correlation: &PyCorrelation) -> PyResult<()> {
        self.owner.get().check_owner(py)?;
        let shifted = self.callables.look(py, |named| {
            let list = named.staying();
            let shifted = correlation.correlation().shifted(list.next());
            list.append(py, correlation.callables());
            if list.has_own_codec() {
                shifted.decoded()
            } else {
                shifted
            }
        });
        self.inner().correlate(Arc::new(shifted));
        Ok(())
    }

    /// A codec of the script's own decodes what comes: whether a message is equal to an object, it says.
    fn use_own_codec(&self, py: Python<'_>) {
        self.callables.look(py, Named::use_own_codec);
    }

    /// And what is sent is measured from now on, as requests of this name, without being taken from the script.
    #[pyo3(signature = (name, timeout_ms=None))]
    fn measure(&self, name: u32, timeout_ms: Option<f64>) -> PyResult<()> {
        let timeout = timeout_ms.map(|ms| duration(ms, "timeout")).transpose()?;
        self.inner().measure(name, timeout);
        Ok(())
    }

    /// What matches is ignored from now on; the number of the rule.
    fn ignore(&self, py: Python<'_>, matches: &PyMatcher) -> PyResult<u32> {
        self.drop_all(py, matches)
    }

    /// What matches is answered with self.
    fn auto_reply(&self, py: Python<'_>, matches: &PyMatcher, reply: &PyTemplate) -> PyResult<u32> {
        self.answer(py, matches, reply)
    }

    /// What matches is answered with what the callable says, if it says anything.
    fn auto_reply_by(
        &self,
        py: Python<'_>,
        matches: &PyMatcher,
        callable: &Bound<'_, PyAny>,
    ) -> PyResult<u32> {
        self.answer_by(py, matches, callable)
    }

    /// What matches is recorded as a push of this name: how old it is by `stamp`, and by `sequence` of each `source` what
    /// is missing. It goes on to whom it belongs, unless `is_taken`.
    #[pyo3(signature = (matches, name, stamp, sequence, source, *, is_taken))]
    #[expect(clippy::too_many_arguments, reason = "what such a rule consists of")]
    fn delivered(
        &self,
        py: Python<'_>,
        matches: &PyMatcher,
        name: &str,
        stamp: Option<&Bound<'_, PyAny>>,
        sequence: Option<&Bound<'_, PyAny>>,
        source: Option<&Bound<'_, PyAny>>,
        is_taken: bool,
    ) -> PyResult<u32> {
        self.watch(py, matches, name, [stamp, sequence, source], is_taken)
    }

    /// What arrived until then has not met the rule that was added last, as `Loop.now` tells time.
    fn unmet_until(&self, py: Python<'_>) -> f64 {
        let latest = self.unmet.look(py, |latest| *latest);
        latest.map_or(0.0, |latest| self.owner.get().time_of(latest))
    }

    /// A rule is over.
    fn remove_rule(&self, number: u32) {
        let runtime = self.owner.get().runtime();
        self.inner().remove_rule(runtime, number);
    }

    /// Makes a request: what its sending was answered with, as `Connection.send_text`. `reply` stands for it from now on.
    /// `planned_ms` is when a timetable had it made, by the loop's clock. One that `waits` has others before it that found
    /// no room: it is tried by `send_again` when their turn is over.
    #[pyo3(signature = (
        reply, data, name, timeout_ms, criteria=None, key=None, planned_ms=None, *, waits=false
    ))]
    #[expect(
        clippy::too_many_arguments,
        reason = "what a request consists of; an object would be made for each"
    )]
    fn request(
        &self,
        py: Python<'_>,
        reply: &PyReplyBase,
        data: &Bound<'_, PyAny>,
        name: u32,
        timeout_ms: Option<f64>,
        criteria: Option<GivenCriteria<'_>>,
        key: Option<&Bound<'_, PyBytes>>,
        planned_ms: Option<f64>,
        waits: bool,
    ) -> PyResult<u8> {
        self.owner.get().check_owner(py)?;
        let asked = asked(timeout_ms, name)?;
        let asked = Asked {
            criteria: criteria.map(|given| {
                let (criteria, over) = self.callables.look(py, |named| named.criteria(py, &given));
                // Only here: this may run finalisers.
                drop(over);
                criteria
            }),
            key: key.map(|key| key_of(py, key)).transpose()?,
            planned: planned_ms
                .map(|ms| self.owner.get().instant_of(ms))
                .transpose()?,
            ..asked
        };
        with_message(data, self.is_tcp, |message| {
            let begun = self.inner().begin(message, asked, &mut Nobody);
            let id = begun.map_err(|why| refused(py, why))?;
            reply.stand_for(py, Requested::new(self.shared(), id));
            if waits {
                self.inner().queued(id, false);
                return Ok(FULL);
            }
            Ok(self.send(py, message, id))
        })
    }

    /// Makes a plain request, as `request` does; `UNFIT` where the message does not go as it is, and none was made.
    fn start(
        &self,
        py: Python<'_>,
        reply: &PyReplyBase,
        data: &Bound<'_, PyAny>,
        name: u32,
        timeout_ms: Option<f64>,
    ) -> PyResult<u8> {
        self.started(py, reply, data, (name, timeout_ms))
    }

    /// Makes a plain request that one waits for: its number; `wake(ANSWERED, (error, reply, number))` is called once. Where it was not
    /// sent, what its send answered, negated: it has failed, or found no room or is `UNFIT`, and none was made.
    fn ask(
        &self,
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        name: u32,
        timeout_ms: Option<f64>,
        wake: Py<PyAny>,
    ) -> PyResult<i64> {
        self.waited_for(py, data, (name, timeout_ms), wake)
    }

    /// Nobody waits for a request any more that was made by `ask`.
    fn let_go(&self, number: u64) {
        let gone = self.with_wakes(|wakes| wakes.as_mut().and_then(|wakes| wakes.remove(number)));
        // Where no lock is held.
        drop(gone);
        self.inner().let_go(RequestId::of_number(number));
    }

    /// The same of the one whose `wake` this is, if it waits; for whoever did not learn its number.
    fn leave(&self, wake: &Bound<'_, PyAny>) {
        let number =
            self.with_wakes(|wakes| wakes.as_ref().and_then(|wakes| wakes.number_of(wake)));
        if let Some(number) = number.flatten() {
            self.let_go(number);
        }
    }

    /// Has one of those go on who wait in `ask`, as nothing arrives any more: what to call, and with what beside `ANSWERED`.
    fn asking(&self, py: Python<'_>) -> PyResult<Option<(Py<PyAny>, Told)>> {
        let woken = self.with_wakes(|wakes| wakes.as_mut().and_then(|wakes| wakes.wake_next()));
        let Some(woken) = woken.flatten() else {
            return Ok(None);
        };
        let told = woken.told(py)?;
        Ok(Some((woken.call, told)))
    }

    /// Tries once more to send a request that found no room.
    fn send_again(
        &self,
        py: Python<'_>,
        reply: &PyReplyBase,
        data: &Bound<'_, PyAny>,
    ) -> PyResult<u8> {
        self.owner.get().check_owner(py)?;
        let Some(id) = reply.id(py) else {
            return Ok(NOT_OPEN);
        };
        if self.inner().has_ended(id) {
            // Its time came while there was no room for it: it is not sent any more.
            return Ok(NOT_OPEN);
        }
        self.inner().queued(id, true);
        with_message(data, self.is_tcp, |message| Ok(self.send(py, message, id)))
    }

    /// A request could not be sent, perhaps because its connection is lost, and is not tried any more.
    #[pyo3(signature = (reply, *, is_lost=false))]
    fn not_sent(&self, py: Python<'_>, reply: &PyReplyBase, is_lost: bool) {
        if let Some(id) = reply.id(py) {
            let why = if is_lost {
                Failure::Closed
            } else {
                Failure::Send
            };
            self.inner().fail(self.runtime(), id, why);
        }
    }

    /// The end of its connection is not its own from now on: another one may take it up.
    fn outlast(&self) {
        self.inner().outlast();
    }

    /// None does: what waits for one has failed.
    fn over(&self) {
        self.inner().over(self.owner.get().runtime());
    }

    /// A request of this name is made, of which nothing is sent. When a timetable had it made, by the loop's clock.
    fn awaited(&self, name: u32) -> Option<f64> {
        let planned = self.inner().awaited(name)?;
        Some(self.owner.get().time_of(planned))
    }

    /// It was answered, by messages at these times since its peer could have begun; so long after it was planned.
    #[pyo3(signature = (name, planned_ms, *came_ms))]
    fn answered(&self, name: u32, planned_ms: Option<f64>, came_ms: Vec<f64>) -> PyResult<()> {
        let planned = planned_ms.map(|ms| duration(ms, "time")).transpose()?;
        self.inner()
            .answered(self.runtime(), name, &times(came_ms)?, planned);
        Ok(())
    }

    /// It has failed: `timeout`, `closed`, `check` or `cut`.
    fn failed(&self, name: u32, why: &str) -> PyResult<()> {
        let why = Failure::ALL.into_iter().find(|one| one.as_str() == why);
        let why = why.ok_or_else(|| PyValueError::new_err("no such failure"))?;
        self.inner().failed(self.runtime(), name, why);
        Ok(())
    }

    /// A named check of what came was made.
    fn checked(&self, name: &str, is_passed: bool) {
        self.inner().checked(self.runtime(), name, is_passed);
    }

    /// Fails what has waited long enough. In how many milliseconds the next one will have.
    fn expire(&self) -> Option<f64> {
        let next = self.inner().expire(self.runtime())?;
        Some(milliseconds(next.saturating_duration_since(clock::now())))
    }

    /// Decides about a message that has arrived, with what callables have said of it: -1 it was taken, -2 it is the
    /// script's, else the number of a callable that is to be asked first.
    fn decide(
        &self,
        py: Python<'_>,
        arrival: &PyArrival,
        said: &Bound<'_, PyDict>,
    ) -> PyResult<isize> {
        self.owner.get().check_owner(py)?;
        let runtime = self.runtime();
        let mut answers = Answers::read(said)?;
        with_message(arrival.data.bind(py), self.is_tcp, |message| {
            let (taker, replies) = self
                .inner()
                .decide(runtime, message, arrival.at, &mut answers);
            if taker != Taker::Unknown
                && let Some(bytes) = self.inner().decided(runtime)
            {
                self.carrier
                    .received(runtime, arrival.at, bytes, taker.ruled());
            }
            Ok(self.told(py, taker, replies, &answers))
        })
    }

    /// Callables should have decided about this message, which was given up: it counts as decided.
    fn give_up_deciding(&self, arrival: &PyArrival) {
        let runtime = self.runtime();
        if let Some(bytes) = self.inner().decided(runtime) {
            self.carrier.received(runtime, arrival.at, bytes, None);
        }
    }

    /// Has the rules from number `first` on look at a message that was there before them; as `decide`.
    fn obey(
        &self,
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        first: u32,
        said: &Bound<'_, PyDict>,
    ) -> PyResult<isize> {
        self.owner.get().check_owner(py)?;
        let mut answers = Answers::read(said)?;
        with_message(data, self.is_tcp, |message| {
            let runtime = self.runtime();
            let (taker, replies) = self.inner().obey(runtime, message, first, &mut answers);
            Ok(self.told(py, taker, replies, &answers))
        })
    }

    /// The callable with this number.
    fn callable(&self, py: Python<'_>, number: usize) -> Option<Py<PyAny>> {
        self.callables
            .look(py, |named| named.get(number).map(|one| one.clone_ref(py)))
    }

    /// The messages so far of the reply that such a one is asked about, where all are wanted.
    fn kept<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let kept = self.inner().kept();
        kept.iter().map(|one| message(py, one)).collect()
    }

    #[expect(clippy::needless_pass_by_value, reason = "PyO3 calls it so")]
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.callables.visit(|named| named.visit(&visit))
    }

    fn __clear__(&self, py: Python<'_>) {
        drop(self.callables.replace(py, Named::default()));
    }
}
