//! A scenario whose starts found no VU: said once, while there is still time to stop the run.

/// Whether a scenario has dropped starts because all VUs that it may have were busy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum InsufficientVus {
    /// It has not.
    #[default]
    None,
    /// It has, and nobody was told.
    New,
    /// It has, and that is known.
    Told,
}

impl InsufficientVus {
    /// Starts were dropped.
    pub(super) fn note(&mut self) {
        if *self == Self::None {
            *self = Self::New;
        }
    }
}
