//! What the side of the script says of one thing: read by its type, so that a damaged file is refused here, and what a
//! newer one has beside it is left out.

use serde::{Deserialize, Serialize};

/// Exceptions of one kind that ended iterations.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Raised {
    /// The class.
    #[serde(rename = "type")]
    pub class: String,
    /// The text of the first.
    #[serde(default)]
    pub message: String,
    /// The line of the script.
    #[serde(default, rename = "where")]
    pub place: String,
    /// How many.
    #[serde(default)]
    pub count: u64,
    /// What to do.
    #[serde(default)]
    pub hint: String,
    /// Milliseconds since 1970 of the first.
    #[serde(default)]
    pub first_at: f64,
    /// Of the last.
    #[serde(default)]
    pub last_at: f64,
    /// The traceback of the first.
    #[serde(default)]
    pub trace: String,
}

/// A named instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// What it is called.
    pub name: String,
    /// Milliseconds since 1970.
    pub time: f64,
}

/// Iterations that were cut for their sockets alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftOpen {
    /// The line that opened those.
    #[serde(rename = "where")]
    pub place: String,
    /// How many.
    pub count: u64,
}

/// A scenario, and what became of its iterations: an older file does not say that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    /// What it is called.
    pub name: String,
    /// Its executor, as options name it.
    #[serde(default)]
    pub executor: String,
    /// The function.
    #[serde(default)]
    pub exec: String,
    /// What it does, in words.
    #[serde(default)]
    pub description: String,
    /// Iterations that have finished.
    #[serde(default)]
    pub iterations: u64,
    /// Those that raised.
    #[serde(default)]
    pub failed: u64,
    /// Those that were cut.
    #[serde(default)]
    pub interrupted: u64,
    /// Those that never began.
    #[serde(default)]
    pub dropped: u64,
}

impl Raised {
    /// Adds those of the same kind and place; who saw it first tells of it.
    pub(super) fn add(&mut self, more: &Self) {
        let count = self.count.saturating_add(more.count);
        let last_at = self.last_at.max(more.last_at);
        if more.first_at < self.first_at {
            *self = more.clone();
        }
        self.count = count;
        self.last_at = last_at;
    }
}

impl Scenario {
    /// The same one, elsewhere: the last says what it is.
    pub(super) fn add(&mut self, more: &Self) {
        let both = |one: u64, other: u64| one.saturating_add(other);
        *self = Self {
            iterations: both(self.iterations, more.iterations),
            failed: both(self.failed, more.failed),
            interrupted: both(self.interrupted, more.interrupted),
            dropped: both(self.dropped, more.dropped),
            ..more.clone()
        };
    }
}
