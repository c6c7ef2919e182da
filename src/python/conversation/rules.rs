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
    fn join(&self, py: Python<'_>, matcher: &PyMatcher) -> Matcher {
        self.callables
            .look(py, |named| matcher.joined(py, named.staying()))
    }

    fn rule(&self, py: Python<'_>, matches: Matcher, action: Action) -> u32 {
        let (number, latest) = self.inner().add_rule(Rule { matches, action });
        self.unmet.replace(py, Some(latest));
        number
    }

    pub(super) fn drop_all(&self, py: Python<'_>, matches: &PyMatcher) -> PyResult<u32> {
        self.owner.get().check_owner(py)?;
        Ok(self.rule(py, self.join(py, matches), Action::Ignore))
    }

    pub(super) fn answer(
        &self,
        py: Python<'_>,
        matches: &PyMatcher,
        reply: &PyTemplate,
    ) -> PyResult<u32> {
        self.owner.get().check_owner(py)?;
        let template = reply.template().clone();
        let kind = if template.is_text() {
            Kind::Text
        } else {
            Kind::Binary
        };
        Ok(self.rule(py, self.join(py, matches), Action::Answer(kind, template)))
    }

    pub(super) fn answer_by(
        &self,
        py: Python<'_>,
        matches: &PyMatcher,
        callable: &Bound<'_, PyAny>,
    ) -> PyResult<u32> {
        self.owner.get().check_owner(py)?;
        let matches = self.join(py, matches);
        let number = self
            .callables
            .look(py, |named| named.staying().add(callable))?;
        Ok(self.rule(py, matches, Action::Call(number)))
    }

    pub(super) fn watch(
        &self,
        py: Python<'_>,
        matches: &PyMatcher,
        name: &str,
        places: [Option<&Bound<'_, PyAny>>; 3],
        is_taken: bool,
    ) -> PyResult<u32> {
        self.owner.get().check_owner(py)?;
        let (places, found) = sources_of(places)?;
        let matches = self.join(py, matches);
        let [stamp, sequence, source] = self.callables.look(py, |named| {
            let list = named.staying();
            let before = list.next();
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
        Ok(self.rule(py, matches, Action::Watch(Box::new(watch))))
    }
}
