//! What a script asks of a reply.

use std::sync::Arc;

use pyo3::prelude::*;

use super::asking::Callables;
use super::matching::PyMatcher;
use crate::conversation::requests::exchange::{Check, Criteria};

type GivenMatcher<'py> = Option<Bound<'py, PyMatcher>>;
type GivenChecks<'py> = Vec<(Option<String>, Bound<'py, PyMatcher>)>;

/// `(match, done, checks, many)`: what the reply is, its last message, its checks with their names or without, whether
/// all of its messages are wanted.
#[derive(FromPyObject)]
pub(super) struct GivenCriteria<'py>(GivenMatcher<'py>, GivenMatcher<'py>, GivenChecks<'py>, bool);

impl GivenCriteria<'_> {
    /// As the core takes it; its callables are added to the list.
    pub(super) fn read(&self, py: Python<'_>, list: &mut Callables) -> Criteria {
        let Self(matches, done, checks, is_many) = self;
        let mut join = |one: &Bound<'_, PyMatcher>| one.get().joined(py, list);
        Criteria {
            matches: matches.as_ref().map(&mut join),
            done: done.as_ref().map(&mut join),
            checks: checks
                .iter()
                .map(|(name, matches)| Check {
                    name: name.as_deref().map(Arc::from),
                    matches: join(matches),
                })
                .collect(),
            is_many: *is_many,
            lease: None,
        }
    }
}
