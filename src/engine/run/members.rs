//! VUs that begin and end with code of the script, or own what outlives their iterations.
//!
//! In the closed model a VU begins on the order to start its first iteration. Where a timetable says when
//! iterations start, the VUs that are planned begin before its clock does.

use super::Run;
use super::pool::VuIndex;
use super::state::{ScenarioState, Stage, State};
use crate::engine::Runtime;
use crate::engine::runtime::mailbox::{EventKind, Payload};
use crate::metrics::builtin;
use crate::schedule::{Action, Members, VuSlot};

impl Run {
    /// VUs of this scenario begin with code of the script. Said before [`Run::begin`].
    pub fn vus_begin(&self, scenario: usize) {
        let has_timetable = self.options.scenarios[scenario].executor.has_timetable();
        if let Some(one) = self.state().scenarios.get_mut(scenario) {
            one.enters_first = has_timetable;
        }
    }

    /// A VU has begun, or owns something: it has to leave its scenario by [`Run::vu_left`].
    pub fn vu_entered(&self, vu: VuIndex) {
        let mut state = self.state();
        let Some((one, (scenario, slot))) = state.pool.get(vu).and_then(|vu| Some((vu, vu.place?)))
        else {
            return;
        };
        let is_busy = one.is_ordered;
        let options = &self.options.scenarios[scenario];
        let members = state.scenarios[scenario].members.get_or_insert_with(|| {
            let (grace, regular_end) = (options.graceful_stop, options.executor.regular_end());
            let hard_end = regular_end.saturating_add(grace);
            Members::new(grace, hard_end, options.executor.has_timetable())
        });
        members.entered(slot, is_busy);
    }

    /// A VU that was told to enter before the timetable starts is ready, or was cut meanwhile.
    pub fn vu_ready(&self, runtime: &Runtime, vu: VuIndex) {
        let mut state = self.state();
        let Some(scenario) = state.is_ready(vu) else {
            return;
        };
        self.open_if_all_ready(runtime, &mut state, scenario);
    }

    /// A VU could not begin, and is none any more. Whether its scenario has no VU left.
    pub fn vu_failed(&self, runtime: &Runtime, vu: VuIndex) -> bool {
        let mut state = self.state();
        let entering = state.is_ready(vu);
        let Some(one) = state.pool.get_mut(vu) else {
            return false;
        };
        (one.is_ordered, one.began, one.planned) = (false, None, None);
        let Some((scenario, slot)) = one.place else {
            return false;
        };
        let offset = state.offset(scenario);
        let one = &mut state.scenarios[scenario];
        self.metrics().record(builtin::VU_FAILED, &one.tags, 1.0);
        if let Some(members) = &mut one.members {
            members.forget(slot);
        }
        let mut actions = Vec::new();
        let is_lost = one.executor.gone(slot, offset, &mut actions);
        self.carry_out(runtime, &mut state, scenario, None, actions);
        if entering.is_some() {
            self.open_if_all_ready(runtime, &mut state, scenario);
        }
        is_lost
    }

    /// A VU has left its scenario.
    pub fn vu_left(&self, runtime: &Runtime, vu: VuIndex) {
        let mut state = self.state();
        let Some((scenario, slot)) = state.pool.get(vu).and_then(|vu| vu.place) else {
            return;
        };
        let offset = state.offset(scenario);
        let one = &mut state.scenarios[scenario];
        let Some(members) = &mut one.members else {
            return;
        };
        let actions = members.left(&mut *one.executor, slot, offset);
        self.obey(runtime, &mut state, scenario, actions);
    }

    /// A scenario starts nothing more; what runs goes on to its end. Nothing happens to one that has not begun.
    pub fn end_scenario(&self, runtime: &Runtime, name: &str) {
        let mut state = self.state();
        let Some(scenario) = self.scenario_named(name) else {
            return;
        };
        let offset = state.offset(scenario);
        let one = &mut state.scenarios[scenario];
        if one.stage == Stage::Open {
            let mut actions = Vec::new();
            one.executor.end(offset, &mut actions);
            self.carry_out(runtime, &mut state, scenario, None, actions);
            state.tell_of_deadlines(runtime);
        }
    }

    /// Records an instant that the script names.
    pub fn mark(&self, name: &str) {
        let tags = self.tags.with("mark", name);
        self.metrics().record(builtin::MARKS, &tags, 1.0);
    }

    /// The time of a scenario has come whose VUs begin before its clock does.
    pub(super) fn enter(&self, runtime: &Runtime, state: &mut State, scenario: usize) {
        let planned = state.scenarios[scenario].executor.planned_vus();
        state.scenarios[scenario].stage = Stage::Entering;
        for slot in (0..planned).map(VuSlot) {
            let vu = state.vu_for(scenario, slot);
            if let Some(one) = state.pool.get_mut(vu) {
                one.is_entering = true;
                one.account.set_cut(false);
            }
            state.scenarios[scenario].entering += 1;
            let scenario = u32::try_from(scenario).unwrap_or(u32::MAX);
            let entrance = Payload::Start {
                vu,
                scenario,
                number: 0,
            };
            state.tell(runtime, EventKind::EnterScenario, entrance);
        }
        self.open_if_all_ready(runtime, state, scenario);
    }

    /// Has those stop who still enter.
    pub(super) fn stop_entering(&self, runtime: &Runtime, state: &mut State, scenario: usize) {
        let one = &mut state.scenarios[scenario];
        let entering = std::mem::take(&mut one.entering) > 0;
        let slots = if entering { one.vus.len() } else { 0 };
        let actions = (0..u32::try_from(slots).unwrap_or(u32::MAX))
            .map(|slot| Action::HardStop { slot: VuSlot(slot) })
            .collect();
        self.obey(runtime, state, scenario, actions);
    }

    /// The clock of the scenario starts when the last one has begun.
    fn open_if_all_ready(&self, runtime: &Runtime, state: &mut State, scenario: usize) {
        let since = state.since_begin().unwrap_or_default();
        let one = &mut state.scenarios[scenario];
        if one.stage != Stage::Entering || one.entering > 0 {
            return;
        }
        one.stage = Stage::Open;
        one.start_time = since;
        let mut actions = Vec::new();
        one.executor.start(&mut actions);
        self.carry_out(runtime, state, scenario, None, actions);
        state.tell_of_deadlines(runtime);
    }
}

impl State {
    /// A VU has ended its entrance; the scenario that waits for it, if one does.
    fn is_ready(&mut self, vu: VuIndex) -> Option<usize> {
        let one = self.pool.get_mut(vu)?;
        let was_entering = std::mem::take(&mut one.is_entering);
        let (scenario, _) = one.place.filter(|_| was_entering)?;
        let state = self.scenarios.get_mut(scenario)?;
        state.entering = state.entering.saturating_sub(1);
        Some(scenario)
    }
}

impl ScenarioState {
    /// When its members want to be looked after.
    pub(super) fn members_wake(&self) -> Option<std::time::Duration> {
        self.members.as_ref().and_then(Members::next_wake)
    }
}
