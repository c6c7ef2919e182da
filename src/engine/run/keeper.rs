//! Who keeps what a run says of itself in this process: for its report, and for the page that shows it while it lasts.
//!
//! It adds up on a thread of its own what every listener is told, so it has the run's numbers to the digit and asks
//! nothing of the thread that runs VUs.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use crate::output::{About, Listener};
use crate::report::snapshot::Recording;

/// A recording that goes on; once its listener is done, it is the whole run.
pub type Kept = Arc<Mutex<Recording>>;

/// Begins to keep a run: the one who listens, and what is kept.
pub fn keeper() -> io::Result<(Listener, Kept)> {
    let kept: Kept = Arc::new(Mutex::new(Recording::of(1).with_history()));
    let shared = kept.clone();
    let about = About {
        description: None,
        name: "the record of the run".into(),
        what_ends: "it",
    };
    let listener = Listener::start(about, move |said| {
        let mut recording = shared.lock().unwrap_or_else(PoisonError::into_inner);
        recording.take(0, said).map_err(|error| error.to_string())
    })?;
    Ok((listener, kept))
}
