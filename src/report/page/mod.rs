//! What the page shows, as JSON: whole for a file, and for who looks on whole or what has changed.
//!
//! The page draws and computes nothing that is not here: the summary to the digit, and what came in each interval of the
//! run, from which it computes any part of the time. Intervals are in columns of varints, deflated in a file.

mod history;
mod live;
mod parts;
mod whole;

pub use live::Live;
pub use whole::{MOST_BYTES, whole};

#[cfg(test)]
mod tests;
