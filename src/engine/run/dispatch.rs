//! What the schedule decided, made into orders to the VUs.

use std::time::Duration;

use super::Run;
use super::pool::VuIndex;
use super::state::{Stage, State};
use crate::clock::{self, Instant};
use crate::engine::Runtime;
use crate::engine::runtime::mailbox::{Event, EventKind, Payload};
use crate::metrics::builtin;
use crate::schedule::{Action, VuSlot};

impl Run {
    /// Does what the executor of `scenario` wants, and what that means for its members; `ended` is the VU whose
    /// iteration that has been told to be over.
    pub(super) fn carry_out(
        &self,
        runtime: &Runtime,
        state: &mut State,
        scenario: usize,
        ended: Option<VuSlot>,
        actions: Vec<Action>,
    ) {
        let mut actions = actions;
        if state.scenarios[scenario].members.is_some() {
            let now = state.offset(scenario);
            let one = &mut state.scenarios[scenario];
            if let Some(members) = &mut one.members {
                let before = members.next_wake();
                actions = members.follow(&mut *one.executor, now, ended, actions);
                if members.next_wake() != before {
                    state.tell_of_deadlines(runtime);
                }
            }
        }
        self.obey(runtime, state, scenario, actions);
    }

    /// Does what is wanted, in its order.
    pub(super) fn obey(
        &self,
        runtime: &Runtime,
        state: &mut State,
        scenario: usize,
        actions: Vec<Action>,
    ) {
        for action in actions {
            match action {
                Action::StartIteration {
                    slot, number, due, ..
                } => {
                    let vu = state.vu_for(scenario, slot);
                    let has_plan = self.options.scenarios[scenario].executor.has_timetable();
                    let planned = state.planned(scenario, due).filter(|_| has_plan);
                    if let Some(one) = state.pool.get_mut(vu) {
                        one.planned = planned;
                    }
                    state.order(runtime, vu, Some((scenario, number)));
                }
                Action::HardStop { slot } => {
                    let Some(vu) = state.scenarios[scenario].vus[slot.0 as usize] else {
                        continue;
                    };
                    if state.resting.remove(vu) {
                        self.release(runtime, state, vu);
                    } else {
                        state.order(runtime, vu, None);
                    }
                }
                Action::Leave { slot } => {
                    if let Some(vu) = state.scenarios[scenario].vus[slot.0 as usize] {
                        let leave = Payload::Number(u64::from(vu));
                        state.tell(runtime, EventKind::LeaveScenario, leave);
                    }
                }
                Action::Drop { count } => {
                    if self.options.scenarios[scenario].executor.has_timetable() {
                        state.scenarios[scenario].insufficient_vus.note();
                    }
                    let one = &mut state.scenarios[scenario];
                    one.counts.dropped = one.counts.dropped.saturating_add(count);
                    let tags = &state.scenarios[scenario].tags;
                    self.metrics()
                        .record(builtin::DROPPED_ITERATIONS, tags, count as f64);
                }
                Action::Finished => state.finished(runtime, scenario),
            }
        }
    }
}

impl State {
    /// The instant of an offset from the start of a scenario.
    fn planned(&self, scenario: usize, due: Duration) -> Option<Instant> {
        Some(self.began? + self.scenarios[scenario].start_time + due)
    }

    /// Tells whoever has the VUs that a VU starts an iteration of a scenario, or is cut.
    fn order(&mut self, runtime: &Runtime, vu: VuIndex, start: Option<(usize, u64)>) {
        let Some(one) = self.pool.get_mut(vu) else {
            return;
        };
        // At once, not when the event is delivered: a start that is still queued is then not made.
        one.account.set_cut(start.is_none());
        one.is_ordered |= start.is_some();
        let (kind, payload) = match start {
            Some((scenario, number)) => {
                let scenario = u32::try_from(scenario).unwrap_or(u32::MAX);
                let start = Payload::Start {
                    vu,
                    scenario,
                    number,
                };
                (EventKind::StartIteration, start)
            }
            None => (EventKind::HardStop, Payload::Number(u64::from(vu))),
        };
        self.tell(runtime, kind, payload);
    }

    /// Says that the schedule may have something to do earlier than it said.
    pub(super) fn tell_of_deadlines(&self, runtime: &Runtime) {
        if let Some(watcher) = self.watcher {
            runtime.push(Event::bare(watcher, EventKind::Resting, clock::now()));
        }
    }

    /// Tells whoever has the VUs.
    pub(super) fn tell(&self, runtime: &Runtime, kind: EventKind, payload: Payload) {
        if let Some(receiver) = self.told_what_to_start {
            let at = clock::now();
            runtime.push(Event {
                receiver,
                kind,
                payload,
                at,
            });
        }
    }

    /// Who fills a place of a scenario from now on.
    pub(super) fn vu_for(&mut self, scenario: usize, slot: VuSlot) -> VuIndex {
        let held = self.scenarios[scenario].vus[slot.0 as usize];
        let vu = held.unwrap_or_else(|| self.pool.take(scenario, slot));
        self.scenarios[scenario].vus[slot.0 as usize] = Some(vu);
        vu
    }

    /// A scenario has finished: its VUs may serve others, and the last one ends the test.
    fn finished(&mut self, runtime: &Runtime, scenario: usize) {
        self.scenarios[scenario].stage = Stage::Finished;
        for vu in std::mem::take(&mut self.scenarios[scenario].vus)
            .into_iter()
            .flatten()
        {
            self.pool.give_back(vu);
        }
        self.end_if_all_finished(runtime);
    }

    /// Says once that the scenarios are over, if they are.
    pub(super) fn end_if_all_finished(&mut self, runtime: &Runtime) {
        if self
            .scenarios
            .iter()
            .all(|one| one.stage == Stage::Finished)
            && let Some(watcher) = self.watcher.take()
        {
            runtime.push(Event::bare(watcher, EventKind::Finished, clock::now()));
        }
    }
}
