//! A value that whoever holds the interpreter may look at and change: a lock would cost at each event what the
//! interpreter's own gives for nothing.

use std::cell::Cell;

use pyo3::prelude::*;

/// Taken out for the time of a look, so that whoever came back meanwhile would find it empty and not half changed.
#[derive(Default)]
pub(super) struct UnderGil<T>(Cell<T>);

// SAFETY: each look asks for proof that its thread holds the interpreter, or is the collector's, which runs with it
// held; one thread has it at a time. A Python without that lock turns it on for this module (`gil_used`).
#[expect(unsafe_code, reason = "the interpreter is the lock")]
unsafe impl<T: Send> Sync for UnderGil<T> {}

impl<T: Default> UnderGil<T> {
    /// Looks at it. `look` makes and drops no Python object, so that no script runs in it.
    #[inline]
    pub(super) fn look<R>(&self, _py: Python<'_>, look: impl FnOnce(&mut T) -> R) -> R {
        self.visit(look)
    }

    /// Puts another value in its place, and gives the old one to be dropped outside.
    #[inline]
    pub(super) fn replace(&self, _py: Python<'_>, value: T) -> T {
        self.0.replace(value)
    }

    /// The same as [`UnderGil::look`], for the collector of garbage alone.
    #[inline]
    pub(super) fn visit<R>(&self, look: impl FnOnce(&mut T) -> R) -> R {
        let mut value = self.0.take();
        let result = look(&mut value);
        self.0.set(value);
        result
    }
}
