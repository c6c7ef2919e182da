//! How requests come to nothing: forgotten, too late, or because their session is over.

use super::{Desk, Effect, Effects};
use crate::clock::Instant;
use crate::conversation::requests::exchange::Criteria;
use crate::conversation::requests::{Failure, Outcome, RequestId};

impl Desk {
    /// One that was never sent: as if it had not been made. When a timetable had it made, if one had.
    pub fn forget(&mut self, id: RequestId) -> Option<Instant> {
        let planned = self.requests.take_plan(id);
        self.fail(id, Failure::Send, &mut Effects::new());
        self.requests.let_go(id);
        planned
    }

    /// Fails those whose time has come; the next instant at which one's will.
    pub fn expire(&mut self, now: Instant, then: &mut Effects) -> Option<Instant> {
        while let Some(id) = self.requests.next_due(now) {
            self.fail(id, Failure::Timeout, then);
        }
        self.requests.next_deadline()
    }

    /// The session is over: what is under way fails, and what is missing does not come.
    pub fn end(&mut self, why: Failure, then: &mut Effects) {
        self.fail_all(why, then);
        let missing = self.rules.end();
        then.extend(missing.map(|(name, lost)| Effect::Lost(name, lost)));
    }

    /// Its connection is gone, and another one may take its place: what was sent has failed, what was not waits on, and
    /// rules stay.
    pub fn lose(&mut self, why: Failure, then: &mut Effects) {
        for id in self.requests.leave_sent() {
            self.fail(id, why, then);
        }
    }

    /// A rule is over: what it still waited for does not come.
    pub fn remove_rule(&mut self, number: u32, then: &mut Effects) {
        let missing = self.rules.remove(number);
        then.extend(missing.map(|(name, lost)| Effect::Lost(name, lost)));
    }

    /// Fails all that are under way: their session is over. How many.
    pub fn fail_all(&mut self, why: Failure, then: &mut Effects) -> usize {
        let under_way = self.requests.all_under_way();
        self.requests.leave_all();
        for id in &under_way {
            self.fail(*id, why, then);
        }
        under_way.len()
    }

    /// Fails one.
    pub fn fail(&mut self, id: RequestId, why: Failure, then: &mut Effects) {
        let came = self.came;
        let Some(exchange) = self.requests.get(id) else {
            return;
        };
        let name = exchange.name;
        let meanwhile = exchange.meanwhile(came);
        let needs_python = exchange.criteria().is_some_and(Criteria::needs_python);
        self.asking -= usize::from(needs_python);
        then.push(Effect::Failed(name, why));
        if self.requests.end(id, Outcome::Failed(why, meanwhile)) {
            then.push(Effect::Ended(id));
        }
    }
}
