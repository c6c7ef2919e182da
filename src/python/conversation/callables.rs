//! The callables of one conversation, by the numbers that the core knows them by.
//!
//! Those of a rule and of the correlation stay. Those of a request go with it: as long as it is under way, or its late
//! reply may come, it has a *lease* of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::PyTraverseError;
use pyo3::gc::PyVisit;
use pyo3::prelude::*;

use super::super::asking::Callables;
use super::super::criteria::GivenCriteria;
use crate::conversation::requests::exchange::{Criteria, Lease};

/// The numbers of the callables of one request lie within so many; those that stay lie below the first of these.
const ROOM: usize = 1 << 32;

#[derive(Default)]
pub(super) struct Named {
    /// Those that stay.
    staying: Callables,
    /// Those of each request that has some, by what its numbers lie behind.
    leased: BTreeMap<usize, Callables>,
    latest: usize,
    /// Whose leases are over; made with the first of them.
    over: Option<Over>,
}

type Over = Arc<Mutex<Vec<usize>>>;

/// Dropped by whoever ends the request, on any thread: the callables themselves are dropped where Python runs.
#[derive(Debug)]
struct Leased {
    first: usize,
    over: Over,
}

impl Lease for Leased {}

impl Drop for Leased {
    fn drop(&mut self) {
        let mut over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        over.push(self.first);
    }
}

impl Named {
    /// Those that stay.
    pub(super) fn staying(&mut self) -> &mut Callables {
        &mut self.staying
    }

    /// Messages are what a codec of the script's own makes of them.
    pub(super) fn use_own_codec(&mut self) {
        self.staying.use_own_codec();
    }

    /// What a request asks of its reply, whose callables go with it; and those that no request has a use for any more,
    /// to be dropped where a script may run.
    pub(super) fn criteria(
        &mut self,
        py: Python<'_>,
        given: &GivenCriteria<'_>,
    ) -> (Criteria, Vec<Callables>) {
        let over = self.take_over();
        let first = self.latest + ROOM;
        let mut callables = Callables::from(first, self.staying.has_own_codec());
        let mut criteria = given.read(py, &mut callables);
        if !callables.is_empty() {
            self.latest = first;
            self.leased.insert(first, callables);
            let over = self.over.get_or_insert_default().clone();
            criteria.lease = Some(Arc::new(Leased { first, over }));
        }
        (criteria, over)
    }

    fn take_over(&mut self) -> Vec<Callables> {
        let Some(over) = &self.over else {
            return Vec::new();
        };
        let mut over = over.lock().unwrap_or_else(PoisonError::into_inner);
        let over = std::mem::take(&mut *over).into_iter();
        over.filter_map(|first| self.leased.remove(&first))
            .collect()
    }

    pub(super) fn get(&self, number: usize) -> Option<&Py<PyAny>> {
        match number / ROOM * ROOM {
            0 => self.staying.get(number),
            first => self.leased.get(&first)?.get(number),
        }
    }

    pub(super) fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.staying.visit(visit)?;
        self.leased.values().try_for_each(|one| one.visit(visit))
    }
}
