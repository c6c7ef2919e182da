//! What a run tells of itself once a second, as bytes that are added up elsewhere: by a coordinator, or later.
//!
//! | file | what it has |
//! | --- | --- |
//! | `cadence` | how often it is said, and how long the stretches of time are that it has numbers of |
//! | `delta` | what is said: everything that came since it was said last, and its bytes |
//! | `pieces` | the numbers in it: what every series brought, in short stretches of time |
//! | `deltas` | who says it: knows what has been said already |
//! | `recording` | who listens: adds up what one process or several say, and tells the run again |
//! | `reading` | files of it, one or several |
//!
//! A number is said once, in the order in which the run added it up, so whoever listens has the run's own totals, to
//! the digit. What is read was written by anybody: whatever makes no sense is refused, and has no say in how much
//! memory is taken.

mod cadence;
mod delta;
mod deltas;
mod error;
mod pieces;
mod reading;
mod recording;

pub use cadence::Cadence;
pub use delta::{Delta, Facts, Now, Opening, Planned};
pub use deltas::Deltas;
pub use error::SnapshotError;
pub use pieces::Pieces;
pub use reading::{ReadError, read};
pub use recording::Recording;
