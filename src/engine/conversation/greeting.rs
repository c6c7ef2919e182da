//! Requests of which nothing is sent: the peer speaks first. Whoever waits for that keeps the time.

use std::time::Duration;

use super::Conversation;
use crate::conversation::desk::Effect;
use crate::conversation::requests::{Answer, Failure};
use crate::engine::Runtime;
use crate::engine::runtime::shared::lock;

impl Conversation {
    /// A request is made of which nothing is sent: the peer speaks first.
    pub fn made(&self, name: u32) {
        if let Some(series) = &lock(&self.state).series {
            series.made(name);
        }
    }

    /// It was answered.
    pub fn answered(&self, runtime: &Runtime, name: u32, took: Duration) {
        let answer = Answer {
            took,
            blocked: Duration::ZERO,
            spread: None,
        };
        self.follow(runtime, Effect::Answered(name, answer));
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
