//! Who takes a received message before the script does: a request that it answers, else a rule.
//!
//! Each message is taken once, in this order: a request that knows its reply by a matcher of its own, the request
//! that it is correlated with, the first rule that matches. What nobody takes here is the script's.

use std::sync::Arc;
use std::time::Duration;

mod effect;
mod ends;
mod judged;

pub use effect::{Asked, Effect, Effects, Refused, Said, Taker};

use super::ask::Ask;
use super::correlation::Correlation;
use super::key::Key;
use super::message::Message;
use super::requests::exchange::{Criteria, Judgement};
use super::requests::outcome::Came;
use super::requests::{Exchange, Failure, Found, Outcome, Place, RequestId, Requests, Step};
use super::rules::{Action, Rules};
use crate::clock::{self, Instant};

/// Where the messages of one connection are given out.
#[derive(Debug, Default)]
pub struct Desk {
    correlation: Option<Arc<Correlation>>,
    /// Every message that is sent begins a measured exchange, and replies go to the script all the same.
    measured: Option<Measured>,
    /// What the session does by itself.
    pub rules: Rules,
    requests: Requests<Key>,
    /// Requests under way that ask a callable of the script.
    asking: usize,
    /// The one whose reply waits for what a callable says of it.
    judged: Option<RequestId>,
    /// How long a message may be that is received.
    longest_message: usize,
    /// What came while requests were under way.
    came: Came,
}

#[derive(Clone, Copy, Debug)]
struct Measured {
    name: u32,
    timeout: Option<Duration>,
}

impl Desk {
    /// Of a connection on which a message may be so long.
    pub fn new(longest_message: usize) -> Self {
        Self {
            longest_message,
            ..Self::default()
        }
    }

    /// Replies are known by this from now on.
    pub fn correlate(&mut self, correlation: Arc<Correlation>) {
        self.correlation = Some(correlation);
    }

    /// And each message that is sent is measured, as one of `name`.
    pub fn measure(&mut self, name: u32, timeout: Option<Duration>) {
        self.measured = Some(Measured { name, timeout });
    }

    /// Whether what is sent is measured.
    pub fn is_measuring(&self) -> bool {
        self.measured.is_some()
    }

    /// Requests, for what became of them.
    pub fn requests(&mut self) -> &mut Requests<Key> {
        &mut self.requests
    }

    /// Whether a callable of the script has to be asked about messages that arrive now.
    pub fn needs_python(&self) -> bool {
        self.asking > 0
            || self.rules.needs_python()
            || self.requests.late_needs_python()
            || self.asks_for_keys()
    }

    fn asks_for_keys(&self) -> bool {
        !self.requests.awaits_nothing()
            && self
                .correlation
                .as_ref()
                .is_some_and(|one| one.needs_python())
    }

    /// Whether nothing here takes any message.
    pub fn is_idle(&self) -> bool {
        self.rules.is_empty() && self.requests.awaits_nothing()
    }

    /// Begins a request, before it is sent.
    pub fn begin(
        &mut self,
        message: &Message<'_>,
        asked: Asked,
        ask: &mut dyn Ask,
    ) -> Result<RequestId, Refused> {
        let place = self.place(message, &asked, ask)?;
        let Asked {
            called,
            deadline,
            name,
            criteria,
            planned,
            ..
        } = asked;
        let exchange = self.judge(Exchange::new(called, deadline, name), criteria);
        let id = self.enter(place, exchange, true)?;
        if let Some(planned) = planned {
            self.requests.plan(id, planned);
        }
        Ok(id)
    }

    fn enter(
        &mut self,
        place: Place<Key>,
        mut exchange: Exchange,
        is_held: bool,
    ) -> Result<RequestId, Refused> {
        let needs_python = exchange.criteria().is_some_and(Criteria::needs_python);
        exchange.begins_behind(self.came);
        let id = self.requests.begin(place, exchange, is_held)?;
        self.asking += usize::from(needs_python);
        Ok(id)
    }

    /// What a reply is judged by: the request's own criteria, and when it is complete the session's as well. Not of one
    /// that is known by a match of its own: that is the next message that fits, unless all of several are wanted.
    fn judge(&self, exchange: Exchange, criteria: Option<Criteria>) -> Exchange {
        let last = self.correlation.as_ref().and_then(|one| one.last());
        if criteria.is_none() && last.is_none() {
            return exchange;
        }
        let mut criteria = criteria.unwrap_or_default();
        if criteria.matches.is_none() || criteria.is_many {
            criteria.done = criteria.done.or_else(|| last.cloned());
        }
        exchange.judged_by(criteria, self.longest_message)
    }

    fn place(
        &self,
        message: &Message<'_>,
        asked: &Asked,
        ask: &mut dyn Ask,
    ) -> Result<Place<Key>, Refused> {
        if let Some(key) = &asked.key {
            return Ok(Place::Key(key.clone()));
        }
        if asked
            .criteria
            .as_ref()
            .is_some_and(|one| one.matches.is_some())
        {
            return Ok(Place::Match);
        }
        let correlation = self.correlation.as_ref().ok_or(Refused::NoCorrelation)?;
        if correlation.is_in_order() {
            return Ok(Place::Order);
        }
        Ok(Place::Key(correlation.key_of_sent(message, ask)?))
    }

    /// Begins to measure a message that is sent, if its reply can be known.
    pub fn begin_measured(
        &mut self,
        message: &Message<'_>,
        now: Instant,
        ask: &mut dyn Ask,
    ) -> Option<(RequestId, u32)> {
        let Measured { name, timeout } = self.measured?;
        let correlation = self.correlation.as_ref()?;
        let place = if correlation.is_in_order() {
            Place::Order
        } else {
            Place::Key(correlation.key_of_sent(message, ask).ok()?)
        };
        let mut exchange = Exchange::new(now, timeout.map(|timeout| now + timeout), name);
        exchange.is_only_measured = true;
        let exchange = self.judge(exchange, None);
        let id = self.enter(place, exchange, false).ok()?;
        Some((id, name))
    }

    /// Its last byte left with a write that began then.
    pub fn wrote(&mut self, id: RequestId, at: Instant) {
        self.requests.wrote(id, at);
    }

    /// Gives a received message to whom it belongs.
    pub fn take(
        &mut self,
        message: &Message<'_>,
        at: Instant,
        ask: &mut dyn Ask,
        then: &mut Effects,
    ) -> Taker {
        let found = self.find(message, at, ask, then);
        let taker = match found {
            _ if ask.lacks_answer() => Taker::Unknown,
            Found::Request(id) => self.reply(id, message, at, ask, then),
            Found::Late(id) => self.drop_late(id, message, ask, then),
            Found::Nobody => self.obey(message, 0, Some(at), ask, then),
        };
        let came = match (found, taker) {
            (_, Taker::Unknown) => return taker,
            (Found::Request(_), _) => &mut self.came.replies,
            (Found::Late(_), _) => &mut self.came.late,
            (Found::Nobody, Taker::Rule(_)) => &mut self.came.rules,
            (Found::Nobody, _) => &mut self.came.script,
        };
        *came = came.wrapping_add(1);
        taker
    }

    /// Gives a message to the first rule that takes it, of those that have not met it: rules with numbers below `from`
    /// have. When it arrived is not known of one that has lain.
    pub fn obey(
        &mut self,
        message: &Message<'_>,
        from: u32,
        at: Option<Instant>,
        ask: &mut dyn Ask,
        then: &mut Effects,
    ) -> Taker {
        let (action, seen) = self.rules.find(message, from, ask);
        let by_script = matches!(action, Some(Action::Call(_)));
        let mut taker = action.map_or(Taker::Script, |one| Taker::Rule(one.ruled()));
        let reply = match action {
            _ if ask.lacks_answer() => return Taker::Unknown,
            None | Some(Action::Ignore | Action::Watch(_)) => None,
            Some(Action::Answer(kind, template)) => {
                let mut bytes = Vec::new();
                if !template.fill(message, &mut bytes) {
                    // It has not what the answer takes: it is for somebody else.
                    taker = Taker::Script;
                }
                (taker != Taker::Script).then_some((*kind, bytes))
            }
            Some(Action::Call(callable)) => ask.answer(*callable, message),
        };
        if ask.lacks_answer() {
            return Taker::Unknown;
        }
        if !seen.is_empty() {
            let is_stamped = seen.iter().any(|(_, read)| read.is_stamped());
            let arrived = at.filter(|_| is_stamped).map(clock::date_of);
            let seen = self.rules.saw(seen, arrived);
            then.extend(seen.map(|(name, delivery)| Effect::Delivered(name, delivery)));
        }
        then.extend(reply.map(|(kind, bytes)| Effect::Reply(Said::new(kind, bytes, by_script))));
        taker
    }

    /// A message of a reply that comes too late; it is counted once it is complete.
    fn drop_late(
        &mut self,
        id: RequestId,
        message: &Message<'_>,
        ask: &mut dyn Ask,
        then: &mut Effects,
    ) -> Taker {
        let done = self.requests.late_done(id);
        let is_last = done.is_none_or(|done| done.matches(message, ask));
        if ask.lacks_answer() {
            return Taker::Unknown;
        }
        if is_last {
            self.requests.came_late(id);
            then.push(Effect::Late);
        }
        Taker::request(self.measured.is_none())
    }

    fn find(
        &mut self,
        message: &Message<'_>,
        at: Instant,
        ask: &mut dyn Ask,
        then: &mut Effects,
    ) -> Found {
        if self.requests.awaits_nothing() {
            return Found::Nobody;
        }
        let by_match: Vec<RequestId> = self.requests.by_match().collect();
        for id in by_match {
            let Some(exchange) = self.requests.get(id) else {
                continue;
            };
            if exchange.is_over_by(at) {
                self.fail(id, Failure::Timeout, then);
                continue;
            }
            let matches = exchange.criteria().and_then(|one| one.matches.as_ref());
            if exchange.is_written_by(at) && matches.is_some_and(|one| one.matches(message, ask)) {
                return Found::Request(id);
            }
        }
        if ask.lacks_answer() {
            return Found::Nobody;
        }
        let Some(correlation) = &self.correlation else {
            return Found::Nobody;
        };
        let is_in_order = correlation.is_in_order();
        let Some(key) = correlation.key_of_received(message, ask) else {
            return Found::Nobody;
        };
        loop {
            let found = if is_in_order {
                self.requests.find_in_order(at)
            } else {
                self.requests.find_key(&key, at)
            };
            match found {
                Found::Request(id) if self.is_over(id, at) => {
                    // Its time had come before this did, and nobody has looked yet: its reply is late.
                    self.fail(id, Failure::Timeout, then);
                }
                found => return found,
            }
        }
    }

    fn is_over(&mut self, id: RequestId, at: Instant) -> bool {
        self.requests.get(id).is_some_and(|one| one.is_over_by(at))
    }

    /// A message for this request.
    fn reply(
        &mut self,
        id: RequestId,
        message: &Message<'_>,
        at: Instant,
        ask: &mut dyn Ask,
        then: &mut Effects,
    ) -> Taker {
        let Some(exchange) = self.requests.get(id) else {
            return Taker::Script;
        };
        let taker = Taker::request(!exchange.is_only_measured);
        let name = exchange.name;
        let criteria = exchange.criteria();
        let needs_python = criteria.is_some_and(Criteria::needs_python);
        let judgement = criteria.map_or(Judgement::GOOD, |one| one.judge(message, ask));
        if ask.lacks_answer() {
            self.judged = Some(id);
            return Taker::Unknown;
        }
        if let Some(criteria) = criteria {
            let checks = judgement.checks(criteria);
            then.extend(checks.map(|(name, is_passed)| Effect::Check(name, is_passed)));
        }
        let step = exchange.step(message, at, judgement.is_last, judgement.wrong);
        if let Step::Part(Some(gap)) | Step::Done(_, Some(gap)) = step {
            then.push(Effect::Gap(name, gap));
        }
        let outcome = match step {
            Step::Part(_) => return taker,
            Step::Done(answer, _) => {
                then.push(Effect::Answered(name, answer));
                let reply = exchange.reply(message);
                if let Some(planned) = self.requests.take_plan(id) {
                    let took = at.saturating_duration_since(planned);
                    then.push(Effect::Planned(name, took));
                }
                Outcome::Answered(reply)
            }
            Step::Wrong(check) => {
                then.push(Effect::Failed(name, Failure::Check));
                Outcome::Wrong(exchange.reply(message), check)
            }
            Step::TooLong { is_complete } => {
                then.push(Effect::Failed(name, Failure::Check));
                Outcome::TooLong { is_complete }
            }
        };
        self.asking -= usize::from(needs_python);
        if self.requests.end(id, outcome) {
            then.push(Effect::Ended(id));
        }
        taker
    }
}

#[cfg(test)]
mod tests;
