//! `k6ws._core.Watched`: a file descriptor of Python's whose readiness is an event.

use std::os::fd::{BorrowedFd, RawFd};
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;

use super::event_loop::PyLoop;
use crate::engine::runtime::mailbox::ReceiverId;
use crate::engine::runtime::watch::Watched;

/// A descriptor that is watched until `close`.
#[pyclass(frozen, name = "Watched", module = "k6ws._core")]
pub(super) struct PyWatched {
    owner: Py<PyLoop>,
    id: ReceiverId,
    watched: Mutex<Option<Watched>>,
}

/// Tells `receiver(READABLE, None)` that a descriptor is ready to be read, once until `rearm`.
#[pyfunction]
pub(super) fn watch(
    py: Python<'_>,
    owner: Py<PyLoop>,
    fd: RawFd,
    receiver: Py<PyAny>,
) -> PyResult<PyWatched> {
    owner.get().check_owner(py)?;
    // A duplicate: whoever closes the original need not know of us.
    // SAFETY: borrowed for this call only; a number that is no descriptor is refused by the kernel.
    #[expect(unsafe_code, reason = "Python gives descriptors as numbers")]
    let fd = unsafe { BorrowedFd::borrow_raw(fd) }.try_clone_to_owned()?;
    let id = owner.get().add_receiver(receiver);
    let watched = py.detach(|| Watched::new(owner.get().runtime(), fd, id));
    let watched = watched.map_err(|error| PyOSError::new_err(format!("cannot watch: {error}")))?;
    Ok(PyWatched {
        owner,
        id,
        watched: Mutex::new(Some(watched)),
    })
}

#[pymethods]
impl PyWatched {
    /// The descriptor is looked at next: the next readiness is an event again.
    fn rearm(&self) {
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(watched) = &*watched {
            watched.rearm();
        }
    }

    /// Watches no more.
    fn close(&self) {
        let watched = self
            .watched
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if watched.is_some() {
            drop(watched);
            self.owner.get().remove_receivers(&[self.id]);
        }
    }
}
