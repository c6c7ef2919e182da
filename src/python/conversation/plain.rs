//! Plain requests: whose message goes as it is, and of which nothing else is asked.

use pyo3::prelude::*;

use super::super::refused::refused;
use super::super::reply::{PyReplyBase, Requested};
use super::super::wakes::Wakes;
use super::PyConversation;
use super::asked::asked;
use super::sending::{ACCEPTED, DOWN, FULL, UNFIT, fit};
use crate::conversation::ask::Nobody;

impl PyConversation {
    /// One that nobody waits for yet: what its sending was answered with.
    pub(super) fn started(
        &self,
        py: Python<'_>,
        reply: &PyReplyBase,
        data: &Bound<'_, PyAny>,
        (name, timeout_ms): (u32, Option<f64>),
    ) -> PyResult<u8> {
        self.owner.get().check_owner(py)?;
        let Some(message) = fit(data, self.is_tcp) else {
            return Ok(UNFIT);
        };
        let asked = asked(timeout_ms, name)?;
        let begun = self.inner().begin(&message, asked, &mut Nobody);
        let id = begun.map_err(|why| refused(py, why))?;
        reply.stand_for(py, Requested::new(self.shared(), id));
        Ok(self.send(py, &message, id))
    }

    /// One that somebody waits for, and nothing else meanwhile: its number, or else that answer, negated.
    pub(super) fn waited_for(
        &self,
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        (name, timeout_ms): (u32, Option<f64>),
        wake: Py<PyAny>,
    ) -> PyResult<i64> {
        self.owner.get().check_owner(py)?;
        let Some(message) = fit(data, self.is_tcp) else {
            return Ok(-i64::from(UNFIT));
        };
        let asked = asked(timeout_ms, name)?;
        let begun = self.inner().begin_wanted(&message, asked);
        let id = begun.map_err(|why| refused(py, why))?;
        let status = self.send(py, &message, id);
        match status {
            ACCEPTED => {
                self.inner().made(name);
                let number = id.to_number();
                self.with_wakes(|wakes| {
                    let wakes =
                        wakes.get_or_insert_with(|| Box::new(Wakes::of(self.carrier.clone())));
                    wakes.add(number, wake);
                });
                return Ok(i64::try_from(number).unwrap_or(i64::MAX));
            }
            FULL | DOWN => self.inner().forget(id),
            _ => {
                self.inner().let_go(id); // Nobody is told of what a session that is over brings.
                self.inner().made(name);
            }
        }
        Ok(-i64::from(status))
    }
}
