//! What a session does with messages by itself: answer them, ignore them. In the order of registration, the first
//! that matches takes it.

use std::sync::Arc;

use super::ask::Ask;
use super::matcher::Matcher;
use super::message::{Kind, Message};
use super::template::Template;

/// What a rule does with a message that matches.
#[derive(Clone, Debug)]
pub enum Action {
    /// Nothing: nobody is told of it.
    Ignore,
    /// It is answered with this, filled with what the matcher captured.
    Answer(Kind, Arc<Template>),
    /// The script's callable with this number says what it is answered with.
    Call(usize),
}

/// One rule of a session.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Which messages it takes.
    pub matches: Matcher,
    /// What becomes of them.
    pub action: Action,
}

/// The rules of one session.
#[derive(Debug, Default)]
pub struct Rules {
    rules: Vec<(u32, Rule)>,
    numbers: u32,
}

impl Rules {
    /// One more, behind those that are there; its number.
    pub fn add(&mut self, rule: Rule) -> u32 {
        self.numbers += 1;
        self.rules.push((self.numbers, rule));
        self.numbers
    }

    /// This one is over.
    pub fn remove(&mut self, number: u32) {
        self.rules.retain(|(other, _)| *other != number);
    }

    /// All of them are over.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether a callable of the script is asked.
    pub fn needs_python(&self) -> bool {
        self.rules
            .iter()
            .any(|(_, rule)| rule.matches.needs_python() || matches!(rule.action, Action::Call(_)))
    }

    /// What is to be done with a message, if any rule takes it.
    pub fn find(&self, message: &Message<'_>, ask: &mut dyn Ask) -> Option<&Action> {
        let rule = self
            .rules
            .iter()
            .find(|(_, rule)| rule.matches.matches(message, ask));
        rule.map(|(_, rule)| &rule.action)
    }
}
