//! Requests and rules of a connection, between the thread that drives it and the VU thread.
//!
//! Who takes a message is settled in [`crate::conversation`]. Here stands who asks: the observer of the connection for
//! each message that arrives, on the driver's thread; the script for each request that it makes. What follows is
//! recorded, told and sent.
//!
//! Where a callable of the script has a say, the driver decides nothing: the message goes to the VU thread undecided,
//! and all behind it as well until that one is decided, so that they keep their order.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::clock::{self, Instant};
use crate::conversation::ask::{Ask, Nobody};
use crate::conversation::correlation::Correlation;
use crate::conversation::desk::{Asked, Desk, Effects, Refused, Said};
use crate::conversation::message::Message;
use crate::conversation::requests::outcome::Received;
use crate::conversation::requests::{Failure, Outcome, RequestId};
use crate::conversation::rules::{Rule, Ruled};
use crate::engine::Runtime;
use crate::engine::measure::requests::RequestSeries;
use crate::engine::runtime::mailbox::ReceiverId;
use crate::engine::runtime::shared::{Shared, lock};
use crate::socket::queue::{Origin, SendError};

/// A connection that carries requests.
pub trait Carrier: Send + Sync {
    /// What its messages mean to its requests and rules.
    fn conversation(&self) -> &Arc<Conversation>;

    /// Queues a message of this origin; as `Connection::send`.
    fn carry(
        &self,
        runtime: &Runtime,
        message: &Message<'_>,
        origin: Origin,
    ) -> Result<bool, SendError>;

    /// Queues what a rule answers with, and counts what cannot be sent, unless the session is over: then nobody is owed
    /// an answer. True when the caller should give the sockets a turn now.
    fn answer(&self, runtime: &Runtime, said: &Said) -> bool;

    /// Counts a message of so many bytes that came then, undecided, and was taken by this kind of rule, or by none.
    fn received(&self, runtime: &Runtime, at: Instant, bytes: usize, ruled: Option<Ruled>);
}

pub(super) mod common;
mod deciding;
mod driver;
mod following;
mod greeting;
mod lasting;
mod measuring;

pub use following::Replies;
use following::{end, record, tell};

/// What a connection's messages mean to its requests and rules.
#[derive(Debug)]
pub struct Conversation {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Whom the events of its connection go to.
    id: ReceiverId,
    desk: Desk,
    series: Option<RequestSeries>,
    /// The names of requests, by their numbers.
    names: Vec<Box<str>>,
    /// The latest arrival that the rules have looked at.
    latest: Instant,
    /// Messages on their way to the VU thread that somebody there has to decide: how many bytes each has.
    undecided: VecDeque<usize>,
    /// Nothing more arrives: requests fail so that those messages do not answer.
    over: Option<Failure>,
    /// The end of its connection is not its own: another one may take it up.
    is_lasting: bool,
    /// Emptied, for its memory.
    effects: Effects,
}

impl State {
    /// A request begins that has no plan of its own: the first of an iteration that a timetable planned has that one's.
    fn begun(&mut self, id: RequestId) {
        let series = self.series.as_ref();
        if let Some(planned) = series.and_then(RequestSeries::take_plan) {
            self.desk.requests().plan(id, planned);
        }
    }

    /// It was not sent: it is as if it had not begun.
    fn forget(&mut self, id: RequestId) {
        let planned = self.desk.forget(id);
        if let Some((series, planned)) = self.series.as_ref().zip(planned) {
            series.give_back_plan(planned);
        }
    }
}

/// Whose a message is that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    /// A request has taken it, or a rule of this kind.
    Taken(Option<Ruled>),
    /// The script's.
    Script,
    /// To be decided on the VU thread.
    Undecided,
}

impl Conversation {
    /// Of the connection whose events go to `id`, and on which a message may be so long; recorded as `series` says.
    pub fn new(id: ReceiverId, series: Option<RequestSeries>, longest_message: usize) -> Self {
        Self {
            state: Mutex::new(State {
                id,
                desk: Desk::new(longest_message),
                series,
                names: Vec::new(),
                latest: clock::now(),
                undecided: VecDeque::new(),
                over: None,
                is_lasting: false,
                effects: Vec::new(),
            }),
        }
    }

    /// Whom its connection's events go to.
    pub fn id(&self) -> ReceiverId {
        lock(&self.state).id
    }

    /// It is recorded from now on, as this: what it is recorded as is known when its handshake has ended.
    pub(super) fn record_as(&self, mut series: RequestSeries) {
        let mut state = lock(&self.state);
        for name in &state.names {
            series.add_name(name);
        }
        state.series = Some(series);
    }

    // What the script asks for, on the VU thread -------------------------------------------------------

    /// The number under which requests of this name are made.
    pub fn name(&self, name: &str) -> u32 {
        let mut state = lock(&self.state);
        let known = state.names.iter().position(|known| **known == *name);
        let number = known.unwrap_or_else(|| {
            state.names.push(name.into());
            if let Some(series) = &mut state.series {
                series.add_name(name);
            }
            state.names.len() - 1
        });
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    /// Replies are known by this from now on.
    pub fn correlate(&self, correlation: Arc<Correlation>) {
        lock(&self.state).desk.correlate(correlation);
    }

    /// And each message that is sent is measured under this name, while its reply goes to the script all the same.
    pub fn measure(&self, name: u32, timeout: Option<Duration>) {
        lock(&self.state).desk.measure(name, timeout);
    }

    /// One more rule: its number, and the latest arrival that it has not looked at.
    pub fn add_rule(&self, rule: Rule) -> (u32, Instant) {
        let mut state = lock(&self.state);
        (state.desk.rules.add(rule), state.latest)
    }

    /// A rule is over.
    pub fn remove_rule(&self, runtime: &Runtime, number: u32) {
        self.on_vu_thread(runtime.shared(), |desk, then| {
            desk.remove_rule(number, then);
        });
    }

    /// Begins a request, which is sent next.
    pub fn begin(
        &self,
        message: &Message<'_>,
        asked: Asked,
        ask: &mut dyn Ask,
    ) -> Result<RequestId, Refused> {
        let mut state = lock(&self.state);
        let (name, has_plan) = (asked.name, asked.planned.is_some());
        let id = state.desk.begin(message, asked, ask)?;
        if !has_plan {
            state.begun(id);
        }
        if let Some(series) = &state.series {
            series.made(name);
        }
        Ok(id)
    }

    /// Begins a plain request that somebody waits for; [`Conversation::made`] counts it, once it is sent.
    pub fn begin_wanted(&self, message: &Message<'_>, asked: Asked) -> Result<RequestId, Refused> {
        let mut state = lock(&self.state);
        let id = state.desk.begin(message, asked, &mut Nobody)?;
        state.begun(id);
        state.desk.requests().want(id);
        Ok(id)
    }

    /// One that was not sent is as if it had not been made.
    pub fn forget(&self, id: RequestId) {
        lock(&self.state).forget(id);
    }

    /// A request has come to nothing.
    pub fn fail(&self, runtime: &Runtime, id: RequestId, why: Failure) {
        self.on_vu_thread(runtime.shared(), |desk, then| desk.fail(id, why, then));
    }

    /// All requests under way have come to nothing: nobody waits for the connection any more. How many bytes the
    /// messages have that came undecided, and are counted now, without a decision.
    pub(super) fn give_up(&self, shared: &Shared, is_cut: bool) -> VecDeque<usize> {
        let is_lasting = self.is_lasting() && !is_cut;
        self.on_vu_thread(shared, |desk, then| {
            end(desk, Failure::of_end(is_cut), is_lasting, then);
        });
        // Some of them may be looked at all the same: then they have been counted.
        std::mem::take(&mut lock(&self.state).undecided)
    }

    /// Fails the requests whose time has come; when the next one's will.
    pub fn expire(&self, runtime: &Runtime) -> Option<Instant> {
        self.on_vu_thread(runtime.shared(), |desk, then| {
            desk.expire(clock::now(), then)
        })
        .0
    }

    /// Whether its message has found room in the queue of its connection.
    pub fn queued(&self, id: RequestId, is_queued: bool) {
        lock(&self.state).desk.requests().queued(id, is_queued);
    }

    /// Whether it has its outcome; if not, an event comes when it has.
    pub fn want(&self, id: RequestId) -> bool {
        lock(&self.state).desk.requests().want(id)
    }

    /// Whether it has its outcome.
    pub fn has_ended(&self, id: RequestId) -> bool {
        lock(&self.state).desk.requests().has_ended(id)
    }

    /// The messages so far of the reply that a callable is asked about, where all are wanted.
    pub fn kept(&self) -> Vec<Received> {
        lock(&self.state).desk.kept().to_vec()
    }

    /// Its outcome, once it has it; the first time this is asked.
    pub fn take(&self, id: RequestId) -> Option<Outcome> {
        lock(&self.state).desk.requests().take(id)
    }

    /// Nobody will ask for it.
    pub fn let_go(&self, id: RequestId) {
        lock(&self.state).desk.requests().let_go(id);
    }

    fn on_vu_thread<R>(
        &self,
        shared: &Shared,
        act: impl FnOnce(&mut Desk, &mut Effects) -> R,
    ) -> (R, Replies) {
        let at = clock::now();
        let mut state = lock(&self.state);
        let mut effects = std::mem::take(&mut state.effects);
        let result = act(&mut state.desk, &mut effects);
        let mut replies = Vec::new();
        if !effects.is_empty() {
            if let Some(series) = &mut state.series {
                series.on_vu_thread(|series, recorder| record(&effects, series, recorder, at));
            }
            let id = state.id;
            shared.post(|arrivals| tell(id, &mut effects, arrivals, at, &mut replies));
        }
        state.effects = effects;
        (result, replies)
    }

    fn post(
        state: &mut State,
        mut effects: Effects,
        shared: &Shared,
        at: Instant,
        replies: &mut Replies,
    ) {
        if !effects.is_empty() {
            shared.post(|arrivals| {
                if let Some(series) = &mut state.series {
                    record(&effects, series, &mut arrivals.recorder, at);
                }
                tell(state.id, &mut effects, arrivals, at, replies);
            });
        }
        state.effects = effects;
    }
}

#[cfg(test)]
mod tests;
