//! Requests of which nothing is sent: the peer speaks first. Whoever waits for that keeps the time.

use std::time::Duration;

use super::Conversation;
use crate::clock::Instant;
use crate::conversation::desk::Effect;
use crate::conversation::requests::{Answer, Failure};
use crate::engine::Runtime;
use crate::engine::runtime::shared::lock;

impl Conversation {
    /// A request is made.
    pub fn made(&self, name: u32) {
        if let Some(series) = &lock(&self.state).series {
            series.made(name);
        }
    }

    /// One is made of which nothing is sent: the peer speaks first. When a timetable had it made, if one had.
    pub fn awaited(&self, name: u32) -> Option<Instant> {
        let state = lock(&self.state);
        let series = state.series.as_ref()?;
        series.made(name);
        series.take_plan()
    }

    /// It was answered: by a message at each of these times since its peer could have begun, and so long after a timetable
    /// had it made.
    pub fn answered(
        &self,
        runtime: &Runtime,
        name: u32,
        came: &[Duration],
        planned: Option<Duration>,
    ) {
        let (Some(first), Some(last)) = (came.first(), came.last()) else {
            return;
        };
        let gaps = || came.windows(2).map(|two| two[1].saturating_sub(two[0]));
        let answer = Answer {
            took: *last,
            blocked: Duration::ZERO,
            spread: gaps().max().map(|longest| (*first, longest)),
        };
        self.on_vu_thread(runtime.shared(), |_, then| {
            then.extend(gaps().map(|gap| Effect::Gap(name, gap)));
            then.push(Effect::Answered(name, answer));
            then.extend(planned.map(|planned| Effect::Planned(name, planned)));
        });
    }

    /// It has failed.
    pub fn failed(&self, runtime: &Runtime, name: u32, why: Failure) {
        self.follow(runtime, Effect::Failed(name, why));
    }

    /// A named check of what came was made.
    pub fn checked(&self, runtime: &Runtime, name: &str, is_passed: bool) {
        self.follow(runtime, Effect::Check(name.into(), is_passed));
    }

    fn follow(&self, runtime: &Runtime, effect: Effect) {
        self.on_vu_thread(runtime.shared(), |_, then| then.push(effect));
    }
}
