//! Rules as Python gives them: their callables get numbers of the conversation.

use pyo3::prelude::*;
use pyo3::types::PyAny;

use super::super::keys::sources_of;
use super::super::matching::PyMatcher;
use super::super::template::PyTemplate;
use super::PyConversation;
use crate::conversation::delivered::Watch;
use crate::conversation::matcher::Matcher;
use crate::conversation::message::Kind;
use crate::conversation::rules::{Action, Rule};

impl PyConversation {
    /// The matcher as the core is to know it, with numbers of this conversation for its callables.
    pub(super) fn join(&self, py: Python<'_>, matcher: &PyMatcher) -> Matcher {
        self.callables.look(py, |list| matcher.joined(py, list))
    }

    pub(super) fn rule(&self, matches: Matcher, action: Action) -> u32 {
        self.inner().add_rule(Rule { matches, action })
    }

    pub(super) fn answer(&self, py: Python<'_>, matches: &PyMatcher, reply: &PyTemplate) -> u32 {
        let template = reply.template().clone();
        let kind = if template.is_text() {
            Kind::Text
        } else {
            Kind::Binary
        };
        self.rule(self.join(py, matches), Action::Answer(kind, template))
    }

    pub(super) fn answer_by(
        &self,
        py: Python<'_>,
        matches: &PyMatcher,
        callable: &Bound<'_, PyAny>,
    ) -> u32 {
        let matches = self.join(py, matches);
        let number = self.callables.look(py, |list| list.add(callable));
        self.rule(matches, Action::Call(number))
    }

    pub(super) fn watch(
        &self,
        py: Python<'_>,
        matches: &PyMatcher,
        name: &str,
        places: [Option<&Bound<'_, PyAny>>; 3],
        is_taken: bool,
    ) -> PyResult<u32> {
        let (places, found) = sources_of(places)?;
        let matches = self.join(py, matches);
        let [stamp, sequence, source] = self.callables.look(py, |list| {
            let before = list.len();
            list.append(py, &found);
            places.map(|one| one.map(|one| one.shifted(before)))
        });
        let name = name.into();
        let watch = Watch {
            name,
            stamp,
            sequence,
            source,
            is_taken,
        };
        Ok(self.rule(matches, Action::Watch(Box::new(watch))))
    }
}
