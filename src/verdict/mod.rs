//! What holds and what does not: thresholds, and whether the numbers can be believed.
//!
//! Pure: numbers and a time go in, verdicts come out. Nothing here knows a run, a process or a clock, so the same
//! lines judge what one process measured, what many did, and what a file says of a run that is long over.
//!
//! | file | judges |
//! | --- | --- |
//! | `judge` | thresholds, over a whole run and over windows |
//! | `thresholds` | nothing: makes a judge of what the options say |
//! | `judgement` | nothing: how a threshold stands, for whoever tells it |
//! | `health` | whether the generator was the limit |

mod health;
mod judge;
mod judgement;
mod thresholds;

pub use health::{BUSY, Health, LATE, Late};
pub use judge::{Findings, Judge, Look, Standing};
pub use judgement::{Judgement, PartOfMetric};
pub use thresholds::judge_by;
